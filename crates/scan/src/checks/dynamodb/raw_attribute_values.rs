//! `raw-attribute-values`: DynamoDB's wire format in an answer.

use plimsoll_model::PartKind;

use super::attribute::{descriptor, is_cursor_name, items, masked};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// Items as the low-level client returned them.
    pub struct RawAttributeValues {
        id: "raw-attribute-values", weakness: RawAttributeValues, mode: Passive, since: "0.1.0", page: "http/raw-attribute-values.md",
    }
}

impl Check for RawAttributeValues {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let shown = op.baseline().into_iter().chain(op.exchanges().filter(|answer| answer.is_success()));
        let found = shown.filter_map(|answer| {
            let item = items(answer.json()?).into_iter().find(|(path, item)| {
                // Of one field, or of texts only, it may be anything that has an S.
                let telling =
                    item.values().any(|value| descriptor(value).is_some_and(|kind| kind != "S")) || item.len() > 1;
                let in_cursor = path.split('.').any(is_cursor_name);
                telling && !in_cursor
            })?;
            Some((answer, item))
        });
        let Some((answer, (path, item))) = found.into_iter().next() else { return Vec::new() };
        let place = if path.is_empty() { "the answer".to_owned() } else { format!("`{path}`") };
        let path = if path.is_empty() { "$".to_owned() } else { path };
        vec![
            op.finding(format!("{} of the fields in {place} are DynamoDB attribute values.", item.len()))
                .part(PartKind::ResponseBody, path)
                .exchange_excerpt(answer, "an item in the store's wire format", masked(item)),
        ]
    }
}
