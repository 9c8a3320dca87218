//! `no-rate-limit`: a burst of requests meets no limit and no word of one.

use plimsoll_http::{Exchange, Probe};
use plimsoll_model::Severity;

use super::{bounds, quota};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::{App, Op};

check! {
    /// No limit on how often a caller may ask.
    pub struct NoRateLimit {
        id: "no-rate-limit", weakness: NoRateLimit, mode: Active, since: "0.1.0", page: "http/no-rate-limit.md",
    }
}

/// How many requests of the burst must have been served before their number says anything; of the small burst that a slow operation gets, ten.
const LEAST_SERVED: usize = 25;
const LEAST_SERVED_SLOWLY: usize = 10;
/// From this time on, one request is expensive.
const EXPENSIVE_MS: f64 = 1_000.0;

/// Whether anything in the run shows a limit: a refusal, other than of signing in, which is often the one thing that is limited.
fn is_limited_somewhere(app: &App<'_>) -> bool {
    app.exchanges().any(|(op, exchange)| {
        let signs_in =
            op.is_some_and(|op| ["token", "login", "auth", "session"].iter().any(|word| op.key().path.contains(word)));
        quota::is_refusal(exchange) && !signs_in
    })
}

/// How bad it is: what can somebody spend who need not even sign in?
fn severity(app: &App<'_>) -> Severity {
    let costs = |exchange: &Exchange| {
        exchange.timing.total_ms >= EXPENSIVE_MS
            || exchange.response().is_some_and(|r| r.body.decoded_len >= bounds::HEAVY_BYTES)
    };
    let mut open = app.ops().filter(Op::is_open).peekable();
    if open.peek().is_none() {
        Severity::Low
    } else if open.any(|op| op.baseline().is_some_and(costs)) {
        Severity::High
    } else {
        Severity::Medium
    }
}

impl Check for NoRateLimit {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        quota::subject(app).map(|op| quota::burst(&op)).unwrap_or_default()
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let Some(op) = quota::subject(app) else { return Vec::new() };
        let answers = quota::answers(&op);
        let served = answers.iter().filter(|exchange| exchange.is_success()).count();
        let announces =
            |exchange: &&Exchange| exchange.response().is_some_and(|response| quota::announced(response).is_some());
        // Where the contract promises a 429, the finding is another one: a limit that was not seen to work.
        let is_promised = op.spec.responses.contains_key("429");
        let least = if answers.len() < LEAST_SERVED { LEAST_SERVED_SLOWLY } else { LEAST_SERVED };
        if served < least || answers.iter().any(announces) || is_promised || is_limited_somewhere(app) {
            return Vec::new();
        }
        let message = format!(
            "No limit was seen within {} requests to `{}` in {:.1} s: {served} were served, none was refused, and no header announces a limit.",
            answers.len(),
            op.key(),
            quota::elapsed(&answers),
        );
        let draft = app.finding(message).severity(severity(app));
        vec![answers.last().into_iter().fold(draft, |draft, exchange| draft.outline(exchange, "the last of the burst"))]
    }
}
