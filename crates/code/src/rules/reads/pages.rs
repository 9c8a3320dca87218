//! What iterating an expression gives: pages or rows of a read, one after the other; and the loops that go through them.

use crate::program::{ExitKind, ExprAt, FunctionId, Program, Scope};
use crate::rules::Cx;
use crate::rules::look::{self, Body, call_name, kinds, spans, texts, unwrapped};
use crate::rules::reads::carries::carries;
use crate::rules::reads::measure::{guards, is_measure};
use crate::rules::reads::read::{self, Op, Read};
use crate::syntax::{Comprehension, ExprId, ExprKind, StmtId, StmtKind, Sym};
use crate::values::{Kind, Value};

/// What is handed out one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Answers, each with a list of rows.
    Pages,
    /// Rows.
    Rows,
    /// Models of PynamoDB.
    Models,
}

/// Where pages or rows come from.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// What is handed out.
    pub unit: Unit,
    /// Which read.
    pub op: Op,
    /// Whether something limits how many come.
    pub bounded: bool,
    /// The call that reads.
    pub read: ExprAt,
}

/// Paged operations of other services whose answers the data decides as well.
const PAGED: &[&str] = &[
    "list_objects_v2",
    "list_objects",
    "list_object_versions",
    "filter_log_events",
    "get_log_events",
    "list_users",
    "get_query_results",
];

/// Calls that hand on what they iterate.
const THROUGH: &[&str] = &[
    "iter",
    "enumerate",
    "tqdm",
    "aiter",
    "filter",
    "map",
    "chain",
    "from_iterable",
    "reversed",
    "aclosing",
    "closing",
];

/// How deep generators that iterate generators are followed.
const DEPTH: u8 = 4;

/// What iterating an expression gives; none where it is no read, or nothing is known.
pub fn source(cx: &Cx<'_>, at: ExprAt) -> Option<Source> {
    within(cx, at, DEPTH)
}

fn within(cx: &Cx<'_>, at: ExprAt, left: u8) -> Option<Source> {
    let left = left.checked_sub(1)?;
    let program = cx.program;
    let at = unwrapped(program, at);
    match program.expr(at).kind {
        ExprKind::Comprehension { kind: Comprehension::Generator, clauses, .. } => {
            let clause = program.tree(at.module)[clauses].first()?;
            let inner = within(cx, at.beside(clause.iter), left)?;
            Some(Source { unit: Unit::Rows, ..inner })
        }
        ExprKind::Call { .. } => called(cx, at, left).or_else(|| valued(cx, at, left)),
        ExprKind::Starred(inner) => within(cx, at.beside(inner), left),
        _ => valued(cx, at, left),
    }
}

fn called(cx: &Cx<'_>, call: ExprAt, left: u8) -> Option<Source> {
    let program = cx.program;
    let name = call_name(program, call)?;
    match name {
        "paginate" => paginate(cx, call),
        "islice" => {
            let inner = within(cx, program.positional(call, 0)?, left)?;
            Some(Source { bounded: true, ..inner })
        }
        "search" => {
            let inner = within(cx, program.receiver(call)?, left)?;
            (inner.unit == Unit::Pages).then_some(Source { unit: Unit::Rows, ..inner })
        }
        "map" | "filter" => {
            within(cx, program.positional(call, 1)?, left).map(|inner| Source { unit: Unit::Rows, ..inner })
        }
        name if THROUGH.contains(&name) => within(cx, program.positional(call, 0)?, left),
        _ => None,
    }
}

/// A call of `paginate`, on something that is known to be a paginator or that is made by `get_paginator` in the same scope.
fn paginate(cx: &Cx<'_>, call: ExprAt) -> Option<Source> {
    let program = cx.program;
    let receiver = program.receiver(call)?;
    let known = kinds::objects(cx, receiver).find_map(|object| match object.kind {
        Kind::Paginator { .. } => kinds::operation(cx, object.kind),
        _ => None,
    });
    let operation = known.or_else(|| paginated(program, receiver))?;
    let op = Op::named(operation);
    if op == Op::Other && !PAGED.contains(&operation) {
        return None;
    }
    Some(Source { unit: Unit::Pages, op, bounded: is_limited(cx, call), read: call })
}

/// The operation of `client.get_paginator("scan")`, by the text.
fn paginated(program: &Program, receiver: ExprAt) -> Option<&str> {
    let receiver = unwrapped(program, receiver);
    match program.expr(receiver).kind {
        ExprKind::Call { .. } if call_name(program, receiver) == Some("get_paginator") => {
            look::text(program, program.argument(receiver, 0, "operation_name")?)
        }
        ExprKind::Name(name) => {
            let scope = program.binding_scope(program.scope_of(receiver), name)?;
            let values = Body::of(program, scope).values_of(program.tree(receiver.module), name);
            let [only] = values.as_slice() else { return None };
            let value = receiver.beside(*only);
            matches!(program.expr(value).kind, ExprKind::Call { .. }).then(|| paginated(program, value))?
        }
        _ => None,
    }
}

/// Whether a call of `paginate` or of a PynamoDB read names a largest number.
fn is_limited(cx: &Cx<'_>, call: ExprAt) -> bool {
    let program = cx.program;
    if program.keyword(call, "limit").is_some_and(|limit| !look::is_none(program, limit)) {
        return true;
    }
    let config = read::option(cx, call, "PaginationConfig");
    config.is_some_and(|config| {
        if texts(program, config).contains(&"MaxItems") || program.keyword(config, "MaxItems").is_some() {
            return true;
        }
        kinds::objects(cx, config).any(|object| texts(program, object.made).contains(&"MaxItems"))
    })
}

/// Whether the keys of a `batch_get` say how many rows come, and no caller says how many keys: a list that is checked or made here.
fn is_listed(cx: &Cx<'_>, kind: Kind, call: ExprAt) -> bool {
    kinds::operation(cx, kind) == Some("batch_get")
        && cx.program.argument(call, 0, "items").is_some_and(|keys| look::input(cx, keys).is_none())
}

fn valued(cx: &Cx<'_>, at: ExprAt, left: u8) -> Option<Source> {
    cx.values.eval(at).iter().find_map(|value| {
        let Value::Object(id) = value else { return None };
        let object = cx.values.object(*id);
        match object.kind {
            Kind::PageIterator { .. } => {
                let operation = kinds::operation(cx, object.kind)?;
                let op = Op::named(operation);
                (op != Op::Other || PAGED.contains(&operation)).then(|| Source {
                    unit: Unit::Pages,
                    op,
                    bounded: is_limited(cx, object.made),
                    read: object.made,
                })
            }
            Kind::PynamoResults { .. } => Some(Source {
                unit: Unit::Models,
                op: Op::named(kinds::operation(cx, object.kind)?),
                bounded: is_limited(cx, object.made) || is_listed(cx, object.kind, object.made),
                read: object.made,
            }),
            Kind::Generator(function) => generated(cx, function, left),
            _ => None,
        }
    })
}

/// What a generator function of the project hands out of its pages.
fn generated(cx: &Cx<'_>, function: FunctionId, left: u8) -> Option<Source> {
    let program = cx.program;
    let scope = Scope::Function(function);
    let exits = program.exits(function);
    let direct = exits.iter().filter(|exit| exit.kind == ExitKind::YieldFrom).find_map(|exit| {
        let value = function.module.expr(exit.value?);
        within(cx, value, left)
    });
    if direct.is_some() {
        return direct;
    }
    let body = Body::of(program, scope);
    let loops = page_loops_within(cx, scope, &body, left);
    let tree = program.tree(function.module);
    exits.iter().find_map(|exit| {
        let value = exit.value?;
        let found = loops.iter().find(|found| spans(tree[found.stmt].span, tree[value].span))?;
        let names = found.carriers(program, &body);
        let whole = matches!(tree[value].kind, ExprKind::Name(name) if found.names.contains(&name));
        let unit = match found.source.unit {
            Unit::Pages if whole && exit.kind == ExitKind::Yield => Unit::Pages,
            Unit::Models => Unit::Models,
            _ => Unit::Rows,
        };
        let carries = carries(program, function.module.expr(value), &names);
        carries.then_some(Source { unit, bounded: found.is_bounded(program, &body, None), ..found.source })
    })
}

/// A loop that goes through the pages of a read.
#[derive(Clone, Debug)]
pub struct PageLoop {
    /// The loop.
    pub stmt: StmtId,
    /// The scope.
    pub scope: Scope,
    /// What is read.
    pub source: Source,
    /// The names of a page, or of a row.
    pub names: Vec<Sym>,
}

/// The loops of a scope that go through pages or rows of a read.
pub fn page_loops(cx: &Cx<'_>, scope: Scope, body: &Body) -> Vec<PageLoop> {
    page_loops_within(cx, scope, body, DEPTH)
}

fn page_loops_within(cx: &Cx<'_>, scope: Scope, body: &Body, left: u8) -> Vec<PageLoop> {
    let Some(left) = left.checked_sub(1) else { return Vec::new() };
    let program = cx.program;
    let module = scope.module();
    let tree = program.tree(module);
    let mut found = Vec::new();
    for stmt in body.loops(tree) {
        match tree[stmt].kind {
            StmtKind::For { target, iter, .. } => {
                if let Some(source) = within(cx, module.expr(iter), left) {
                    found.push(PageLoop { stmt, scope, source, names: target_names(program, module.expr(target)) });
                }
            }
            StmtKind::While { .. } => found.extend(while_loop(cx, scope, body, stmt)),
            _ => {}
        }
    }
    found
}

/// A `while` that reads one page per turn and goes on where the last one ended.
fn while_loop(cx: &Cx<'_>, scope: Scope, body: &Body, stmt: StmtId) -> Option<PageLoop> {
    let read = read_in_turns(cx, scope, body, stmt)?;
    let names: Vec<Sym> = read::bound_name(cx.program, read.call).into_iter().collect();
    let source = Source { unit: Unit::Pages, op: read.op, bounded: false, read: read.call };
    Some(PageLoop { stmt, scope, source, names })
}

/// The read of a loop that reads one page per turn and goes on where the last one ended.
pub fn read_in_turns(cx: &Cx<'_>, scope: Scope, body: &Body, stmt: StmtId) -> Option<Read> {
    let program = cx.program;
    let module = scope.module();
    let tree = program.tree(module);
    let sites = program.calls_in(scope).iter().filter(|site| spans(tree[stmt].span, tree[site.at.expr].span));
    sites.filter_map(|site| read::read_of(cx, site.at, scope)).find(|read| {
        let (_, args) = program.call(read.call).unwrap_or((read.call, &[]));
        // Of nested loops the innermost one that holds the read is meant, unless that is a loop over something else.
        let innermost = body
            .loops(tree)
            .into_iter()
            .filter(|&other| spans(tree[other].span, tree[read.call.expr].span))
            .max_by_key(|&other| tree[other].span.start);
        innermost == Some(stmt)
            && args.iter().any(|arg| {
                arg.double_star || arg.keyword.is_some_and(|keyword| program.text(keyword) == "ExclusiveStartKey")
            })
            && body.stmts.iter().any(|&inner| {
                spans(tree[stmt].span, tree[inner].span) && {
                    let mut says = false;
                    tree.exprs_of(inner, &mut |expr| {
                        says |= texts(program, module.expr(expr)).contains(&"LastEvaluatedKey");
                    });
                    says
                }
            })
    })
}

/// The names of an assignment's target.
pub fn target_names(program: &Program, target: ExprAt) -> Vec<Sym> {
    match program.expr(target).kind {
        ExprKind::Name(name) => vec![name],
        ExprKind::Starred(inner) => target_names(program, target.beside(inner)),
        _ => look::elements(program, target)
            .unwrap_or_default()
            .into_iter()
            .flat_map(|part| target_names(program, part))
            .collect(),
    }
}

impl PageLoop {
    /// The names that carry data of a page within the loop.
    pub fn carriers(&self, program: &Program, body: &Body) -> Vec<Sym> {
        let module = self.scope.module();
        let tree = program.tree(module);
        let mut names = self.names.clone();
        // Twice, because a name may be used above the line that gives it its value.
        for _ in 0..2 {
            for &stmt in body.stmts.iter().filter(|&&stmt| spans(tree[self.stmt].span, tree[stmt].span)) {
                let (targets, value): (Vec<ExprId>, ExprId) = match tree[stmt].kind {
                    StmtKind::For { target, iter, .. } if stmt != self.stmt => (vec![target], iter),
                    StmtKind::Assign { targets, value: Some(value), .. } => (tree[targets].to_vec(), value),
                    _ => continue,
                };
                if carries(program, module.expr(value), &names) {
                    for target in targets {
                        for name in target_names(program, module.expr(target)) {
                            if !names.contains(&name) {
                                names.push(name);
                            }
                        }
                    }
                }
            }
        }
        names
    }

    /// Whether the loop ends after a number of pages or rows: by its source, by its condition, or by a way out that looks at a count or a length.
    pub fn is_bounded(&self, program: &Program, body: &Body, container: Option<Sym>) -> bool {
        if self.source.bounded {
            return true;
        }
        let module = self.scope.module();
        let tree = program.tree(module);
        let inside = |stmt: StmtId| spans(tree[self.stmt].span, tree[stmt].span);
        let mut counters: Vec<Sym> = Vec::new();
        for &stmt in body.stmts.iter().filter(|&&stmt| inside(stmt)) {
            match tree[stmt].kind {
                StmtKind::AugAssign { target, .. } => {
                    counters.extend(look::name(program, module.expr(target)).filter(|name| Some(*name) != container));
                }
                StmtKind::For { target, iter, .. } if call_name(program, module.expr(iter)) == Some("enumerate") => {
                    counters.extend(target_names(program, module.expr(target)).first().copied());
                }
                _ => {}
            }
        }
        let measures = |test: ExprId| is_measure(program, module.expr(test), &counters);
        if let StmtKind::While { test, .. } = tree[self.stmt].kind
            && measures(test)
        {
            return true;
        }
        body.stmts.iter().any(|&stmt| {
            let leaves = matches!(tree[stmt].kind, StmtKind::Break | StmtKind::Return(_) | StmtKind::Raise { .. });
            leaves && inside(stmt) && guards(program, self, stmt).into_iter().any(measures)
        })
    }
}
