//! Inventory and unsafe consumption: what is deployed, what it tells of itself, whom it trusts.

pub mod deprecated_operation;
pub mod documentation_exposed;
pub mod exposed_admin_panel;
pub mod exposed_debug_endpoint;
pub mod exposed_file;
pub mod insecure_third_party_url;
pub mod metrics_exposed;
pub mod older_version_answers;
pub mod paths;
pub mod recognise;
pub mod stack;
pub mod staging_host_exposed;
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
    &exposed_file::ExposedFile,
    &exposed_admin_panel::ExposedAdminPanel,
    &exposed_debug_endpoint::ExposedDebugEndpoint,
    &older_version_answers::OlderVersionAnswers,
    &staging_host_exposed::StagingHostExposed,
];
