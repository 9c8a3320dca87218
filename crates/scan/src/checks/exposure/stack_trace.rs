//! `stack-trace`: the frames of an exception in an answer.

use std::sync::LazyLock;

use plimsoll_http::Response;
use regex::Regex;

use super::bodies::distinct;
use crate::check::{Check, Meta, check};
use crate::checks::input::debug_page;
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// The frames of an exception in an answer.
    pub struct StackTrace {
        id: "stack-trace", weakness: StackTraceExposed, mode: Passive, since: "0.1.0", page: "http/stack-trace.md",
    }
}

/// How frames look, by runtime. A JSON string has its line breaks as `\n`, so no expression depends on the start of a line.
const FRAMES: &[(&str, &str)] = &[
    ("Python", r#"Traceback \(most recent call last\)|File \\?"[^"\n]{1,300}\.py\\?", line \d+, in "#),
    ("Java", r"\bat [\w$.]+\.[\w$<>]+\([\w$]+\.(?:java|kt|scala|groovy):\d+\)"),
    (".NET", r"\bat [\w.<>`]+\([^)\n]{0,200}\) in [^\n]{1,200}:line \d+"),
    (
        "Node.js",
        r"\bat (?:[\w$.<> \[\]]+ \()?(?:node:[^\s():]{1,100}|(?:file://)?/[^\s()]{1,300}\.[cm]?[jt]sx?):\d+:\d+\)?",
    ),
    ("Ruby", r"\.rb:\d+:in [`'][^`'\n]{1,100}'"),
    ("PHP", r"#\d+ [^\s]{1,300}\.php\(\d+\): |Stack trace:(?:\\n|\s)*#0 "),
    ("Go", r"goroutine \d+ \[(?:running|select|chan receive|IO wait)[^\]]*\]:"),
    ("Rust", r"thread '[^'\n]{1,60}' (?:\(\d+\) )?panicked at "),
];

static REGEXES: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    FRAMES.iter().filter_map(|(runtime, frames)| Some((*runtime, Regex::new(frames).ok()?))).collect()
});

impl Check for StackTrace {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let traced = distinct(op).into_iter().find_map(|(exchange, response)| Some((exchange, in_answer(response)?)));
        let Some((exchange, (runtime, frame))) = traced else { return Vec::new() };
        let status = exchange.status().unwrap_or(0);
        vec![
            op.finding(format!("The answer ({status}) holds a {runtime} stack trace: file names, lines and the calls that led to the error."))
                .exchange_excerpt(exchange, "the answer with the trace", frame),
        ]
    }
}

/// The runtime and the first frame of a trace. The debug page of a framework is a finding of its own.
pub fn in_answer(response: &Response) -> Option<(&'static str, String)> {
    let text = response.body.text();
    if debug_page::framework(response).is_some() {
        return None;
    }
    REGEXES.iter().find_map(|(runtime, regex)| {
        let found = regex.find(&text)?;
        let end = (found.end() + 160).min(text.len());
        let end = (end..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
        Some((*runtime, plimsoll_model::redact::one_line(&text[found.start()..end], 300)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expression_is_one() {
        assert_eq!(REGEXES.len(), FRAMES.len());
    }
}
