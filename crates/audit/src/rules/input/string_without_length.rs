//! `string-without-length`: texts of any length.

use plimsoll_spec::SchemaKind;

use super::census::Census;
use crate::draft::Drafts;
use crate::pattern;
use crate::rule::{Meta, Rule, rule};
use crate::size::format_length;
use crate::view::View;

rule! {
    /// Texts of inputs without a length, counted.
    pub struct StringWithoutLength {
        id: "string-without-length", weakness: UnboundedInput, severity: Info, since: "0.3.0",
        owasp: ["spectral:owasp:api4:2023-string-limit", "vacuum:owasp-string-limit"],
    }
}

impl Rule for StringWithoutLength {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let census = Census::of_input(view, |schema| {
            let is_file = matches!(schema.format.as_deref(), Some("binary"));
            let is_text = schema.kinds.contains(&SchemaKind::String) && !is_file;
            is_text.then(|| {
                let implied = schema.format.as_deref().is_some_and(|format| format_length(format).is_some())
                    || schema
                        .pattern
                        .as_deref()
                        .and_then(pattern::extent)
                        .is_some_and(|extent| extent.characters.is_some());
                schema.max_length.is_none() && schema.values.is_empty() && !implied
            })
        });
        out.extend(census.draft("texts", |lacking, of| {
            format!("{lacking} of {of} texts that callers send have no maxLength, and no enum, format or pattern that implies one")
        }));
    }
}
