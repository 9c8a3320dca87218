//! How large the pages are that a loop asks for: what is worked on page by page is only as large as a page.

use super::Edit;
use super::source::{FILE, Source, insert};
use crate::program::{Binding, ExprAt};
use crate::syntax::{ExprId, ExprKind, Span, StmtKind, Sym};

/// How many rows a page holds, where nobody says: pages of 1 MB become ten times as large as objects.
const ROWS: u32 = 200;

impl Source<'_> {
    /// Sizes for the pages that are asked for within a span, where none is given.
    pub(super) fn smaller_pages(&self, within: Span) -> Vec<Edit> {
        let tree = self.tree();
        let inside = |expr: ExprId| (within.start..within.end).contains(&tree[expr].span.start);
        let paginated = self.program.calls_named("paginate").filter(|site| inside(site.at.expr)).filter_map(|site| {
            let (_, args) = self.program.call(site.at)?;
            // Pages of other stores are told by other options.
            let dynamodb = args.iter().any(|arg| arg.keyword.is_some_and(|key| self.program.text(key) == "TableName"));
            let told = args.iter().any(|arg| {
                let known = |key: Sym| matches!(self.program.text(key), "PaginationConfig" | "Limit");
                arg.double_star || arg.keyword.is_none_or(known)
            });
            let last = args.last().filter(|_| dynamodb && !told)?;
            let end = tree[last.value].span.end;
            Some(insert(end, format!(", PaginationConfig={{\"PageSize\": {ROWS}}}")))
        });
        let mut edits: Vec<Edit> = paginated.collect();
        // Only who follows the cursor gets the rest of a smaller page.
        let follows =
            self.slice(within).contains("LastEvaluatedKey") && self.slice(within).contains("ExclusiveStartKey");
        for name in ["scan", "query"] {
            for site in self.program.calls_named(name).filter(|site| follows && inside(site.at.expr)) {
                edits.extend(self.limited(site.at));
            }
        }
        edits
    }

    /// A `Limit` for a call whose options are all seen and have none.
    fn limited(&self, call: ExprAt) -> Option<Edit> {
        let tree = self.tree();
        let (callee, args) = self.program.call(call)?;
        for arg in args {
            match arg.keyword {
                Some(key) if matches!(self.program.text(key), "Limit" | "Select") => return None,
                Some(_) => {}
                None if arg.double_star && self.has_no_limit(arg.value) => {}
                None => return None,
            }
        }
        let at = tree[callee.expr].span.end + 1;
        let comma = if args.is_empty() { "" } else { ", " };
        self.slice(Span { start: at - 1, end: at }).starts_with('(').then(|| insert(at, format!("Limit={ROWS}{comma}")))
    }

    /// Whether a name is bound to dict literals, and filled by constant keys, without a limit.
    fn has_no_limit(&self, options: ExprId) -> bool {
        let tree = self.tree();
        let ExprKind::Name(name) = tree[options].kind else { return false };
        let scope = self.program.scope_of(FILE.expr(options));
        if scope.function().is_none() || self.program.binding_scope(scope, name) != Some(scope) {
            return false;
        }
        let is_plain = |key: ExprId| {
            let text = self.expr(key);
            text.starts_with(['"', '\'']) && !text.contains("Limit") && !text.contains("Select")
        };
        let made = self.program.bindings(scope, name).all(|binding| {
            let Binding::Target(target) = binding else { return false };
            let Some(stmt) = self.stmt_of(target) else { return false };
            let StmtKind::Assign { value: Some(value), .. } = tree[stmt].kind else { return false };
            let value = match tree[value].kind {
                ExprKind::IfElse { body, orelse, .. } => vec![body, orelse],
                _ => vec![value],
            };
            value.into_iter().all(|value| match tree[value].kind {
                ExprKind::Dict(entries) => tree[entries].iter().all(|entry| entry.key.is_some_and(is_plain)),
                _ => false,
            })
        });
        let read = self.exprs().filter(|&expr| matches!(tree[expr].kind, ExprKind::Name(found) if found == name));
        made && read.filter(|&expr| self.program.scope_of(FILE.expr(expr)) == scope).all(|expr| {
            match self.parent(expr).map(|parent| tree[parent].kind) {
                Some(ExprKind::Subscript { base, index }) if base == expr => is_plain(index),
                Some(ExprKind::Call { callee, .. }) => callee != expr,
                None => true,
                Some(_) => false,
            }
        })
    }
}
