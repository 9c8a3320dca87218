//! `resource.Table(…)` of a shared resource in a request.

use plimsoll_model::Severity;

use super::build::builds;
use crate::program::{ExprAt, Scope};
use crate::rules::look::{input, kinds};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Drafts, Meta};
use crate::values::Kind;

rule! {
    /// `resource.Table(…)` of a shared resource in a request.
    TablePerRequest { id: "table-per-request", weakness: ClientPerRequest, kind: Cost, severity: Info, since: "0.1.0" }
}

impl Rule for TablePerRequest {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for build in builds(cx, &["Table"], |object| matches!(object.kind, Kind::Table(_))) {
            let named_by_caller =
                cx.program.argument(build.at, 0, "name").is_some_and(|name| input(cx, name).is_some());
            if named_by_caller || !is_of_shared_resource(cx, build.at) {
                continue;
            }
            if let Some(draft) = build.draft(cx, &Self::META, "a table's class", "about 8 ms of CPU each time") {
                out.push(draft.severity(Severity::Info));
            }
        }
    }
}

/// Whether the resource that the table is made of was not made in a function.
fn is_of_shared_resource(cx: &Cx<'_>, call: ExprAt) -> bool {
    let Some(receiver) = cx.program.receiver(call) else { return false };
    kinds::objects(cx, receiver)
        .any(|object| matches!(object.kind, Kind::Resource { .. }) && !matches!(object.scope, Scope::Function(_)))
}
