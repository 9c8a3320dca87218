//! The parts of an answer that tell of an error, and what takes their place. Refuses what is more than a text, what a condition decides, and a text that
//! something else is called for.

use super::super::source::{FILE, Source, replace};
use super::super::{Edit, Refusal};
use crate::program::ExprAt;
use crate::rules::look::told::{self, Given, Known, Text, Told};
use crate::rules::look::{Body, call_name, mentions, name, root_name, spans};
use crate::syntax::{Const, ExprId, ExprKind, Operator, Span, StmtId, StmtKind, Sym, Tree, Visit};

/// What is answered where nothing of the old text can stay.
const WORDS: &str = "\"the request could not be completed\"";

/// Methods and functions that give a text of a text, so that they go with it.
const SHAPED: &[&str] =
    &["str", "repr", "escape", "force_str", "join", "strip", "replace", "lower", "capitalize", "format", "title"];

/// Functions that only look.
const LOOKS: &[&str] = &["type", "len", "int", "round", "isinstance", "getattr"];

/// What is made of the answers.
pub(super) struct Parts<'s, 't> {
    pub(super) source: &'s Source<'t>,
    pub(super) known: &'s Known<'s>,
    pub(super) body: &'s Body,
    pub(super) told: &'s [Told],
    pub(super) edits: Vec<Edit>,
    /// The first text that takes another's place.
    pub(super) said: Option<String>,
    /// The names that were given the text itself.
    pub(super) texts: Vec<Given>,
}

impl Parts<'_, '_> {
    /// Replaces what tells of the error in an expression.
    pub(super) fn of(&mut self, at: ExprAt) -> Result<(), Refusal> {
        for (part, text) in self.known.parts(at) {
            if name(&self.source.program, part).is_some() {
                self.of_name(part, text)?;
            } else {
                self.one(part, text)?;
            }
        }
        Ok(())
    }

    fn of_name(&mut self, part: ExprAt, text: Text) -> Result<(), Refusal> {
        let (given, always) = self.known.seen(part);
        if !always {
            return Err(decided());
        }
        if given.iter().all(|given| is_text(self.source, self.known, FILE.expr(given.value))) {
            self.texts.extend(given);
            return self.one(part, text);
        }
        // It holds the text: the text goes where it is put in, if nobody but the answers gets to see it.
        for given in given {
            let in_answer = |read: &ExprId| {
                let within = self.source.tree()[*read].span;
                self.told.iter().any(|told| spans(self.source.tree()[told.answer.expr].span, within))
            };
            if self.body.captures(given.name) || !self.body.reads(given.name).iter().all(in_answer) {
                return Err(Refusal::shape("what holds the error's text is not only answered"));
            }
            self.of(FILE.expr(given.value))?;
        }
        Ok(())
    }

    fn one(&mut self, at: ExprAt, text: Text) -> Result<(), Refusal> {
        let (span, words) = replaced(self.source, self.known, at, text)?;
        self.said.get_or_insert_with(|| words.clone());
        if !self.edits.iter().any(|edit| edit.span == span) {
            self.edits.push(replace(span, words));
        }
        Ok(())
    }
}

fn decided() -> Refusal {
    Refusal::shape("a condition decides whether the error's text is shown")
}

/// Refuses an answer that a branch gives, or that is left when a branch has answered otherwise, unless the branch asks about the error.
pub(super) fn always(
    source: &Source<'_>,
    stmts: &[StmtId],
    told: &[Told],
    one: &Told,
    error: Option<Sym>,
) -> Result<(), Refusal> {
    let tree = source.tree();
    let is_told = |stmt: StmtId| told.iter().any(|told| source.stmt_of(told.answer.expr) == Some(stmt));
    let leaves = |stmt: StmtId| matches!(tree[stmt].kind, StmtKind::Return(_) | StmtKind::Raise { .. });
    let others: Vec<StmtId> = stmts.iter().copied().filter(|&stmt| leaves(stmt) && !is_told(stmt)).collect();
    let stmt = source.stmt_of(one.answer.expr).ok_or_else(decided)?;
    let of_error = named_after(source, stmts, error);
    let chosen = source.siblings(stmt).into_iter().take_while(|&other| other != stmt).any(|other| {
        let StmtKind::If { test, .. } = tree[other].kind else { return false };
        others.iter().any(|&answer| spans(tree[other].span, tree[answer].span))
            && !mentions(&source.program, FILE.expr(test), |name| of_error.contains(&name))
    });
    if chosen {
        return Err(decided());
    }
    let mut up = source.way_up(stmt).into_iter().skip(1).take_while(|up| stmts.contains(up));
    let branch = up.find(|&up| matches!(tree[up].kind, StmtKind::If { .. } | StmtKind::Match { .. }));
    let Some(branch) = branch else { return Ok(()) };
    // Where no branch is taken, something answers as well.
    let falls = || {
        let outer = source.way_up(branch).into_iter().take_while(|up| stmts.contains(up)).last().unwrap_or(branch);
        let mut next = source.following(outer).into_iter().filter(|stmt| stmts.contains(stmt));
        !next.any(is_told)
    };
    if !others.is_empty() || falls() { Err(decided()) } else { Ok(()) }
}

/// The error's name, and the names that are given something of it: its code, its status.
fn named_after(source: &Source<'_>, stmts: &[StmtId], error: Option<Sym>) -> Vec<Sym> {
    let tree = source.tree();
    let mut names: Vec<Sym> = error.into_iter().collect();
    for &stmt in stmts {
        let StmtKind::Assign { targets, value: Some(value), .. } = tree[stmt].kind else { continue };
        if mentions(&source.program, FILE.expr(value), |name| names.contains(&name)) {
            names.extend(tree[targets].iter().filter_map(|&target| name(&source.program, FILE.expr(target))));
        }
    }
    names
}

/// Whether a value is the text of the error and nothing more: not a mapping with it, not what something made of it.
fn is_text(source: &Source<'_>, known: &Known<'_>, at: ExprAt) -> bool {
    let tree = source.tree();
    let own = |at: ExprAt| told::own_text(&source.program, at, known.error);
    let inner = |expr: ExprId| is_text(source, known, at.beside(expr));
    match tree[at.expr].kind {
        ExprKind::Fstring(_) => true,
        ExprKind::Binary { op, left, right } => op == Operator::Add && (inner(left) || inner(right)),
        ExprKind::Name(_) => {
            let (given, always) = known.seen(at);
            always && given.iter().all(|given| inner(given.value))
        }
        ExprKind::Subscript { base, index } => {
            own(at) == Some(Text::Words) || matches!(tree[index].kind, ExprKind::Slice { .. }) && inner(base)
        }
        ExprKind::Call { callee, .. } => {
            let shaped = || call_name(&source.program, at).is_some_and(|called| SHAPED.contains(&called));
            match own(at) {
                Some(Text::Frames) => source.program.external(at.beside(callee)) == Some("traceback.format_exc"),
                Some(text) => text == Text::Words,
                None => shaped(),
            }
        }
        _ => own(at) == Some(Text::Words),
    }
}

/// Whether an expression does nothing but give a text of the error.
pub(super) fn is_pure(source: &Source<'_>, known: &Known<'_>, at: ExprAt) -> bool {
    struct Find<'f>(&'f dyn Fn(ExprId) -> bool, bool);
    impl Visit for Find<'_> {
        fn expr(&mut self, tree: &Tree, expr: ExprId) -> bool {
            self.1 &= match tree[expr].kind {
                ExprKind::Call { .. } => (self.0)(expr),
                ExprKind::Await(_) | ExprKind::Yield(_) | ExprKind::YieldFrom(_) | ExprKind::Named { .. } => false,
                _ => true,
            };
            self.1
        }
    }
    let program = &source.program;
    let is_harmless = |expr: ExprId| {
        let call = at.beside(expr);
        let called = call_name(program, call).unwrap_or_default();
        let path = program.call(call).and_then(|(callee, _)| program.external(callee));
        SHAPED.contains(&called)
            || LOOKS.contains(&called)
            || called == "get" && known.error.is_some() && root_name(program, call) == known.error
            || path.is_some_and(|path| told::TRACES.contains(&path))
    };
    let mut find = Find(&is_harmless, true);
    source.tree().walk_expr(at.expr, &mut find);
    find.1
}

/// What a part of an answer is replaced by, and how much of it.
fn replaced(source: &Source<'_>, known: &Known<'_>, at: ExprAt, text: Text) -> Result<(Span, String), Refusal> {
    let tree = source.tree();
    if text == Text::Other {
        return Err(Refusal::shape("the answer holds parts of the error that are no text"));
    }
    let callee = source.program.call(at).and_then(|(callee, _)| source.program.external(callee));
    // These give lists of lines.
    let mut lines = text == Text::Frames && callee.is_some_and(|path| path != "traceback.format_exc");
    let mut whole = at.expr;
    let mut front = None;
    while let Some(parent) = source.parent(whole) {
        match tree[parent].kind {
            ExprKind::Binary { op, left, .. } => {
                let word = matches!(tree[left].kind, ExprKind::Const(Const::Str(_))) && op == Operator::Add;
                front = word.then(|| source.expr(left)).filter(|_| left != whole);
            }
            ExprKind::Attribute { base, name } if base == whole => {
                if !SHAPED.contains(&source.program.text(name)) {
                    return Err(Refusal::shape("something else is made of the error's text"));
                }
            }
            ExprKind::Subscript { base, index } if base == whole && !lines => {
                if !matches!(tree[index].kind, ExprKind::Slice { .. }) {
                    return Err(Refusal::shape("something else is made of the error's text"));
                }
            }
            ExprKind::Call { callee, .. } => {
                let called = call_name(&source.program, FILE.expr(parent)).unwrap_or_default();
                if callee != whole && !SHAPED.contains(&called) {
                    break;
                }
                lines &= called != "join";
            }
            ExprKind::Fstring(_) => front = None,
            _ => break,
        }
        whole = parent;
    }
    if lines {
        return Err(Refusal::shape("the answer holds parts of the error that are no text"));
    }
    if !is_pure(source, known, FILE.expr(whole)) {
        return Err(Refusal::shape("something else is called for the text"));
    }
    let mut above = whole;
    while let Some(parent) = source.parent(above) {
        match tree[parent].kind {
            ExprKind::IfElse { .. } | ExprKind::Bool { .. } => return Err(decided()),
            ExprKind::Call { .. } if !told::carries(&source.program, FILE.expr(parent)) => {
                return Err(Refusal::shape("something else is made of the error's text"));
            }
            _ => above = parent,
        }
    }
    let words = match tree[whole].kind {
        ExprKind::Fstring(_) => beginning(source.expr(whole).strip_prefix('f').unwrap_or_default()),
        _ => front.and_then(words),
    };
    Ok((tree[whole].span, words.unwrap_or_else(|| WORDS.to_owned())))
}

/// The words in front of the only thing that an f-string puts in, at its end.
fn beginning(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    let (front, rest) = inner.split_once('{')?;
    let ends = rest.strip_suffix('}').is_some_and(|rest| !rest.contains(['{', '}']));
    if !ends {
        return None;
    }
    words(&format!("{quote}{front}{quote}"))
}

/// A literal without the punctuation that led to what followed it.
fn words(literal: &str) -> Option<String> {
    let quote = literal.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let inner = literal.strip_prefix(quote)?.strip_suffix(quote)?;
    let inner = inner.trim_end_matches([' ', ':', '-', '(', ',', '=', '\'', '"']);
    let plain = inner.len() > 2 && !inner.contains([quote, '\\', '{', '}', '%', '\n']);
    plain.then(|| format!("\"{inner}\"")).filter(|_| !inner.contains('"'))
}
