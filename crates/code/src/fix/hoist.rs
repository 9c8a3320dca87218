//! Fixes that build once what is built for each request.

use super::Fix;
use super::source::{FILE, Source, insert, replace};
use crate::program::{Binding, ExprAt, Scope};
use crate::syntax::{Const, ExprId, ExprKind, FunctionIx, ParamKind, Parent, StmtId, StmtKind, Sym, Tree, Visit};

/// What is built by `name = call(…)` in a function is built at the top of the module, before the function.
pub(super) fn to_module(source: &Source<'_>, line: u32) -> Option<Fix> {
    let site = source.calls(line, |_| true).into_iter().find(|site| source.directly_of(site.at.expr).is_some())?;
    let stmt = source.directly_of(site.at.expr)?;
    if !matches!(source.tree()[stmt].kind, StmtKind::Assign { .. }) {
        return cached(source, line);
    }
    hoisted(source, stmt, site.at, None)
}

/// `name = call(…)` and `holder.append(name)` are both done once, at the top of the module.
pub(super) fn with_registration(source: &Source<'_>, line: u32) -> Option<Fix> {
    let tree = source.tree();
    let site = source.calls(line, |name| matches!(name, "append" | "add")).into_iter().next()?;
    let keeps = source.directly_of(site.at.expr)?;
    let kept = source.program.positional(site.at, 0)?;
    let ExprKind::Name(name) = tree[kept.expr].kind else { return None };
    let mut bindings = source.program.bindings(site.scope, name);
    let (Some(Binding::Target(target)), None) = (bindings.next(), bindings.next()) else { return None };
    let stmt = source.stmt_of(target)?;
    let StmtKind::Assign { value: Some(value), .. } = tree[stmt].kind else { return None };
    if !matches!(tree[value].kind, ExprKind::Call { .. }) || source.siblings(stmt).iter().all(|&one| one != keeps) {
        return None;
    }
    hoisted(source, stmt, FILE.expr(value), Some((keeps, site.at)))
}

/// `name = boto3.resource(…)` of which only tables are used: the tables are built once, at the top of the module.
///
/// A table of which only operations are called goes straight to its client, which threads may share; the resource itself may not be shared.
pub(super) fn tables(source: &Source<'_>, line: u32) -> Option<Fix> {
    let program = &source.program;
    let tree = source.tree();
    let site = source.calls(line, |name| name == "resource").into_iter().next()?;
    let stmt = source.directly_of(site.at.expr)?;
    let name = source.assigned(stmt, site.at.expr)?;
    let sym = program.names.find(name)?;
    let scope = site.scope;
    scope.function()?;
    let top = source.top(site.at)?;
    let at = source.line_start(top.start);
    let plain = source.siblings(stmt).len() > 1 && source.ends_line(stmt) && source.way_up(stmt).len() == 1;
    if program.bindings(scope, sym).count() != 1 || !plain || !is_known_at(source, site.at, scope, at) {
        return None;
    }
    let mut edits = vec![replace(source.lines_of(tree[stmt].span), "")];
    let mut made: Vec<(String, String)> = Vec::new();
    for expr in source.exprs() {
        let reads = matches!(tree[expr].kind, ExprKind::Name(found) if found == sym)
            && program.binding_scope(program.scope_of(FILE.expr(expr)), sym) == Some(scope);
        if !reads || source.stmt_of(expr) == Some(stmt) {
            continue;
        }
        let attribute = source.parent(expr)?;
        let call = source.parent(attribute)?;
        let ExprKind::Call { callee, args } = tree[call].kind else { return None };
        let [table] = &tree[args] else { return None };
        let is_table = matches!(tree[callee].kind, ExprKind::Attribute { name, .. } if program.text(name) == "Table");
        if callee != attribute || !is_table || !is_known_at(source, FILE.expr(table.value), scope, at) {
            return None;
        }
        let text = source.expr(table.value);
        let known = made.iter().find(|(of, _)| of == text).map(|(_, name)| name.clone());
        let name = if let Some(name) = known {
            name
        } else {
            let name = table_name(text)?;
            if source.is_named(&name) || made.iter().any(|(_, other)| *other == name) {
                return None;
            }
            made.push((text.to_owned(), name.clone()));
            name
        };
        edits.push(replace(tree[call].span, name));
    }
    if made.is_empty() {
        return None;
    }
    let built = source.at_top(site.at.expr);
    let lines: Vec<String> = made.iter().map(|(of, name)| format!("{name} = {built}.Table({of})\n")).collect();
    edits.push(insert(at, format!("{}\n\n", lines.concat())));
    Some(Fix::review("build the tables once, at the top of the module", edits))
}

/// What a table of this name, or of the constant with this name, is called.
fn table_name(text: &str) -> Option<String> {
    let plain = text.trim_matches(['"', '\'']).rsplit('.').next()?;
    let slug: String =
        plain.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    let slug = slug.trim_matches('_');
    let slug = slug.strip_suffix("_table").unwrap_or(slug);
    (!slug.is_empty() && !slug.starts_with(|c: char| c.is_ascii_digit())).then(|| format!("{slug}_table"))
}

/// Moves an assignment to the top of the module, and a statement that files what it makes with it.
fn hoisted(source: &Source<'_>, stmt: StmtId, value: ExprAt, filed: Option<(StmtId, ExprAt)>) -> Option<Fix> {
    let program = &source.program;
    let tree = source.tree();
    let StmtKind::Assign { targets, .. } = tree[stmt].kind else { return None };
    let name = source.assigned(stmt, value.expr)?.to_owned();
    let scope = program.scope_of(value);
    scope.function()?;
    let sym = program.names.find(&name)?;
    let once = program.bindings(scope, sym).count() == 1;
    let free = program.bindings(Scope::Module(FILE), sym).next().is_none() && tree[targets].len() == 1;
    let top = source.top(value)?;
    let at = source.line_start(top.start);
    let own = |expr: ExprId| matches!(tree[expr].kind, ExprKind::Name(found) if found == sym);
    let known = is_known_at(source, value, scope, at)
        && filed.is_none_or(|(_, filed)| is_known_but(source, filed, scope, at, &own));
    if !once
        || !free
        || !known
        || is_used_elsewhere(source, sym)
        || ends(source, scope, sym)
        || needs_a_loop(source, value)
    {
        return None;
    }
    // A branch decides whether it is built at all, and a loop how often.
    if source.way_up(stmt).len() > 1 {
        return None;
    }
    let gone = 1 + usize::from(filed.is_some());
    if source.siblings(stmt).len() <= gone || !source.ends_line(stmt) {
        return None;
    }
    source.indent(tree[stmt].span.start)?;
    let mut made = format!("{name} = {}\n", wide(source, value));
    let mut edits = vec![replace(source.lines_of(tree[stmt].span), "")];
    if let Some((filed, _)) = filed {
        source.indent(tree[filed].span.start)?;
        made.push_str(source.slice(tree[filed].span));
        made.push('\n');
        edits.push(replace(source.lines_of(tree[filed].span), ""));
    }
    edits.push(insert(at, format!("{made}\n\n")));
    Some(Fix::review(format!("build `{name}` once, at the top of the module"), edits))
}

/// The call, with room for everybody where it is a pool that was sized for one request.
fn wide(source: &Source<'_>, value: ExprAt) -> String {
    let text = source.expr(value.expr).to_owned();
    let name = crate::rules::look::call_name(&source.program, value);
    if !matches!(name, Some("ThreadPoolExecutor" | "ThreadPool")) {
        return source.at_top(value.expr);
    }
    let Some(size) = source.program.argument(value, 0, "max_workers") else { return text };
    match source.tree()[size.expr].kind {
        // As many as the standard library takes at most when it is not told.
        ExprKind::Const(Const::Int(workers)) if workers < 32 => {
            let (whole, span) = (source.tree()[value.expr].span, source.tree()[size.expr].span);
            let (before, after) = ((span.start - whole.start) as usize, (span.end - whole.start) as usize);
            format!("{}32{}", &text[..before], &text[after..])
        }
        _ => text,
    }
}

/// Whether the function closes what the name stands for: others could not use it any more.
fn ends(source: &Source<'_>, scope: Scope, name: Sym) -> bool {
    const ENDS: &[&str] =
        &["close", "aclose", "shutdown", "terminate", "__exit__", "__aexit__", "__aenter__", "__enter__"];
    let tree = source.tree();
    let is = |expr: ExprId| matches!(tree[expr].kind, ExprKind::Name(found) if found == name);
    let closed = source.program.calls_in(scope).iter().any(|site| {
        let method = site.name.is_some_and(|name| ENDS.contains(&source.program.text(name)));
        method && source.program.receiver(site.at).is_some_and(|receiver| is(receiver.expr))
    });
    let entered = source.all_statements().into_iter().any(|stmt| match tree[stmt].kind {
        StmtKind::With { items, .. } => tree[items].iter().any(|item| is(item.context)),
        _ => false,
    });
    closed || entered
}

/// Whether what is built asks for a running event loop, which there is none of while a module is imported.
fn needs_a_loop(source: &Source<'_>, value: ExprAt) -> bool {
    matches!(crate::rules::look::call_name(&source.program, value), Some("ClientSession" | "TCPConnector"))
}

/// Whether every name in an expression is of the module and bound before a place.
pub(super) fn is_known_at(source: &Source<'_>, at: ExprAt, scope: Scope, place: u32) -> bool {
    is_known_but(source, at, scope, place, &|_| false)
}

/// The same, but for some names.
fn is_known_but(source: &Source<'_>, at: ExprAt, scope: Scope, place: u32, but: &dyn Fn(ExprId) -> bool) -> bool {
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
    names.0.into_iter().filter(|(_, expr)| !but(*expr)).all(|(name, _)| match program.binding_scope(scope, name) {
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

/// A function that returns what it builds is called once for each of its arguments: its results are kept.
pub(super) fn cached(source: &Source<'_>, line: u32) -> Option<Fix> {
    let site = source.calls(line, |_| true).into_iter().next()?;
    let function = site.scope.function()?;
    let returns =
        source.stmt_of(site.at.expr).is_some_and(|stmt| matches!(source.tree()[stmt].kind, StmtKind::Return(_)));
    if !returns || !source.tree()[function.ix].params.is_empty() {
        return None;
    }
    keeps(source, function.ix, 1)
}

/// A function that builds a thing and returns it, or what it makes of it, without parameters.
pub(super) fn cached_whole(source: &Source<'_>, line: u32) -> Option<Fix> {
    let site = source.calls(line, |_| true).into_iter().next()?;
    let function = site.scope.function()?;
    let tree = source.tree();
    let body = &tree[tree[function.ix].body];
    let straight = body
        .iter()
        .all(|&stmt| matches!(tree[stmt].kind, StmtKind::Assign { .. } | StmtKind::Return(Some(_)) | StmtKind::Pass));
    let returns = body.last().is_some_and(|&stmt| matches!(tree[stmt].kind, StmtKind::Return(Some(_))));
    (straight && returns && tree[function.ix].params.is_empty()).then(|| keeps(source, function.ix, 1))?
}

/// A function that defines a class for its arguments and returns it.
pub(super) fn cached_class(source: &Source<'_>, line: u32) -> Option<Fix> {
    let tree = source.tree();
    let (_, class) = tree.classes().find(|(_, class)| source.line(class.name_span.start) == line)?;
    let Parent::Function(ix) = class.parent else { return None };
    let returns = tree[tree[ix].body].last().is_some_and(|&stmt| {
        matches!(tree[stmt].kind, StmtKind::Return(Some(value))
            if matches!(tree[value].kind, ExprKind::Name(name) if name == class.name))
    });
    let plain =
        tree[tree[ix].params].iter().all(|param| matches!(param.kind, ParamKind::Normal | ParamKind::PositionalOnly));
    let scope = Scope::Function(FILE.function(ix));
    (returns && plain && scope.function().is_some()).then(|| keeps(source, ix, 128))?
}

/// Puts a cache on a plain function.
fn keeps(source: &Source<'_>, ix: FunctionIx, entries: u32) -> Option<Fix> {
    let tree = source.tree();
    let built = &tree[ix];
    // The results of methods would be kept for each instance, and those of a nested function for each call.
    if !built.decorators.is_empty() || built.is_async || built.is_generator || built.parent != Parent::Module {
        return None;
    }
    let name = source.program.text(built.name);
    if source.program.calls_named(name).any(|call| {
        source.program.call(call.at).is_some_and(|(_, args)| args.iter().any(|arg| is_unhashable(source, arg.value)))
    }) {
        return None;
    }
    let at = source.line_start(built.span.start);
    let indent = source.indent(built.span.start)?;
    let mut edits = source.import("functools")?;
    edits.push(insert(at, format!("{indent}@functools.lru_cache(maxsize={entries})\n")));
    Some(Fix::review("keep what the function builds", edits))
}

fn is_unhashable(source: &Source<'_>, value: ExprId) -> bool {
    matches!(
        source.tree()[value].kind,
        ExprKind::Dict(_) | ExprKind::List(_) | ExprKind::Set(_) | ExprKind::Comprehension { .. }
    )
}
