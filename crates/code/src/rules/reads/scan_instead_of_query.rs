//! A scan picks out what a key condition would find.

use rustc_hash::FxHashSet;

use super::pages::Source;
use super::read::{Op, option, reads};
use crate::program::{ExprAt, Program, Scope};
use crate::rules::look::{self, call_name, reach, text};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::{ExprId, ExprKind, Operator, Tree, Visit};

rule! {
    /// A scan picks out what a key condition would find.
    ScanInsteadOfQuery { id: "scan-instead-of-query", weakness: ScanInsteadOfQuery, kind: Cost, severity: Medium, since: "0.1.0" }
}

impl Rule for ScanInsteadOfQuery {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        if !cx.reads() {
            return;
        }
        let keys = keys(cx);
        for (call, scope) in scans(cx) {
            let Some(filter) = option(cx, call, "FilterExpression") else { continue };
            let Some(attribute) = key_in(cx, call, filter, &keys) else { continue };
            let known = keys.contains(&attribute);
            let mut draft = Draft::new(
                &Self::META,
                Spot::expr(cx.program, call),
                scope,
                format!("a scan reads every row of the table to find those with one `{attribute}`: the filter runs after the read"),
            )
            .step(Spot::expr(cx.program, filter), "the filter picks by one value");
            if known {
                draft =
                    draft.note(format!("The project queries by `{attribute}` elsewhere: a key condition is possible."));
            }
            if let Some(draft) = reach(cx, scope).weigh(draft) {
                out.push(draft);
            }
        }
        super::picked::picked(cx, out);
    }
}

/// Scans, of one page and of all.
fn scans(cx: &Cx<'_>) -> Vec<(ExprAt, Scope)> {
    let mut found: Vec<(ExprAt, Scope)> =
        reads(cx).into_iter().filter(|read| read.op == Op::Scan).map(|read| (read.call, read.scope)).collect();
    for site in cx.program.calls_named("paginate") {
        if matches!(super::pages::source(cx, site.at), Some(Source { op: Op::Scan, .. })) {
            found.push((site.at, site.scope));
        }
    }
    found
}

/// Attributes that the project queries by.
fn keys(cx: &Cx<'_>) -> FxHashSet<String> {
    let program = cx.program;
    let mut found: FxHashSet<String> = FxHashSet::default();
    for name in ["query", "paginate"] {
        for site in program.calls_named(name) {
            let Some(condition) = option(cx, site.at, "KeyConditionExpression") else { continue };
            for text in look::texts(program, condition) {
                found.extend(words(text).into_iter().map(str::to_owned));
            }
        }
    }
    found
}

fn words(text: &str) -> Vec<&str> {
    let parts = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '#' | ':' | '.')));
    let is_word = |part: &&str| {
        !part.is_empty()
            && !part.starts_with([':', '#'])
            && !matches!(part.to_ascii_uppercase().as_str(), "AND" | "BETWEEN" | "BEGINS_WITH")
    };
    parts.filter(is_word).collect()
}

/// The attribute that a filter compares with one value that is not a constant; also one of the project's keys in a range.
fn key_in(cx: &Cx<'_>, call: ExprAt, filter: ExprAt, keys: &FxHashSet<String>) -> Option<String> {
    let program = cx.program;
    if let Some(written) = text(program, filter).or_else(|| cx.values.strings(filter).next()) {
        return in_text(cx, call, written, keys);
    }
    in_condition(program, filter, keys)
}

fn in_condition(program: &Program, at: ExprAt, keys: &FxHashSet<String>) -> Option<String> {
    match program.expr(at).kind {
        ExprKind::Binary { op: Operator::BitAnd, left, right } => {
            in_condition(program, at.beside(left), keys).or_else(|| in_condition(program, at.beside(right), keys))
        }
        ExprKind::Call { .. } => {
            let method = call_name(program, at)?;
            let receiver = program.receiver(at)?;
            if !matches!(call_name(program, receiver), Some("Key" | "Attr")) {
                return None;
            }
            let attribute = text(program, program.positional(receiver, 0)?)?.to_owned();
            let value = program.positional(at, 0)?;
            let varies = !is_constant(program, value);
            let fits = match method {
                "eq" => varies,
                "between" | "begins_with" | "gte" | "gt" | "lte" | "lt" => keys.contains(&attribute) && varies,
                _ => false,
            };
            fits.then_some(attribute)
        }
        _ => None,
    }
}

fn in_text(cx: &Cx<'_>, call: ExprAt, written: &str, keys: &FxHashSet<String>) -> Option<String> {
    let program = cx.program;
    let upper = written.to_ascii_uppercase();
    if upper.contains(" OR ") || upper.contains("NOT ") {
        return None;
    }
    let names = option(cx, call, "ExpressionAttributeNames");
    let values = option(cx, call, "ExpressionAttributeValues");
    for part in split_and(written) {
        let ranged = part.contains("BETWEEN")
            || part.contains("between")
            || part.contains(['<', '>'])
            || part.contains("begins_with");
        let found = words_with_aliases(part);
        let (Some(path), Some(placeholder)) = (
            found
                .iter()
                .find(|word| !word.starts_with(':') && !matches!(**word, "begins_with" | "BETWEEN" | "between")),
            found.iter().find(|word| word.starts_with(':')),
        ) else {
            continue;
        };
        let is_call = part.contains('(') && !part.contains("begins_with");
        let is_equal = part.contains('=') && !part.contains(['<', '>']) && !is_call;
        let attribute = match path.strip_prefix('#') {
            Some(_) => {
                names.and_then(|names| entry(program, names, path)).and_then(|name| text(program, name)).unwrap_or(path)
            }
            None => path,
        };
        let varies = values
            .and_then(|values| entry(program, values, placeholder))
            .is_some_and(|value| !is_constant(program, value));
        if varies && (is_equal || ranged && keys.contains(attribute)) {
            return Some(attribute.to_owned());
        }
    }
    None
}

/// The conditions that are joined by `AND`; that of a `BETWEEN` stays with it.
fn split_and(written: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut rest, mut from) = (written, 0);
    while let Some(at) = rest[from..].to_ascii_uppercase().find(" AND ") {
        let at = from + at;
        if rest[..at].to_ascii_uppercase().contains("BETWEEN") && !rest[..at].to_ascii_uppercase().contains(" AND ") {
            from = at + 5;
            if from > rest.len() {
                break;
            }
            continue;
        }
        parts.push(&rest[..at]);
        rest = &rest[at + 5..];
        from = 0;
    }
    parts.push(rest);
    parts
}

fn words_with_aliases(text: &str) -> Vec<&str> {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '#' | ':')))
        .filter(|part| !part.is_empty())
        .collect()
}

/// The value of a key in a dict literal.
fn entry(program: &Program, dict: ExprAt, key: &str) -> Option<ExprAt> {
    let ExprKind::Dict(entries) = program.expr(dict).kind else { return None };
    let found = program.tree(dict.module)[entries]
        .iter()
        .find(|entry| entry.key.and_then(|found| text(program, dict.beside(found))) == Some(key))?;
    Some(dict.beside(found.value))
}

/// Whether nothing in a value can differ from call to call.
pub(super) fn is_constant(program: &Program, at: ExprAt) -> bool {
    struct Names(bool);
    impl Visit for Names {
        fn expr(&mut self, tree: &Tree, expr: ExprId) -> bool {
            self.0 |= matches!(tree[expr].kind, ExprKind::Call { .. });
            true
        }
    }
    let mut calls = Names(false);
    program.tree(at.module).walk_expr(at.expr, &mut calls);
    let named = look::mentions(program, at, |name| program.text(name).chars().any(char::is_lowercase));
    !calls.0 && !named
}
