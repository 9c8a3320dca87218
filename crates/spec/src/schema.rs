//! Schema Objects as [`Schema`]: references followed, `allOf` merged, recursion cut, each built once and shared.
//!
//! A schema that refers to itself stands in itself three times, then comes a cut. In a ring of up to four schemas each of them may
//! come three times; in a larger ring every reference counts as a turn, or a document such as Stripe's would be a tree of millions.

use std::sync::Arc;

use crate::api::{Schema, SchemaKind};
use crate::merge::{absorb, absorb_base, collapse, copy_weight, kind_of, kind_of_value, only_alternative};
use crate::reader::{Dialect, Reader};
use crate::recursion::Member;
use crate::refs::reference;
use crate::tree::{At, Kind, LINE, Map, Node};

/// How often a schema may come within itself.
const TURNS: u8 = 3;
/// Rings up to this size count whole rounds.
const SMALL_RING: u32 = 4;
/// Schemas within schemas, references included.
const HEIGHT: u32 = 128;
/// Values of an `enum` that are kept.
const VALUES: usize = 10_000;

/// Where in a ring the building is.
#[derive(Clone, Copy)]
struct Turn {
    member: Member,
    left: u8,
}

#[derive(Clone, Copy)]
struct Level {
    turn: Option<Turn>,
    depth: u32,
}

type Built = (Arc<Schema>, u32);

impl<'a> Reader<'a> {
    /// The schema that stands here.
    pub(crate) fn schema(&mut self, at: &At<'a>) -> Arc<Schema> {
        let key = (at.node.address(), 0, false);
        if let Some((schema, _)) = self.built.get(&key) {
            return Arc::clone(schema);
        }
        let built = self.build(at, Level { turn: None, depth: 0 });
        self.built.insert(key, built.clone());
        built.0
    }

    fn build(&mut self, at: &At<'a>, level: Level) -> Built {
        if level.depth >= HEIGHT {
            self.lose(at, format!("schemas nested deeper than {HEIGHT} levels are cut"));
            return self.cut(at, None);
        }
        if !self.spend(1 + at.pointer.len() / LINE, at) {
            return self.cut(at, None);
        }
        match reference(at.node) {
            Some(text) => self.build_reference(at, text, level),
            None => self.build_plain(at, level),
        }
    }

    fn build_reference(&mut self, at: &At<'a>, text: &str, level: Level) -> Built {
        let target = match self.refs.resolve(at.file, text) {
            Ok(target) => target,
            Err(message) => {
                self.lose(at, message);
                return (Arc::new(Schema { place: at.place(), ..Schema::default() }), 1);
            }
        };
        if reference(target.node).is_some() && self.follow(&target).is_none() {
            return (Arc::new(Schema { place: target.place(), ..Schema::default() }), 1);
        }
        let name = text.rsplit(['/', '#']).next().unwrap_or(text);
        let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy().replace("~1", "/").replace("~0", "~");
        let shared = self.build_target(&target, &name, level);
        if !self.has_siblings(at) {
            return shared;
        }
        // JSON Schema 2020-12 §8.2.3.1: what stands beside a reference applies as well.
        let (own, height) = self.build_plain(at, level);
        let mut schema = (*own).clone();
        if !self.spend_copy(&shared.0, at) {
            return shared;
        }
        absorb_base(&mut schema, (*shared.0).clone());
        (Arc::new(schema), height.max(shared.1))
    }

    fn build_target(&mut self, target: &At<'a>, name: &str, level: Level) -> Built {
        let turn = match self.rings.member(target.node) {
            None => None,
            Some(member) => {
                let left = match level.turn {
                    Some(turn) if turn.member.ring == member.ring => {
                        let onward = member.size <= SMALL_RING && member.order > turn.member.order;
                        if onward { turn.left } else { turn.left - 1 }
                    }
                    _ => TURNS,
                };
                if left == 0 {
                    return self.cut(target, Some(name));
                }
                Some(Turn { member, left })
            }
        };
        let key = (target.node.address(), turn.map_or(0, |turn| turn.left), true);
        if let Some(built) = self.built.get(&key) {
            return built.clone();
        }
        let (mut schema, height) = self.build(target, Level { turn, depth: level.depth + 1 });
        if schema.name.is_none() && !name.is_empty() {
            Arc::make_mut(&mut schema).name = Some(name.to_owned());
        }
        self.built.insert(key, (Arc::clone(&schema), height));
        (schema, height)
    }

    /// Whether something that counts stands beside a reference.
    fn has_siblings(&mut self, at: &At<'a>) -> bool {
        const ANNOTATIONS: [&str; 7] = ["$ref", "$dynamicRef", "description", "summary", "$comment", "$defs", "title"];
        let counts = |key: &str| !ANNOTATIONS.contains(&key) && !key.starts_with("x-");
        let Some((key, _)) = at.node.map().and_then(|map| map.iter().find(|(key, _)| counts(key))) else {
            return false;
        };
        if self.dialect == Dialect::V31 {
            return true;
        }
        // OAS 3.0.4 §4.8.23: siblings of a reference are ignored. Writers who expect otherwise want to know.
        self.warn(at, format!("{key} beside $ref has no effect before OpenAPI 3.1"));
        false
    }

    /// A schema of its own, ignoring a reference in it.
    fn build_plain(&mut self, at: &At<'a>, level: Level) -> Built {
        let Kind::Map(map) = &at.node.kind else {
            // A boolean schema (JSON Schema 2020-12 §4.3.2); `false` allows nothing, which only its surroundings can express.
            if at.node.boolean().is_none() {
                self.lose(at, format!("a schema is a map, this is {}", at.node.noun()));
            } else if self.dialect < Dialect::V31 {
                self.warn(at, "boolean schemas come with OpenAPI 3.1");
            }
            return (Arc::new(Schema { place: at.place(), ..Schema::default() }), 1);
        };
        let mut schema = Schema { place: at.place(), ..Schema::default() };
        self.read_keywords(&mut schema, at);
        let below = Level { depth: level.depth + 1, ..level };
        let mut height = 0;
        if let Some(items) = at.child("items") {
            schema.items = Some(self.below(&items, below, &mut height));
        }
        if let Some(prefix) = at.child("prefixItems") {
            let mut items: Vec<Arc<Schema>> =
                prefix.items().map(|item| self.below(&item, below, &mut height)).collect();
            items.extend(schema.items.take().filter(|_| map.get("items").is_some_and(|items| items.map().is_some())));
            schema.items = Some(Arc::new(Schema { alternatives: items, place: prefix.place(), ..Schema::default() }));
            height += 1;
        }
        if let Some(properties) = at.child("properties") {
            schema.properties.reserve_exact(properties.node.map().map_or(0, Map::len));
            for (name, property) in properties.entries() {
                // A property with schema `false` is a forbidden one.
                if property.node.boolean() != Some(false) {
                    let built = self.below(&property, below, &mut height);
                    schema.properties.push((name.to_owned(), built));
                }
            }
        }
        self.extra(&mut schema, at, below, &mut height);
        for key in ["oneOf", "anyOf"] {
            if let Some(list) = at.child(key) {
                for item in list.items() {
                    let built = self.below(&item, below, &mut height);
                    schema.alternatives.push(built);
                }
            }
        }
        if schema.kinds.is_empty() {
            infer_kinds(&mut schema);
        }
        if let Some(list) = at.child("allOf") {
            let mut base = Schema::default();
            for item in list.items() {
                let part = self.below(&item, below, &mut height);
                if !self.spend_copy(&part, &item) {
                    break;
                }
                absorb(&mut base, &part);
                if list.node.list().is_some_and(|list| list.len() == 1) {
                    base.name.clone_from(&part.name);
                }
            }
            absorb_base(&mut schema, base);
        }
        if let Some(only) = only_alternative(&schema)
            && self.spend_copy(&only, at)
        {
            collapse(&mut schema, &only);
        }
        let nullable = ["nullable", "x-nullable"].iter().any(|key| map.get(key).and_then(Node::boolean) == Some(true));
        if nullable && !schema.kinds.is_empty() {
            schema.kinds.push(SchemaKind::Null);
        } else if nullable && !schema.alternatives.is_empty() && !schema.allows(SchemaKind::Null) {
            let null = Schema { kinds: vec![SchemaKind::Null], place: at.place(), ..Schema::default() };
            schema.alternatives.push(Arc::new(null));
        }
        schema.kinds.sort_unstable();
        schema.kinds.dedup();
        self.judge(&schema, at);
        (Arc::new(schema), height + 1)
    }

    /// What properties beyond the declared ones look like.
    fn extra(&mut self, schema: &mut Schema, at: &At<'a>, level: Level, height: &mut u32) {
        let named = at.child("patternProperties");
        let mut kinds: Vec<Arc<Schema>> =
            named.iter().flat_map(At::entries).map(|(_, inner)| self.below(&inner, level, height)).collect();
        if let Some(any) = at.child("additionalProperties").filter(|any| any.node.map().is_some()) {
            kinds.push(self.below(&any, level, height));
        }
        schema.extra = match (kinds.len(), named) {
            (0, _) => None,
            (1, _) => kinds.pop(),
            (_, named) => {
                *height += 1;
                let place = named.map_or_else(|| at.place(), |named| named.place());
                Some(Arc::new(Schema { alternatives: kinds, place, ..Schema::default() }))
            }
        };
        if let Some(names) = at.child("propertyNames") {
            schema.max_name_length = names.child("maxLength").and_then(|most| self.count(&most));
        }
    }

    /// A schema within another. What is too high already is cut, so that walking and dropping schemas cannot exhaust a stack.
    fn below(&mut self, at: &At<'a>, level: Level, height: &mut u32) -> Arc<Schema> {
        let (schema, own) = self.build(at, level);
        if own >= HEIGHT {
            self.lose(at, format!("schemas nested deeper than {HEIGHT} levels are cut"));
            *height = (*height).max(1);
            return self.cut(at, schema.name.as_deref()).0;
        }
        *height = (*height).max(own);
        schema
    }

    fn spend_copy(&mut self, schema: &Schema, at: &At<'a>) -> bool {
        self.left > 0 && self.spend(copy_weight(schema), at)
    }

    /// What stands in place of a schema that is not followed further.
    fn cut(&mut self, at: &At<'a>, name: Option<&str>) -> Built {
        let title = at.node.child("title").and_then(Node::text).or(name);
        let kinds = self.declared_kinds(at, 4);
        let schema =
            Schema { kinds, name: title.map(str::to_owned), recursive: true, place: at.place(), ..Schema::default() };
        (Arc::new(schema), 1)
    }

    /// The kinds that can be told without building the schema.
    fn declared_kinds(&mut self, at: &At<'a>, hops: u8) -> Vec<SchemaKind> {
        if hops == 0 {
            return Vec::new();
        }
        match at.node.child("type").map(|node| &node.kind) {
            Some(Kind::Text(text)) => return kind_of(text).into_iter().collect(),
            Some(Kind::List(list)) => return list.iter().filter_map(Node::text).filter_map(kind_of).collect(),
            _ if at.node.child("properties").is_some() => return vec![SchemaKind::Object],
            _ => {}
        }
        let parts = at.child("allOf").iter().flat_map(At::items).take(4).collect::<Vec<_>>();
        for part in parts {
            let target = self.refs.follow(part);
            let kinds = target.map(|target| self.declared_kinds(&target, hops - 1)).unwrap_or_default();
            if !kinds.is_empty() {
                return kinds;
            }
        }
        Vec::new()
    }

    /// The keywords that hold no schemas.
    fn read_keywords(&mut self, schema: &mut Schema, at: &At<'a>) {
        for (key, child) in at.entries() {
            match key {
                "type" => {
                    schema.kinds = self.kinds(&child);
                    if child.node.text() == Some("file") && self.dialect == Dialect::V2 {
                        schema.format = Some("binary".to_owned());
                    }
                }
                // A file has no other format.
                "format" if schema.format.as_deref() == Some("binary") => {}
                "format" => schema.format = self.text(at, key).map(str::to_owned),
                "title" => schema.name = self.text(at, key).map(str::to_owned).filter(|name| !name.is_empty()),
                "pattern" => schema.pattern = self.text(at, key).map(str::to_owned),
                "minimum" => schema.minimum = self.bound(&child, schema.minimum, f64::max),
                "maximum" => schema.maximum = self.bound(&child, schema.maximum, f64::min),
                // Before 3.1 these are booleans that sharpen `minimum` and `maximum`.
                "exclusiveMinimum" if child.node.boolean().is_none() => {
                    schema.minimum = self.bound(&child, schema.minimum, f64::max);
                }
                "exclusiveMaximum" if child.node.boolean().is_none() => {
                    schema.maximum = self.bound(&child, schema.maximum, f64::min);
                }
                "minLength" => schema.min_length = self.count(&child),
                "maxLength" => schema.max_length = self.count(&child),
                "minItems" => schema.min_items = self.count(&child),
                "maxItems" => schema.max_items = self.count(&child),
                "maxProperties" => schema.max_properties = self.count(&child),
                "uniqueItems" => schema.unique = child.node.boolean() == Some(true),
                // Since 3.1 a file is told by what it holds (OAS 3.1.1 §4.8.14.3); before, by its format.
                "contentMediaType" if schema.format.is_none() && child.node.text().is_some_and(is_file) => {
                    let encoded = at.node.child("contentEncoding").and_then(Node::text);
                    schema.format = Some(if encoded.is_some() { "byte" } else { "binary" }.to_owned());
                }
                "multipleOf" if child.node.number().is_none_or(|number| number <= 0.0) => {
                    self.warn(&child, "multipleOf is a number above zero");
                }
                "enum" => schema.values = self.values(&child),
                "const" => schema.values = self.value(&child).into_iter().collect(),
                "default" => schema.default = self.value(&child),
                "example" => schema.examples.splice(0..0, self.value(&child)).for_each(drop),
                "examples" => {
                    for item in child.items() {
                        schema.examples.extend(self.value(&item));
                    }
                }
                "required" => {
                    for name in child.items() {
                        schema.required.extend(name.node.text().map(str::to_owned));
                    }
                    // `required: true` beside a property is a draft 3 habit; it says nothing here.
                    if child.node.list().is_none() && self.dialect != Dialect::V2 {
                        self.warn(&child, "required is a list of property names");
                    }
                }
                "additionalProperties" => schema.additional = Some(child.node.boolean() != Some(false)),
                "unevaluatedProperties" if child.node.boolean() == Some(false) => schema.additional = Some(false),
                "unevaluatedProperties" => schema.additional = schema.additional.or(Some(true)),
                "patternProperties" => schema.additional = schema.additional.or(Some(true)),
                "readOnly" => schema.read_only = child.node.boolean() == Some(true),
                "writeOnly" => schema.write_only = child.node.boolean() == Some(true),
                "discriminator" => self.discriminator(&child),
                _ => {}
            }
        }
    }

    fn kinds(&mut self, at: &At<'a>) -> Vec<SchemaKind> {
        let names: Vec<At<'a>> = if at.node.list().is_some() { at.items().collect() } else { vec![at.clone()] };
        if at.node.list().is_some() && self.dialect < Dialect::V31 {
            self.warn(at, "a list of types comes with OpenAPI 3.1; before it, use nullable or oneOf");
        }
        let mut kinds = Vec::new();
        for name in names {
            match name.node.text() {
                // Swagger 2.0 knows the type `file`.
                Some("file") if self.dialect == Dialect::V2 => kinds.push(SchemaKind::String),
                Some(text) => match kind_of(text) {
                    Some(kind) => kinds.push(kind),
                    None => self.warn(&name, format!("the type {text} is unknown")),
                },
                // YAML reads a bare null as null, not as the word.
                None if matches!(name.node.kind, Kind::Null) => kinds.push(SchemaKind::Null),
                None => self.warn(&name, format!("a type is a string, this is {}", name.node.noun())),
            }
        }
        kinds
    }

    fn values(&mut self, at: &At<'a>) -> Vec<serde_json::Value> {
        let count = at.node.list().map_or(0, <[Node]>::len);
        if at.node.list().is_none() {
            self.warn(at, format!("enum is a list, this is {}", at.node.noun()));
        }
        if count > VALUES {
            self.lose(at, format!("of the {count} values of this enum, the first {VALUES} are kept"));
        }
        at.items().take(VALUES).filter_map(|item| self.value(&item)).collect()
    }

    fn bound(&mut self, at: &At<'a>, known: Option<f64>, stricter: fn(f64, f64) -> f64) -> Option<f64> {
        let Some(number) = at.node.number() else {
            self.warn(at, format!("a bound is a number, this is {}", at.node.noun()));
            return known;
        };
        Some(known.map_or(number, |known| stricter(known, number)))
    }

    fn count(&mut self, at: &At<'a>) -> Option<u64> {
        let number = at.node.number().filter(|number| *number >= 0.0 && number.fract() == 0.0);
        if number.is_none() {
            self.warn(at, "a length is a whole number that is not negative");
        }
        number.map(|number| number as u64)
    }

    fn discriminator(&mut self, at: &At<'a>) {
        let Some(mapping) = at.child("mapping") else { return };
        for (_, target) in mapping.entries() {
            let Some(text) = target.node.text() else { continue };
            let pointer =
                if text.contains(['#', '/', '.']) { text.to_owned() } else { format!("#/components/schemas/{text}") };
            if self.refs.resolve(at.file, &pointer).is_err() {
                self.warn(&target, format!("the discriminator names the schema {text}, which does not exist"));
            }
        }
    }
}

/// Whether a media type is that of a file, not of text that stands in JSON.
fn is_file(media_type: &str) -> bool {
    !media_type.starts_with("text/") && !media_type.contains("json") && !media_type.contains("xml")
}

/// Writers leave `type` out where the rest says it.
fn infer_kinds(schema: &mut Schema) {
    if !schema.values.is_empty() {
        let mut kinds: Vec<SchemaKind> = schema.values.iter().map(kind_of_value).collect();
        kinds.sort_unstable();
        kinds.dedup();
        schema.kinds = kinds;
    } else if !schema.properties.is_empty() || schema.extra.is_some() {
        schema.kinds = vec![SchemaKind::Object];
    } else if schema.items.is_some() {
        schema.kinds = vec![SchemaKind::Array];
    }
}
