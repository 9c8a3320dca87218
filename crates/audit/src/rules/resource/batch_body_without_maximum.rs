//! `batch-body-without-maximum`: one request does any number of things.

use plimsoll_model::{PartKind, Severity};
use plimsoll_spec::{Schema, SchemaKind};

use super::nature::last_words;
use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::{OpView, View};

rule! {
    /// A batch in a request body without `maxItems`.
    pub struct BatchBodyWithoutMaximum {
        id: "batch-body-without-maximum", weakness: UnboundedBatch, severity: Medium, since: "0.3.0", owasp: [],
    }
}

const WORDS: &[&str] = &["batch", "bulk", "import", "batches", "imports"];

impl Rule for BatchBodyWithoutMaximum {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        for op in view.operations().filter(OpView::is_write) {
            let Some((name, array)) = op.bodies().find_map(|(_, schema)| batch(&op, schema)) else { continue };
            let by_word = is_batch(&op);
            let does = if by_word { "is done for each of its elements" } else { "may hold any number of things" };
            let what = if name.is_empty() {
                "The body is an array that".to_owned()
            } else {
                format!("`{name}` is an array that")
            };
            out.add(
                Draft::about(&op, format!("{what} {does} and has no maxItems in the contract."))
                    .part(PartKind::Body, name)
                    .severity(if by_word { Severity::Medium } else { Severity::Low })
                    .contract(&array.place, "array, no maxItems"),
            );
        }
    }
}

fn is_batch(op: &OpView<'_>) -> bool {
    last_words(op).iter().any(|word| WORDS.contains(&word.as_str()))
}

/// The array of a batch and its name: the body itself where it holds things, else the only array of things in the body of an operation that
/// calls itself a batch.
fn batch<'a>(op: &OpView<'_>, schema: &'a Schema) -> Option<(&'a str, &'a Schema)> {
    if schema.is_only(SchemaKind::Array) {
        let of_things = schema.items.as_ref().is_some_and(|items| items.allows(SchemaKind::Object));
        return (schema.max_items.is_none() && schema.alternatives.is_empty() && (of_things || is_batch(op)))
            .then_some(("", schema));
    }
    if !is_batch(op) {
        return None;
    }
    let mut arrays = schema.properties.iter().filter(|(_, inner)| inner.is_only(SchemaKind::Array) && !inner.read_only);
    let (name, array) = arrays.next()?;
    // A choice among known values is no batch.
    let is_choice = array.items.as_ref().is_some_and(|items| !items.values.is_empty());
    (arrays.next().is_none() && array.max_items.is_none() && !is_choice).then_some((name, &**array))
}
