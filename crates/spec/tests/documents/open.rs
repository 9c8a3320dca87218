//! What bounds objects and sets: additional and pattern properties, their number and names, unique elements, files.

use plimsoll_spec::{Schema, SchemaKind};

use crate::common::read;

fn body(schema: &str) -> Schema {
    let text = format!(
        "openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths: {{/a: {{post: {{requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}, responses: {{}}}}}}}}"
    );
    let api = read(&text).unwrap();
    let content = &api.operations[0].body.as_ref().unwrap().content;
    (*content["application/json"].0).clone()
}

#[test]
fn properties_beyond_the_declared_ones() {
    let map =
        body("{additionalProperties: {type: string, maxLength: 5}, maxProperties: 9, propertyNames: {maxLength: 7}}");
    assert_eq!((map.kinds.as_slice(), map.additional), (&[SchemaKind::Object][..], Some(true)));
    assert_eq!((map.max_properties, map.max_name_length), (Some(9), Some(7)));
    assert_eq!(map.extra.unwrap().max_length, Some(5));
    let patterns = body(
        "{type: object, patternProperties: {^a: {type: integer}, ^b: {type: boolean}}, additionalProperties: false}",
    );
    assert_eq!((patterns.additional, patterns.extra.unwrap().alternatives.len()), (Some(false), 2));
    assert!(body("{type: object, additionalProperties: true}").extra.is_none());
}

#[test]
fn sets_and_files() {
    assert!(body("{type: array, uniqueItems: true, items: {type: string}}").unique);
    let file = body("{type: string, contentMediaType: application/octet-stream}");
    assert_eq!(file.format.as_deref(), Some("binary"));
    assert_eq!(
        body("{type: string, contentMediaType: image/png, contentEncoding: base64}").format.as_deref(),
        Some("byte")
    );
    assert_eq!(body("{type: string, contentMediaType: application/json}").format, None);
}
