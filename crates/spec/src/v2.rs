//! Swagger 2.0: parameters are schemas of their own, bodies and forms are parameters, media types stand apart.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::api::{Api, Location, Parameter, RequestBody, ResponseSpec, Schema, SchemaKind, SchemeKind};
use crate::declared::declared_scheme;
use crate::error::one_line;
use crate::operations::{Parts, flag, location};
use crate::reader::Reader;
use crate::tree::{At, Node};
use crate::v3::header_names;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

impl<'a> Reader<'a> {
    /// Reads a whole document of version 2.
    pub(crate) fn read_v2(&mut self, root: &At<'a>, api: &mut Api) {
        for (name, scheme) in root.child("securityDefinitions").iter().flat_map(At::entries) {
            let Some(scheme) = self.follow(&scheme) else { continue };
            let kind = match scheme.node.child("type").and_then(Node::text) {
                Some("basic") => SchemeKind::Http { scheme: "basic".to_owned() },
                Some("apiKey") => self.api_key(&scheme),
                Some("oauth2") => SchemeKind::OAuth2,
                _ => {
                    self.warn(&scheme, "a security scheme of an unknown type");
                    SchemeKind::Unknown
                }
            };
            let scheme = declared_scheme(&scheme, kind);
            api.schemes.insert(name.to_owned(), scheme);
        }
        self.operations(root, api, Self::parts_v2);
        self.check_schemes(root, api);
    }

    fn parts_v2(&mut self, at: &At<'a>, shared: Option<&At<'a>>, _api: &mut Api) -> Parts {
        let root = self.refs.root(at.file);
        let consumes = media_types(at, &root, "consumes");
        let produces = media_types(at, &root, "produces");
        let mut parameters: Vec<Parameter> = Vec::new();
        let mut seen: HashSet<(String, &str)> = HashSet::new();
        let mut form: Vec<(String, bool, Arc<Schema>)> = Vec::new();
        let mut form_place = None;
        let mut body = None;
        let own = at.child("parameters");
        for item in own.iter().chain(shared).flat_map(At::items) {
            let Some(item) = self.follow(&item) else { continue };
            let Some((name, place)) = self.parameter_head(&item) else { continue };
            if !seen.insert((name.clone(), place)) {
                continue;
            }
            if !self.spend_part(&item) {
                break;
            }
            match place {
                "body" => body = Some(self.body_v2(&item, &consumes)),
                "formData" => {
                    form_place.get_or_insert_with(|| item.clone());
                    let schema = self.parameter_schema(&item);
                    form.push((name, flag(&item, "required"), schema));
                }
                _ => match location(place) {
                    Some(location) if place != "cookie" => {
                        let schema = self.parameter_schema(&item);
                        let mut examples: Vec<_> =
                            item.child("x-example").and_then(|example| self.value(&example)).into_iter().collect();
                        examples.extend(self.copies(&schema.examples, &item));
                        parameters.push(Parameter {
                            name,
                            location,
                            required: flag(&item, "required") || place == "path",
                            deprecated: flag(&item, "deprecated"),
                            description: item
                                .node
                                .child("description")
                                .and_then(Node::text)
                                .unwrap_or_default()
                                .to_owned(),
                            schema,
                            examples,
                            // Only lists can be written in more than one way; for the rest, as version 3 has it.
                            explode: match item.node.child("type").and_then(Node::text) {
                                Some("array") => {
                                    item.node.child("collectionFormat").and_then(Node::text) == Some("multi")
                                }
                                _ => location == Location::Query,
                            },
                            place: item.place(),
                        });
                    }
                    _ => self.lose(&item, format!("the parameter is in {}, which is no place", one_line(place, 40))),
                },
            }
        }
        if let (None, Some(place)) = (&body, form_place) {
            body = Some(form_body(form, &consumes, &place));
        }
        let responses = self.responses_v2(at, &produces);
        Parts { parameters, body, responses }
    }

    /// A parameter that is no body is its own schema.
    fn parameter_schema(&mut self, at: &At<'a>) -> Arc<Schema> {
        if at.node.child("type").is_none() {
            self.warn(at, "the parameter has no type");
        }
        self.schema(at)
    }

    fn body_v2(&mut self, at: &At<'a>, consumes: &[String]) -> RequestBody {
        let schema = if let Some(schema) = at.child("schema") {
            self.schema(&schema)
        } else {
            self.warn(at, "the body has no schema");
            Arc::default()
        };
        let types = if consumes.is_empty() { vec![JSON.to_owned()] } else { consumes.to_vec() };
        let content =
            types.into_iter().map(|name| (name, (Arc::clone(&schema), self.copies(&schema.examples, at)))).collect();
        RequestBody { required: flag(at, "required"), content, place: at.place() }
    }

    fn responses_v2(&mut self, at: &At<'a>, produces: &[String]) -> BTreeMap<String, ResponseSpec> {
        let mut responses = BTreeMap::new();
        for (status, response) in at.child("responses").iter().flat_map(At::entries) {
            let Some(status) = self.status(status, &response) else { continue };
            let Some(response) = self.follow(&response) else { continue };
            if !self.spend_part(&response) || !self.spend_parts(produces.len(), &response) {
                break;
            }
            let mut content = BTreeMap::new();
            if let Some(schema) = response.child("schema") {
                let schema = self.schema(&schema);
                let types = if produces.is_empty() { vec![JSON.to_owned()] } else { produces.to_vec() };
                content.extend(types.into_iter().map(|name| (name, Arc::clone(&schema))));
            }
            responses
                .insert(status, ResponseSpec { content, headers: header_names(&response), place: response.place() });
        }
        responses
    }
}

/// The fields of a form as one object.
fn form_body(fields: Vec<(String, bool, Arc<Schema>)>, consumes: &[String], place: &At<'_>) -> RequestBody {
    let types: Vec<String> = consumes.iter().filter(|name| *name == FORM || *name == MULTIPART).cloned().collect();
    let is_file = |schema: &Schema| schema.format.as_deref() == Some("binary") && schema.kinds == [SchemaKind::String];
    let types = match types.is_empty() {
        false => types,
        true if fields.iter().any(|(_, _, schema)| is_file(schema)) => vec![MULTIPART.to_owned()],
        true => vec![FORM.to_owned()],
    };
    let required: Vec<String> = fields.iter().filter(|field| field.1).map(|field| field.0.clone()).collect();
    let schema = Arc::new(Schema {
        kinds: vec![SchemaKind::Object],
        required: required.clone(),
        properties: fields.into_iter().map(|(name, _, schema)| (name, schema)).collect(),
        place: place.place(),
        ..Schema::default()
    });
    let content = types.into_iter().map(|name| (name, (Arc::clone(&schema), Vec::new()))).collect();
    RequestBody { required: !required.is_empty(), content, place: place.place() }
}

/// `consumes` or `produces` of the operation, else of the document.
fn media_types(at: &At<'_>, root: &At<'_>, key: &str) -> Vec<String> {
    let list = at.node.child(key).or_else(|| root.node.child(key)).and_then(Node::list).unwrap_or_default();
    list.iter().filter_map(|item| item.text().map(str::to_owned)).collect()
}
