//! `wide-range-accepted`: a range of dates of any width is read whole.

use plimsoll_http::{Exchange, Lane, Probe};
use plimsoll_model::stats::median;
use plimsoll_model::{Measurement, PartKind};
use plimsoll_spec::{Parameter, SchemaKind};

use super::bounds::{HUGE, LARGE_LEN, has_next, is_cap, number, severity, size};
use super::params::{known_value, range};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::list::List;
use crate::view::Op;

check! {
    /// A range without a bound: its width decides how much is read.
    pub struct WideRangeAccepted {
        id: "wide-range-accepted", weakness: UnboundedBatch, mode: Active, since: "0.1.0", page: "http/wide-range-accepted.md",
    }
}

/// How often narrow and wide are timed when the first pair differs.
const PAIRS: u16 = 4;
/// The wide range counts as slower from this factor and this difference in milliseconds on.
const FACTOR: f64 = 3.0;
const DIFFERENCE_MS: f64 = 30.0;

impl Check for WideRangeAccepted {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        let Some(ask) = Ask::of(op) else { return Vec::new() };
        let mut probes = vec![ask.wide.clone()];
        match op.reply(&ask.wide) {
            Some(answer) if answer.is_success() => probes.push(ask.narrow.clone()),
            _ => return probes,
        }
        probes.extend(ask.all.clone());
        if by_length(op, &ask).is_none()
            && ask.all.as_ref().is_none_or(|all| op.seen.has(all))
            && op.seen.has(&ask.narrow)
        {
            // The page is as long as before: what was read for it shows only in the time.
            let pairs = if is_slower(op, &ask, 0..1) { PAIRS } else { 1 };
            probes.extend((0..pairs).flat_map(|pair| [timed(&ask.narrow, pair), timed(&ask.wide, pair)]));
        }
        probes
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let Some(ask) = Ask::of(op) else { return Vec::new() };
        by_length(op, &ask).or_else(|| by_time(op, &ask)).into_iter().collect()
    }
}

/// What is asked about a range.
struct Ask<'a> {
    from: &'a Parameter,
    wide: Probe,
    narrow: Probe,
    /// The wide range with a huge page, where there is a page size.
    all: Option<Probe>,
}

impl<'a> Ask<'a> {
    fn of(op: &Op<'a>) -> Option<Self> {
        let (from, to) = range(op)?;
        op.list().filter(|_| op.is_get())?;
        let (first, last) = ends(op, from)?;
        let day = known_value(op, from).or_else(|| known_value(op, to)).unwrap_or_else(|| first.to_owned());
        let between = |a: &str, b: &str| op.probe().query(&from.name, a).query(&to.name, b);
        let wide = between(first, last);
        let all = op.paging().limit.map(|limit| wide.clone().query(&limit, &HUGE.to_string()));
        Some(Self { from, narrow: between(&day, &day), wide, all })
    }
}

/// The n-th timed repetition of a request.
fn timed(probe: &Probe, pair: u16) -> Probe {
    probe.clone().lane(Lane::Quiet).nth(pair)
}

/// The ends of a range that covers everything, in the form that the parameter takes.
fn ends(op: &Op<'_>, from: &Parameter) -> Option<(&'static str, &'static str)> {
    let known = known_value(op, from);
    let is_number =
        from.schema.is_only(SchemaKind::Integer) || known.as_deref().is_some_and(|value| value.parse::<u64>().is_ok());
    let has_time = from.schema.variants().iter().any(|schema| schema.format.as_deref() == Some("date-time"))
        || known.as_deref().is_some_and(|value| value.contains('T'));
    match (is_number, has_time) {
        (true, _) => {
            let millis = known.as_deref().is_some_and(|value| value.len() >= 13);
            Some(if millis { ("0", "4102444800000") } else { ("0", "4102444800") })
        }
        (false, true) => Some(("2000-01-01T00:00:00Z", "2099-12-31T00:00:00Z")),
        (false, false) => from.schema.allows(SchemaKind::String).then_some(("2000-01-01", "2099-12-31")),
    }
}

/// The wide range gives far more, and no page bounds it.
fn by_length(op: &Op<'_>, ask: &Ask<'_>) -> Option<Draft> {
    let narrow = op.success(&ask.narrow).and_then(List::in_answer);
    let answers = ask.all.iter().chain([&ask.wide]).filter_map(|probe| List::in_answer(op.success(probe)?));
    let list = answers
        .filter(|list| list.len() > LARGE_LEN && !is_cap(list.len()) && !has_next(list.exchange))
        .max_by_key(List::len)?;
    let few = narrow.filter(|narrow| narrow.len() * 2 < list.len())?;
    let name = &ask.from.name;
    Some(
        op.finding(format!(
            "A range of a hundred years in `{name}` is taken and answered with {} elements ({}); a narrow one has {}.",
            number(list.len()),
            size(list.bytes()),
            number(few.len()),
        ))
        .part(PartKind::Query, name)
        .severity(severity(op, list.len(), list.bytes()))
        .outline(list.exchange, format!("wide: {} elements", number(list.len())))
        .outline(few.exchange, format!("narrow: {} elements", number(few.len()))),
    )
}

fn times(op: &Op<'_>, probe: &Probe, pairs: std::ops::Range<u16>) -> Vec<f64> {
    pairs.filter_map(|pair| op.success(&timed(probe, pair))).map(|answer: &Exchange| answer.timing.total_ms).collect()
}

fn is_slower(op: &Op<'_>, ask: &Ask<'_>, pairs: std::ops::Range<u16>) -> bool {
    let (narrow, wide) = (times(op, &ask.narrow, pairs.clone()), times(op, &ask.wide, pairs));
    let (Some(most), Some(least)) = (narrow.iter().copied().reduce(f64::max), wide.iter().copied().reduce(f64::min))
    else {
        return false;
    };
    least > most * FACTOR && least - most > DIFFERENCE_MS
}

/// The wide range takes much longer, every time, although the page is not longer.
fn by_time(op: &Op<'_>, ask: &Ask<'_>) -> Option<Draft> {
    let (narrow, wide) = (times(op, &ask.narrow, 0..PAIRS), times(op, &ask.wide, 0..PAIRS));
    if narrow.len() < usize::from(PAIRS) || wide.len() < usize::from(PAIRS) || !is_slower(op, ask, 0..PAIRS) {
        return None;
    }
    let name = &ask.from.name;
    let (short, long) = (median(&narrow)?, median(&wide)?);
    let answer = op.success(&timed(&ask.wide, 0))?;
    let measured = |name: &str, sample: &[f64], value: f64| Measurement {
        name: name.to_owned(),
        value,
        low: sample.iter().copied().fold(f64::INFINITY, f64::min),
        high: sample.iter().copied().fold(0.0, f64::max),
        unit: "ms".to_owned(),
        n: sample.len() as u32,
        method: "median, smallest and largest of alternating requests".to_owned(),
    };
    Some(
        op.finding(format!(
            "A range of a hundred years in `{name}` is taken and needs {long:.0} ms, a narrow one {short:.0} ms: the whole range is read for one page."
        ))
        .part(PartKind::Query, name)
        .outline(answer, "the wide range")
        .measurement(measured("narrow range", &narrow, short))
        .measurement(measured("wide range", &wide, long)),
    )
}
