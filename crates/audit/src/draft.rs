//! Drafts: what a rule says, before the judge makes findings of it.

use plimsoll_model::{Confidence, Evidence, Part, PartKind, Severity, redact};
use plimsoll_spec::Place;

use crate::view::OpView;

/// How many characters of an excerpt are kept.
const EXCERPT: usize = 300;

/// What the rules have said so far.
#[derive(Debug, Default)]
pub struct Drafts {
    pub(crate) drafts: Vec<Draft>,
}

impl Drafts {
    /// Adds a draft.
    pub fn add(&mut self, draft: Draft) {
        self.drafts.push(draft);
    }
}

impl Extend<Draft> for Drafts {
    fn extend<T: IntoIterator<Item = Draft>>(&mut self, drafts: T) {
        self.drafts.extend(drafts);
    }
}

/// What a rule says about one place. Severity is the rule's unless another is named, confidence *observed*.
///
/// Drafts of one rule with the same cause become one finding that lists the operations of all. Where no cause is named, drafts at the same place with the
/// same part are one: a shared component is reported once.
#[derive(Clone, Debug)]
pub struct Draft {
    pub(crate) place: Place,
    /// Positions of operations.
    pub(crate) operations: Vec<u32>,
    pub(crate) part: Option<Part>,
    pub(crate) cause: Option<String>,
    pub(crate) severity: Option<Severity>,
    pub(crate) confidence: Confidence,
    pub(crate) message: String,
    pub(crate) evidence: Vec<Evidence>,
}

impl Draft {
    /// A draft at this place of the document.
    pub fn at(place: &Place, message: impl Into<String>) -> Self {
        Self {
            place: place.clone(),
            operations: Vec::new(),
            part: None,
            cause: None,
            severity: None,
            confidence: Confidence::Observed,
            message: message.into(),
            evidence: Vec::new(),
        }
    }

    /// A draft about an operation as a whole.
    pub fn about(op: &OpView<'_>, message: impl Into<String>) -> Self {
        Self::at(&op.spec.place, message).operation(op)
    }

    /// Adds an operation.
    pub fn operation(mut self, op: &OpView<'_>) -> Self {
        self.operations.push(op.index);
        self
    }

    /// Adds operations by position.
    pub fn operations(mut self, positions: impl IntoIterator<Item = u32>) -> Self {
        self.operations.extend(positions);
        self
    }

    /// Names the part of the operation.
    pub fn part(mut self, kind: PartKind, name: impl Into<String>) -> Self {
        self.part = Some(Part::new(kind, name));
        self
    }

    /// Names the cause: what would have to be mended. It goes into the fingerprint, so it holds no line, count or position.
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Sets the severity.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// Sets the confidence.
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// Marks it as suspected: something beside the contract could make it right.
    pub fn suspected(self) -> Self {
        self.confidence(Confidence::Suspected)
    }

    /// Shows a place in the contract with what stands there, in a few words.
    pub fn contract(mut self, place: &Place, excerpt: impl Into<String>) -> Self {
        self.evidence.push(Evidence::Contract {
            pointer: place.pointer.clone(),
            line: place.line,
            excerpt: redact::one_line(&excerpt.into(), EXCERPT),
        });
        self
    }

    /// Adds a sentence.
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.evidence.push(Evidence::Note { text: text.into() });
        self
    }

    /// Adds any evidence.
    pub fn evidence(mut self, evidence: Evidence) -> Self {
        self.evidence.push(evidence);
        self
    }
}
