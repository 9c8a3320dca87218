//! `$ref`: pointers, cycles, files, siblings, URLs.

use std::fs;

use plimsoll_spec::{Api, Options, Schema, SchemaKind, Source, load};

use crate::common::read;

/// A 3.1 document with this answer schema and these component schemas, in YAML flow style.
fn document(version: &str, schema: &str, schemas: &str) -> String {
    format!(
        "openapi: {version}\ninfo: {{title: t, version: '1'}}\npaths:\n  /a:\n    get:\n      responses:\n        '200':\n          \
         description: ok\n          content:\n            application/json:\n              schema: {schema}\ncomponents:\n  schemas: \
         {schemas}\n"
    )
}

fn answer(api: &Api) -> &Schema {
    api.operations[0].success_schema().unwrap()
}

fn messages(api: &Api) -> Vec<&str> {
    api.diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect()
}

/// How many of these properties can be walked one after the other, in turn, before the cut.
fn depth(schema: &Schema, names: &[&str]) -> usize {
    let mut depth = 0;
    let mut schema = schema.clone();
    while !schema.recursive {
        schema = (**schema.property(names[depth % names.len()]).unwrap()).clone();
        depth += 1;
        assert!(depth < 100, "never cut");
    }
    depth
}

#[test]
fn a_tree_is_cut_after_three_turns() {
    let api = read(&document(
        "3.1.0",
        "{$ref: '#/components/schemas/T'}",
        "{T: {type: object, properties: {t: {$ref: '#/components/schemas/T'}}}}",
    ))
    .unwrap();
    assert_eq!(api.diagnostics, []);
    assert_eq!(depth(answer(&api), &["t"]), 3);
}

#[test]
fn two_schemas_in_each_other_come_three_times_each() {
    let schemas = "{A: {properties: {b: {$ref: '#/components/schemas/B'}}}, B: {properties: {a: {$ref: '#/components/schemas/A'}}}}";
    let api = read(&document("3.0.1", "{$ref: '#/components/schemas/A'}", schemas)).unwrap();
    assert_eq!(api.diagnostics, []);
    assert_eq!(depth(answer(&api), &["b", "a"]), 6);
    assert_eq!(answer(&api).kinds, [SchemaKind::Object]);
}

#[test]
fn a_large_ring_stays_small() {
    // Every one of 60 schemas refers to all: 60! paths.
    let mut schemas = String::from("{");
    for n in 0..60 {
        let properties: Vec<String> = (0..60).map(|m| format!("p{m}: {{$ref: '#/components/schemas/S{m}'}}")).collect();
        schemas.push_str(&format!("S{n}: {{type: object, properties: {{{}}}}}, ", properties.join(", ")));
    }
    schemas.push('}');
    let api = read(&document("3.0.1", "{$ref: '#/components/schemas/S7'}", &schemas)).unwrap();
    assert_eq!(api.diagnostics, []);
    assert_eq!(depth(answer(&api), &["p1", "p2", "p3"]), 3);
}

#[test]
fn recursion_through_all_of_ends() {
    let schemas = "{A: {allOf: [{$ref: '#/components/schemas/A'}, {properties: {x: {type: string}}}]}}";
    let api = read(&document("3.0.1", "{$ref: '#/components/schemas/A'}", schemas)).unwrap();
    assert!(answer(&api).property("x").is_some());
    assert!(answer(&api).recursive);
}

#[test]
fn references_that_lead_only_to_themselves_are_told() {
    for schemas in [
        "{A: {$ref: '#/components/schemas/A'}}",
        "{A: {$ref: '#/components/schemas/B'}, B: {$ref: '#/components/schemas/A'}}",
    ] {
        let api = read(&document("3.0.1", "{$ref: '#/components/schemas/A'}", schemas)).unwrap();
        assert_eq!(messages(&api), ["a reference that leads only to itself"]);
        assert!(api.diagnostics[0].fatal && api.diagnostics[0].place.line == Some(13));
    }
}

#[test]
fn pointers_are_unescaped() {
    let schemas = "{a/b~c d: {type: string}, list: {anyOf: [{type: integer}, {type: boolean}]}}";
    for (reference, kind) in [
        ("#/components/schemas/a~1b~0c%20d", SchemaKind::String),
        ("#/components/schemas/list/anyOf/1", SchemaKind::Boolean),
        ("#/paths/~1a/get/responses/200/description/nothing", SchemaKind::Null),
    ] {
        let api = read(&document("3.0.1", &format!("{{$ref: '{reference}'}}"), schemas)).unwrap();
        let found = api.diagnostics.is_empty();
        assert_eq!(found, kind != SchemaKind::Null, "{reference}");
        if found {
            assert_eq!(answer(&api).kinds, [kind], "{reference}");
        } else {
            assert_eq!(messages(&api), [format!("the reference {reference} leads nowhere")]);
            assert_eq!(api.diagnostics[0].place.line, Some(11));
        }
    }
    let api = read(&document("3.0.1", "{$ref: '#/components/schemas/a~1b~0c%20d'}", schemas)).unwrap();
    assert_eq!(answer(&api).name.as_deref(), Some("a/b~c d"));
    assert_eq!(answer(&api).place.pointer, "/components/schemas/a~1b~0c d");
}

#[test]
fn anchors_are_found() {
    let api = read(&document("3.1.0", "{$ref: '#thing'}", "{T: {$anchor: thing, type: integer}}")).unwrap();
    assert_eq!((answer(&api).kinds.as_slice(), api.diagnostics.len()), ([SchemaKind::Integer].as_slice(), 0));
}

#[test]
fn siblings_count_from_3_1_on() {
    let schema = "{$ref: '#/components/schemas/T', maxLength: 5, description: fine}";
    let schemas = "{T: {type: string, maxLength: 9, minLength: 1}}";
    let new = read(&document("3.1.0", schema, schemas)).unwrap();
    assert_eq!((answer(&new).max_length, answer(&new).min_length), (Some(5), Some(1)));
    assert_eq!((answer(&new).name.as_deref(), new.diagnostics.len()), (Some("T"), 0));
    let old = read(&document("3.0.3", schema, schemas)).unwrap();
    assert_eq!(answer(&old).max_length, Some(9));
    assert_eq!(messages(&old), ["maxLength beside $ref has no effect before OpenAPI 3.1"]);
}

#[test]
fn shared_schemas_are_one_in_memory() {
    let schema =
        "{type: object, properties: {a: {$ref: '#/components/schemas/T'}, b: {$ref: '#/components/schemas/T'}}}";
    let api = read(&document("3.0.1", schema, "{T: {type: string}}")).unwrap();
    let schema = answer(&api);
    assert!(std::sync::Arc::ptr_eq(schema.property("a").unwrap(), schema.property("b").unwrap()));
}

#[test]
fn files_are_read_within_the_folder_of_the_document() {
    let folder = tempfile::tempdir().unwrap();
    let api = folder.path().join("api");
    fs::create_dir_all(api.join("models")).unwrap();
    fs::write(folder.path().join("secret.yaml"), "type: integer\n").unwrap();
    fs::write(api.join("models/order.yaml"), "Order:\n  type: object\n  properties:\n    line: {$ref: 'line.json'}\n    back: {$ref: '../main.yaml#/components/schemas/Own'}\n").unwrap();
    fs::write(api.join("models/line.json"), "{\n \"type\": \"string\",\n \"maxLength\": -1}").unwrap();
    let text = document(
        "3.0.1",
        "{type: object, properties: {o: {$ref: './models/order.yaml#/Order'}, gone: {$ref: 'gone.yaml'}, out: {$ref: '../secret.yaml'}, up: {$ref: '../../../../../../../etc/passwd'}}}",
        "{Own: {type: boolean}}",
    );
    fs::write(api.join("main.yaml"), text).unwrap();

    let read = |root| load(&Source::File(api.join("main.yaml")), &Options { root, ..Options::default() }).unwrap();
    let found = read(None);
    let order = answer(&found).property("o").unwrap();
    assert_eq!((order.place.pointer.as_str(), order.place.line), ("models/order.yaml#/Order", Some(1)));
    assert_eq!(order.property("line").unwrap().kinds, [SchemaKind::String]);
    assert_eq!(order.property("back").unwrap().kinds, [SchemaKind::Boolean]);
    assert_eq!(order.property("back").unwrap().place.pointer, "/components/schemas/Own");
    let told = messages(&found).join("\n");
    for part in [
        "gone.yaml leads nowhere: there is no such file",
        "../secret.yaml leads nowhere: it lies outside the folder",
        "/etc/passwd leads nowhere: it lies outside the folder",
        "a length is a whole number that is not negative",
    ] {
        assert!(told.contains(part), "{part} not in\n{told}");
    }
    let length = found.diagnostics.iter().find(|d| d.message.contains("whole number")).unwrap();
    assert_eq!((length.place.pointer.as_str(), length.place.line), ("models/line.json#/maxLength", Some(3)));

    let wider = read(Some(folder.path().to_path_buf()));
    assert_eq!(answer(&wider).property("out").unwrap().kinds, [SchemaKind::Integer]);
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let api = folder.path().join("api");
    fs::create_dir(&api).unwrap();
    fs::write(folder.path().join("secret.yaml"), "type: integer\n").unwrap();
    std::os::unix::fs::symlink(folder.path().join("secret.yaml"), api.join("near.yaml")).unwrap();
    fs::write(api.join("main.yaml"), document("3.0.1", "{$ref: near.yaml}", "{}")).unwrap();
    let api = load(&Source::File(api.join("main.yaml")), &Options::default()).unwrap();
    assert!(messages(&api)[0].contains("outside the folder"), "{:?}", api.diagnostics);
}

#[test]
fn urls_are_fetched_only_on_request() {
    let text = document("3.0.1", "{$ref: 'http://models.example.com/m.yaml#/T'}", "{}");
    let source = Source::Bytes { name: "https://api.example.com/v1/openapi.yaml".to_owned(), bytes: text.into_bytes() };
    let closed = load(&source, &Options::default()).unwrap();
    assert!(
        messages(&closed)[0].ends_with("remote references are not fetched unless asked for"),
        "{:?}",
        messages(&closed)
    );

    let fetch = |url: &url::Url| match url.as_str() {
        "http://models.example.com/m.yaml" => Ok(b"T: {$ref: 'more/n.yaml'}".to_vec()),
        "http://models.example.com/more/n.yaml" => Ok(b"type: number".to_vec()),
        other => Err(format!("unexpected {other}")),
    };
    let open = load(&source, &Options { fetch: Some(&fetch), ..Options::default() }).unwrap();
    assert_eq!(messages(&open), [""; 0]);
    assert_eq!(answer(&open).kinds, [SchemaKind::Number]);

    let refuse = |_: &url::Url| Err("connection refused".to_owned());
    let failed = load(&source, &Options { fetch: Some(&refuse), ..Options::default() }).unwrap();
    assert!(messages(&failed)[0].ends_with("connection refused"));
}
