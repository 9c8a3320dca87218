//! How fast to send: a token bucket, a window of requests in flight, and what makes both shrink and grow (AIMD).
//!
//! Pure state that is told the time; it neither sleeps nor sends. An expensive probe is no sign of distress: latencies are compared only between
//! unedited requests of the same operation.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::probe::OpId;

/// No target is waited for longer than this at its own request.
const LONGEST_PAUSE: Duration = Duration::from_secs(120);
/// Answers without a sign of overload after which the window grows by one.
const RECOVERY: u32 = 20;
/// Unedited requests whose latency relative to the operation's baseline is remembered.
const RATIOS: usize = 20;
/// Latencies below this are noise.
const NOISE: Duration = Duration::from_millis(250);

/// Decides when the next request may leave.
#[derive(Debug)]
pub(crate) struct Limiter {
    rate: Option<f64>,
    full_rate: Option<f64>,
    tokens: f64,
    refilled: Instant,
    window: usize,
    full_window: usize,
    healthy: u32,
    paused_until: Option<Instant>,
    /// A burst of refusals counts once: the window is halved again only by requests that were sent after the last time.
    slowed_at: Option<Instant>,
    baselines: HashMap<OpId, Vec<Duration>>,
    ratios: VecDeque<(OpId, f64)>,
}

/// What was seen of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) op: OpId,
    pub(crate) status: Option<u16>,
    pub(crate) sent: Instant,
    /// To the first byte.
    pub(crate) latency: Duration,
    /// Whether the request was the operation's base request, unedited.
    pub(crate) base: bool,
    pub(crate) retry_after: Option<Duration>,
}

impl Limiter {
    /// At most `rate` requests a second and `window` requests in flight.
    pub(crate) fn new(rate: Option<f64>, window: usize, now: Instant) -> Self {
        let window = window.max(1);
        let rate = rate.filter(|rate| rate.is_finite() && *rate > 0.0);
        Self {
            rate,
            full_rate: rate,
            tokens: 1.0,
            refilled: now,
            window,
            full_window: window,
            healthy: 0,
            paused_until: None,
            slowed_at: None,
            baselines: HashMap::new(),
            ratios: VecDeque::new(),
        }
    }

    /// How many requests may be in flight.
    pub(crate) fn window(&self) -> usize {
        self.window
    }

    /// How many requests may be in flight when nothing is wrong.
    pub(crate) fn full_window(&self) -> usize {
        self.full_window
    }

    /// Takes a token, or says when there will be one.
    pub(crate) fn admit(&mut self, now: Instant) -> Result<(), Instant> {
        if let Some(until) = self.paused_until {
            if now < until {
                return Err(until);
            }
            self.paused_until = None;
        }
        let Some(rate) = self.rate else { return Ok(()) };
        // The bucket holds one token, or a tenth of a second's worth: a target asked for 10 requests a second never sees two at once.
        let depth = (rate / 10.0).max(1.0);
        self.tokens = (self.tokens + now.saturating_duration_since(self.refilled).as_secs_f64() * rate).min(depth);
        self.refilled = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        Err(now + Duration::from_secs_f64((1.0 - self.tokens) / rate))
    }

    /// Nothing but bursts leaves before this.
    pub(crate) fn paused_until(&self) -> Option<Instant> {
        self.paused_until
    }

    /// Waits as the target asked, at most two minutes.
    pub(crate) fn pause(&mut self, now: Instant, wait: Duration) {
        let until = now + wait.min(LONGEST_PAUSE);
        if self.paused_until.is_none_or(|known| known < until) {
            self.paused_until = Some(until);
        }
    }

    /// Learns from an answer. Some: why the engine slows down.
    pub(crate) fn observe(&mut self, seen: Seen, now: Instant) -> Option<String> {
        if matches!(seen.status, Some(429 | 503)) {
            if let Some(wait) = seen.retry_after {
                self.pause(now, wait);
            }
            let status = seen.status.unwrap_or_default();
            return self.slow(seen.sent, now).then(|| match seen.retry_after {
                Some(wait) => format!("answered {status} and asked to wait {} s", wait.min(LONGEST_PAUSE).as_secs()),
                None => format!("answered {status}"),
            });
        }
        if seen.base && seen.status.is_some_and(|status| status < 400) && self.drags(seen.op, seen.latency) {
            self.ratios.clear();
            return self
                .slow(seen.sent, now)
                .then(|| "answers take more than three times as long as at first, for several operations".to_owned());
        }
        self.healthy += 1;
        if self.healthy >= RECOVERY {
            self.healthy = 0;
            self.window = (self.window + 1).min(self.full_window);
            if let (Some(rate), Some(full)) = (self.rate, self.full_rate) {
                self.rate = Some((rate + full / 10.0).min(full));
            } else if self.window == self.full_window {
                self.rate = self.full_rate;
            }
        }
        None
    }

    fn slow(&mut self, sent: Instant, now: Instant) -> bool {
        self.healthy = 0;
        if self.slowed_at.is_some_and(|at| sent <= at) {
            return false;
        }
        self.slowed_at = Some(now);
        self.window = (self.window / 2).max(1);
        self.rate = self.rate.map(|rate| (rate / 2.0).max(0.1));
        true
    }

    /// Whether the 95th percentile of the last latencies, each against its own operation's baseline, exceeds three.
    fn drags(&mut self, op: OpId, latency: Duration) -> bool {
        let baseline = self.baselines.entry(op).or_default();
        if baseline.len() < 3 {
            baseline.push(latency);
            baseline.sort_unstable();
            return false;
        }
        let usual = baseline[1].max(Duration::from_millis(1));
        let ratio = if latency < NOISE { 1.0 } else { latency.as_secs_f64() / usual.as_secs_f64() };
        self.ratios.push_back((op, ratio));
        if self.ratios.len() > RATIOS {
            self.ratios.pop_front();
        }
        let slow: Vec<OpId> = self.ratios.iter().filter(|(_, ratio)| *ratio > 3.0).map(|(op, _)| *op).collect();
        let several = slow.iter().any(|other| *other != slow[0]);
        // One in twenty may be slow; fewer than ten say nothing.
        self.ratios.len() >= 10 && slow.len() >= 2 && several
    }
}

/// The time that a `Retry-After` names (RFC 9110 §10.2.3): seconds, or a date. None for what is neither, is negative, or lies in the past.
pub(crate) fn retry_after(value: &str, now: std::time::SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than a u64 holds mean for ever.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)).min(LONGEST_PAUSE));
    }
    http_date(value)?.duration_since(now).ok().map(|wait| wait.min(LONGEST_PAUSE))
}

/// An IMF-fixdate (RFC 9110 §5.6.7), the one form that is still sent.
fn http_date(text: &str) -> Option<std::time::SystemTime> {
    let rest = text.split_once(", ")?.1.strip_suffix(" GMT")?;
    let mut parts = rest.split(' ');
    let day: i64 = parts.next()?.parse().ok()?;
    let name = parts.next()?;
    let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        .iter()
        .position(|month| *month == name)? as i64
        + 1;
    let year: i64 = parts.next()?.parse().ok()?;
    let mut clock = parts.next()?.split(':');
    let (hour, minute, second): (i64, i64, i64) =
        (clock.next()?.parse().ok()?, clock.next()?.parse().ok()?, clock.next()?.parse().ok()?);
    if parts.next().is_some()
        || !(1..=31).contains(&day)
        || !(1970..=9999).contains(&year)
        || hour > 23
        || minute > 59
        || second > 60
    {
        return None;
    }
    // Days from 1970-01-01 in the proleptic Gregorian calendar, with years that begin in March.
    let (y, m) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
    let seconds = u64::try_from(days * 86_400 + hour * 3_600 + minute * 60 + second).ok()?;
    Some(std::time::UNIX_EPOCH + Duration::from_secs(seconds))
}
