//! Conditions behind a value: true ones and false ones, which decide what is found where the value is a part of an SQL statement.
//!
//! They change nothing and cut nothing off; what follows the value in the statement still closes it.

use plimsoll_http::Probe;

use super::inputs::{Input, Said, control, said, said_to};
use crate::checks::input::odd::WORD;
use crate::draft::Draft;
use crate::view::Op;

/// Two numbers that are equal to themselves and not to each other; those of the repetition.
const NUMBERS: [(u32, u32); 2] = [(17, 58), (64, 23)];

/// A way to go on behind a value with a condition.
pub struct Condition {
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
pub fn conditions(op: &Op<'_>, input: &Input) -> Vec<Condition> {
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
pub fn asked(op: &Op<'_>, input: &Input, condition: &Condition) -> Vec<Probe> {
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

/// The finding of a condition that decides what is found, in both rounds.
pub fn by_condition(op: &Op<'_>, input: &Input) -> Option<Draft> {
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
