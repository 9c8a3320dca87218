//! `open-write`: an operation changes something for anybody, while others ask for credentials.

use plimsoll_model::{Confidence, Method, Severity};

use super::access::{Access, asks_anywhere, is_entrance};
use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::{OpView, View};

rule! {
    /// A write that asks for no credentials.
    pub struct OpenWrite {
        id: "open-write", weakness: OpenOperation, severity: Medium, since: "0.3.0",
        owasp: [
            "spectral:owasp:api2:2023-write-restricted", "vacuum:owasp-protection-global-unsafe",
            "vacuum:owasp-protection-global-unsafe-strict",
        ],
    }
}

impl Rule for OpenWrite {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        if !asks_anywhere(view) {
            return;
        }
        for wanted in [Access::Open, Access::Silent, Access::Parameter] {
            for severity in [Severity::High, Severity::Medium, Severity::Low] {
                let ops: Vec<OpView<'_>> = view
                    .operations()
                    .filter(|op| {
                        op.is_write()
                            && !is_entrance(op)
                            && Access::of(op.spec) == wanted
                            && weight(op, wanted) == severity
                    })
                    .collect();
                let (says, confidence) = match wanted {
                    Access::Open => ("the contract opens it (`security` is empty)", Confidence::Observed),
                    Access::Silent => {
                        ("the contract says nothing of security here, and has no default", Confidence::Suspected)
                    }
                    _ => ("its credentials are a parameter and no security", Confidence::Observed),
                };
                let one = |op: &OpView<'_>| {
                    let message =
                        format!("`{}` asks for no credentials: {says}, while other operations ask for them.", op.key());
                    Draft::about(op, message).severity(severity).confidence(confidence)
                };
                let all = |ops: &[OpView<'_>]| {
                    let names = tally::names(ops.iter().map(OpView::key));
                    let message = format!(
                        "{} that change something ask for no credentials ({names}): {}.",
                        tally::count(ops.len(), "operation"),
                        says.replace("it ", "them ").replace("its", "their")
                    );
                    Draft::at(&ops[0].spec.place, message).severity(severity).confidence(confidence)
                };
                out.extend(tally::each(&ops, &format!("{wanted:?} {severity}"), one, all));
            }
        }
    }
}

/// Changing or removing what is there weighs more than adding.
fn weight(op: &OpView<'_>, access: Access) -> Severity {
    if access == Access::Parameter || asks_only(op) {
        return Severity::Low;
    }
    let refuses = op.spec.responses.keys().any(|status| matches!(status.as_str(), "401" | "403"));
    match op.key().method {
        // A refusal is declared, so somebody is refused: the requirement is what is missing.
        _ if refuses && access == Access::Silent => Severity::Low,
        Method::Put | Method::Patch | Method::Delete => Severity::High,
        _ => Severity::Medium,
    }
}

/// Whether a POST is a question by its path: a search, a calculation, a validation.
pub(crate) fn asks_only(op: &OpView<'_>) -> bool {
    const QUESTIONS: &[&str] = &[
        "search",
        "query",
        "lookup",
        "find",
        "validate",
        "validation",
        "check",
        "calculate",
        "preview",
        "estimate",
        "quote",
        "list",
        "filter",
        "match",
        "convert",
        "translate",
        "parse",
        "test",
        "compare",
        "graphql",
        "count",
        "describe",
        "get",
        "explain",
        "export",
        "read",
        "evaluate",
        "analyze",
        "detect",
        "suggest",
        "autocomplete",
        "batchget",
        "mapping",
        "available",
        "availability",
        "names",
        "resolve",
        "simulate",
        "predict",
        "classify",
        "geocode",
        "matrix",
        "distance",
        "affiliation",
        "diff",
        "summary",
        "statistics",
    ];
    // A custom verb stands behind a colon: `/orders/{id}:search`.
    let path = &op.key().path;
    let verb = path.rsplit('/').next().and_then(|last| last.rsplit_once(':')).map(|(_, verb)| verb);
    let last = verb.or_else(|| path.rsplit('/').find(|segment| !segment.starts_with('{'))).unwrap_or_default();
    op.key().method == Method::Post
        && plimsoll_spec::roles::words(last).iter().any(|word| QUESTIONS.contains(&word.as_str()))
}
