//! `sql-injection`: a value ends a quotation in a statement and goes on as SQL.
//!
//! Without leave it only reads what databases said to the odd values of other checks. With leave it asks pairs of conditions that are true and
//! false and change nothing.

use plimsoll_http::{Exchange, Probe};
use plimsoll_model::{Confidence, redact};

use super::delay;
use super::inputs::{Input, MARKS, inputs};
use super::sql_conditions::{asked, by_condition, conditions};
use super::sql_errors::complaint;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// A value that becomes part of a statement.
    pub struct SqlInjection {
        id: "sql-injection", weakness: SqlInjection, mode: Active, since: "0.1.0", page: "http/sql-injection.md",
    }
}

/// An operation that is slower than this without being asked, in milliseconds, is not made to wait.
const SLOW_MS: f64 = 1_000.0;

/// A quotation mark alone, and doubled: in SQL, the second is a character like any other.
fn quoted(input: &Input) -> [String; 2] {
    let value = input.value.as_deref().unwrap_or("plimsoll");
    [format!("{value}'"), format!("{value}''")]
}

fn is_error(answer: Option<&Exchange>) -> bool {
    answer.and_then(Exchange::status).is_some_and(|status| status >= 500)
}

fn is_quiet(answer: Option<&Exchange>) -> bool {
    answer.and_then(Exchange::status).is_some_and(|status| status < 500 && status != 429)
}

impl Check for SqlInjection {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        let mut probes = Vec::new();
        // Waits are tried at one input of an operation.
        let mut waited = false;
        for input in inputs(op) {
            probes.extend(input.probe(op, MARKS).filter(|_| !input.is_number));
            probes.extend(conditions(op, &input).iter().flat_map(|condition| asked(op, &input, condition)));
            let complains = input.reply(op, MARKS).is_some_and(|answer| complaint(&answer.text()).is_some());
            if complains || is_error(input.reply(op, MARKS)) {
                let [one, two] = quoted(&input);
                let (single, doubled) = (input.probe(op, &one), input.probe(op, &two));
                let again = single.clone().zip(doubled.clone()).filter(|_| breaks(op, &input, 0));
                probes.extend(single.into_iter().chain(doubled));
                probes.extend(again.into_iter().flat_map(|(one, two)| [one.nth(1), two.nth(1)]));
            }
            if !waited && waits(op, &input) {
                waited = true;
                probes.extend(delay::probes(op, &input, delay::SQL));
            }
        }
        probes
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let mut drafts: Vec<Draft> = inputs(op)
            .iter()
            .filter_map(|input| {
                by_condition(op, input)
                    .or_else(|| by_complaint(op, input))
                    .or_else(|| by_delay(op, input))
                    .or_else(|| by_break(op, input))
            })
            .collect();
        if drafts.is_empty() {
            drafts.extend(overheard(op));
        }
        drafts
    }
}

/// Whether waits are the only way to know: a quotation mark breaks something and no condition decides, or the answer is the same whatever the value.
fn waits(op: &Op<'_>, input: &Input) -> bool {
    if input.is_number || by_condition(op, input).is_some() {
        return false;
    }
    let is_mute = || {
        let same = |value: &str| input.reply(op, value).map(Exchange::text) == op.baseline().map(Exchange::text);
        op.baseline().is_some_and(|base| base.timing.total_ms < SLOW_MS) && same(input.unknown()) && same(MARKS)
    };
    breaks(op, input, 0) || is_mute()
}

/// Whether a single quotation mark fails in this repetition where a doubled one does not.
fn breaks(op: &Op<'_>, input: &Input, repeat: u16) -> bool {
    let [one, two] = quoted(input);
    let reply = |value: &str| input.probe(op, value).and_then(|probe| op.reply(&probe.nth(repeat)));
    is_error(reply(&one)) && is_quiet(reply(&two))
}

fn by_complaint(op: &Op<'_>, input: &Input) -> Option<Draft> {
    let [one, two] = quoted(input);
    let (broken, whole) = (input.reply(op, &one)?, input.reply(op, &two)?);
    let (database, shown) = complaint(&broken.text()).filter(|_| complaint(&whole.text()).is_none())?;
    let draft = op
        .finding(format!(
            "`{}` is read as SQL: a quotation mark in it breaks the statement, as {database} says in the answer; a doubled one does not.",
            input.name,
        ))
        .part(input.part, &input.name)
        .exchange_excerpt(broken, "one quotation mark", shown)
        .exchange_excerpt(whole, "two of them", redact::one_line(&whole.text(), 120));
    Some(draft)
}

fn by_delay(op: &Op<'_>, input: &Input) -> Option<Draft> {
    let (what, relation) = delay::relation(op, input, delay::SQL)?;
    Some(delay::draft(op, input, &relation, &format!("`{}` is read as SQL ({what})", input.name)))
}

fn by_break(op: &Op<'_>, input: &Input) -> Option<Draft> {
    if !(breaks(op, input, 0) && breaks(op, input, 1)) {
        return None;
    }
    let [one, two] = quoted(input);
    let (broken, whole) = (input.reply(op, &one)?, input.reply(op, &two)?);
    let draft = op
        .finding(format!(
            "`{}` seems to be read as SQL: a quotation mark in it ends in {}, a doubled one in {}, each of them twice.",
            input.name,
            broken.status().unwrap_or(500),
            whole.status().unwrap_or(200),
        ))
        .part(input.part, &input.name)
        .severity(plimsoll_model::Severity::High)
        .confidence(Confidence::Suspected)
        .exchange_excerpt(broken, "one quotation mark", redact::one_line(&broken.text(), 120))
        .exchange_excerpt(whole, "two of them", redact::one_line(&whole.text(), 120));
    Some(draft)
}

/// What a database said about a value with a quotation mark, whoever sent it.
fn overheard(op: &Op<'_>) -> Option<Draft> {
    let (answer, name, (database, shown)) = op.exchanges().find_map(|exchange| {
        let request = &exchange.request;
        let base = op.base()?;
        let in_query =
            request.query.iter().find(|(name, value)| value.contains('\'') && base.query_value(name) != Some(value));
        let in_path = request.path.contains("%27") && !base.path.contains("%27");
        let name = in_query.map(|(name, _)| (plimsoll_model::PartKind::Query, name.clone()));
        let name = name.or_else(|| in_path.then(|| (plimsoll_model::PartKind::Path, last_parameter(op))))?;
        Some((exchange, name, complaint(&exchange.text())?))
    })?;
    let (part, name) = name;
    let is_usual = op.baseline().is_some_and(|base| complaint(&base.text()).is_some());
    (!is_usual).then(|| {
        op.finding(format!(
            "`{name}` seems to be read as SQL: {database} complains about a value with a quotation mark."
        ))
        .part(part, name)
        .confidence(Confidence::Suspected)
        .severity(plimsoll_model::Severity::High)
        .exchange_excerpt(answer, "a value with a quotation mark", shown)
        .note("--active injection asks further.")
    })
}

fn last_parameter(op: &Op<'_>) -> String {
    let last = op.key().path.rsplit('/').find(|segment| segment.starts_with('{')).unwrap_or("");
    last.trim_matches(['{', '}']).to_owned()
}

#[cfg(test)]
mod tests {
    use plimsoll_http::{OpId, Probe};

    use super::*;
    use crate::checks::resource::fixture;
    use crate::index::Index;
    use crate::view::App;

    #[test]
    fn what_a_database_said_to_a_value_of_another_check() {
        let api =
            fixture::api("  /search:\n    get:\n      parameters: [{name: q, in: query, schema: {type: string}}]\n");
        let judged = |plain: &str, odd: &str| {
            let probe = Probe::of(OpId(0));
            let seen = fixture::seen("/search", &[(probe.clone(), 200, plain), (probe.query("q", "'\"%"), 500, odd)]);
            let index = Index::of(&api);
            let op = App { api: &api, index: &index, seen: &seen }.op(OpId(0)).unwrap();
            SqlInjection.judge(&op).len()
        };
        let complaint = r#"{"detail": "unrecognized token: \"'\""}"#;
        assert_eq!(judged("[]", complaint), 1);
        assert_eq!(judged("[]", r#"{"detail": "no such word"}"#), 0);
        assert_eq!(judged(complaint, complaint), 0, "it says so anyway");
    }
}
