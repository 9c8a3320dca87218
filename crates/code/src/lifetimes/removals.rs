//! Where something is taken out: calls of `pop` and its like, `del`, slices, and methods that are handed to something that calls them later.

use super::Lifetimes;
use super::evict::{LATER, Removal, Removals, Takes};
use crate::syntax::{Const, ExprKind};
use crate::values::Kind;

impl Lifetimes<'_> {
    /// Every place that takes something out of an object that the evaluator knows.
    pub(super) fn removals(&self) -> Removals {
        let mut all = Vec::new();
        self.removal_calls(&mut all);
        self.removal_references(&mut all);
        for delete in self.program.deletes().filter(|delete| self.runs(delete.scope)) {
            if let ExprKind::Subscript { base, index } = self.program.expr(delete.at).kind {
                let at = delete.at;
                let slice = matches!(self.program.expr(at.beside(index)).kind, ExprKind::Slice { .. });
                let takes = if slice { Takes::Some } else { Takes::Key(at.beside(index)) };
                all.push(Removal {
                    at,
                    stmt: delete.stmt,
                    scope: delete.scope,
                    base: at.beside(base),
                    takes,
                    later: false,
                });
            }
        }
        for store in self.program.subscript_stores().filter(|store| self.runs(store.scope)) {
            let at = store.at;
            if matches!(self.program.expr(at.beside(store.index)).kind, ExprKind::Slice { .. }) {
                let (base, takes) = (at.beside(store.base), Takes::Some);
                all.push(Removal { at, stmt: store.stmt, scope: store.scope, base, takes, later: false });
            }
        }
        let mut found = Removals::default();
        for removal in all {
            for (object, _) in self.values.objects(removal.base) {
                found.entry(object).or_default().push(removal);
            }
        }
        found
    }

    pub(super) fn removal_calls(&self, all: &mut Vec<Removal>) {
        let program = self.program;
        for name in [
            "clear",
            "pop",
            "popleft",
            "popitem",
            "remove",
            "discard",
            "difference_update",
            "intersection_update",
            "truncate",
            "expire",
            "cache_clear",
            "shutdown",
        ] {
            for site in program.calls_named(name).filter(|site| self.runs(site.scope)) {
                let Some(base) = program.receiver(site.at) else { continue };
                let argument = program.positional(site.at, 0);
                let takes = match (name, argument) {
                    ("clear" | "truncate" | "cache_clear", _) => Takes::All,
                    ("pop", Some(key))
                        if !matches!(
                            program.expr(key).kind,
                            ExprKind::Const(Const::Int(_)) | ExprKind::Unary { .. }
                        ) =>
                    {
                        Takes::Key(key)
                    }
                    ("remove" | "discard", Some(key)) => Takes::Key(key),
                    ("shutdown", _) => continue,
                    _ => Takes::Some,
                };
                all.push(Removal { at: site.at, stmt: site.stmt, scope: site.scope, base, takes, later: false });
            }
        }
        for name in ["pop_all", "close", "aclose"] {
            for site in program.calls_named(name).filter(|site| self.runs(site.scope)) {
                let Some(base) = program.receiver(site.at) else { continue };
                if self.values.is(base, |kind| matches!(kind, Kind::ExitStack { .. })) {
                    let (at, stmt, scope) = (site.at, site.stmt, site.scope);
                    all.push(Removal { at, stmt, scope, base, takes: Takes::All, later: false });
                }
            }
        }
        for name in ["heappop", "heapreplace", "heappushpop"] {
            for site in program.calls_named(name).filter(|site| self.runs(site.scope)) {
                if let Some(base) = program.positional(site.at, 0) {
                    all.push(Removal {
                        at: site.at,
                        stmt: site.stmt,
                        scope: site.scope,
                        base,
                        takes: Takes::Some,
                        later: false,
                    });
                }
            }
        }
    }

    /// `task.add_done_callback(background.discard)`, `loop.call_later(60, cache.pop, key)`.
    pub(super) fn removal_references(&self, all: &mut Vec<Removal>) {
        let program = self.program;
        for name in LATER {
            for site in program.calls_named(name).filter(|site| self.runs(site.scope)) {
                let Some((_, args)) = program.call(site.at) else { continue };
                for (n, arg) in args.iter().enumerate() {
                    let at = site.at.beside(arg.value);
                    let at = match program.call(at) {
                        // `partial(cache.pop, key)`
                        Some(_) => match program.positional(at, 0) {
                            Some(inner) => inner,
                            None => continue,
                        },
                        None => at,
                    };
                    let ExprKind::Attribute { base, name } = program.expr(at).kind else { continue };
                    let takes = match self.text(name) {
                        "clear" => Takes::All,
                        "popleft" | "popitem" => Takes::Some,
                        "pop" | "remove" | "discard" | "__delitem__" => {
                            args.get(n + 1).map_or(Takes::Some, |key| Takes::Key(site.at.beside(key.value)))
                        }
                        _ => continue,
                    };
                    all.push(Removal {
                        at,
                        stmt: site.stmt,
                        scope: site.scope,
                        base: at.beside(base),
                        takes,
                        later: true,
                    });
                }
            }
        }
    }
}
