//! `size-outlier`: one answer's size is far outside the distribution of its operation.

use plimsoll_http::{Exchange, Probe, Who};
use plimsoll_model::stats;
use plimsoll_model::{Measurement, Series};

use super::{bounds, params};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// An answer far larger than its siblings.
    pub struct SizeOutlier {
        id: "size-outlier", weakness: ResponseSizeOutlier, mode: Active, since: "0.1.0", page: "http/size-outlier.md",
    }
}

/// How many other things are asked for.
const OTHERS: usize = 7;
/// How many sizes make a distribution.
const LEAST_SAMPLES: usize = 7;
/// Below this number of bytes no answer is worth a word.
const LEAST_BYTES: f64 = 16.0 * 1024.0;
/// How many times the median an outlier is at least.
const TIMES: f64 = 10.0;
/// How many scaled median absolute deviations it is away from the median at least.
const DEVIATIONS: f64 = 10.0;

/// The answers whose requests differ from the base request in the path alone, one for each path: sizes that follow a parameter are the
/// parameter's, and sizes that follow repetition are growth.
fn siblings<'a>(op: &Op<'a>) -> Vec<&'a Exchange> {
    let Some(base) = op.base() else { return Vec::new() };
    let mut out: Vec<&Exchange> = Vec::new();
    for exchange in op.exchanges() {
        let request = &exchange.request;
        let is_sibling = exchange.probe.who == Who::Given
            && exchange.is_success()
            && request.method == base.method
            && request.query == base.query
            && request.headers == base.headers;
        if is_sibling && !out.iter().any(|other| other.request.path == request.path) {
            out.push(exchange);
        }
    }
    out
}

fn is_detail(op: &Op<'_>) -> bool {
    // An operation that answers with lists is long where there is much to list: other checks judge that.
    op.is_get() && op.key().path.contains('{') && op.baseline().is_some() && op.list().is_none()
}

impl Check for SizeOutlier {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        if !is_detail(op) {
            return Vec::new();
        }
        let others = params::neighbours(op, OTHERS);
        if others.len() + 1 < LEAST_SAMPLES { Vec::new() } else { others }
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        if !is_detail(op) {
            return Vec::new();
        }
        let answers = siblings(op);
        let sizes: Vec<f64> =
            answers.iter().filter_map(|exchange| Some(exchange.response()?.body.decoded_len as f64)).collect();
        if sizes.len() < LEAST_SAMPLES {
            return Vec::new();
        }
        let (Some(median), Some(mad)) = (stats::median(&sizes), stats::mad(&sizes)) else { return Vec::new() };
        // Sizes that hardly differ have a deviation near zero, next to which everything would be far away.
        let spread = mad.max(0.1 * median);
        let is_outlier =
            |size: f64| size >= LEAST_BYTES && size >= TIMES * median && size - median >= DEVIATIONS * spread;
        let outliers: Vec<&&Exchange> =
            answers.iter().zip(&sizes).filter(|(_, size)| is_outlier(**size)).map(|(e, _)| e).collect();
        let largest = outliers.iter().filter_map(|exchange| Some((exchange.response()?.body.decoded_len, **exchange)));
        let Some((bytes, largest)) = largest.max_by_key(|(bytes, _)| *bytes) else { return Vec::new() };
        let Some(typical) = answers
            .iter()
            .min_by_key(|exchange| exchange.response().map_or(0, |r| r.body.decoded_len.abs_diff(median as u64)))
        else {
            return Vec::new();
        };
        let count = if outliers.len() == 1 { "One".to_owned() } else { outliers.len().to_string() };
        let mut draft = op
            .finding(format!(
                "{count} of {} answers is far larger than the others: {}, where the median is {}.",
                sizes.len(),
                bounds::size(bytes),
                bounds::size(median as u64),
            ))
            .measurement(Measurement {
                name: "answer size, median with the quartiles".to_owned(),
                value: median,
                low: stats::quantile(&sizes, 0.25).unwrap_or(median),
                high: stats::quantile(&sizes, 0.75).unwrap_or(median),
                unit: "B".to_owned(),
                n: sizes.len() as u32,
                method: "median and quartiles of answers to requests that differ in the path alone".to_owned(),
            });
        if let Some(tail) = stats::tail_index(&sizes, sizes.len() / 3) {
            draft = draft.note(format!(
                "Tail index (Hill) {tail:.1}: the lower, the more a few answers outweigh all others; below 1 they do."
            ));
        }
        vec![
            draft
                .series(Series {
                    title: "Answer sizes of different things".to_owned(),
                    x_label: "answer".to_owned(),
                    y_label: "bytes".to_owned(),
                    points: sizes.iter().enumerate().map(|(n, size)| [n as f64, *size]).collect(),
                    fit: None,
                })
                .outline(largest, "the largest")
                .outline(typical, "a typical one"),
        ]
    }
}
