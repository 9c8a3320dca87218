//! Values for parameters that make a request broader or narrower, and other values for a path parameter. What parameters are for is known in
//! [`plimsoll_spec::roles`].
//!
//! Names decide only what is asked. No finding rests on a name alone.

use plimsoll_http::Probe;
pub use plimsoll_spec::roles::breadth::{Breadth, breadth};
use plimsoll_spec::roles::breadth::{is_free_text, is_search};
use plimsoll_spec::{Location, Parameter};
use serde_json::Value;

use crate::list::List;
use crate::view::Op;

/// The free-text search parameter of an operation.
pub fn search(op: &Op<'_>) -> Option<String> {
    let declared = op
        .spec
        .parameters_in(Location::Query)
        .filter(|parameter| is_free_text(parameter))
        .map(|parameter| parameter.name.as_str());
    let given = op.base().into_iter().flat_map(|base| base.query.iter().map(|(name, _)| name.as_str()));
    let given = given.filter(|name| op.spec.parameter(Location::Query, name).is_none());
    declared.chain(given).find(|name| is_search(name)).map(str::to_owned)
}

/// The two ends of a range that the operation takes, if it takes one.
pub fn range<'a>(op: &Op<'a>) -> Option<(&'a Parameter, &'a Parameter)> {
    plimsoll_spec::roles::breadth::range(op.spec)
}

/// Whether an operation answers with the best few by its nature.
pub fn is_top_few(op: &Op<'_>) -> bool {
    plimsoll_spec::roles::breadth::is_top_few(op.key())
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
}
