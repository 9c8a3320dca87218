//! Drafts: what a check says, before the judge makes findings of it.

use std::collections::HashSet;

use plimsoll_http::{Exchange, curl};
use plimsoll_model::{
    Confidence, Evidence, ExchangeEvidence, Finding, Fingerprint, Measurement, OperationKey, Part, PartKind, Series,
    Severity, SpecPlace, redact,
};
use plimsoll_spec::Place;

use crate::check::Meta;
use crate::seen::Seen;

/// How many pieces of evidence a finding with many places shows.
const EVIDENCE: usize = 6;
/// How many characters of a body an evidence shows.
const EXCERPT: usize = 400;

/// What a check says about one place. Severity defaults to the weakness's, confidence to *observed*.
#[derive(Clone, Debug)]
pub struct Draft {
    pub(crate) operation: Option<OperationKey>,
    pub(crate) also: Vec<OperationKey>,
    pub(crate) part: Option<Part>,
    pub(crate) spec: Option<SpecPlace>,
    pub(crate) cause: Option<String>,
    pub(crate) severity: Option<Severity>,
    pub(crate) confidence: Confidence,
    pub(crate) message: String,
    pub(crate) evidence: Vec<Evidence>,
}

/// An exchange as findings show it, by the outline of its body: for findings that are not a check's.
pub fn outlined(exchange: &Exchange, role: &str, seen: &Seen) -> Evidence {
    let curl = curl::command(exchange, &seen.shown(exchange.probe.who));
    Evidence::Exchange(shown(exchange, role.to_owned(), &crate::outline::outline(exchange), curl))
}

fn shown(exchange: &Exchange, role: String, excerpt: &str, curl: String) -> ExchangeEvidence {
    ExchangeEvidence {
        id: format!("x{:04}", exchange.id),
        role,
        curl,
        request: redact::one_line(&format!("{} {}", exchange.request.method, exchange.request.target()), 300),
        status: exchange.status(),
        bytes: exchange.response().map_or(0, |response| response.body.decoded_len),
        ms: (exchange.timing.total_ms * 10.0).round() / 10.0,
        headers: Vec::new(),
        excerpt: redact::printable(excerpt).into_owned(),
    }
}

impl Draft {
    /// A draft at this operation, or about the application as a whole.
    pub fn new(operation: Option<OperationKey>, message: impl Into<String>) -> Self {
        Self {
            operation,
            also: Vec::new(),
            part: None,
            spec: None,
            cause: None,
            severity: None,
            confidence: Confidence::Observed,
            message: message.into(),
            evidence: Vec::new(),
        }
    }

    /// Names the part of the operation.
    pub fn part(mut self, kind: PartKind, name: impl Into<String>) -> Self {
        self.part = Some(Part::new(kind, name));
        self
    }

    /// Names the cause. Drafts of one check with equal causes become one finding that lists their operations.
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Adds operations that show the same cause.
    pub fn also(mut self, operations: impl IntoIterator<Item = OperationKey>) -> Self {
        self.also.extend(operations);
        self
    }

    /// Sets the severity that the evidence gives.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// Sets the confidence.
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// Shows an exchange; `role` says why, as in "with limit=1".
    pub fn exchange(self, exchange: &Exchange, role: impl Into<String>) -> Self {
        let text = exchange.text();
        let excerpt = redact::one_line(&text, EXCERPT);
        self.exchange_excerpt(exchange, role, excerpt)
    }

    /// Shows an exchange with the outline of its body: names and shape, no values. For what is about size, not about content.
    pub fn outline(self, exchange: &Exchange, role: impl Into<String>) -> Self {
        self.exchange_excerpt(exchange, role, crate::outline::outline(exchange))
    }

    /// Shows an exchange with this excerpt instead of the head of its body. The excerpt must be masked where it holds values that a check
    /// found to be sensitive.
    pub fn exchange_excerpt(
        mut self,
        exchange: &Exchange,
        role: impl Into<String>,
        excerpt: impl Into<String>,
    ) -> Self {
        // The command is written by `finish`, which knows what the credentials are called.
        self.evidence.push(Evidence::Exchange(shown(exchange, role.into(), &excerpt.into(), String::new())));
        self
    }

    /// Shows these response headers with the exchange that was added last.
    pub fn headers(mut self, exchange: &Exchange, names: &[&str]) -> Self {
        if let (Some(Evidence::Exchange(shown)), Some(response)) = (self.evidence.last_mut(), exchange.response()) {
            let wanted = response.headers.iter().filter(|(name, _)| names.contains(&name.as_str()));
            shown.headers.extend(wanted.map(|(name, value)| redact::one_line(&format!("{name}: {value}"), 300)));
        }
        self
    }

    /// Shows a measurement.
    pub fn measurement(mut self, measurement: Measurement) -> Self {
        self.evidence.push(Evidence::Measurement(measurement));
        self
    }

    /// Shows a series of points.
    pub fn series(mut self, series: Series) -> Self {
        self.evidence.push(Evidence::Series(series));
        self
    }

    /// Shows a place in the contract; the first one becomes the finding's place.
    pub fn contract(mut self, place: &Place, excerpt: impl Into<String>) -> Self {
        if self.spec.is_none() {
            self.spec = Some(SpecPlace { pointer: place.pointer.clone(), line: place.line, file: None });
        }
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

    /// Takes the operations of a draft with the same cause. The worse severity and the stronger confidence stay.
    pub(crate) fn absorb(&mut self, meta: &Meta, other: Self) {
        let default = meta.weakness.facts().severity;
        self.severity = Some(self.severity.unwrap_or(default).max(other.severity.unwrap_or(default)));
        self.confidence = self.confidence.max(other.confidence);
        // One piece of evidence for each place, as far as a reader follows.
        if self.evidence.len() < EVIDENCE {
            self.evidence.extend(other.evidence.into_iter().take(1));
        }
        // `finish` takes out what is there twice.
        self.also.extend(other.operation.into_iter().chain(other.also));
    }

    /// The finding of this draft.
    pub(crate) fn finish(mut self, meta: &Meta, seen: &Seen) -> Finding {
        for evidence in &mut self.evidence {
            if let Evidence::Exchange(shown) = evidence {
                let exchange = shown.id.trim_start_matches('x').parse().ok().and_then(|id| seen.by_id(id));
                shown.curl = exchange
                    .map_or_else(String::new, |exchange| curl::command(exchange, &seen.shown(exchange.probe.who)));
            }
        }
        let mut named: HashSet<OperationKey> = self.operation.iter().cloned().collect();
        self.also.retain(|key| named.insert(key.clone()));
        let facts = meta.weakness.facts();
        let part = self.part.as_ref().map_or(String::new(), |part| format!("{}:{}", part.kind.as_str(), part.name));
        let place = match (&self.cause, &self.operation) {
            (Some(cause), _) => vec!["cause", cause],
            (None, Some(key)) => vec!["operation", key.method.as_str(), &key.path],
            (None, None) => vec!["application"],
        };
        let fingerprint = Fingerprint::of(
            ["finding", meta.id, meta.weakness.id(), meta.vantage().as_str(), &part].into_iter().chain(place),
        );
        Finding {
            fingerprint,
            check: meta.id.to_owned(),
            weakness: meta.weakness,
            kind: facts.kind,
            vantage: meta.vantage(),
            severity: self.severity.unwrap_or(facts.severity),
            confidence: self.confidence,
            operation: self.operation,
            also: self.also,
            part: self.part,
            source: None,
            spec: self.spec,
            message: redact::printable(&self.message).into_owned(),
            evidence: self.evidence,
        }
    }
}
