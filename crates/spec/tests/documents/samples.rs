//! Documents as frameworks write them: FastAPI 0.165 with Pydantic 2, drf-spectacular 0.30.

use plimsoll_spec::{Location, SchemaKind, SchemeKind, probe};

use crate::common::sample;

#[test]
fn fastapi() {
    let api = sample("fastapi.json");
    assert_eq!(api.diagnostics, []);
    assert_eq!((api.title.as_deref(), api.version.as_deref()), (Some("Harbour orders"), Some("1.2.0")));
    assert_eq!((api.format.as_deref(), api.prefix.as_str()), (Some("3.1.0"), "/api/v1"));
    let keys: Vec<String> = api.operations.iter().map(|operation| operation.key.to_string()).collect();
    assert_eq!(
        keys,
        [
            "GET /orders",
            "POST /orders",
            "GET /orders/{order_id}",
            "DELETE /orders/{order_id}",
            "GET /categories",
            "POST /upload",
            "POST /search",
            "GET /items/{path}"
        ]
    );
    let list = &api.operations[0];
    assert!(list.requires_credentials() && !api.operations[4].requires_credentials());
    // `Optional[Status]` is a choice between a reference and null.
    let status = list.parameter(Location::Query, "status").unwrap();
    assert_eq!(status.schema.kinds, [SchemaKind::Null, SchemaKind::String]);
    assert_eq!(status.schema.values.len(), 3);
    assert_eq!(status.schema.name.as_deref(), Some("Status"));
    let limit = list.parameter(Location::Query, "limit").unwrap();
    assert_eq!((limit.schema.maximum, limit.schema.default.clone()), (Some(100.0), Some(20.into())));
    assert!(
        list.parameter(Location::Header, "x-trace").is_some() && list.parameter(Location::Cookie, "session").is_some()
    );

    let page = list.success_schema().unwrap();
    let order = page.property("items").unwrap().items.clone().unwrap();
    assert_eq!(order.name.as_deref(), Some("Order"));
    assert_eq!(order.property("note").unwrap().max_length, Some(500));
    let body = &api.operations[1].body.as_ref().unwrap().content["application/json"].0;
    assert_eq!((body.additional, body.property("payment").unwrap().alternatives.len()), (Some(false), 2));
    // A decimal is a number or a string with a pattern.
    let line = body.property("lines").unwrap().items.clone().unwrap();
    assert!(
        line.property("price").unwrap().allows(SchemaKind::Number)
            && line.property("price").unwrap().allows(SchemaKind::String)
    );
    assert_eq!(line.property("sku").unwrap().examples, ["PT-1001"]);
    assert!(api.operations[3].deprecated && api.operations[6].marked_safe);
    assert_eq!(api.operations[5].body.as_ref().unwrap().content.keys().collect::<Vec<_>>(), ["multipart/form-data"]);
    assert_eq!(api.schemes["HTTPBearer"].kind, SchemeKind::Http { scheme: "bearer".to_owned() });
    assert_eq!(
        api.schemes["APIKeyHeader"].kind,
        SchemeKind::ApiKey { location: Location::Header, name: "X-API-Key".to_owned() }
    );
}

#[test]
fn drf_spectacular() {
    let api = sample("drf-spectacular.yaml");
    assert_eq!(api.diagnostics, []);
    assert_eq!(api.servers, ["https://eu.example.com/stock"]);
    assert_eq!((api.prefix.as_str(), api.operations.len()), ("/stock", 9));
    let list = &api.operations[0];
    assert_eq!((list.key.to_string().as_str(), list.summary.as_str()), ("GET /api/items/", "Items in stock."));
    // An empty alternative makes credentials optional.
    assert!(!list.requires_credentials());
    assert_eq!(list.security.as_ref().unwrap().len(), 3);
    let grade = list.parameter(Location::Query, "grade").unwrap();
    assert!(!grade.explode && grade.schema.is_only(SchemaKind::Array));
    assert_eq!(list.parameter(Location::Header, "X-Depot").unwrap().examples, ["D-7"]);
    let item = list.success_schema().unwrap().property("results").unwrap().items.clone().unwrap();
    // `nullable` with one of an enum and the enum of null.
    let grade = item.property("grade").unwrap();
    assert_eq!((grade.kinds.as_slice(), grade.values.len()), ([SchemaKind::Null, SchemaKind::String].as_slice(), 2));
    let warehouse = item.property("warehouse").unwrap();
    assert!(warehouse.read_only && warehouse.allows(SchemaKind::Null) && warehouse.property("city").is_some());
    assert_eq!(warehouse.name.as_deref(), Some("Warehouse"));
    assert_eq!(api.operations[1].body.as_ref().unwrap().content.len(), 3);
}

#[test]
fn probing_tells_documents_from_the_rest() {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/");
    for name in ["fastapi.json", "drf-spectacular.yaml", "twin-2.0.yaml", "twin-3.1.json"] {
        assert!(probe(&std::fs::read(format!("{data}{name}")).unwrap()), "{name}");
    }
    for good in [
        "{\"components\": {}, \"openapi\": \"3.0.0\"}",
        "\u{feff}openapi: 3.1.0\n",
        "---\nswagger: '2.0'\n",
        "'openapi': 3.0.0\npaths: {}",
    ] {
        assert!(probe(good.as_bytes()), "{good}");
    }
    for bad in [
        "",
        "null",
        "[]",
        "<!doctype html><title>openapi</title>",
        "{\"detail\": \"openapi\"}",
        "{\"info\": {\"openapi\": \"3.0.0\"}}",
        "info:\n  openapi: 3.0.0\n",
        "{\"openapi\": true}",
        "{\"openapi\": \"3.0.0\"",
        "openapi is a format",
        "\u{1f}\u{8b}\u{8}",
    ] {
        assert!(!probe(bad.as_bytes()), "{bad}");
    }
}
