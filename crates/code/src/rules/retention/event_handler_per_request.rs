//! A handler is registered with a shared client's event system for every request.

use super::registered::{behind, is_new_each_time, is_once, is_set_up, is_undone};
use crate::lifetimes::Spread;
use crate::program::{CallSite, ExprAt};
use crate::rules::{Cx, Draft, Drafts, Meta, Rule, Spot, rule};
use crate::syntax::ExprKind;
use crate::values::Kind;

rule! {
    /// A handler is registered with a shared client's event system for every request.
    EventHandlerPerRequest { id: "event-handler-per-request", weakness: HandlerPerRequest, kind: Leak, severity: High, since: "0.2.0" }
}

impl Rule for EventHandlerPerRequest {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for name in ["register", "register_first", "register_last"] {
            for site in cx.program.calls_named(name).filter(|site| cx.lifetimes.is_hot(site.scope)) {
                let Some(emitter) = cx.program.receiver(site.at) else { continue };
                if !cx.values.is(emitter, |kind| kind == Kind::Emitter) {
                    continue;
                }
                let unique = cx.program.argument(site.at, 2, "unique_id");
                let stable = unique.is_some_and(|id| cx.lifetimes.spread(id) != Spread::Open);
                if !stable
                    && let (Some(handler), Some(owner)) =
                        (cx.program.argument(site.at, 1, "handler"), owner(cx, emitter))
                {
                    report(cx, out, site, handler, owner, &["unregister"]);
                }
            }
        }
        for site in cx.program.calls_named("listen").filter(|site| cx.lifetimes.is_hot(site.scope)) {
            let Some((callee, _)) = cx.program.call(site.at) else { continue };
            if cx.values.path(callee) == Some("sqlalchemy.event.listen")
                && let (Some(target), Some(handler)) =
                    (cx.program.positional(site.at, 0), cx.program.positional(site.at, 2))
            {
                report(cx, out, site, handler, target, &["remove"]);
            }
        }
        for name in ["on", "once", "add_listener"] {
            for site in cx.program.calls_named(name).filter(|site| cx.lifetimes.is_hot(site.scope)) {
                let Some(emitter) = cx.program.receiver(site.at) else { continue };
                let pyee = |kind| matches!(kind, Kind::Made(path) if cx.program.text(path).starts_with("pyee."));
                if cx.values.is(emitter, pyee)
                    && let Some(handler) = cx.program.positional(site.at, 1)
                {
                    report(cx, out, site, handler, emitter, &["remove_listener", "remove_all_listeners"]);
                }
            }
        }
    }
}

fn report(cx: &Cx<'_>, out: &mut Drafts, site: &CallSite, handler: ExprAt, owner: ExprAt, undo: &[&str]) {
    let long = cx.values.objects(owner).any(|(id, _)| cx.lifetimes.of(id).life.is_long());
    if !long
        || !is_new_each_time(cx, handler)
        || is_once(cx, site)
        || is_set_up(cx, site)
        || is_undone(cx, site, Some(handler), undo)
    {
        return;
    }
    let spot = Spot::expr(cx.program, site.at);
    let message = "A new handler is registered for every request on something that outlives it; it stays, with what it closes over, and all of them run at every later event.";
    let mut draft = Draft::new(&EventHandlerPerRequest::META, spot, site.scope, message);
    for (id, object) in cx.values.objects(owner) {
        if cx.lifetimes.of(id).life.is_long() {
            draft = draft.step(Spot::expr(cx.program, object.born), "made here, and shared by all requests");
        }
    }
    out.push(
        draft
            .step(spot, "registered here with a function that is new each time")
            .note("Nothing was seen that takes it away on every way out."),
    );
}

/// What the event system belongs to: `client` in `client.meta.events`.
fn owner(cx: &Cx<'_>, emitter: ExprAt) -> Option<ExprAt> {
    let mut at = behind(cx, emitter);
    for _ in 0..6 {
        match cx.program.expr(at).kind {
            ExprKind::Attribute { base, name } if matches!(cx.program.text(name), "events" | "meta" | "client") => {
                at = behind(cx, at.beside(base));
            }
            _ => return Some(at),
        }
    }
    None
}
