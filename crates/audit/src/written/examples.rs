//! Examples of bodies, answers and parameters against their schemas.

use std::collections::HashSet;

use plimsoll_spec::{Api, Description, Place, Raw, RawKind, Schema};

use super::fits::misfit;
use super::{KEPT, Written, at, below, follow};

/// Compares each example once, wherever it is shared.
pub(super) fn compare(description: &Description, api: &Api, found: &mut Written) {
    let mut comparison = Comparison { description, met: HashSet::new(), found };
    for operation in &api.operations {
        for parameter in &operation.parameters {
            comparison.holder(&parameter.place, &parameter.schema, true);
        }
        if let Some(body) = &operation.body {
            for (media_type, (schema, _)) in &body.content {
                comparison.media(&body.place, media_type, schema, true);
            }
        }
        for response in operation.responses.values() {
            for (media_type, schema) in &response.content {
                comparison.media(&response.place, media_type, schema, false);
            }
        }
    }
}

struct Comparison<'a, 'f> {
    description: &'a Description,
    /// Example and schema, by address: one example may stand for several schemas.
    met: HashSet<(usize, *const Schema)>,
    found: &'f mut Written,
}

impl<'a> Comparison<'a, '_> {
    /// The examples of a media type below a body or an answer.
    fn media(&mut self, owner: &Place, media_type: &str, schema: &Schema, input: bool) {
        // What is no JSON is written in another way than its schema.
        if !media_type.contains("json") || owner.pointer.contains('#') {
            return;
        }
        let Some(owner_raw) = at(self.description, &owner.pointer) else { return };
        let media = owner_raw.get("content").and_then(|content| content.get(media_type));
        if let Some(media) = media {
            let pointer = below(&below(&owner.pointer, "content"), media_type);
            if let Some((media, pointer)) = follow(self.description, media, pointer) {
                self.examples(media, &pointer, schema, input);
            }
        } else if let Some(example) = owner_raw.get("examples").and_then(|examples| examples.get(media_type)) {
            // Version 2 names examples of answers by media type.
            self.one(example, below(&below(&owner.pointer, "examples"), media_type), schema, input);
        }
    }

    /// The examples of a parameter.
    fn holder(&mut self, place: &Place, schema: &Schema, input: bool) {
        if let Some(raw) = at(self.description, &place.pointer) {
            self.examples(raw, &place.pointer, schema, input);
        }
    }

    fn examples(&mut self, raw: Raw<'a>, pointer: &str, schema: &Schema, input: bool) {
        if let Some(example) = raw.get("example") {
            self.one(example, below(pointer, "example"), schema, input);
        }
        let Some(examples) = raw.get("examples") else { return };
        if let RawKind::Map(map) = examples.kind() {
            for (name, example) in map.iter() {
                let here = below(&below(pointer, "examples"), name);
                let Some((example, here)) = follow(self.description, example, here) else { continue };
                if let Some(value) = example.get("value") {
                    self.one(value, below(&here, "value"), schema, input);
                }
            }
        }
    }

    fn one(&mut self, example: Raw<'a>, pointer: String, schema: &Schema, input: bool) {
        // An example that is a reference by mistake is nobody's value.
        if !self.met.insert((example.address(), std::ptr::from_ref(schema))) || example.get("$ref").is_some() {
            return;
        }
        self.found.compared += 1;
        let Some(misfit) = misfit(schema, example, input) else { return };
        self.found.unfit += 1;
        if self.found.mismatches.len() < KEPT {
            let path = if misfit.path.is_empty() { String::new() } else { format!("{}: ", misfit.path) };
            self.found
                .mismatches
                .push((Place { pointer, line: Some(example.line()) }, format!("{path}{}", misfit.why)));
        }
    }
}
