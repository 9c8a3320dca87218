//! The report as one self-contained HTML page.

use std::fmt::Write;

use plimsoll_model::Report;

use crate::terminal;

/// The report as HTML.
///
/// # Errors
/// When a template fails, which no report makes it do.
pub fn render(report: &Report) -> Result<String, std::fmt::Error> {
    let text = terminal::render(report, terminal::Options { detailed: usize::MAX, info: true, ..terminal::Options::PLAIN });
    let mut out = String::from("<!doctype html><meta charset=\"utf-8\"><title>Plimsoll</title><pre>");
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            c => out.push(c),
        }
    }
    write!(out, "</pre>")?;
    Ok(out)
}
