//! A GraphQL schema as an endpoint tells it by introspection (October 2021 specification, §4), as much of it as the checks walk.

use std::collections::{BTreeMap, HashMap};

use plimsoll_http::Probe;
use serde_json::Value;

use super::endpoint::{Endpoint, data};
use crate::view::App;

/// Types, their fields, and what a field takes and gives, four wrappers deep.
const QUERY: &str = "{__schema{queryType{name}types{kind name fields{name args{name defaultValue type{kind name ofType{kind name ofType{kind name}}}}\
                     type{kind name ofType{kind name ofType{kind name ofType{kind name}}}}}}}}";

/// A schema.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// The name of the type that queries begin at.
    pub root: String,
    /// The fields of each object type, by the type's name.
    pub types: BTreeMap<String, Vec<Field>>,
}

/// A field of an object type.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub name: String,
    /// The type that it gives, without its wrappers.
    pub gives: String,
    /// Whether it gives a list.
    pub list: bool,
    /// Whether it gives objects.
    pub object: bool,
    /// Its arguments: name, type without wrappers, whether it must be given.
    pub args: Vec<(String, String, bool)>,
}

impl Field {
    /// The required arguments with a value that names nothing, in parentheses; none where one takes more than a scalar.
    pub fn naming_nothing(&self) -> Option<String> {
        let mut given = Vec::new();
        for (name, kind, required) in &self.args {
            if *required {
                let value = match kind.as_str() {
                    "ID" | "String" | "UUID" => "\"plimsoll-nothing\"",
                    "Int" => "-1",
                    _ => return None,
                };
                given.push(format!("{name}: {value}"));
            }
        }
        Some(if given.is_empty() { String::new() } else { format!("({})", given.join(", ")) })
    }

    /// Whether it can be asked for without arguments.
    pub fn is_free(&self) -> bool {
        self.args.iter().all(|(_, _, required)| !required)
    }
}

/// The request for the schema.
pub(super) fn probe(endpoint: &Endpoint) -> Probe {
    endpoint.query(QUERY)
}

/// The schema, if the endpoint told it.
pub(super) fn told(app: &App<'_>, endpoint: &Endpoint) -> Option<Graph> {
    let schema = data(app.seen.reply(&probe(endpoint))?)?.get("__schema")?;
    let root = schema.get("queryType")?.get("name")?.as_str()?.to_owned();
    let kinds: HashMap<&str, &str> = schema
        .get("types")?
        .as_array()?
        .iter()
        .filter_map(|one| Some((one.get("name")?.as_str()?, one.get("kind")?.as_str()?)))
        .collect();
    let mut types = BTreeMap::new();
    for one in schema.get("types")?.as_array()? {
        let Some(name) = one.get("name").and_then(Value::as_str) else { continue };
        let fields = one.get("fields").and_then(Value::as_array);
        if kinds.get(name) != Some(&"OBJECT") || name.starts_with("__") {
            continue;
        }
        let fields = fields.into_iter().flatten().filter_map(|field| {
            let (gives, list, _) = unwrapped(field.get("type")?)?;
            let args = field.get("args").and_then(Value::as_array).into_iter().flatten().filter_map(|arg| {
                let (kind, list, required) = unwrapped(arg.get("type")?)?;
                let required = required && arg.get("defaultValue").is_none_or(Value::is_null);
                Some((arg.get("name")?.as_str()?.to_owned(), if list { "[]".to_owned() } else { kind }, required))
            });
            let object = kinds.get(gives.as_str()) == Some(&"OBJECT");
            Some(Field { name: field.get("name")?.as_str()?.to_owned(), gives, list, object, args: args.collect() })
        });
        types.insert(name.to_owned(), fields.collect());
    }
    types.contains_key(&root).then_some(Graph { root, types })
}

/// A type's name without its wrappers, whether a list is among them, and whether it must not be null.
fn unwrapped(mut kind: &Value) -> Option<(String, bool, bool)> {
    let required = kind.get("kind")?.as_str()? == "NON_NULL";
    let mut list = false;
    loop {
        match kind.get("kind")?.as_str()? {
            "NON_NULL" => {}
            "LIST" => list = true,
            _ => return Some((kind.get("name")?.as_str()?.to_owned(), list, required)),
        }
        kind = kind.get("ofType")?;
    }
}

impl Graph {
    /// The fields that queries begin with.
    pub fn roots(&self) -> &[Field] {
        self.types.get(&self.root).map_or(&[], Vec::as_slice)
    }

    /// The shortest way from a type back to itself along fields that need no arguments.
    pub fn cycle(&self, from: &str) -> Option<Vec<&Field>> {
        let mut ways: Vec<(Vec<&Field>, &str)> = vec![(Vec::new(), from)];
        let mut met = vec![from];
        let mut at = 0;
        while at < ways.len() {
            let (way, name) = ways[at].clone();
            at += 1;
            for field in self.types.get(name).into_iter().flatten().filter(|field| field.object && field.is_free()) {
                let mut longer = way.clone();
                longer.push(field);
                if field.gives == from {
                    return Some(longer);
                }
                if !met.contains(&field.gives.as_str()) {
                    met.push(&field.gives);
                    ways.push((longer, &field.gives));
                }
            }
        }
        None
    }
}
