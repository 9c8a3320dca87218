//! A receiver is connected to a signal for every request.

use super::registered::{is_new_each_time, is_once, is_set_up, is_undone};
use crate::lifetimes::Spread;
use crate::program::{Decorated, ExprAt, Scope};
use crate::rules::{Cx, Draft, Drafts, Meta, Rule, Spot, rule};
use crate::syntax::{Const, ExprKind, Parent};
use crate::values::{Kind, Value};

rule! {
    /// A receiver is connected to a signal for every request.
    SignalConnectedPerRequest { id: "signal-connected-per-request", weakness: HandlerPerRequest, kind: Leak, severity: High, since: "0.2.0" }
}

const WHY: &str = "A new receiver is connected to the signal for every request and held strongly; it stays, with what it closes over, and every send calls all of them.";

impl Rule for SignalConnectedPerRequest {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for site in cx.program.calls_named("connect").filter(|site| cx.lifetimes.is_hot(site.scope)) {
            let (Some(signal), Some(receiver)) =
                (cx.program.receiver(site.at), cx.program.argument(site.at, 0, "receiver"))
            else {
                continue;
            };
            if is_signal(cx, signal)
                && is_strong(cx, site.at)
                && is_new_each_time(cx, receiver)
                && !is_once(cx, site)
                && !is_set_up(cx, site)
                && !is_undone(cx, site, Some(receiver), &["disconnect"])
            {
                let spot = Spot::expr(cx.program, site.at);
                let draft = Draft::new(&Self::META, spot, site.scope, WHY)
                    .step(Spot::expr(cx.program, receiver), "the receiver is made for this request")
                    .step(spot, "connected here with `weak=False`, without a `dispatch_uid` that stays the same")
                    .note("No `disconnect` was seen that runs on every way out.");
                out.push(draft);
            }
        }
        for decorator in cx.program.decorators_named("receiver") {
            let Decorated::Function(function) = decorator.on else { continue };
            let Parent::Function(outer) = cx.program.function(function).parent else { continue };
            let scope = Scope::Function(function.module.function(outer));
            let signal = cx.program.positional(decorator.at, 0);
            if cx.lifetimes.is_hot(scope)
                && signal.is_some_and(|signal| is_signal(cx, signal))
                && is_strong(cx, decorator.at)
            {
                let spot = Spot::expr(cx.program, decorator.at);
                out.push(
                    Draft::new(&Self::META, spot, scope, WHY)
                        .step(spot, "connected here, with `weak=False`, whenever the function around it runs"),
                );
            }
        }
    }
}

fn is_signal(cx: &Cx<'_>, at: ExprAt) -> bool {
    cx.values.eval(at).iter().any(|value| match *value {
        Value::Object(id) => cx.values.object(id).kind == Kind::Signal,
        Value::External(path) => cx.program.text(path).contains(".signals."),
        _ => false,
    }) || cx.program.external(at).is_some_and(|path| path.contains(".signals."))
}

/// `weak=False` and nothing that makes it the same receiver each time.
fn is_strong(cx: &Cx<'_>, call: ExprAt) -> bool {
    let weak = cx.program.argument(call, 2, "weak");
    let strong = weak.is_some_and(|weak| matches!(cx.program.expr(weak).kind, ExprKind::Const(Const::Bool(false))));
    let stable =
        cx.program.argument(call, 3, "dispatch_uid").is_some_and(|uid| cx.lifetimes.spread(uid) != Spread::Open);
    strong && !stable
}
