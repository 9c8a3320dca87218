//! Places that add to something: calls of `append` and its like, stores to subscripts, augmented assignments, and names that are bound again to
//! themselves with more. Only code that runs again and again is looked at.

use super::Lifetimes;
use crate::program::{Binding, ExprAt, Scope, StmtAt};
use crate::syntax::{ExprId, ExprKind, Operator, Parent, StmtId, StmtKind, Tree};
use crate::values::{Kind, Literal, Value};

/// How a place adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddKind {
    /// At the end, whatever it is: lists, deques, queues, buffers.
    Append,
    /// An element that is there or not: sets, counters. The expression is the element.
    Element(ExprAt),
    /// The elements of the expression, each there or not.
    Elements(ExprAt),
    /// Under a key: dicts, attributes with computed names.
    Keyed(ExprAt),
    /// Text to a text.
    Text,
}

/// A place that adds to something.
#[derive(Clone, Copy, Debug)]
pub struct Add {
    /// The place: a call, or the target of an assignment.
    pub at: ExprAt,
    /// Its statement.
    pub stmt: StmtId,
    /// Where it is executed.
    pub scope: Scope,
    /// What it adds to.
    pub base: ExprAt,
    /// How.
    pub kind: AddKind,
    /// What is added, where one expression says so.
    pub value: Option<ExprAt>,
}

const APPENDS: &[&str] =
    &["append", "appendleft", "extend", "extendleft", "push", "put", "put_nowait", "write", "writelines"];

const ENTERS: &[&str] = &["enter_context", "enter_async_context", "push_async_exit", "push_async_callback"];

impl Lifetimes<'_> {
    /// Every place that adds to something in code that runs again and again, in the order of files and lines.
    pub(super) fn adds(&self) -> Vec<Add> {
        let mut found = Vec::new();
        self.calls(&mut found);
        self.subscripts(&mut found);
        self.augmented(&mut found);
        self.rebound(&mut found);
        self.default_dicts(&mut found);
        found.sort_by_key(|add| (add.at.module, self.program.expr(add.at).span.start, add.at.expr));
        found
    }

    fn calls(&self, found: &mut Vec<Add>) {
        let program = self.program;
        for name in APPENDS {
            for site in program.calls_named(name).filter(|site| self.is_hot(site.scope)) {
                let Some(base) = program.receiver(site.at) else { continue };
                let value = program.positional(site.at, 0);
                found.push(Add { at: site.at, stmt: site.stmt, scope: site.scope, base, kind: AddKind::Append, value });
            }
        }
        // An exit stack keeps what it is to leave, until it is left itself.
        for name in ENTERS {
            for site in program.calls_named(name).filter(|site| self.is_hot(site.scope)) {
                let (Some(base), value) = (program.receiver(site.at), program.positional(site.at, 0)) else { continue };
                if self.values.is(base, |kind| matches!(kind, Kind::ExitStack { .. })) {
                    let (at, stmt, scope) = (site.at, site.stmt, site.scope);
                    found.push(Add { at, stmt, scope, base, kind: AddKind::Append, value });
                }
            }
        }
        for site in program.calls_named("insert").filter(|site| self.is_hot(site.scope)) {
            if let (Some(base), Some(value)) = (program.receiver(site.at), program.positional(site.at, 1)) {
                found.push(Add {
                    at: site.at,
                    stmt: site.stmt,
                    scope: site.scope,
                    base,
                    kind: AddKind::Append,
                    value: Some(value),
                });
            }
        }
        for site in program.calls_named("add").filter(|site| self.is_hot(site.scope)) {
            if let (Some(base), Some(value)) = (program.receiver(site.at), program.positional(site.at, 0)) {
                let kind = AddKind::Element(value);
                found.push(Add { at: site.at, stmt: site.stmt, scope: site.scope, base, kind, value: Some(value) });
            }
        }
        for site in program.calls_named("setdefault").filter(|site| self.is_hot(site.scope)) {
            if let (Some(base), Some(key)) = (program.receiver(site.at), program.positional(site.at, 0)) {
                let (kind, value) = (AddKind::Keyed(key), program.positional(site.at, 1));
                found.push(Add { at: site.at, stmt: site.stmt, scope: site.scope, base, kind, value });
            }
        }
        for site in program.calls_named("update").filter(|site| self.is_hot(site.scope)) {
            let (Some(base), Some(more)) = (program.receiver(site.at), program.positional(site.at, 0)) else {
                continue;
            };
            let tree = program.tree(site.at.module);
            if let ExprKind::Dict(entries) = program.expr(more).kind {
                for entry in &tree[entries] {
                    if let Some(key) = entry.key {
                        let (kind, value) = (AddKind::Keyed(more.beside(key)), Some(more.beside(entry.value)));
                        found.push(Add { at: site.at, stmt: site.stmt, scope: site.scope, base, kind, value });
                    }
                }
            } else {
                let kind = AddKind::Elements(more);
                found.push(Add { at: site.at, stmt: site.stmt, scope: site.scope, base, kind, value: Some(more) });
            }
        }
        for name in ["heappush", "insort", "insort_left", "insort_right"] {
            for site in program.calls_named(name).filter(|site| self.is_hot(site.scope)) {
                if let (Some(base), value) = (program.positional(site.at, 0), program.positional(site.at, 1)) {
                    found.push(Add {
                        at: site.at,
                        stmt: site.stmt,
                        scope: site.scope,
                        base,
                        kind: AddKind::Append,
                        value,
                    });
                }
            }
        }
        for site in program.calls_named("setattr").filter(|site| self.is_hot(site.scope)) {
            if let (Some(base), Some(name), value) =
                (program.positional(site.at, 0), program.positional(site.at, 1), program.positional(site.at, 2))
            {
                found.push(Add {
                    at: site.at,
                    stmt: site.stmt,
                    scope: site.scope,
                    base,
                    kind: AddKind::Keyed(name),
                    value,
                });
            }
        }
    }

    fn subscripts(&self, found: &mut Vec<Add>) {
        for store in self.program.subscript_stores().filter(|store| self.is_hot(store.scope)) {
            let at = store.at;
            if matches!(self.program.expr(at.beside(store.index)).kind, ExprKind::Slice { .. }) {
                continue;
            }
            let kind = AddKind::Keyed(at.beside(store.index));
            let value = store.value.map(|value| at.beside(value));
            found.push(Add { at, stmt: store.stmt, scope: store.scope, base: at.beside(store.base), kind, value });
        }
    }

    fn augmented(&self, found: &mut Vec<Add>) {
        for store in self.program.aug_assigns().filter(|store| self.is_hot(store.scope)) {
            if !matches!(store.op, Operator::Add | Operator::BitOr) {
                continue;
            }
            let at = store.at;
            let value = Some(at.beside(store.value));
            let add = |base, kind| Add { at, stmt: store.stmt, scope: store.scope, base, kind, value };
            match self.program.expr(at).kind {
                ExprKind::Subscript { base, index } => {
                    found.push(add(at.beside(base), AddKind::Keyed(at.beside(index))));
                    if matches!(self.program.expr(at.beside(store.value)).kind, ExprKind::List(_) | ExprKind::Tuple(_))
                    {
                        found.push(add(at, AddKind::Append));
                    }
                }
                ExprKind::Name(_) | ExprKind::Attribute { .. } => {
                    let value = at.beside(store.value);
                    let text =
                        matches!(
                            self.program.expr(value).kind,
                            ExprKind::Fstring(_) | ExprKind::Const(crate::syntax::Const::Str(_))
                        ) || self.values.eval(at).iter().any(|value| matches!(value, Value::Const(Literal::Str(_))));
                    let kind = match store.op {
                        _ if text => AddKind::Text,
                        Operator::BitOr => AddKind::Elements(value),
                        _ => AddKind::Append,
                    };
                    found.push(add(at, kind));
                }
                _ => {}
            }
        }
    }

    /// `X = X + [y]`, `self.x = [*self.x, y]`, `X = {**X, k: v}`.
    fn rebound(&self, found: &mut Vec<Add>) {
        let program = self.program;
        for module in &program.modules {
            let names: Vec<_> = module.bindings.names(Parent::Module).map(|(name, _)| name).collect();
            for name in names {
                for (.., binding) in module.bindings.of(Parent::Module, name) {
                    let Binding::Target(target) = *binding else { continue };
                    let at = module.id.expr(target);
                    let scope = program.scope_of(at);
                    if matches!(scope, Scope::Function(_)) && self.is_hot(scope) {
                        self.rebound_to(at, scope, found);
                    }
                }
            }
            for store in module.sites.attribute_stores.iter().filter(|store| self.is_hot(store.scope)) {
                self.rebound_to(store.at, store.scope, found);
            }
        }
    }

    fn rebound_to(&self, target: ExprAt, scope: Scope, found: &mut Vec<Add>) {
        let module = self.program.module(target.module);
        let Some(stmt) = module.links.stmt_of(target.expr) else { return };
        let StmtKind::Assign { value: Some(value), .. } = module.tree[stmt].kind else { return };
        if let Some(kind) = more_of(&module.tree, target.expr, value) {
            let kind = match kind {
                More::Key(key) => AddKind::Keyed(target.beside(key)),
                More::Element => AddKind::Append,
            };
            found.push(Add { at: target, stmt, scope, base: target, kind, value: Some(target.beside(value)) });
        }
    }

    /// Reading a missing key of a `defaultdict` makes an entry.
    fn default_dicts(&self, found: &mut Vec<Add>) {
        let program = self.program;
        let mut modules: Vec<_> = program.calls_named("defaultdict").map(|site| site.at.module).collect();
        modules.dedup();
        for id in modules {
            let module = program.module(id);
            for n in 0..module.tree.expr_count() as u32 {
                let at = id.expr(ExprId(n));
                let ExprKind::Subscript { base, index } = module.tree[at.expr].kind else { continue };
                let base = at.beside(base);
                let is_default = |kind| matches!(kind, Kind::Container { .. });
                let scope = program.scope_of(at);
                if !self.is_hot(scope) || !self.values.is(base, is_default) {
                    continue;
                }
                let made_so = self.values.objects(base).any(|(_, object)| self.is_default_dict(object.made));
                if let (true, Some(stmt)) = (made_so, module.links.stmt_of(at.expr)) {
                    let kind = AddKind::Keyed(at.beside(index));
                    found.push(Add { at, stmt, scope, base, kind, value: None });
                }
            }
        }
    }

    fn is_default_dict(&self, made: ExprAt) -> bool {
        self.program.call(made).is_some_and(|(callee, _)| self.values.path(callee) == Some("collections.defaultdict"))
    }

    /// The statement of an addition.
    pub(super) fn stmt_of(add: &Add) -> StmtAt {
        StmtAt { module: add.at.module, stmt: add.stmt }
    }
}

/// What is put to a target that is bound to itself with more.
#[derive(Clone, Copy, Debug)]
pub(super) enum More {
    /// An element, at the end.
    Element,
    /// Something under this key.
    Key(ExprId),
}

impl More {
    fn of(key: Option<ExprId>) -> Self {
        key.map_or(Self::Element, Self::Key)
    }
}

/// What is added where the value is the target with more.
pub(super) fn more_of(tree: &Tree, target: ExprId, value: ExprId) -> Option<More> {
    match tree[value].kind {
        ExprKind::Binary { op: Operator::Add | Operator::BitOr, left, right } => {
            let found = same(tree, target, left) || same(tree, target, right);
            let nested = || more_of(tree, target, left).is_some();
            (found || nested()).then_some(match tree[right].kind {
                ExprKind::Dict(entries) => More::of(tree[entries].iter().find_map(|entry| entry.key)),
                _ => More::Element,
            })
        }
        ExprKind::List(parts) | ExprKind::Tuple(parts) | ExprKind::Set(parts) => {
            let parts = &tree[parts];
            let starred = parts.iter().any(|&part| match tree[part].kind {
                ExprKind::Starred(inner) => same(tree, target, inner),
                _ => false,
            });
            (starred && parts.len() > 1).then_some(More::Element)
        }
        ExprKind::Dict(entries) => {
            let entries = &tree[entries];
            let whole = entries.iter().any(|entry| entry.key.is_none() && same(tree, target, entry.value));
            if whole { entries.iter().find_map(|entry| entry.key).map(More::Key) } else { None }
        }
        _ => None,
    }
}

/// Whether two expressions are the same chain of names, attributes and constant subscripts.
pub(super) fn same(tree: &Tree, a: ExprId, b: ExprId) -> bool {
    match (tree[a].kind, tree[b].kind) {
        (ExprKind::Name(a), ExprKind::Name(b)) => a == b,
        (ExprKind::Attribute { base: a, name: x }, ExprKind::Attribute { base: b, name: y }) => {
            x == y && same(tree, a, b)
        }
        (ExprKind::Subscript { base: a, index: x }, ExprKind::Subscript { base: b, index: y }) => {
            same(tree, a, b) && same(tree, x, y)
        }
        (ExprKind::Const(a), ExprKind::Const(b)) => a == b,
        (ExprKind::Tuple(a), ExprKind::Tuple(b)) => {
            a.len() == b.len() && tree[a].iter().zip(&tree[b]).all(|(&a, &b)| same(tree, a, b))
        }
        (ExprKind::Fstring(a), ExprKind::Fstring(b)) => {
            a.len() == b.len() && tree[a].iter().zip(&tree[b]).all(|(&a, &b)| same(tree, a, b))
        }
        _ => false,
    }
}
