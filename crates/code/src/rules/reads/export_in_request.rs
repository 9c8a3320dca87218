//! An export does the whole job inside one request.

use plimsoll_model::{Kind, Severity};

use super::pages::{Unit, page_loops, source};
use super::rows::Rows;
use crate::program::{ExprAt, Scope};
use crate::rules::look::{Body, Reach, call_name, reach};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::StmtKind;

rule! {
    /// An export does the whole job inside one request.
    ExportInRequest { id: "export-in-request", weakness: SynchronousExport, kind: Cost, severity: Medium, since: "0.1.0" }
}

impl Rule for ExportInRequest {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        if !cx.reads() {
            return;
        }
        let rows = Rows::new(cx);
        for name in ["StringIO", "BytesIO", "join"] {
            for site in cx.program.calls_named(name) {
                if reach(cx, site.scope) != Reach::Request {
                    continue;
                }
                let body = Body::of(cx.program, site.scope);
                let Some(read) = built_from(cx, &rows, site.at, site.scope, &body) else { continue };
                let draft = Draft::new(
                    &Self::META,
                    Spot::expr(cx.program, site.at),
                    site.scope,
                    "the whole export is built in memory inside one request: rows and text at once, as large as the table",
                )
                .kind(Kind::Peak)
                .step(Spot::expr(cx.program, read), "the rows are read here")
                .step(Spot::expr(cx.program, site.at), "and are put together here");
                out.push(draft);
            }
        }
        for name in ["StreamingResponse", "StreamingHttpResponse", "Response", "stream_with_context"] {
            for site in cx.program.calls_named(name) {
                streamed(cx, site.at, site.scope, out);
            }
        }
    }
}

/// The read whose rows the buffer or the text is made of.
fn built_from(cx: &Cx<'_>, rows: &Rows<'_, '_>, call: ExprAt, scope: Scope, body: &Body) -> Option<ExprAt> {
    let program = cx.program;
    let names = rows.names(scope, body);
    if call_name(program, call) == Some("join") {
        let given = program.positional(call, 0)?;
        return rows
            .all_rows(given, &names)
            .or_else(|| rows.all_rows(call, &names))
            .filter(|origin| !origin.one_page)
            .map(|origin| origin.read);
    }
    let calls = |word: &str| {
        program.calls_in(scope).iter().any(|site| site.name.is_some_and(|name| program.text(name) == word))
    };
    // A buffer that is emptied again and again holds a part only.
    if !calls("getvalue") || calls("truncate") {
        return None;
    }
    let tree = program.tree(scope.module());
    let looped = body.stmts.iter().find_map(|&stmt| match tree[stmt].kind {
        StmtKind::For { iter, .. } => {
            rows.all_rows(scope.module().expr(iter), &names).filter(|origin| !origin.one_page).map(|origin| origin.read)
        }
        _ => None,
    });
    let given = || {
        program
            .calls_in(scope)
            .iter()
            .filter(|site| site.name.is_some_and(|name| program.text(name) == "writerows"))
            .find_map(|site| {
                rows.all_rows(program.positional(site.at, 0)?, &names)
                    .filter(|origin| !origin.one_page)
                    .map(|origin| origin.read)
            })
    };
    let paged = || {
        page_loops(cx, scope, body)
            .into_iter()
            .find(|found| !found.is_bounded(program, body, None))
            .map(|found| found.source.read)
    };
    looped.or_else(given).or_else(paged)
}

/// A response that streams every page: said, not scored.
fn streamed(cx: &Cx<'_>, call: ExprAt, scope: Scope, out: &mut Drafts) {
    let program = cx.program;
    if reach(cx, scope) != Reach::Request {
        return;
    }
    let given = program
        .positional(call, 0)
        .or_else(|| program.keyword(call, "content"))
        .or_else(|| program.keyword(call, "streaming_content"));
    let Some(found) = given.and_then(|given| source(cx, given)) else { return };
    if found.bounded || found.unit == Unit::Pages {
        return;
    }
    let message = format!("one request streams all of {}: it lasts as long as the data is large", found.op.noun());
    let draft = Draft::new(&ExportInRequest::META, Spot::expr(program, found.read), scope, message)
        .severity(Severity::Info)
        .step(Spot::expr(program, found.read), "page after page is read here")
        .step(Spot::expr(program, call), "for the answer of one request");
    out.push(draft);
}
