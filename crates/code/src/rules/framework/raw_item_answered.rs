//! A route answers with items in the format of the store's wire.

use plimsoll_model::Severity;

use crate::entries::Framework;
use crate::program::{ExprAt, FunctionId, Program, Scope};
use crate::rules::look::{call_name, kinds, unwrapped};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::ExprKind;
use crate::values::{Kind, Object};

use super::answered::{Piece, pieces};

rule! {
    /// A route answers with items in the format of the store's wire.
    RawItemAnswered { id: "raw-item-answered", weakness: RawAttributeValues, kind: Exposure, severity: Low, since: "0.1.0" }
}

/// Answers that an item was derived from, one after the other.
const DEEPEST: u8 = 6;

impl Rule for RawItemAnswered {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for &handler in cx.handlers() {
            if is_modelled(cx, handler) {
                continue;
            }
            pieces(cx, handler, &mut |piece| {
                let raw = kinds::objects(cx, piece.at).find(|object| is_raw(cx, object, DEEPEST));
                let Some(object) = raw else { return false };
                let what = match object.kind {
                    Kind::Record | Kind::Records => "the records of the stream go out",
                    Kind::Item { .. } => "the item goes out",
                    Kind::Response { .. } => "the store's whole answer goes out",
                    _ => "the items go out",
                };
                let draft = Draft::new(
                    &Self::META,
                    Spot::expr(cx.program, piece.at),
                    Scope::Function(piece.function),
                    format!("{what} as the low-level client gives them, with a type around each value and with every attribute"),
                )
                .severity(if is_line(cx.program, piece) { Severity::Info } else { Severity::Low })
                .operations(cx.operations(Scope::Function(handler)))
                .step(Spot::expr(cx.program, object.made), "read here, in the format of the wire")
                .step(Spot::expr(cx.program, piece.at), "and answered here");
                out.push(draft);
                true
            });
        }
    }
}

/// Whether each row goes out as a line of its own, `json.dumps(row)` for one after the other: the form of the store's own exports, which may be meant.
fn is_line(program: &Program, piece: Piece) -> bool {
    let at = piece.at;
    let module = program.module(at.module);
    let Some(parent) = module.links.parent(at.expr) else { return false };
    if !matches!(module.tree[parent].kind, ExprKind::Call { .. })
        || call_name(program, at.beside(parent)) != Some("dumps")
    {
        return false;
    }
    let mut outer = module.links.parent(parent);
    while let Some(expr) = outer {
        if matches!(module.tree[expr].kind, ExprKind::Comprehension { .. }) {
            return true;
        }
        outer = module.links.parent(expr);
    }
    program.function(piece.function).is_generator
}

/// Whether FastAPI passes the answer through a model of the project, which chooses the fields.
pub(super) fn is_modelled(cx: &Cx<'_>, handler: FunctionId) -> bool {
    let program = cx.program;
    let route = cx.entries.routes.iter().find(|route| route.handler == Some(handler));
    let Some(route) = route.filter(|route| matches!(route.framework, Framework::FastApi | Framework::Ninja)) else {
        return false;
    };
    let named =
        program.keyword(route.declared, "response_model").or_else(|| program.keyword(route.declared, "response"));
    let returned = program.function(handler).returns.map(|returns| handler.module.expr(returns));
    [named, returned].into_iter().flatten().any(|model| names_class(program, model))
}

/// Whether an annotation names a class of the project.
fn names_class(program: &Program, at: ExprAt) -> bool {
    use crate::program::Symbol;
    if matches!(program.resolve(at), Some(Symbol::Class(_))) {
        return true;
    }
    let tree = program.tree(at.module);
    let mut found = false;
    if matches!(tree[at.expr].kind, ExprKind::Subscript { .. } | ExprKind::Binary { .. } | ExprKind::Tuple(_)) {
        tree.children(at.expr, &mut |child| found |= names_class(program, at.beside(child)));
    }
    found
}

/// Whether an object is what a client, not a table, gives.
fn is_raw(cx: &Cx<'_>, object: &Object, left: u8) -> bool {
    let Some(left) = left.checked_sub(1) else { return false };
    let program = cx.program;
    match object.kind {
        Kind::Record | Kind::Records => true,
        Kind::Response { operation, .. } | Kind::Items { operation, .. } | Kind::Item { operation } => {
            let reads = operation.is_some_and(|operation| {
                matches!(
                    program.text(operation),
                    "get_item" | "query" | "scan" | "batch_get_item" | "transact_get_items"
                )
            });
            reads && origin(cx, object.made, left)
        }
        _ => false,
    }
}

/// Whether what an expression is derived from is a client of the store: through `["Items"]`, `.get("Item")`, a loop over the items or pages.
fn origin(cx: &Cx<'_>, made: ExprAt, left: u8) -> bool {
    let program = cx.program;
    let made = unwrapped(program, made);
    let base = match program.expr(made).kind {
        ExprKind::Subscript { base, .. } => made.beside(base),
        ExprKind::Call { .. } => match program.receiver(made) {
            Some(receiver) => receiver,
            None => return false,
        },
        // `for item in items`: what is gone through is what the element is derived from.
        ExprKind::Name(_) | ExprKind::Attribute { .. } => made,
        _ => return false,
    };
    kinds::objects(cx, base).any(|object| match object.kind {
        Kind::Client { .. } | Kind::ClientContext { resource: false, .. } => !is_of_resource(cx, object),
        Kind::Response { .. } | Kind::Items { .. } => object.made != made && is_raw(cx, object, left),
        // Only clients have paginators.
        Kind::Paginator { .. } | Kind::PageIterator { .. } => {
            object.made != made && left.checked_sub(1).is_some_and(|left| origin(cx, object.made, left))
        }
        _ => false,
    })
}

/// `table.meta.client`: a resource's own client unwraps the values as the resource does.
fn is_of_resource(cx: &Cx<'_>, client: &Object) -> bool {
    matches!(cx.program.expr(client.made).kind, ExprKind::Attribute { name, .. } if cx.program.text(name) == "client")
}
