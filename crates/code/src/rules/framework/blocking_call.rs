//! A call that waits without `await` in the event loop.

use plimsoll_model::Severity;
use rustc_hash::FxHashSet;

use crate::program::{CallSite, ExprAt, FunctionId, Scope};
use crate::rules::look::{Reach, call_name, kinds, reach};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::values::{Kind, Value};

rule! {
    /// A call that waits without `await` in the event loop.
    BlockingCall { id: "blocking-call", weakness: BlockingCall, kind: Cost, severity: Medium, since: "0.1.0" }
}

/// Helpers that are followed in a row.
const DEEPEST: u8 = 5;

/// Functions of libraries that wait.
const WAITING: &[&str] = &[
    "time.sleep",
    "urllib.request.urlopen",
    "subprocess.run",
    "subprocess.call",
    "subprocess.check_call",
    "subprocess.check_output",
    "os.system",
    "requests.get",
    "requests.post",
    "requests.put",
    "requests.patch",
    "requests.delete",
    "requests.head",
    "requests.request",
    "httpx.get",
    "httpx.post",
    "httpx.put",
    "httpx.patch",
    "httpx.delete",
    "httpx.request",
];

/// Methods of clients and resources that ask nobody.
const LOCAL: &[&str] = &[
    "Bucket",
    "Object",
    "Queue",
    "Table",
    "Topic",
    "batch_writer",
    "can_paginate",
    "close",
    "generate_presigned_post",
    "generate_presigned_url",
    "get_available_subresources",
    "get_paginator",
    "get_waiter",
    "paginate",
];

/// Methods of HTTP clients that ask.
const REQUESTS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options", "request", "send"];

/// What PynamoDB models ask.
const MODELS: &[&str] =
    &["get", "query", "scan", "count", "save", "update", "delete", "refresh", "batch_get", "exists"];

impl Rule for BlockingCall {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let mut seen: FxHashSet<ExprAt> = FxHashSet::default();
        for (function, definition) in cx.program.functions() {
            if !definition.is_async {
                continue;
            }
            let reach = reach(cx, Scope::Function(function));
            if !reach.is_hot() {
                continue;
            }
            let mut walk = Walk { cx, seen: &mut seen, visited: FxHashSet::default(), out, reach };
            walk.function(function, function, None, DEEPEST);
        }
    }
}

struct Walk<'w, 'c> {
    cx: &'w Cx<'c>,
    seen: &'w mut FxHashSet<ExprAt>,
    visited: FxHashSet<FunctionId>,
    out: &'w mut Drafts,
    reach: Reach,
}

impl Walk<'_, '_> {
    /// The calls of a function that the event loop runs; `entered` is the call in the coroutine that leads to it.
    fn function(&mut self, function: FunctionId, coroutine: FunctionId, entered: Option<ExprAt>, left: u8) {
        let Some(left) = left.checked_sub(1) else { return };
        if !self.visited.insert(function) {
            return;
        }
        let program = self.cx.program;
        for site in program.calls_in(Scope::Function(function)) {
            if site.awaited {
                continue;
            }
            if let Some(what) = waits(self.cx, site) {
                self.report(site, coroutine, entered, &what);
                continue;
            }
            for callee in self.cx.values.targets(site.at) {
                let definition = program.function(callee);
                if !definition.is_async && !definition.is_generator {
                    self.function(callee, coroutine, entered.or(Some(site.at)), left);
                }
            }
        }
    }

    fn report(&mut self, site: &CallSite, coroutine: FunctionId, entered: Option<ExprAt>, what: &str) {
        if !self.seen.insert(site.at) {
            return;
        }
        let program = self.cx.program;
        let severity = if self.reach == Reach::Request { Severity::Medium } else { Severity::Low };
        let mut draft = Draft::new(
            &BlockingCall::META,
            Spot::expr(program, site.at),
            site.scope,
            format!("{what} waits in the event loop: until it is done, no other request of the process goes on"),
        )
        .severity(severity)
        .step(Spot::function(program, coroutine), "the event loop runs this");
        if let Some(entered) = entered {
            draft = draft.step(Spot::expr(program, entered), "which calls this without a thread of its own");
        }
        self.out.push(draft.step(Spot::expr(program, site.at), "and waits here"));
    }
}

/// What a call that waits is called.
fn waits(cx: &Cx<'_>, site: &CallSite) -> Option<String> {
    let program = cx.program;
    let (callee, _) = program.call(site.at)?;
    let name = call_name(program, site.at)?;
    if let Some(path) = cx.values.path(callee)
        && WAITING.contains(&path)
    {
        return Some(format!("`{path}`"));
    }
    let receiver = program.receiver(site.at)?;
    let asks = kinds::objects(cx, receiver).any(|object| match object.kind {
        Kind::Client { sdk, .. } | Kind::Resource { sdk, .. } | Kind::Table(sdk) | Kind::ResourceItem(sdk) => {
            !sdk.is_async() && !LOCAL.contains(&name)
        }
        Kind::HttpClient { is_async: false, .. } => REQUESTS.contains(&name),
        _ => false,
    });
    if asks {
        return Some(format!("`{name}` of a synchronous client"));
    }
    let model = cx.values.eval(callee).iter().any(|value| match value {
        Value::Inherited(class, method) => {
            MODELS.contains(&program.text(*method))
                && program.derives_from(*class, |base| base.starts_with("pynamodb.models."))
        }
        _ => false,
    });
    model.then(|| format!("`{name}` of a PynamoDB model"))
}
