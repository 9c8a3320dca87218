//! A long-lived botocore session is wrapped in a new `boto3.Session` for every request (boto3 issue 2176).

use super::registered::is_once;
use crate::rules::{Cx, Draft, Drafts, Meta, Rule, Spot, rule};

rule! {
    /// A long-lived botocore session is wrapped in a new `boto3.Session` for every request.
    BotocoreSessionRewrapped { id: "botocore-session-rewrapped", weakness: RetainedClient, kind: Leak, severity: High, since: "0.2.0" }
}

impl Rule for BotocoreSessionRewrapped {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for site in cx.program.calls_named("Session").filter(|site| cx.lifetimes.is_hot(site.scope)) {
            let Some((callee, _)) = cx.program.call(site.at) else { continue };
            let sdk = cx.values.path(callee).is_some_and(|path| {
                matches!(
                    path,
                    "boto3.Session" | "boto3.session.Session" | "aioboto3.Session" | "aioboto3.session.Session"
                )
            });
            let Some(core) = cx.program.keyword(site.at, "botocore_session").filter(|_| sdk) else { continue };
            let held = cx.values.objects(core).find(|(id, _)| cx.lifetimes.of(*id).life.is_long());
            let cached = site.scope.function().is_some_and(|function| cx.lifetimes.is_cached(function));
            let Some((_, object)) = held.filter(|_| !cached && !is_once(cx, site)) else { continue };
            let spot = Spot::expr(cx.program, site.at);
            let message = "A new session is wrapped around one long-lived botocore session for every request; its handlers stay registered there, about 3 KB each, for good.";
            let draft = Draft::new(&Self::META, spot, site.scope, message)
                .step(
                    Spot::expr(cx.program, object.born),
                    "the botocore session is made here and lives as long as the process",
                )
                .step(spot, "wrapped here, again for every request")
                .note("See boto3 issue 2176: `boto3.Session` registers handlers on the session that it is given.");
            out.push(draft);
        }
    }
}
