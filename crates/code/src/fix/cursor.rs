//! Fixes that change the contract, and are made only for who asks for that: an endpoint that answers with all rows of a read answers with one page of them, takes how
//! many and from where (`limit`, `cursor`), and says where the next page begins (`next_cursor`).
//!
//! For functions that are routes of FastAPI or views of Django. Refuses where a model decides what goes out, where the rows are counted, sorted or summed (a page is no
//! whole), where other code calls the function, and where the read is worked out in a way that is not seen.

use super::door::Door;
use super::gathered::Over;
use super::sink::only_read;
use super::site::Site;
use super::source::{FILE, Source, insert, replace};
use super::whole::{Made, Rows};
use super::{Fix, Refusal, Safety};
use crate::rules::look::{call_name, spans, text};
use crate::syntax::{Arg, Comprehension, ExprId, ExprKind, StmtKind};

/// Rows of a page where nobody says, and at most.
pub(super) const ROWS: (u32, u32) = (50, 200);

/// One page for all rows.
pub(super) fn page(site: &Site<'_>) -> Result<Fix, Refusal> {
    let source = &site.source;
    let tree = source.tree();
    let rows = Rows::of(site)?;
    let function = rows.function;
    let door = Door::of(site, function)?;
    let answer = answered(source, function, rows.read)?;
    let (Answer::Dict(at) | Answer::Bare(at)) = answer;
    if answers_elsewhere(source, function, at) {
        return Err(Refusal::shape("the route answers at more than one place"));
    }
    let name = |names: &[&'static str]| source.free(names).ok_or_else(|| Refusal::shape("no short name is free there"));
    let (found, start) = (name(&["found", "answer", "one_page"])?, name(&["start", "begin", "since"])?);
    let (key_of, cursor_of) = (name(&["_key_of", "_start_of"])?, name(&["_cursor_of", "_next_of"])?);
    let calls = rows.asks.written(found, start)?;
    let indent = source.indent(tree[rows.at].span.start).ok_or_else(odd)?;
    let mut lines = door.begin(key_of, start);
    lines.push(calls);
    let mut edits = Vec::new();
    match rows.made {
        Made::Named(name, value) => {
            lines.push(format!("{name} = {}", value.replace('\u{1}', found)));
            let text = super::stream::deep(source, indent, &lines);
            edits.push(replace(source.lines_of(tree[rows.at].span), text));
        }
        Made::InPlace(items) => {
            let text = super::stream::deep(source, indent, &lines);
            edits.push(insert(source.line_start(tree[rows.at].span.start), text));
            edits.push(replace(tree[items].span, format!("{found}[\"Items\"]")));
        }
    }
    edits.extend(rows.gone.iter().map(|&stmt| replace(source.lines_of(tree[stmt].span), "")));
    let next = format!("\"next_cursor\": {cursor_of}({found}.get(\"LastEvaluatedKey\"))");
    match answer {
        Answer::Dict(dict) => {
            let ExprKind::Dict(entries) = tree[dict].kind else { return Err(odd()) };
            let last = tree[entries].last().ok_or_else(odd)?;
            edits.push(insert(tree[last.value].span.end, format!(", {next}")));
        }
        Answer::Bare(value) => {
            // What is replaced there stays replaced.
            edits.push(insert(tree[value].span.start, "{\"items\": "));
            edits.push(insert(tree[value].span.end, format!(", {next}}}")));
        }
    }
    edits.extend(door.edits(source, function, answer)?);
    edits.extend(door.codec(source, function, key_of, cursor_of, rows.asks.plain)?);
    let (usual, most) = ROWS;
    let mut fix = Fix::new("answer one page, with a limit and a cursor", Safety::Contract, edits)
        .minding(format!("the contract changes: `limit` (1 to {most}, else {usual}) and `cursor` come in, `next_cursor` goes out; clients repeat the request with `cursor` set to `next_cursor` until that is null"))
        .minding("who sends neither gets the first page only: tell clients before it goes out, or give it a new version");
    if matches!(answer, Answer::Bare(_)) {
        fix = fix.minding("the answer was a list and becomes an object: the rows are under `items`");
    }
    Ok(match door {
        Door::FastApi => fix.minding(
            "the cursor is encoded, not signed: where keys are confidential, or callers must not choose them, sign it",
        ),
        Door::Django { .. } => fix,
    })
}

pub(super) fn odd() -> Refusal {
    Refusal::shape("the rows are not read and answered by plain statements of one route")
}

/// What is answered.
#[derive(Clone, Copy)]
pub(super) enum Answer {
    /// A dict with the rows in it.
    Dict(ExprId),
    /// The rows themselves.
    Bare(ExprId),
}

/// Whether a function answers at one more place, which would go on answering as before.
fn answers_elsewhere(source: &Source<'_>, function: crate::program::FunctionId, answer: ExprId) -> bool {
    let tree = source.tree();
    let own = tree[answer].span;
    source.all_statements().into_iter().filter(|&stmt| source.is_in(stmt, function)).any(|stmt| match tree[stmt].kind {
        StmtKind::Return(Some(value)) => {
            let holds_answer = spans(tree[value].span, own);
            // An error's answer says so by its status.
            let is_error = source.program.call(FILE.expr(value)).is_some_and(|(_, args)| {
                let is_status =
                    |arg: &&Arg| arg.keyword.is_some_and(|name| source.program.text(name).starts_with("status"));
                let statuses = args.iter().filter(is_status);
                statuses.filter_map(|arg| source.expr(arg.value).parse::<u16>().ok()).any(|status| status >= 400)
            });
            !holds_answer && !is_error
        }
        _ => false,
    })
}

fn answered(source: &Source<'_>, function: crate::program::FunctionId, rows: ExprId) -> Result<Answer, Refusal> {
    let tree = source.tree();
    let mut at = rows;
    loop {
        let line = source.line(tree[at].span.start);
        let other =
            || Refusal::shape(format!("line {line} needs all rows at once, or more than one route answers with them"));
        if let Some(over) = Over::of(source, at) {
            if !matches!(tree[over.whole].kind, ExprKind::Comprehension { kind: Comprehension::List, .. }) {
                return Err(other());
            }
            at = over.whole;
            continue;
        }
        if let Some(stmt) = source.directly_of(at) {
            if matches!(tree[stmt].kind, StmtKind::Return(_)) {
                return Ok(Answer::Bare(at));
            }
            let name = source.assigned(stmt, at).ok_or_else(other)?;
            at = only_read(source, function, name).ok_or_else(other)?;
            continue;
        }
        let parent = source.parent(at).ok_or_else(other)?;
        let (whole, dict) = match tree[parent].kind {
            ExprKind::Dict(entries) => {
                let named = tree[entries].iter().all(|entry| {
                    let key = entry.key.and_then(|key| text(&source.program, FILE.expr(key)));
                    key.is_some_and(|key| key != "next_cursor")
                });
                if !named {
                    return Err(other());
                }
                (parent, true)
            }
            _ => (at, false),
        };
        let answer = if dict { Answer::Dict(whole) } else { Answer::Bare(whole) };
        if let Some(stmt) = source.directly_of(whole) {
            return if matches!(tree[stmt].kind, StmtKind::Return(_)) { Ok(answer) } else { Err(other()) };
        }
        let call = source.parent(whole).ok_or_else(other)?;
        let name = call_name(&source.program, FILE.expr(call)).unwrap_or_default();
        let first = source.program.positional(FILE.expr(call), 0).is_some_and(|first| first.expr == whole);
        let returned = source.directly_of(call).is_some_and(|stmt| matches!(tree[stmt].kind, StmtKind::Return(_)));
        return match name {
            "JsonResponse" | "JSONResponse" if first && returned => Ok(answer),
            _ => Err(other()),
        };
    }
}
