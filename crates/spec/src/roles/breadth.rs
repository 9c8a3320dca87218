//! What makes a request broader, by name and schema: search terms, lists of ids, levels, periods, expansions, ranges.

use plimsoll_model::OperationKey;

use crate::api::{Location, Operation, Parameter, SchemaKind};

/// What makes a request broader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breadth {
    /// A list of ids.
    Ids,
    /// How many levels are followed.
    Depth,
    /// How many days, weeks, months are covered.
    Window,
    /// Which related things are included.
    Expand,
}

const SEARCH: &[&str] = &[
    "q",
    "query",
    "search",
    "search_term",
    "searchterm",
    "term",
    "terms",
    "keyword",
    "keywords",
    "text",
    "prefix",
    "contains",
    "starts_with",
    "startswith",
    "like",
    "find",
    "match",
    "fulltext",
    "name_contains",
];
const RANGES: &[(&str, &str)] = &[
    ("from", "to"),
    ("start", "end"),
    ("since", "until"),
    ("date_from", "date_to"),
    ("from_date", "to_date"),
    ("start_date", "end_date"),
    ("startdate", "enddate"),
    ("start_time", "end_time"),
    ("created_after", "created_before"),
    ("created_from", "created_to"),
    ("begin", "end"),
    ("min_date", "max_date"),
    ("from_ts", "to_ts"),
];
/// Words of operations that answer with the best few by their nature: no caller expects all.
const TOP_FEW: &[&str] = &[
    "suggest",
    "autocomplete",
    "complete",
    "typeahead",
    "top",
    "latest",
    "recent",
    "newest",
    "popular",
    "trending",
    "related",
    "similar",
    "recommend",
    "featured",
    "best",
    "random",
    "sample",
    "preview",
    "hot",
    "leaderboard",
];

/// Whether a name says how far a unit of time reaches: `days_back`; `weeks_on_list` is a value like any other.
fn is_span(name: &str, unit: &str) -> bool {
    let reach = name.strip_prefix(unit).and_then(|rest| rest.strip_prefix('_'));
    reach.is_some_and(|reach| {
        ["back", "ahead", "ago", "before", "after", "past", "prior", "range", "window", "forward", "history"]
            .contains(&reach)
    })
}

/// First words of names that say how ids are answered, and take none: `stringify_ids`.
const HOW: &[&str] = &["stringify_", "include_", "with_", "return_", "show_", "hide_", "has_", "only_", "omit_"];

fn normal(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}

/// Whether a parameter of this name takes a search term.
pub fn is_search(name: &str) -> bool {
    SEARCH.contains(&normal(name).as_str())
}

/// Whether a parameter takes free text to search for: any text at all is allowed.
pub fn is_free_text(parameter: &Parameter) -> bool {
    let schema = &parameter.schema;
    schema.allows(SchemaKind::String) && schema.values.is_empty() && schema.format.is_none()
}

/// How a parameter can make a request broader, if it can.
pub fn breadth(parameter: &Parameter) -> Option<Breadth> {
    if parameter.location != Location::Query || !parameter.schema.values.is_empty() {
        return None;
    }
    let name = normal(&parameter.name);
    let schema = &parameter.schema;
    let counts = schema.allows(SchemaKind::Integer) || schema.allows(SchemaKind::Number);
    let is_ids = matches!(name.as_str(), "ids" | "id_list" | "idlist" | "id_in" | "id__in" | "uuids" | "skus" | "keys")
        || name.ends_with("_ids") && !HOW.iter().any(|how| name.starts_with(how))
        || (parameter.name.ends_with("Ids") && parameter.name.len() > 3);
    let is_window = ["days", "weeks", "months", "hours", "years", "lookback", "horizon"]
        .iter()
        .any(|unit| name == *unit || name.ends_with(&format!("_{unit}")) || is_span(&name, unit));
    match name.as_str() {
        _ if is_ids && (schema.allows(SchemaKind::Array) || schema.allows(SchemaKind::String)) => Some(Breadth::Ids),
        "depth" | "max_depth" | "maxdepth" | "levels" | "hops" | "degrees" if counts => Some(Breadth::Depth),
        _ if is_window && counts => Some(Breadth::Window),
        "expand" | "include" | "embed" | "expansions"
            if schema.allows(SchemaKind::String) || schema.allows(SchemaKind::Array) =>
        {
            Some(Breadth::Expand)
        }
        _ => None,
    }
}

/// The two ends of a range that the operation takes, if it takes one.
pub fn range(operation: &Operation) -> Option<(&Parameter, &Parameter)> {
    let named =
        |wanted: &str| operation.parameters_in(Location::Query).find(|parameter| normal(&parameter.name) == wanted);
    RANGES.iter().find_map(|(from, to)| Some((named(from)?, named(to)?)))
}

/// Whether an operation answers with the best few by its nature.
pub fn is_top_few(key: &OperationKey) -> bool {
    let path = key.path.to_ascii_lowercase();
    path.split(['/', '-', '_', '.']).any(|word| {
        TOP_FEW
            .iter()
            .any(|few| word == *few || word.strip_suffix('s') == Some(few) || (few.len() > 6 && word.starts_with(few)))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::api::{Place, Schema};

    #[test]
    fn breadth_by_name_and_schema() {
        let parameter = |name: &str, kind: SchemaKind| Parameter {
            name: name.to_owned(),
            location: Location::Query,
            required: false,
            deprecated: false,
            description: String::new(),
            schema: Arc::new(Schema { kinds: vec![kind], ..Default::default() }),
            examples: Vec::new(),
            explode: true,
            place: Place::default(),
        };
        assert_eq!(breadth(&parameter("product_ids", SchemaKind::Array)), Some(Breadth::Ids));
        assert_eq!(breadth(&parameter("productIds", SchemaKind::String)), Some(Breadth::Ids));
        assert_eq!(breadth(&parameter("max-depth", SchemaKind::Integer)), Some(Breadth::Depth));
        assert_eq!(breadth(&parameter("last_days", SchemaKind::Integer)), Some(Breadth::Window));
        assert_eq!(breadth(&parameter("days_back", SchemaKind::Integer)), Some(Breadth::Window));
        assert_eq!(breadth(&parameter("weeks-on-list", SchemaKind::Integer)), None);
        assert_eq!(breadth(&parameter("stringify_ids", SchemaKind::String)), None);
        assert_eq!(breadth(&parameter("weekdays", SchemaKind::String)), None);
        assert_eq!(breadth(&parameter("include", SchemaKind::Boolean)), None);
        assert_eq!(breadth(&parameter("kids", SchemaKind::Integer)), None);
    }
}
