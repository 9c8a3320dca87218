//! Places that build something that could be shared, and what a finding about one says.

use plimsoll_model::Severity;

use super::kept::rebuilt;
use crate::entries::EntryKind;
use crate::program::{Binding, ExprAt, FunctionId, Scope};
use crate::rules::look::{Reach, calls, kinds};
use crate::rules::{Cx, Draft, Meta, Spot};
use crate::syntax::{Arg, ExprKind};
use crate::values::{How, Kind, Object};

/// A call that builds something.
#[derive(Clone, Copy, Debug)]
pub struct Build {
    /// The call.
    pub at: ExprAt,
    /// The scope that it is executed in.
    pub scope: Scope,
    /// What it builds.
    pub kind: Kind,
    /// How many loops repeat it.
    pub loops: u8,
}

/// Calls by these names that build an object of which the test holds.
pub fn builds(cx: &Cx<'_>, names: &[&str], is: impl Fn(&Object) -> bool) -> Vec<Build> {
    let mut found = Vec::new();
    for name in names {
        for site in calls(cx, name) {
            if site.scope.function().is_none() {
                continue;
            }
            let made = kinds::objects(cx, site.at)
                .find(|object| object.made == site.at && object.how == How::Made && is(object));
            if let Some(object) = made {
                found.push(Build { at: site.at, scope: site.scope, kind: object.kind, loops: site.around.loops });
            }
        }
    }
    found
}

/// Arguments of credentials: what is built with them cannot be shared by all callers.
const CREDENTIALS: &[&str] = &[
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "profile_name",
    "botocore_session",
    "cert",
    "auth",
    "cookies",
];

impl Build {
    /// Whether what is built depends on whom it is for: it is made with credentials that are not constant.
    pub fn is_personal(&self, cx: &Cx<'_>) -> bool {
        let program = cx.program;
        let Some((_, args)) = program.call(self.at) else { return false };
        args.iter().any(|arg| {
            let of_somebody = arg.keyword.is_some_and(|keyword| CREDENTIALS.contains(&program.text(keyword)));
            let at = self.at.beside(arg.value);
            let varies = match program.expr(at).kind {
                ExprKind::Subscript { .. } => true,
                ExprKind::Name(name) => {
                    !matches!(program.binding_scope(self.scope, name), Some(Scope::Module(_)) | None)
                }
                ExprKind::Attribute { .. } => crate::rules::look::root_name(program, at).is_some_and(|root| {
                    !matches!(program.binding_scope(self.scope, root), Some(Scope::Module(_)) | None)
                }),
                _ => false,
            };
            of_somebody && varies || self.is_for_a_region(cx, arg) || self.is_spread(cx, arg)
        })
    }

    /// `**credentials`, where a name says that it is such and is no constant of the module.
    fn is_spread(&self, cx: &Cx<'_>, arg: &Arg) -> bool {
        let program = cx.program;
        let ExprKind::Name(name) = program.expr(self.at.beside(arg.value)).kind else { return false };
        let text = program.text(name).to_ascii_lowercase();
        arg.double_star
            && ["cred", "creds", "auth", "token", "role"].iter().any(|word| text.contains(word))
            && program.binding_scope(self.scope, name) == Some(self.scope)
    }

    /// Whether an argument is a region that differs from turn to turn: the element of a loop, or part of a message.
    fn is_for_a_region(&self, cx: &Cx<'_>, arg: &Arg) -> bool {
        let program = cx.program;
        let names_region = arg.keyword.is_some_and(|keyword| program.text(keyword) == "region_name");
        let ExprKind::Name(name) = program.expr(self.at.beside(arg.value)).kind else { return false };
        let local = program.binding_scope(self.scope, name) == Some(self.scope);
        names_region
            && local
            && !program.bindings(self.scope, name).any(|binding| matches!(binding, Binding::Param(_)))
            && cx.values.strings(self.at.beside(arg.value)).next().is_none()
    }

    /// The finding about a thing that is built for each request; none where it is not.
    pub fn draft(&self, cx: &Cx<'_>, meta: &'static Meta, what: &str, cost: &str) -> Option<Draft> {
        let found = rebuilt(cx, self.at)?;
        let program = cx.program;
        let each = match found.reach {
            Reach::Request => "request",
            _ => "message",
        };
        let often = self.scope.function().is_some_and(|function| is_middleware(cx, function)) || self.loops > 0;
        let severity = match (self.is_personal(cx), often) {
            (true, _) => Severity::Info,
            (false, true) => Severity::Medium.max(meta.severity),
            (false, false) => meta.severity,
        };
        let mut draft = Draft::new(
            meta,
            Spot::expr(program, self.at),
            self.scope,
            format!("{what} is built for every {each}: {cost}; it is a cost, not a leak"),
        )
        .severity(severity)
        .step(Spot::expr(program, self.at), "built here each time");
        if let Some(through) = found.through {
            draft = draft.step(Spot::expr(program, through), format!("on the way of every {each}"));
        }
        if self.is_personal(cx) {
            draft = draft.note("It is made with credentials of its own, so that it can only be shared for as long as they are the same.");
        }
        Some(draft)
    }
}

/// Whether every request passes a function.
fn is_middleware(cx: &Cx<'_>, function: FunctionId) -> bool {
    let listed =
        cx.entries.others.iter().any(|entry| entry.function == function && entry.kind == EntryKind::Middleware);
    listed || cx.program.class_of(function).is_some_and(|class| cx.entries.is_middleware(class))
}
