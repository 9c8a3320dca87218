//! Every check, one file each, in families. Registering a check is one line in its family's list.

pub mod authentication;
pub mod authorization;
pub mod business;
pub mod conformance;
pub mod consumption;
pub mod dynamodb;
pub mod encryption;
pub mod exposure;
pub mod forgery;
pub mod input;
pub mod inventory;
pub mod protocol;
pub mod resource;

use crate::check::Check;

/// Every check, in the order in which they are asked and listed.
pub fn all() -> Vec<&'static dyn Check> {
    [
        resource::ALL,
        dynamodb::ALL,
        input::ALL,
        authentication::ALL,
        authorization::ALL,
        exposure::ALL,
        conformance::ALL,
        inventory::ALL,
        encryption::ALL,
        business::ALL,
        consumption::ALL,
        forgery::ALL,
        protocol::ALL,
    ]
    .concat()
}
