//! What a read gives for a key is used as if it were there.

use plimsoll_model::Severity;

use crate::program::{CallSite, ExprAt, Owner, Program, Scope};
use crate::rules::look::{Body, Keyed, Reach, call_name, input, kinds, mentions, reach};
use crate::rules::reads::read::{bound_name, keys_of, option};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::{ExprId, ExprKind, StmtId, StmtKind, Sym};

rule! {
    /// What a read gives for a key is used as if it were there.
    MissingItem { id: "missing-item", weakness: UnhandledInput, kind: Crash, severity: Medium, since: "0.1.0" }
}

impl Rule for MissingItem {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for site in cx.program.calls_named("get_item") {
            let reach = reach(cx, site.scope);
            if !reach.is_hot() || !is_read(cx, site) || !varies(cx, site) {
                continue;
            }
            if let Some((at, message, how)) = used(cx, site) {
                let severity = match (how, reach) {
                    (Keyed::Index, _) => Severity::Info,
                    (_, Reach::Request) => Severity::Medium,
                    _ => Severity::Low,
                };
                let scope = cx.program.scope_of(at);
                let draft = Draft::new(&Self::META, Spot::expr(cx.program, at), scope, message)
                    .severity(severity)
                    .step(Spot::expr(cx.program, site.at), "for a key that does not exist, the answer has no `Item`")
                    .step(Spot::expr(cx.program, at), "and is used here as if it had");
                out.push(draft);
            }
        }
    }
}

fn is_read(cx: &Cx<'_>, site: &CallSite) -> bool {
    cx.program.receiver(site.at).is_some_and(|receiver| match kinds::store(cx, receiver) {
        kinds::Store::Yes => true,
        kinds::Store::No => false,
        kinds::Store::Unknown => option(cx, site.at, "Key").is_some(),
    })
}

/// Whether the key differs from call to call: names in it that are no constants.
fn varies(cx: &Cx<'_>, site: &CallSite) -> bool {
    let program = cx.program;
    let Some(key) = option(cx, site.at, "Key") else { return false };
    let names = mentions(program, key, |name| {
        program.text(name).chars().any(char::is_lowercase)
            && !matches!(program.binding_scope(site.scope, name), Some(Scope::Module(_)) | None)
    });
    names || input(cx, key).is_some()
}

/// The first place where the item is used without a look whether it is there.
fn used(cx: &Cx<'_>, site: &CallSite) -> Option<(ExprAt, &'static str, Keyed)> {
    let program = cx.program;
    let body = Body::of(program, site.scope);
    let keys = keys_of(program, &body, site.at);
    let is_item = |key: &str| key == "Item";
    let tested = keys.iter().any(|(_, key, how)| is_item(key) && *how == Keyed::In);
    for (at, key, how) in &keys {
        if !is_item(key) || tested {
            continue;
        }
        match how {
            Keyed::Index => {
                if !is_caught(program, *at) && !is_answer_tested(program, &body, site) {
                    return Some((
                        *at,
                        "for a key that does not exist this is a `KeyError`, and the caller gets 500 instead of 404",
                        *how,
                    ));
                }
            }
            Keyed::Get => {
                if let Some(found) = dereferenced(program, &body, *at) {
                    return Some((
                        found,
                        "for a key that does not exist this is `None`, and using it ends the request with 500 instead of 404",
                        *how,
                    ));
                }
            }
            Keyed::GetDefault | Keyed::In => {}
        }
    }
    None
}

/// Whether the answer as a whole is tested, or given to something that may.
fn is_answer_tested(program: &Program, body: &Body, site: &CallSite) -> bool {
    let Some(name) = bound_name(program, site.at) else { return false };
    tests(program, body, site.at, name)
}

/// Whether a name is tested anywhere in the scope: a condition, a comparison, `assert`.
fn tests(program: &Program, body: &Body, at: ExprAt, name: Sym) -> bool {
    let tree = program.tree(at.module);
    let about = |expr: ExprId| {
        // `item["kind"] == kind` uses it, and does not ask whether it is there.
        body.reads(name).iter().any(|&read| {
            crate::rules::look::spans(tree[expr].span, tree[read].span) && is_whole_test(program, at.beside(read))
        })
    };
    body.stmts.iter().any(|&stmt| match tree[stmt].kind {
        StmtKind::If { test, .. } | StmtKind::While { test, .. } | StmtKind::Assert { test, .. } => about(test),
        StmtKind::Match { subject, .. } => about(subject),
        _ => {
            let mut found = false;
            tree.exprs_of(stmt, &mut |expr| found |= has_test(program, at.beside(expr), &|test| about(test)));
            found
        }
    })
}

/// Whether a conditional expression, `and`, `or` or `not` within the expression tests.
fn has_test(program: &Program, at: ExprAt, about: &dyn Fn(ExprId) -> bool) -> bool {
    let tree = program.tree(at.module);
    let here = match tree[at.expr].kind {
        ExprKind::IfElse { test, .. } => about(test),
        ExprKind::Bool { values, .. } => tree[values].iter().any(|&value| about(value)),
        ExprKind::Compare { .. } | ExprKind::Unary { not: true, .. } => about(at.expr),
        ExprKind::Call { .. } if matches!(call_name(program, at), Some("bool" | "isinstance")) => about(at.expr),
        _ => false,
    };
    let mut found = here;
    tree.children(at.expr, &mut |child| found |= !found && has_test(program, at.beside(child), about));
    found
}

/// Whether a read of the name stands for itself: not the base of an attribute, index or call.
fn is_whole_test(program: &Program, read: ExprAt) -> bool {
    let module = program.module(read.module);
    match module.links.owner(read.expr) {
        Some(Owner::Expr(parent)) => {
            !matches!(module.tree[parent].kind, ExprKind::Attribute { .. } | ExprKind::Subscript { .. })
        }
        _ => true,
    }
}

/// Whether the place stands in a `try` that has handlers.
fn is_caught(program: &Program, at: ExprAt) -> bool {
    let module = program.module(at.module);
    let Some(mut stmt) = module.links.stmt_of(at.expr) else { return true };
    while let Some((parent, part)) = module.links.parent_stmt(stmt) {
        if let StmtKind::Try { handlers, .. } = module.tree[parent].kind
            && part == crate::program::Part::Body
            && module.tree[handlers].iter().any(|handler| catches(program, at, handler.exceptions))
        {
            return true;
        }
        stmt = parent;
    }
    false
}

/// Whether a handler takes a `KeyError`.
fn catches(program: &Program, at: ExprAt, exceptions: Option<ExprId>) -> bool {
    let Some(exceptions) = exceptions else { return true };
    mentions(program, at.beside(exceptions), |name| {
        matches!(
            program.text(name),
            "KeyError" | "LookupError" | "Exception" | "BaseException" | "TypeError" | "AttributeError"
        )
    })
}

/// Where `.get("Item")` is used as an item, without a test between.
fn dereferenced(program: &Program, body: &Body, item: ExprAt) -> Option<ExprAt> {
    let module = program.module(item.module);
    let uses = |at: ExprAt| {
        let parent = module.links.parent(at.expr)?;
        match module.tree[parent].kind {
            ExprKind::Subscript { base, .. } | ExprKind::Attribute { base, .. } if base == at.expr => {
                Some(at.beside(parent))
            }
            _ => None,
        }
    };
    if let Some(found) = uses(item) {
        return (!is_caught(program, item)).then_some(found);
    }
    let name = bound_name(program, item)?;
    // `item = answer.get("Item") or {}` has a default.
    let stmt: StmtId = module.links.stmt_of(item.expr)?;
    if let StmtKind::Assign { value: Some(value), .. } = module.tree[stmt].kind
        && let ExprKind::Bool { or: true, .. } = module.tree[value].kind
    {
        return None;
    }
    if tests(program, body, item, name) || is_walrus(program, item) {
        return None;
    }
    let reads = body.reads(name);
    let checked = reads.iter().position(|&read| is_checked(program, item.beside(read))).unwrap_or(reads.len());
    reads[..checked].iter().find_map(|&read| uses(item.beside(read)).filter(|&at| !is_caught(program, at)))
}

/// `if item := …:` tests where it binds.
fn is_walrus(program: &Program, item: ExprAt) -> bool {
    let module = program.module(item.module);
    module.links.parent(item.expr).is_some_and(|parent| matches!(module.tree[parent].kind, ExprKind::Named { .. }))
}

/// Whether the item is handed to something that says that it checks: `ensure_found(item)`, `require(item)`.
fn is_checked(program: &Program, read: ExprAt) -> bool {
    let module = program.module(read.module);
    let Some(parent) = module.links.parent(read.expr) else { return false };
    matches!(module.tree[parent].kind, ExprKind::Call { callee, .. } if callee != read.expr)
        && call_name(program, read.beside(parent)).is_some_and(|name| {
            ["ensure", "require", "check", "assert", "found", "exists", "404"].iter().any(|word| name.contains(word))
        })
}
