//! `exposed-file`: files are served that are for nobody.

use plimsoll_http::Probe;
use plimsoll_model::{Confidence, Method, OperationKey};

use super::paths::{self, Kind};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::App;

check! {
    /// Secrets, sources, backups, logs and settings that are served as files.
    pub struct ExposedFile {
        id: "exposed-file", weakness: ExposedFile, mode: Active, since: "0.2.0", page: "http/exposed-file.md",
    }
}

impl Check for ExposedFile {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        paths::probes(app, Kind::is_file)
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let found = paths::found(app, Kind::is_file);
        let drafts = found.iter().map(|found| {
            let path = &found.exchange.request.path;
            let confidence = if found.compared { Confidence::Observed } else { Confidence::Suspected };
            Draft::new(
                Some(OperationKey::new(Method::Get, path.clone())),
                format!("`{path}` serves {} to anybody.", found.entry.what),
            )
            .severity(found.entry.severity)
            .confidence(confidence)
            // Two files of one repository are one leak.
            .cause(found.entry.what.clone())
            .exchange_excerpt(found.exchange, "without credentials", paths::shown(found))
        });
        drafts.collect()
    }
}
