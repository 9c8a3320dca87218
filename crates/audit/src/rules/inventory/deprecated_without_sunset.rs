//! `deprecated-without-sunset`: operations are deprecated, and nobody knows until when they stay.

use plimsoll_model::Severity;

use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::{OpView, View};

rule! {
    /// Deprecated operations without an end.
    pub struct DeprecatedWithoutSunset {
        id: "deprecated-without-sunset", weakness: DeprecatedOperation, severity: Low, since: "0.3.0", owasp: [],
    }
}

impl Rule for DeprecatedWithoutSunset {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let endless: Vec<OpView<'_>> = view.operations().filter(|op| op.spec.deprecated && !has_end(op)).collect();
        if endless.is_empty() {
            return;
        }
        let message = format!(
            "{} deprecated, and neither `x-sunset`, a `Sunset` header nor the description says until when {}: {}.",
            if endless.len() == 1 { "1 operation is".to_owned() } else { format!("{} operations are", endless.len()) },
            if endless.len() == 1 { "it stays" } else { "they stay" },
            tally::names(endless.iter().map(OpView::key))
        );
        let reads_only = endless.iter().all(|op| !op.is_write());
        let severity = if reads_only { Severity::Info } else { Severity::Low };
        out.add(tally::habit("endless", message, tally::shown(&endless)).severity(severity));
    }
}

/// Whether an extension, a header (RFC 8594) or the description names the end.
fn has_end(op: &OpView<'_>) -> bool {
    op.spec.sunset
        || op.spec.responses.values().any(|response| response.headers.iter().any(|header| header == "sunset"))
        || op.spec.responses.keys().all(|status| status == "410") && !op.spec.responses.is_empty()
        || names_day(&op.spec.description)
}

/// Whether a text speaks of an end and names a year or a version for it.
fn names_day(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let speaks = [
        "sunset",
        "remov",
        "retire",
        "shut down",
        "shutdown",
        "end of life",
        "end-of-life",
        "discontinu",
        "until",
        "no longer",
        "deprecat",
    ]
    .iter()
    .any(|word| text.contains(word));
    let year =
        text.as_bytes().windows(4).any(|four| four.starts_with(b"20") && four[2..].iter().all(u8::is_ascii_digit));
    speaks && year
}

#[cfg(test)]
mod tests {
    use super::names_day;

    #[test]
    fn ends_in_descriptions() {
        assert!(names_day("Deprecated. Will be removed on 2027-06-30."));
        assert!(!names_day("Deprecated, use /v2/orders."));
        assert!(!names_day("Added in 2019."));
    }
}
