//! `ineffective-rate-limit`: a limit is announced, by headers or by the contract, and does not hold.

use plimsoll_http::{Exchange, Probe};
use plimsoll_model::{Confidence, Severity};

use super::quota::{self, Quota};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::{App, Op};

check! {
    /// An announced limit that does not hold.
    pub struct IneffectiveRateLimit {
        id: "ineffective-rate-limit", weakness: IneffectiveRateLimit, mode: Active, since: "0.1.0",
        page: "http/ineffective-rate-limit.md",
    }
}

/// The headers that the evidence shows.
const HEADERS: &[&str] = &[
    "ratelimit",
    "ratelimit-policy",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-rate-limit-limit",
    "x-rate-limit-remaining",
    "x-rate-limit-reset",
    "retry-after",
];
/// How many served requests must leave the announced rest as it is before it counts as not counting.
const LEAST_SERVED: usize = 10;
/// How many requests must be missing from the announced rest.
const LEAST_MISSING: f64 = 5.0;
/// How many requests of a burst must be served where nothing but the contract speaks of a limit.
const LEAST_UNREFUSED: usize = 25;

/// The operations that the burst goes to: the one that also shows whether there is a limit at all, and the one with the tightest announced.
fn subjects<'a>(app: &App<'a>) -> Vec<Op<'a>> {
    let mut ops: Vec<Op<'a>> = quota::subject(app).into_iter().collect();
    ops.extend(quota::tightest(app).filter(|op| ops.iter().all(|other| other.id != op.id)));
    ops
}

/// Why the announced limit does not hold, if it does not.
fn fault(answers: &[&Exchange]) -> Option<String> {
    let served: Vec<Quota> = answers
        .iter()
        .filter(|exchange| exchange.is_success())
        .filter_map(|exchange| quota::announced(exchange.response()?))
        .collect();
    let limit = served.iter().filter_map(|quota| quota.limit).max()?;
    let seconds = quota::elapsed(answers);
    // Where no window is announced, the shortest customary one is taken.
    let window = served.iter().filter_map(|quota| quota.window).fold(1.0, f64::max);
    let count = served.len() as f64;
    // Twice the limit is right where a window ends within the burst.
    let allowed = limit as f64 * (2.0 + (seconds / window).floor());
    if count > allowed {
        return Some(format!(
            "a limit of {limit} in {window:.0} s is announced, and {} requests were served in {seconds:.1} s",
            served.len()
        ));
    }
    let rests: Vec<u64> = served.iter().filter_map(|quota| quota.remaining).collect();
    let first = *rests.first()?;
    let missing = count - limit as f64 * seconds / window;
    let unmoved = rests.len() == served.len() && rests.iter().all(|rest| *rest == first);
    (unmoved && rests.len() >= LEAST_SERVED && missing >= LEAST_MISSING).then(|| {
        format!(
            "a limit of {limit} is announced, and {first} are said to remain after each of {} served requests",
            served.len()
        )
    })
}

fn judge_headers(op: &Op<'_>) -> Option<Draft> {
    let answers = quota::answers(op);
    if answers.iter().any(|exchange| quota::is_refusal(exchange)) {
        return None;
    }
    let why = fault(&answers)?;
    let draft = op.finding(format!("The rate limit does not hold: {why}."));
    let shown = [answers.first(), answers.last()].into_iter().flatten();
    Some(
        shown
            .zip(["first of the burst", "last of the burst"])
            .fold(draft, |draft, (exchange, role)| draft.outline(exchange, role).headers(exchange, HEADERS)),
    )
}

/// The contract promises 429, and nothing else speaks of a limit.
fn judge_promise(app: &App<'_>, op: &Op<'_>) -> Option<Draft> {
    let promise = op.spec.responses.get("429")?;
    let answers = quota::answers(op);
    let served = answers.iter().filter(|exchange| exchange.is_success()).count();
    let announced = answers.iter().any(|exchange| exchange.response().is_some_and(|r| quota::announced(r).is_some()));
    let refused = app.seen.all().iter().any(quota::is_refusal);
    if served < LEAST_UNREFUSED || announced || refused {
        return None;
    }
    let message = format!(
        "The contract promises 429, but no limit was seen within {} requests in {:.1} s, and no header announces one.",
        answers.len(),
        quota::elapsed(&answers),
    );
    let draft = op.finding(message).severity(Severity::Low).confidence(Confidence::Suspected);
    let draft = draft.contract(&promise.place, "responses: 429");
    Some(answers.last().into_iter().fold(draft, |draft, exchange| draft.outline(exchange, "the last of the burst")))
}

/// Refusals that do not say when to come back.
fn judge_refusals(app: &App<'_>) -> Option<Draft> {
    let silent = app.exchanges().find(|(_, exchange)| {
        exchange.response().is_some_and(|response| {
            let says = response.header("retry-after").is_some()
                || quota::announced(response).is_some_and(|quota| quota.window.is_some());
            response.status == 429 && !says
        })
    });
    let (_, exchange) = silent?;
    let message = "A 429 says neither in `Retry-After` nor in a rate-limit header when to come back: callers can only guess, and try again.";
    Some(app.finding(message).severity(Severity::Info).outline(exchange, "refused").headers(exchange, HEADERS))
}

impl Check for IneffectiveRateLimit {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        subjects(app).iter().flat_map(quota::burst).collect()
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let ops = subjects(app);
        let mut drafts: Vec<Draft> = ops.iter().filter_map(judge_headers).collect();
        drafts.extend(ops.first().and_then(|op| judge_promise(app, op)));
        drafts.extend(judge_refusals(app));
        drafts
    }
}
