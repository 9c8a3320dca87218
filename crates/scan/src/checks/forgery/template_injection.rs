//! `template-injection`: arithmetic in a value comes back worked out.

use plimsoll_http::{Exchange, Probe};
use plimsoll_model::redact;

use super::inputs::{Input, MARKS, inputs};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// A value that is run as a template.
    pub struct TemplateInjection {
        id: "template-injection", weakness: TemplateInjection, mode: Active, since: "0.1.0", page: "http/template-injection.md",
    }
}

/// A way to write a calculation, as it stands in [`MARKS`] or alone, and a second one that confirms it.
struct Syntax {
    /// Who writes it so.
    engines: &'static str,
    first: (&'static str, &'static str),
    second: (&'static str, &'static str),
    /// Whether it is a part of [`MARKS`].
    in_marks: bool,
}

/// Products of primes: nothing else is likely to write them.
const SYNTAXES: &[Syntax] = &[
    Syntax {
        engines: "Jinja, Twig and their like",
        first: ("{{7919*8837}}", "69980203"),
        second: ("{{6991*9433}}", "65946103"),
        in_marks: true,
    },
    Syntax {
        engines: "Freemarker, Mako, Thymeleaf and their like",
        first: ("${6043*9539}", "57644177"),
        second: ("${7457*9127}", "68060039"),
        in_marks: true,
    },
    Syntax {
        engines: "Ruby, Pug and their like",
        first: ("#{5087*9901}", "50366387"),
        second: ("#{8081*9293}", "75096733"),
        in_marks: true,
    },
    Syntax {
        engines: "Django",
        first: ("{{7919|add:8837}}", "16756"),
        second: ("{{65521|add:52379}}", "117900"),
        in_marks: false,
    },
    Syntax {
        engines: "ERB and EJS",
        first: ("<%=7919*8837%>", "69980203"),
        second: ("<%=6991*9433%>", "65946103"),
        in_marks: false,
    },
];

fn alone(expression: &str) -> String {
    format!("plimsoll{expression}plimsoll")
}

/// Whether an answer holds the result and not the calculation.
fn works_out(answer: &Exchange, (expression, result): (&str, &str)) -> bool {
    let text = answer.text();
    text.contains(result) && !text.contains(expression)
}

/// The value with the first calculation of a syntax.
fn first_value(syntax: &Syntax) -> String {
    if syntax.in_marks { MARKS.to_owned() } else { alone(syntax.first.0) }
}

/// Whether the first calculation of a syntax came back worked out.
fn is_hit(op: &Op<'_>, input: &Input, syntax: &Syntax) -> bool {
    let plain = op.reply(&op.probe()).is_some_and(|base| base.text().contains(syntax.first.1));
    !plain && input.reply(op, &first_value(syntax)).is_some_and(|answer| works_out(answer, syntax.first))
}

impl Check for TemplateInjection {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        let mut probes = Vec::new();
        for input in inputs(op).iter().filter(|input| !input.is_number) {
            probes.extend(input.probe(op, MARKS));
            // A template that cannot be read fails: perhaps it is of another kind.
            let fails = input.reply(op, MARKS).and_then(Exchange::status).is_some_and(|status| status >= 500);
            for syntax in SYNTAXES {
                if fails && !syntax.in_marks {
                    probes.extend(input.probe(op, &first_value(syntax)));
                }
                if is_hit(op, input, syntax) {
                    probes.extend(input.probe(op, &alone(syntax.second.0)));
                }
            }
        }
        probes
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        inputs(op).iter().filter_map(|input| judge_input(op, input)).collect()
    }
}

fn judge_input(op: &Op<'_>, input: &Input) -> Option<Draft> {
    let (syntax, answer) = SYNTAXES.iter().filter(|syntax| is_hit(op, input, syntax)).find_map(|syntax| {
        let answer = input.reply(op, &alone(syntax.second.0)).filter(|answer| works_out(answer, syntax.second))?;
        Some((syntax, answer))
    })?;
    let (expression, result) = syntax.second;
    let text = answer.text();
    let from = text.find(result).map_or(0, |at| text[..at].char_indices().rev().nth(40).map_or(0, |(at, _)| at));
    let shown: String = text[from..].chars().take(120).collect();
    let draft = op
        .finding(format!(
            "`{}` is run as a template ({}): `{expression}` comes back as `{result}`.",
            input.name, syntax.engines
        ))
        .part(input.part, &input.name)
        .exchange_excerpt(answer, "a calculation in the value", redact::one_line(&shown, 140));
    Some(draft)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_right_and_the_marks_hold_the_calculations() {
        for syntax in SYNTAXES {
            assert!(!syntax.in_marks || MARKS.contains(syntax.first.0), "{}", syntax.first.0);
            for (expression, result) in [syntax.first, syntax.second] {
                let numbers: Vec<u64> =
                    expression.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect();
                let value = if expression.contains("add") { numbers[0] + numbers[1] } else { numbers[0] * numbers[1] };
                assert_eq!(value.to_string(), result, "{expression}");
            }
        }
    }
}
