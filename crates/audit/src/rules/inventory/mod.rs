//! Inventory: what is deployed, what the contract offers that nobody meant to offer (API9).

pub mod callback_surface;
pub mod deprecated_without_sunset;
pub mod internal_operation;
pub mod parallel_versions;
pub mod private_server;
pub mod resource_default_parameter;
pub mod staging_server;
pub mod undescribed_server;

use crate::rule::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[
    &resource_default_parameter::ResourceDefaultParameter,
    &callback_surface::CallbackSurface,
    &deprecated_without_sunset::DeprecatedWithoutSunset,
    &private_server::PrivateServer,
    &staging_server::StagingServer,
    &undescribed_server::UndescribedServer,
    &parallel_versions::ParallelVersions,
    &internal_operation::InternalOperation,
];
