//! `cors-any-origin`: `Access-Control-Allow-Origin: *`.

use plimsoll_http::Probe;
use plimsoll_model::{PartKind, Severity};

use super::cors::{self, Answer};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::App;

check! {
    /// Answers that every web page may read.
    pub struct CorsAnyOrigin {
        id: "cors-any-origin", weakness: PermissiveCors, mode: Active, since: "0.1.0", page: "http/cors-any-origin.md",
    }
}

impl Check for CorsAnyOrigin {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        cors::probes(app)
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let answers = cors::answers(app);
        // An origin that is named says more than the asterisk: that is another check's word.
        if answers.iter().any(Answer::is_reflected) {
            return Vec::new();
        }
        let any: Vec<Answer<'_>> = answers.into_iter().filter(|answer| answer.allowed() == Some("*")).collect();
        if any.is_empty() {
            return Vec::new();
        }
        let said = if any.iter().any(Answer::with_credentials) {
            "Every origin is allowed (`*`), and credentials are allowed too; browsers refuse that combination, so it cannot be what was meant."
        } else {
            "Every origin is allowed (`*`): any web page can read the answers from the browsers of its visitors, without their cookies."
        };
        let draft = app
            .finding(said)
            .severity(Severity::Low)
            .part(PartKind::ResponseHeader, "access-control-allow-origin")
            .cause("cors");
        vec![cors::show(draft, &any)]
    }
}
