//! How fast to send: a token bucket, a window of requests in flight, and what makes both shrink and grow (AIMD).
//!
//! Pure state that is told the time; it neither sleeps nor sends. An expensive probe is no sign of distress: latencies are compared only between
//! unedited requests of the same operation.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::probe::OpId;

/// No target is waited for longer than this at its own request.
const LONGEST_PAUSE: Duration = Duration::from_mins(2);
/// The pause after a 429 that names no time; it doubles with each that follows a pause, up to [`LONGEST_GUESS`].
const FIRST_GUESS: Duration = Duration::from_millis(500);
const LONGEST_GUESS: Duration = Duration::from_secs(8);
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
    guess: Duration,
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
            guess: FIRST_GUESS,
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
            let slowed = self.slow(seen.sent, now);
            if slowed && status == 429 && seen.retry_after.is_none() {
                self.pause(now, self.guess);
                self.guess = (self.guess * 2).min(LONGEST_GUESS);
            }
            return slowed.then(|| match seen.retry_after {
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
            self.guess = FIRST_GUESS;
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
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month: i64 = (1..).zip(names).find(|(_, known)| *known == name)?.0;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(op: u32, status: u16, sent: Instant, latency_ms: u64) -> Seen {
        Seen {
            op: OpId(op),
            status: Some(status),
            sent,
            latency: Duration::from_millis(latency_ms),
            base: true,
            retry_after: None,
        }
    }

    #[test]
    fn the_bucket_lets_no_more_through_than_its_rate() {
        let mut now = Instant::now();
        let mut limiter = Limiter::new(Some(10.0), 4, now);
        let mut sent = 0;
        let end = now + Duration::from_secs(10);
        while now < end {
            match limiter.admit(now) {
                Ok(()) => sent += 1,
                Err(at) => now = at.max(now + Duration::from_millis(1)),
            }
        }
        assert!((99..=101).contains(&sent), "{sent}");
    }

    #[test]
    fn a_refusal_halves_once_for_all_that_were_in_flight() {
        let now = Instant::now();
        let mut limiter = Limiter::new(Some(100.0), 8, now);
        let later = now + Duration::from_millis(100);
        for _ in 0..8 {
            limiter.observe(seen(0, 429, now, 1), later);
        }
        assert_eq!(limiter.window(), 4);
        assert_eq!(limiter.rate, Some(50.0));
        // One that was sent after the slowing down counts again.
        limiter.observe(seen(0, 503, later + Duration::from_millis(1), 1), later + Duration::from_millis(2));
        assert_eq!(limiter.window(), 2);
    }

    #[test]
    fn recovery_is_additive_and_ends_where_it_began() {
        let now = Instant::now();
        let mut limiter = Limiter::new(Some(100.0), 8, now);
        limiter.observe(seen(0, 429, now, 1), now + Duration::from_millis(1));
        for _ in 0..RECOVERY {
            limiter.observe(seen(0, 200, now, 1), now);
        }
        assert_eq!((limiter.window(), limiter.rate), (5, Some(60.0)));
        for _ in 0..RECOVERY * 20 {
            limiter.observe(seen(0, 200, now, 1), now);
        }
        assert_eq!((limiter.window(), limiter.rate), (8, Some(100.0)));
    }

    #[test]
    fn an_expensive_probe_is_no_distress_and_a_slow_operation_is_its_own_baseline() {
        let now = Instant::now();
        let mut limiter = Limiter::new(None, 8, now);
        for turn in 0..40 {
            let mut expensive = seen(0, 200, now, 9_000);
            expensive.base = false;
            assert_eq!(limiter.observe(expensive, now), None);
            assert_eq!(limiter.observe(seen(turn % 2, 200, now, 2_000 + 500 * u64::from(turn % 2)), now), None);
        }
        assert_eq!(limiter.window(), 8);
    }

    #[test]
    fn several_operations_that_become_three_times_slower_are_distress() {
        let now = Instant::now();
        let mut limiter = Limiter::new(None, 8, now);
        for op in 0..4 {
            for _ in 0..3 {
                limiter.observe(seen(op, 200, now, 100), now);
            }
        }
        let slowed: Vec<_> = (0..16).filter_map(|turn| limiter.observe(seen(turn % 4, 200, now, 400), now)).collect();
        assert_eq!(slowed.len(), 1, "{slowed:?}");
        assert_eq!(limiter.window(), 4);
        // One operation alone may simply have more to do.
        let mut limiter = Limiter::new(None, 8, now);
        for _ in 0..40 {
            limiter.observe(seen(1, 200, now, 100), now);
        }
        assert!((0..40).all(|_| limiter.observe(seen(1, 200, now, 900), now).is_none()));
    }

    #[test]
    fn retry_after_is_read_in_both_forms_and_capped() {
        let at = |seconds| std::time::UNIX_EPOCH + Duration::from_secs(seconds);
        // RFC 9110 §5.6.7: Sun, 06 Nov 1994 08:49:37 GMT is 784111777.
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(retry_after(date, at(784_111_777 - 30)), Some(Duration::from_secs(30)));
        assert_eq!(retry_after(date, at(784_111_777 + 30)), None);
        assert_eq!(retry_after("Tue, 29 Feb 2028 00:00:00 GMT", at(1_835_395_200 - 5)), Some(Duration::from_secs(5)));
        assert_eq!(retry_after("5", at(0)), Some(Duration::from_secs(5)));
        assert_eq!(retry_after("0", at(0)), Some(Duration::ZERO));
        for long in ["121", "999999999", "99999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
            assert_eq!(retry_after(long, at(0)), Some(LONGEST_PAUSE), "{long}");
        }
        for bad in
            ["", "-1", "soon", "1.5", "Sun, 99 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "\u{661}"]
        {
            assert_eq!(retry_after(bad, at(0)), None, "{bad}");
        }
    }

    #[test]
    fn nothing_leaves_while_the_target_asked_to_wait() {
        let now = Instant::now();
        let mut limiter = Limiter::new(None, 8, now);
        limiter.pause(now, Duration::from_secs(9_999));
        assert_eq!(limiter.admit(now + Duration::from_secs(119)), Err(now + LONGEST_PAUSE));
        assert_eq!(limiter.admit(now + LONGEST_PAUSE), Ok(()));
    }
}
