//! `cors-reflected-origin`: whatever origin asks is allowed by name.

use plimsoll_http::Probe;
use plimsoll_model::{PartKind, Severity};

use super::cors::{self, Answer};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::App;

check! {
    /// Answers that every web page may read, with the cookies of its visitors.
    pub struct CorsReflectedOrigin {
        id: "cors-reflected-origin", weakness: PermissiveCors, mode: Active, since: "0.1.0",
        page: "http/cors-reflected-origin.md",
    }
}

impl Check for CorsReflectedOrigin {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        cors::probes(app)
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let reflected: Vec<Answer<'_>> = cors::answers(app).into_iter().filter(Answer::is_reflected).collect();
        if reflected.is_empty() {
            return Vec::new();
        }
        let whose = if reflected.iter().any(|answer| answer.origin == cors::STRANGER) {
            format!("`{}`, an origin that nobody has heard of, is allowed by name", cors::STRANGER)
        } else {
            "The origin `null`, which every sandboxed frame and local file has, is allowed by name".to_owned()
        };
        let readable = reflected.iter().any(|answer| !answer.preflight);
        let with_credentials = reflected.iter().any(Answer::with_credentials);
        let (severity, what) = match (with_credentials, readable) {
            (true, true) => {
                (Severity::High, "and so are credentials: any web page can read the answers as its visitor")
            }
            (true, false) => (
                Severity::Medium,
                "in the preflight, and so are credentials: any web page can send such requests as its visitor",
            ),
            (false, _) => (Severity::Low, "without credentials: any web page can read the answers"),
        };
        let draft = app
            .finding(format!("{whose}, {what}."))
            .severity(severity)
            .part(PartKind::ResponseHeader, "access-control-allow-origin")
            .cause("cors");
        vec![cors::show(draft, &reflected)]
    }
}
