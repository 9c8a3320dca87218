//! Any bytes for a contract: validated, measured and judged by every rule, twice with the same result, and compared with itself without a difference.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_audit::{Document, Nobody, audit, diff, validate};
use plimsoll_model::Verdict;
use plimsoll_spec::{Description, Limits, Options, Source};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { nodes: 50_000, ..Limits::default() };
    let source = Source::Bytes { name: "/openapi.json".to_owned(), bytes: bytes.to_vec() };
    let Ok(description) = Description::read(&source, &Options { limits, ..Options::default() }) else { return };
    let Ok(api) = description.api() else { return };
    let document: Document = validate(&description, &api);
    let findings = audit(&api, &document, &Nobody, |_| true);
    assert!(findings == audit(&api, &document, &Nobody, |_| true), "the same document gives the same findings");
    for finding in &findings {
        assert!(!finding.message.contains(char::is_control), "{:?}", finding.message);
    }
    assert!(diff::compare(&api, &api).iter().all(|change| change.verdict == Verdict::Changed), "nothing changed for better or worse");
});
