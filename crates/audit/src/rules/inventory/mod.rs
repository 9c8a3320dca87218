//! Inventory: what is deployed, what the contract offers that nobody meant to offer (API9).

pub mod callback_surface;
pub mod resource_default_parameter;

use crate::rule::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] =
    &[&resource_default_parameter::ResourceDefaultParameter, &callback_surface::CallbackSurface];
