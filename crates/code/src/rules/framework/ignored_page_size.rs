//! A route declares a page size and never looks at it.

use crate::entries::Framework;
use crate::program::Scope;
use crate::rules::look::Body;
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::{Const, ExprKind, StmtKind};

rule! {
    /// A route declares a page size and never looks at it.
    IgnoredPageSize { id: "ignored-page-size", weakness: UnboundedRead, kind: Cost, severity: Low, since: "0.1.0" }
}

/// What a page size is called.
const NAMES: &[&str] = &["limit", "page_size", "per_page", "max_results", "pagesize"];

impl Rule for IgnoredPageSize {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let program = cx.program;
        let mut handlers: Vec<_> = cx
            .entries
            .routes
            .iter()
            .filter(|route| route.framework == Framework::FastApi)
            .filter_map(|route| route.handler)
            .collect();
        handlers.sort_unstable();
        handlers.dedup();
        for handler in handlers {
            let params = program.params(handler).iter().filter(|param| NAMES.contains(&program.text(param.name)));
            for param in params {
                let body = Body::of(program, Scope::Function(handler));
                let tree = program.tree(handler.module);
                let does_nothing = body.stmts.iter().all(|&stmt| match tree[stmt].kind {
                    StmtKind::Pass | StmtKind::Raise { .. } | StmtKind::Return(None) => true,
                    StmtKind::Expr(value) => {
                        matches!(tree[value].kind, ExprKind::Const(Const::Ellipsis | Const::Str(_)))
                    }
                    _ => false,
                });
                let takes_all = program.calls_named("locals").any(|site| site.scope == Scope::Function(handler));
                if does_nothing || takes_all || !body.reads(param.name).is_empty() || body.captures(param.name) {
                    continue;
                }
                let name = program.text(param.name);
                let draft = Draft::new(
                    &Self::META,
                    Spot { module: handler.module, span: param.span },
                    Scope::Function(handler),
                    format!("`{name}` is declared and never looked at: whoever asks for a part gets everything"),
                )
                .cause(name)
                .part(Some(cx.part(handler, param.name)));
                out.push(draft);
            }
        }
    }
}
