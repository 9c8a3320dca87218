//! The rules, one file each, in families. Registering a rule is one line in its family's list.

pub mod authentication;
pub mod authorization;
pub mod consumption;
pub mod document;
pub mod input;
pub mod inventory;
pub mod llm;
pub mod property;
pub mod resource;
pub(crate) mod tally;
pub mod transport;

use crate::rule::Rule;

/// Every rule, in the order of the handbook.
pub fn all() -> Vec<&'static dyn Rule> {
    [
        resource::RULES,
        authentication::RULES,
        authorization::RULES,
        property::RULES,
        input::RULES,
        transport::RULES,
        inventory::RULES,
        consumption::RULES,
        llm::RULES,
        document::RULES,
    ]
    .concat()
}

/// The rule of this name.
pub fn find(id: &str) -> Option<&'static dyn Rule> {
    all().into_iter().find(|rule| rule.meta().id == id)
}
