//! `shared-model`: one schema for what comes in and what goes out, and nothing in it is `readOnly`.

use plimsoll_spec::roles::normal;
use plimsoll_spec::{Place, Schema};

use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::View;

rule! {
    /// Schemas of both directions whose bookkeeping callers may write.
    pub struct SharedModel {
        id: "shared-model", weakness: MassAssignment, severity: Info, since: "0.3.0", owasp: [],
    }
}

/// What a service keeps about a record.
const KEPT: &[&str] = &[
    "createdat",
    "created",
    "createdon",
    "createdby",
    "creationdate",
    "createddate",
    "datecreated",
    "createtime",
    "creationtime",
    "updatedat",
    "updated",
    "updatedon",
    "updatedby",
    "modifiedat",
    "modifiedby",
    "modified",
    "lastmodified",
    "lastmodifiedby",
    "lastupdated",
    "updatetime",
    "dateupdated",
    "deletedat",
    "insertedat",
    "lastlogin",
    "lastloginat",
    "etag",
];

impl Rule for SharedModel {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let mut both = 0;
        let mut open: Vec<(&Place, String)> = Vec::new();
        for used in view.schemas() {
            let schema = used.schema;
            if used.inputs.is_empty() || used.outputs.is_empty() || schema.properties.len() < 2 {
                continue;
            }
            both += 1;
            if let Some(name) = kept(schema) {
                let of = schema.name.as_deref().unwrap_or("an object");
                open.push((&schema.place, format!("{of}.{name}")));
            }
        }
        if !open.is_empty() {
            let names = tally::names(open.iter().map(|(_, name)| name));
            let message = format!(
                "{} of {both} that go in and out let callers write what the service keeps: {names} is not `readOnly`.",
                tally::count(open.len(), "schema")
            );
            out.add(tally::habit("both directions", message, open));
        }
    }
}

/// The first property that only the service writes, although callers may.
fn kept(schema: &Schema) -> Option<&str> {
    // A query by time names the same words; a record has an id.
    let is_record = schema.properties.iter().any(|(name, _)| {
        let name = normal(name);
        name == "id" || name == "uuid" || name == "key" || name.ends_with("id") && name.len() <= 12
    });
    let mut own = schema.properties.iter().filter(|(_, inner)| !inner.read_only && !inner.write_only);
    is_record
        .then(|| own.find(|(name, _)| KEPT.contains(&normal(name).as_str())).map(|(name, _)| name.as_str()))
        .flatten()
}
