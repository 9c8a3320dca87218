//! `unbounded-batch`: a broad request is served however broad it is.

use plimsoll_http::{Exchange, Probe};
use plimsoll_model::{PartKind, Series};
use plimsoll_spec::{Location, Parameter, SchemaKind};

use super::bounds::{LARGE_LEN, is_cap, maximum, number, severity, size};
use super::params::{Breadth, breadth, following, known_value};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::list::List;
use crate::view::Op;

check! {
    /// Any number of ids, levels, days or expansions in one request.
    pub struct UnboundedBatch {
        id: "unbounded-batch", weakness: UnboundedBatch, mode: Active, since: "0.1.0", page: "http/unbounded-batch.md",
    }
}

/// How many ids are asked for, and how many bytes they may need: servers refuse request lines of 8 KiB.
const IDS: usize = 150;
const ID_BYTES: usize = 6_000;
/// Levels, in steps: the next one is asked for only when the one before was answered soon and gave more.
const LEVELS: [u64; 4] = [2, 5, 10, 20];
/// Windows of time, in steps: more than a year of days, then ten years.
const WINDOWS: [u64; 2] = [400, 4_000];
/// A step that took longer than this in milliseconds is the last one.
const PATIENCE_MS: f64 = 3_000.0;

impl Check for UnboundedBatch {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        if !op.is_get() || op.baseline().is_none() {
            return Vec::new();
        }
        op.spec
            .parameters_in(Location::Query)
            .filter_map(|parameter| Some((parameter, breadth(parameter)?)))
            .flat_map(|(parameter, breadth)| asked(op, parameter, breadth))
            .collect()
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let broad =
            op.spec.parameters_in(Location::Query).filter_map(|parameter| Some((parameter, breadth(parameter)?)));
        broad
            .filter_map(|(parameter, breadth)| match breadth {
                Breadth::Ids => judge_ids(op, parameter),
                Breadth::Depth | Breadth::Window => judge_steps(op, parameter, breadth),
                Breadth::Expand => judge_expand(op, parameter),
            })
            .collect()
    }
}

/// The answer that refuses a large value of this parameter, if one does.
pub fn refused<'a>(op: &Op<'a>, parameter: &Parameter, breadth: Breadth) -> Option<&'a Exchange> {
    asked(op, parameter, breadth)
        .iter()
        .filter_map(|probe| op.reply(probe))
        .find(|answer| answer.status().is_some_and(|status| matches!(status, 400 | 413 | 414 | 422)))
}

fn asked(op: &Op<'_>, parameter: &Parameter, breadth: Breadth) -> Vec<Probe> {
    match breadth {
        Breadth::Ids => many_ids(op, parameter).into_iter().map(|(_, probe)| probe).collect(),
        Breadth::Depth | Breadth::Window => steps(op, parameter, breadth).into_iter().map(|(_, probe)| probe).collect(),
        Breadth::Expand => expansions(op, parameter).into_iter().flatten().collect(),
    }
}

/// As many ids as fit, counted up from a known one; the known ones again and again where they cannot be counted up.
fn many_ids(op: &Op<'_>, parameter: &Parameter) -> Option<(usize, Probe)> {
    let known = known_value(op, parameter)?;
    let known: Vec<&str> = known.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
    let first = *known.first()?;
    let count = IDS.min(ID_BYTES / (first.len() + 1));
    let counted =
        following(first).map(|ids| std::iter::once(first.to_owned()).chain(ids).take(count).collect::<Vec<_>>());
    let ids = counted.unwrap_or_else(|| known.iter().cycle().take(count).map(|id| (*id).to_owned()).collect());
    // What the contract allows, the service may serve.
    if parameter.schema.variants().iter().any(|schema| schema.max_items.is_some_and(|most| most >= count as u64)) {
        return None;
    }
    let name = &parameter.name;
    let repeated = parameter.explode && parameter.schema.is_only(SchemaKind::Array);
    let probe = if repeated {
        ids.iter().fold(op.probe().drop_query(name), |probe, id| probe.add_query(name, id))
    } else {
        op.probe().query(name, &ids.join(","))
    };
    Some((count, probe))
}

fn judge_ids(op: &Op<'_>, parameter: &Parameter) -> Option<Draft> {
    let (count, probe) = many_ids(op, parameter)?;
    let answer = op.success(&probe)?;
    let list = List::in_answer(answer);
    let few = op.baseline()?.response()?.body.decoded_len;
    let bytes = answer.response()?.body.decoded_len;
    let name = &parameter.name;
    let what = match list {
        Some(list) if list.len() > LARGE_LEN && (!is_cap(list.len()) || list.len() == count as u64) => {
            format!("{} elements", number(list.len()))
        }
        None if bytes >= 16_384 && bytes > few * 20 => size(bytes),
        _ => return None,
    };
    Some(
        op.finding(format!(
            "{} ids in `{name}` are taken in one request and answered with {what}.",
            number(count as u64)
        ))
        .part(PartKind::Query, name)
        .severity(severity(op, list.map_or(0, |list| list.len()), bytes))
        .outline(answer, format!("with {count} ids: {what}")),
    )
}

/// The steps that were asked for so far, and the next one where the last was answered soon and gave more.
fn steps(op: &Op<'_>, parameter: &Parameter, breadth: Breadth) -> Vec<(u64, Probe)> {
    let values: &[u64] = if breadth == Breadth::Depth { &LEVELS } else { &WINDOWS };
    let mut steps = Vec::new();
    let mut before = op.baseline().and_then(|answer| Some(answer.response()?.body.decoded_len));
    for value in values {
        let probe = op.probe().query(&parameter.name, &value.to_string());
        steps.push((*value, probe.clone()));
        let Some(answer) = op.success(&probe) else { break };
        let bytes = answer.response().map(|response| response.body.decoded_len);
        // The first step may be what the base request asks for already.
        let grew = bytes > before || steps.len() == 1;
        if !grew || answer.timing.total_ms > PATIENCE_MS {
            break;
        }
        before = bytes;
    }
    steps
}

fn judge_steps(op: &Op<'_>, parameter: &Parameter, breadth: Breadth) -> Option<Draft> {
    let name = &parameter.name;
    let steps = steps(op, parameter, breadth);
    let answered: Vec<(u64, &Exchange, u64)> = steps
        .iter()
        .filter_map(|(value, probe)| {
            let answer = op.success(probe)?;
            Some((*value, answer, answer.response()?.body.decoded_len))
        })
        .collect();
    let base = op.baseline()?;
    let (widest, answer, bytes) = *answered.last()?;
    // A step that was refused is a bound; what the contract allows, the service may serve.
    if answered.len() < steps.len() || maximum(&parameter.schema).is_some_and(|maximum| maximum >= widest as f64) {
        return None;
    }
    let smallest = base.response()?.body.decoded_len.min(answered[0].2);
    let rows = List::in_answer(answer).map(|list| list.len());
    let follows = match breadth {
        // Ten levels and more that still give more: nothing stops them.
        Breadth::Depth => {
            widest >= 10 && answered.windows(2).last().is_some_and(|pair| pair[1].2 > pair[0].2) && bytes > smallest * 2
        }
        // One row a day, or far more than the usual answer.
        _ => {
            rows.is_some_and(|rows| rows.abs_diff(widest) <= 1)
                || (bytes >= 16_384 && bytes > smallest * 8 && rows.is_none_or(|rows| !is_cap(rows)))
        }
    };
    if !follows {
        return None;
    }
    let what = rows.map_or_else(|| size(bytes), |rows| format!("{} elements ({})", number(rows), size(bytes)));
    let points = answered.iter().map(|(value, _, bytes)| [*value as f64, *bytes as f64]).collect();
    Some(
        op.finding(format!(
            "`{name}={widest}` is taken and answered with {what}; the usual answer has {}.",
            size(base.response()?.body.decoded_len)
        ))
        .part(PartKind::Query, name)
        .severity(severity(op, rows.unwrap_or(0), bytes))
        .outline(base, "the usual request")
        .outline(answer, format!("with {name}={widest}: {what}"))
        .series(Series {
            title: format!("Size of the answer against `{name}`"),
            x_label: name.clone(),
            y_label: "bytes".to_owned(),
            points,
            fit: None,
        }),
    )
}

/// Requests with the known expansion, without any, and with one that cannot exist.
fn expansions(op: &Op<'_>, parameter: &Parameter) -> Option<[Probe; 3]> {
    if op.paging().is_any() {
        return None;
    }
    let known = known_value(op, parameter)?;
    let name = &parameter.name;
    // The base request may be the expanded one already.
    let is_given = op.base()?.query_value(name) == Some(known.as_str());
    let with = if is_given { op.probe() } else { op.probe().query(name, &known) };
    Some([with, op.probe().drop_query(name), op.probe().query(name, "plimsoll")])
}

fn judge_expand(op: &Op<'_>, parameter: &Parameter) -> Option<Draft> {
    let [with, without, unknown] = expansions(op, parameter)?;
    let list = List::in_answer(op.success(&with)?)?;
    let plain = List::in_answer(op.success(&without)?)?;
    // A service that checks what it expands refuses what it does not know.
    op.success(&unknown)?;
    let factor = list.bytes() as f64 / plain.bytes().max(1) as f64;
    if list.len() < 20 || plain.len() != list.len() || factor < 1.5 {
        return None;
    }
    let name = &parameter.name;
    Some(
        op.finding(format!(
            "`{name}` adds a read to each of {} elements of a list without page control and makes the answer {factor:.1} times as large ({} instead of {}); \
             any value is taken.",
            number(list.len()),
            size(list.bytes()),
            size(plain.bytes()),
        ))
        .part(PartKind::Query, name)
        .severity(severity(op, list.len(), list.bytes()))
        .outline(list.exchange, format!("expanded: {}", size(list.bytes())))
        .outline(plain.exchange, format!("not expanded: {}", size(plain.bytes()))),
    )
}
