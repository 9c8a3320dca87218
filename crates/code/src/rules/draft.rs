//! What a rule says before it becomes a finding: places are still spans, and operations still functions. Nothing is judged here.

use std::collections::{BTreeMap, HashSet};

use plimsoll_model::{
    Confidence, Evidence, Finding, Fingerprint, Kind, OperationKey, Part, Severity, SourcePlace, Vantage, Weakness,
    redact,
};

use super::cx::Cx;
use super::rule::Meta;
use crate::program::{ClassId, ExprAt, FunctionId, ModuleId, Program, Scope, StmtAt};
use crate::syntax::Span;

/// A place in the program's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// The module.
    pub module: ModuleId,
    /// Where in its text.
    pub span: Span,
}

impl Spot {
    /// Where an expression stands.
    pub fn expr(program: &Program, at: ExprAt) -> Self {
        Self { module: at.module, span: program.expr(at).span }
    }

    /// Where a statement stands.
    pub fn stmt(program: &Program, at: StmtAt) -> Self {
        Self { module: at.module, span: program.tree(at.module)[at.stmt].span }
    }

    /// Where a function's name stands.
    pub fn function(program: &Program, id: FunctionId) -> Self {
        Self { module: id.module, span: program.function(id).name_span }
    }

    /// Where a class's name stands.
    pub fn class(program: &Program, id: ClassId) -> Self {
        Self { module: id.module, span: program.class(id).name_span }
    }
}

/// One step of the chain that leads to a finding.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where.
    pub spot: Spot,
    /// What the place has to do with the finding, a short phrase.
    pub note: String,
}

/// What a rule found at a place.
#[derive(Clone, Debug)]
pub struct Draft {
    meta: &'static Meta,
    spot: Spot,
    scope: Scope,
    weakness: Weakness,
    kind: Kind,
    severity: Severity,
    confidence: Confidence,
    message: String,
    cause: Option<String>,
    operations: Option<Vec<OperationKey>>,
    part: Option<Part>,
    steps: Vec<Step>,
    notes: Vec<String>,
}

impl Draft {
    /// Something wrong at a place, executed in this scope; observed, with the rule's own severity.
    pub fn new(meta: &'static Meta, spot: Spot, scope: Scope, message: impl Into<String>) -> Self {
        Self {
            meta,
            spot,
            scope,
            weakness: meta.weakness,
            kind: meta.kind,
            severity: meta.severity,
            confidence: Confidence::Observed,
            message: message.into(),
            cause: None,
            operations: None,
            part: None,
            steps: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Another severity than the rule's.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// At most this severity.
    #[must_use]
    pub fn at_most(mut self, severity: Severity) -> Self {
        self.severity = self.severity.min(severity);
        self
    }

    /// Signs point to it, and something that was not seen could explain them.
    #[must_use]
    pub fn suspected(mut self) -> Self {
        self.confidence = Confidence::Suspected;
        self
    }

    /// Another kind than the rule's.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// Another weakness than the rule's.
    #[must_use]
    pub fn weakness(mut self, weakness: Weakness) -> Self {
        self.weakness = weakness;
        self
    }

    /// What tells this finding from another one of the same rule in the same function; without it, the text of the line does.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The operations that it touches; without it, those that reach the scope.
    #[must_use]
    pub fn operations(mut self, operations: Vec<OperationKey>) -> Self {
        self.operations = Some(operations);
        self
    }

    /// The parameter that it speaks of, where that is known.
    #[must_use]
    pub fn part(mut self, part: Option<Part>) -> Self {
        self.part = part;
        self
    }

    /// Adds a step of the chain.
    #[must_use]
    pub fn step(mut self, spot: Spot, note: impl Into<String>) -> Self {
        self.steps.push(Step { spot, note: note.into() });
        self
    }

    /// Adds steps of the chain.
    #[must_use]
    pub fn steps(mut self, steps: impl IntoIterator<Item = Step>) -> Self {
        self.steps.extend(steps);
        self
    }

    /// Adds a sentence.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// The rule.
    pub fn meta(&self) -> &'static Meta {
        self.meta
    }

    /// The place.
    pub fn spot(&self) -> Spot {
        self.spot
    }
}

/// What the rules have said so far.
#[derive(Debug, Default)]
pub struct Drafts(Vec<Draft>);

/// Lines and texts of the files, read again for what is shown.
pub trait Excerpts {
    /// The 1-based line of a byte, and the text of that line.
    fn line(&self, module: ModuleId, offset: u32) -> (u32, String);

    /// The columns of a span in the line that it begins in, from 1, in characters, end excluded.
    fn columns(&self, module: ModuleId, span: Span) -> Option<[u32; 2]>;
}

impl Drafts {
    /// Adds a draft.
    pub fn push(&mut self, draft: Draft) {
        self.0.push(draft);
    }

    pub(super) fn finish(mut self, cx: &Cx<'_>, lines: &dyn Excerpts) -> Vec<Finding> {
        let mut seen = HashSet::new();
        self.0.retain(|draft| seen.insert((draft.meta.id, draft.spot)));
        self.0.sort_by_key(|draft| (draft.spot.module, draft.spot.span.start, draft.meta.id));
        // Two findings of one rule in one function with the same text are told apart by their order.
        let mut twins: BTreeMap<(&str, String, String), u32> = BTreeMap::new();
        self.0.into_iter().map(|draft| finding(draft, cx, lines, &mut twins)).collect()
    }
}

fn finding(
    draft: Draft,
    cx: &Cx<'_>,
    lines: &dyn Excerpts,
    twins: &mut BTreeMap<(&'static str, String, String), u32>,
) -> Finding {
    let program = cx.program;
    let file = program.module(draft.spot.module).path.clone();
    let (line, text) = lines.line(draft.spot.module, draft.spot.span.start);
    let symbol = symbol(program, draft.scope);
    let cause = draft.cause.unwrap_or_else(|| text.split_whitespace().collect());
    let place = format!("{file}:{}", symbol.as_deref().unwrap_or_default());
    let twin = twins.entry((draft.meta.id, place, cause.clone())).or_default();
    *twin += 1;
    let mut operations = draft.operations.unwrap_or_else(|| cx.operations(draft.scope)).into_iter();
    let mut evidence: Vec<Evidence> = Vec::with_capacity(draft.steps.len() + draft.notes.len() + 1);
    let mut shown = HashSet::new();
    let mut steps = draft.steps;
    if !steps.iter().any(|step| step.spot == draft.spot) {
        steps.insert(0, Step { spot: draft.spot, note: "here".to_owned() });
    }
    for step in steps {
        if !shown.insert((step.spot, step.note.clone())) {
            continue;
        }
        let (line, text) = lines.line(step.spot.module, step.spot.span.start);
        evidence.push(Evidence::Source {
            file: program.module(step.spot.module).path.clone(),
            line,
            excerpt: redact::one_line(text.trim(), 200),
            note: step.note,
            columns: lines.columns(step.spot.module, step.spot.span),
        });
    }
    evidence.extend(draft.notes.into_iter().map(|text| Evidence::Note { text }));
    Finding {
        fingerprint: Fingerprint::of([
            "code",
            draft.meta.id,
            draft.weakness.id(),
            &file,
            symbol.as_deref().unwrap_or_default(),
            &cause,
            &twin.to_string(),
        ]),
        check: draft.meta.id.to_owned(),
        weakness: draft.weakness,
        kind: draft.kind,
        vantage: Vantage::Code,
        severity: draft.severity,
        confidence: draft.confidence,
        operation: operations.next(),
        also: operations.collect(),
        part: draft.part,
        source: Some(SourcePlace { file, line, symbol, columns: lines.columns(draft.spot.module, draft.spot.span) }),
        spec: None,
        message: draft.message,
        evidence,
    }
}

/// The function or class that a scope is, as `module.Class.method`; none at the top of a module.
fn symbol(program: &Program, scope: Scope) -> Option<String> {
    match scope {
        Scope::Module(_) => None,
        Scope::Function(function) => Some(program.qualified(function)),
        Scope::Class(_) => Some(program.dotted(scope)),
    }
}
