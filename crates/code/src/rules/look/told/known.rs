//! The names that statements give something of an error to, and which of these assignments a read may see.

use super::{Text, debug, own_text, parts};
use crate::program::{ExprAt, ModuleId, Part, Program};
use crate::rules::look::name;
use crate::syntax::{ExprId, StmtId, StmtKind, Sym};

/// By which names an error is known.
#[derive(Debug)]
pub struct Known<'p> {
    program: &'p Program,
    module: ModuleId,
    /// The name that the error was caught by, or given as.
    pub error: Option<Sym>,
    given: Vec<Given>,
}

/// A name that is assigned.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    /// The name.
    pub name: Sym,
    /// The assignment.
    pub stmt: StmtId,
    /// What is assigned.
    pub value: ExprId,
    /// What it tells of the error, if anything.
    tells: Option<Text>,
}

impl<'p> Known<'p> {
    /// Goes through statements, which are in the order of the source.
    pub fn of(program: &'p Program, module: ModuleId, stmts: &[StmtId], error: Option<Sym>) -> Self {
        let tree = program.tree(module);
        let mut known = Self { program, module, error, given: Vec::new() };
        for &stmt in stmts {
            let StmtKind::Assign { targets, value: Some(value), .. } = tree[stmt].kind else { continue };
            let tells = match known.tells(module.expr(value)) {
                Some(_) if debug::is_guarded(program, module, stmt) => continue,
                Some((_, true)) => Some(Text::Frames),
                Some(_) => Some(Text::Words),
                None => None,
            };
            for &target in &tree[targets] {
                if let Some(name) = name(program, module.expr(target)) {
                    known.given.push(Given { name, stmt, value, tells });
                }
            }
        }
        known
    }

    /// Whether an expression tells of the error: whether its text is in it, and whether its frames are.
    pub fn tells(&self, at: ExprAt) -> Option<(bool, bool)> {
        let found = self.parts(at);
        let any = |frames: bool| found.iter().any(|(_, text)| (*text == Text::Frames) == frames);
        (!found.is_empty()).then(|| (any(false), any(true)))
    }

    /// The parts of an expression that tell.
    pub fn parts(&self, at: ExprAt) -> Vec<(ExprAt, Text)> {
        parts(self.program, at, &|at| self.says(at))
    }

    /// What an expression itself tells.
    fn says(&self, at: ExprAt) -> Option<Text> {
        if name(self.program, at).is_none() {
            return own_text(self.program, at, self.error);
        }
        let (seen, _) = self.seen(at);
        let any = |text: Text| seen.iter().any(|given| given.tells == Some(text)).then_some(text);
        any(Text::Frames).or_else(|| any(Text::Words))
    }

    /// The assignments that tell and that the read of a name may see, and whether it sees these in any case.
    pub fn seen(&self, at: ExprAt) -> (Vec<Given>, bool) {
        let read = name(self.program, at).zip(self.program.module(self.module).links.stmt_of(at.expr));
        let Some((name, stmt)) = read else { return (Vec::new(), false) };
        if !self.given.iter().any(|given| given.name == name && given.tells.is_some()) {
            return (Vec::new(), false);
        }
        let tree = self.program.tree(self.module);
        let start = tree[stmt].span.start;
        let around = self.around(stmt);
        let mut found = Vec::new();
        let mut only = true;
        let before = |given: &&Given| given.name == name && tree[given.stmt].span.start < start;
        for given in self.given.iter().rev().filter(before) {
            let own = self.around(given.stmt);
            if is_beside(&own, &around) {
                continue;
            }
            if given.tells.is_some() {
                found.push(*given);
            }
            only &= given.tells.is_some();
            let always = own.iter().all(|block| around.contains(block));
            // `if not DEBUG: message = "failed"`: what is left is for who develops.
            if always || given.tells.is_none() && self.is_without_debug(given.stmt) {
                return (found, only);
            }
        }
        (found, false)
    }

    /// The blocks around a statement.
    fn around(&self, stmt: StmtId) -> Vec<(StmtId, Part)> {
        let links = &self.program.module(self.module).links;
        std::iter::successors(links.parent_stmt(stmt), |&(outer, _)| links.parent_stmt(outer)).collect()
    }

    fn is_without_debug(&self, stmt: StmtId) -> bool {
        let tree = self.program.tree(self.module);
        self.around(stmt).first().is_some_and(|&(outer, part)| match tree[outer].kind {
            StmtKind::If { test, .. } => {
                let flag = debug::flag(self.program, self.module.expr(test));
                if part == Part::Body { flag.fails } else { flag.holds }
            }
            _ => false,
        })
    }
}

/// Whether two places are in different branches of one statement.
fn is_beside(one: &[(StmtId, Part)], other: &[(StmtId, Part)]) -> bool {
    one.iter().any(|(stmt, part)| {
        let branches = matches!(part, Part::Body | Part::Else);
        branches
            && other
                .iter()
                .any(|(found, beside)| found == stmt && beside != part && matches!(beside, Part::Body | Part::Else))
    })
}
