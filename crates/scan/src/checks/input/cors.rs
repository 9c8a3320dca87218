//! What the application says to web pages of other origins (CORS, Fetch Standard §3.3).
//!
//! One operation is asked for all: CORS is set for an application, not for an operation.

use plimsoll_http::{Exchange, OpId, Probe};
use plimsoll_model::Method;

use crate::draft::Draft;
use crate::view::App;

/// An origin that no service has reason to trust (RFC 2606).
pub const STRANGER: &str = "https://plimsoll.example";

/// How one question was answered.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The origin that was sent.
    pub origin: &'static str,
    /// Whether it was a preflight.
    pub preflight: bool,
    /// The exchange.
    pub exchange: &'a Exchange,
}

impl Answer<'_> {
    /// `Access-Control-Allow-Origin`.
    pub fn allowed(&self) -> Option<&str> {
        self.exchange.response()?.header("access-control-allow-origin").map(str::trim)
    }

    /// Whether any origin is allowed by name, that is, the one that was sent is sent back.
    pub fn is_reflected(&self) -> bool {
        self.allowed().is_some_and(|allowed| allowed.eq_ignore_ascii_case(self.origin))
    }

    /// Whether the browser may send cookies and show the answer.
    pub fn with_credentials(&self) -> bool {
        let value = self.exchange.response().and_then(|response| response.header("access-control-allow-credentials"));
        value.is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
    }
}

fn questions(app: &App<'_>) -> Vec<(&'static str, bool, Probe)> {
    // The cheapest operation that answers, else the root of the application.
    let probe = Probe::of(app.cheapest().map_or(OpId::NONE, |op| op.id));
    let from = |origin: &str| probe.clone().header("origin", origin);
    vec![
        (STRANGER, false, from(STRANGER)),
        // Some frameworks name the origin only where a cookie comes with the request.
        (STRANGER, false, from(STRANGER).header("cookie", "plimsoll=1")),
        ("null", false, from("null")),
        (STRANGER, true, from(STRANGER).method(Method::Options).header("access-control-request-method", "GET")),
    ]
}

/// What is asked.
pub fn probes(app: &App<'_>) -> Vec<Probe> {
    questions(app).into_iter().map(|(_, _, probe)| probe).collect()
}

/// What was answered, errors left out: their headers are often set elsewhere.
pub fn answers<'a>(app: &App<'a>) -> Vec<Answer<'a>> {
    questions(app)
        .into_iter()
        .filter_map(|(origin, preflight, probe)| {
            let exchange = app.seen.reply(&probe).filter(|exchange| exchange.status().is_some_and(|s| s < 500))?;
            Some(Answer { origin, preflight, exchange })
        })
        .collect()
}

/// Shows answers with their CORS headers.
pub fn show(mut draft: Draft, answers: &[Answer<'_>]) -> Draft {
    for answer in answers.iter().take(3) {
        let role = if answer.preflight { "preflight" } else { "request" };
        draft = draft.exchange_excerpt(answer.exchange, format!("{role} from {}", answer.origin), "").headers(
            answer.exchange,
            &[
                "access-control-allow-origin",
                "access-control-allow-credentials",
                "access-control-allow-methods",
                "vary",
            ],
        );
    }
    draft
}
