//! `dependency-replaced`: a query parameter replaces an internal dependency.

use plimsoll_http::{Exchange, Probe};
use plimsoll_model::PartKind;
use plimsoll_spec::Parameter;
use plimsoll_spec::roles::dependency::{choices, dependencies};

use super::errors::betrayals;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// A value in place of a database handle that changes what the service does.
    pub struct DependencyReplaced {
        id: "dependency-replaced", weakness: InjectableDependency, mode: Active, since: "0.1.0", page: "http/dependency-replaced.md",
    }
}

/// A value that stands for nothing.
const VALUE: &str = "plimsoll";

impl Check for DependencyReplaced {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        if !op.is_get() {
            return Vec::new();
        }
        dependencies(op.spec).chain(choices(op.spec)).flat_map(|parameter| pair(op, parameter)).collect()
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let replaced = dependencies(op.spec).filter_map(|parameter| judge_parameter(op, parameter));
        replaced.chain(choices(op.spec).filter_map(|parameter| judge_choice(op, parameter))).collect()
    }
}

/// The request with the parameter, and the one without.
fn pair(op: &Op<'_>, parameter: &Parameter) -> [Probe; 2] {
    let name = &parameter.name;
    let is_given = op.base().is_some_and(|base| base.query_value(name).is_some());
    [op.probe().query(name, VALUE), if is_given { op.probe().drop_query(name) } else { op.probe() }]
}

fn judge_parameter(op: &Op<'_>, parameter: &Parameter) -> Option<Draft> {
    let [with, without] = pair(op, parameter);
    let (with, without) = (op.reply(&with)?, op.reply(&without)?);
    let name = &parameter.name;
    let (before, after) = (without.status()?, with.status()?);
    // The value is used where an object was expected: Python, and the same in other languages.
    let used = names_use(with) && !names_use(without);
    let message = match (before, after) {
        (200..300, 500..) => format!(
            "With `{name}={VALUE}` the service fails with {after}; without it, it answers {before}: the value takes the place of an internal object."
        ),
        (500.., 200..300) => format!(
            "Without `{name}` the service fails with {before}; with `{name}={VALUE}` it answers {after}: the value takes the place of an internal object."
        ),
        (500.., 500..) if used => format!(
            "`{name}={VALUE}` reaches the place of an internal object: the error says that a text was used as one."
        ),
        _ => return None,
    };
    Some(
        op.finding(message)
            .part(PartKind::Query, name)
            .exchange_excerpt(without, format!("without {name}"), error_line(without))
            .exchange_excerpt(with, format!("with {name}={VALUE}"), error_line(with)),
    )
}

/// A text that may choose what is read from: the store itself answers that it does not know it.
fn judge_choice(op: &Op<'_>, parameter: &Parameter) -> Option<Draft> {
    let [with, without] = pair(op, parameter);
    let (with, without) = (op.reply(&with)?, op.success(&without)?);
    let told = betrayals(&with.text());
    let said = told.first().filter(|_| with.status().is_some_and(|status| status >= 400))?;
    let name = &parameter.name;
    Some(
        op.finding(format!(
            "`{name}` chooses what is read from: with `{name}={VALUE}` the answer shows {}.",
            said.what
        ))
        .part(PartKind::Query, name)
        .outline(without, format!("without {name}"))
        .exchange_excerpt(with, format!("with {name}={VALUE}"), said.shown.clone()),
    )
}

fn names_use(answer: &Exchange) -> bool {
    answer.text().lines().any(is_use)
}

fn is_use(line: &str) -> bool {
    [
        "'str' object has no attribute",
        "'str' object is not callable",
        "is not a function",
        "undefined method",
        "has no method",
    ]
    .iter()
    .any(|words| line.contains(words))
}

/// The line of an error that tells what happened: for a trace, the one that speaks of the value or else the last one.
fn error_line(answer: &Exchange) -> String {
    let text = answer.text();
    let telling = text.lines().find(|line| is_use(line)).or_else(|| text.lines().rfind(|line| line.contains("Error")));
    plimsoll_model::redact::one_line(telling.unwrap_or_else(|| text.lines().next().unwrap_or("")), 300)
}
