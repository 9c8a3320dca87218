//! Judging: every rule looks at the view; drafts of one cause become one finding.

use std::collections::{HashMap, HashSet};

use plimsoll_model::{Evidence, Finding, Fingerprint, SpecPlace, Vantage, redact};
use plimsoll_spec::{Api, Place};

use crate::document::Document;
use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule};
use crate::rules;
use crate::size::Sizes;
use crate::view::View;
use crate::witness::{Nobody, Witness};

/// How many pieces of evidence a finding with many places shows.
const EVIDENCE: usize = 6;
/// How many characters a message has at most.
const MESSAGE: usize = 600;

/// The findings of the rules that are wanted, in a stable order: the worst first, then what touches most operations, then by rule,
/// operation and part.
pub fn audit(
    api: &Api,
    document: &Document,
    witness: &dyn Witness,
    wanted: impl Fn(&'static Meta) -> bool,
) -> Vec<Finding> {
    of(&View::new(api, document, witness), wanted)
}

fn of(view: &View<'_>, wanted: impl Fn(&'static Meta) -> bool) -> Vec<Finding> {
    let wanted: Vec<&'static dyn Rule> = rules::all().into_iter().filter(|rule| wanted(rule.meta())).collect();
    let mut findings: Vec<Finding> = Vec::new();
    for rule in wanted {
        let mut out = Drafts::default();
        rule.check(view, &mut out);
        // Two places of one operation may look alike to a fingerprint; then what stands there tells them apart.
        let mut known: HashSet<Fingerprint> = HashSet::new();
        for draft in merge(rule.meta(), out.drafts) {
            let pointer = stable(&draft.place.pointer);
            let mut finding = finish(rule.meta(), view.api, draft);
            if !known.insert(finding.fingerprint.clone()) {
                finding.fingerprint = Fingerprint::of(["place", finding.fingerprint.as_str(), &pointer]);
                if !known.insert(finding.fingerprint.clone()) {
                    continue;
                }
            }
            findings.push(finding);
        }
    }
    findings.sort_by(|a, b| {
        (b.severity, b.confidence)
            .cmp(&(a.severity, a.confidence))
            .then_with(|| b.also.len().cmp(&a.also.len()))
            .then_with(|| (&a.check, &a.operation, &a.part).cmp(&(&b.check, &b.operation, &b.part)))
            .then_with(|| a.fingerprint.cmp(&b.fingerprint))
    });
    findings.dedup_by(|a, b| a.fingerprint == b.fingerprint);
    findings
}

/// The findings, and the sizes of every operation.
pub fn audit_with_sizes(
    api: &Api,
    document: &Document,
    wanted: impl Fn(&'static Meta) -> bool,
) -> (Vec<Finding>, Sizes) {
    let view = View::new(api, document, &Nobody);
    let findings = of(&view, wanted);
    (findings, view.into_sizes())
}

/// The drafts of a rule with those of one cause merged into the first of them.
fn merge(meta: &Meta, drafts: Vec<Draft>) -> Vec<Draft> {
    let mut merged: Vec<Draft> = Vec::new();
    let mut by_cause: HashMap<String, usize> = HashMap::new();
    for draft in drafts {
        let cause = cause(&draft);
        if let Some(&earlier) = by_cause.get(&cause) {
            absorb(&mut merged[earlier], meta, draft);
        } else {
            by_cause.insert(cause, merged.len());
            merged.push(draft);
        }
    }
    merged
}

/// What drafts of one finding have in common.
fn cause(draft: &Draft) -> String {
    let part = draft.part.as_ref().map_or(String::new(), |part| format!("{}:{}", part.kind.as_str(), part.name));
    match &draft.cause {
        Some(cause) => format!("cause\0{cause}"),
        None if draft.place.pointer.is_empty() => format!("operations\0{part}\0{:?}", draft.operations),
        None => format!("place\0{part}\0{}", draft.place.pointer),
    }
}

/// Takes what another draft of the same cause says. The worse severity and the stronger confidence stay.
fn absorb(draft: &mut Draft, meta: &Meta, other: Draft) {
    draft.severity = Some(draft.severity.unwrap_or(meta.severity).max(other.severity.unwrap_or(meta.severity)));
    draft.confidence = draft.confidence.max(other.confidence);
    // One piece of evidence for each place, as far as a reader follows.
    if draft.evidence.len() < EVIDENCE {
        draft.evidence.extend(other.evidence.into_iter().take(1));
    }
    draft.operations.extend(other.operations);
}

fn finish(meta: &Meta, api: &Api, mut draft: Draft) -> Finding {
    let mut named: HashSet<u32> = HashSet::new();
    draft.operations.retain(|index| named.insert(*index));
    let mut keys =
        draft.operations.iter().filter_map(|index| api.operations.get(*index as usize)).map(|op| op.key.clone());
    let operation = keys.next();
    let also = keys.collect();
    let part = draft.part.as_ref().map_or(String::new(), |part| format!("{}:{}", part.kind.as_str(), part.name));
    let component = component(&draft.place.pointer);
    let place = match (&draft.cause, &component, &operation) {
        (Some(cause), ..) => vec!["cause", cause],
        (None, Some(component), _) => vec!["component", component],
        (None, None, Some(key)) => vec!["operation", key.method.as_str(), &key.path],
        (None, None, None) => vec!["application"],
    };
    let fingerprint = Fingerprint::of(
        ["finding", meta.id, meta.weakness.id(), Vantage::Contract.as_str(), &part].into_iter().chain(place),
    );
    let spec = place_of(&draft);
    Finding {
        fingerprint,
        check: meta.id.to_owned(),
        weakness: meta.weakness,
        kind: meta.kind(),
        vantage: Vantage::Contract,
        severity: draft.severity.unwrap_or(meta.severity),
        confidence: draft.confidence,
        operation,
        also,
        part: draft.part,
        source: None,
        spec,
        message: redact::one_line(&draft.message, MESSAGE),
        evidence: draft.evidence,
    }
}

/// The place of the draft; that of its first evidence where it has none of its own.
fn place_of(draft: &Draft) -> Option<SpecPlace> {
    if draft.place != Place::default() {
        return Some(spec_place(&draft.place.pointer, draft.place.line));
    }
    draft.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Contract { pointer, line, .. } => Some(spec_place(pointer, *line)),
        _ => None,
    })
}

/// A pointer of the form `file#/pointer` leads into another file.
fn spec_place(pointer: &str, line: Option<u32>) -> SpecPlace {
    match pointer.split_once('#').filter(|(file, _)| !file.is_empty() && !pointer.starts_with('/')) {
        Some((file, local)) => SpecPlace { pointer: local.to_owned(), line, file: Some(file.to_owned()) },
        None => SpecPlace { pointer: pointer.to_owned(), line, file: None },
    }
}

/// The pointer without positions in lists, where it names a shared component: what is moved within a list is the same.
fn component(pointer: &str) -> Option<String> {
    let local = pointer.split_once('#').map_or(pointer, |(_, local)| local);
    let shared = ["/components/", "/definitions/", "/parameters/", "/responses/", "/securityDefinitions/"];
    shared.iter().any(|start| local.starts_with(start)).then(|| stable(pointer))
}

/// A pointer without positions in lists.
fn stable(pointer: &str) -> String {
    let named = |token: &&str| token.is_empty() || !token.bytes().all(|b| b.is_ascii_digit());
    pointer.split('/').filter(named).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_have_names() {
        assert_eq!(
            component("/components/schemas/Order/allOf/1/properties/id").as_deref(),
            Some("/components/schemas/Order/allOf/properties/id")
        );
        assert_eq!(
            component("common.yaml#/components/parameters/limit").as_deref(),
            Some("common.yaml#/components/parameters/limit")
        );
        assert_eq!(component("/paths/~1orders/get/parameters/0"), None);
    }
}
