//! Path items and what all versions say alike of an operation: paths, methods, identifiers, tags, security.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use plimsoll_model::{Method, OperationKey};

use crate::api::{Api, Location, Operation, Origin, Parameter, RequestBody, ResponseSpec, Schema, SchemaKind};
use crate::declared::names_sunset;
use crate::error::one_line;
use crate::reader::{Dialect, Reader};
use crate::tree::{At, Kind, LINE, Node};

/// What a version reads of an operation in its own way.
pub(crate) struct Parts {
    pub parameters: Vec<Parameter>,
    pub body: Option<RequestBody>,
    pub responses: BTreeMap<String, ResponseSpec>,
}

/// What a small map weighs in values of a document.
const MAP: usize = 12;
/// Keys of a Path Item Object that are no methods.
const NO_METHOD: [&str; 6] = ["$ref", "summary", "description", "servers", "parameters", "additionalOperations"];

impl<'a> Reader<'a> {
    /// Reads all operations of `paths` into `api`.
    pub(crate) fn operations(
        &mut self,
        root: &At<'a>,
        api: &mut Api,
        parts: fn(&mut Self, &At<'a>, Option<&At<'a>>, &mut Api) -> Parts,
    ) {
        let Some(paths) = root.child("paths") else {
            // Since 3.1 a document may describe webhooks or components only.
            if self.dialect < Dialect::V31 || root.child("webhooks").is_none() && root.child("components").is_none() {
                self.lose(root, "the document has no paths");
            }
            return;
        };
        if paths.node.map().is_none() {
            return self.lose(&paths, format!("paths is a map, this is {}", paths.node.noun()));
        }
        let general = self.security(root);
        let mut templates: HashMap<String, &'a str> = HashMap::new();
        let mut ids: HashSet<&'a str> = HashSet::new();
        for (path, item) in paths.entries() {
            if path.starts_with("x-") {
                continue;
            }
            let template = self.template(path, &item);
            if let Some(other) = templates.insert(anonymous(&template), path) {
                let other = one_line(other, 100);
                self.warn(&item, format!("this path and {other} are equal but for the names of their parameters"));
            }
            let Some(target) = self.follow(&item) else { continue };
            if target.node.map().is_none() {
                self.lose(&item, format!("a path item is a map, this is {}", target.node.noun()));
                continue;
            }
            self.declared_servers(&target, api);
            // OAS 3.1.1 §4.8.9: fields beside `$ref` apply where the target has none of the name.
            let beside = (target.node.address() != item.node.address()).then_some(&item);
            for (key, operation) in target.entries().chain(beside.into_iter().flat_map(At::entries)) {
                let Ok(method) = key.parse::<Method>() else {
                    self.odd_key(key, &operation);
                    continue;
                };
                if key.bytes().any(|b| b.is_ascii_uppercase()) {
                    self.warn(&operation, format!("methods are written in lower case: {}", key.to_ascii_lowercase()));
                }
                if beside.is_some_and(|beside| operation.pointer.starts_with(&beside.pointer))
                    && target.child(key).is_some()
                {
                    continue;
                }
                if api.operations.len() >= self.limits.operations {
                    let message = format!("more than {} operations; the rest is left out", self.limits.operations);
                    return self.lose(&operation, message);
                }
                let Some(operation) = self.follow(&operation) else { continue };
                if operation.node.map().is_none() {
                    self.lose(&operation, format!("an operation is a map, this is {}", operation.node.noun()));
                    continue;
                }
                let inherited = general.as_ref().map_or(0, |list| list.iter().map(|schemes| MAP + schemes.len()).sum());
                if !self.spend_part(&operation) || !self.spend_parts(inherited, &operation) {
                    return self.lose(&operation, "this operation and all after it are left out");
                }
                self.declared_servers(&operation, api);
                let read = parts(self, &operation, target.child("parameters").as_ref(), api);
                let mut made = self.operation(&operation, method, &template, read);
                made.security = made.security.or_else(|| general.clone());
                if let Some(id) = operation.node.child("operationId").and_then(Node::text)
                    && !id.is_empty()
                    && !ids.insert(id)
                {
                    self.warn(&operation, format!("the operationId {} stands here again", one_line(id, 80)));
                }
                api.operations.push(made);
            }
        }
    }

    fn operation(&mut self, at: &At<'a>, method: Method, template: &str, parts: Parts) -> Operation {
        let Parts { parameters, body, responses } = parts;
        let mut operation = Operation {
            parameters,
            body,
            responses,
            id: self.text(at, "operationId").map(str::to_owned),
            summary: self.summary(at),
            description: at.node.child("description").and_then(Node::text).unwrap_or_default().to_owned(),
            internal: at.node.child("x-internal").and_then(Node::boolean),
            sunset: names_sunset(at),
            tags: at
                .child("tags")
                .iter()
                .flat_map(At::items)
                .filter_map(|tag| tag.node.text().map(str::to_owned))
                .collect(),
            deprecated: flag(at, "deprecated"),
            security: self.security(at),
            marked_safe: flag(at, "x-plimsoll-safe"),
            place: at.place(),
            key: OperationKey::new(method, template),
            origin: Origin::Contract,
        };
        if let Some(id) = &operation.id {
            if id.is_empty() {
                self.warn(at, "the operationId is empty");
                operation.id = None;
            } else if id.contains(|c: char| c.is_whitespace() || c.is_control()) {
                let id = one_line(id, 80);
                self.warn(at, format!("the operationId {id} holds white space"));
            }
        }
        self.match_path(at, &mut operation);
        if operation.responses.is_empty() {
            self.warn(at, "the operation declares no response");
        }
        operation
    }

    fn summary(&mut self, at: &At<'a>) -> String {
        let text = self.text(at, "summary").filter(|text| !text.trim().is_empty());
        let text = text.or_else(|| at.node.child("description").and_then(Node::text));
        text.and_then(|text| text.trim().lines().next()).unwrap_or_default().trim().to_owned()
    }

    /// The path as a template that begins with a slash.
    fn template(&mut self, path: &str, at: &At<'a>) -> String {
        if path.contains(['?', '#']) {
            self.warn(at, "a path holds no query and no fragment");
        }
        if unbalanced(path) {
            self.warn(at, "the braces of this path do not pair");
        }
        if path.starts_with('/') {
            return path.to_owned();
        }
        self.warn(at, "a path begins with a slash");
        format!("/{path}")
    }

    /// Brings the parameters of the path in line with its template.
    fn match_path(&mut self, at: &At<'a>, operation: &mut Operation) {
        let path = operation.key.path.clone();
        let names: HashSet<&str> = template_names(&path).collect();
        let declared: HashSet<String> =
            operation.parameters_in(Location::Path).map(|parameter| parameter.name.clone()).collect();
        for parameter in operation.parameters_in(Location::Path) {
            if !names.contains(parameter.name.as_str()) {
                let name = one_line(&parameter.name, 80);
                self.warn(at, format!("the path has no place for its parameter {name}"));
            }
        }
        let mut added = HashSet::new();
        for name in template_names(&path).filter(|name| !declared.contains(*name)) {
            if !added.insert(name) || !self.spend_part(at) {
                continue;
            }
            self.warn(at, format!("the path parameter {} is not declared", one_line(name, 80)));
            let schema = Schema { kinds: vec![SchemaKind::String], place: at.place(), ..Schema::default() };
            operation.parameters.push(Parameter {
                name: name.to_owned(),
                location: Location::Path,
                required: true,
                deprecated: false,
                description: String::new(),
                schema: Arc::new(schema),
                examples: Vec::new(),
                explode: false,
                place: at.place(),
            });
        }
    }

    /// `security` of the document or of an operation; none where it is absent.
    fn security(&mut self, at: &At<'a>) -> Option<Vec<BTreeMap<String, Vec<String>>>> {
        let list = at.child("security")?;
        if list.node.list().is_none() {
            self.lose(&list, format!("security is a list, this is {}", list.node.noun()));
            return None;
        }
        if !self.spend_parts(MAP * list.node.weight(), &list) {
            return None;
        }
        let mut alternatives = Vec::new();
        for item in list.items() {
            let mut alternative = BTreeMap::new();
            for (scheme, scopes) in item.entries() {
                let scopes = scopes.items().filter_map(|scope| scope.node.text().map(str::to_owned)).collect();
                alternative.insert(scheme.to_owned(), scopes);
            }
            if item.node.map().is_some() {
                alternatives.push(alternative);
            } else {
                self.lose(&item, format!("a security requirement is a map, this is {}", item.node.noun()));
            }
        }
        Some(alternatives)
    }

    /// Notes required schemes that are declared nowhere.
    pub(crate) fn check_schemes(&mut self, root: &At<'a>, api: &Api) {
        let mut reported = HashSet::new();
        let operations = api.operations.iter().filter_map(|operation| Some((operation, operation.security.as_ref()?)));
        for (operation, alternatives) in operations {
            for name in alternatives.iter().flat_map(BTreeMap::keys) {
                if !api.schemes.contains_key(name) && reported.insert(name.clone()) {
                    let at = At { pointer: operation.place.pointer.clone(), ..root.clone() };
                    let message = format!("the security scheme {} is not declared", one_line(name, 80));
                    self.warn_at_line(&at, &message, operation.place.line);
                }
            }
        }
    }

    fn odd_key(&mut self, key: &str, at: &At<'a>) {
        if key.eq_ignore_ascii_case("query") || key == "additionalOperations" {
            self.lose(at, "operations with methods of their own (OpenAPI 3.2) are left out");
        } else if !NO_METHOD.contains(&key) && !key.starts_with("x-") {
            self.warn(at, format!("{} is no method", one_line(key, 60)));
        }
    }

    /// Pays for what is read of a part that references may bring in any number of times: its own texts and keys, not the schemas and
    /// examples below, which pay for themselves.
    pub(crate) fn spend_part(&mut self, at: &At<'a>) -> bool {
        const PART: usize = 4;
        let flat = |node: &Node| match &node.kind {
            Kind::Map(map) => map.iter().map(|(key, _)| 1 + key.len() / LINE).sum(),
            Kind::List(list) => list.iter().map(|item| 1 + item.text().map_or(0, str::len) / LINE).sum(),
            Kind::Text(text) => text.len() / LINE,
            _ => 0,
        };
        let cost = at.node.map().map_or(0, |map| map.iter().map(|(_, node)| 1 + flat(node)).sum());
        self.spend_parts(PART + at.pointer.len() / LINE + cost, at)
    }

    /// Takes `amount` from the budget of operations; false once it is used up.
    pub(crate) fn spend_parts(&mut self, amount: usize, at: &At<'a>) -> bool {
        if amount > self.parts_left {
            self.parts_left = 0;
            self.lose(at, "left out: the operations of this document are too large when put together");
            return false;
        }
        self.parts_left -= amount;
        true
    }

    /// The name, location and presence of a parameter; none, with a diagnostic, where they are unusable.
    pub(crate) fn parameter_head(&mut self, at: &At<'a>) -> Option<(String, &'a str)> {
        if at.node.map().is_none() {
            self.lose(at, format!("a parameter is a map, this is {}", at.node.noun()));
            return None;
        }
        let name = at.node.child("name").and_then(Node::text).filter(|name| !name.is_empty());
        let location = at.node.child("in").and_then(Node::text);
        match (name, location) {
            (Some(name), Some(location)) => Some((name.to_owned(), location)),
            (None, _) => {
                self.lose(at, "a parameter without a name");
                None
            }
            (_, None) => {
                self.lose(at, "a parameter that does not say where it is (in)");
                None
            }
        }
    }
}

/// The location of this name.
pub(crate) fn location(text: &str) -> Option<Location> {
    Some(match text {
        "path" => Location::Path,
        "query" => Location::Query,
        "header" => Location::Header,
        "cookie" => Location::Cookie,
        _ => return None,
    })
}

/// Whether a member is `true`.
pub(crate) fn flag(at: &At<'_>, key: &str) -> bool {
    matches!(at.node.child(key).map(|node| &node.kind), Some(Kind::Bool(true)))
}

/// The names in braces.
pub(crate) fn template_names(path: &str) -> impl Iterator<Item = &str> {
    path.split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
        .filter(|name| !name.is_empty())
}

fn unbalanced(path: &str) -> bool {
    let mut open = false;
    for c in path.chars() {
        match c {
            '{' if open => return true,
            '}' if !open => return true,
            '{' => open = true,
            '}' => open = false,
            _ => {}
        }
    }
    open
}

/// The template with its parameters unnamed.
fn anonymous(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut inside = false;
    for c in path.chars() {
        match c {
            '{' => {
                inside = true;
                out.push_str("{}");
            }
            '}' => inside = false,
            _ if inside => {}
            c => out.push(c),
        }
    }
    out
}
