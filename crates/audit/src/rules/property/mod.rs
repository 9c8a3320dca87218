//! Property authorization: who may read or write the property (API3).

pub mod open_object;
pub mod personal_field_in_answer;
pub mod secret_field_in_answer;
pub mod server_owned_input;
pub mod shared_model;

use crate::rule::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[
    &server_owned_input::ServerOwnedInput,
    &shared_model::SharedModel,
    &secret_field_in_answer::SecretFieldInAnswer,
    &personal_field_in_answer::PersonalFieldInAnswer,
    &open_object::OpenObject,
];
