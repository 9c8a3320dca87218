//! A pool of threads or processes is made inside a request.

use plimsoll_model::Severity;

use super::build::builds;
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Drafts, Meta};
use crate::values::Kind;

rule! {
    /// A pool of threads or processes is made inside a request.
    ExecutorPerRequest { id: "executor-per-request", weakness: ClientPerRequest, kind: Cost, severity: Low, since: "0.1.0" }
}

impl Rule for ExecutorPerRequest {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let names = ["ThreadPoolExecutor", "ProcessPoolExecutor", "Pool", "ThreadPool"];
        for build in builds(cx, &names, |object| matches!(object.kind, Kind::Executor { .. })) {
            let process = matches!(build.kind, Kind::Executor { process: true });
            let (what, cost) = if process {
                ("a pool of processes", "the server is forked each time")
            } else {
                ("a pool of threads", "starting threads costs more than most of what they are started for")
            };
            if let Some(draft) = build.draft(cx, &Self::META, what, cost) {
                out.push(if process { draft.severity(Severity::Medium) } else { draft });
            }
        }
    }
}
