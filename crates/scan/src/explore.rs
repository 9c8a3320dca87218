//! Exploration: the request that each operation's probes start from.
//!
//! An operation is explored with the values that its contract gives, then with values harvested from other operations' answers, then with made-up
//! ones. The first request that is answered with a 2xx becomes its base; if none is, the first one tried.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use plimsoll_http::Request;
use plimsoll_http::request::Body;
use plimsoll_model::Method;
use plimsoll_spec::{Api, Location, Operation};

use crate::harvest::{Harvest, parameters};
use crate::values;

/// How many sets of path values are tried for one operation.
const TRIES: usize = 3;

/// How far exploration goes to make up values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effort {
    /// Operations that need no value.
    Plain,
    /// Values from the contract and from answers.
    Known,
    /// Made-up values.
    Invented,
}

/// The requests to try for an operation, the likeliest first; empty where nothing can be tried at this effort.
pub fn requests(api: &Api, operation: &Operation, harvest: &Harvest, effort: Effort) -> Vec<Request> {
    let template = &operation.key.path;
    let names = parameters(template);
    let required: Vec<_> = values::required(operation, Location::Query).collect();
    let needs_values = !names.is_empty() || required.iter().any(|parameter| values::declared(parameter).is_none());
    // What changes an object is asked with the object's own values, so that nothing changes; they have to be read first.
    let changes = matches!(operation.key.method, Method::Put | Method::Patch);
    if effort == Effort::Plain && (needs_values || changes) {
        return Vec::new();
    }
    let sets = path_sets(operation, &names, harvest, effort);
    sets.into_iter()
        .filter_map(|set| {
            let mut request = Request::get(&format!("{}{}", api.prefix, fill(template, &set)));
            request.method = operation.key.method;
            for parameter in &required {
                let value = if effort == Effort::Invented {
                    values::parameter(parameter, harvest)?
                } else {
                    values::parameter(parameter, harvest).or_else(|| values::declared(parameter))?
                };
                request.query.push((parameter.name.clone(), value));
            }
            for parameter in values::required(operation, Location::Header) {
                if !parameter.name.eq_ignore_ascii_case("authorization") {
                    request.set_header(&parameter.name, &values::parameter(parameter, harvest)?);
                }
            }
            let present = harvest.present(&request.path).filter(|_| changes);
            let body = present.map_or_else(|| values::body(operation), |object| values::body_of(operation, object));
            request.body = body.map(|(media_type, content)| Body { media_type, content });
            Some(request)
        })
        .collect()
}

fn path_sets(operation: &Operation, names: &[String], harvest: &Harvest, effort: Effort) -> Vec<Vec<(String, String)>> {
    if names.is_empty() {
        return vec![Vec::new()];
    }
    let spec = |name: &String| operation.parameter(Location::Path, name);
    let declared: Option<Vec<(String, String)>> =
        names.iter().map(|name| Some((name.clone(), values::declared(spec(name)?)?))).collect();
    let fits = |set: &Vec<(String, String)>| {
        set.iter().all(|(name, value)| spec(name).is_none_or(|parameter| values::fits(value, &parameter.schema)))
    };
    let mut sets: Vec<_> = harvest.path_values(&operation.key.path, TRIES).into_iter().filter(fits).collect();
    sets.extend(declared);
    if sets.is_empty() && effort == Effort::Invented {
        let invented: Option<Vec<(String, String)>> = names
            .iter()
            .map(|name| {
                let value = spec(name).and_then(|parameter| values::parameter(parameter, harvest));
                Some((
                    name.clone(),
                    value.or_else(|| harvest.value(name).map(str::to_owned)).unwrap_or_else(|| "1".to_owned()),
                ))
            })
            .collect();
        sets.extend(invented);
    }
    sets.truncate(TRIES);
    sets
}

/// The path of a template with these values, each percent-encoded as one segment.
pub fn fill(template: &str, values: &[(String, String)]) -> String {
    const SEGMENT: &percent_encoding::AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    let mut out = template.to_owned();
    for (name, value) in values {
        // A value of dots alone would be taken for a relative segment.
        let encoded = if value.chars().all(|c| c == '.') {
            value.replace('.', "%2E")
        } else {
            utf8_percent_encode(value, SEGMENT).to_string()
        };
        out = out.replace(&format!("{{{name}}}"), &encoded);
    }
    out
}

/// Why an operation was not reached, from the status of its best answer, and what would change that.
pub fn reason(status: Option<u16>) -> String {
    match status {
        Some(401) => "answers 401: give credentials with --header 'Authorization: …'".to_owned(),
        Some(403) => "answers 403: give credentials that may use it".to_owned(),
        Some(404 | 410) => "answers that there is nothing: give an example value in the contract".to_owned(),
        Some(400 | 422) => "refuses the values that were tried: give example values in the contract".to_owned(),
        Some(429) => "answers 429: lower --rate".to_owned(),
        Some(status) if status >= 500 => format!("answers {status} to every request"),
        Some(status) => format!("answers {status}"),
        None => "no answer".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_one_segment() {
        let set = [("id".to_owned(), "a/b?c".to_owned())];
        assert_eq!(fill("/x/{id}/y", &set), "/x/a%2Fb%3Fc/y");
        assert_eq!(fill("/x/{id}", &[("id".to_owned(), "..".to_owned())]), "/x/%2E%2E");
    }
}
