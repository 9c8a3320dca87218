//! An attribute that rows need not have is indexed without a default.

use rustc_hash::FxHashSet;

use crate::program::{ExprAt, Program, Scope};
use crate::rules::look::{Body, Keyed, call_name, keyed, name, reach, texts};
use crate::rules::reads::Walked;
use crate::rules::reads::pages::target_names;
use crate::rules::reads::read::option;
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::{ExprId, ExprKind, StmtKind, Sym, Tree};

rule! {
    /// An attribute that rows need not have is indexed without a default.
    SparseAttribute { id: "sparse-attribute", weakness: UnhandledInput, kind: Crash, severity: Low, since: "0.1.0" }
}

impl Rule for SparseAttribute {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        if !cx.reads() {
            return;
        }
        let optional = optional(cx);
        let mut scopes = cx.reading().to_vec();
        let mut seen: FxHashSet<Scope> = scopes.iter().copied().collect();
        scopes.extend(cx.handlers().iter().copied().map(Scope::Function).filter(|scope| seen.insert(*scope)));
        for scope in scopes {
            if scope.function().is_some() && reach(cx, scope).is_hot() {
                check_scope(cx, scope, &optional, out);
            }
        }
    }
}

/// Attributes that the project itself treats as if they might be missing: read with a default, tested, or written on a condition.
fn optional(cx: &Cx<'_>) -> FxHashSet<String> {
    use crate::values::Kind;
    let program = cx.program;
    let mut found: FxHashSet<String> = FxHashSet::default();
    for site in program.calls_named("get") {
        let Some((base, key, _)) = keyed(program, site.at) else { continue };
        if cx.values.is(base, |kind| matches!(kind, Kind::Item { .. })) {
            found.insert(key.to_owned());
        }
    }
    for store in program.subscript_stores().filter(|store| store.around.conditional) {
        let base = store.at.beside(store.base);
        let Some(key) = crate::rules::look::text(program, store.at.beside(store.index)) else { continue };
        let Some(item) = name(program, base) else { continue };
        let written = program.calls_in(store.scope).iter().any(|site| {
            call_name(program, site.at) == Some("put_item")
                && program.keyword(site.at, "Item").and_then(|value| name(program, value)) == Some(item)
        });
        if written {
            found.insert(key.to_owned());
        }
    }
    found
}

/// The names of a row, what is gone through, what is done with each row, and the conditions.
type Walk = (Vec<Sym>, ExprAt, Vec<ExprId>, Vec<ExprId>);

fn check_scope(cx: &Cx<'_>, scope: Scope, optional: &FxHashSet<String>, out: &mut Drafts) {
    let program = cx.program;
    let module = scope.module();
    let tree = program.tree(module);
    let body = Body::of(program, scope);
    let rows = Walked::new(cx, scope, &body);
    let mut walks: Vec<Walk> = Vec::new();
    for &stmt in &body.stmts {
        if let StmtKind::For { target, iter, body: inner, .. } = tree[stmt].kind {
            let mut parts = Vec::new();
            for &inner in &tree[inner] {
                tree.exprs_of(inner, &mut |expr| all(tree, expr, &mut parts));
            }
            walks.push((target_names(program, module.expr(target)), module.expr(iter), parts, Vec::new()));
        }
        let mut found = Vec::new();
        tree.exprs_of(stmt, &mut |expr| all(tree, expr, &mut found));
        for expr in found {
            let ExprKind::Comprehension { element, value, clauses, .. } = tree[expr].kind else { continue };
            let Some(last) = tree[clauses].last() else { continue };
            let mut parts = Vec::new();
            [Some(element), value].into_iter().flatten().for_each(|part| all(tree, part, &mut parts));
            walks.push((
                target_names(program, module.expr(last.target)),
                module.expr(last.iter),
                parts,
                tree[last.conditions].to_vec(),
            ));
        }
    }
    for (names, iter, parts, conditions) in walks {
        let Some(origin) = rows.origin(iter) else { continue };
        let (required, filtered) = filtered_by(cx, origin);
        let tested: Vec<&str> =
            conditions.iter().flat_map(|&condition| texts(program, module.expr(condition))).collect();
        for part in parts {
            let at = module.expr(part);
            let Some((base, key, Keyed::Index)) = keyed(program, at) else { continue };
            if name(program, base).is_none_or(|name| !names.contains(&name))
                || tested.contains(&key)
                || required.iter().any(|attribute| attribute == key)
            {
                continue;
            }
            let sparse =
                optional.contains(key) || filtered && key != "id" && !key.ends_with("_id") && is_alone(&required, key);
            if !sparse || is_guarded(program, scope, at, key) {
                continue;
            }
            let draft = Draft::new(
                &SparseAttribute::META,
                Spot::expr(program, at),
                scope,
                format!("a row need not have `{key}`: the first one without it ends the request with a `KeyError`"),
            )
            .cause(key)
            .step(Spot::expr(program, origin), "the rows are read here")
            .step(Spot::expr(program, at), "and all are taken to have it");
            out.push(draft);
            break;
        }
    }
}

/// Whether the filter asks for another attribute than this one.
fn is_alone(required: &[String], key: &str) -> bool {
    !required.is_empty() && required.iter().all(|attribute| attribute != key)
}

/// The attributes that the filter of a read asks to be there, and whether it asks for any.
fn filtered_by(cx: &Cx<'_>, read: ExprAt) -> (Vec<String>, bool) {
    let program = cx.program;
    let Some(filter) = option(cx, read, "FilterExpression") else { return (Vec::new(), false) };
    let mut required = Vec::new();
    for text in
        texts(program, filter).into_iter().map(str::to_owned).chain(cx.values.strings(filter).map(str::to_owned))
    {
        match text.split_once("attribute_exists(") {
            Some((_, rest)) => required.extend(rest.split(')').next().map(|path| path.trim().to_owned())),
            None => required.push(text),
        }
    }
    let asks = !required.is_empty();
    (required, asks)
}

fn all(tree: &Tree, expr: ExprId, found: &mut Vec<ExprId>) {
    found.push(expr);
    tree.children(expr, &mut |child| all(tree, child, found));
}

/// Whether the place is only reached where the attribute is there, or its absence is caught.
fn is_guarded(program: &Program, scope: Scope, at: ExprAt, key: &str) -> bool {
    let module = program.module(scope.module());
    let mut inner = at.expr;
    while let Some(parent) = module.links.parent(inner) {
        if let ExprKind::IfElse { test, .. } = module.tree[parent].kind
            && texts(program, at.beside(test)).contains(&key)
        {
            return true;
        }
        inner = parent;
    }
    let Some(mut stmt) = module.links.stmt_of(at.expr) else { return true };
    while let Some((parent, _)) = module.links.parent_stmt(stmt) {
        match module.tree[parent].kind {
            StmtKind::If { test, .. } if texts(program, at.beside(test)).contains(&key) => return true,
            StmtKind::Try { handlers, .. } if !handlers.is_empty() => return true,
            _ => stmt = parent,
        }
    }
    false
}
