//! The caller chooses which table is read.

use plimsoll_model::Kind as Effect;
use rustc_hash::FxHashSet;

use crate::program::{ExprAt, Scope};
use crate::rules::look::{input, kinds};
use crate::rules::reads::read::option;
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::ExprKind;
use crate::values::Kind;

rule! {
    /// The caller chooses which table is read.
    CallerChosenTable { id: "caller-chosen-table", weakness: InjectableDependency, kind: Access, severity: Medium, since: "0.1.0" }
}

/// Operations that name a table.
const OPERATIONS: &[&str] =
    &["scan", "query", "get_item", "put_item", "update_item", "delete_item", "describe_table", "paginate"];

impl Rule for CallerChosenTable {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let program = cx.program;
        let mut seen: FxHashSet<Spot> = FxHashSet::default();
        let mut say = |name: ExprAt, used: ExprAt, out: &mut Drafts| {
            let plain = matches!(
                program.expr(name).kind,
                ExprKind::Name(_) | ExprKind::Subscript { .. } | ExprKind::Call { .. } | ExprKind::Attribute { .. }
            );
            let Some(found) = input(cx, name).filter(|found| plain && seen.insert(found.spot)) else { return };
            let draft = Draft::new(
                &Self::META,
                found.spot,
                Scope::Function(found.entry),
                "the caller chooses which table is read: every table that the service may read is open",
            )
            .kind(Effect::Access)
            .part(found.part(cx))
            .step(found.spot, "the name comes in here")
            .step(Spot::expr(program, used), "and is used here");
            out.push(draft);
        };
        for site in program.calls_named("Table") {
            let is_table = kinds::objects(cx, site.at).any(|object| matches!(object.kind, Kind::Table(_)));
            if let (true, Some(name)) = (is_table, program.argument(site.at, 0, "name")) {
                say(name, site.at, out);
            }
        }
        for operation in OPERATIONS {
            for site in program.calls_named(operation) {
                if let Some(name) = option(cx, site.at, "TableName") {
                    say(name, site.at, out);
                }
            }
        }
    }
}
