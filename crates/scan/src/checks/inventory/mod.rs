//! Inventory and unsafe consumption: what is deployed, what it tells of itself, whom it trusts.

pub mod deprecated_operation;
pub mod documentation_exposed;
pub mod insecure_third_party_url;
pub mod metrics_exposed;
pub mod recognise;
pub mod undocumented_operation;
pub mod version_banner;

use crate::check::Check;

/// The checks of this family.
pub const ALL: &[&dyn Check] = &[
    &insecure_third_party_url::InsecureThirdPartyUrl,
    &deprecated_operation::DeprecatedOperation,
    &undocumented_operation::UndocumentedOperation,
    &version_banner::VersionBanner,
    &documentation_exposed::DocumentationExposed,
    &metrics_exposed::MetricsExposed,
];
