//! Telling OpenAPI documents from what people give instead, and their versions from each other.

use crate::error::{Failure, LoadError, one_line};
use crate::files;
use crate::options::Limits;
use crate::reader::Dialect;
use crate::tree::{At, Kind, Node};

/// Whether these bytes look like an OpenAPI document of any version: a map with `openapi` or `swagger` and a version at its root.
pub fn probe(bytes: &[u8]) -> bool {
    let limits = Limits::default();
    let start = bytes.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(bytes.len());
    let Some(&first) = bytes.get(start) else { return false };
    if first == b'<' || bytes.len() as u64 > limits.bytes {
        return false;
    }
    // Reading a whole document as YAML costs seconds per 100 MB, so YAML must show the key at the beginning of a line first.
    let is_key =
        |line: &[u8]| [b"openapi".as_slice(), b"swagger"].iter().any(|key| contains(&line[..line.len().min(16)], key));
    let jsonish = matches!(first, b'{' | 0xef | 0xff | 0xfe | 0);
    if !jsonish && !bytes.split(|&b| b == b'\n').any(is_key) {
        return false;
    }
    let mut nodes = limits.nodes;
    let Ok((root, _)) = files::parse(bytes, "", &limits, &mut nodes) else { return false };
    ["openapi", "swagger"].iter().any(|key| {
        let version = root.child(key).map(version_text).unwrap_or_default();
        version.starts_with(|c: char| c.is_ascii_digit())
    })
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}

/// What a text is that cannot be an OpenAPI document; none where it may be one.
pub(crate) fn foreign_text(start: &str) -> Option<&'static str> {
    let head: String = start.chars().take(2000).collect::<String>().to_ascii_lowercase();
    if head.starts_with('<') {
        return Some(if head.contains("wsdl") {
            "this is a WSDL document"
        } else if head.contains("<!doctype html") || head.contains("<html") {
            "this is an HTML page"
        } else {
            "this is XML"
        });
    }
    let graphql = head.lines().map(str::trim_start).any(|line| {
        let mut words = line.split_whitespace();
        let keyword =
            words.next().is_some_and(|w| matches!(w, "type" | "input" | "interface" | "enum" | "schema" | "extend"));
        keyword && line.trim_end().ends_with('{') && !line.contains(':')
    });
    if graphql {
        return Some("this is a GraphQL schema");
    }
    head.contains("syntax = \"proto").then_some("this is a protobuf file")
}

/// The dialect and version of a document, or why it is none that is known.
pub(crate) fn version(root: &At<'_>, name: &str) -> Result<(Dialect, String, Option<&'static str>), LoadError> {
    let line = root.node.line;
    let error = |failure, what: String, hint: &str, line| Err(LoadError::new(failure, name, what, hint).at(line, None));
    if root.node.map().is_none() {
        let what = format!("the document is {}, not a map", root.node.noun());
        return error(Failure::NotOpenApi, what, "give an OpenAPI document in JSON or YAML", line);
    }
    let Some(node) = root.node.child("openapi").or_else(|| root.node.child("swagger")) else {
        let what = foreign_map(root.node);
        return error(Failure::NotOpenApi, what.to_owned(), "give an OpenAPI document in JSON or YAML", line);
    };
    let text = version_text(node);
    let remark = matches!(node.kind, Kind::Number(_)).then_some("the version is a number; put it in quotes");
    let old = root.node.child("openapi").is_none();
    let mut parts = text.split('.');
    let (major, minor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or("0"));
    match (major, minor) {
        ("2", "0") if old => Ok((Dialect::V2, text, remark)),
        ("3", "0") => Ok((Dialect::V30, text, remark)),
        ("3", _) if minor.bytes().all(|b| b.is_ascii_digit()) && !minor.is_empty() => {
            let unknown = (!matches!(minor, "1" | "2")).then_some("a version later than 3.2, read as 3.2");
            Ok((Dialect::V31, text, remark.or(unknown)))
        }
        ("1", _) if old => error(
            Failure::Version,
            format!("Swagger {} is not read", one_line(&text, 20)),
            "convert it to OpenAPI 3",
            node.line,
        ),
        _ => {
            let what = format!("the version {} of OpenAPI is not known", one_line(&text, 20));
            error(Failure::Version, what, "known are 2.0, 3.0, 3.1 and 3.2", node.line)
        }
    }
}

/// A version as text; `openapi: 3` and `swagger: 2` are numbers, and meant as `3.0` and `2.0`.
fn version_text(node: &Node) -> String {
    match &node.kind {
        Kind::Text(text) => text.trim().to_owned(),
        Kind::Number(number) if number.is_f64() => number.to_string(),
        Kind::Number(number) => format!("{number}.0"),
        _ => String::new(),
    }
}

/// What a map is that has no version of OpenAPI.
fn foreign_map(root: &Node) -> &'static str {
    let has = |key: &str| root.child(key).is_some();
    let inside = |key: &str, below: &str| root.child(key).is_some_and(|node| node.child(below).is_some());
    if has("swaggerVersion") {
        "this is a Swagger 1 document, which is not read"
    } else if has("asyncapi") {
        "this is an AsyncAPI document"
    } else if inside("log", "entries") || inside("log", "creator") {
        "this is a HAR recording"
    } else if inside("info", "_postman_id") || has("info") && has("item") {
        "this is a Postman collection"
    } else if inside("data", "__schema") || has("__schema") {
        "this is a GraphQL introspection result"
    } else if has("$schema") || has("properties") {
        "this is a JSON Schema"
    } else if has("paths") {
        "the document does not say its version (openapi)"
    } else {
        "this is no OpenAPI document"
    }
}
