//! Rate limits as answers announce them, and the small burst that shows whether they hold.
//!
//! Read are the header fields of draft-ietf-httpapi-ratelimit-headers in its successive forms and their customary `X-` predecessors. A burst
//! never has more than [`BURST`] requests, and goes to an operation that is cheap to answer.

use plimsoll_http::{Exchange, Lane, Probe, Response, Who};
use plimsoll_spec::Origin;

use crate::checks::inventory::recognise;
use crate::view::{App, Op};

/// How many requests a burst has where nothing is announced.
pub const BURST: u16 = 30;
/// How many it has where a limit is announced that is too large to be exceeded: enough to see the count go down.
const GLANCE: u16 = 12;
/// From this time on an answer is slow, in milliseconds.
const SLOW_MS: f64 = 250.0;
/// The greatest announced limit that a burst can exceed twice over.
const EXCEEDABLE: u64 = 18;

/// A quota, as far as an answer announces it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quota {
    /// Requests in a window.
    pub limit: Option<u64>,
    /// Requests that are left.
    pub remaining: Option<u64>,
    /// Seconds: the window, or at least how much of it is left.
    pub window: Option<f64>,
}

/// The quota that an answer announces; none where no header field speaks of one.
pub fn announced(response: &Response) -> Option<Quota> {
    let mut quota = Quota::default();
    for (name, value) in &response.headers {
        let plain = name.strip_prefix("x-").unwrap_or(name).replace("rate-limit", "ratelimit");
        match plain.as_str() {
            "ratelimit-limit" | "ratelimit-limit-minute" | "ratelimit-limit-second" => quota.limit = number(value),
            "ratelimit-remaining" | "ratelimit-remaining-minute" | "ratelimit-remaining-second" => {
                quota.remaining = number(value);
            }
            // Seconds from now, or a Unix time; the latter says nothing without a clock.
            "ratelimit-reset" => {
                quota.window =
                    quota.window.or(number(value).filter(|reset| *reset < 1_000_000).map(|reset| reset as f64));
            }
            "ratelimit" => {
                quota.limit = parameter(value, "limit").or(quota.limit);
                quota.remaining = parameter(value, "remaining").or_else(|| parameter(value, "r")).or(quota.remaining);
                let reset = parameter(value, "reset").or_else(|| parameter(value, "t")).map(|reset| reset as f64);
                quota.window = quota.window.or(reset);
            }
            _ => {}
        }
        // `100;w=60`, `"default";q=100;w=60`, and the policies that drafts up to 06 put behind the limit.
        if plain == "ratelimit-policy" || plain == "ratelimit-limit" {
            let policy = value.split(',').find(|policy| policy.contains(";w=") || policy.contains("; w="));
            if let Some(policy) = policy {
                quota.window = parameter(policy, "w").map(|window| window as f64).or(quota.window);
                quota.limit = parameter(policy, "q").or_else(|| number(policy)).or(quota.limit);
            }
        }
    }
    let says_something = quota.limit.is_some() || quota.remaining.is_some();
    says_something.then_some(quota)
}

/// The number that a field value begins with.
fn number(value: &str) -> Option<u64> {
    let digits: String = value.trim().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// The value of a parameter `name=…` in a structured field or a list.
fn parameter(value: &str, name: &str) -> Option<u64> {
    value.split([';', ',']).find_map(|part| {
        let (key, value) = part.trim().split_once('=')?;
        (key.trim() == name).then(|| number(value))?
    })
}

/// The quota that the operation's baseline announces.
pub fn of(op: &Op<'_>) -> Option<Quota> {
    announced(op.baseline()?.response()?)
}

/// Last segments of paths that are exempt from limits with good reason.
const EXEMPT: &[&str] = &[
    "health",
    "healthz",
    "healthcheck",
    "live",
    "livez",
    "ready",
    "readyz",
    "ping",
    "status",
    "version",
    "metrics",
    "heartbeat",
    "alive",
    "up",
];

/// Whether the operation only tells that the service runs: cheap by design, and rightly exempt from limits. The status of one thing
/// (`/orders/{id}/status`) is something else.
pub fn is_probe_of_life(op: &Op<'_>) -> bool {
    let mut segments = op.key().path.trim_matches('/').rsplit('/');
    let last = segments.next().unwrap_or("").to_ascii_lowercase();
    EXEMPT.contains(&last.as_str()) && segments.count() <= 1
}

/// The cheapest operation that ought to be limited: data, and no health check, documentation or metrics.
pub fn subject<'a>(app: &App<'a>) -> Option<Op<'a>> {
    let candidates = app.ops().filter(Op::is_get).filter_map(|op| {
        let exchange = op.baseline()?;
        let is_beside = is_probe_of_life(&op)
            || recognise::documentation(exchange).is_some()
            || recognise::diagnostics(exchange).is_some();
        let (bytes, ms) = (exchange.response()?.body.decoded_len, exchange.timing.total_ms);
        // Coarsely, so that a few milliseconds or bytes do not change the choice from run to run.
        let cost = (bytes / 4_096, (ms / 50.0) as u64);
        let rank = (op.spec.origin != Origin::Contract, op.key().path.contains('{'), cost, op.id);
        (!is_beside).then_some((rank, op))
    });
    candidates.min_by_key(|(rank, _)| *rank).map(|(_, op)| op)
}

/// The operation with the smallest limit that its baseline announces, if one does.
pub fn tightest<'a>(app: &App<'a>) -> Option<Op<'a>> {
    let announcing = app.ops().filter(Op::is_get).filter_map(|op| Some((of(&op)?.limit?, op.id, op)));
    announcing.min_by_key(|(limit, id, _)| (*limit, *id)).map(|(_, _, op)| op)
}

/// As whom the burst is sent: anonymous where an anonymous caller is answered, because it is that caller whom a limit has to stop.
fn who(op: &Op<'_>) -> Who {
    if op.seen.has_credentials && op.is_open() { Who::Anonymous } else { Who::Given }
}

/// The burst at an operation. Where credentials were given, it must first be known whether the operation is open, so the twin comes first.
pub fn burst(op: &Op<'_>) -> Vec<Probe> {
    let twin = op.probe().who(Who::Anonymous);
    if op.seen.has_credentials && op.reply(&twin).is_none() {
        return vec![twin];
    }
    let count = match of(op).map(|quota| quota.limit) {
        None if is_slow(op) => GLANCE,
        None => BURST,
        Some(Some(limit)) if limit <= EXCEEDABLE => 2 * limit as u16 + 4,
        Some(_) => GLANCE,
    };
    (1..=count).map(|n| op.probe().nth(n).lane(Lane::Burst).who(who(op))).collect()
}

/// Whether even one answer takes so long that thirty at once would be a load, not a question.
fn is_slow(op: &Op<'_>) -> bool {
    op.baseline().is_some_and(|answer| answer.timing.total_ms >= SLOW_MS)
}

/// The exchanges of the burst, in the order of sending; empty until it was sent.
pub fn answers<'a>(op: &Op<'a>) -> Vec<&'a Exchange> {
    let mut answers: Vec<&Exchange> =
        burst(op).iter().filter(|probe| probe.lane == Lane::Burst).filter_map(|probe| op.reply(probe)).collect();
    answers.sort_by(|a, b| a.timing.sent_ms.total_cmp(&b.timing.sent_ms));
    answers
}

/// Seconds from the first request of a burst to its last answer.
pub fn elapsed(answers: &[&Exchange]) -> f64 {
    let start = answers.iter().map(|exchange| exchange.timing.sent_ms).fold(f64::INFINITY, f64::min);
    let end = answers.iter().map(|exchange| exchange.timing.sent_ms + exchange.timing.total_ms).fold(0.0, f64::max);
    ((end - start) / 1_000.0).max(0.0)
}

/// Whether an answer refuses for reasons of rate: 429 (RFC 6585 §4), or 503 with a time to come back (RFC 9110 §10.2.3).
pub fn is_refusal(exchange: &Exchange) -> bool {
    exchange.response().is_some_and(|response| {
        response.status == 429 || response.status == 503 && response.header("retry-after").is_some()
    })
}

#[cfg(test)]
mod tests {
    use plimsoll_http::Body;

    use super::*;

    fn quota(headers: &[(&str, &str)]) -> Option<Quota> {
        announced(&Response {
            status: 200,
            version: "HTTP/1.1",
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: Body::whole(&b""[..]),
        })
    }

    const fn of(limit: u64, remaining: u64, window: Option<f64>) -> Quota {
        Quota { limit: Some(limit), remaining: Some(remaining), window }
    }

    #[test]
    fn every_form_of_the_header_fields() {
        let x = [("x-ratelimit-limit", "60"), ("x-ratelimit-remaining", "59"), ("x-ratelimit-reset", "1700000000")];
        assert_eq!(quota(&x), Some(of(60, 59, None)));
        assert_eq!(quota(&[("x-rate-limit-limit", "15"), ("x-rate-limit-remaining", "14")]), Some(of(15, 14, None)));
        let draft03 = [("ratelimit-limit", "100, 100;w=10"), ("ratelimit-remaining", "50"), ("ratelimit-reset", "7")];
        assert_eq!(quota(&draft03), Some(of(100, 50, Some(10.0))));
        let draft07 = [("ratelimit-policy", "100;w=60"), ("ratelimit", "limit=100, remaining=50, reset=5")];
        assert_eq!(quota(&draft07), Some(of(100, 50, Some(60.0))));
        let draft10 = [("ratelimit-policy", "\"burst\";q=100;w=60"), ("ratelimit", "\"burst\";r=50;t=30")];
        assert_eq!(quota(&draft10), Some(of(100, 50, Some(60.0))));
        assert_eq!(quota(&[("x-request-id", "1")]), None);
    }
}
