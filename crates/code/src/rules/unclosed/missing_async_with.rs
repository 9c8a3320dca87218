//! A plain `with` on something that only `async with` can enter.

use rustc_hash::FxHashSet;

use crate::program::{CallSite, ExprAt, Scope, Symbol};
use crate::rules::look::{is_aside, kinds};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::StmtKind;
use crate::values::Kind;

rule! {
    /// A plain `with` on something that only `async with` can enter.
    MissingAsyncWith { id: "missing-async-with", weakness: UnclosedClient, kind: Crash, severity: High, since: "0.1.0" }
}

impl Rule for MissingAsyncWith {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let program = cx.program;
        let mut seen: FxHashSet<ExprAt> = FxHashSet::default();
        let mut say = |site: &CallSite, what: &str, out: &mut Drafts| {
            if is_plain_with(cx, site) && seen.insert(site.at) {
                let message = format!("{what} can only be entered with `async with`: this fails every time");
                out.push(Draft::new(&Self::META, Spot::expr(program, site.at), site.scope, message));
            }
        };
        for name in ["client", "resource", "create_client", "ClientSession", "AsyncClient"] {
            for site in program.calls_named(name).filter(|site| site.in_with) {
                let mut objects = kinds::objects(cx, site.at).peekable();
                let is_async = objects.peek().is_some()
                    && objects.all(|object| {
                        matches!(object.kind, Kind::ClientContext { .. } | Kind::HttpClient { is_async: true, .. })
                    });
                if is_async {
                    say(site, "an asynchronous client", out);
                }
            }
        }
        for decorator in program.decorators_named("asynccontextmanager") {
            let crate::program::Decorated::Function(function) = decorator.on else { continue };
            for site in program.calls_of(Some(program.function(function).name)).filter(|site| site.in_with) {
                let called = program.call(site.at).and_then(|(callee, _)| program.resolve(callee));
                if called == Some(Symbol::Function(function)) {
                    say(site, "an asynchronous context manager", out);
                }
            }
        }
        let enters = program.names.find("__aenter__");
        for &method in enters.map(|name| program.functions_named(name)).unwrap_or_default() {
            let Some(class) = program.class_of(method) else { continue };
            let both = program.names.find("__enter__").is_some_and(|name| program.method(class, name).is_some());
            if both || program.external_bases(class).next().is_some() {
                continue;
            }
            for site in program.calls_of(Some(program.class(class).name)).filter(|site| site.in_with) {
                let called = program.call(site.at).and_then(|(callee, _)| program.resolve(callee));
                if called == Some(Symbol::Class(class)) {
                    say(site, "this class", out);
                }
            }
        }
    }
}

/// Whether the call is the context of a `with` that is not asynchronous, in code of the application.
fn is_plain_with(cx: &Cx<'_>, site: &CallSite) -> bool {
    let program = cx.program;
    let plain = matches!(program.tree(site.at.module)[site.stmt].kind, StmtKind::With { is_async: false, .. });
    plain
        && !is_aside(program.module(site.at.module).role)
        && matches!(site.scope, Scope::Function(_) | Scope::Module(_))
}
