//! Query parameters that look like an internal dependency: a database, a table, a client, that was meant to be injected.

use crate::api::{Location, Operation, Parameter, Schema, SchemaKind};

const NAMES: &[&str] = &[
    "db",
    "database",
    "dynamo",
    "dynamodb",
    "ddb",
    "table",
    "client",
    "session",
    "resource",
    "conn",
    "connection",
    "engine",
    "pool",
    "redis",
    "boto3",
    "s3",
    "sqs",
    "sns",
    "repo",
    "repository",
    "store",
    "storage",
    "uow",
    "http_client",
    "publisher",
    "producer",
    "settings",
];
const ENDINGS: &[&str] = &[
    "_db",
    "_table",
    "_client",
    "_session",
    "_resource",
    "_conn",
    "_connection",
    "_engine",
    "_pool",
    "_repo",
    "_repository",
];

/// The query parameters of an operation that look like a dependency: by name, and with a schema that says nothing or takes an object, because
/// no schema can describe a connection. A `table` that is declared as text or as a choice is a parameter like any other.
pub fn dependencies(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    operation.parameters_in(Location::Query).filter(|parameter| {
        let name = parameter.name.to_ascii_lowercase();
        let named = NAMES.contains(&name.as_str()) || ENDINGS.iter().any(|ending| name.ends_with(ending));
        named
            && !parameter.required
            && is_shapeless(&parameter.schema)
            && parameter.examples.is_empty()
            && parameter.description.is_empty()
    })
}

/// Names of parameters that may choose what is read from: a table, a database, an index, a bucket.
const STORES: &[&str] =
    &["db", "database", "table", "table_name", "tablename", "index", "index_name", "bucket", "collection", "keyspace"];

/// The query parameters of an operation that are text and may choose what is read from. Only an answer can show whether one does.
pub fn choices(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    operation.parameters_in(Location::Query).filter(|parameter| {
        let name = parameter.name.to_ascii_lowercase();
        let named = STORES.contains(&name.as_str()) || name.ends_with("_table") || name.ends_with("_bucket");
        named && parameter.schema.is_only(SchemaKind::String) && parameter.schema.values.is_empty()
    })
}

/// Whether a schema says nothing about the value, or takes an object.
fn is_shapeless(schema: &Schema) -> bool {
    let says_nothing = |schema: &Schema| {
        schema.kinds.is_empty()
            && schema.alternatives.is_empty()
            && schema.values.is_empty()
            && schema.format.is_none()
            && schema.pattern.is_none()
            && schema.examples.is_empty()
    };
    let is_null = |schema: &Schema| schema.is_only(SchemaKind::Null) || schema.kinds == [SchemaKind::Null];
    says_nothing(schema)
        || schema.is_only(SchemaKind::Object)
        || (!schema.alternatives.is_empty()
            && schema
                .alternatives
                .iter()
                .all(|inner| is_null(inner) || says_nothing(inner) || inner.is_only(SchemaKind::Object)))
}
