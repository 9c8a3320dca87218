//! A client is configured, or runs against a deadline, and has no timeouts of its own.

use crate::program::{CallSite, ExprAt, Role, Scope};
use crate::rules::look::kinds;
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::values::Kind;

rule! {
    /// A client is configured, or runs against a deadline, and has no timeouts of its own.
    MissingTimeouts { id: "missing-timeouts", weakness: MissingTimeouts, kind: Config, severity: Info, since: "0.1.0" }
}

impl Rule for MissingTimeouts {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let program = cx.program;
        for site in program.calls_named("Config") {
            let path = program.call(site.at).and_then(|(callee, _)| program.external(callee));
            let ours = matches!(
                path,
                Some("botocore.config.Config" | "botocore.client.Config" | "aiobotocore.config.AioConfig")
            );
            if ours
                && program.module(site.at.module).role == Role::Source
                && !has_limits(cx, site.at)
                && !is_only_for_signing(cx, site.at)
            {
                say(cx, site, "the client is configured, but neither how long it waits nor how often it tries", out);
            }
        }
        let lambdas: Vec<_> =
            cx.entries.others.iter().filter(|entry| entry.kind == crate::entries::EntryKind::Lambda).collect();
        for name in ["client", "resource"] {
            for site in program.calls_named(name) {
                let made = kinds::made_here(cx, site.at)
                    .is_some_and(|object| matches!(object.kind, Kind::Client { .. } | Kind::Resource { .. }));
                let in_lambda = lambdas.iter().any(|entry| entry.function.module == site.at.module);
                if made
                    && in_lambda
                    && matches!(site.scope, Scope::Module(_))
                    && program.keyword(site.at, "config").is_none()
                    && !has_options(cx, site.at)
                {
                    say(cx, site, "the function has a deadline, and its client waits up to a minute for each try", out);
                }
            }
        }
    }
}

fn has_limits(cx: &Cx<'_>, config: ExprAt) -> bool {
    has_options(cx, config)
        || ["connect_timeout", "read_timeout", "retries"].iter().any(|name| cx.program.keyword(config, name).is_some())
}

/// `Config(signature_version=UNSIGNED)` and the like are about something else.
fn is_only_for_signing(cx: &Cx<'_>, config: ExprAt) -> bool {
    let Some((_, args)) = cx.program.call(config) else { return true };
    args.iter().all(|arg| {
        arg.keyword.is_some_and(|keyword| {
            matches!(
                cx.program.text(keyword),
                "signature_version" | "region_name" | "s3" | "user_agent_extra" | "user_agent"
            )
        })
    })
}

/// `**options`: then nothing is known.
fn has_options(cx: &Cx<'_>, call: ExprAt) -> bool {
    cx.program.call(call).is_some_and(|(_, args)| args.iter().any(|arg| arg.double_star))
}

fn say(cx: &Cx<'_>, site: &CallSite, message: &str, out: &mut Drafts) {
    out.push(Draft::new(&MissingTimeouts::META, Spot::expr(cx.program, site.at), site.scope, message));
}
