//! Which array of an answer is the list that the answer is about, by the contract.

use std::sync::Arc;

use super::normal;
use crate::api::{Operation, Schema, SchemaKind};

/// The names under which envelopes carry their list, in order of preference.
pub const ENVELOPE: &[&str] =
    &["items", "results", "data", "records", "entries", "rows", "values", "content", "hits", "list", "edges"];

/// Words about paging that fields of an envelope are made of.
const PAGING: &[&str] = &[
    "count",
    "total",
    "next",
    "prev",
    "previous",
    "page",
    "pages",
    "limit",
    "offset",
    "size",
    "cursor",
    "token",
    "more",
    "has_more",
    "hasmore",
    "last",
    "first",
    "self",
    "href",
    "key",
    "scanned",
    "took",
    "truncated",
];

/// Whether a field of an envelope is about paging, not about a thing. `path` may be dotted; its last name counts.
pub fn is_paging_word(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or(path).to_ascii_lowercase();
    PAGING.iter().any(|word| last.contains(word))
}

/// Whether a field of an answer leads to the next page, or says that there is one.
pub fn is_next_word(name: &str) -> bool {
    let name = normal(name);
    let name = name.strip_prefix("odata").unwrap_or(&name);
    matches!(
        name,
        "next"
            | "nextlink"
            | "nextpage"
            | "nextpagelink"
            | "nextpageurl"
            | "nexturl"
            | "nextcursor"
            | "nexttoken"
            | "nextpagetoken"
            | "nextkey"
            | "nextmarker"
            | "nextoffset"
            | "nextid"
            | "lastevaluatedkey"
            | "continuationtoken"
            | "cursor"
            | "endcursor"
            | "scrollid"
            | "hasmore"
            | "hasnext"
            | "hasnextpage"
            | "morerecords"
            | "istruncated"
    )
}

/// The list that an answer with this schema consists of: the array itself, or the array of an envelope (the one with a customary name, else
/// the only one where everything beside it is about paging). An object that describes one thing and has arrays in it is no list.
pub fn list_of(schema: &Arc<Schema>) -> Option<&Arc<Schema>> {
    if schema.is_only(SchemaKind::Array) {
        return Some(schema);
    }
    let is_array = |inner: &Arc<Schema>| inner.is_only(SchemaKind::Array);
    let variants = schema.variants();
    let properties = || variants.iter().flat_map(|variant| &variant.properties);
    let mut arrays = properties().filter(|(_, inner)| is_array(inner));
    let named = ENVELOPE.iter().find_map(|wanted| {
        properties().find(|(name, inner)| name.eq_ignore_ascii_case(wanted) && is_array(inner)).map(|(_, inner)| inner)
    });
    if let Some(named) = named {
        // A thing with an id and `values` is a thing.
        let is_thing = properties().any(|(name, _)| matches!(normal(name).as_str(), "id" | "uuid" | "name" | "slug"));
        if !is_thing {
            return Some(named);
        }
    }
    let (_, only) = arrays.next()?;
    let alone = arrays.next().is_none();
    let about_paging = properties().all(|(name, inner)| is_array(inner) || is_paging_word(name) || is_envelope(name));
    (alone && about_paging).then_some(only)
}

/// Names of objects in an envelope that are about the answer, not about a thing.
fn is_envelope(name: &str) -> bool {
    let name = normal(name);
    matches!(
        name.as_str(),
        "meta"
            | "metadata"
            | "links"
            | "paging"
            | "pagination"
            | "kind"
            | "etag"
            | "object"
            | "ok"
            | "success"
            | "status"
            | "errors"
            | "warnings"
            | "odatacontext"
            | "apiversion"
            | "requestid"
    )
}

/// The list in the successful answer of an operation: its status and media type, the schema of the answer and that of the array.
pub fn answered(operation: &Operation) -> Option<(&str, &str, &Arc<Schema>, &Arc<Schema>)> {
    operation.responses.iter().filter(|(status, _)| status.starts_with('2')).find_map(|(status, response)| {
        response.content.iter().find_map(|(media, schema)| {
            let list = list_of(schema)?;
            Some((status.as_str(), media.as_str(), schema, list))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array() -> Arc<Schema> {
        Arc::new(Schema { kinds: vec![SchemaKind::Array], ..Schema::default() })
    }

    fn object(names: &[(&str, bool)]) -> Arc<Schema> {
        let text = Arc::new(Schema { kinds: vec![SchemaKind::String], ..Schema::default() });
        let property =
            |(name, list): &(&str, bool)| ((*name).to_owned(), if *list { array() } else { Arc::clone(&text) });
        let properties = names.iter().map(property).collect();
        Arc::new(Schema { kinds: vec![SchemaKind::Object], properties, ..Schema::default() })
    }

    #[test]
    fn envelopes_and_things() {
        assert!(list_of(&array()).is_some());
        assert!(list_of(&object(&[("items", true), ("total", false)])).is_some());
        assert!(list_of(&object(&[("orders", true), ("next_cursor", false)])).is_some());
        assert!(list_of(&object(&[("orders", true), ("meta", false)])).is_some());
        assert!(list_of(&object(&[("id", false), ("tags", true)])).is_none());
        assert!(list_of(&object(&[("id", false), ("values", true)])).is_none());
        assert!(list_of(&object(&[("email", false), ("tags", true)])).is_none());
        assert!(list_of(&object(&[("a", true), ("b", true)])).is_none());
    }
}
