//! The inputs that are tried for injection, and how two answers are compared.
//!
//! Only with `--active injection`, and only at operations that read (GET): an operator in a statement that writes would write elsewhere.

use plimsoll_http::{Exchange, Probe};
use plimsoll_model::PartKind;
use plimsoll_spec::roles::{breadth, paging};
use plimsoll_spec::{Location, Parameter, Schema, SchemaKind};
use serde_json::Value;

use super::address::missing;
use crate::checks::input::odd::{Class, WORD, with_path};
use crate::list::{self, List};
use crate::values;
use crate::view::Op;

/// Inputs tried at one operation.
const INPUTS: usize = 3;

/// What all texts are tried with at once: quotation marks, a tag, and arithmetic in the ways in which templates write it.
pub const MARKS: &str = "plimsoll'\"<plimsoll>{{7919*8837}}${6043*9539}#{5087*9901}";

/// An input that takes text or a number.
#[derive(Clone, Debug)]
pub struct Input {
    /// Query or path.
    pub part: PartKind,
    /// Its name.
    pub name: String,
    /// Its value in the base request, or the default that the contract gives it.
    pub value: Option<String>,
    /// Whether it is a number, as far as contract and values tell.
    pub is_number: bool,
    /// Whether it is a term to search for.
    pub is_search: bool,
}

impl Input {
    /// The base request with this value in the input.
    pub fn probe(&self, op: &Op<'_>, value: &str) -> Option<Probe> {
        match self.part {
            PartKind::Path => with_path(op, &self.name, value),
            _ => Some(op.probe().query(&self.name, value)),
        }
    }

    /// A value that nothing has: the control of every comparison. `unhandled-input` asks for it as well.
    pub const fn unknown(&self) -> &'static str {
        if self.is_number { "2147483647" } else { WORD }
    }

    /// The answer to this value.
    pub fn reply<'a>(&self, op: &Op<'a>, value: &str) -> Option<&'a Exchange> {
        op.reply(&self.probe(op, value)?)
    }
}

/// The inputs of an operation that are tried; none without leave.
pub fn inputs(op: &Op<'_>) -> Vec<Input> {
    if !op.seen.active.injection || !op.is_get() || !is_answered(op) {
        return Vec::new();
    }
    let base = op.base();
    let mut out: Vec<Input> = Vec::new();
    for parameter in op.spec.parameters.iter().filter(|p| matches!(p.location, Location::Path | Location::Query)) {
        let part = if parameter.location == Location::Path { PartKind::Path } else { PartKind::Query };
        let value = match part {
            PartKind::Path => path_value(op, &parameter.name),
            _ => base.and_then(|base| base.query_value(&parameter.name)).map(str::to_owned),
        };
        let value = value.or_else(|| parameter.schema.default.as_ref().and_then(values::text));
        out.extend(input(part, &parameter.name, &parameter.schema, value, &shown(parameter)));
    }
    let declared = |name: &str| op.spec.parameter(Location::Query, name).is_some();
    let query = base.map(|base| base.query.as_slice()).unwrap_or_default();
    for (name, value) in query.iter().filter(|(name, _)| !declared(name)) {
        out.extend(input(PartKind::Query, name, &Schema::default(), Some(value.clone()), &[]));
    }
    for name in missing(op).into_iter().filter(|name| !declared(name)) {
        out.extend(input(PartKind::Query, &name, &Schema::default(), None, &[]));
    }
    // What decides the answer first: the parts of the path from the right, then what is searched for or was given.
    out.sort_by_key(|input| (input.part != PartKind::Path, !input.is_search, input.value.is_none(), input.is_number));
    out.truncate(INPUTS);
    out
}

/// Whether the base request shows how inputs are answered: nobody is turned away, and the operation does not fail anyway.
fn is_answered(op: &Op<'_>) -> bool {
    let status = op.reply(&op.probe()).and_then(Exchange::status);
    status.is_some_and(|status| status < 500 && !matches!(status, 401 | 403 | 405 | 407 | 429))
}

fn shown(parameter: &Parameter) -> Vec<String> {
    let shown = parameter.examples.iter().chain(&parameter.schema.examples).chain(&parameter.schema.default);
    shown.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn input(part: PartKind, name: &str, schema: &Schema, value: Option<String>, shown: &[String]) -> Option<Input> {
    let known: Vec<String> = shown.iter().cloned().chain(value.clone()).filter(|value| !value.is_empty()).collect();
    // A pattern says what is allowed; whether it is enforced is another check's question.
    let is_number = match Class::of(schema, &known) {
        // Digits in what is declared as text are text.
        Class::Integer | Class::Number => !schema.is_only(SchemaKind::String),
        Class::Text | Class::List => false,
        Class::Boolean | Class::Date | Class::Choice => return None,
    };
    let pages = part == PartKind::Query && paging::role(name).is_some();
    let is_free = !pages && schema.variants().iter().all(|schema| schema.format.as_deref() != Some("uuid"));
    let is_search = breadth::is_search(name);
    is_free.then(|| Input { part, name: name.to_owned(), value, is_number, is_search })
}

/// The decoded text of the base path's segment for a path parameter.
fn path_value(op: &Op<'_>, name: &str) -> Option<String> {
    let wanted = format!("{{{name}}}");
    let from_right = op.key().path.rsplit('/').position(|segment| segment == wanted)?;
    let segment = op.base()?.path.rsplit('/').nth(from_right)?;
    Some(percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned())
}

/// What an answer says, without what changes by itself: the same for answers with the same things in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Nothing: an empty list, an empty body, or a refusal that is not an error of the service.
    Nothing,
    /// These things: identities of a list in order, or of one object.
    Things(Vec<String>),
    /// An error of the service.
    Error,
}

/// What an answer says; none where there was no answer, or one that says nothing of the input (a turned-away caller, a rate limit).
pub fn said(answer: &Exchange) -> Option<Said> {
    let response = answer.response()?;
    match response.status {
        401 | 403 | 405 | 407 | 429 | 503 => return None,
        500.. => return Some(Said::Error),
        200..=299 => {}
        _ => return Some(Said::Nothing),
    }
    if let Some(list) = List::in_answer(answer) {
        return Some(if list.is_empty() { Said::Nothing } else { Said::Things(list.identities()) });
    }
    let body = &response.body;
    Some(match answer.json() {
        Some(Value::Null | Value::Bool(_)) => Said::Nothing,
        Some(Value::Array(items)) if items.is_empty() => Said::Nothing,
        Some(Value::Object(map)) if map.is_empty() || map.values().all(is_nothing) => Said::Nothing,
        Some(value @ Value::Object(_)) => Said::Things(vec![list::identity(value)]),
        Some(value) => Said::Things(vec![value.to_string()]),
        None if body.decoded_len == 0 => Said::Nothing,
        None => Said::Things(vec![format!("{:?}", body.digest)]),
    })
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Bool(value) => !value,
        Value::Object(map) => map.values().all(is_nothing),
    }
}

impl Said {
    /// Whether there is something.
    pub fn is_something(&self) -> bool {
        matches!(self, Self::Things(_))
    }
}

/// The probe with the value that nothing has.
pub fn control(op: &Op<'_>, input: &Input) -> Option<Probe> {
    input.probe(op, input.unknown())
}

/// What was said to this value.
pub fn said_to(op: &Op<'_>, input: &Input, value: &str) -> Option<Said> {
    said(input.reply(op, value)?)
}
