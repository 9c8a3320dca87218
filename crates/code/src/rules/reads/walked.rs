//! Which read the rows come from that a loop or comprehension goes through, whether they are all rows or those of one page.

use crate::program::{ExprAt, Scope};
use crate::rules::Cx;
use crate::rules::look::{self, Body, keyed};
use crate::rules::reads::pages::{PageLoop, Unit, page_loops, source};
use crate::rules::reads::read;
use crate::rules::reads::rows::{Names, Rows};
use crate::syntax::ExprKind;

/// The rows of one scope.
pub struct Walked<'c, 'a> {
    cx: &'c Cx<'a>,
    rows: Rows<'c, 'a>,
    names: Names,
    loops: Vec<PageLoop>,
    body: &'c Body,
    scope: Scope,
}

/// How many names are followed in a row.
const DEPTH: u8 = 4;

impl<'c, 'a> Walked<'c, 'a> {
    /// Looks at a scope.
    pub fn new(cx: &'c Cx<'a>, scope: Scope, body: &'c Body) -> Self {
        let rows = Rows::new(cx);
        let names = rows.names(scope, body);
        Self { cx, rows, names, loops: page_loops(cx, scope, body), body, scope }
    }

    /// The call that reads the rows that an expression gives when it is iterated.
    pub fn origin(&self, at: ExprAt) -> Option<ExprAt> {
        self.follow(at, DEPTH)
    }

    fn follow(&self, at: ExprAt, left: u8) -> Option<ExprAt> {
        let left = left.checked_sub(1)?;
        let program = self.cx.program;
        let at = look::unwrapped(program, at);
        if let Some(origin) = self.rows.all_rows(at, &self.names) {
            return Some(origin.read);
        }
        if let Some(found) = source(self.cx, at).filter(|found| found.unit == Unit::Rows) {
            return Some(found.read);
        }
        if let Some((base, "Items", _)) = keyed(program, at) {
            return self.answer(base, left);
        }
        match program.expr(at).kind {
            ExprKind::Name(name) => {
                let values = self.body.values_of(program.tree(at.module), name);
                let [only] = values.as_slice() else { return None };
                self.follow(at.beside(*only), left)
            }
            ExprKind::Call { .. } => {
                // A helper of the project that returns the rows of one page.
                let function = self.cx.values.targets(at).into_iter().next()?;
                let scope = Scope::Function(function);
                if scope == self.scope {
                    return None;
                }
                let body = Body::of(program, scope);
                let inner = Walked {
                    cx: self.cx,
                    rows: Rows::new(self.cx),
                    names: Names::default(),
                    loops: Vec::new(),
                    body: &body,
                    scope,
                };
                program.exits(function).iter().find_map(|exit| inner.follow(function.module.expr(exit.value?), left))
            }
            _ => None,
        }
    }

    /// The read that an expression is an answer of.
    fn answer(&self, base: ExprAt, left: u8) -> Option<ExprAt> {
        let left = left.checked_sub(1)?;
        let program = self.cx.program;
        let base = look::unwrapped(program, base);
        match program.expr(base).kind {
            ExprKind::Call { .. } => read::read_of(self.cx, base, program.scope_of(base)).map(|read| read.call),
            ExprKind::Name(name) => {
                if let Some(found) = self.loops.iter().find(|found| found.names.contains(&name)) {
                    return Some(found.source.read);
                }
                let values = self.body.values_of(program.tree(base.module), name);
                values.into_iter().find_map(|value| self.answer(base.beside(value), left))
            }
            _ => None,
        }
    }
}
