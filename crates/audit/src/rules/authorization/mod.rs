//! Authorization: whose object it is and who may use the function (API1, API5).

pub mod admin_like_others;
pub mod guessable_id;
pub mod write_with_read_scope;

use crate::rule::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] =
    &[&guessable_id::GuessableId, &admin_like_others::AdminLikeOthers, &write_with_read_scope::WriteWithReadScope];
