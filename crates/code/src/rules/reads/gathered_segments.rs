//! The segments of a parallel scan are gathered.

use crate::program::{CallSite, ExitKind, ExprAt, FunctionId, Scope};
use crate::rules::look::{Body, call_name, contains, keyed, mentions, name, reach};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::{ExprKind, Sym};
use crate::values::Value;

rule! {
    /// The segments of a parallel scan are gathered.
    GatheredSegments { id: "gathered-segments", weakness: WholeTableRead, kind: Peak, severity: Medium, since: "0.1.0" }
}

impl Rule for GatheredSegments {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let program = cx.program;
        let segments = ["scan", "paginate"].into_iter().flat_map(|name| program.calls_named(name)).filter_map(|site| {
            program.keyword(site.at, "Segment")?;
            let function = site.scope.function()?;
            returns_rows(cx, function, site.at).then_some((function, site.at))
        });
        for (function, read) in segments.collect::<Vec<_>>() {
            for site in gatherers(cx, function) {
                let draft = Draft::new(
                    &Self::META,
                    Spot::expr(program, site.at),
                    site.scope,
                    "the rows of all segments of a parallel scan are held at once: the peak is as large as the table",
                )
                .step(Spot::expr(program, read), "each worker reads a segment and returns its rows")
                .step(Spot::expr(program, site.at), "all of them come together here");
                if let Some(draft) = reach(cx, site.scope).weigh(draft) {
                    out.push(draft);
                }
            }
        }
    }
}

/// Whether a function returns rows of the read that it makes.
fn returns_rows(cx: &Cx<'_>, function: FunctionId, read: ExprAt) -> bool {
    let program = cx.program;
    let body = Body::of(program, Scope::Function(function));
    let mut names: Vec<Sym> = Vec::new();
    let tree = program.tree(function.module);
    // Names that hold the answer, or anything that was made of it, in the order of the source.
    for &stmt in &body.stmts {
        let mut carries = false;
        tree.exprs_of(stmt, &mut |expr| {
            let at = function.module.expr(expr);
            carries |= contains(program, at, read) || mentions(program, at, |name| names.contains(&name));
        });
        if carries {
            let mut add = |at: ExprAt| names.extend(name(program, at));
            tree.exprs_of(stmt, &mut |expr| {
                let at = function.module.expr(expr);
                add(at);
                if let Some(receiver) = program.receiver(at) {
                    add(receiver);
                }
            });
        }
    }
    program.exits(function).iter().filter(|exit| exit.kind == ExitKind::Return).any(|exit| {
        let Some(value) = exit.value.map(|value| function.module.expr(value)) else { return false };
        let number = matches!(program.expr(value).kind, ExprKind::Compare { .. })
            || matches!(call_name(program, value), Some("len" | "sum" | "int"))
            || keyed(program, value).is_some_and(|(_, key, _)| matches!(key, "Count" | "ScannedCount"));
        !number
            && (contains(program, value, read) || mentions(program, value, |name| names.contains(&name)))
            && !program.function(function).is_generator
    })
}

/// Calls that run the function many times and take all that it returns.
fn gatherers<'p>(cx: &Cx<'p>, function: FunctionId) -> Vec<&'p CallSite> {
    let program = cx.program;
    let own = program.function(function).name;
    let is_function = |at: ExprAt| {
        cx.values
            .eval(at)
            .iter()
            .any(|value| matches!(value, Value::Function(found) | Value::Bound(found, _) if *found == function))
            || name(program, at) == Some(own)
    };
    let mut found: Vec<&CallSite> = Vec::new();
    for kind in ["map", "imap", "starmap", "submit", "gather", "to_thread", "run_in_executor"] {
        for site in program.calls_named(kind) {
            let Some((_, args)) = program.call(site.at) else { continue };
            let takes = match kind {
                "gather" => mentions(program, site.at, |name| name == own),
                _ => args.iter().any(|arg| is_function(site.at.beside(arg.value))),
            };
            let many = !matches!(kind, "submit" | "to_thread" | "run_in_executor") || site.around.loops > 0;
            if takes && many {
                found.push(site);
            }
        }
    }
    found
}
