//! What is added: whether it is new each time, comes from a stream, or is there only once; and who is meant to take it out.

use super::add::{Add, same};
use super::evict::{Removal, Takes};
use super::guard::{self, Fact};
use super::{AddKind, Lifetimes, Stored};
use crate::entries::Verb;
use crate::program::{Binding, ExprAt, Scope, StmtAt};
use crate::syntax::{Compare, ExprKind, StmtKind};
use crate::values::{Kind, ObjectId};

impl Lifetimes<'_> {
    /// What is stored: of what is only read out, the elements.
    pub(super) fn stored_by(&self, add: &Add, value: ExprAt) -> Stored {
        let whole = match self.program.expr(add.at).kind {
            ExprKind::Call { callee, .. } => match self.program.expr(add.at.beside(callee)).kind {
                ExprKind::Attribute { name, .. } => {
                    !matches!(self.text(name), "extend" | "extendleft" | "update" | "writelines")
                }
                _ => true,
            },
            _ => !(add.at == add.base && add.kind == AddKind::Append),
        };
        if whole {
            return self.stored(value);
        }
        match self.program.expr(value).kind {
            ExprKind::Comprehension { element, .. } => self.stored(value.beside(element)),
            _ => match self.stored(value) {
                Stored::Iterator => Stored::Data,
                found => found,
            },
        }
    }

    /// An object that is made again and again, and equals no other one.
    pub(super) fn is_new_object(&self, at: ExprAt) -> bool {
        self.values.objects(at).any(|(_, object)| {
            let distinct = matches!(
                object.kind,
                Kind::Task
                    | Kind::Future
                    | Kind::Thread
                    | Kind::Executor { .. }
                    | Kind::Generator(_)
                    | Kind::Queue { .. }
                    | Kind::Lock
                    | Kind::Exception
                    | Kind::Request
                    | Kind::File
            );
            distinct && (self.is_hot(object.scope) || object.kind == Kind::Request)
        })
    }

    /// Records of a stream, messages of a queue, or parts of them.
    pub(super) fn is_records(&self, value: ExprAt) -> bool {
        self.is_of_records(value, 8)
    }

    pub(super) fn is_of_records(&self, at: ExprAt, left: u8) -> bool {
        let Some(left) = left.checked_sub(1) else { return false };
        if self.values.is(at, |kind| matches!(kind, Kind::Records | Kind::Record)) {
            return true;
        }
        let program = self.program;
        let named = |at: ExprAt| self.values.strings(at).any(|text| matches!(text, "Records" | "Messages"));
        match program.expr(at).kind {
            ExprKind::Subscript { base, index } => named(at.beside(index)) || self.is_of_records(at.beside(base), left),
            ExprKind::Call { callee, .. } => match program.expr(at.beside(callee)).kind {
                ExprKind::Attribute { base, name } if self.text(name) == "get" => {
                    program.positional(at, 0).is_some_and(named) || self.is_of_records(at.beside(base), left)
                }
                _ => false,
            },
            ExprKind::Name(name) => {
                let Some(scope) = program.binding_scope(program.scope_of(at), name) else { return false };
                program.bindings(scope, name).any(|binding| {
                    let Binding::Target(target) = binding else { return false };
                    let module = program.module(scope.module());
                    match module.links.stmt_of(target).map(|stmt| module.tree[stmt].kind) {
                        Some(StmtKind::For { iter, .. }) => self.is_of_records(module.id.expr(iter), left),
                        Some(StmtKind::Assign { value: Some(value), .. }) => {
                            self.is_of_records(module.id.expr(value), left)
                        }
                        _ => false,
                    }
                })
            }
            _ => false,
        }
    }

    /// `if x not in holder: holder.append(x)`: a list that is used like a set.
    pub(super) fn is_new_to(&self, facts: &[Fact], value: ExprAt, base: ExprAt, objects: &[ObjectId]) -> bool {
        let tree = self.program.tree(value.module);
        facts.iter().any(|fact| match tree[fact.test.expr].kind {
            ExprKind::Compare { left, rest } => match tree[rest] {
                [one] => {
                    let absent = matches!((one.op, fact.holds), (Compare::NotIn, true) | (Compare::In, false));
                    absent
                        && same(tree, left, value.expr)
                        && self.same_holder(fact.test.beside(one.right), base, objects)
                }
                _ => false,
            },
            _ => false,
        })
    }

    /// `for known in holder: if …: return known` before something new is added: as many as there are kinds of it.
    pub(super) fn is_search_before(&self, add: &Add, objects: &[ObjectId]) -> bool {
        let module = self.program.module(add.at.module);
        let Scope::Function(function) = add.scope else { return false };
        let mut blocks = vec![self.program.function(function).body];
        while let Some(block) = blocks.pop() {
            for &stmt in &module.tree[block] {
                if module.tree[stmt].span.start >= module.tree[add.stmt].span.start {
                    break;
                }
                if let StmtKind::For { iter, .. } = module.tree[stmt].kind
                    && self.same_holder(add.at.beside(iter), add.base, objects)
                    && self.exits_within(StmtAt { module: module.id, stmt })
                {
                    return true;
                }
                blocks.extend(guard::blocks(&module.tree, stmt));
            }
        }
        false
    }

    /// Whether a call that requests reach leaves the parameter out whose default this is.
    pub(super) fn is_default_used(&self, default: ExprAt) -> bool {
        let Some(function) = self.default_of(default) else { return true };
        let params = self.program.params(function);
        let Some(n) = params.iter().position(|param| param.default == Some(default.expr)) else { return true };
        // A framework copies it.
        if self.entries.takes_input(function) {
            return false;
        }
        self.values.callers(function).iter().any(|caller| {
            let (_, args) = self.program.call(caller.call).unwrap_or((caller.call, &[]));
            let spread = args.iter().any(|arg| {
                arg.double_star || matches!(self.program.expr(caller.call.beside(arg.value)).kind, ExprKind::Starred(_))
            });
            !spread && self.is_hot(caller.scope) && self.values.argument_of(caller, function, n).is_none()
        })
    }

    /// A removal of one key that an operation of its own exists for: `DELETE`, `unregister`, `disconnect`.
    pub(super) fn is_counterpart(&self, removal: &Removal) -> bool {
        let (Takes::Key(_), Scope::Function(function)) = (removal.takes, removal.scope) else { return false };
        if !self.entries.heat(function).is_hot() {
            return false;
        }
        let name = self.text(self.program.function(function).name).to_ascii_lowercase();
        const WORDS: &[&str] = &[
            "delete",
            "remove",
            "disconnect",
            "unregister",
            "unsubscribe",
            "cancel",
            "close",
            "logout",
            "discard",
            "detach",
        ];
        let methods = |verb| matches!(verb, Verb::Http(plimsoll_model::Method::Delete));
        WORDS.iter().any(|word| name.contains(word))
            || self.entries.routes_reaching(function).any(|route| methods(route.verb))
    }
}
