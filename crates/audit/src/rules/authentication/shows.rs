//! What an answer shows, by the names in its schema.

use plimsoll_spec::roles::normal;
use plimsoll_spec::roles::people::{Privacy, privacy};
use plimsoll_spec::{Location, Schema};

use crate::view::OpView;

/// How deep in an answer names are looked at.
const DEPTH: usize = 4;
/// How many schemas of one answer are looked at: what is personal stands in front.
const WIDTH: usize = 400;

/// The first field of the successful answer that tells of a person, or is a secret.
pub(crate) fn personal<'a>(op: &OpView<'a>) -> Option<&'a str> {
    find(op, |schema, name| {
        privacy(name) == Privacy::Personal && (!VAGUE.contains(&normal(name).as_str()) || is_person(schema))
    })
}

/// Names that shops, networks and pictures have as well as people.
const VAGUE: &[&str] = &[
    "address",
    "mobile",
    "mail",
    "street",
    "streetaddress",
    "postaladdress",
    "telephone",
    "phone",
    "phonenumber",
    "bic",
];

/// Whether an object describes a person.
fn is_person(schema: &Schema) -> bool {
    const PEOPLE: &[&str] = &[
        "firstname",
        "lastname",
        "username",
        "birthdate",
        "dateofbirth",
        "birthday",
        "givenname",
        "familyname",
        "surname",
        "customerid",
        "userid",
    ];
    schema.properties.iter().any(|(name, _)| PEOPLE.contains(&normal(name).as_str()))
}

/// Whether the answer is about something that belongs to somebody.
pub(crate) fn linked(op: &OpView<'_>) -> bool {
    find(op, |_, name| privacy(name) >= Privacy::Linked).is_some()
}

/// Whether the path names one object.
pub(crate) fn names_object(op: &OpView<'_>) -> bool {
    op.spec.parameters_in(Location::Path).next().is_some()
}

fn find<'a>(op: &OpView<'a>, wanted: impl Fn(&Schema, &str) -> bool) -> Option<&'a str> {
    let mut level: Vec<&'a Schema> =
        op.answers().filter(|(status, ..)| status.starts_with('2')).map(|(_, _, schema)| &**schema).collect();
    let mut seen = 0;
    for _ in 0..DEPTH {
        let mut next = Vec::new();
        for schema in level {
            seen += 1;
            if seen > WIDTH {
                return None;
            }
            let own = schema.properties.iter().filter(|(_, inner)| !inner.write_only);
            if let Some((name, _)) = own.clone().find(|(name, _)| wanted(schema, name)) {
                return Some(name);
            }
            next.extend(
                own.map(|(_, inner)| &**inner)
                    .chain(schema.items.as_deref())
                    .chain(schema.alternatives.iter().map(|inner| &**inner)),
            );
        }
        level = next;
    }
    None
}
