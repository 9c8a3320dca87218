//! Places that take out of something, and whether they can be relied on for a place that adds.
//!
//! A removal counts when it runs wherever the addition runs (on the same way through the program, or in the background) and can be reached at a size
//! that is worth the name. What runs at shutdown, in tests, on another route, on errors only, or when a caller wishes so, does not.

use rustc_hash::FxHashMap;

use super::add::{Add, same};
use super::guard::{blocks, is_endless};
use super::{Lifetimes, Spot, Step};
use crate::entries::Heat;
use crate::program::{ExprAt, FunctionId, ModuleId, Part, Scope, StmtAt};
use crate::syntax::{Block, Compare, Const, ExprKind, Parent, StmtId, StmtKind};
use crate::values::{ObjectId, Value};

/// What a removal takes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// Everything.
    All,
    /// Some: the oldest, a slice.
    Some,
    /// This key or element.
    Key(ExprAt),
}

/// A place that takes out of something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Removal {
    /// The place.
    pub(super) at: ExprAt,
    /// Its statement.
    pub(super) stmt: StmtId,
    /// Where it is executed.
    pub(super) scope: Scope,
    /// What it is called on.
    pub(super) base: ExprAt,
    /// What it takes out.
    pub(super) takes: Takes,
    /// Whether something else calls it later: a done callback, a timer.
    pub(super) later: bool,
}

/// Removals by what they take out of.
pub(super) type Removals = FxHashMap<ObjectId, Vec<Removal>>;

/// Functions that call their argument later.
pub(super) const LATER: &[&str] = &[
    "add_done_callback",
    "call_later",
    "call_soon",
    "call_soon_threadsafe",
    "call_at",
    "Timer",
    "add_task",
    "callback",
    "push_async_callback",
    "finalize",
    "add_job",
    "do",
    "create_task",
    "ensure_future",
    "submit",
    "run_in_executor",
    "call_on_close",
    "after_this_request",
    "on_commit",
    "add_callback",
];

impl Lifetimes<'_> {
    /// Why a removal does not bound an addition; none if it does.
    pub(super) fn shortcoming(&self, removal: &Removal, add: &Add, objects: &[ObjectId]) -> Option<String> {
        let Some(taker) = removal.scope.function() else { return Some("runs at import only".to_owned()) };
        let adder = add.scope.function()?;
        let stmt = StmtAt { module: removal.at.module, stmt: removal.stmt };
        let facts = self.facts(stmt);
        if let Some(reason) = self.unreliable(&facts, removal.base, objects) {
            return Some(reason);
        }
        if removal.later {
            return None;
        }
        if taker == adder {
            return self.shortcoming_here(removal, add, adder);
        }
        // A function made inside of the adding one, or handed to something that calls it later, runs when that is done.
        if self.is_inside(taker, adder) || self.is_handed_on(taker, adder) {
            return None;
        }
        let heat = self.entries.heat(taker);
        if !heat.is_hot() {
            return Some(match () {
                () if heat.contains(Heat::SHUTDOWN) => "runs at shutdown only".to_owned(),
                () if heat.contains(Heat::TEST) => "runs in tests only".to_owned(),
                () if heat.is_startup() || heat.is_import() => "runs at start-up only".to_owned(),
                () if heat.contains(Heat::COMMAND) => "runs in a command only, which is another process".to_owned(),
                () => "is called by nothing that was seen".to_owned(),
            });
        }
        if self.is_never_started(taker) {
            return Some("stands in a loop that nothing was seen to start".to_owned());
        }
        if self.looks_up_only(removal, &facts) {
            return Some("drops an entry only when it is asked for again".to_owned());
        }
        let background = heat.contains(Heat::MESSAGE) && !heat.is_request();
        if background && self.entries.heat(adder).is_request() && self.consumes(removal, &facts) {
            return Some(
                "takes out one at a time, as fast as it can, which may be slower than requests come".to_owned(),
            );
        }
        if !background && !self.covers(taker, adder) {
            return Some("runs on another way through the program, which nobody has to take".to_owned());
        }
        if matches!(removal.takes, Takes::Key(_))
            && let Some(reason) = self.passed_by(taker, adder)
        {
            return Some(reason);
        }
        self.shortcoming_of_calls(taker, adder, objects, add)
    }

    /// Both in the same function.
    pub(super) fn shortcoming_here(&self, removal: &Removal, add: &Add, function: FunctionId) -> Option<String> {
        let module = self.program.module(add.at.module);
        let tree = &module.tree;
        if let Some(handler_of) = self.handler(removal.at.module, removal.stmt) {
            let same_handler = self.handler(add.at.module, add.stmt).is_some_and(|other| other == handler_of);
            let StmtKind::Try { body, .. } = tree[handler_of].kind else { return None };
            if !same_handler && !is_endless(tree, body) {
                return Some("runs on errors only".to_owned());
            }
            return None;
        }
        if self.in_finally(removal.at.module, removal.stmt) {
            return None;
        }
        let Takes::Key(key) = removal.takes else { return None };
        let (adds_at, takes_at) = (tree[add.stmt].span, tree[removal.stmt].span);
        let key_added = match add.kind {
            super::AddKind::Keyed(key) | super::AddKind::Element(key) => Some(key),
            _ => add.value,
        };
        let same_key = key_added.is_some_and(|added| same(tree, added.expr, key.expr));
        if takes_at.start < adds_at.start {
            let in_loop = self.in_loop(removal.at.module, removal.stmt);
            return (same_key && !in_loop).then(|| "takes out only the key that is then put in again".to_owned());
        }
        // Something may leave the function between the two.
        let stmts = self.program.function(function).body;
        if same_key && self.leaves_between(module.id, stmts, adds_at.end, takes_at.start) {
            return Some("is passed by where the function is left before".to_owned());
        }
        None
    }

    /// A helper that removes is called only on errors, or only after something may have left.
    pub(super) fn shortcoming_of_calls(
        &self,
        taker: FunctionId,
        adder: FunctionId,
        objects: &[ObjectId],
        add: &Add,
    ) -> Option<String> {
        let mut reason = None;
        let mut any = false;
        for caller in self.values.callers(taker) {
            let Some(stmt) = self.program.module(caller.call.module).links.stmt_of(caller.call.expr) else { continue };
            let scope = self.program.scope_of(caller.call);
            let at = StmtAt { module: caller.call.module, stmt };
            if !self.is_hot(scope) {
                continue;
            }
            any = true;
            let facts = self.facts(at);
            if let Some(found) = self.unreliable(&facts, add.base, objects) {
                reason = Some(found);
                continue;
            }
            if let Some(of) = self.handler(at.module, at.stmt) {
                let tree = self.program.tree(at.module);
                let StmtKind::Try { body, .. } = tree[of].kind else { return None };
                if !is_endless(tree, body) && scope.function() != Some(adder) {
                    reason = Some("is called on errors only".to_owned());
                    continue;
                }
            }
            return None;
        }
        if any { reason } else { None }
    }

    /// `start()` and `finish()` called by one function, with a way out of it between the two.
    pub(super) fn passed_by(&self, taker: FunctionId, adder: FunctionId) -> Option<String> {
        for begin in self.values.callers(adder) {
            let Some(scope) = begin.scope.function() else { continue };
            let module = self.program.module(begin.call.module);
            let Some(first) = module.links.stmt_of(begin.call.expr) else { continue };
            let mut passed = false;
            for end in self.values.callers(taker).into_iter().filter(|end| end.scope == begin.scope) {
                let Some(last) = module.links.stmt_of(end.call.expr) else { continue };
                let (start, stop) = (module.tree[first].span.end, module.tree[last].span.start);
                if start > stop || self.in_finally(module.id, last) || self.handler(module.id, last).is_some() {
                    passed = false;
                    break;
                }
                passed = self.leaves_between(module.id, self.program.function(scope).body, start, stop);
                if !passed {
                    break;
                }
            }
            if passed {
                return Some("is passed by where the function that calls both is left before".to_owned());
            }
        }
        None
    }

    /// `rows.popleft()`, `rows.pop(0)` right in a loop without an end: a consumer's step. In a loop of its own it empties the container, under a
    /// comparison, as of times, it is a sweep.
    pub(super) fn consumes(&self, removal: &Removal, facts: &[super::guard::Fact]) -> bool {
        let program = self.program;
        let Some((callee, args)) = program.call(removal.at) else { return false };
        let ExprKind::Attribute { name, .. } = program.expr(callee).kind else { return false };
        let one = match self.text(name) {
            "popleft" => true,
            "pop" => args
                .iter()
                .all(|arg| matches!(program.expr(removal.at.beside(arg.value)).kind, ExprKind::Const(Const::Int(_)))),
            _ => false,
        };
        let compared = facts.iter().any(|fact| matches!(program.expr(fact.test).kind, ExprKind::Compare { .. }));
        one && !compared && self.innermost_loop_is_endless(removal)
    }

    pub(super) fn innermost_loop_is_endless(&self, removal: &Removal) -> bool {
        let module = self.program.module(removal.at.module);
        let mut at = removal.stmt;
        while let Some((parent, part)) = module.links.parent_stmt(at) {
            match module.tree[parent].kind {
                StmtKind::While { test, .. } if part == Part::Body => return super::guard::always(&module.tree, test),
                StmtKind::For { .. } if part == Part::Body => return false,
                _ => at = parent,
            }
        }
        false
    }

    /// A loop without end that nobody calls and nobody hands to a thread or task.
    pub(super) fn is_never_started(&self, function: FunctionId) -> bool {
        use crate::entries::{Entry, EntryKind};
        let others = &self.entries.others;
        let of = |kind| others.contains(&Entry { kind, function });
        of(EntryKind::Loop)
            && !others.iter().any(|entry| entry.function == function && entry.kind != EntryKind::Loop)
            && self.values.callers(function).is_empty()
    }

    /// `if entry.expires < now: del cache[key]`: one key, under a comparison, outside of a loop.
    pub(super) fn looks_up_only(&self, removal: &Removal, facts: &[super::guard::Fact]) -> bool {
        let Takes::Key(_) = removal.takes else { return false };
        if self.in_loop(removal.at.module, removal.stmt) {
            return false;
        }
        facts.iter().any(|fact| {
            let tree = self.program.tree(fact.test.module);
            match tree[fact.test.expr].kind {
                ExprKind::Compare { rest, .. } => tree[rest]
                    .iter()
                    .any(|one| matches!(one.op, Compare::Lt | Compare::LtE | Compare::Gt | Compare::GtE)),
                _ => false,
            }
        })
    }

    /// The `try` whose handler a statement stands in.
    pub(super) fn handler(&self, module: ModuleId, stmt: StmtId) -> Option<StmtId> {
        let links = &self.program.module(module).links;
        let mut at = stmt;
        while let Some((parent, part)) = links.parent_stmt(at) {
            if part == Part::Handler {
                return Some(parent);
            }
            at = parent;
        }
        None
    }

    pub(super) fn in_finally(&self, module: ModuleId, stmt: StmtId) -> bool {
        let links = &self.program.module(module).links;
        let mut at = stmt;
        while let Some((parent, part)) = links.parent_stmt(at) {
            if part == Part::Finally {
                return true;
            }
            at = parent;
        }
        false
    }

    pub(super) fn in_loop(&self, module: ModuleId, stmt: StmtId) -> bool {
        let module = self.program.module(module);
        let mut at = stmt;
        while let Some((parent, part)) = module.links.parent_stmt(at) {
            if part == Part::Body && matches!(module.tree[parent].kind, StmtKind::For { .. } | StmtKind::While { .. }) {
                return true;
            }
            at = parent;
        }
        false
    }

    /// Whether a function is written inside of another one.
    pub(super) fn is_inside(&self, inner: FunctionId, outer: FunctionId) -> bool {
        let tree = self.program.tree(inner.module);
        let mut scope = tree[inner.ix].parent;
        loop {
            scope = match scope {
                Parent::Module => return false,
                Parent::Function(ix) if inner.module.function(ix) == outer => return true,
                Parent::Function(ix) => tree[ix].parent,
                Parent::Class(ix) => tree[ix].parent,
            };
        }
    }

    /// `task.add_done_callback(forget)` in the adding function.
    pub(super) fn is_handed_on(&self, taker: FunctionId, adder: FunctionId) -> bool {
        LATER.iter().any(|name| {
            self.program.calls_named(name).filter(|site| site.scope == Scope::Function(adder)).any(|site| {
                let (_, args) = self.program.call(site.at).unwrap_or((site.at, &[]));
                args.iter().any(|arg| {
                    self.values.eval(site.at.beside(arg.value)).iter().any(
                        |value| matches!(*value, Value::Function(function) | Value::Bound(function, _) if function == taker),
                    )
                })
            })
        })
    }

    /// A removal as a step of the story.
    pub(super) fn looked_at(&self, removal: &Removal, why: &str) -> Step {
        Step { spot: Spot::expr(self.program, removal.at), note: format!("does not bound it: this {why}") }
    }
}

impl Lifetimes<'_> {
    /// Whether something leaves the function between two of its statements.
    pub(super) fn leaves_between(&self, module: ModuleId, block: Block, start: u32, end: u32) -> bool {
        let tree = self.program.tree(module);
        tree[block].iter().any(|&stmt| {
            let span = tree[stmt].span;
            if span.end <= start || span.start >= end {
                return false;
            }
            if span.start >= start && span.end <= end {
                return self.exits_within(StmtAt { module, stmt });
            }
            blocks(tree, stmt).into_iter().any(|block| self.leaves_between(module, block, start, end))
        })
    }
}
