//! Fixes that build once what is built for each request.

use super::Fix;
use super::source::{FILE, Source, insert, replace};
use crate::program::{Binding, ExprAt, Scope};
use crate::syntax::{ExprId, ExprKind, StmtKind, Sym, Tree, Visit};

/// What is built by `name = call(…)` in a function is built at the top of the module, before the function.
pub(super) fn to_module(source: &Source<'_>, line: u32) -> Option<Fix> {
    let site = source.calls(line, |_| true).into_iter().find(|site| source.directly_of(site.at.expr).is_some())?;
    let stmt = source.directly_of(site.at.expr)?;
    let program = &source.program;
    let StmtKind::Assign { targets, .. } = source.tree()[stmt].kind else { return cached(source, line) };
    let name = source.assigned(stmt, site.at.expr)?.to_owned();
    let scope = site.scope;
    scope.function()?;
    let sym = program.names.find(&name)?;
    let once = program.bindings(scope, sym).count() == 1;
    let free = program.bindings(Scope::Module(FILE), sym).next().is_none() && source.tree()[targets].len() == 1;
    let top = source.top(site.at)?;
    let at = source.line_start(top.start);
    if !once || !free || !is_known_at(source, site.at, scope, at) || is_used_elsewhere(source, sym) {
        return None;
    }
    let span = source.tree()[stmt].span;
    source.indent(span.start)?;
    let call = source.expr(site.at.expr);
    let lines = source.lines_of(span);
    // A body of this statement only would be empty without it.
    if source.following(stmt).is_empty() {
        return None;
    }
    let edits = vec![insert(at, format!("{name} = {call}\n\n\n")), replace(lines, "")];
    Some(Fix::review(format!("build `{name}` once, at the top of the module"), edits))
}

/// Whether every name in an expression is of the module and bound before a place.
fn is_known_at(source: &Source<'_>, at: ExprAt, scope: Scope, place: u32) -> bool {
    struct Collect(Vec<(Sym, ExprId)>);
    impl Visit for Collect {
        fn expr(&mut self, tree: &Tree, expr: ExprId) -> bool {
            if let ExprKind::Name(name) = tree[expr].kind {
                self.0.push((name, expr));
            }
            true
        }
    }
    let mut names = Collect(Vec::new());
    source.tree().walk_expr(at.expr, &mut names);
    let program = &source.program;
    names.0.into_iter().all(|(name, _)| match program.binding_scope(scope, name) {
        None => true,
        Some(found @ Scope::Module(_)) => program.bindings(found, name).any(|binding| match binding {
            Binding::Import(import) => import.span.start < place,
            Binding::Target(target) => source.tree()[target].span.start < place,
            Binding::Function(ix) => source.tree()[ix].span.start < place,
            Binding::Class(ix) => source.tree()[ix].span.start < place,
            _ => false,
        }),
        Some(_) => false,
    })
}

/// Whether a function reads the name without binding it: then it means something else that this would hide.
fn is_used_elsewhere(source: &Source<'_>, name: Sym) -> bool {
    let tree = source.tree();
    tree.functions().any(|(ix, function)| {
        let scope = Scope::Function(FILE.function(ix));
        let bound = source.program.binding_scope(scope, name).is_some();
        struct Reads {
            name: Sym,
            found: bool,
        }
        impl Visit for Reads {
            fn expr(&mut self, tree: &Tree, expr: ExprId) -> bool {
                self.found |= matches!(tree[expr].kind, ExprKind::Name(name) if name == self.name);
                true
            }
        }
        let mut reads = Reads { name, found: false };
        tree.walk(function.body, &mut reads);
        reads.found && !bound
    })
}

/// A function without parameters that returns what it builds is called once: its result is kept.
pub(super) fn cached(source: &Source<'_>, line: u32) -> Option<Fix> {
    let site = source.calls(line, |_| true).into_iter().next()?;
    let function = site.scope.function()?;
    let tree = source.tree();
    let built = &tree[function.ix];
    let returns = source.stmt_of(site.at.expr).is_some_and(|stmt| matches!(tree[stmt].kind, StmtKind::Return(_)));
    let plain = built.params.is_empty() && built.decorators.is_empty() && !built.is_async && !built.is_generator;
    if !returns || !plain {
        return None;
    }
    let at = source.line_start(built.span.start);
    let indent = source.indent(built.span.start)?;
    let mut edits = source.import("functools")?;
    edits.push(insert(at, format!("{indent}@functools.lru_cache(maxsize=1)\n")));
    Some(Fix::review("keep what the function builds", edits))
}
