//! An expression names an attribute by a reserved word.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use crate::program::{ExprAt, Role};
use crate::rules::look::{kinds, text};
use crate::rules::reads::read::option;
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::{Const, ExprKind};

rule! {
    /// An expression names an attribute by a reserved word.
    ReservedWord { id: "reserved-word", weakness: SdkMisuse, kind: Crash, severity: High, since: "0.1.0" }
}

/// The reserved words of DynamoDB, as AWS documents them ("Reserved words in DynamoDB").
static RESERVED: LazyLock<FxHashSet<&'static str>> =
    LazyLock::new(|| include_str!("reserved_words.txt").split_whitespace().collect());

/// Words that are operators where an expression has them.
const OPERATORS: &[&str] = &["AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"];

/// Options that hold an expression.
const EXPRESSIONS: &[&str] =
    &["FilterExpression", "ProjectionExpression", "ConditionExpression", "UpdateExpression", "KeyConditionExpression"];

/// Operations that take one.
const OPERATIONS: &[&str] =
    &["scan", "query", "paginate", "get_item", "put_item", "update_item", "delete_item", "batch_get_item"];

impl Rule for ReservedWord {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for operation in OPERATIONS {
            for site in cx.program.calls_named(operation) {
                let role = cx.program.module(site.at.module).role;
                let Some(receiver) = cx.program.receiver(site.at) else { continue };
                let other = *operation != "paginate" && kinds::store(cx, receiver) == kinds::Store::No;
                if other || matches!(role, Role::Test | Role::Stub | Role::Generated) {
                    continue;
                }
                for name in EXPRESSIONS {
                    let Some(value) = option(cx, site.at, name) else { continue };
                    let Some(word) =
                        written(cx, value).into_iter().find_map(|text| reserved(&text).map(|(_, word)| word))
                    else {
                        continue;
                    };
                    let draft = Draft::new(
                        &Self::META,
                        Spot::expr(cx.program, site.at),
                        site.scope,
                        format!("`{word}` is a reserved word of DynamoDB: this `{name}` is refused every time; name it by an alias such as `#{word}`"),
                    )
                    .cause(format!("{name}:{word}"))
                    .step(Spot::expr(cx.program, value), "the expression");
                    out.push(draft);
                    break;
                }
            }
        }
    }
}

/// The text of an expression as far as it is known; parts that are filled in become a placeholder.
fn written(cx: &Cx<'_>, value: ExprAt) -> Vec<String> {
    let program = cx.program;
    match program.expr(value).kind {
        ExprKind::Const(Const::Str(written)) => vec![program.text(written).to_owned()],
        ExprKind::Fstring(parts) => {
            let parts = &program.tree(value.module)[parts];
            // What is filled in may continue a word: then that word is not known.
            vec![parts.iter().map(|&part| text(program, value.beside(part)).unwrap_or(":x")).collect()]
        }
        _ => cx.values.strings(value).map(str::to_owned).collect(),
    }
}

/// The first reserved word that stands as an element of a path, and where it begins.
pub fn reserved(text: &str) -> Option<(usize, String)> {
    let bytes = text.as_bytes();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let mut at = 0;
    while at < bytes.len() {
        if !is_word(bytes[at]) {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && is_word(bytes[at]) {
            at += 1;
        }
        let word = &text[start..at];
        let aliased = start > 0 && matches!(bytes[start - 1], b'#' | b':' | b'{' | b'%' | b'$');
        let filled = bytes.get(at).is_some_and(|&next| next == b':' && !text[at..].starts_with(": "))
            || bytes.get(at) == Some(&b'}');
        let called = text[at..].trim_start().starts_with('(');
        let upper = word.to_ascii_uppercase();
        if !aliased && !filled && !called && !OPERATORS.contains(&upper.as_str()) && RESERVED.contains(upper.as_str()) {
            return Some((start, word.to_owned()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::reserved;

    #[test]
    fn words_are_elements_of_paths() {
        for (text, word) in [
            ("attribute_exists(status)", Some("status")),
            ("id, name", Some("name")),
            ("profile.name = :n", Some("name")),
            ("SET data[0] = :d", Some("data")),
            ("attribute_exists(#status) AND :name = id", None),
            ("user_name, date_of_birth", None),
            ("size(notes) > :count", None),
            ("a BETWEEN :low AND :high", None),
            ("begins_with(title, :status)", None),
            ("SET a = if_not_exists(a, :zero) + :n REMOVE b ADD c :one DELETE d :e", None),
            ("{status} = :s", None),
            ("status:x = :s", None),
        ] {
            assert_eq!(reserved(text).map(|(_, word)| word).as_deref(), word, "{text}");
        }
    }
}
