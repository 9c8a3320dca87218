//! Authorization: who may do what with which object, function and property.

mod administrative;
mod crossing;
mod neighbours;
mod pairs;
mod people;
mod references;

pub mod admin_function_reached;
pub mod method_or_case_bypass;
pub mod guessable_object_ids;
pub mod list_of_other_users;
pub mod nested_object_of_another_user;
pub mod object_in_query;
pub mod object_of_another_user;
pub mod object_open_to_anyone;

use crate::check::Check;

/// The checks of this family.
pub const ALL: &[&dyn Check] = &[
    &object_of_another_user::ObjectOfAnotherUser,
    &object_in_query::ObjectInQuery,
    &nested_object_of_another_user::NestedObjectOfAnotherUser,
    &list_of_other_users::ListOfOtherUsers,
    &guessable_object_ids::GuessableObjectIds,
    &object_open_to_anyone::ObjectOpenToAnyone,
    &admin_function_reached::AdminFunctionReached,
    &method_or_case_bypass::MethodOrCaseBypass,
];
