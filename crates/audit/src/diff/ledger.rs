//! The differences that were found: each once, with every operation that it touches.

use std::collections::{BTreeSet, HashMap};

use plimsoll_model::{Aspect, ContractChange, ContractValue, OperationKey, Severity, SpecPlace, Verdict, redact};
use plimsoll_spec::{Api, Place};

/// How many characters of a value are kept.
const VALUE: usize = 200;

/// A difference before it knows all its operations.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    verdict: Verdict,
    severity: Severity,
    aspect: Aspect,
    message: String,
    part: String,
    gone: Option<OperationKey>,
    before: Option<(Place, String)>,
    after: Option<(Place, String)>,
    operations: BTreeSet<u32>,
    /// What makes two drafts one, where their places do not.
    cause: Option<String>,
    /// The places of what holds the part, in both documents.
    within: (String, String),
}

impl Draft {
    pub(super) fn new(verdict: Verdict, severity: Severity, aspect: Aspect, message: String) -> Self {
        Self {
            verdict,
            severity,
            aspect,
            message,
            part: String::new(),
            gone: None,
            before: None,
            after: None,
            operations: BTreeSet::new(),
            cause: None,
            within: (String::new(), String::new()),
        }
    }

    pub(super) fn worse(severity: Severity, aspect: Aspect, message: impl Into<String>) -> Self {
        Self::new(Verdict::Worse, severity, aspect, message.into())
    }

    pub(super) fn better(severity: Severity, aspect: Aspect, message: impl Into<String>) -> Self {
        Self::new(Verdict::Better, severity, aspect, message.into())
    }

    pub(super) fn changed(aspect: Aspect, message: impl Into<String>) -> Self {
        Self::new(Verdict::Changed, Severity::Info, aspect, message.into())
    }

    pub(super) fn part(mut self, part: &str) -> Self {
        part.clone_into(&mut self.part);
        self
    }

    pub(super) fn gone(mut self, key: OperationKey) -> Self {
        self.gone = Some(key);
        self
    }

    pub(super) fn before(mut self, place: &Place, value: impl Into<String>) -> Self {
        self.before = Some((place.clone(), value.into()));
        self
    }

    pub(super) fn after(mut self, place: &Place, value: impl Into<String>) -> Self {
        self.after = Some((place.clone(), value.into()));
        self
    }

    pub(super) fn cause(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Where the difference stands in either document, for parts that have a place of their own in one of them only.
    pub(super) fn within(mut self, before: &Place, after: &Place) -> Self {
        self.within = (before.pointer.clone(), after.pointer.clone());
        self
    }

    /// By what a difference is known: by its place in the earlier document, or in the later one. A component that was written out in many
    /// places, or many that became one, have one of them in common.
    fn keys(&self) -> Vec<String> {
        let head = format!("{}\0{}", self.verdict.as_str(), self.aspect.as_str());
        if let Some(cause) = &self.cause {
            return vec![format!("{head}\0{cause}")];
        }
        let last = self.part.rsplit(['.', ':']).next().unwrap_or("");
        let value = |side: &Option<(Place, String)>| side.as_ref().map_or(String::new(), |(_, value)| value.clone());
        let head = format!("{head}\0{last}\0{}\0{}", value(&self.before), value(&self.after));
        let pointer = |side: &Option<(Place, String)>, within: &str| match side {
            Some((place, _)) => place.pointer.clone(),
            None => within.to_owned(),
        };
        let sides =
            [("before", pointer(&self.before, &self.within.0)), ("after", pointer(&self.after, &self.within.1))];
        let keys: Vec<String> =
            sides.iter().filter(|(_, at)| !at.is_empty()).map(|(side, at)| format!("{head}\0{side}\0{at}")).collect();
        if keys.is_empty() { vec![head] } else { keys }
    }
}

/// All differences.
#[derive(Default)]
pub(super) struct Ledger {
    drafts: Vec<Draft>,
    known: HashMap<String, u32>,
}

impl Ledger {
    /// Adds a difference, or the operation to one that is known; gives its number.
    pub(super) fn add(&mut self, draft: Draft, operation: Option<u32>) -> u32 {
        let next = self.drafts.len() as u32;
        let keys = draft.keys();
        let number = keys.iter().find_map(|key| self.known.get(key)).copied().unwrap_or(next);
        for key in keys {
            self.known.entry(key).or_insert(number);
        }
        if number == next {
            self.drafts.push(draft);
        } else {
            let known = &mut self.drafts[number as usize];
            known.severity = known.severity.max(draft.severity);
        }
        self.reach(number, operation);
        number
    }

    /// Says that a difference touches an operation, too.
    pub(super) fn reach(&mut self, number: u32, operation: Option<u32>) {
        self.drafts[number as usize].operations.extend(operation);
    }

    /// The differences for readers, the worst first, then in the order of the contract.
    pub(super) fn finish(self, old: &Api, new: &Api) -> Vec<ContractChange> {
        let mut changes: Vec<ContractChange> = self.drafts.into_iter().map(|draft| change(draft, old, new)).collect();
        changes.sort_by_key(|change| {
            std::cmp::Reverse((change.verdict == Verdict::Worse, change.severity, change.verdict))
        });
        changes
    }
}

fn change(draft: Draft, old: &Api, new: &Api) -> ContractChange {
    let mut keys = draft
        .operations
        .iter()
        .filter_map(|at| new.operations.get(*at as usize))
        .map(|operation| operation.key.clone());
    let operation = draft.gone.or_else(|| keys.next());
    ContractChange {
        verdict: draft.verdict,
        severity: draft.severity,
        aspect: draft.aspect,
        operation,
        also: keys.collect(),
        part: draft.part,
        message: redact::one_line(&draft.message, 400),
        before: draft.before.map(|side| value(side, old)),
        after: draft.after.map(|side| value(side, new)),
    }
}

fn value((place, value): (Place, String), api: &Api) -> ContractValue {
    // A place in another file begins with its name.
    let (file, pointer) = match place.pointer.split_once('#') {
        Some((file, pointer)) if !place.pointer.starts_with('/') => (Some(file.to_owned()), pointer.to_owned()),
        _ => (api.document.clone(), place.pointer),
    };
    ContractValue { place: SpecPlace { pointer, line: place.line, file }, value: redact::one_line(&value, VALUE) }
}
