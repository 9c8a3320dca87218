//! A process that runs for long executes SQL with `DEBUG = True`: Django keeps every statement.

use std::collections::BTreeSet;

use crate::entries::Heat;
use crate::lifetimes::endless_loop_around;
use crate::program::{Binding, CallSite, ExprAt, Role, Scope, StmtAt};
use crate::rules::{Cx, Draft, Drafts, Meta, Rule, Spot, rule};
use crate::syntax::{Const, ExprKind, Parent, StmtKind};
use crate::values::{Kind, Value};

rule! {
    /// A process that runs for long executes SQL with `DEBUG = True`.
    DebugQueryLog { id: "debug-query-log", weakness: QueryLogGrowth, kind: Leak, severity: Low, since: "0.2.0" }
}

impl Rule for DebugQueryLog {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let Some(debug) = debug_setting(cx) else { return };
        let mut loops = BTreeSet::new();
        for name in [
            "cursor",
            "filter",
            "all",
            "get",
            "create",
            "exclude",
            "first",
            "values",
            "count",
            "bulk_create",
            "get_or_create",
            "update_or_create",
        ] {
            for site in cx.program.calls_named(name).filter(|site| is_query(cx, name, site)) {
                let Scope::Function(function) = site.scope else { continue };
                let heat = cx.entries.heat(function);
                if heat.is_request() || !heat.intersects(Heat::COMMAND | Heat::MESSAGE) {
                    continue;
                }
                let mut around = endless_loop_around(cx.program, StmtAt { module: site.at.module, stmt: site.stmt });
                if around.is_none() {
                    around = cx.values.callers(function).into_iter().find_map(|caller| {
                        let stmt = cx.program.module(caller.call.module).links.stmt_of(caller.call.expr)?;
                        endless_loop_around(cx.program, StmtAt { module: caller.call.module, stmt })
                    });
                }
                if let Some(around) = around {
                    loops.insert((around.module, around.stmt, Spot::expr(cx.program, site.at)));
                }
            }
        }
        let mut last = None;
        for (module, stmt, query) in loops {
            if last.replace((module, stmt)) == Some((module, stmt)) {
                continue;
            }
            let at = StmtAt { module, stmt };
            let scope = cx.program.scope_of_stmt(at);
            let forgets = cx
                .program
                .calls_named("reset_queries")
                .any(|site| site.scope == scope || cx.lifetimes.is_hot(site.scope));
            if forgets {
                continue;
            }
            let spot = Spot::stmt(cx.program, at);
            let message = "This loop does not end, and with `DEBUG = True` Django keeps the text of every statement that it executes, up to 9,000 for a connection; only a request makes it forget them.";
            let draft = Draft::new(&Self::META, spot, scope, message)
                .step(Spot::expr(cx.program, debug), "`DEBUG` is switched on here")
                .step(spot, "a loop that does not end, outside of requests")
                .step(query, "statements are executed here");
            out.push(draft);
        }
    }
}

/// Where the settings say `DEBUG = True` and nothing else.
fn debug_setting(cx: &Cx<'_>) -> Option<ExprAt> {
    for site in cx.program.calls_named("configure") {
        let settings = cx.program.receiver(site.at).is_some_and(|of| {
            cx.values.is(of, |kind| kind == Kind::Settings) || cx.program.external(of) == Some("django.conf.settings")
        });
        if let Some(value) = cx.program.keyword(site.at, "DEBUG").filter(|_| settings) {
            return is_true(cx, value).then_some(value);
        }
    }
    let name = cx.program.names.find("DEBUG")?;
    for module in cx.program.modules.iter().filter(|module| matches!(module.role, Role::Source | Role::Script)) {
        let path = cx.program.text(module.name);
        let Some(last) = path.split('.').find(|part| part.contains("settings")).and(path.rsplit('.').next()) else {
            continue;
        };
        if matches!(last, "local" | "dev" | "development" | "test" | "testing" | "ci") {
            continue;
        }
        let all = module.bindings.of(Parent::Module, name);
        if let [(.., Binding::Target(target))] = all
            && let Some(stmt) = module.links.stmt_of(*target)
            && let StmtKind::Assign { value: Some(value), .. } = module.tree[stmt].kind
            && is_true(cx, module.id.expr(value))
        {
            return Some(module.id.expr(*target));
        }
    }
    None
}

fn is_true(cx: &Cx<'_>, at: ExprAt) -> bool {
    matches!(cx.program.expr(at).kind, ExprKind::Const(Const::Bool(true)))
}

/// `Model.objects.filter(…)`, `connection.cursor()`.
fn is_query(cx: &Cx<'_>, name: &str, site: &CallSite) -> bool {
    let Some(of) = cx.program.receiver(site.at) else { return false };
    if name == "cursor" {
        return cx.program.external(of) == Some("django.db.connection");
    }
    match cx.program.expr(of).kind {
        ExprKind::Attribute { base, name } if cx.program.text(name) == "objects" => {
            cx.values.eval(of.beside(base)).iter().any(|value| match *value {
                Value::Class(class) => cx.program.derives_from(class, |path| {
                    path == "django.db.models.Model" || path.starts_with("django.contrib.")
                }),
                Value::External(path) => cx.program.text(path).starts_with("django.contrib."),
                _ => false,
            })
        }
        _ => false,
    }
}
