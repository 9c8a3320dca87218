//! Where pages or rows are kept: statements that grow a container inside of a page loop, and calls and comprehensions that drain a source at once.

use crate::program::{ExprAt, Program, Scope};
use crate::rules::Cx;
use crate::rules::look::{self, Body, call_name, name, root_name, spans};
use crate::rules::reads::carries::carries;
use crate::rules::reads::pages::{PageLoop, Source, Unit, page_loops, source, target_names};
use crate::syntax::{Comprehension, Const, ExprId, ExprKind, Operator, StmtId, StmtKind, Sym};

/// A place that keeps what a read gives.
#[derive(Clone, Copy, Debug)]
pub struct Collected {
    /// Where: the growing expression, the comprehension, the draining call.
    pub at: ExprAt,
    /// The scope.
    pub scope: Scope,
    /// What is read.
    pub source: Source,
    /// The container, where it has a name.
    pub container: Option<Sym>,
}

/// Methods that add to their container what they are given.
const GROWERS: &[&str] =
    &["append", "extend", "appendleft", "extendleft", "insert", "update", "put", "put_nowait", "writelines"];

/// Methods that empty a container, or take something out of it.
const SHRINKERS: &[&str] =
    &["clear", "pop", "popleft", "popitem", "remove", "discard", "get_nowait", "truncate", "flush"];

/// Calls that keep all that an iterable gives.
const DRAINS: &[&str] = &[
    "list",
    "tuple",
    "sorted",
    "deque",
    "dict",
    "OrderedDict",
    "DataFrame",
    "from_records",
    "array",
    "join",
    "dumps",
    "alist",
    "to_list",
];

/// What a scope collects in its page loops.
pub fn in_loops(cx: &Cx<'_>, scope: Scope, body: &Body) -> Vec<Collected> {
    let mut found: Vec<Collected> = Vec::new();
    let loops = page_loops(cx, scope, body);
    for page_loop in &loops {
        let names = page_loop.carriers(cx.program, body);
        for (at, container) in growth(cx.program, body, page_loop, &names) {
            let known = found.iter().any(|other| other.at == at);
            if !known
                && is_outside(cx, body, page_loop, container)
                && !is_emptied(cx.program, body, page_loop, container)
                && !page_loop.is_bounded(cx.program, body, Some(container))
            {
                found.push(Collected { at, scope, source: page_loop.source, container: Some(container) });
            }
        }
    }
    found
}

/// Places in a page loop where a named container takes data of a page.
fn growth(program: &Program, body: &Body, page_loop: &PageLoop, names: &[Sym]) -> Vec<(ExprAt, Sym)> {
    let module = page_loop.scope.module();
    let tree = program.tree(module);
    let mut found = Vec::new();
    let inside = body.stmts.iter().copied().filter(|&stmt| spans(tree[page_loop.stmt].span, tree[stmt].span));
    for stmt in inside {
        match tree[stmt].kind {
            StmtKind::Expr(value) => {
                let call = look::unwrapped(program, module.expr(value));
                let grows = call_name(program, call).is_some_and(|name| GROWERS.contains(&name));
                let container = program.receiver(call).and_then(|receiver| container_of(program, receiver));
                if let (true, Some(container)) = (grows, container)
                    && given(program, call).into_iter().any(|value| carries(program, value, names))
                {
                    found.push((call, container));
                }
            }
            StmtKind::AugAssign { target, op: Operator::Add | Operator::BitOr, value } => {
                let value = module.expr(value);
                if let Some(container) = name(program, module.expr(target))
                    && carries(program, value, names)
                    && (is_plural(program, value) || starts_as_container(program, body, module.expr(target), container))
                {
                    found.push((module.expr(target), container));
                }
            }
            StmtKind::Assign { targets, value: Some(value), .. } => {
                let value = module.expr(value);
                for &target in &tree[targets] {
                    match tree[target].kind {
                        ExprKind::Name(container)
                            if adds_to_itself(program, value, container)
                                && carries(program, value, names)
                                && (is_plural(program, value)
                                    || starts_as_container(program, body, module.expr(target), container)) =>
                        {
                            found.push((module.expr(target), container));
                        }
                        ExprKind::Subscript { base, index } if is_whole(program, value, names) => {
                            let keyed_by_row = carries(program, module.expr(index), names);
                            if let (true, Some(container)) = (keyed_by_row, name(program, module.expr(base))) {
                                found.push((module.expr(target), container));
                            }
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// `rows`, and also `groups` of `groups[key].append(…)` and `groups.setdefault(key, []).append(…)`.
fn container_of(program: &Program, receiver: ExprAt) -> Option<Sym> {
    match program.expr(receiver).kind {
        ExprKind::Name(name) => Some(name),
        ExprKind::Subscript { .. } => root_name(program, receiver),
        ExprKind::Call { .. } if call_name(program, receiver) == Some("setdefault") => root_name(program, receiver),
        _ => None,
    }
}

fn given(program: &Program, call: ExprAt) -> Vec<ExprAt> {
    program.call(call).map(|(_, args)| args.iter().map(|arg| call.beside(arg.value)).collect()).unwrap_or_default()
}

/// A value that is a list by its looks: the rows of an answer, a list literal, a comprehension.
fn is_plural(program: &Program, value: ExprAt) -> bool {
    match program.expr(value).kind {
        ExprKind::List(_) | ExprKind::Comprehension { .. } => true,
        ExprKind::Call { .. } if matches!(call_name(program, value), Some("list" | "sorted")) => true,
        ExprKind::Binary { left, right, .. } => {
            is_plural(program, value.beside(left)) || is_plural(program, value.beside(right))
        }
        _ => look::keyed(program, value)
            .is_some_and(|(_, key, _)| matches!(key, "Items" | "Contents" | "events" | "Users")),
    }
}

/// Whether the name's first value is a container or text, not a number.
fn starts_as_container(program: &Program, body: &Body, target: ExprAt, container: Sym) -> bool {
    let tree = program.tree(target.module);
    body.values_of(tree, container).into_iter().any(|value| match tree[value].kind {
        ExprKind::List(_) | ExprKind::Dict(_) | ExprKind::Set(_) | ExprKind::Comprehension { .. } => true,
        ExprKind::Const(Const::Str(_) | Const::Bytes) => true,
        ExprKind::Call { .. } => {
            matches!(call_name(program, target.beside(value)), Some("list" | "dict" | "deque" | "bytearray"))
        }
        _ => look::keyed(program, target.beside(value)).is_some_and(|(_, key, _)| key == "Items"),
    })
}

/// `rows = rows + …`, `rows = [*rows, …]`.
fn adds_to_itself(program: &Program, value: ExprAt, container: Sym) -> bool {
    match program.expr(value).kind {
        ExprKind::Binary { op: Operator::Add | Operator::BitOr, left, right } => {
            [left, right].into_iter().any(|part| name(program, value.beside(part)) == Some(container))
        }
        ExprKind::List(_) => look::elements(program, value).unwrap_or_default().into_iter().any(|part| {
            matches!(program.expr(part).kind, ExprKind::Starred(inner) if name(program, part.beside(inner)) == Some(container))
        }),
        _ => false,
    }
}

/// Whether a value is a whole row (or one made of a whole row), not one of its attributes or a number.
fn is_whole(program: &Program, value: ExprAt, names: &[Sym]) -> bool {
    match program.expr(value).kind {
        ExprKind::Name(name) => names.contains(&name),
        ExprKind::Call { .. } => {
            given(program, value).into_iter().any(|part| name(program, part).is_some_and(|name| names.contains(&name)))
        }
        ExprKind::Dict(_) | ExprKind::Comprehension { .. } => carries(program, value, names),
        _ => false,
    }
}

/// Whether the container exists before the outermost page loop, is a variable of this function, and is not made anew inside.
fn is_outside(cx: &Cx<'_>, body: &Body, page_loop: &PageLoop, container: Sym) -> bool {
    let program = cx.program;
    let module = page_loop.scope.module();
    let tree = program.tree(module);
    match program.binding_scope(page_loop.scope, container) {
        // What outlives the call belongs to the rules of retention.
        Some(Scope::Module(_)) if !matches!(page_loop.scope, Scope::Module(_)) => return false,
        Some(Scope::Class(_)) | None => return false,
        _ => {}
    }
    if page_loop.names.contains(&container) {
        return false;
    }
    let own = |stmt: StmtId| spans(tree[page_loop.stmt].span, tree[stmt].span);
    let anew = body.values_of(tree, container).into_iter().any(|value| {
        let inside = program.module(module).links.stmt_of(value).is_some_and(own);
        inside && !adds_to_itself(program, module.expr(value), container)
    });
    // Also the target of a loop inside is made anew.
    let bound_inside = body.stmts.iter().any(|&stmt| {
        own(stmt) && matches!(tree[stmt].kind, StmtKind::For { target, .. } if target_names(program, module.expr(target)).contains(&container))
    });
    !anew && !bound_inside
}

/// Whether the loop takes something out of the container again.
fn is_emptied(program: &Program, body: &Body, page_loop: &PageLoop, container: Sym) -> bool {
    let module = page_loop.scope.module();
    let tree = program.tree(module);
    let inside = |expr: ExprId| spans(tree[page_loop.stmt].span, tree[expr].span);
    let shrinks = program.calls_in(page_loop.scope).iter().any(|site| {
        inside(site.at.expr)
            && site.name.is_some_and(|name| {
                let text = program.text(name);
                SHRINKERS.contains(&text)
                    && program.receiver(site.at).and_then(|receiver| root_name(program, receiver)) == Some(container)
                    || matches!(text, "heappop" | "heapreplace" | "heappushpop")
            })
    });
    shrinks
        || body.stmts.iter().any(|&stmt| match tree[stmt].kind {
            StmtKind::Delete(targets) => tree[targets]
                .iter()
                .any(|&target| inside(target) && root_name(program, module.expr(target)) == Some(container)),
            StmtKind::Assign { targets, .. } => tree[targets].iter().any(|&target| match tree[target].kind {
                ExprKind::Subscript { base, index } => {
                    inside(target)
                        && matches!(tree[index].kind, ExprKind::Slice { .. })
                        && name(program, module.expr(base)) == Some(container)
                }
                _ => false,
            }),
            _ => false,
        })
}

/// Comprehensions and calls of a scope that keep all that a source gives.
pub fn at_once(cx: &Cx<'_>, scope: Scope, body: &Body) -> Vec<Collected> {
    let program = cx.program;
    let module = scope.module();
    let tree = program.tree(module);
    let mut found: Vec<Collected> = Vec::new();
    let mut candidates: Vec<ExprId> = Vec::new();
    for &stmt in &body.stmts {
        tree.exprs_of(stmt, &mut |expr| gather(program, module.expr(expr), &mut candidates));
    }
    for expr in candidates {
        let at = module.expr(expr);
        if found.iter().any(|other: &Collected| look::contains(program, other.at, at)) {
            continue;
        }
        if let Some(source) = drained(cx, at)
            && !source.bounded
        {
            found.push(Collected { at, scope, source, container: None });
        }
    }
    found
}

/// Comprehensions and calls that may drain something, the outer ones first.
fn gather(program: &Program, at: ExprAt, found: &mut Vec<ExprId>) {
    let tree = program.tree(at.module);
    match tree[at.expr].kind {
        ExprKind::Comprehension { kind: Comprehension::List | Comprehension::Dict, .. } => found.push(at.expr),
        ExprKind::Call { .. } if call_name(program, at).is_some_and(|name| DRAINS.contains(&name)) => {
            found.push(at.expr);
        }
        ExprKind::List(_) | ExprKind::Tuple(_) => found.push(at.expr),
        _ => {}
    }
    tree.children(at.expr, &mut |child| gather(program, at.beside(child), found));
}

fn drained(cx: &Cx<'_>, at: ExprAt) -> Option<Source> {
    let program = cx.program;
    let tree = program.tree(at.module);
    match tree[at.expr].kind {
        ExprKind::Comprehension { element, value, clauses, .. } => {
            let clauses = &tree[clauses];
            let first = clauses.first()?;
            let found = source(cx, at.beside(first.iter))?;
            let mut names = target_names(program, at.beside(first.target));
            for clause in &clauses[1..] {
                if carries(program, at.beside(clause.iter), &names) {
                    names.extend(target_names(program, at.beside(clause.target)));
                }
            }
            let kept =
                [Some(element), value].into_iter().flatten().any(|part| carries(program, at.beside(part), &names));
            kept.then_some(found)
        }
        ExprKind::Call { .. } => {
            if call_name(program, at) == Some("deque") && program.argument(at, 1, "maxlen").is_some() {
                return None;
            }
            let given = program.positional(at, 0)?;
            let found = source(cx, given)?;
            carries_rows(cx, given).then_some(found)
        }
        ExprKind::List(_) | ExprKind::Tuple(_) => {
            look::elements(program, at)?.into_iter().find_map(|part| match program.expr(part).kind {
                ExprKind::Starred(inner) => source(cx, part.beside(inner)),
                _ => None,
            })
        }
        _ => None,
    }
}

/// Whether a drained generator expression hands on data of its pages, and not a number for each.
fn carries_rows(cx: &Cx<'_>, at: ExprAt) -> bool {
    let program = cx.program;
    let tree = program.tree(at.module);
    let ExprKind::Comprehension { element, clauses, .. } = tree[at.expr].kind else { return true };
    let mut names = Vec::new();
    for (n, clause) in tree[clauses].iter().enumerate() {
        if n == 0 || carries(program, at.beside(clause.iter), &names) {
            names.extend(target_names(program, at.beside(clause.target)));
        }
    }
    carries(program, at.beside(element), &names)
}

/// Whether what is collected are models of PynamoDB.
pub fn is_models(collected: &Collected) -> bool {
    collected.source.unit == Unit::Models
}
