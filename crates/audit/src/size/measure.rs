//! The size of a schema: once per schema and way, however often it is shared, and without recursion.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use plimsoll_spec::{Place, Schema, SchemaKind};
use rustc_hash::FxHashMap;

use super::bound::{Bound, Causes};
use super::text::{extent, literal, member};
use super::{Cause, CauseKind, Growth, Size, Way};

/// The longest name of a property that nobody declared, in characters, where `propertyNames` says nothing.
const NAME: u64 = 256;
/// Properties that are compared by name with those of an alternative; above, both count.
const COMPARED: usize = 1_000_000;
const ALL: [SchemaKind; 7] = [
    SchemaKind::Null,
    SchemaKind::Boolean,
    SchemaKind::Integer,
    SchemaKind::Number,
    SchemaKind::String,
    SchemaKind::Array,
    SchemaKind::Object,
];

/// Measures schemas and remembers them. It must not outlive the schemas: they are known by address.
#[derive(Default)]
pub(super) struct Meter {
    known: FxHashMap<(*const Schema, Way), Bound>,
    causes: Vec<Cause>,
    ids: HashMap<Key, u32>,
}

/// What tells a cause apart: why, and where.
type Key = (CauseKind, String);

impl Meter {
    /// The size of a schema, those below it first.
    pub(super) fn schema(&mut self, schema: &Arc<Schema>, way: Way) -> Bound {
        // A stack of our own: nobody promises how high schemas stand on each other.
        let mut open = vec![(&**schema, false)];
        while let Some((schema, ready)) = open.pop() {
            let key = (std::ptr::from_ref(schema), way);
            if self.known.contains_key(&key) {
                continue;
            }
            if ready {
                let bound = self.measure(schema, way);
                self.known.insert(key, bound);
            } else {
                open.push((schema, true));
                open.extend(schema.below().map(|below| (&**below, false)));
            }
        }
        self.of(schema, way)
    }

    /// A size for readers.
    pub(super) fn size(&self, bound: &Bound) -> Size {
        Size {
            bytes: bound.known(),
            causes: bound.causes.iter().map(|id| self.causes[id as usize].clone()).collect(),
            more: bound.has_more(),
            growth: bound.growth,
        }
    }

    /// Something that has no bound for this reason.
    pub(super) fn fault(&mut self, kind: CauseKind, place: &Place) -> Bound {
        let growth = match kind {
            CauseKind::Recursion => Growth { recursive: true, ..Growth::default() },
            CauseKind::FreeForm | CauseKind::AnyValue => Growth { free: true, ..Growth::default() },
            CauseKind::File | CauseKind::Text => Growth { texts: true, ..Growth::default() },
            CauseKind::Array | CauseKind::Properties => Growth { factors: 1, ..Growth::default() },
        };
        Bound::without(self.cause(kind, place), growth)
    }

    fn cause(&mut self, kind: CauseKind, place: &Place) -> Causes {
        let next = self.causes.len() as u32;
        let id = *self.ids.entry((kind, place.pointer.clone())).or_insert(next);
        if id == next {
            self.causes.push(Cause { kind, place: place.clone() });
        }
        Causes::one(kind, id)
    }

    /// What is known of a schema below; everything below is measured first.
    fn of(&mut self, schema: &Schema, way: Way) -> Bound {
        let known = self.known.get(&(std::ptr::from_ref(schema), way)).copied();
        known.unwrap_or_else(|| self.fault(CauseKind::AnyValue, &schema.place))
    }

    fn measure(&mut self, schema: &Schema, way: Way) -> Bound {
        if is_cut(schema) {
            return self.fault(CauseKind::Recursion, &schema.place);
        }
        if schema.alternatives.is_empty() {
            return self.value(&[schema], way);
        }
        let mut widest = Bound::default();
        // An alternative that only demands presence says nothing of sizes: the rest of the schema does.
        for alternative in &schema.alternatives {
            // A base that lists what is derived from it, which refer to it in turn, does not nest values.
            if is_cut(alternative) && alternative.place.pointer == schema.place.pointer {
                continue;
            }
            let bound = if is_cut(alternative) || !alternative.alternatives.is_empty() {
                let theirs = self.of(alternative, way);
                if schema.properties.is_empty() { theirs } else { theirs.plus(&self.members(&[schema], way)) }
            } else {
                self.value(&[schema, alternative], way)
            };
            widest = widest.or(&bound);
        }
        if schema.values.is_empty() { widest } else { Bound::bytes(largest(&schema.values)).and(&widest) }
    }

    /// The size of a value that all these schemas allow, their alternatives aside.
    fn value(&mut self, schemas: &[&Schema], way: Way) -> Bound {
        let values = schemas.iter().filter(|schema| !schema.values.is_empty()).map(|schema| largest(&schema.values));
        if let Some(bytes) = values.min() {
            return Bound::bytes(bytes);
        }
        let Some(kinds) = kinds(schemas) else {
            let place = &schemas[schemas.len() - 1].place;
            return self.fault(CauseKind::AnyValue, place);
        };
        let mut widest = Bound::default();
        for kind in kinds {
            let bound = match kind {
                SchemaKind::Null => Bound::bytes(4),
                SchemaKind::Boolean => Bound::bytes(5),
                SchemaKind::Integer => Bound::bytes(integer(schemas)),
                // The longest double in any customary notation: -0.0000012345678901234567.
                SchemaKind::Number => Bound::bytes(25.max(integer(schemas))),
                SchemaKind::String => self.text(schemas),
                SchemaKind::Array => self.array(schemas, way),
                SchemaKind::Object => self.object(schemas, way),
            };
            widest = widest.or(&bound);
        }
        widest
    }

    fn text(&mut self, schemas: &[&Schema]) -> Bound {
        let extent = extent(schemas);
        if let Some(characters) = extent.characters {
            return Bound::bytes(u128::from(characters) * u128::from(extent.each) + 2);
        }
        let is_file = |schema: &&&Schema| matches!(schema.format.as_deref(), Some("binary" | "byte"));
        let file = schemas.iter().find(is_file);
        let speaks = |schema: &&&Schema| schema.kinds.contains(&SchemaKind::String);
        let place = file.or_else(|| schemas.iter().rev().find(speaks)).unwrap_or(&schemas[0]).place.clone();
        self.fault(if file.is_some() { CauseKind::File } else { CauseKind::Text }, &place)
    }

    fn array(&mut self, schemas: &[&Schema], way: Way) -> Bound {
        let most = schemas.iter().filter_map(|schema| schema.max_items).min();
        if most == Some(0) {
            return Bound::bytes(2);
        }
        let owner = schemas.iter().rev().find(|schema| schema.items.is_some()).unwrap_or(&schemas[0]);
        let item = schemas
            .iter()
            .filter_map(|schema| schema.items.as_ref())
            .map(|items| self.of(items, way))
            .reduce(|mine, theirs| mine.and(&theirs))
            .unwrap_or_else(|| self.fault(CauseKind::AnyValue, &owner.place));
        let unique = schemas.iter().any(|schema| schema.unique);
        let different = owner.items.as_deref().filter(|_| unique).and_then(different);
        let most = most.into_iter().chain(different).min();
        let items = if let Some(most) = most {
            // ", " between two.
            item.plus(&Bound::bytes(2)).times(u128::from(most))
        } else {
            let cause = self.cause(CauseKind::Array, &owner.place);
            item.times_any_number(cause)
        };
        items.plus(&Bound::bytes(2))
    }

    fn object(&mut self, schemas: &[&Schema], way: Way) -> Bound {
        let most = schemas.iter().filter_map(|schema| schema.max_properties).min();
        if most == Some(0) {
            return Bound::bytes(2);
        }
        let declared = self.members(schemas, way).plus(&Bound::bytes(2));
        let closer = schemas.iter().find(|schema| schema.additional == Some(false));
        let says_nothing = schemas.iter().all(|schema| schema.properties.is_empty());
        let is_closed = closer.is_some_and(|closer| closer.extra.is_none());
        // Patterns open a schema that is closed otherwise.
        let opener = closer.or_else(|| schemas.iter().find(|schema| schema.additional == Some(true)));
        if is_closed || opener.is_none() && !says_nothing {
            return declared;
        }
        let Some(opener) = opener else {
            let speaks = |schema: &&&Schema| schema.kinds.contains(&SchemaKind::Object);
            let place = &schemas.iter().rev().find(speaks).unwrap_or(&schemas[0]).place;
            return self.fault(CauseKind::FreeForm, place);
        };
        let Some(extra) = &opener.extra else {
            return declared.plus(&self.fault(CauseKind::FreeForm, &opener.place));
        };
        let length = schemas.iter().filter_map(|schema| schema.max_name_length).min().unwrap_or(NAME);
        let name = Bound::bytes(u128::from(length) * 12 + 6);
        let one = self.of(extra, way).plus(&name);
        let all = if let Some(most) = most {
            one.times(u128::from(most))
        } else {
            let cause = self.cause(CauseKind::Properties, &opener.place);
            one.times_any_number(cause)
        };
        declared.plus(&all)
    }

    /// The declared properties, each once: what two schemas say of a property both applies.
    fn members(&mut self, schemas: &[&Schema], way: Way) -> Bound {
        let mut sum = Bound::default();
        let (first, rest) = schemas.split_first().map_or((None, &[][..]), |(first, rest)| (Some(*first), rest));
        let comparable = |other: &Schema| {
            first.is_some_and(|first| first.properties.len().saturating_mul(other.properties.len()) <= COMPARED)
        };
        let mut both: HashMap<&str, Bound> = HashMap::new();
        for other in rest {
            for (name, property) in &other.properties {
                if goes(property, way) {
                    let bound = self.of(property, way);
                    if comparable(other) && first.is_some_and(|first| !first.properties.is_empty()) {
                        both.insert(name, bound);
                    } else {
                        sum = sum.plus(&bound).plus(&Bound::bytes(member(name)));
                    }
                }
            }
        }
        let mut met: HashSet<&str> = HashSet::new();
        for (name, property) in first.iter().flat_map(|first| &first.properties) {
            if !goes(property, way) {
                continue;
            }
            let mut bound = self.of(property, way);
            if let Some(other) = both.get(name.as_str()) {
                bound = bound.and(other);
                met.insert(name);
            }
            sum = sum.plus(&bound).plus(&Bound::bytes(member(name)));
        }
        // In the order of the contract, so that equal contracts have equal causes.
        for (name, _) in rest.iter().flat_map(|other| &other.properties) {
            if let Some(bound) = both.get(name.as_str()).filter(|_| met.insert(name)) {
                sum = sum.plus(bound).plus(&Bound::bytes(member(name)));
            }
        }
        sum
    }
}

/// Whether the schema stands in place of one that contains itself. One that has parts took them from elsewhere, by `allOf`.
fn is_cut(schema: &Schema) -> bool {
    schema.recursive && schema.properties.is_empty() && schema.items.is_none() && schema.alternatives.is_empty()
}

fn goes(property: &Schema, way: Way) -> bool {
    match way {
        Way::In => !property.read_only,
        Way::Out => !property.write_only,
    }
}

fn largest(values: &[serde_json::Value]) -> u128 {
    values.iter().map(literal).max().unwrap_or(0)
}

/// The kinds that all these schemas allow; none where nothing is said. Keywords speak for a type that writers left out.
fn kinds(schemas: &[&Schema]) -> Option<Vec<SchemaKind>> {
    let mut allowed: Option<Vec<SchemaKind>> = None;
    for schema in schemas.iter().filter(|schema| !schema.kinds.is_empty()) {
        let fits = |kind: SchemaKind| {
            schema.kinds.contains(&kind) || kind == SchemaKind::Integer && schema.kinds.contains(&SchemaKind::Number)
        };
        let both: Vec<SchemaKind> =
            allowed.as_deref().unwrap_or(&ALL).iter().copied().filter(|kind| fits(*kind)).collect();
        // `number` beside `integer`: the narrower.
        let narrowed = allowed.as_ref().is_some_and(|mine| mine.contains(&SchemaKind::Number))
            && schema.kinds.contains(&SchemaKind::Integer)
            && !both.contains(&SchemaKind::Integer);
        let both = if narrowed { [both, vec![SchemaKind::Integer]].concat() } else { both };
        // A contradiction is likelier a mistake than meant.
        if !both.is_empty() {
            allowed = Some(both);
        }
    }
    if allowed.is_some() {
        return allowed;
    }
    let some = |has: fn(&Schema) -> bool| schemas.iter().any(|schema| has(schema));
    if some(|schema| !schema.properties.is_empty() || schema.additional.is_some() || schema.extra.is_some()) {
        Some(vec![SchemaKind::Object])
    } else if some(|schema| schema.items.is_some() || schema.max_items.is_some()) {
        Some(vec![SchemaKind::Array])
    } else if some(|schema| schema.max_length.is_some() || schema.pattern.is_some() || schema.format.is_some()) {
        Some(vec![SchemaKind::String])
    } else if some(|schema| schema.minimum.is_some() && schema.maximum.is_some()) {
        Some(vec![SchemaKind::Number])
    } else {
        None
    }
}

/// How many different values there are; none where too many to tell.
fn different(schema: &Schema) -> Option<u64> {
    if !schema.alternatives.is_empty() {
        return None;
    }
    if !schema.values.is_empty() {
        return Some(schema.values.len() as u64);
    }
    match schema.kinds.as_slice() {
        [SchemaKind::Boolean] => Some(2),
        [SchemaKind::Integer] => {
            let (low, high) = schema.minimum.zip(schema.maximum)?;
            Some((high - low).max(0.0) as u64 + 1)
        }
        _ => None,
    }
}

/// Digits of the widest integer, with its sign.
fn integer(schemas: &[&Schema]) -> u128 {
    let low = schemas.iter().filter_map(|schema| schema.minimum).reduce(f64::max);
    let high = schemas.iter().filter_map(|schema| schema.maximum).reduce(f64::min);
    let customary = if schemas.iter().any(|schema| schema.format.as_deref() == Some("int32")) { 11 } else { 20 };
    // `-0` is what a bound between minus one and zero leaves.
    let digits = |bound: f64| format!("{:.0}", bound.trunc()).len().max(2) as u128;
    match (low, high) {
        (Some(low), Some(high)) => digits(low).max(digits(high)),
        (Some(one), None) | (None, Some(one)) => digits(one).max(customary),
        (None, None) => customary,
    }
}

#[cfg(test)]
mod tests;
