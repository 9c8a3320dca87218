//! An object of an SDK is the default of a route's parameter.

use rustc_hash::FxHashSet;

use crate::entries::Framework;
use crate::program::{FunctionId, Scope};
use crate::rules::look::kinds;
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::values::Kind;

rule! {
    /// An object of an SDK is the default of a route's parameter.
    SdkDefaultArgument { id: "sdk-default-argument", weakness: InjectableDependency, kind: Crash, severity: High, since: "0.1.0" }
}

impl Rule for SdkDefaultArgument {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let mut seen: FxHashSet<FunctionId> = FxHashSet::default();
        let routes =
            cx.entries.routes.iter().filter(|route| matches!(route.framework, Framework::FastApi | Framework::Ninja));
        for function in routes.flat_map(|route| &route.enters).copied() {
            if !seen.insert(function) {
                continue;
            }
            for param in cx.program.params(function) {
                let Some(default) = param.default.map(|default| function.module.expr(default)) else { continue };
                let Some(object) = kinds::objects(cx, default).find(|object| is_live(object.kind)) else { continue };
                let name = cx.program.text(param.name);
                let draft = Draft::new(
                    &Self::META,
                    Spot { module: function.module, span: param.span },
                    Scope::Function(function),
                    format!("`{name}` becomes a query parameter: its default is copied for each request, which it does not survive, and a caller can put a value in its place"),
                )
                .cause(name)
                .part(Some(cx.part(function, param.name)))
                .step(Spot { module: function.module, span: param.span }, "a parameter that is neither in the path nor a dependency")
                .step(Spot::expr(cx.program, object.made), "the object is made here");
                out.push(draft);
            }
        }
    }
}

/// Whether an object holds connections or locks.
fn is_live(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Session(_)
            | Kind::Client { .. }
            | Kind::ClientContext { .. }
            | Kind::Resource { .. }
            | Kind::ResourceItem(_)
            | Kind::Table(_)
            | Kind::Paginator { .. }
            | Kind::HttpClient { .. }
            | Kind::Executor { .. }
            | Kind::Redis
            | Kind::SqlEngine
            | Kind::SqlSession
    )
}
