use plimsoll_spec::{Options, Source, load};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

/// A shop in which everything is bounded and closed.
fn shop() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {"title": "shop", "version": "1"},
        "servers": [{"url": "https://api.example.com/v1"}],
        "security": [{"oauth": ["orders:read"]}],
        "paths": {
            "/orders": {
                "get": {
                    "parameters": [
                        {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100, "default": 20}},
                        {"name": "cursor", "in": "query", "schema": {"type": "string", "maxLength": 99}},
                        {"name": "note", "in": "query", "schema": {"$ref": "#/components/schemas/Note"}},
                    ],
                    "responses": {
                        "200": {"description": "ok", "content": {"application/json": {"schema": {
                            "type": "array", "maxItems": 100, "items": {"$ref": "#/components/schemas/Order"}
                        }}}},
                        "429": {"description": "slow down"},
                    },
                },
                "post": {
                    "security": [{"oauth": ["orders:write", "orders:read"]}],
                    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewOrder"}}}},
                    "responses": {"201": {"description": "created", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}},
                },
            },
            "/orders/{order_id}/lines/{line}": {
                "get": {
                    "parameters": [
                        {"name": "order_id", "in": "path", "required": true, "schema": {"type": "string", "format": "uuid"}},
                        {"name": "line", "in": "path", "required": true, "schema": {"type": "integer", "maximum": 999}},
                    ],
                    "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Line"}}}}},
                },
            },
        },
        "components": {
            "securitySchemes": {"oauth": {"type": "oauth2", "flows": {}}, "key": {"type": "apiKey", "in": "query", "name": "key"}},
            "schemas": {
                "Note": {"type": "string", "maxLength": 200},
                "Line": {
                    "type": "object",
                    "properties": {"sku": {"type": "string", "pattern": "^[A-Z]{3}$"}, "quantity": {"type": "integer", "minimum": 1, "maximum": 50}},
                    "required": ["sku", "quantity"],
                    "additionalProperties": false,
                },
                "Order": {
                    "type": "object",
                    "properties": {
                        "id": {"type": "string", "readOnly": true, "maxLength": 36},
                        "status": {"type": "string", "enum": ["open", "paid"]},
                        "parent": {"$ref": "#/components/schemas/Order"},
                        "password": {"type": "string", "maxLength": 9, "writeOnly": true},
                    },
                },
                "NewOrder": {
                    "allOf": [{"$ref": "#/components/schemas/Base"}],
                    "properties": {
                        "lines": {"type": "array", "maxItems": 10, "items": {"$ref": "#/components/schemas/Line"}},
                        "pay": {"oneOf": [{"$ref": "#/components/schemas/Card"}, {"$ref": "#/components/schemas/Invoice"}]},
                        "created_at": {"type": "string", "format": "date-time", "readOnly": true},
                    },
                },
                "Base": {"type": "object", "properties": {"note": {"$ref": "#/components/schemas/Note"}, "gift": {"type": "boolean"}}, "required": ["gift"]},
                "Card": {"type": "object", "properties": {"token": {"type": "string", "maxLength": 64}}},
                "Invoice": {"type": "object", "properties": {"days": {"type": "integer", "maximum": 30}, "labels": {"type": "object", "maxProperties": 5, "additionalProperties": {"type": "string", "maxLength": 9}}}},
            },
        },
    })
}

fn api(document: &Value) -> Api {
    let source = Source::Bytes { name: "openapi.json".to_owned(), bytes: document.to_string().into_bytes() };
    load(&source, &Options::default()).unwrap()
}

/// The differences, each as `verdict severity aspect operation part`.
fn differences(old: &Value, new: &Value) -> Vec<String> {
    let line = |change: ContractChange| {
        let operation = change.operation.map_or_else(|| "application".to_owned(), |key| key.to_string());
        format!(
            "{} {} {} {operation} {}",
            change.verdict.as_str(),
            change.severity,
            change.aspect.as_str(),
            change.part
        )
        .trim_end()
        .to_owned()
    };
    compare(&api(old), &api(new)).into_iter().map(line).collect()
}

fn dice(seed: &mut u64, sides: usize) -> usize {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    (*seed % sides as u64) as usize
}

/// The same document in another order.
fn shuffled(value: &Value, seed: &mut u64) -> Value {
    fn mix<T>(list: &mut [T], seed: &mut u64) {
        for at in (1..list.len()).rev() {
            list.swap(at, dice(seed, at + 1));
        }
    }
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> =
                map.iter().map(|(key, value)| (key.clone(), shuffled(value, seed))).collect();
            mix(&mut entries, seed);
            entries.into_iter().collect()
        }
        Value::Array(list) => {
            let mut list: Vec<Value> = list.iter().map(|value| shuffled(value, seed)).collect();
            mix(&mut list, seed);
            list.into()
        }
        other => other.clone(),
    }
}

/// The document with other names of schemas, some of them moved aside, some written out where they are used, and other names of path parameters.
fn renamed(document: &Value, seed: &mut u64) -> Value {
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut text = document.to_string();
    for name in schemas.keys() {
        let fresh = format!("X{}{name}", dice(seed, 99));
        text = text.replace(&format!("\"#/components/schemas/{name}\""), &format!("\"#/components/schemas/{fresh}\""));
        text = text.replace(&format!("\"{name}\":"), &format!("\"{fresh}\":"));
    }
    text = text
        .replace("order_id", "id")
        .replace("{line}", "{position}")
        .replace("\"name\":\"line\"", "\"name\":\"position\"");
    text = text.replace("\"oauth\"", "\"login\"");
    let mut document: Value = serde_json::from_str(&text).unwrap();
    let schemas = document["components"]["schemas"].as_object().unwrap().clone();
    for (name, schema) in &schemas {
        match dice(seed, 3) {
            // Moved: what is left is a reference.
            0 => {
                document["components"]["schemas"][format!("Moved{name}")] = schema.clone();
                document["components"]["schemas"][name] = json!({"$ref": format!("#/components/schemas/Moved{name}")});
            }
            // Written out in the paths.
            1 => write_out(&mut document["paths"], &format!("#/components/schemas/{name}"), schema),
            _ => {}
        }
    }
    document
}

fn write_out(value: &mut Value, target: &str, schema: &Value) {
    match value {
        Value::Object(map) if map.get("$ref").and_then(Value::as_str) == Some(target) => *value = schema.clone(),
        Value::Object(map) => map.values_mut().for_each(|inner| write_out(inner, target, schema)),
        Value::Array(list) => list.iter_mut().for_each(|inner| write_out(inner, target, schema)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_means_the_same_is_no_change(seed in 1_u64..u64::MAX) {
        let mut seed = seed;
        let old = shop();
        let new = shuffled(&renamed(&old, &mut seed), &mut seed);
        prop_assert_eq!(differences(&old, &new), Vec::<String>::new());
        prop_assert_eq!(differences(&new, &old), Vec::<String>::new());
    }

    /// A mutation is found under whatever order and names, and alone.
    #[test]
    fn each_mutation_gives_its_entry_and_no_other(seed in 1_u64..u64::MAX) {
        let mut seed = seed;
        let all = mutations();
        let (pointer, value, expected) = &all[dice(&mut seed, all.len())];
        let old = shop();
        let new = renamed(&mutated(&old, pointer, value.as_ref()), &mut seed);
        // Which of several operations comes first is a matter of order.
        let head = |line: &str| line.split(' ').take(3).collect::<Vec<_>>().join(" ");
        let found: Vec<String> = differences(&old, &shuffled(&new, &mut seed)).iter().map(|line| head(line)).collect();
        let expected: Vec<String> = expected.iter().map(|line| head(line)).collect();
        prop_assert_eq!(found, expected, "{} {:?}", pointer, value);
    }
}

/// The document with another value at a pointer; none removes it.
fn mutated(document: &Value, pointer: &str, value: Option<&Value>) -> Value {
    let mut document = document.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/");
    let parent = document.pointer_mut(parent).unwrap();
    match (parent, value) {
        (Value::Object(map), Some(value)) => drop(map.insert(key, value.clone())),
        (Value::Object(map), None) => drop(map.shift_remove(&key).unwrap()),
        (Value::Array(list), None) => drop(list.remove(key.parse().unwrap())),
        (Value::Array(list), Some(value)) => list.push(value.clone()),
        other => panic!("{other:?}"),
    }
    document
}

type Mutation = (&'static str, Option<Value>, &'static [&'static str]);

fn mutations() -> Vec<Mutation> {
    vec![
        ("/security", None, &["worse high security GET /orders"]),
        (
            "/paths/~1orders/post/security",
            Some(json!([{"oauth": ["orders:read"]}])),
            &["worse medium security POST /orders"],
        ),
        ("/paths/~1orders/post/security", Some(json!([])), &["worse high security POST /orders"]),
        ("/paths/~1orders/post/security", Some(json!([{"key": []}])), &["worse medium security POST /orders"]),
        (
            "/paths/~1orders/get/security",
            Some(json!([{"oauth": ["orders:read", "more"]}])),
            &["better medium security GET /orders"],
        ),
        ("/servers/-", Some(json!({"url": "http://api.example.com"})), &["worse medium transport application"]),
        ("/paths/~1orders/get/parameters/0/schema/maximum", None, &["worse medium page-size GET /orders query:limit"]),
        (
            "/paths/~1orders/get/parameters/0/schema/maximum",
            Some(json!(100_000)),
            &["worse medium page-size GET /orders query:limit"],
        ),
        (
            "/paths/~1orders/get/parameters/0/schema/maximum",
            Some(json!(200)),
            &["worse low page-size GET /orders query:limit"],
        ),
        (
            "/paths/~1orders/get/parameters/0/schema/maximum",
            Some(json!(50)),
            &["better low page-size GET /orders query:limit"],
        ),
        (
            "/paths/~1orders/get/parameters/0/schema/default",
            Some(json!(80)),
            &["worse low page-size GET /orders query:limit"],
        ),
        (
            "/paths/~1orders/get/parameters",
            Some(json!([{"name": "note", "in": "query", "schema": {"$ref": "#/components/schemas/Note"}}])),
            &["worse medium page-control GET /orders"],
        ),
        ("/paths/~1orders/get/parameters/2", None, &["changed info clients GET /orders query:note"]),
        (
            "/paths/~1orders/get/responses/200/content/application~1json/schema/maxItems",
            None,
            &["worse medium items GET /orders 200"],
        ),
        ("/paths/~1orders/get/responses/429", None, &["worse low answers GET /orders 429"]),
        ("/components/schemas/Note/maxLength", None, &["worse low length GET /orders query:note"]),
        ("/components/schemas/Note/maxLength", Some(json!(300)), &["worse low length GET /orders query:note"]),
        ("/components/schemas/Note/maxLength", Some(json!(10)), &["better low length GET /orders query:note"]),
        ("/components/schemas/Line/properties/sku/pattern", None, &["worse low form POST /orders body:lines[].sku"]),
        (
            "/components/schemas/Line/properties/quantity/maximum",
            None,
            &["worse low maximum POST /orders body:lines[].quantity"],
        ),
        ("/components/schemas/Line/additionalProperties", None, &["worse low properties POST /orders body:lines[]"]),
        (
            "/components/schemas/NewOrder/properties/lines/maxItems",
            None,
            &["worse medium items POST /orders body:lines"],
        ),
        (
            "/components/schemas/NewOrder/properties/lines/maxItems",
            Some(json!(5)),
            &["better low items POST /orders body:lines"],
        ),
        (
            "/components/schemas/NewOrder/properties/created_at/readOnly",
            None,
            &["worse medium accepted-property POST /orders body:created_at"],
        ),
        (
            "/components/schemas/NewOrder/properties/is_admin",
            Some(json!({"type": "boolean"})),
            &["worse medium accepted-property POST /orders body:is_admin"],
        ),
        (
            "/components/schemas/NewOrder/properties/tags",
            Some(json!({"type": "array", "items": {"type": "string", "maxLength": 9}})),
            &["worse low input POST /orders body:tags"],
        ),
        (
            "/components/schemas/NewOrder/properties/colour",
            Some(json!({"type": "string", "maxLength": 9})),
            &["changed info accepted-property POST /orders body:colour"],
        ),
        (
            "/components/schemas/Invoice/properties/labels/maxProperties",
            None,
            &["worse low properties POST /orders body:pay.labels"],
        ),
        (
            "/components/schemas/Invoice/properties/days/maximum",
            Some(json!(3_000)),
            &["worse low maximum POST /orders body:pay.days"],
        ),
        (
            "/components/schemas/Base/required",
            Some(json!(["gift", "note"])),
            &["changed info clients POST /orders body"],
        ),
        (
            "/components/schemas/Order/properties/password/writeOnly",
            None,
            &["worse high answered-property GET /orders 200:[].password"],
        ),
        (
            "/components/schemas/Order/properties/email",
            Some(json!({"type": "string", "maxLength": 9})),
            &["worse medium answered-property GET /orders 200:[].email"],
        ),
        (
            "/components/schemas/Order/properties/colour",
            Some(json!({"type": "string", "maxLength": 9})),
            &["changed info answered-property GET /orders 200:[].colour"],
        ),
        ("/components/schemas/Order/properties/status", None, &["changed info clients GET /orders 200:[].status"]),
        (
            "/paths/~1orders~1{order_id}~1lines~1{line}/get/parameters/1/schema/maximum",
            None,
            &["worse low maximum GET /orders/{order_id}/lines/{line} path:line"],
        ),
        ("/paths/~1orders/post", None, &["changed info operation POST /orders"]),
        (
            "/paths/~1orders/put",
            Some(json!({"security": [], "responses": {}})),
            &["worse medium operation PUT /orders"],
        ),
        ("/paths/~1health", Some(json!({"get": {"responses": {}}})), &["changed info operation GET /health"]),
    ]
}

#[test]
fn each_mutation_alone() {
    let old = shop();
    for (pointer, value, expected) in mutations() {
        assert_eq!(differences(&old, &mutated(&old, pointer, value.as_ref())), expected, "{pointer} {value:?}");
    }
}

#[test]
fn both_sides_have_a_place() {
    let old = shop();
    let new = mutated(&old, "/components/schemas/Note/maxLength", None);
    let changes = compare(&api(&old), &api(&new));
    let [change] = changes.as_slice() else { panic!("{changes:?}") };
    let (before, after) = (change.before.as_ref().unwrap(), change.after.as_ref().unwrap());
    assert_eq!((before.value.as_str(), after.value.as_str()), ("maxLength 200", "no maxLength"));
    assert_eq!(after.place.pointer, "/components/schemas/Note");
    assert_eq!(after.place.file.as_deref(), Some("openapi.json"));
    assert!(before.place.line.is_some());
    // One component, two operations.
    assert_eq!(change.operation.iter().chain(&change.also).count(), 2);
}

#[test]
fn shared_schemas_are_compared_once() {
    let mut schemas = Map::new();
    schemas.insert("S0".to_owned(), json!({"type": "string", "maxLength": 3}));
    for n in 1..60 {
        let below = json!({"$ref": format!("#/components/schemas/S{}", n - 1)});
        schemas.insert(format!("S{n}"), json!({"type": "object", "properties": {"left": below, "right": below}}));
    }
    let document = |most: u32| {
        let mut schemas = schemas.clone();
        schemas["S0"]["maxLength"] = json!(most);
        json!({"openapi": "3.0.0", "info": {"title": "t", "version": "1"}, "components": {"schemas": schemas}, "paths": {"/a": {"post": {
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S59"}}}}, "responses": {}}}}})
    };
    assert_eq!(compare(&api(&document(3)), &api(&document(4))).len(), 1);
}
