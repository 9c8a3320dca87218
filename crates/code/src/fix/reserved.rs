//! Fixes that name a reserved word by an alias.

use super::Fix;
use super::source::{Source, insert, replace};
use crate::rules::dynamodb::reserved;
use crate::syntax::{Const, ExprKind, Span};

/// Options that hold an expression.
const EXPRESSIONS: &[&str] =
    &["FilterExpression", "ProjectionExpression", "ConditionExpression", "UpdateExpression", "KeyConditionExpression"];

/// Words that are reserved as names of attributes, and mean something where they stand in an expression.
const OPERATORS: &[&str] = &["and", "or", "not", "in", "between", "size"];

/// Every reserved word in a call's literal expressions becomes `#word`, which `ExpressionAttributeNames` explains.
pub(super) fn aliased(source: &Source<'_>, line: u32) -> Option<Fix> {
    let tree = source.tree();
    for site in source.calls(line, |_| true) {
        let mut edits = Vec::new();
        let mut words: Vec<String> = Vec::new();
        let mut last = None;
        for name in EXPRESSIONS {
            let Some(value) = source.program.keyword(site.at, name) else { continue };
            let ExprKind::Const(Const::Str(_)) = tree[value.expr].kind else { continue };
            let span = tree[value.expr].span;
            let mut text = source.slice(span).to_owned();
            // Quotes within the text would move places; escapes are left alone.
            if text.contains('\\') || text.contains('\n') {
                continue;
            }
            while let Some((at, word)) = reserved(&text) {
                text.insert(at, '#');
                if !words.contains(&word) {
                    words.push(word);
                }
            }
            if text != source.slice(span) {
                edits.push(replace(span, text));
                last = Some(span.end);
            }
        }
        let Some(last) = last else { continue };
        let entries: Vec<String> = words.iter().map(|word| format!("\"#{word}\": \"{word}\"")).collect();
        let entries = entries.join(", ");
        match source.program.keyword(site.at, "ExpressionAttributeNames") {
            Some(names) => {
                let ExprKind::Dict(known) = tree[names.expr].kind else { return None };
                let span: Span = tree[names.expr].span;
                let comma = if known.is_empty() { "" } else { ", " };
                edits.push(insert(span.start + 1, format!("{entries}{comma}")));
            }
            None => edits.push(insert(last, format!(", ExpressionAttributeNames={{{entries}}}"))),
        }
        return Some(Fix::safe("name the reserved word by an alias", edits));
    }
    None
}

/// The expression for some attributes, and the aliases in it.
pub(super) fn expression(keys: &[String]) -> (String, Vec<(String, String)>) {
    let mut names = Vec::new();
    let mut written = Vec::new();
    for (n, key) in keys.iter().enumerate() {
        let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !key.starts_with(|c: char| c.is_ascii_digit() || c == '_');
        let alias = if !plain {
            Some(format!("#a{n}"))
        } else if reserved(key).is_some() || OPERATORS.contains(&key.to_ascii_lowercase().as_str()) {
            Some(format!("#{key}"))
        } else {
            None
        };
        match alias {
            Some(alias) => {
                names.push((alias.clone(), key.clone()));
                written.push(alias);
            }
            None => written.push(key.clone()),
        }
    }
    (written.join(", "), names)
}
