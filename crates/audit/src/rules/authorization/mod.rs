//! Authorization: whose object it is and who may use the function (API1, API5).

use crate::rule::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[];
