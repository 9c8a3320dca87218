//! `header-injection`: a line end in a value ends a header of the answer.

use plimsoll_http::{Exchange, Probe};

use super::inputs::{Input, MARKS, inputs};
use crate::check::{Check, Meta, check};
use crate::checks::input::odd::WORD;
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// A value that writes headers.
    pub struct HeaderInjection {
        id: "header-injection", weakness: HeaderInjection, mode: Active, since: "0.1.0", page: "http/header-injection.md",
    }
}

/// A header that nobody sends, and a value with which it is written behind another.
const NAME: &str = "x-plimsoll-mark";
const VALUE: &str = "plimsoll\r\nx-plimsoll-mark: 3f9c1a";
/// Shorter values are in headers by chance.
const LEAST: usize = 4;

/// Whether a header of an answer to this value carries it.
fn is_carried(answer: &Exchange, value: &str) -> bool {
    let begins: String = value.chars().take_while(char::is_ascii_alphanumeric).collect();
    let wanted = if begins.len() >= LEAST { begins.as_str() } else { value };
    wanted.len() >= LEAST
        && answer.response().is_some_and(|response| response.headers.iter().any(|(_, header)| header.contains(wanted)))
}

/// Whether the input is seen in a header of an answer to any value that it was given.
fn is_in_headers(op: &Op<'_>, input: &Input) -> bool {
    let plain = op.reply(&op.probe()).zip(input.value.as_deref());
    let tried = [MARKS, WORD].into_iter().filter_map(|value| Some((input.reply(op, value)?, value)));
    tried.chain(plain).any(|(answer, value)| is_carried(answer, value))
}

impl Check for HeaderInjection {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        let mut probes = Vec::new();
        for input in inputs(op).iter().filter(|input| !input.is_number) {
            probes.extend(input.probe(op, MARKS));
            probes.extend(input.probe(op, VALUE).filter(|_| is_in_headers(op, input)));
        }
        probes
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let judged = |input: &Input| {
            let answer = input.reply(op, VALUE)?;
            answer.response()?.header(NAME)?;
            let message =
                format!("`{}` writes headers: a line end in it begins a header of the caller's own.", input.name);
            let draft = op
                .finding(message)
                .part(input.part, &input.name)
                .exchange_excerpt(answer, "a line end in the value", "")
                .headers(answer, &[NAME]);
            Some(draft)
        };
        inputs(op).iter().filter_map(judged).collect()
    }
}
