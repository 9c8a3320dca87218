//! Reads whose rows are only asked for a few attributes ask the store for these alone: `ProjectionExpression`, with an alias for what is reserved.
//!
//! It goes with the fixes that work page by page, after which every use of a row stands in one function. It leaves the read as it is when one use of an answer, of its
//! rows or of a row was not seen, when the options of the read were not, and when the rows are only counted. What a read consumes is the same; what is sent,
//! parsed and held is less.

use super::Fix;
use super::reserved::expression;
use super::site::{Site, between};
use super::source::{FILE, Source, insert};
use super::{Edit, apply};
use crate::program::{Binding, CallSite, ExprAt, FunctionId, Scope};
use crate::python::FileKind;
use crate::rules::look::{call_name, spans, text};
use crate::syntax::{Arg, Compare, ExprId, ExprKind, Span, StmtKind, Sym};

/// What of an answer may be used besides its rows.
const BESIDE: &[&str] = &["LastEvaluatedKey", "Count", "ScannedCount", "ConsumedCapacity", "ResponseMetadata"];

/// Options that say already which attributes are read, or that the store does not take beside such a choice: those of the time before expressions, and an
/// index, which need not hold what is only asked for where it is there.
const SAID: &[&str] = &[
    "ProjectionExpression",
    "AttributesToGet",
    "Select",
    "ScanFilter",
    "QueryFilter",
    "KeyConditions",
    "ConditionalOperator",
    "IndexName",
];

/// More attributes than this are nearly all of them.
const MOST: usize = 16;

/// A fix, and the projection that it makes possible.
pub(super) fn with(site: &Site<'_>, fix: Fix) -> Fix {
    let before = &site.source;
    let projected = || {
        let stmt = before.statement(site.line, |_| true)?;
        let function = before.program.scope_of_stmt(FILE.stmt(stmt)).function()?;
        let name = before.program.text(before.program.function(function).name);
        let after = apply(before.text, &fix.edits)?;
        let source = Source::read(&after, FileKind::Source);
        let name = source.program.names.find(name)?;
        let [function] = source.program.functions_named(name) else { return None };
        let edits = Read::of(&source, *function)?.edits()?;
        Some(between(before.text, &apply(&after, &edits)?))
    };
    match projected() {
        Some(edits) => Fix { title: format!("{}; read only the attributes that are used", fix.title), edits, ..fix },
        None => fix,
    }
}

/// What an expression is of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Pages,
    Page,
    Rows,
    Row,
}

/// What a use needs of what was read.
enum Use {
    /// This attribute of a row.
    Attribute(String),
    /// Nothing of any row: it goes on, or is counted.
    Whole,
}

/// What a name is bound as: comprehensions have names of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Var {
    Scoped(Scope, Sym),
    /// The target of a comprehension's clause.
    Clause(ExprId),
}

/// The reads of a function, with everything that is made of them.
struct Read<'s> {
    source: &'s Source<'s>,
    span: Span,
    calls: Vec<&'s CallSite>,
    names: Vec<(Var, Part)>,
}

impl<'s> Read<'s> {
    fn of(source: &'s Source<'s>, function: FunctionId) -> Option<Self> {
        let span = source.tree()[function.ix].span;
        let is_read = |call: &&CallSite| {
            let name = call.name.map(|name| source.program.text(name));
            let told = source.program.keyword(call.at, "TableName").is_some();
            spans(span, source.tree()[call.at.expr].span)
                && match name {
                    Some("paginate") => told,
                    Some("scan" | "query") => source.program.receiver(call.at).is_some(),
                    _ => false,
                }
        };
        let calls: Vec<&CallSite> = source.program.module(FILE).sites.calls.iter().filter(is_read).collect();
        // Several reads are taken for one where they ask the same table.
        let table = |call: &CallSite| {
            let named = source.program.keyword(call.at, "TableName").map(|at| source.expr(at.expr));
            named.or_else(|| source.program.receiver(call.at).map(|at| source.expr(at.expr)))
        };
        let first = table(calls.first()?)?;
        if calls.iter().any(|call| table(call) != Some(first)) {
            return None;
        }
        let mut read = Self { source, span, calls, names: Vec::new() };
        while read.learn() {}
        Some(read)
    }

    /// What an expression is, as far as names are known.
    fn part(&self, expr: ExprId) -> Option<Part> {
        let program = &self.source.program;
        let tree = self.source.tree();
        if let Some(call) = self.calls.iter().find(|call| call.at.expr == expr) {
            let pages = call.name.is_some_and(|name| program.text(name) == "paginate");
            return Some(if pages { Part::Pages } else { Part::Page });
        }
        match tree[expr].kind {
            ExprKind::Name(name) => {
                let var = self.var(expr, name)?;
                self.names.iter().find(|(known, _)| *known == var).map(|(_, part)| *part)
            }
            ExprKind::Await(inner) => self.part(inner),
            ExprKind::Bool { or: true, values } => self.part(*tree[values].first()?).filter(|part| *part == Part::Rows),
            _ => {
                let (of, key) = asked(self.source, expr)?;
                (self.part(of)? == Part::Page && key == "Items").then_some(Part::Rows)
            }
        }
    }

    /// What a name is bound as where it stands.
    fn var(&self, expr: ExprId, name: Sym) -> Option<Var> {
        let program = &self.source.program;
        match program.comprehension_target(FILE.expr(expr), name) {
            Some(target) => Some(Var::Clause(target)),
            None => {
                program.binding_scope(program.scope_of(FILE.expr(expr)), name).map(|scope| Var::Scoped(scope, name))
            }
        }
    }

    /// Learns what names are; whether there was something new.
    fn learn(&mut self) -> bool {
        let tree = self.source.tree();
        let element = |part: Part| match part {
            Part::Pages => Some(Part::Page),
            Part::Rows => Some(Part::Row),
            Part::Page | Part::Row => None,
        };
        let mut found: Vec<(ExprId, Part)> = Vec::new();
        for stmt in self.source.all_statements() {
            if !spans(self.span, tree[stmt].span) {
                continue;
            }
            match tree[stmt].kind {
                StmtKind::Assign { targets, value: Some(value), .. } => {
                    if let (&[target], Some(part)) = (&tree[targets], self.part(value)) {
                        found.push((target, part));
                    }
                }
                StmtKind::For { target, iter, .. } => {
                    found.extend(self.part(iter).and_then(element).map(|part| (target, part)));
                }
                _ => {}
            }
        }
        for expr in self.source.exprs().filter(|&expr| spans(self.span, tree[expr].span)) {
            if let ExprKind::Comprehension { clauses, .. } = tree[expr].kind {
                for clause in &tree[clauses] {
                    found.extend(self.part(clause.iter).and_then(element).map(|part| (clause.target, part)));
                }
            }
        }
        let mut new = false;
        for (target, part) in found {
            let ExprKind::Name(name) = tree[target].kind else { continue };
            let Some(var) = self.var(target, name) else { continue };
            if !self.names.contains(&(var, part)) {
                self.names.push((var, part));
                new = true;
            }
        }
        new
    }

    /// The attributes that rows are asked for; none where something else is done with what was read.
    fn attributes(&self) -> Option<Vec<String>> {
        let mut keys: Vec<String> = Vec::new();
        let mut rows = false;
        let mut targets: Vec<ExprId> = Vec::new();
        for &(var, part) in &self.names {
            // A name is one thing.
            if self.names.iter().any(|&(other, what)| other == var && what != part) {
                return None;
            }
            let (scope, name) = match var {
                Var::Scoped(scope, name) => (scope, name),
                Var::Clause(target) => {
                    targets.push(target);
                    continue;
                }
            };
            for binding in self.source.program.bindings(scope, name) {
                let Binding::Target(target) = binding else { return None };
                if !self.is_given(target, part) {
                    return None;
                }
                targets.push(target);
            }
        }
        let inside = |expr: &ExprId| spans(self.span, self.source.tree()[*expr].span);
        let mut all: Vec<ExprId> = self.source.exprs().filter(inside).filter(|expr| !targets.contains(expr)).collect();
        all.sort_by_key(|&expr| self.source.tree()[expr].span);
        for expr in all {
            if let Some(part) = self.part(expr) {
                rows |= part == Part::Rows;
                match self.use_of(expr, part)? {
                    Use::Attribute(key) if !keys.contains(&key) => keys.push(key),
                    Use::Attribute(_) | Use::Whole => {}
                }
            }
        }
        // What would have to be escaped is left alone.
        if keys.iter().any(|key| key.contains(['"', '\\', '\n', '{'])) {
            return None;
        }
        (rows && !keys.is_empty() && keys.len() <= MOST).then_some(keys)
    }

    /// Whether a target is given just this part.
    fn is_given(&self, target: ExprId, part: Part) -> bool {
        let tree = self.source.tree();
        let element = |iter: ExprId| {
            matches!((self.part(iter), part), (Some(Part::Pages), Part::Page) | (Some(Part::Rows), Part::Row))
        };
        match self.source.directly_of(target).map(|stmt| tree[stmt].kind) {
            Some(StmtKind::Assign { targets, value: Some(value), .. }) => {
                tree[targets] == [target] && self.part(value) == Some(part)
            }
            Some(StmtKind::For { target: found, iter, .. }) => found == target && element(iter),
            _ => false,
        }
    }

    /// The attribute that a use asks for, where it does; none at all for a use that could need all of them.
    fn use_of(&self, expr: ExprId, part: Part) -> Option<Use> {
        let tree = self.source.tree();
        let Some(parent) = self.source.parent(expr) else {
            let stmt = self.source.directly_of(expr)?;
            let fine = match tree[stmt].kind {
                StmtKind::Assign { targets, value, .. } => {
                    let named = matches!(&tree[targets], [one] if matches!(tree[*one].kind, ExprKind::Name(_)));
                    value == Some(expr) && named
                }
                StmtKind::For { iter, .. } => iter == expr && matches!(part, Part::Pages | Part::Rows),
                StmtKind::If { test, .. } | StmtKind::While { test, .. } => test == expr && part == Part::Rows,
                _ => false,
            };
            return fine.then_some(Use::Whole);
        };
        let key = |whole: ExprId| asked(self.source, whole).filter(|(of, _)| *of == expr).map(|(_, key)| key);
        let fine = match tree[parent].kind {
            ExprKind::Await(_) => true,
            ExprKind::Subscript { .. } => return Self::asks(part, key(parent)?),
            ExprKind::Attribute { .. } => return Self::asks(part, key(self.source.parent(parent)?)?),
            ExprKind::Compare { left, rest } => match &tree[rest] {
                [one] if one.right == expr && matches!(one.op, Compare::In | Compare::NotIn) => {
                    return Self::asks(part, text(&self.source.program, FILE.expr(left))?);
                }
                _ => false,
            },
            ExprKind::Comprehension { clauses, .. } => {
                matches!(part, Part::Pages | Part::Rows) && tree[clauses].iter().any(|clause| clause.iter == expr)
            }
            ExprKind::Bool { .. } | ExprKind::Unary { not: true, .. } => part == Part::Rows,
            ExprKind::Call { callee, .. } => {
                let len = call_name(&self.source.program, FILE.expr(parent)) == Some("len");
                part == Part::Rows && callee != expr && len
            }
            _ => false,
        };
        fine.then_some(Use::Whole)
    }

    fn asks(part: Part, key: &str) -> Option<Use> {
        match part {
            Part::Page => (key == "Items" || BESIDE.contains(&key)).then_some(Use::Whole),
            Part::Row => Some(Use::Attribute(key.to_owned())),
            Part::Pages | Part::Rows => None,
        }
    }

    /// The projection in every read.
    fn edits(&self) -> Option<Vec<Edit>> {
        let keys = self.attributes()?;
        let (expression, names) = expression(&keys);
        let mut edits = Vec::new();
        for call in &self.calls {
            edits.extend(self.projected(call.at, &expression, &names)?);
        }
        Some(edits)
    }

    fn projected(&self, call: ExprAt, expression: &str, names: &[(String, String)]) -> Option<Vec<Edit>> {
        let tree = self.source.tree();
        let (_, args) = self.source.program.call(call)?;
        let keyword = |arg: &Arg| arg.keyword.map(|name| self.source.program.text(name));
        for arg in args {
            match keyword(arg) {
                Some(name) if SAID.contains(&name) => return None,
                Some(_) => {}
                None if arg.double_star && self.are_seen(arg.value, !names.is_empty()) => {}
                None => return None,
            }
        }
        let mut more = format!("ProjectionExpression=\"{expression}\"");
        let mut edits = Vec::new();
        if !names.is_empty() {
            let entry = |(alias, name): &(String, String)| format!("\"{alias}\": \"{name}\"");
            if let Some(known) = self.source.program.keyword(call, "ExpressionAttributeNames") {
                let ExprKind::Dict(entries) = tree[known.expr].kind else { return None };
                let word = |expr: ExprId| text(&self.source.program, FILE.expr(expr));
                let mut said: Vec<(&str, &str)> = Vec::new();
                for entry in &tree[entries] {
                    said.push((word(entry.key?)?, word(entry.value)?));
                }
                let is_said = |name: &(String, String)| said.contains(&(name.0.as_str(), name.1.as_str()));
                let new: Vec<&(String, String)> = names.iter().filter(|name| !is_said(name)).collect();
                // One alias cannot be two names.
                if new.iter().any(|name| said.iter().any(|(alias, _)| *alias == name.0)) {
                    return None;
                }
                let new: Vec<String> = new.into_iter().map(entry).collect();
                if !new.is_empty() {
                    let comma = if entries.is_empty() { "" } else { ", " };
                    edits.push(insert(tree[known.expr].span.start + 1, format!("{}{comma}", new.join(", "))));
                }
            } else {
                let entries: Vec<String> = names.iter().map(entry).collect();
                more.push_str(&format!(", ExpressionAttributeNames={{{}}}", entries.join(", ")));
            }
        }
        edits.push(match args.last() {
            Some(last) => insert(tree[last.value].span.end, format!(", {more}")),
            None => insert(tree[call.expr].span.end - 1, more),
        });
        Some(edits)
    }

    /// Whether options that are handed on are made of literals in the same function, and say nothing of attributes, nor of names where names are needed.
    fn are_seen(&self, options: ExprId, names: bool) -> bool {
        let tree = self.source.tree();
        let ExprKind::Name(name) = tree[options].kind else { return false };
        let scope = self.source.program.scope_of(FILE.expr(options));
        let written = self.source.slice(self.span);
        let called = self.source.program.text(name);
        let other = SAID.iter().chain(names.then_some(&"ExpressionAttributeNames")).any(|said| written.contains(said))
            || [".update(", ".setdefault("].iter().any(|method| written.contains(&format!("{called}{method}")));
        let is_it = |expr: &ExprId| {
            matches!(tree[*expr].kind, ExprKind::Name(read) if read == name)
                && self.source.program.binding_scope(self.source.program.scope_of(FILE.expr(*expr)), name)
                    == Some(scope)
        };
        let other = other || self.source.exprs().filter(is_it).any(|expr| self.source.is_handed_on(expr));
        let literal = |binding: Binding| {
            let Binding::Target(target) = binding else { return false };
            let stmt = self.source.directly_of(target).map(|stmt| tree[stmt].kind);
            let Some(StmtKind::Assign { value: Some(value), .. }) = stmt else { return false };
            let is_dict = |expr: ExprId| match tree[expr].kind {
                ExprKind::Dict(entries) => tree[entries].iter().all(|entry| entry.key.is_some()),
                _ => false,
            };
            match tree[value].kind {
                ExprKind::IfElse { body, orelse, .. } => is_dict(body) && is_dict(orelse),
                _ => is_dict(value),
            }
        };
        scope.function().is_some()
            && self.source.program.binding_scope(scope, name) == Some(scope)
            && !other
            && self.source.program.bindings(scope, name).all(literal)
    }
}

/// `of["key"]`, `of.get("key")`.
fn asked<'s>(source: &'s Source<'_>, whole: ExprId) -> Option<(ExprId, &'s str)> {
    let tree = source.tree();
    match tree[whole].kind {
        ExprKind::Subscript { base, index } => Some((base, text(&source.program, FILE.expr(index))?)),
        ExprKind::Call { callee, .. } => {
            let ExprKind::Attribute { base, name } = tree[callee].kind else { return None };
            let key = source.program.positional(FILE.expr(whole), 0)?;
            (source.program.text(name) == "get").then_some(())?;
            Some((base, text(&source.program, key)?))
        }
        _ => None,
    }
}
