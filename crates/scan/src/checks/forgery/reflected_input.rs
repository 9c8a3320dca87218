//! `reflected-input`: a tag in a value is a tag of the page.

use plimsoll_http::{Exchange, Probe};
use plimsoll_model::{Severity, redact};

use super::inputs::{Input, MARKS, inputs};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// A value that is written into a page as it is.
    pub struct ReflectedInput {
        id: "reflected-input", weakness: ReflectedInput, mode: Active, since: "0.1.0", page: "http/reflected-input.md",
    }
}

/// The tag in [`MARKS`]: no browser and no page knows it.
const TAG: &str = "<plimsoll>";

/// Whether a browser reads the answer as a page (MIME Sniffing Standard §7): by its type, or by its looks where there is no type.
fn is_page(answer: &Exchange) -> bool {
    let Some(response) = answer.response() else { return false };
    match response.media_type().as_str() {
        "text/html" | "application/xhtml+xml" | "image/svg+xml" => true,
        "" => answer.text().trim_start().starts_with('<') && response.header("x-content-type-options").is_none(),
        _ => false,
    }
}

/// Whether the policy of the page keeps scripts from running (CSP Level 3 §6.1.11): none are allowed, or the page is sandboxed.
fn is_confined(answer: &Exchange) -> bool {
    let policy = answer.response().and_then(|response| response.header("content-security-policy")).unwrap_or("");
    let directive = |name: &str| policy.split(';').map(str::trim).find_map(|d| d.strip_prefix(name)).map(str::trim);
    let scripts = directive("script-src ").or_else(|| directive("default-src "));
    scripts == Some("'none'") || policy.split(';').any(|d| d.trim() == "sandbox")
}

fn hit<'a>(op: &Op<'a>, input: &Input) -> Option<&'a Exchange> {
    input.reply(op, MARKS).filter(|answer| is_page(answer) && answer.text().contains(TAG))
}

impl Check for ReflectedInput {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        let texts = inputs(op).into_iter().filter(|input| !input.is_number);
        texts.filter_map(|input| input.probe(op, MARKS)).collect()
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let judged = |input: &Input| {
            let answer = hit(op, input)?;
            let text = answer.text();
            let at = text.find(TAG)?;
            let from = text[..at].char_indices().rev().nth(40).map_or(0, |(at, _)| at);
            let shown: String = text[from..].chars().take(90).collect();
            let (severity, more) = if is_confined(answer) {
                (Severity::Low, " The page's policy keeps scripts from running.")
            } else {
                (Severity::Medium, "")
            };
            let message = format!(
                "`{}` is written into the page as it is: a tag in it becomes a tag of the page.{more}",
                input.name
            );
            let draft = op
                .finding(message)
                .part(input.part, &input.name)
                .severity(severity)
                .exchange_excerpt(answer, "a tag in the value", redact::one_line(&shown, 140))
                .headers(answer, &["content-type", "content-security-policy"]);
            Some(draft)
        };
        inputs(op).iter().filter_map(judged).collect()
    }
}
