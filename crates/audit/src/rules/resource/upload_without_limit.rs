//! `upload-without-limit`: a file is accepted, and nothing says how large it may be.

use plimsoll_model::{PartKind, Severity};
use plimsoll_spec::{Schema, SchemaKind};

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::size::is_file_like;
use crate::view::{OpView, View};

rule! {
    /// An upload without a length.
    pub struct UploadWithoutLimit {
        id: "upload-without-limit", weakness: UnboundedUpload, severity: Medium, since: "0.3.0", owasp: [],
    }
}

impl Rule for UploadWithoutLimit {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let (told, open): (Vec<_>, Vec<_>) =
            view.operations().filter(|op| upload(op).is_some()).partition(|op| tells_a_limit(op));
        let one = |op: &OpView<'_>, severity| {
            let field = upload(op).unwrap_or_default();
            let what = if field.is_empty() { "The body is a file".to_owned() } else { format!("`{field}` is a file") };
            Draft::about(op, format!("{what} without maxLength: the contract accepts any size."))
                .part(PartKind::Body, field)
                .severity(severity)
        };
        let all = |ops: &[OpView<'_>], severity| {
            let names = tally::names(ops.iter().map(OpView::key));
            let message =
                format!("{} accept files of any size by the contract: {names}.", tally::count(ops.len(), "operation"));
            Draft::at(&ops[0].spec.place, message).severity(severity)
        };
        out.extend(tally::each(&open, "uploads", |op| one(op, Severity::Medium), |ops| all(ops, Severity::Medium)));
        // Somebody thought of it; only the schema does not say so.
        out.extend(tally::each(&told, "told", |op| one(op, Severity::Info), |ops| all(ops, Severity::Info)));
    }
}

/// The field that is a file without a length, empty for the body as a whole; none where there is none.
fn upload(op: &OpView<'_>) -> Option<String> {
    op.bodies().find_map(|(media_type, schema)| {
        let bounded = schema.variants().iter().any(|variant| variant.max_length.is_some());
        let is_multipart = media_type.starts_with("multipart/");
        if !is_multipart {
            let is_whole = is_file_like(media_type)
                && (is_file(schema) || schema.kinds.is_empty() && schema.alternatives.is_empty());
            return (is_whole && !bounded).then(String::new);
        }
        let properties = schema.variants().into_iter().flat_map(|variant| &variant.properties);
        properties
            .filter(|(_, inner)| !inner.read_only)
            .find(|(_, inner)| {
                let inner = inner.items.as_ref().unwrap_or(inner);
                is_file(inner) && inner.max_length.is_none()
            })
            .map(|(name, _)| name.clone())
    })
}

fn is_file(schema: &Schema) -> bool {
    schema.format.as_deref() == Some("binary")
        && (schema.kinds.is_empty() || schema.kinds.contains(&SchemaKind::String))
}

/// Whether a limit is told in words, or its refusal declared (RFC 9110 §15.5.14).
fn tells_a_limit(op: &OpView<'_>) -> bool {
    let text = format!("{} {}", op.spec.summary, op.spec.description).to_ascii_lowercase();
    let has_unit = text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        let unit = word.trim_start_matches(|c: char| c.is_ascii_digit());
        matches!(unit, "kb" | "mb" | "gb" | "kib" | "mib" | "gib" | "megabytes" | "megabyte" | "gigabytes")
    });
    let has_words = ["file size", "maximum size", "max size", "size limit", "content-length"]
        .iter()
        .any(|words| text.contains(words));
    has_unit || has_words || op.spec.responses.contains_key("413")
}
