//! `growing-answer`: the same request answers with more every time it is repeated.

use plimsoll_http::{Exchange, Lane, Probe};
use plimsoll_model::{Series, Severity};

use super::bounds;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::list::List;
use crate::view::Op;

check! {
    /// An answer that grows with every repetition of its request.
    pub struct GrowingAnswer {
        id: "growing-answer", weakness: GrowingAnswer, mode: Active, since: "0.1.0", page: "http/growing-answer.md",
    }
}

/// How often the request is repeated once the first repetition brought more.
const REPEATS: u16 = 5;
/// A list shorter than this is not reported: a short history fills up, too, and then stays as it is.
const LEAST_LEN: u64 = 20;
/// How many bytes an answer without a list must grow by each time: more than a counter or a timestamp gains.
const LEAST_STEP: u64 = 32;
/// How many bytes an answer without a list must have gained in the end.
const LEAST_GAIN: u64 = 256;

/// The size of an answer, in the unit in which it can grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    Elements(u64),
    Bytes(u64),
}

impl Size {
    fn of(exchange: &Exchange) -> Option<Self> {
        let body = &exchange.response()?.body;
        Some(match List::in_answer(exchange) {
            Some(list) => Self::Elements(list.len()),
            None => Self::Bytes(body.decoded_len),
        })
    }

    const fn count(self) -> u64 {
        match self {
            Self::Elements(count) | Self::Bytes(count) => count,
        }
    }

    /// Whether this is more than `earlier`, by a step that counts.
    const fn exceeds(self, earlier: Self) -> bool {
        match (earlier, self) {
            (Self::Elements(before), Self::Elements(now)) => now > before,
            (Self::Bytes(before), Self::Bytes(now)) => now >= before + LEAST_STEP,
            _ => false,
        }
    }
}

/// The first repetition shares the wire with others; the rest goes alone and in order, so that nothing but the repetition changes.
fn repeat(op: &Op<'_>, n: u16) -> Probe {
    op.probe().nth(n).lane(if n == 1 { Lane::Normal } else { Lane::Quiet })
}

/// Metrics and documentation grow for reasons of their own.
fn is_candidate(exchange: &Exchange) -> bool {
    exchange.response().is_some_and(|response| {
        let media_type = response.media_type();
        let is_text = matches!(media_type.as_str(), "text/csv" | "application/x-ndjson" | "application/ndjson");
        response.is_json() || is_text
    })
}

fn grew_once(op: &Op<'_>) -> bool {
    let (Some(base), Some(again)) = (op.baseline(), op.success(&repeat(op, 1))) else { return false };
    match (Size::of(base), Size::of(again)) {
        (Some(before), Some(now)) => now.exceeds(before),
        _ => false,
    }
}

/// Whether the list may be a page that is still filling up: it is within a page size that the request or the contract names.
fn is_within_a_page(op: &Op<'_>, len: u64) -> bool {
    let declared = op.spec.success_schema().and_then(|schema| {
        let arrays = schema.properties.iter().map(|(_, property)| property).chain([schema]);
        arrays.filter_map(|schema| schema.max_items).max()
    });
    let Some(limit) = op.paging().limit else { return declared.is_some_and(|most| len <= most) };
    let asked = op.base().and_then(|base| base.query_value(&limit)).and_then(|value| value.parse().ok());
    let default =
        op.spec.parameters.iter().find(|parameter| parameter.name == limit).and_then(|parameter| {
            parameter.schema.variants().iter().find_map(|schema| schema.default.as_ref()?.as_u64())
        });
    asked.or(default).or(declared).is_some_and(|most: u64| len <= most)
}

impl Check for GrowingAnswer {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        if !op.is_get() || !op.baseline().is_some_and(is_candidate) {
            return Vec::new();
        }
        let last = if grew_once(op) { REPEATS } else { 1 };
        (1..=last).map(|n| repeat(op, n)).collect()
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        if !op.is_get() || !op.baseline().is_some_and(is_candidate) {
            return Vec::new();
        }
        let answers: Option<Vec<&Exchange>> = std::iter::once(op.probe())
            .chain((1..=REPEATS).map(|n| repeat(op, n)))
            .map(|probe| op.success(&probe))
            .collect();
        let Some(answers) = answers else { return Vec::new() };
        let sizes: Vec<Size> = answers.iter().filter_map(|exchange| Size::of(exchange)).collect();
        let grows = sizes.len() == answers.len() && sizes.windows(2).all(|pair| pair[1].exceeds(pair[0]));
        let (Some(first), Some(last)) = (sizes.first(), sizes.last()) else { return Vec::new() };
        let matters = match last {
            Size::Elements(len) => *len >= LEAST_LEN && !is_within_a_page(op, *len),
            Size::Bytes(bytes) => *bytes >= first.count() + LEAST_GAIN,
        };
        if !grows || !matters {
            return Vec::new();
        }
        let unit = if matches!(last, Size::Elements(_)) { "elements" } else { "bytes" };
        let message = format!(
            "The same request, sent {} times, answered with more each time: from {} to {} {unit}.",
            answers.len(),
            bounds::number(first.count()),
            bounds::number(last.count()),
        );
        let points = sizes.iter().enumerate().map(|(n, size)| [n as f64, size.count() as f64]).collect();
        let mut draft = op.finding(message).series(Series {
            title: "The same request, repeated".to_owned(),
            x_label: "repetition".to_owned(),
            y_label: unit.to_owned(),
            points,
            fit: None,
        });
        if op.is_open()
            && answers
                .last()
                .and_then(|exchange| exchange.response())
                .is_some_and(|r| r.body.decoded_len >= bounds::LARGE_BYTES)
        {
            draft = draft.severity(Severity::High);
        }
        let shown = [answers.first(), answers.last()].into_iter().flatten();
        let draft =
            shown.zip(["at first", "at last"]).fold(draft, |draft, (exchange, role)| draft.outline(exchange, role));
        vec![draft.note("Something is kept from one request to the next. Whether it is kept in memory, `plimsoll memory` can prove or refute.")]
    }
}
