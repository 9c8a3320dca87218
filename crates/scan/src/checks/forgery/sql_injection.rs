//! `sql-injection`: a value ends a quotation in a statement and goes on as SQL.
//!
//! Without leave it only reads what databases said to the odd values of other checks. With leave it asks pairs of conditions that are true and
//! false and change nothing.

use plimsoll_http::{Exchange, Probe};
use plimsoll_model::{Confidence, redact};

use super::delay;
use super::inputs::{Input, MARKS, Said, control, inputs, said, said_to};
use super::sql_errors::complaint;
use crate::check::{Check, Meta, check};
use crate::checks::input::odd::WORD;
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// A value that becomes part of a statement.
    pub struct SqlInjection {
        id: "sql-injection", weakness: SqlInjection, mode: Active, since: "0.1.0", page: "http/sql-injection.md",
    }
}

/// Two numbers that are equal to themselves and not to each other; those of the repetition.
const NUMBERS: [(u32, u32); 2] = [(17, 58), (64, 23)];

/// An operation that is slower than this without being asked, in milliseconds, is not made to wait.
const SLOW_MS: f64 = 1_000.0;

/// A way to go on behind a value with a condition.
struct Condition {
    before: &'static str,
    /// The value in front: that of the base request, or the word that nothing has.
    value: String,
    operator: &'static str,
    quote: &'static str,
}

impl Condition {
    fn with(&self, left: u32, right: u32) -> String {
        let Self { before, value, operator, quote } = self;
        let compared = if quote.is_empty() { "=" } else { "LIKE" };
        format!("{value}{before} {operator} {quote}{left}{quote} {compared} {quote}{right}")
    }

    fn is_true(&self, round: usize) -> String {
        self.with(NUMBERS[round].0, NUMBERS[round].0)
    }

    fn is_false(&self, round: usize) -> String {
        self.with(NUMBERS[round].0, NUMBERS[round].1)
    }

    /// What a true condition must be answered with, and what a false one must not.
    fn expected(&self, op: &Op<'_>, input: &Input) -> Option<(Said, Said)> {
        let nothing = said_to(op, input, input.unknown()).filter(|said| *said == Said::Nothing)?;
        let truth = if self.operator == "AND" { said(op.baseline()?)? } else { said_to(op, input, &self.is_true(0))? };
        truth.is_something().then_some((truth, nothing))
    }
}

/// The conditions that are tried at an input. `LIKE` closes itself both behind `= '` and behind `LIKE '%`, where a `%` follows.
fn conditions(op: &Op<'_>, input: &Input) -> Vec<Condition> {
    let known = input.value.clone().filter(|_| op.baseline().is_some());
    match known {
        Some(value) if input.is_number => {
            vec![Condition { before: "", value, operator: "AND", quote: "" }]
        }
        Some(value) if !input.is_search => {
            // Digits in what is declared as text may stand in the statement without quotation marks.
            let bare = value.parse::<i64>().is_ok();
            let bare = bare.then(|| Condition { before: "", value: value.clone(), operator: "AND", quote: "" });
            bare.into_iter().chain([Condition { before: "'", value, operator: "AND", quote: "'" }]).collect()
        }
        // A term is mostly a part of what is found, and the base may lack it: the condition is put beside it. Only where the answer is a list, which a
        // handler reads and does not change.
        _ if op.list().is_some() && !input.is_number => {
            vec![Condition { before: "'", value: WORD.to_owned(), operator: "OR", quote: "'" }]
        }
        _ => Vec::new(),
    }
}

/// The probes of a condition: one that is true; where it is answered as truth must be, one that is false; then both again with other numbers.
fn asked(op: &Op<'_>, input: &Input, condition: &Condition) -> Vec<Probe> {
    let ask = |value: String| input.probe(op, &value);
    let mut probes: Vec<Probe> = control(op, input).into_iter().collect();
    if said_to(op, input, input.unknown()) != Some(Said::Nothing) {
        return probes;
    }
    probes.extend(ask(condition.is_true(0)));
    let holds = |round| decided(op, input, condition, round) == Some(true);
    let truth = condition
        .expected(op, input)
        .is_some_and(|(truth, _)| said_to(op, input, &condition.is_true(0)) == Some(truth));
    if truth {
        probes.extend(ask(condition.is_false(0)));
        if holds(0) {
            probes.extend([condition.is_true(1), condition.is_false(1)].into_iter().filter_map(ask));
        }
    }
    probes
}

/// Whether the true condition of this round was answered as the known value is, and the false one with nothing.
fn decided(op: &Op<'_>, input: &Input, condition: &Condition, round: usize) -> Option<bool> {
    let (truth, nothing) = condition.expected(op, input)?;
    let (yes, no) = (said_to(op, input, &condition.is_true(round))?, said_to(op, input, &condition.is_false(round))?);
    Some(yes == truth && no == nothing)
}

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
            if is_error(input.reply(op, MARKS)) {
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

fn by_condition(op: &Op<'_>, input: &Input) -> Option<Draft> {
    let condition = conditions(op, input)
        .into_iter()
        .find(|condition| [0, 1].iter().all(|round| decided(op, input, condition, *round) == Some(true)))?;
    let (yes, no) = (condition.is_true(0), condition.is_false(0));
    let (truth, falsehood) = (input.reply(op, &yes)?, input.reply(op, &no)?);
    let draft = op
        .finding(format!(
            "`{}` is read as SQL: behind `{yes}` there is what a true condition lets through, behind `{no}` there is nothing; the same with other numbers.",
            input.name,
        ))
        .part(input.part, &input.name)
        .outline(truth, "a true condition")
        .outline(falsehood, "a false condition");
    Some(draft)
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
