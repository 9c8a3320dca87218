//! A signal of Django is sent without a sender.

use plimsoll_model::Severity;

use crate::rules::look::{is_aside, kinds, reach};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::values::{How, Kind};

rule! {
    /// A signal of Django is sent without a sender.
    SignalWithoutSender { id: "signal-without-sender", weakness: SdkMisuse, kind: Crash, severity: High, since: "0.1.0" }
}

impl Rule for SignalWithoutSender {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let program = cx.program;
        for name in ["send", "send_robust", "asend", "asend_robust"] {
            for site in program.calls_named(name) {
                let Some((_, args)) = program.call(site.at) else { continue };
                let given = args
                    .iter()
                    .any(|arg| arg.double_star || arg.keyword.is_none_or(|keyword| program.text(keyword) == "sender"));
                let Some(receiver) = program.receiver(site.at) else { continue };
                if given || is_aside(program.module(site.at.module).role) {
                    continue;
                }
                let signal = kinds::objects(cx, receiver).find(|object| object.kind == Kind::Signal);
                let Some(signal) = signal else { continue };
                let path = match program.call(signal.made) {
                    Some((callee, _)) => cx.values.path(callee),
                    None => cx.values.path(signal.made),
                };
                // The senders of blinker's signals are optional.
                if signal.how != How::Library && !path.is_some_and(|path| path.starts_with("django.")) {
                    continue;
                }
                let severity = if reach(cx, site.scope).is_hot() { Severity::High } else { Severity::Medium };
                let draft = Draft::new(
                    &Self::META,
                    Spot::expr(program, site.at),
                    site.scope,
                    format!("`{name}` needs a sender: this is a `TypeError` every time it is reached"),
                )
                .severity(severity)
                .step(Spot::expr(program, signal.made), "a signal of Django");
                out.push(draft);
            }
        }
    }
}
