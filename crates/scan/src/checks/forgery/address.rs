//! The inputs that take an address: parameters and fields of a body that the service may send a request to.
//!
//! Chosen by name, format and known values. A word that also names other things (`image`, `source`) counts where its values say so, or where
//! nothing else speaks against it. Whether a request is really sent is for the check to find out.

use std::sync::LazyLock;

use plimsoll_http::request::Body;
use plimsoll_http::{Exchange, Probe};
use plimsoll_model::{Method, PartKind};
use plimsoll_spec::roles::{normal, paging, purpose, words};
use plimsoll_spec::{Location, Parameter, Schema, SchemaKind};
use regex::Regex;
use serde_json::Value;

use crate::checks::input::odd::{Class, with_path};
use crate::view::Op;

/// What is written into an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// A whole address: `http://host/path`.
    Url,
    /// Host and port; the service makes an address of them.
    Host,
}

/// An input that may take an address.
#[derive(Clone, Debug)]
pub struct Input {
    /// Where it is.
    pub part: PartKind,
    /// Its name; of a nested field the dotted path.
    pub name: String,
    /// What is written into it.
    pub wants: Wants,
    /// Whether name, format or values leave little doubt that it is an address.
    pub is_certain: bool,
    /// The host of a known value.
    pub known_host: Option<String>,
}

/// Inputs tried at one operation; of an operation that writes.
const INPUTS: usize = 3;
const INPUTS_OF_WRITES: usize = 2;
/// How deep bodies are looked into.
const DEPTH: usize = 3;

/// Names, in lower case without separators, of things that are often given as an address.
const PERHAPS: &[&str] = &[
    "avatar",
    "dest",
    "document",
    "download",
    "fetch",
    "file",
    "icon",
    "image",
    "img",
    "import",
    "load",
    "logo",
    "media",
    "open",
    "page",
    "path",
    "photo",
    "picture",
    "preview",
    "ref",
    "remote",
    "resource",
    "rss",
    "source",
    "src",
    "thumbnail",
    "upload",
    "wsdl",
    "website",
    "xml",
];
/// Names of hosts.
const HOSTS: &[&str] =
    &["host", "hostname", "domain", "server", "ip", "ipaddress", "node", "peer", "hostport", "upstream"];
/// Last words of names that say that another service is called.
const SERVICES: &[&str] = &["api", "proxy", "hook", "webhook", "callback", "feed", "server", "host"];

/// A refusal that names what is missing: `url is required`, `missing parameter 'target'`.
static MISSING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let name = r#"["'`]?\b([A-Za-z_]{2,20}(?:url|uri|URL|URI)|url|uri|link|target|host|domain|src|webhook|callback|endpoint|feed)\b["'`]?"#;
    Regex::new(&format!(
        r"(?:{name} (?:parameter |query parameter |is |field |must be )*(?:missing|required|provided|needed))|(?:(?i:missing|required|provide|specify|supply)[a-z :]{{0,40}}{name})"
    ))
    .ok()
});

/// The inputs of an operation that may take an address, the likeliest first.
pub fn inputs(op: &Op<'_>) -> Vec<Input> {
    let writes = !op.is_get() && !op.spec.marked_safe;
    let mut out: Vec<Input> = Vec::new();
    for parameter in &op.spec.parameters {
        let part = match parameter.location {
            Location::Query => PartKind::Query,
            Location::Path => PartKind::Path,
            Location::Header => PartKind::Header,
            Location::Cookie => continue,
        };
        let given = op.base().and_then(|base| base.query_value(&parameter.name));
        let known = known_values(parameter).into_iter().chain(given.map(str::to_owned)).collect::<Vec<_>>();
        out.extend(input(op, part, &parameter.name, &parameter.schema, &known));
    }
    let declared = |name: &str| op.spec.parameter(Location::Query, name).is_some();
    let query = op.base().map(|base| base.query.as_slice()).unwrap_or_default();
    for (name, value) in query.iter().filter(|(name, _)| !declared(name)) {
        out.extend(input(op, PartKind::Query, name, &Schema::default(), std::slice::from_ref(value)));
    }
    for name in missing(op) {
        if !declared(&name) && !out.iter().any(|input| input.name == name) {
            out.extend(input(op, PartKind::Query, &name, &Schema::default(), &[]));
        }
    }
    if let Some((schema, body)) = body_of(op) {
        fields(op, &schema, &body, &mut Vec::new(), &mut out);
    }
    out.sort_by_key(|input| !input.is_certain);
    out.truncate(if writes { INPUTS_OF_WRITES } else { INPUTS });
    out
}

fn input(op: &Op<'_>, part: PartKind, name: &str, schema: &Schema, known: &[String]) -> Option<Input> {
    let kinds = |kind| schema.kinds.is_empty() && schema.alternatives.is_empty() || schema.allows(kind);
    let text = kinds(SchemaKind::String) && matches!(Class::of(schema, known), Class::Text | Class::List);
    // `next` is a cursor in one service and an address in another.
    let known_host = known.iter().find_map(|value| host_of(value));
    let pages = paging::role(name).is_some() && known_host.is_none() && (op.list().is_some() || name != "next");
    if !text || pages {
        return None;
    }
    let variants = schema.variants();
    let format =
        |wanted: &[&str]| variants.iter().any(|s| s.format.as_deref().is_some_and(|format| wanted.contains(&format)));
    let whole = normal(name);
    let last = words(name).pop().unwrap_or_default();
    let known_host = known.iter().find_map(|value| host_of(value));
    let is_host =
        HOSTS.contains(&whole.as_str()) || last == "host" || last == "hostname" || format(&["hostname", "ipv4"]);
    let is_url = format(&["uri", "url", "uri-reference", "iri"])
        || known_host.is_some()
        || !is_host && (purpose::purpose(name) == Some(purpose::Purpose::Address) || SERVICES.contains(&last.as_str()));
    // Among the filters of a list, a host or a source is something to look for.
    let filters = op.list().is_some() && !is_url;
    let is_perhaps = is_host || PERHAPS.contains(&whole.as_str());
    let wants = if is_host && known_host.is_none() { Wants::Host } else { Wants::Url };
    (is_url || is_perhaps && !filters).then(|| Input {
        part,
        name: name.to_owned(),
        wants,
        is_certain: is_url,
        known_host,
    })
}

/// The host of a text that is an http address.
fn host_of(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    url.host_str().map(str::to_owned)
}

fn known_values(parameter: &Parameter) -> Vec<String> {
    let shown = parameter.examples.iter().chain(&parameter.schema.examples).chain(&parameter.schema.default);
    shown.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The parameters that a refusal of the base request says are missing.
pub fn missing(op: &Op<'_>) -> Vec<String> {
    let Some(answer) = op.reply(&op.probe()).filter(|answer| matches!(answer.status(), Some(400 | 422))) else {
        return Vec::new();
    };
    // FastAPI: {"detail": [{"type": "missing", "loc": ["query", "url"], …}]}.
    let located = answer.json().and_then(|value| value.get("detail")?.as_array()).into_iter().flatten();
    let named = located.filter_map(|error| {
        let place: Vec<&str> = error.get("loc")?.as_array()?.iter().filter_map(Value::as_str).collect();
        (place.first() == Some(&"query") && place.len() == 2).then(|| place[1].to_owned())
    });
    let mut out: Vec<String> = named.collect();
    if out.is_empty()
        && let Some(regex) = MISSING.as_ref()
        && let Some(found) = regex.captures(&head(answer))
    {
        out.extend(found.get(1).or_else(|| found.get(2)).map(|name| name.as_str().to_owned()));
    }
    out
}

fn head(answer: &Exchange) -> String {
    answer.text().chars().take(2_000).collect()
}

/// Schema and value of the base request's JSON body.
fn body_of(op: &Op<'_>) -> Option<(Schema, Value)> {
    let body = op.base()?.body.as_ref().filter(|body| body.media_type.contains("json"))?;
    let declared = op.spec.body.as_ref().and_then(|spec| spec.content.get(&body.media_type));
    let schema = declared.map(|(schema, _)| (**schema).clone()).unwrap_or_default();
    Some((schema, serde_json::from_str(&body.content).ok()?))
}

fn fields(op: &Op<'_>, schema: &Schema, value: &Value, path: &mut Vec<String>, out: &mut Vec<Input>) {
    if path.len() >= DEPTH {
        return;
    }
    let variants = schema.variants();
    let declared = variants.iter().flat_map(|schema| &schema.properties).filter(|(_, inner)| !inner.read_only);
    let mut names: Vec<(String, Schema)> = declared.map(|(name, inner)| (name.clone(), (**inner).clone())).collect();
    for name in value.as_object().into_iter().flat_map(serde_json::Map::keys) {
        if !names.iter().any(|(known, _)| known == name) {
            names.push((name.clone(), Schema::default()));
        }
    }
    for (name, inner) in names {
        let given = value.get(&name);
        path.push(name.clone());
        if given.is_some_and(Value::is_object) {
            fields(op, &inner, given.unwrap_or(&Value::Null), path, out);
        } else {
            let known: Vec<String> = given.and_then(Value::as_str).map(str::to_owned).into_iter().collect();
            if given.is_none_or(|given| given.is_string() || given.is_null()) {
                let input = input(op, PartKind::Body, &name, &inner, &known);
                out.extend(input.map(|input| Input { name: path.join("."), ..input }));
            }
        }
        path.pop();
    }
}

impl Input {
    /// The base request with this value in the input; none where it cannot be put there.
    pub fn probe(&self, op: &Op<'_>, value: &str) -> Option<Probe> {
        match self.part {
            PartKind::Query => Some(op.probe().query(&self.name, value)),
            PartKind::Path => with_path(op, &self.name, value),
            PartKind::Header => Some(op.probe().header(&self.name, value)),
            PartKind::Body => {
                let Body { media_type, content } = op.base()?.body.clone()?;
                let mut body: Value = serde_json::from_str(&content).ok()?;
                let mut inner = &mut body;
                for name in self.name.split('.') {
                    inner = inner.as_object_mut()?.entry(name.to_owned()).or_insert(Value::Null);
                }
                *inner = Value::String(value.to_owned());
                Some(op.probe().body(&media_type, &body.to_string()))
            }
            PartKind::ResponseHeader | PartKind::ResponseBody => None,
        }
    }

    /// What a question about this input is called; see [`plimsoll_http::Place::token`].
    pub fn question(&self, op: &Op<'_>, form: &str) -> String {
        let form = if form.is_empty() { String::new() } else { format!(" {form}") };
        format!("{} {}:{}{form}", op.key(), self.part.as_str(), self.name)
    }
}

/// Whether an operation is one that is only called because its caller allowed it to write.
pub fn writes(op: &Op<'_>) -> bool {
    !matches!(op.key().method, Method::Get | Method::Head | Method::Options) && !op.spec.marked_safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Option<String> {
        let found = MISSING.as_ref().unwrap().captures(text)?;
        found.get(1).or_else(|| found.get(2)).map(|name| name.as_str().to_owned())
    }

    #[test]
    fn refusals_that_name_an_input() {
        assert_eq!(named(r#"{"error": "url is required"}"#).as_deref(), Some("url"));
        assert_eq!(named(r#"{"error": "'target' parameter is missing"}"#).as_deref(), Some("target"));
        assert_eq!(named("Please provide a url parameter").as_deref(), Some("url"));
        assert_eq!(named("Missing required query parameter: image_url").as_deref(), Some("image_url"));
        for text in ["name is required", "the link has expired", "Not found", "required field: title"] {
            assert_eq!(named(text), None, "{text}");
        }
    }

    #[test]
    fn hosts_of_addresses() {
        assert_eq!(host_of("https://images.example/a.png").as_deref(), Some("images.example"));
        for text in ["images.example", "ftp://images.example/", "/a", ""] {
            assert_eq!(host_of(text), None, "{text}");
        }
    }
}
