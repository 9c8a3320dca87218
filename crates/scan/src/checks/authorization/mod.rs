//! Authorization: who may do what with which object, function and property.

mod crossing;
mod pairs;
mod references;

pub mod nested_object_of_another_user;
pub mod object_in_query;
pub mod object_of_another_user;

use crate::check::Check;

/// The checks of this family.
pub const ALL: &[&dyn Check] = &[
    &object_of_another_user::ObjectOfAnotherUser,
    &object_in_query::ObjectInQuery,
    &nested_object_of_another_user::NestedObjectOfAnotherUser,
];
