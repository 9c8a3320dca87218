//! Rules on traps of the frameworks.

mod building_dependency;
mod missing_item;
mod sdk_default_argument;

use super::rule::Rule;

/// The rules of this family, in the order of the handbook.
pub const RULES: &[&dyn Rule] = &[
    &sdk_default_argument::SdkDefaultArgument,
    &building_dependency::BuildingDependency,
    &missing_item::MissingItem,
];
