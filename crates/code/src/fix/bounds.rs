//! Fixes that put a bound or a name where there was none. The numbers are guesses: somebody should look.

use super::source::{FILE, Source, insert, replace};
use super::{Edit, Fix};
use crate::program::{CallSite, Scope};
use crate::syntax::{Const, ExprKind, Param, Span, StmtKind};

fn review(title: &str, edits: Vec<Edit>) -> Fix {
    Fix::review(title, edits)
}

/// `lru_cache(maxsize=None)` and `cache` get a largest number of entries.
pub(super) fn lru_cache(source: &Source<'_>, line: u32) -> Option<Fix> {
    let tree = source.tree();
    for (_, function) in tree.functions() {
        let first = source.line(function.span.start);
        let last = source.line(function.name_span.start);
        if !(first..=last).contains(&line) {
            continue;
        }
        for &decorator in &tree[function.decorators] {
            let at = FILE.expr(decorator);
            if let ExprKind::Call { .. } = tree[decorator].kind {
                let size = source.program.argument(at, 0, "maxsize");
                if let Some(size) = size.filter(|size| matches!(tree[size.expr].kind, ExprKind::Const(Const::None))) {
                    return Some(review("bound the cache", vec![replace(tree[size.expr].span, "128")]));
                }
            }
            if matches!(source.program.external(at), Some("functools.cache")) {
                let mut edits = source.import("functools")?;
                edits.push(replace(tree[decorator].span, "functools.lru_cache(maxsize=128)"));
                return Some(review("bound the cache", edits));
            }
        }
    }
    None
}

/// A deque gets a largest number of elements.
pub(super) fn deque(source: &Source<'_>, line: u32) -> Option<Fix> {
    let site = source.calls(line, |name| name == "deque").into_iter().next()?;
    let (_, args) = source.program.call(site.at)?;
    let end = source.tree()[site.at.expr].span.end - 1;
    let front = match args {
        [] => "",
        [_] => ", ",
        _ => return None,
    };
    Some(review("bound the deque; the oldest elements go first", vec![insert(end, format!("{front}maxlen=1000"))]))
}

/// `events.register(name, handler)` of a function of the module gets a `unique_id`, so that a second registration is passed over.
pub(super) fn unique_id(source: &Source<'_>, line: u32) -> Option<Fix> {
    let names = ["register", "register_first", "register_last"];
    let site: &CallSite = source.calls(line, |name| names.contains(&name)).into_iter().next()?;
    let (_, args) = source.program.call(site.at)?;
    if args.len() != 2 || args.iter().any(|arg| arg.double_star) {
        return None;
    }
    // What is made for this call would be passed over too, and the first one called in its place.
    let ExprKind::Name(name) = source.tree()[args[1].value].kind else { return None };
    let bound = source.program.binding_scope(source.program.scope_of(site.at), name);
    if bound != Some(Scope::Module(FILE)) {
        return None;
    }
    let handler = source.expr(args[1].value);
    let name: String = handler.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let name = name.trim_matches('-');
    let name = if name.is_empty() || name.contains("lambda") { "once" } else { name };
    let end = source.tree()[args[1].value].span.end;
    Some(review("register it once, by a name", vec![insert(end, format!(", unique_id=\"{name}\""))]))
}

/// A mutable default becomes `None`, and is made in the body.
pub(super) fn default_argument(source: &Source<'_>, line: u32) -> Option<Fix> {
    let tree = source.tree();
    let is_mutable = |param: &Param| {
        param.default.filter(|&default| match tree[default].kind {
            ExprKind::List(parts) => parts.is_empty(),
            ExprKind::Dict(entries) => entries.is_empty(),
            ExprKind::Call { callee, args } => args.is_empty() && matches!(tree[callee].kind, ExprKind::Name(_)),
            _ => false,
        })
    };
    let at_def = tree.functions().find_map(|(_, function)| {
        let param = tree[function.params].iter().find(|param| {
            is_mutable(param).is_some()
                && (source.line(param.span.start) == line || source.line(function.name_span.start) == line)
        })?;
        Some((function, param, is_mutable(param)?))
    });
    let (function, param, default) = if let Some(found) = at_def {
        found
    } else {
        let stmt = source.statement(line, |_| true)?;
        let function = source.program.scope_of_stmt(FILE.stmt(stmt)).function()?;
        let own = &tree[function.ix];
        let param = tree[own.params]
            .iter()
            .find(|param| is_mutable(param).is_some() && is_only_filled(source, function, param.name, line))?;
        (own, param, is_mutable(param)?)
    };
    let &first = tree[function.body].first()?;
    let start = tree[first].span.start;
    let indent = source.indent(start)?;
    // A docstring stays the first statement.
    let (at, first_is_text) = match tree[first].kind {
        StmtKind::Pass if source.slice(tree[first].span) != "pass" => (source.line_end(tree[first].span.end - 1), true),
        _ => (source.line_start(start), false),
    };
    let name = source.program.text(param.name);
    let value = source.expr(default);
    let made = format!("{indent}if {name} is None:\n{indent}    {name} = {value}\n");
    let made = if first_is_text && !source.slice(Span { start: at.saturating_sub(1), end: at }).ends_with('\n') {
        format!("\n{made}")
    } else {
        made
    };
    Some(review("make the default for each call", vec![replace(tree[default].span, "None"), insert(at, made)]))
}

/// Whether a line adds to a parameter of which nobody asks how much is in it: a default that begins anew gives the same answers.
fn is_only_filled(
    source: &Source<'_>,
    function: crate::program::FunctionId,
    param: crate::syntax::Sym,
    line: u32,
) -> bool {
    const ASKED: &[&str] = &["append", "extend", "add", "insert", "update", "setdefault", "get"];
    let tree = source.tree();
    let mut here = false;
    let uses = source.exprs().filter(|&expr| {
        matches!(tree[expr].kind, ExprKind::Name(name) if name == param)
            && source.program.scope_of(FILE.expr(expr)).function() == Some(function)
    });
    let filled = uses.into_iter().all(|expr| {
        here |= source.line(tree[expr].span.start) == line;
        match source.parent(expr).map(|parent| (parent, tree[parent].kind)) {
            Some((_, ExprKind::Attribute { name, .. })) => ASKED.contains(&source.program.text(name)),
            Some((_, ExprKind::Subscript { base, .. })) => base == expr,
            Some((_, ExprKind::Compare { left, .. })) => left != expr,
            _ => false,
        }
    });
    filled && here
}
