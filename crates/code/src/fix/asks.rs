//! How a function asks the store for all rows: what is called, and with which options. Decides nothing; an option that is not seen is a refusal.

use super::Refusal;
use super::source::{FILE, Source};
use crate::program::{Binding, CallSite, ExprAt, FunctionId, Scope};
use crate::rules::look::{call_name, spans, text};
use crate::syntax::{ExprId, ExprKind, Span, StmtId, StmtKind};

/// How the store is asked.
pub(super) struct Asks<'s> {
    pub(super) calls: Vec<&'s CallSite>,
    /// What is called: `table.scan`, `client.query`.
    pub(super) what: String,
    /// The options, without those that say where a page begins and how large it is.
    pub(super) options: Vec<String>,
    pub(super) waits: bool,
    /// Whether keys have no types, as those of a table's resource.
    pub(super) plain: bool,
    /// What of the source the new read is made of: who is asked, and the options' values.
    kept: Vec<ExprId>,
}

impl<'s> Asks<'s> {
    pub(super) fn within(source: &'s Source<'_>, function: FunctionId, places: &[Span]) -> Result<Self, Refusal> {
        let tree = source.tree();
        let program = &source.program;
        let unseen = || Refusal::shape("how the store is asked is not seen");
        let within = |at: Span| places.iter().any(|&place| spans(place, at));
        let is_read = |call: &&CallSite| {
            within(tree[call.at.expr].span)
                && call.name.is_some_and(|name| matches!(program.text(name), "scan" | "query" | "paginate"))
        };
        let calls: Vec<&CallSite> = program.calls_in(Scope::Function(function)).iter().filter(is_read).collect();
        let paginates = |call: &CallSite| call.name.is_some_and(|name| program.text(name) == "paginate");
        let mut asked: Option<(String, Vec<String>)> = None;
        let mut kept = Vec::new();
        for call in &calls {
            let (callee, args) = program.call(call.at).ok_or_else(unseen)?;
            let what = match program.receiver(call.at) {
                Some(receiver) if paginates(call) => {
                    let (client, operation) = paginated(source, receiver).ok_or_else(unseen)?;
                    kept.push(client);
                    format!("{}.{operation}", source.expr(client))
                }
                _ => {
                    kept.push(callee.expr);
                    source.expr(callee.expr).to_owned()
                }
            };
            let mut options = Vec::new();
            for arg in args {
                match arg.keyword.map(|name| program.text(name)) {
                    Some("ExclusiveStartKey" | "Limit" | "PaginationConfig") => {}
                    Some("Select" | "Segment" | "TotalSegments") => return Err(unseen()),
                    Some(name) => {
                        kept.push(arg.value);
                        options.push(format!("{name}={}", source.expr(arg.value)));
                    }
                    None if arg.double_star => {
                        for (option, value) in literal(source, arg.value).ok_or_else(unseen)? {
                            kept.push(value);
                            options.push(option);
                        }
                    }
                    None => return Err(unseen()),
                }
            }
            let one = (what, options);
            if asked.as_ref().is_some_and(|other| *other != one) {
                return Err(Refusal::Ambiguous { what: "read".to_owned() });
            }
            asked = Some(one);
        }
        let (what, options) = asked.ok_or_else(unseen)?;
        let looped = || {
            let is_looped = |stmt: StmtId| {
                matches!(tree[stmt].kind, StmtKind::For { is_async: true, .. }) && within(tree[stmt].span)
            };
            source.all_statements().into_iter().any(is_looped)
        };
        let waits = calls.iter().any(|call| call.awaited) || calls.iter().any(|call| paginates(call)) && looped();
        // The client of a resource is told the table, and takes keys without types all the same.
        let of_resource = what.contains(".meta.client");
        let plain = of_resource || !options.iter().any(|option| option.starts_with("TableName="));
        Ok(Self { calls, what, options, waits, plain, kept })
    }

    /// The read of one page.
    pub(super) fn written(&self, found: &str, start: &str) -> Result<String, Refusal> {
        let mut options = self.options.clone();
        options.push("Limit=limit".to_owned());
        options.push(format!("**{start}"));
        if options.iter().any(|option| option.contains('\n')) {
            return Err(Refusal::shape("the options of the read stand in several lines"));
        }
        let wait = if self.waits { "await " } else { "" };
        Ok(format!("{found} = {wait}{}({})", self.what, options.join(", ")))
    }

    /// Statements before the read that only prepare it: names for literals and paginators that nothing else reads, neither the new read nor what is `kept`.
    pub(super) fn gone(
        &self,
        source: &Source<'_>,
        function: FunctionId,
        at: StmtId,
        known: &[StmtId],
        kept: &[ExprId],
    ) -> Vec<StmtId> {
        let tree = source.tree();
        let mut gone: Vec<StmtId> = known.to_vec();
        let mut block = source.siblings(at);
        block.retain(|&stmt| tree[stmt].span.start < tree[at].span.start && !known.contains(&stmt));
        for &stmt in block.iter().rev() {
            let StmtKind::Assign { targets, value: Some(value), .. } = tree[stmt].kind else { continue };
            let [target] = tree[targets] else { continue };
            let ExprKind::Name(name) = tree[target].kind else { continue };
            let pure = match tree[value].kind {
                ExprKind::Const(_) | ExprKind::Dict(_) => true,
                ExprKind::Call { .. } => call_name(&source.program, FILE.expr(value)) == Some("get_paginator"),
                _ => false,
            };
            let stays = |span: Span| self.kept.iter().chain(kept).any(|&one| spans(tree[one].span, span));
            let goes = |span: Span| gone.iter().chain([&at, &stmt]).any(|&one| spans(tree[one].span, span));
            let own = tree[function.ix].span;
            let elsewhere = source.exprs().any(|expr| {
                matches!(tree[expr].kind, ExprKind::Name(found) if found == name)
                    && (own.start..own.end).contains(&tree[expr].span.start)
                    && (stays(tree[expr].span) || !goes(tree[expr].span))
            });
            if pure && !elsewhere && source.ends_line(stmt) && source.indent(tree[stmt].span.start).is_some() {
                gone.push(stmt);
            }
        }
        gone.drain(..known.len());
        gone
    }
}

/// `client` and `scan` for `client.get_paginator("scan")`, be it by a name.
fn paginated<'s>(source: &'s Source<'_>, paginator: ExprAt) -> Option<(ExprId, &'s str)> {
    let program = &source.program;
    let call = match program.expr(paginator).kind {
        ExprKind::Name(name) => {
            let scope = program.binding_scope(program.scope_of(paginator), name)?;
            let mut bindings = program.bindings(scope, name);
            let (Some(Binding::Target(target)), None) = (bindings.next(), bindings.next()) else { return None };
            let stmt = source.directly_of(target)?;
            let StmtKind::Assign { value: Some(value), .. } = source.tree()[stmt].kind else { return None };
            FILE.expr(value)
        }
        _ => paginator,
    };
    if call_name(program, call) != Some("get_paginator") {
        return None;
    }
    let operation = program.positional(call, 0).and_then(|at| text(program, at))?;
    matches!(operation, "scan" | "query").then_some(())?;
    Some((program.receiver(call)?.expr, operation))
}

/// The options that a name holds, which is made of literals in its function, each with its value; without where a page begins.
fn literal(source: &Source<'_>, options: ExprId) -> Option<Vec<(String, ExprId)>> {
    let tree = source.tree();
    let ExprKind::Name(name) = tree[options].kind else { return None };
    let scope = source.program.scope_of(FILE.expr(options));
    if scope.function().is_none() || source.program.binding_scope(scope, name) != Some(scope) {
        return None;
    }
    let begins = |key: &str| matches!(key, "ExclusiveStartKey" | "Limit");
    let mut found: Vec<(String, ExprId)> = Vec::new();
    for binding in source.program.bindings(scope, name) {
        let Binding::Target(target) = binding else { return None };
        let stmt = source.directly_of(target)?;
        let StmtKind::Assign { value: Some(value), .. } = tree[stmt].kind else { return None };
        let dicts = match tree[value].kind {
            ExprKind::IfElse { body, orelse, .. } => vec![body, orelse],
            _ => vec![value],
        };
        for dict in dicts {
            let ExprKind::Dict(entries) = tree[dict].kind else { return None };
            for entry in &tree[entries] {
                let key = text(&source.program, FILE.expr(entry.key?))?;
                let option = format!("{key}={}", source.expr(entry.value));
                if !begins(key) && !found.iter().any(|(known, _)| *known == option) {
                    // Given on some ways only.
                    if value != dict {
                        return None;
                    }
                    found.push((option, entry.value));
                }
            }
        }
    }
    // Nothing else may be put into it.
    let uses = source.exprs().filter(|&expr| matches!(tree[expr].kind, ExprKind::Name(read) if read == name));
    let of = |expr: ExprId| source.program.scope_of(FILE.expr(expr));
    for expr in uses.filter(|&expr| source.program.binding_scope(of(expr), name) == Some(scope)) {
        // What a function within does to it, and when, is not seen.
        (of(expr) == scope).then_some(())?;
        let fine = match source.parent(expr).map(|parent| tree[parent].kind) {
            Some(ExprKind::Subscript { base, index }) => {
                base == expr && text(&source.program, FILE.expr(index)).is_some_and(begins)
            }
            // Whoever else gets it may put something into it: what a tenant may see, for one.
            Some(ExprKind::Call { .. }) | None => !source.is_handed_on(expr),
            Some(_) => false,
        };
        fine.then_some(())?;
    }
    Some(found)
}
