//! A page iterator is used as a context manager, which it is not.

use crate::program::{ExprAt, Role};
use crate::rules::look::kinds;
use crate::rules::reads::pages::{Unit, source};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::values::Kind;

rule! {
    /// A page iterator is used as a context manager, which it is not.
    PageIteratorContext { id: "page-iterator-context", weakness: SdkMisuse, kind: Crash, severity: High, since: "0.1.0" }
}

impl Rule for PageIteratorContext {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let program = cx.program;
        let entered =
            program.calls_named("paginate").filter(|site| site.in_with).map(|site| (site.at, site.at, site.scope));
        let given = ["closing", "aclosing", "enter_context", "enter_async_context"].into_iter().flat_map(|name| {
            program.calls_named(name).filter_map(|site| Some((program.positional(site.at, 0)?, site.at, site.scope)))
        });
        for (iterator, at, scope) in entered.chain(given) {
            let role = program.module(at.module).role;
            if matches!(role, Role::Test | Role::Stub) || !is_page_iterator(cx, iterator) {
                continue;
            }
            let draft = Draft::new(
                &Self::META,
                Spot::expr(program, at),
                scope,
                "a page iterator is no context manager: this fails every time, and there is nothing to close",
            );
            out.push(draft);
        }
    }
}

fn is_page_iterator(cx: &Cx<'_>, at: ExprAt) -> bool {
    kinds::objects(cx, at).any(|object| matches!(object.kind, Kind::PageIterator { .. }))
        || source(cx, at).is_some_and(|source| source.unit == Unit::Pages && source.read == at)
}
