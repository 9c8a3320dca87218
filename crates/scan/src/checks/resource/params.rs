//! What parameters are for, by name and schema: search terms, lists of ids, depth, windows of time, expansion, ranges; and other values for
//! a path parameter.
//!
//! Names decide only what is asked. No finding rests on a name alone, except where the contract itself is judged.

use plimsoll_http::Probe;
use plimsoll_spec::{Location, Parameter, SchemaKind};
use serde_json::Value;

use crate::list::List;
use crate::view::Op;

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

fn normal(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}

/// The free-text search parameter of an operation.
pub fn search(op: &Op<'_>) -> Option<String> {
    let declared = op
        .spec
        .parameters_in(Location::Query)
        .filter(|parameter| {
            let schema = &parameter.schema;
            schema.allows(SchemaKind::String) && schema.values.is_empty() && schema.format.is_none()
        })
        .map(|parameter| parameter.name.as_str());
    let given = op.base().into_iter().flat_map(|base| base.query.iter().map(|(name, _)| name.as_str()));
    let given = given.filter(|name| op.spec.parameter(Location::Query, name).is_none());
    declared.chain(given).find(|name| SEARCH.contains(&normal(name).as_str())).map(str::to_owned)
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
        || name.ends_with("_ids")
        || (parameter.name.ends_with("Ids") && parameter.name.len() > 3);
    let is_window = ["days", "weeks", "months", "hours", "years", "lookback", "horizon"]
        .iter()
        .any(|unit| name == *unit || name.ends_with(&format!("_{unit}")) || name.starts_with(&format!("{unit}_")));
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
pub fn range<'a>(op: &Op<'a>) -> Option<(&'a Parameter, &'a Parameter)> {
    let named =
        |wanted: &str| op.spec.parameters_in(Location::Query).find(|parameter| normal(&parameter.name) == wanted);
    RANGES.iter().find_map(|(from, to)| Some((named(from)?, named(to)?)))
}

/// Whether an operation answers with the best few by its nature.
pub fn is_top_few(op: &Op<'_>) -> bool {
    let path = op.key().path.to_ascii_lowercase();
    path.split(['/', '-', '_', '.']).any(|word| {
        TOP_FEW
            .iter()
            .any(|few| word == *few || word.strip_suffix('s') == Some(few) || (few.len() > 6 && word.starts_with(few)))
    })
}

/// The first value that is known for a parameter: that of the base request, its examples, its default.
pub fn known_value(op: &Op<'_>, parameter: &Parameter) -> Option<String> {
    let given = op.base().and_then(|base| base.query_value(&parameter.name)).filter(|value| !value.is_empty());
    let text = |value: &Value| match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) => {
            let items: Vec<String> =
                items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect();
            (!items.is_empty()).then(|| items.join(","))
        }
        _ => None,
    };
    let declared =
        || parameter.examples.iter().chain(&parameter.schema.examples).chain(&parameter.schema.default).find_map(text);
    given.map(str::to_owned).or_else(declared)
}

/// Ids that follow this one: its trailing number counted up, with the same width. None where it ends in no number, or is a UUID.
pub fn following(id: &str) -> Option<impl Iterator<Item = String> + use<>> {
    let digits = id.len() - id.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    if digits == 0 || digits > 12 || id.matches('-').count() >= 4 {
        return None;
    }
    let (prefix, number) = id.split_at(id.len() - digits);
    let (prefix, start): (String, u64) = (prefix.to_owned(), number.parse().ok()?);
    Some((start + 1..).map(move |n| format!("{prefix}{n:0digits$}")))
}

/// The base request with its last path parameter set to this value, which must need no encoding.
pub fn with_last_path(op: &Op<'_>, value: &str) -> Option<Probe> {
    let is_plain = !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || "-_.~".contains(c));
    if is_plain { op.with_segment(is_parameter, value) } else { None }
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{') && segment.ends_with('}')
}

/// The value of the last path parameter in the base request.
pub fn last_path_value<'a>(op: &Op<'a>) -> Option<&'a str> {
    let from_right = op.key().path.rsplit('/').position(is_parameter)?;
    op.base()?.path.rsplit('/').nth(from_right)
}

/// Up to `count` other values of the last path parameter: those that the list above it shows, else ids counted up.
pub fn neighbours(op: &Op<'_>, count: usize) -> Vec<Probe> {
    let Some(current) = last_path_value(op) else { return Vec::new() };
    let mut values = shown_by_parent(op);
    if values.is_empty() {
        values.extend(following(current).into_iter().flatten().take(count));
    }
    values.retain(|value| value != current);
    values.dedup();
    values.iter().filter_map(|value| with_last_path(op, value)).take(count).collect()
}

/// The values of the last path parameter that the list above the operation shows.
fn shown_by_parent(op: &Op<'_>) -> Vec<String> {
    let path = &op.key().path;
    let Some(at) = path.rfind('{') else { return Vec::new() };
    let name = path[at + 1..].split('}').next().unwrap_or("");
    let above = path[..at].trim_end_matches('/');
    let Some(list) = sibling(op, above).and_then(|parent| parent.list()) else { return Vec::new() };
    let field = |item: &Value| {
        let value =
            item.get(name).or_else(|| item.get(name.rsplit('_').next().unwrap_or(name))).or_else(|| item.get("id"))?;
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    };
    list.items().iter().filter_map(field).take(20).collect()
}

/// The GET operation at this path.
pub fn sibling<'a>(op: &Op<'a>, path: &str) -> Option<Op<'a>> {
    op.app().at(path).find(Op::is_get)
}

/// Requests for parts of a list, by filters with values that its own elements have: at most `count`. Other values may belong to what the list
/// leaves out on purpose.
pub fn narrower(op: &Op<'_>, list: &List<'_>, count: usize) -> Vec<Probe> {
    let items = list.items();
    let mut probes = Vec::new();
    for parameter in op.spec.parameters_in(Location::Query) {
        let is_field = items.first().is_some_and(|item| item.get(&parameter.name).is_some());
        let is_unset = op.base().is_some_and(|base| base.query_value(&parameter.name).is_none());
        if crate::paging::role(&parameter.name).is_some() || !is_field || !is_unset {
            continue;
        }
        let mut values: Vec<String> = Vec::new();
        for value in items.iter().filter_map(|item| item.get(&parameter.name)) {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Bool(_) | Value::Number(_) => value.to_string(),
                _ => continue,
            };
            if !values.contains(&text) {
                values.push(text);
            }
        }
        probes.extend(values.iter().map(|value| op.probe().query(&parameter.name, value)));
    }
    probes.truncate(count);
    probes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_counted_up() {
        let next = |id: &str| following(id).map(|ids| ids.take(2).collect::<Vec<_>>());
        assert_eq!(next("cust-009"), Some(vec!["cust-010".to_owned(), "cust-011".to_owned()]));
        assert_eq!(next("41"), Some(vec!["42".to_owned(), "43".to_owned()]));
        assert_eq!(next("abc"), None);
        assert_eq!(next("3f2504e0-4f89-11d3-9a0c-0305e82c3301"), None);
    }

    #[test]
    fn breadth_by_name_and_schema() {
        let parameter = |name: &str, kind: SchemaKind| Parameter {
            name: name.to_owned(),
            location: Location::Query,
            required: false,
            deprecated: false,
            description: String::new(),
            schema: std::sync::Arc::new(plimsoll_spec::Schema { kinds: vec![kind], ..Default::default() }),
            examples: Vec::new(),
            explode: true,
            place: plimsoll_spec::Place::default(),
        };
        assert_eq!(breadth(&parameter("product_ids", SchemaKind::Array)), Some(Breadth::Ids));
        assert_eq!(breadth(&parameter("productIds", SchemaKind::String)), Some(Breadth::Ids));
        assert_eq!(breadth(&parameter("max-depth", SchemaKind::Integer)), Some(Breadth::Depth));
        assert_eq!(breadth(&parameter("last_days", SchemaKind::Integer)), Some(Breadth::Window));
        assert_eq!(breadth(&parameter("weekdays", SchemaKind::String)), None);
        assert_eq!(breadth(&parameter("include", SchemaKind::Boolean)), None);
        assert_eq!(breadth(&parameter("kids", SchemaKind::Integer)), None);
    }
}
