//! Levers: the places of a request that may differ from one time to the next, and the values that they take.
//!
//! A parameter whose contract leaves it free gets a fresh string each time; one that names something gets the names that answers gave. What the contract restricts is left as it
//! is. Whether the application takes a variation is tried before it is used, see [`crate::session`].

use plimsoll_http::Request;
use plimsoll_spec::{Location, Operation, Parameter, Schema, SchemaKind};
use serde_json::Value;

/// A string that no earlier number gave: ten letters and digits, spread so that neighbours differ everywhere. No word that a plan could take offence at.
pub fn fresh(n: u64) -> String {
    // A bijection of 2^50 (odd factor), so that no two numbers below that give the same text.
    let mut rest = n.wrapping_mul(0x2545_f491_4f6c_dd1d) & ((1 << 50) - 1);
    let mut out = String::with_capacity(12);
    out.push('z');
    for at in 0..10 {
        // Consonants and digits: no word comes out.
        const LETTERS: &[u8; 32] = b"bcdfghjkmnpqrstvwxz0123456789BDF";
        out.push(char::from(LETTERS[(rest % 32) as usize]));
        rest /= 32;
        if at == 4 {
            out.push('-');
        }
    }
    out
}

/// A query parameter that means nothing, as browsers add it against caches.
const NOTHING: &str = "_";

/// One place of a request, and its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lever {
    /// The path, one of these (percent-encoded, beginning with a slash) in turn.
    Paths(Vec<String>),
    /// A path in which `{}` is replaced by a fresh string.
    FreshPath(String),
    /// A query parameter, one of these in turn.
    Query(String, Vec<String>),
    /// A query parameter with a fresh string of at most so many letters.
    FreshQuery(String, usize),
    /// A header with a fresh string.
    FreshHeader(String),
    /// A string field of a JSON body, with a fresh string of at most so many letters.
    FreshField(String, usize),
}

impl Lever {
    /// Applies the lever's n-th value.
    pub fn apply(&self, request: &mut Request, n: u64) {
        let turn =
            |values: &[String]| values.get((n % values.len().max(1) as u64) as usize).cloned().unwrap_or_default();
        match self {
            Self::Paths(paths) => request.path = turn(paths),
            Self::FreshPath(pattern) => request.path = pattern.replace("{}", &fresh(n)),
            Self::Query(name, values) => request.set_query(name, &turn(values)),
            Self::FreshQuery(name, most) => request.set_query(name, &cut(fresh(n), *most)),
            Self::FreshHeader(name) => request.set_header(name, &fresh(n)),
            Self::FreshField(name, most) => {
                if let Some(body) = &mut request.body
                    && let Ok(Value::Object(mut fields)) = serde_json::from_str(&body.content)
                {
                    fields.insert(name.clone(), Value::String(cut(fresh(n), *most)));
                    body.content = Value::Object(fields).to_string();
                }
            }
        }
    }

    /// Whether the lever asks for something else than the base request, which may not exist.
    fn replaces_meaning(&self) -> bool {
        match self {
            Self::FreshPath(_) | Self::FreshField(..) => true,
            Self::FreshQuery(name, _) => name != NOTHING,
            Self::Paths(_) | Self::Query(..) | Self::FreshHeader(_) => false,
        }
    }

    /// Whether the lever moves the request's target.
    fn moves_target(&self) -> bool {
        !matches!(self, Self::FreshHeader(_) | Self::FreshField(..))
    }
}

fn cut(mut text: String, most: usize) -> String {
    text.truncate(most.max(1));
    text
}

/// All levers of one operation's request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levers(pub Vec<Lever>);

/// What is known about an operation beyond its contract.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Sets of values for the path parameters, as other answers gave them.
    pub paths: Vec<Vec<(String, String)>>,
    /// Values for query parameters.
    pub queries: Vec<(String, Vec<String>)>,
}

impl Levers {
    /// The levers of a base request, given its contract and what is known: paths that were harvested; fresh strings where the contract leaves a parameter free; a fresh
    /// request id. An operation that nothing else moves gets a query parameter that means nothing.
    pub fn of(base: &Request, operation: Option<&Operation>, prefix: &str, known: &Known) -> Self {
        let mut out = Vec::new();
        if let Some(operation) = operation {
            out.extend(path_levers(base, operation, prefix, known));
            for parameter in operation.parameters_in(Location::Query) {
                let name = &parameter.name;
                let harvested = known.queries.iter().find(|(known, values)| known == name && values.len() > 1);
                if let Some((_, values)) = harvested {
                    out.push(Lever::Query(name.clone(), values.clone()));
                } else if let Some(most) = free_text(parameter) {
                    out.push(Lever::FreshQuery(name.clone(), most));
                }
            }
            if let (Some(body), Some(declared)) = (&base.body, &operation.body)
                && let Some((schema, _)) = declared.content.get(&body.media_type)
            {
                let free = schema.properties.iter().filter_map(|(name, schema)| {
                    Some(Lever::FreshField(name.clone(), free(name, schema).filter(|_| !names_something(name))?))
                });
                out.extend(free);
            }
        }
        if !out.iter().any(Lever::moves_target) {
            out.push(Lever::FreshQuery(NOTHING.to_owned(), 16));
        }
        out.push(Lever::FreshHeader("x-request-id".to_owned()));
        Self(out)
    }

    /// The n-th variation of a request. Every other one keeps what the base request asks for: an application that finds nothing under a fresh name has nothing to keep, and one
    /// that keeps what it is asked for must be asked for something new.
    pub fn nth(&self, base: &Request, n: u64) -> Request {
        let mut request = base.clone();
        for lever in self.0.iter().filter(|lever| n % 2 == 1 || !lever.replaces_meaning()) {
            lever.apply(&mut request, n / if lever.replaces_meaning() { 2 } else { 1 });
        }
        request
    }
}

fn path_levers(base: &Request, operation: &Operation, prefix: &str, known: &Known) -> Vec<Lever> {
    let template = &operation.key.path;
    let names: Vec<&str> = template.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
    let mut out = Vec::new();
    let mut paths: Vec<String> = known.paths.iter().map(|set| format!("{prefix}{}", filled(template, set))).collect();
    paths.retain(|path| !path.contains('{'));
    paths.dedup();
    if paths.len() > 1 {
        out.push(Lever::Paths(paths));
    }
    if let Some(last) = names.last() {
        let free = operation.parameter(Location::Path, last).is_none_or(|parameter| free_text(parameter).is_some());
        // Only the last parameter, and only where it is a whole segment: what stands before it must exist.
        let whole = template.split('/').next_back() == Some(&format!("{{{last}}}"));
        if free
            && whole
            && let Some((head, _)) = base.path.rsplit_once('/')
        {
            out.push(Lever::FreshPath(format!("{head}/{{}}")));
        }
    }
    out
}

/// The path of a template with these values, each percent-encoded as one segment.
fn filled(template: &str, set: &[(String, String)]) -> String {
    let mut out = template.to_owned();
    for (name, value) in set {
        let encoded: String = value
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' => char::from(byte).to_string(),
                b'.' if !value.bytes().all(|byte| byte == b'.') => ".".to_owned(),
                other => format!("%{other:02X}"),
            })
            .collect();
        out = out.replace(&format!("{{{name}}}"), &encoded);
    }
    out
}

/// How long a fresh string may be where the parameter is free text.
fn free_text(parameter: &Parameter) -> Option<usize> {
    let example = parameter.examples.iter().any(|value| !value.is_null());
    free(&parameter.name, &parameter.schema).filter(|_| !example || !names_something(&parameter.name))
}

fn free(name: &str, schema: &Schema) -> Option<usize> {
    // Some say so in words: these take a word of a small language, or a token that the server made.
    const CLOSED: &[&str] = &[
        "sort",
        "order",
        "order_by",
        "cursor",
        "page_token",
        "next_token",
        "fields",
        "include",
        "expand",
        "format",
        "lang",
        "token",
    ];
    let variants = schema.variants();
    let text = variants.iter().find(|schema| schema.kinds.contains(&SchemaKind::String))?;
    let restricted =
        text.format.is_some() || text.pattern.is_some() || !text.values.is_empty() || !schema.values.is_empty();
    let closed = CLOSED.contains(&name.to_ascii_lowercase().as_str());
    let most = text.max_length.unwrap_or(12).min(12) as usize;
    (!restricted && !closed && most >= 6 && text.min_length.unwrap_or(0) <= 12).then_some(most)
}

/// Whether a name is that of a reference to something which must exist.
fn names_something(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower == "id" || lower.ends_with("_id") || lower.ends_with("_ids") || lower.ends_with("key") || name.ends_with("Id")
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_model::Method;
    use plimsoll_spec::Origin;
    use std::collections::HashSet;
    use std::sync::Arc;

    fn text() -> Arc<Schema> {
        Arc::new(Schema { kinds: vec![SchemaKind::String], ..Schema::default() })
    }

    fn operation(path: &str, parameters: &[(Location, &str, Arc<Schema>)]) -> Operation {
        let mut operation = Operation::found(Method::Get, path, Origin::Contract);
        for (location, name, schema) in parameters {
            let mut parameter = Parameter::found(*location, name, "");
            parameter.examples = Vec::new();
            parameter.schema = Arc::clone(schema);
            operation.parameters.push(parameter);
        }
        operation
    }

    #[test]
    fn fresh_strings_do_not_come_back() {
        let all: HashSet<String> = (0..50_000).map(fresh).collect();
        assert_eq!(all.len(), 50_000);
        assert!(all.iter().all(|text| text.len() == 12));
    }

    #[test]
    fn free_text_is_fresh_and_what_is_restricted_stays() {
        let closed = Arc::new(Schema { values: vec!["a".into(), "b".into()], ..(*text()).clone() });
        let number = Arc::new(Schema { kinds: vec![SchemaKind::Integer], ..Schema::default() });
        let operation = operation(
            "/search",
            &[
                (Location::Query, "q", text()),
                (Location::Query, "kind", closed),
                (Location::Query, "limit", number),
                (Location::Query, "cursor", text()),
            ],
        );
        let base = Request::get_target("/search?q=a&kind=a&limit=5");
        let levers = Levers::of(&base, Some(&operation), "", &Known::default());
        let request = levers.nth(&base, 3);
        assert_ne!(request.query_value("q"), Some("a"));
        assert_ne!(request.query_value("q"), levers.nth(&base, 5).query_value("q"));
        assert_eq!(levers.nth(&base, 4).query_value("q"), Some("a"));
        assert_eq!(
            (request.query_value("kind"), request.query_value("limit"), request.query_value("cursor")),
            (Some("a"), Some("5"), None)
        );
        assert_eq!(request.headers[0].0, "x-request-id");
    }

    #[test]
    fn harvested_paths_come_in_turn() {
        let operation = operation("/orders/{id}", &[(Location::Path, "id", text())]);
        let set = |id: &str| vec![("id".to_owned(), id.to_owned())];
        let known = Known { paths: vec![set("a/1"), set("b")], queries: Vec::new() };
        let base = Request::get("/v1/orders/a%2F1");
        let levers = Levers::of(&base, Some(&operation), "/v1", &known);
        assert_eq!(levers.0[0], Lever::Paths(vec!["/v1/orders/a%2F1".to_owned(), "/v1/orders/b".to_owned()]));
        assert_eq!(levers.0[1], Lever::FreshPath("/v1/orders/{}".to_owned()));
    }

    #[test]
    fn an_operation_without_parameters_gets_one_that_means_nothing() {
        let base = Request::get("/stats");
        let levers = Levers::of(&base, Some(&operation("/stats", &[])), "", &Known::default());
        assert!(levers.nth(&base, 0).query_value("_").is_some());
    }

    #[test]
    fn fields_of_a_body_are_fresh() {
        let mut base = Request::get("/notes");
        base.body = Some(plimsoll_http::request::Body {
            media_type: "application/json".to_owned(),
            content: r#"{"text":"a","n":1}"#.to_owned(),
        });
        Lever::FreshField("text".to_owned(), 8).apply(&mut base, 5);
        let content: Value = serde_json::from_str(&base.body.unwrap().content).unwrap();
        assert_eq!((content["text"].as_str().unwrap().len(), content["n"].as_i64()), (8, Some(1)));
    }
}
