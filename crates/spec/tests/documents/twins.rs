//! One API written in 2.0, 3.0 and 3.1 is one `Api`.

use crate::common::{bare, differences, sample};
use plimsoll_spec::{Location, SchemaKind};

#[test]
fn all_versions_give_the_same_api() {
    let (old, middle, new) = (sample("twin-2.0.yaml"), sample("twin-3.0.yaml"), sample("twin-3.1.json"));
    for api in [&old, &middle, &new] {
        assert_eq!(api.diagnostics, [], "{:?}", api.format);
    }
    assert_eq!(differences(&bare(&old), &bare(&middle)), [""; 0]);
    assert_eq!(differences(&bare(&middle), &bare(&new)), [""; 0]);
}

#[test]
fn the_api_holds_what_the_document_says() {
    let api = sample("twin-3.0.yaml");
    assert_eq!(api.format.as_deref(), Some("3.0.3"));
    assert_eq!(
        (api.prefix.as_str(), api.servers.as_slice()),
        ("/api/v2", ["https://ferry.example.com/api/v2".to_owned()].as_slice())
    );
    let keys: Vec<String> = api.operations.iter().map(|operation| operation.key.to_string()).collect();
    assert_eq!(keys, ["GET /crossings", "POST /crossings", "GET /crossings/{id}", "POST /login"]);

    let list = &api.operations[0];
    assert_eq!(
        (list.id.as_deref(), list.summary.as_str(), list.place.line),
        (Some("listCrossings"), "List crossings", Some(11))
    );
    assert_eq!(list.place.pointer, "/paths/~1crossings/get");
    let limit = list.parameter(Location::Query, "limit").unwrap();
    assert_eq!((limit.schema.minimum, limit.schema.maximum), (Some(1.0), Some(100.0)));
    assert_eq!((limit.place.line, limit.schema.place.line), (Some(19), Some(22)));
    assert!(!list.parameter(Location::Query, "ids").unwrap().explode);
    assert!(list.parameter(Location::Query, "port").unwrap().explode);
    assert_eq!(list.responses["200"].headers, ["x-total"]);
    assert!(list.requires_credentials());

    let crossing = list.success_schema().unwrap().items.clone().unwrap();
    assert_eq!(crossing.name.as_deref(), Some("Crossing"));
    assert_eq!(crossing.required, ["id", "ship"]);
    let names: Vec<&str> = crossing.properties.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["id", "ship", "note", "legs"]);
    let note = crossing.property("note").unwrap();
    assert_eq!(note.kinds, [SchemaKind::Null, SchemaKind::String]);

    let book = &api.operations[1];
    assert!(book.deprecated);
    assert_eq!(book.summary, "Book a crossing.");
    assert_eq!(book.body.as_ref().unwrap().content["application/json"].0.additional, Some(false));
    let read = &api.operations[2];
    assert!(!read.requires_credentials());
    assert_eq!(read.security.as_deref(), Some([].as_slice()));
    assert!(api.operations[3].marked_safe);
}

#[test]
fn a_schema_within_itself_comes_three_times() {
    let api = sample("twin-3.0.yaml");
    let mut schema = api.operations[2].success_schema().unwrap().clone();
    let mut turns = 0;
    while !schema.recursive {
        turns += 1;
        assert!(turns < 10, "never cut");
        schema = schema.property("legs").unwrap().items.clone().unwrap();
    }
    assert_eq!(turns, 3);
    assert_eq!(
        (schema.name.as_deref(), schema.place.pointer.as_str()),
        (Some("Crossing"), "/components/schemas/Crossing")
    );
}
