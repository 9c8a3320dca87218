//! `invalid-value-accepted`: a value that the contract rules out is taken.

use plimsoll_http::{Exchange, Probe};
use plimsoll_model::{Confidence, PartKind};
use plimsoll_spec::{Location, Parameter, Schema};
use regex::Regex;

use super::odd::{Class, NO_DAY, WORD, counts};
use crate::check::{Check, Meta, check};
use crate::checks::authentication::access::is_for_everybody;
use crate::draft::Draft;
use crate::list::List;
use crate::paging::{Role, role};
use crate::view::Op;

check! {
    /// A declared rule that nobody enforces.
    pub struct InvalidValueAccepted {
        id: "invalid-value-accepted", weakness: InvalidValueAccepted, mode: Active, since: "0.1.0",
        page: "http/invalid-value-accepted.md",
    }
}

/// Rules tried at one operation.
const RULES: usize = 4;
/// Longest value that is worth sending to see whether a maximum length holds.
const LONGEST: u64 = 2_000;

/// A rule and a request that breaks it.
struct Breach {
    name: String,
    /// The rule, for people.
    rule: String,
    /// The value that breaks it.
    value: String,
    probe: Probe,
    /// The nearest request that keeps the rule: a service that answers both alike has put the value right.
    nearest: Option<Probe>,
    /// Whether an empty list is a proper answer to the value: nothing has that name.
    filters: bool,
}

impl Check for InvalidValueAccepted {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        breaches(op)
            .into_iter()
            .flat_map(|breach| {
                // The nearest proper value matters only where the breach was answered, and whether its answer changes by itself only where the
                // two differ.
                let answer = op.success(&breach.probe);
                let nearest = answer.and(breach.nearest);
                let differs = nearest.as_ref().and_then(|nearest| Some(!same(op.success(nearest)?, answer?)));
                let once_more = nearest.clone().filter(|_| differs == Some(true)).map(|nearest| nearest.nth(1));
                [Some(breach.probe), nearest, once_more].into_iter().flatten()
            })
            .collect()
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let taken: Vec<(Breach, &Exchange)> = breaches(op)
            .into_iter()
            .filter_map(|breach| {
                let answer = op.success(&breach.probe)?;
                is_taken(op, &breach, answer).then_some((breach, answer))
            })
            .collect();
        let Some((first, _)) = taken.first() else { return Vec::new() };
        let listed: Vec<String> = taken
            .iter()
            .map(|(Breach { name, value, rule, .. }, answer)| {
                let shown = plimsoll_model::redact::one_line(value, 32);
                format!("`{name}={shown}` is answered with {} although {rule}", answer.status().unwrap_or(200))
            })
            .collect();
        let mut draft = op
            .finding(format!("{}.", listed.join("; ")))
            .part(PartKind::Query, &first.name)
            .confidence(Confidence::Observed);
        for (breach, answer) in taken.iter().take(3) {
            draft = draft.outline(answer, format!("{} breaks a rule", breach.name));
            if let Some(parameter) = op.spec.parameter(Location::Query, &breach.name) {
                draft = draft.contract(&parameter.place, format!("{}: {}", breach.name, breach.rule));
            }
        }
        vec![draft]
    }
}

/// Whether the value was used, or silently replaced by something that the caller did not ask for.
fn is_taken(op: &Op<'_>, breach: &Breach, answer: &Exchange) -> bool {
    if breach.filters && List::in_answer(answer).is_some_and(|list| list.is_empty()) {
        return false;
    }
    match &breach.nearest {
        Some(nearest) => {
            let (proper, again) = (op.success(nearest), op.success(&nearest.clone().nth(1)));
            let steady = proper.zip(again).is_some_and(|(proper, again)| same(proper, again));
            steady && proper.is_some_and(|proper| !same(proper, answer))
        }
        None => true,
    }
}

/// Whether two answers say the same.
fn same(a: &Exchange, b: &Exchange) -> bool {
    let digest = |exchange: &Exchange| exchange.response().map(|response| response.body.digest);
    let identities = |exchange| List::in_answer(exchange).map(|list| list.identities());
    digest(a) == digest(b) || identities(a).is_some_and(|ours| identities(b) == Some(ours))
}

fn breaches(op: &Op<'_>) -> Vec<Breach> {
    if !op.is_get() || op.baseline().is_none() || is_for_everybody(&op.key().path) {
        return Vec::new();
    }
    let mut out: Vec<Breach> =
        op.spec.parameters_in(Location::Query).filter_map(|parameter| breach(op, parameter)).collect();
    out.truncate(RULES);
    out
}

/// The rule of this parameter that is easiest to judge, broken.
fn breach(op: &Op<'_>, parameter: &Parameter) -> Option<Breach> {
    let name = parameter.name.as_str();
    // Page sizes and cursors have checks of their own; languages fall back to another by custom (RFC 4647 §3.4).
    let is_language = matches!(name, "lang" | "language" | "locale");
    if is_language || matches!(role(name), Some(Role::Limit | Role::Cursor)) {
        return None;
    }
    let schemas = parameter.schema.variants();
    let made = |rule: String, value: String, nearest: Option<String>, filters: bool| {
        Some(Breach {
            name: name.to_owned(),
            rule,
            probe: op.probe().query(name, &value),
            nearest: nearest.map(|value| op.probe().query(name, &value)),
            value,
            filters,
        })
    };
    let class = Class::of(&parameter.schema, &[]);
    if let Some(schema) = schemas.iter().find(|schema| schema.values.iter().any(serde_json::Value::is_string)) {
        return made(format!("the contract allows {} values", schema.values.len()), WORD.to_owned(), None, true);
    }
    if matches!(class, Class::Integer | Class::Number) {
        let minimum = schemas.iter().find_map(|schema| schema.minimum);
        let maximum = schemas.iter().find_map(|schema| schema.maximum);
        let minus_one = parameter.description.contains("-1");
        return match (minimum, maximum) {
            (Some(least), _) if least.abs() < 1e15 => made(
                format!("the contract's minimum is {least}"),
                below(least).to_string(),
                Some(least.to_string()),
                false,
            ),
            // A value a little above the maximum costs little more than the maximum.
            (None, Some(most)) if most.abs() < 1e15 => made(
                format!("the contract's maximum is {most}"),
                (most + 1.0).to_string(),
                Some(most.to_string()),
                false,
            ),
            _ if class == Class::Integer && counts(name) => {
                let made = made("it counts something".to_owned(), "-1".to_owned(), Some("1".to_owned()), false);
                made.filter(|_| !minus_one)
            }
            // A page number that is no number is customarily taken for the first page.
            _ if role(name).is_none() => made("the contract wants a number".to_owned(), WORD.to_owned(), None, true),
            _ => None,
        };
    }
    schemas.iter().find_map(|schema| {
        let (rule, value) = broken_text(schema)?;
        let filters = value.len() <= WORD.len();
        made(rule, value, None, filters)
    })
}

/// -1 where that is below, because other checks ask for it too.
fn below(least: f64) -> f64 {
    if least > -1.0 && least <= 0.0 { -1.0 } else { least - 1.0 }
}

/// A text that breaks format, pattern or length.
fn broken_text(schema: &Schema) -> Option<(String, String)> {
    match schema.format.as_deref() {
        Some("date") => return Some(("the contract wants a date".to_owned(), NO_DAY.to_owned())),
        Some(format @ ("date-time" | "uuid" | "email" | "ipv4" | "ipv6")) => {
            return Some((format!("the contract wants the format {format}"), WORD.to_owned()));
        }
        _ => {}
    }
    if let Some(pattern) = &schema.pattern
        && let Ok(regex) = Regex::new(pattern)
        && !regex.is_match(WORD)
    {
        return Some((format!("the contract's pattern is {pattern}"), WORD.to_owned()));
    }
    let most = schema.max_length.filter(|most| *most <= LONGEST)?;
    Some((format!("the contract's maximum length is {most}"), "a".repeat(most as usize + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_below_a_minimum() {
        let shown = [0.0, -0.5, 1.0, 10.0, -5.0].map(|least| below(least).to_string());
        assert_eq!(shown, ["-1", "-1", "0", "9", "-6"]);
    }

    #[test]
    fn texts_that_break_a_rule() {
        let broken = |schema: Schema| broken_text(&schema).map(|(_, value)| value);
        assert_eq!(broken(Schema { format: Some("date".into()), ..Schema::default() }).as_deref(), Some(NO_DAY));
        assert_eq!(broken(Schema { pattern: Some("^[A-Z]{2}$".into()), ..Schema::default() }).as_deref(), Some(WORD));
        assert_eq!(broken(Schema { pattern: Some("^[a-z-]+$".into()), ..Schema::default() }), None);
        assert_eq!(broken(Schema { pattern: Some("(?=look)".into()), ..Schema::default() }), None);
        assert_eq!(broken(Schema { max_length: Some(3), ..Schema::default() }).as_deref(), Some("aaaa"));
        assert_eq!(broken(Schema { max_length: Some(1 << 20), ..Schema::default() }), None);
    }
}
