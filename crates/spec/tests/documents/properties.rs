//! What holds for every input: nothing panics, JSON and YAML of the same document are the same `Api`, references may form any graph.

use std::fmt::Write;

use plimsoll_spec::{Options, Source, load, probe};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::common::{bare, differences, read};

const SEEDS: [&str; 5] = [
    include_str!("../data/fastapi.json"),
    include_str!("../data/drf-spectacular.yaml"),
    include_str!("../data/twin-2.0.yaml"),
    include_str!("../data/twin-3.0.yaml"),
    include_str!("../data/twin-3.1.json"),
];

/// Reads bytes both ways that exist; whatever comes is one line.
fn survive(bytes: &[u8]) {
    for name in ["/spec.json", "/spec.yaml"] {
        let source = Source::Bytes { name: name.to_owned(), bytes: bytes.to_vec() };
        match load(&source, &Options::default()) {
            Ok(api) => {
                for diagnostic in &api.diagnostics {
                    assert!(!api.describe(diagnostic).contains(char::is_control));
                }
                for operation in &api.operations {
                    assert!(operation.key.path.starts_with('/'));
                    assert!(operation.place.line.is_some());
                }
            }
            Err(error) => assert!(!error.to_string().contains(char::is_control)),
        }
    }
    probe(bytes);
}

/// YAML in block style, every string in double quotes, so that nothing but the syntax differs from JSON.
fn yaml(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                write!(out, "\n{}{}:", " ".repeat(indent), Value::from(key.as_str())).unwrap();
                yaml(value, indent + 2, out);
            }
        }
        Value::Array(list) if !list.is_empty() => {
            for value in list {
                write!(out, "\n{}-", " ".repeat(indent)).unwrap();
                yaml(value, indent + 2, out);
            }
        }
        scalar => write!(out, " {scalar}").unwrap(),
    }
}

/// A schema of any shape, with references into `S0` to `S5`.
fn any_schema() -> impl Strategy<Value = Value> {
    let reference = (0..7_usize).prop_map(|n| json!({"$ref": format!("#/components/schemas/S{n}")}));
    let leaf = prop_oneof![
        Just(json!({})),
        Just(json!(true)),
        Just(json!({"type": "string", "maxLength": 3, "example": "x"})),
        Just(json!({"type": ["integer", "null"], "minimum": -1.5})),
        Just(json!({"enum": ["a", null, 1]})),
        reference,
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            inner.clone().prop_map(|items| json!({"type": "array", "items": items})),
            prop::collection::vec(("[a-c]", inner.clone()), 0..4).prop_map(|properties| {
                let properties: Map<String, Value> = properties.into_iter().collect();
                json!({"type": "object", "properties": properties, "required": ["a"]})
            }),
            list.clone().prop_map(|parts| json!({"allOf": parts})),
            list.clone().prop_map(|parts| json!({"oneOf": parts, "nullable": true})),
            (list, 0..6_usize)
                .prop_map(|(parts, n)| json!({"$ref": format!("#/components/schemas/S{n}"), "anyOf": parts})),
        ]
    })
}

fn any_document() -> impl Strategy<Value = Value> {
    let version = prop_oneof![Just("3.0.3"), Just("3.1.0")];
    (version, prop::collection::vec(any_schema(), 6), any_schema(), "[ -~é🚢]{0,12}").prop_map(|(version, schemas, schema, text)| {
        let schemas: Map<String, Value> = schemas.into_iter().enumerate().map(|(n, s)| (format!("S{n}"), s)).collect();
        json!({
            "openapi": version,
            "info": {"title": text.clone(), "version": "1"},
            "paths": {"/a/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": true, "schema": schema.clone()}],
                "get": {
                    "summary": text.clone(),
                    "parameters": [{"name": "q", "in": "query", "schema": {"$ref": "#/components/schemas/S1"}, "example": text}],
                    "responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
                }
            }},
            "components": {"schemas": schemas}
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        survive(&bytes);
    }

    #[test]
    fn arbitrary_text_does_not_panic(text in "[\\PC\n\t]{0,200}", head in prop_oneof![Just(""), Just("openapi: 3.1.0\n"), Just("{\"swagger\": \"2.0\", ")]) {
        survive(format!("{head}{text}").as_bytes());
    }

    /// Pieces of documents moved, doubled, dropped and spoilt.
    #[test]
    fn mutated_documents_do_not_panic(
        seed in 0..SEEDS.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..40_usize, prop_oneof![
            Just(""), Just("{"), Just("}"), Just("["), Just("\n"), Just("  "), Just("\""), Just(": "), Just("- "), Just("null"), Just("&a "), Just("*a"),
            Just("$ref"), Just("#/components/schemas/Order"), Just("#"), Just("9e999"), Just("\u{0}"), Just("\u{202e}"), Just("allOf"), Just("<<: "), Just("!!x "), Just("|"), Just("?"),
        ]), 1..6),
    ) {
        let mut bytes = SEEDS[seed].as_bytes().to_vec();
        for (at, length, new) in edits {
            let from = at.index(bytes.len() + 1);
            let to = (from + length).min(bytes.len());
            bytes.splice(from..to, new.bytes());
        }
        survive(&bytes);
    }

    #[test]
    fn json_and_yaml_of_a_document_are_the_same(document in any_document()) {
        let mut text = String::new();
        yaml(&document, 0, &mut text);
        // Diagnostics are in order of lines, and a compact document has one line.
        let read = |text: &str| {
            let mut api = read(text).unwrap();
            api.diagnostics.sort_by(|a, b| (&a.message, &a.place.pointer).cmp(&(&b.message, &b.place.pointer)));
            bare(&api)
        };
        prop_assert_eq!(differences(&read(&document.to_string()), &read(&text)), Vec::<String>::new());
    }

    /// Whatever the references form, schemas end: no walk from the root is longer than the limit.
    #[test]
    fn schemas_end(document in any_document()) {
        let api = read(&document.to_string()).unwrap();
        let schema = api.operations[0].success_schema().cloned();
        let mut level: Vec<_> = schema.into_iter().collect();
        let mut height = 0;
        while !level.is_empty() {
            height += 1;
            prop_assert!(height < 140);
            let below = level.iter().flat_map(|s| s.items.iter().chain(s.properties.iter().map(|p| &p.1)).chain(&s.alternatives));
            let mut below: Vec<_> = below.cloned().collect();
            // Shared schemas are walked once.
            below.sort_by_key(|schema| std::sync::Arc::as_ptr(schema) as usize);
            below.dedup_by_key(|schema| std::sync::Arc::as_ptr(schema) as usize);
            level = below;
        }
    }
}
