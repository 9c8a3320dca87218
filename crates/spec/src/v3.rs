//! OpenAPI 3.0, 3.1 and what 3.2 shares with them.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use crate::api::{Api, Location, Parameter, RequestBody, ResponseSpec, Schema, SchemeKind};
use crate::declared::declared_scheme;
use crate::error::one_line;
use crate::operations::{Parts, flag, location};
use crate::reader::Reader;
use crate::tree::{At, Node};

impl<'a> Reader<'a> {
    /// Reads a whole document of version 3.
    pub(crate) fn read_v3(&mut self, root: &At<'a>, api: &mut Api) {
        let components = root.child("components");
        for (name, scheme) in components
            .iter()
            .filter_map(|c| c.child("securitySchemes"))
            .collect::<Vec<_>>()
            .iter()
            .flat_map(At::entries)
        {
            if let Some(scheme) = self.follow(&scheme) {
                let kind = self.scheme(&scheme);
                let scheme = declared_scheme(&scheme, kind);
                api.schemes.insert(name.to_owned(), scheme);
            }
        }
        self.operations(root, api, Self::parts_v3);
        for (name, webhook) in root.child("webhooks").iter().flat_map(At::entries) {
            if !name.starts_with("x-") {
                api.callbacks.push((name.to_owned(), webhook.place()));
            }
        }
        self.check_schemes(root, api);
    }

    fn scheme(&mut self, at: &At<'a>) -> SchemeKind {
        match at.node.child("type").and_then(Node::text) {
            Some("apiKey") => self.api_key(at),
            Some("http") => {
                if let Some(scheme) = self.text(at, "scheme") {
                    return SchemeKind::Http { scheme: scheme.to_ascii_lowercase() };
                }
                self.warn(at, "a security scheme of type http names its scheme");
                SchemeKind::Unknown
            }
            Some("oauth2") => SchemeKind::OAuth2,
            Some("openIdConnect") => SchemeKind::OpenIdConnect,
            Some("mutualTLS") => SchemeKind::MutualTls,
            _ => {
                self.warn(at, "a security scheme of an unknown type");
                SchemeKind::Unknown
            }
        }
    }

    /// An API key: where it is and how it is named.
    pub(crate) fn api_key(&mut self, at: &At<'a>) -> SchemeKind {
        let place =
            at.node.child("in").and_then(Node::text).and_then(location).filter(|place| *place != Location::Path);
        if let (Some(location), Some(name)) = (place, at.node.child("name").and_then(Node::text)) {
            return SchemeKind::ApiKey { location, name: name.to_owned() };
        }
        self.warn(at, "an API key names itself (name) and the header, query or cookie that it is in (in)");
        SchemeKind::Unknown
    }

    fn parts_v3(&mut self, at: &At<'a>, shared: Option<&At<'a>>, api: &mut Api) -> Parts {
        let mut parameters: Vec<Parameter> = Vec::new();
        let mut seen = HashSet::new();
        let own = at.child("parameters");
        for item in own.iter().chain(shared).flat_map(At::items) {
            let Some(item) = self.follow(&item) else { continue };
            if !self.spend_part(&item) {
                break;
            }
            if let Some(parameter) = self.parameter_v3(&item) {
                // Those of the operation come first and win (OAS 3.1.1 §4.8.9.1).
                if seen.insert((parameter.name.clone(), parameter.location)) {
                    parameters.push(parameter);
                }
            }
        }
        let body = at.child("requestBody").and_then(|body| self.body_v3(&body));
        let responses = self.responses_v3(at);
        for (name, callback) in at.child("callbacks").iter().flat_map(At::entries) {
            let operation = at.node.child("operationId").and_then(Node::text).unwrap_or(&at.pointer);
            api.callbacks.push((format!("{operation}/{name}"), callback.place()));
        }
        Parts { parameters, body, responses }
    }

    fn parameter_v3(&mut self, at: &At<'a>) -> Option<Parameter> {
        let (name, place) = self.parameter_head(at)?;
        let Some(location) = location(place) else {
            let hint =
                if matches!(place, "body" | "formData") { "; since OpenAPI 3.0 that is requestBody" } else { "" };
            self.lose(at, format!("the parameter is in {}, which is no place{hint}", one_line(place, 40)));
            return None;
        };
        let mut examples = self.examples(at);
        let schema = match (at.child("schema"), at.child("content").and_then(|content| content.entries().next())) {
            (Some(schema), _) => self.schema(&schema),
            (None, Some((_, media))) => {
                examples.extend(self.examples(&media));
                match media.child("schema") {
                    Some(schema) => self.schema(&schema),
                    None => Arc::default(),
                }
            }
            (None, None) => {
                self.warn(at, format!("the parameter {} has no schema", one_line(&name, 80)));
                Arc::default()
            }
        };
        examples.extend(self.copies(&schema.examples, at));
        let style = at.node.child("style").and_then(Node::text);
        let form =
            style.unwrap_or(if matches!(location, Location::Query | Location::Cookie) { "form" } else { "simple" });
        let explode = at.node.child("explode").and_then(Node::boolean).unwrap_or(form == "form");
        let required = flag(at, "required");
        if location == Location::Path && !required {
            self.warn(at, format!("the path parameter {} is not marked as required", one_line(&name, 80)));
        }
        Some(Parameter {
            name,
            location,
            required: required || location == Location::Path,
            deprecated: flag(at, "deprecated"),
            description: at.node.child("description").and_then(Node::text).unwrap_or_default().to_owned(),
            schema,
            examples,
            explode,
            place: at.place(),
        })
    }

    fn body_v3(&mut self, at: &At<'a>) -> Option<RequestBody> {
        let at = self.follow(at)?;
        if !self.spend_part(&at) {
            return None;
        }
        let mut content = BTreeMap::new();
        for (media_type, media) in at.child("content").iter().flat_map(At::entries) {
            let Some(media) = self.follow(&media) else { continue };
            let schema = self.media_schema(&media);
            let mut examples = self.examples(&media);
            examples.extend(self.copies(&schema.examples, &media));
            content.insert(media_type.to_owned(), (schema, examples));
        }
        if content.is_empty() {
            self.warn(&at, "the request body has no content");
        }
        Some(RequestBody { required: flag(&at, "required"), content, place: at.place() })
    }

    fn responses_v3(&mut self, at: &At<'a>) -> BTreeMap<String, ResponseSpec> {
        let mut responses = BTreeMap::new();
        for (status, response) in at.child("responses").iter().flat_map(At::entries) {
            let Some(status) = self.status(status, &response) else { continue };
            let Some(response) = self.follow(&response) else { continue };
            if !self.spend_part(&response) {
                break;
            }
            let mut content = BTreeMap::new();
            for (media_type, media) in response.child("content").iter().flat_map(At::entries) {
                if let Some(media) = self.follow(&media) {
                    content.insert(media_type.to_owned(), self.media_schema(&media));
                }
            }
            responses
                .insert(status, ResponseSpec { content, headers: header_names(&response), place: response.place() });
        }
        responses
    }

    /// The key of a response as it is kept; none for extensions and for what is no status.
    pub(crate) fn status(&mut self, key: &str, at: &At<'a>) -> Option<String> {
        let kept = key.to_ascii_uppercase();
        let bytes = kept.as_bytes();
        let digits = bytes.len() == 3
            && (b'1'..=b'5').contains(&bytes[0])
            && (bytes[1..].iter().all(u8::is_ascii_digit) || &bytes[1..] == b"XX");
        if key == "default" {
            return Some(key.to_owned());
        }
        if !digits && !key.starts_with("x-") {
            self.lose(at, format!("{} is no response status", one_line(key, 40)));
        }
        digits.then_some(kept)
    }

    fn media_schema(&mut self, media: &At<'a>) -> Arc<Schema> {
        // 3.2 describes the items of a stream instead of the whole.
        match media.child("schema").or_else(|| media.child("itemSchema")) {
            Some(schema) => self.schema(&schema),
            None => Arc::default(),
        }
    }

    /// `example` and the values of `examples`.
    fn examples(&mut self, at: &At<'a>) -> Vec<Value> {
        let mut out = Vec::new();
        if let Some(example) = at.child("example") {
            out.extend(self.value(&example));
        }
        if let Some(examples) = at.child("examples") {
            for (_, example) in examples.entries() {
                let Some(example) = self.follow(&example) else { continue };
                // 3.2 has `dataValue` for what `value` was.
                if let Some(value) = example.child("value").or_else(|| example.child("dataValue")) {
                    out.extend(self.value(&value));
                }
            }
            // A list is a habit from JSON Schema.
            for example in examples.items() {
                out.extend(self.value(&example));
            }
        }
        out
    }
}

/// Names of declared headers, in lower case, in order of the alphabet.
pub(crate) fn header_names(response: &At<'_>) -> Vec<String> {
    let mut names: Vec<String> =
        response.child("headers").iter().flat_map(At::entries).map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.sort_unstable();
    names
}
