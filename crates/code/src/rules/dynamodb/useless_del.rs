//! A `del` that frees nothing.

use crate::program::{Delete, ExprAt, Program, Scope};
use crate::rules::look::{Body, call_name, is_aside, kinds, name};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::{ExprId, ExprKind, StmtId, StmtKind, Sym, Tree, Visit};
use crate::values::Kind;

rule! {
    /// A `del` that frees nothing.
    UselessDel { id: "useless-del", weakness: UselessDel, kind: Info, severity: Info, since: "0.1.0" }
}

/// Operations whose answers people delete.
const READS: &[&str] = &[
    "scan",
    "query",
    "get_item",
    "batch_get_item",
    "get_records",
    "receive_message",
    "get_object",
    "list_objects_v2",
    "build_full_result",
    "paginate",
];

impl Rule for UselessDel {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for delete in cx.program.deletes() {
            let Some(deleted) = name(cx.program, delete.at) else { continue };
            if is_aside(cx.program.module(delete.at.module).role) || !matches!(delete.scope, Scope::Function(_)) {
                continue;
            }
            let body = Body::of(cx.program, delete.scope);
            if holds_answer(cx, &body, delete, deleted) && is_useless(cx.program, &body, delete, deleted) {
                out.push(Draft::new(
                    &Self::META,
                    Spot::stmt(cx.program, delete.at.module.stmt(delete.stmt)),
                    delete.scope,
                    format!(
                        "this frees nothing that would not be freed right after it: `{}` is about to go anyway",
                        cx.program.text(deleted)
                    ),
                ));
            }
        }
    }
}

/// Whether the name holds an answer of the SDK, or what was made of one.
fn holds_answer(cx: &Cx<'_>, body: &Body, delete: &Delete, deleted: Sym) -> bool {
    let program = cx.program;
    let tree = program.tree(delete.at.module);
    if cx.collected().iter().any(|collected| collected.scope == delete.scope && collected.container == Some(deleted)) {
        return true;
    }
    body.values_of(tree, deleted).into_iter().any(|value| {
        let at = delete.at.beside(value);
        let known = kinds::objects(cx, at).any(|object| {
            matches!(
                object.kind,
                Kind::Response { .. }
                    | Kind::Items { .. }
                    | Kind::Item { .. }
                    | Kind::Records
                    | Kind::Client { .. }
                    | Kind::Resource { .. }
                    | Kind::Table(_)
                    | Kind::PageIterator { .. }
                    | Kind::Paginator { .. }
                    | Kind::Body
            )
        });
        known || is_read(tree, program, at)
    })
}

/// Whether a value is made by a read of the SDK, by the text.
fn is_read(tree: &Tree, program: &Program, at: ExprAt) -> bool {
    struct Calls(Vec<ExprId>);
    impl Visit for Calls {
        fn expr(&mut self, tree: &Tree, expr: ExprId) -> bool {
            if let ExprKind::Call { .. } = tree[expr].kind {
                self.0.push(expr);
            }
            true
        }
    }
    let mut calls = Calls(Vec::new());
    tree.walk_expr(at.expr, &mut calls);
    calls.0.into_iter().any(|call| {
        let call = at.beside(call);
        let keyword = ["TableName", "ShardIterator", "QueueUrl", "KeyConditionExpression", "Key"]
            .iter()
            .any(|key| program.keyword(call, key).is_some());
        keyword && call_name(program, call).is_some_and(|name| READS.contains(&name))
    })
}

/// Whether what follows the `del` is the end of the function, a `return` of what is there, or the next turn, which binds the name again.
fn is_useless(program: &Program, body: &Body, delete: &Delete, deleted: Sym) -> bool {
    let module = program.module(delete.at.module);
    let tree = &module.tree;
    let mut at = delete.stmt;
    loop {
        let parent = module.links.parent_stmt(at);
        let mut after = body.stmts.iter().copied().filter(|&stmt| {
            stmt != at && module.links.parent_stmt(stmt) == parent && tree[stmt].span.start > tree[at].span.start
        });
        match after.next() {
            Some(next) => {
                return match tree[next].kind {
                    StmtKind::Return(value) => value.is_none_or(|value| !does_more(program, delete.at.beside(value))),
                    StmtKind::Assign { targets, .. } => {
                        tree[targets].iter().any(|&target| name(program, delete.at.beside(target)) == Some(deleted))
                    }
                    StmtKind::Continue | StmtKind::Break => true,
                    StmtKind::Delete(_) => {
                        at = next;
                        continue;
                    }
                    _ => false,
                };
            }
            None => match parent {
                None => return true,
                Some((outer, _)) => match tree[outer].kind {
                    StmtKind::While { .. } | StmtKind::For { .. } => {
                        return is_bound_in(program, body, delete.at, outer, deleted);
                    }
                    _ => at = outer,
                },
            },
        }
    }
}

/// Whether a loop binds the name again in each turn.
fn is_bound_in(program: &Program, body: &Body, at: ExprAt, outer: StmtId, deleted: Sym) -> bool {
    let tree = program.tree(at.module);
    body.values_of(tree, deleted).into_iter().any(|value| crate::rules::look::spans(tree[outer].span, tree[value].span))
}

/// Whether a returned value calls something that may take long or much: a function of its own, or one that is handed in.
fn does_more(program: &Program, at: ExprAt) -> bool {
    struct Find<'t> {
        program: &'t Program,
        at: ExprAt,
        found: bool,
    }
    impl Visit for Find<'_> {
        fn expr(&mut self, tree: &Tree, expr: ExprId) -> bool {
            if let ExprKind::Call { callee, .. } = tree[expr].kind {
                self.found |= match tree[callee].kind {
                    ExprKind::Name(name) => {
                        let text = self.program.text(name);
                        let builtin = self
                            .program
                            .external(self.at.beside(callee))
                            .is_some_and(|path| path.starts_with("builtins."));
                        !builtin && text.starts_with(char::is_lowercase) && text != "jsonify"
                    }
                    _ => false,
                };
            }
            !self.found
        }
    }
    let mut find = Find { program, at, found: false };
    program.tree(at.module).walk_expr(at.expr, &mut find);
    find.found
}
