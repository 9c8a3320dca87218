//! Authorization: who may do what with which object, function and property.

mod administrative;
mod creation;
pub mod crossing;
mod internal;
mod neighbours;
mod owned;
mod pairs;
mod people;
mod references;

pub mod admin_function_reached;
pub mod guessable_object_ids;
pub mod internal_property_exposed;
pub mod list_of_other_users;
pub mod mass_assignment;
pub mod method_or_case_bypass;
pub mod nested_object_of_another_user;
pub mod object_in_query;
pub mod object_of_another_user;
pub mod object_open_to_anyone;
pub mod property_hidden_elsewhere;
pub mod role_matrix;

use crate::check::Check;

/// The checks of this family.
pub const ALL: &[&dyn Check] = &[
    &object_of_another_user::ObjectOfAnotherUser,
    &object_in_query::ObjectInQuery,
    &nested_object_of_another_user::NestedObjectOfAnotherUser,
    &list_of_other_users::ListOfOtherUsers,
    &guessable_object_ids::GuessableObjectIds,
    &object_open_to_anyone::ObjectOpenToAnyone,
    &internal_property_exposed::InternalPropertyExposed,
    &property_hidden_elsewhere::PropertyHiddenElsewhere,
    &mass_assignment::MassAssignment,
    &admin_function_reached::AdminFunctionReached,
    &method_or_case_bypass::MethodOrCaseBypass,
];
