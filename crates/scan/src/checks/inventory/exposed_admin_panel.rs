//! `exposed-admin-panel`: panels of administration that anybody reaches.

use plimsoll_http::Probe;
use plimsoll_model::{Confidence, Method, OperationKey};

use super::paths::{self, Kind};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::App;

check! {
    /// A panel of administration, or its sign-in, that anybody reaches.
    pub struct ExposedAdminPanel {
        id: "exposed-admin-panel", weakness: ExposedAdminPanel, mode: Active, since: "0.2.0",
        page: "http/exposed-admin-panel.md",
    }
}

fn is_admin(kind: Kind) -> bool {
    kind == Kind::Admin
}

impl Check for ExposedAdminPanel {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        paths::probes(app, is_admin)
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let found = paths::found(app, is_admin);
        let drafts = found.iter().map(|found| {
            let path = &found.exchange.request.path;
            Draft::new(
                Some(OperationKey::new(Method::Get, path.clone())),
                format!("`{path}` answers anybody with {}.", found.entry.what),
            )
            .severity(found.entry.severity)
            .confidence(if found.compared { Confidence::Observed } else { Confidence::Suspected })
            .cause(found.entry.what.clone())
            .exchange_excerpt(found.exchange, "without credentials", "")
        });
        drafts.collect()
    }
}
