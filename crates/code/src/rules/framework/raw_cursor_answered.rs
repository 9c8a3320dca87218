//! A route hands the store's own cursor to the caller.

use plimsoll_model::Severity;

use crate::program::{ExprAt, Scope};
use crate::rules::look::{call_name, kinds};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::ExprKind;
use crate::values::Kind;

use super::answered::pieces;

rule! {
    /// A route hands the store's own cursor to the caller.
    RawCursorAnswered { id: "raw-cursor-answered", weakness: RawStoreCursor, kind: Exposure, severity: Medium, since: "0.1.0" }
}

/// What changes the form of a text and not who can read it.
const CODECS: &[&str] = &[
    "dumps",
    "b64encode",
    "urlsafe_b64encode",
    "standard_b64encode",
    "b32encode",
    "b85encode",
    "hexlify",
    "encode",
    "decode",
    "quote",
    "quote_plus",
    "str",
    "hex",
    "rstrip",
    "strip",
];

/// Calls within calls.
const DEEPEST: u8 = 10;

impl Rule for RawCursorAnswered {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for &handler in cx.handlers() {
            pieces(cx, handler, &mut |piece| {
                let direct = cursor(cx, piece.at);
                let is_call = matches!(cx.program.expr(piece.at).kind, ExprKind::Call { .. });
                let Some(born) = direct.or_else(|| if is_call { encoded(cx, piece.at, DEEPEST) } else { None }) else {
                    return false;
                };
                let (severity, message) = if direct.is_some() {
                    (
                        Severity::Medium,
                        "`LastEvaluatedKey` goes out as it is: a caller reads the keys in it and can send others back",
                    )
                } else {
                    (
                        Severity::Info,
                        "`LastEvaluatedKey` goes out in another form, but not signed: whoever decodes it reads the keys and can send others back",
                    )
                };
                let draft =
                    Draft::new(&Self::META, Spot::expr(cx.program, piece.at), Scope::Function(piece.function), message)
                        .severity(severity)
                        .operations(cx.operations(Scope::Function(handler)))
                        .step(Spot::expr(cx.program, born), "the store's cursor")
                        .step(Spot::expr(cx.program, piece.at), "answered here");
                out.push(draft);
                true
            });
        }
    }
}

/// Where the cursor comes from that an expression is.
fn cursor(cx: &Cx<'_>, at: ExprAt) -> Option<ExprAt> {
    kinds::objects(cx, at).find(|object| object.kind == Kind::Cursor).map(|object| object.made)
}

/// The cursor that a text is made of, by codecs alone.
fn encoded(cx: &Cx<'_>, at: ExprAt, left: u8) -> Option<ExprAt> {
    let left = left.checked_sub(1)?;
    let program = cx.program;
    let tree = program.tree(at.module);
    let inside = |expr| cursor(cx, at.beside(expr)).or_else(|| encoded(cx, at.beside(expr), left));
    match tree[at.expr].kind {
        ExprKind::Call { callee, args } => {
            let name = call_name(program, at)?;
            let path = cx.values.path(at.beside(callee));
            // `dumps` of an object that was made somewhere is a signer's (`URLSafeSerializer(…).dumps`): codecs have it as a function.
            let signs = match path {
                Some(path) => {
                    ["django.core.signing", "itsdangerous", "jwt", "jose"].iter().any(|known| path.starts_with(known))
                }
                None => name == "dumps",
            };
            if !CODECS.contains(&name) || signs || !cx.values.targets(at).is_empty() {
                return None;
            }
            let receiver = program.receiver(at).and_then(|receiver| encoded(cx, receiver, left));
            receiver.or_else(|| tree[args].iter().find_map(|arg| inside(arg.value)))
        }
        ExprKind::List(parts) | ExprKind::Tuple(parts) => tree[parts].iter().find_map(|&part| inside(part)),
        ExprKind::Dict(entries) => tree[entries].iter().find_map(|entry| inside(entry.value)),
        _ => None,
    }
}
