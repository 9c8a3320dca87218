//! A streaming response over something that stays open when the client goes away.

use rustc_hash::FxHashSet;

use super::unclosed_file::opens;
use crate::program::{CallSite, ExprAt, FunctionId, Scope};
use crate::rules::look::{Body, Closing, Fate, asked, fate, kinds, reach};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::values::{Kind, Value};

rule! {
    /// A streaming response over something that stays open when the client goes away.
    OpenStream { id: "open-stream", weakness: UnclosedResource, kind: Cost, severity: Low, since: "0.1.0" }
}

const CLOSERS: &[&str] = &["close", "aclose", "__exit__", "__aexit__", "release_conn"];

impl Rule for OpenStream {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let mut seen: FxHashSet<FunctionId> = FxHashSet::default();
        for name in
            ["StreamingResponse", "StreamingHttpResponse", "Response", "stream_with_context", "EventSourceResponse"]
        {
            for site in cx.program.calls_named(name) {
                for function in generators(cx, site) {
                    if reach(cx, site.scope).is_hot() && seen.insert(function) {
                        open_in(cx, site, function, out);
                    }
                }
            }
        }
    }
}

/// The generator functions whose generators are given to the response.
fn generators(cx: &Cx<'_>, site: &CallSite) -> Vec<FunctionId> {
    let given = cx.program.positional(site.at, 0).or_else(|| cx.program.keyword(site.at, "content"));
    let values = given.map(|given| cx.values.eval(given)).unwrap_or_default();
    values
        .iter()
        .filter_map(|value| match value {
            Value::Object(id) => match cx.values.object(*id).kind {
                Kind::Generator(function) => Some(function),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

fn open_in(cx: &Cx<'_>, response: &CallSite, function: FunctionId, out: &mut Drafts) {
    let program = cx.program;
    let scope = Scope::Function(function);
    let body = Body::of(program, scope);
    for site in program.calls_in(scope) {
        let Some(opened) = opened(cx, site) else { continue };
        let found = fate(program, &body, scope, opened, CLOSERS);
        if !matches!(found, Fate::Local(Closing::Never | Closing::Unguarded | Closing::LeftAt(_))) {
            continue;
        }
        let draft = Draft::new(
            &OpenStream::META,
            Spot::expr(program, opened),
            scope,
            "this stays open when the client goes away before the end: nothing but `with` and `finally` is run then",
        )
        .operations(cx.operations(response.scope))
        .step(Spot::expr(program, opened), "opened here")
        .step(Spot::expr(program, response.at), "streamed as the answer of a request");
        out.push(draft);
    }
}

/// What a call opens: a file, a body, an HTTP client.
fn opened(cx: &Cx<'_>, site: &CallSite) -> Option<ExprAt> {
    if opens(cx, site.at) {
        return Some(site.at);
    }
    if let Some((outer, "Body", _)) = asked(cx.program, site.at) {
        return Some(outer);
    }
    kinds::made_here(cx, site.at)
        .is_some_and(|object| matches!(object.kind, Kind::HttpClient { .. }))
        .then_some(site.at)
}
