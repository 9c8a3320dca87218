//! The normalised contract: operations with parameters, schemas and security, whatever document (or discovery) they come from.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use plimsoll_model::{Method, OperationKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::declared::{Flow, Server};
use crate::shared;

/// Everything that is known of an API before a request is sent. It is written with a table of its schemas, each of them once.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct Api {
    /// `info.title`.
    pub title: Option<String>,
    /// `info.version`.
    pub version: Option<String>,
    /// The version of the document format, as in `3.1.0`; none where there is no document.
    pub format: Option<String>,
    /// Where the document came from: a path, or a path on the target.
    pub document: Option<String>,
    /// Server URLs as declared, variables filled with their defaults.
    pub servers: Vec<String>,
    /// What the document says of its servers, those of paths and operations included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<Server>,
    /// The path prefix of the server that is scanned, without a trailing slash; empty for the root.
    pub prefix: String,
    /// The operations, in document order, then in order of discovery.
    pub operations: Vec<Operation>,
    /// Security schemes by name.
    pub schemes: BTreeMap<String, SecurityScheme>,
    /// Webhooks that the document declares (OAS 3.1 `webhooks`), by name, and callbacks, by `operation/name`.
    pub callbacks: Vec<(String, Place)>,
    /// What was wrong with the document.
    pub diagnostics: Vec<Diagnostic>,
}

/// One operation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Operation {
    /// Method and template, without the server prefix.
    pub key: OperationKey,
    /// How it was found.
    pub origin: Origin,
    /// `operationId`.
    pub id: Option<String>,
    /// `summary`, or the first line of `description`.
    pub summary: String,
    /// `description`, as it stands.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// `tags`.
    pub tags: Vec<String>,
    /// `deprecated`.
    pub deprecated: bool,
    /// Parameters in path, query, header and cookie, those of the path item included.
    pub parameters: Vec<Parameter>,
    /// The request body.
    pub body: Option<RequestBody>,
    /// Responses by status: `200`, `2XX`, `default`.
    pub responses: BTreeMap<String, ResponseSpec>,
    /// Alternatives of required schemes with scopes; empty means none is required. An empty alternative means that it is optional.
    /// None where neither the operation nor the document says anything.
    pub security: Option<Vec<BTreeMap<String, Vec<String>>>>,
    /// `x-internal`: whether the contract says that the operation is not for everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal: Option<bool>,
    /// Whether the contract names the day on which the operation ends (`x-sunset` and the like).
    #[serde(default, skip_serializing_if = "shared::is_default")]
    pub sunset: bool,
    /// Whether the contract marks the operation as read-only although its method is not safe (`x-plimsoll-safe: true`).
    pub marked_safe: bool,
    /// Where it stands in the document.
    pub place: Place,
}

/// How an operation was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// In the contract.
    #[default]
    Contract,
    /// As a link in an answer.
    Link,
    /// On a conventional path.
    Convention,
}

impl Origin {
    /// The word used in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contract => "contract",
            Self::Link => "link",
            Self::Convention => "convention",
        }
    }
}

/// Where a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Location {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
}

/// A parameter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub location: Location,
    /// Whether it must be given.
    pub required: bool,
    /// `deprecated`.
    pub deprecated: bool,
    /// `description`, as it stands.
    pub description: String,
    /// Its schema; [`Schema::default`] where none is given.
    #[serde(with = "shared")]
    pub schema: Arc<Schema>,
    /// Examples: `example`, the values of `examples`, those of the schema, in this order.
    #[serde(with = "shared::values")]
    pub examples: Vec<Value>,
    /// Whether an array is written as repeated parameters (`explode`); otherwise separated by commas.
    pub explode: bool,
    /// Where it stands in the document.
    pub place: Place,
}

/// A request body.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RequestBody {
    /// Whether it must be given.
    pub required: bool,
    /// Schema and examples by media type.
    #[serde(with = "shared")]
    pub content: BTreeMap<String, (Arc<Schema>, Vec<Value>)>,
    /// Where it stands in the document.
    pub place: Place,
}

/// A declared response.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ResponseSpec {
    /// Schema by media type.
    #[serde(with = "shared")]
    pub content: BTreeMap<String, Arc<Schema>>,
    /// Names of declared headers, in lower case.
    pub headers: Vec<String>,
    /// Where it stands in the document.
    pub place: Place,
}

/// The kinds of value that a schema allows; a schema without a type allows all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SchemaKind {
    /// `null`.
    Null,
    /// `boolean`.
    Boolean,
    /// `integer`.
    Integer,
    /// `number`.
    Number,
    /// `string`.
    String,
    /// `array`.
    Array,
    /// `object`.
    Object,
}

impl SchemaKind {
    /// The word of JSON Schema.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

/// A schema, references followed. A schema that contains itself is cut with [`Schema::recursive`] after three turns.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(remote = "Self", default)]
pub struct Schema {
    /// Allowed kinds, `null` included where `nullable`; empty allows all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<SchemaKind>,
    /// `format`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// `title`, else the last segment of the reference it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `minimum`, or `exclusiveMinimum`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    /// `maximum`, or `exclusiveMaximum`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
    /// `minLength`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u64>,
    /// `maxLength`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u64>,
    /// `minItems`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_items: Option<u64>,
    /// `maxItems`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_items: Option<u64>,
    /// `pattern`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// `enum`, or `const` as its only value.
    #[serde(with = "shared::values", skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
    /// `default`.
    #[serde(with = "shared::value", skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// `example` and `examples`.
    #[serde(with = "shared::values", skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Value>,
    /// Element schema of an array.
    #[serde(with = "shared", skip_serializing_if = "Option::is_none")]
    pub items: Option<Arc<Schema>>,
    /// Properties in document order, those of `allOf` merged in.
    #[serde(with = "shared", skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<(String, Arc<Schema>)>,
    /// Required properties.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<String>,
    /// Whether properties beyond the declared ones are allowed: none where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional: Option<bool>,
    /// The schema of properties beyond the declared ones, where `additionalProperties` or `patternProperties` gives one.
    #[serde(with = "shared", skip_serializing_if = "Option::is_none")]
    pub extra: Option<Arc<Schema>>,
    /// `maxProperties`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_properties: Option<u64>,
    /// `maxLength` of `propertyNames`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_name_length: Option<u64>,
    /// `uniqueItems`.
    #[serde(skip_serializing_if = "shared::is_default")]
    pub unique: bool,
    /// `oneOf` and `anyOf`.
    #[serde(with = "shared", skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<Arc<Schema>>,
    /// `readOnly`.
    #[serde(skip_serializing_if = "shared::is_default")]
    pub read_only: bool,
    /// `writeOnly`.
    #[serde(skip_serializing_if = "shared::is_default")]
    pub write_only: bool,
    /// Whether the schema was cut because it contains itself.
    #[serde(skip_serializing_if = "shared::is_default")]
    pub recursive: bool,
    /// Where it stands in the document.
    #[serde(skip_serializing_if = "shared::is_default")]
    pub place: Place,
}

/// A place in the document.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// JSON pointer (RFC 6901); empty for the root and for what is in no document.
    pub pointer: String,
    /// 1-based line; none where unknown.
    pub line: Option<u32>,
}

/// A security scheme.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SecurityScheme {
    /// Which kind.
    pub kind: SchemeKind,
    /// `description`, as it stands.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// `bearerFormat`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bearer_format: Option<String>,
    /// The flows of OAuth 2.0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flows: Vec<Flow>,
    /// `openIdConnectUrl`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where it stands in the document.
    pub place: Place,
}

/// The kinds of security scheme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SchemeKind {
    /// An API key in a header, query parameter or cookie of this name.
    ApiKey {
        /// Where.
        location: Location,
        /// Its name.
        name: String,
    },
    /// `http` with this scheme, in lower case: `bearer`, `basic`, `digest`.
    Http {
        /// The scheme.
        scheme: String,
    },
    /// OAuth 2.0.
    OAuth2,
    /// OpenID Connect.
    OpenIdConnect,
    /// Mutual TLS.
    MutualTls,
    /// Anything else.
    Unknown,
}

/// Something wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// What, in one line.
    pub message: String,
    /// Where.
    pub place: Place,
    /// Whether something could not be read because of it.
    pub fatal: bool,
}

impl Api {
    /// The operation of this key.
    pub fn operation(&self, key: &OperationKey) -> Option<(u32, &Operation)> {
        let index = self.operations.iter().position(|operation| operation.key == *key)?;
        Some((index as u32, &self.operations[index]))
    }
}

impl Operation {
    /// An operation of which nothing is known but its key.
    pub fn found(method: Method, path: impl Into<String>, origin: Origin) -> Self {
        Self {
            key: OperationKey::new(method, path),
            origin,
            id: None,
            summary: String::new(),
            description: String::new(),
            internal: None,
            sunset: false,
            tags: Vec::new(),
            deprecated: false,
            parameters: Vec::new(),
            body: None,
            responses: BTreeMap::new(),
            security: None,
            marked_safe: false,
            place: Place::default(),
        }
    }

    /// The parameters in this location.
    pub fn parameters_in(&self, location: Location) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(move |parameter| parameter.location == location)
    }

    /// The parameter of this name and location.
    pub fn parameter(&self, location: Location, name: &str) -> Option<&Parameter> {
        self.parameters_in(location).find(|parameter| parameter.name == name)
    }

    /// Whether the contract requires credentials: every alternative names a scheme.
    pub fn requires_credentials(&self) -> bool {
        self.security.as_ref().is_some_and(|alternatives| {
            !alternatives.is_empty() && alternatives.iter().all(|alternative| !alternative.is_empty())
        })
    }

    /// The schema of the successful JSON answer, if one is declared.
    pub fn success_schema(&self) -> Option<&Arc<Schema>> {
        let (_, response) = self
            .responses
            .iter()
            .find(|(status, _)| status.starts_with('2'))
            .or_else(|| self.responses.get_key_value("default"))?;
        response.content.iter().find(|(media_type, _)| media_type.contains("json")).map(|(_, schema)| schema)
    }
}

impl Parameter {
    /// A required parameter that was found with this value.
    pub fn found(location: Location, name: &str, value: &str) -> Self {
        Self {
            name: name.to_owned(),
            location,
            required: true,
            deprecated: false,
            description: String::new(),
            schema: Arc::default(),
            examples: vec![Value::from(value)],
            explode: false,
            place: Place::default(),
        }
    }
}

impl Schema {
    /// Whether values of this kind are allowed.
    pub fn allows(&self, kind: SchemaKind) -> bool {
        let allows =
            |schema: &Self| schema.kinds.is_empty() && schema.alternatives.is_empty() || schema.kinds.contains(&kind);
        allows(self) || !self.alternatives.is_empty() && self.variants().into_iter().any(allows)
    }

    /// Whether only values of this kind (or null) are allowed.
    pub fn is_only(&self, kind: SchemaKind) -> bool {
        self.is_only_known(kind, &mut HashMap::new())
    }

    /// The same, with what is known of alternatives that were met before: one may be met along more ways than can be walked.
    fn is_only_known(&self, kind: SchemaKind, known: &mut HashMap<(*const Self, SchemaKind), bool>) -> bool {
        let key = (std::ptr::from_ref(self), kind);
        if let Some(&answer) = known.get(&key) {
            return answer;
        }
        let (mut says, mut only) =
            (self.kinds.contains(&kind), self.kinds.iter().all(|&k| k == kind || k == SchemaKind::Null));
        for alternative in &self.alternatives {
            let theirs = alternative.is_only_known(kind, known);
            says |= theirs;
            only &= theirs || alternative.is_only_known(SchemaKind::Null, known);
        }
        if !self.alternatives.is_empty() {
            known.insert(key, says && only);
        }
        says && only
    }

    /// The schema itself and its alternatives, the alternatives' own included; each once.
    pub fn variants(&self) -> Vec<&Self> {
        Self::variants_of([self])
    }

    /// These schemas and their alternatives, the alternatives' own included; each once, in the order in which a reader meets them.
    pub fn variants_of<'a>(schemas: impl IntoIterator<Item = &'a Self>) -> Vec<&'a Self> {
        let (mut out, mut met) = (Vec::new(), HashSet::new());
        let mut open: Vec<&Self> = schemas.into_iter().collect();
        open.reverse();
        while let Some(schema) = open.pop() {
            if met.insert(std::ptr::from_ref(schema)) {
                out.push(schema);
                open.extend(schema.alternatives.iter().rev().map(|alternative| &**alternative));
            }
        }
        out
    }

    /// The property of this name, also in the alternatives.
    pub fn property(&self, name: &str) -> Option<&Arc<Self>> {
        self.variants()
            .into_iter()
            .find_map(|schema| schema.properties.iter().find(|(key, _)| key == name).map(|(_, property)| property))
    }

    /// The schemas that this one refers to.
    pub fn below(&self) -> impl Iterator<Item = &Arc<Self>> {
        let properties = self.properties.iter().map(|(_, schema)| schema);
        self.items.iter().chain(properties).chain(&self.extra).chain(&self.alternatives)
    }
}
