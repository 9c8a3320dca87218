//! How an [`Api`] is written and read without losing that schemas are shared.
//!
//! Schemas refer to each other by `Arc`, so a document of a few kilobytes may stand for a tree that no disk holds. Written is therefore a table: each
//! schema once, after those that it refers to, and everywhere else its number. A number can only name what was read before it, so what is
//! read contains no circle; how high schemas stand on each other is bounded as well, because they are released by recursion.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;
use std::thread::LocalKey;

use serde::de::{DeserializeOwned, Error as _, SeqAccess, Visitor};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::api::{Api, Schema};

/// How many schemas may stand on each other in what is read. Documents are cut at far less.
const HEIGHT: u32 = 1_024;
/// Levels of an example or default that are written; JSON readers, ours among them, stop at 128 with everything around it.
const LEVELS: u32 = 64;

thread_local! {
    /// The numbers of the schemas of the `Api` that this thread is writing, by address.
    static WRITTEN: RefCell<Option<HashMap<*const Schema, u32>>> = const { RefCell::new(None) };
    /// The schemas of the `Api` that this thread is reading.
    static READ: RefCell<Option<Read>> = const { RefCell::new(None) };
}

#[derive(Default)]
struct Read {
    /// With the number of schemas that stand on each other below and including it.
    schemas: Vec<(Arc<Schema>, u32)>,
    /// The highest that was named since the last one was complete.
    highest: u32,
}

/// Empties a thread's table when what it was for is over, however it ended.
struct Cleared<T: 'static>(&'static LocalKey<RefCell<Option<T>>>);

impl<T> Cleared<T> {
    fn begin(table: &'static LocalKey<RefCell<Option<T>>>, value: T) -> Self {
        table.set(Some(value));
        Self(table)
    }
}

impl<T> Drop for Cleared<T> {
    fn drop(&mut self) {
        drop(self.0.take());
    }
}

/// A table of schemas: each schema once, after those that it refers to.
#[derive(Default)]
struct Table<'a> {
    order: Vec<Entry<'a>>,
    numbers: HashMap<*const Schema, u32>,
}

impl<'a> Table<'a> {
    fn of(api: &'a Api) -> Self {
        let mut table = Self::default();
        for operation in &api.operations {
            operation.parameters.iter().for_each(|parameter| table.add(&parameter.schema));
            operation.body.iter().flat_map(|body| body.content.values()).for_each(|(schema, _)| table.add(schema));
            operation
                .responses
                .values()
                .flat_map(|answer| answer.content.values())
                .for_each(|schema| table.add(schema));
        }
        table
    }

    fn add(&mut self, schema: &'a Arc<Schema>) {
        let address = Arc::as_ptr(schema);
        if self.numbers.contains_key(&address) {
            return;
        }
        schema.below().for_each(|below| self.add(below));
        self.numbers.insert(address, self.order.len() as u32);
        self.order.push(Entry(schema));
    }
}

#[derive(Serialize)]
struct Entry<'a>(#[serde(with = "Schema")] &'a Schema);

#[derive(Serialize)]
struct ToWrite<'a> {
    schemas: Vec<Entry<'a>>,
    #[serde(with = "Api")]
    api: &'a Api,
}

#[derive(Deserialize)]
struct WasRead {
    #[serde(rename = "schemas")]
    _schemas: Schemas,
    #[serde(with = "Api")]
    api: Api,
}

impl Serialize for Api {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Table { order, numbers } = Table::of(self);
        let _cleared = Cleared::begin(&WRITTEN, numbers);
        Serialize::serialize(&ToWrite { schemas: order, api: self }, serializer)
    }
}

impl<'de> Deserialize<'de> for Api {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let _cleared = Cleared::begin(&READ, Read::default());
        <WasRead as Deserialize>::deserialize(deserializer).map(|read| read.api)
    }
}

/// The table, read into the thread's.
struct Schemas;

#[derive(Deserialize)]
struct OwnedEntry(#[serde(with = "Schema")] Schema);

impl<'de> Deserialize<'de> for Schemas {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Self)
    }
}

impl<'de> Visitor<'de> for Schemas {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of schemas")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        while let Some(OwnedEntry(schema)) = list.next_element()? {
            let fits = READ.with_borrow_mut(|read| {
                let read = read.as_mut()?;
                let height = std::mem::take(&mut read.highest) + 1;
                read.schemas.push((Arc::new(schema), height));
                (height <= HEIGHT).then_some(())
            });
            fits.ok_or_else(|| A::Error::custom(format_args!("schemas stand on each other higher than {HEIGHT}")))?;
        }
        Ok(self)
    }
}

/// What holds shared schemas, and the same with numbers in their place.
pub(crate) trait Shared: Sized {
    /// With numbers.
    type Numbered: Serialize + DeserializeOwned;
    /// None where a schema is not in the table that is being written.
    fn numbered(&self) -> Option<Self::Numbered>;
    /// None where a number is not in the table that is being read.
    fn resolved(numbered: Self::Numbered) -> Option<Self>;
}

impl Shared for Arc<Schema> {
    type Numbered = u32;

    fn numbered(&self) -> Option<u32> {
        WRITTEN.with_borrow(|written| written.as_ref()?.get(&Self::as_ptr(self)).copied())
    }

    fn resolved(number: u32) -> Option<Self> {
        READ.with_borrow_mut(|read| {
            let read = read.as_mut()?;
            let (schema, height) = read.schemas.get(number as usize)?;
            read.highest = read.highest.max(*height);
            Some(Self::clone(schema))
        })
    }
}

impl<T: Shared> Shared for Option<T> {
    type Numbered = Option<T::Numbered>;

    fn numbered(&self) -> Option<Self::Numbered> {
        self.as_ref().map(T::numbered).map_or(Some(None), |found| found.map(Some))
    }

    fn resolved(numbered: Self::Numbered) -> Option<Self> {
        numbered.map(T::resolved).map_or(Some(None), |found| found.map(Some))
    }
}

impl<T: Shared> Shared for Vec<T> {
    type Numbered = Vec<T::Numbered>;

    fn numbered(&self) -> Option<Self::Numbered> {
        self.iter().map(T::numbered).collect()
    }

    fn resolved(numbered: Self::Numbered) -> Option<Self> {
        numbered.into_iter().map(T::resolved).collect()
    }
}

impl<T: Shared> Shared for (String, T) {
    type Numbered = (String, T::Numbered);

    fn numbered(&self) -> Option<Self::Numbered> {
        Some((self.0.clone(), self.1.numbered()?))
    }

    fn resolved((name, numbered): Self::Numbered) -> Option<Self> {
        Some((name, T::resolved(numbered)?))
    }
}

impl<T: Shared> Shared for (T, Vec<Value>) {
    type Numbered = (T::Numbered, Vec<Value>);

    fn numbered(&self) -> Option<Self::Numbered> {
        Some((self.0.numbered()?, self.1.iter().map(readable).collect()))
    }

    fn resolved((numbered, values): Self::Numbered) -> Option<Self> {
        Some((T::resolved(numbered)?, values))
    }
}

impl<T: Shared> Shared for BTreeMap<String, T> {
    type Numbered = BTreeMap<String, T::Numbered>;

    fn numbered(&self) -> Option<Self::Numbered> {
        self.iter().map(|(name, shared)| Some((name.clone(), shared.numbered()?))).collect()
    }

    fn resolved(numbered: Self::Numbered) -> Option<Self> {
        numbered.into_iter().map(|(name, shared)| Some((name, T::resolved(shared)?))).collect()
    }
}

/// Writes what holds shared schemas; for `#[serde(with = "shared")]`.
pub(crate) fn serialize<T: Shared, S: Serializer>(shared: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let numbered = shared.numbered();
    numbered
        .ok_or_else(|| S::Error::custom("a schema is written with the Api that it belongs to"))?
        .serialize(serializer)
}

/// Reads what [`serialize`] wrote.
pub(crate) fn deserialize<'de, T: Shared, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let numbered = T::Numbered::deserialize(deserializer)?;
    T::resolved(numbered).ok_or_else(|| D::Error::custom("a schema is named that does not stand before"))
}

/// Values of a contract; for `#[serde(with = "shared::values")]`.
pub(crate) mod values {
    use super::{Deserialize, Deserializer, Serializer, Value, readable};

    pub(crate) fn serialize<S: Serializer>(values: &[Value], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(readable))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Value>, D::Error> {
        Vec::deserialize(deserializer)
    }
}

/// A value of a contract; for `#[serde(with = "shared::value")]`.
pub(crate) mod value {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Value, readable};

    #[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
    pub(crate) fn serialize<S: Serializer>(value: &Option<Value>, serializer: S) -> Result<S::Ok, S::Error> {
        value.as_ref().map(readable).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
        // A default of null is a default, so `Some(null)` is what null stands for; none is left out.
        Value::deserialize(deserializer).map(Some)
    }
}

/// The value, or null in place of one that is nested deeper than a reader would follow.
fn readable(value: &Value) -> Value {
    if fits(value, LEVELS) { value.clone() } else { Value::Null }
}

fn fits(value: &Value, levels: u32) -> bool {
    match value {
        Value::Array(_) | Value::Object(_) if levels == 0 => false,
        Value::Array(items) => items.iter().all(|inner| fits(inner, levels - 1)),
        Value::Object(map) => map.values().all(|inner| fits(inner, levels - 1)),
        _ => true,
    }
}

/// Whether a value is what is read where nothing is written.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests {
    use plimsoll_model::Method;

    use super::*;
    use crate::api::{Operation, Origin, ResponseSpec, SchemaKind};

    /// An API whose one answer is this schema.
    fn answering(schema: &Arc<Schema>) -> Api {
        let mut operation = Operation::found(Method::Get, "/a", Origin::Contract);
        let content = BTreeMap::from([("application/json".to_owned(), Arc::clone(schema))]);
        operation.responses.insert("200".to_owned(), ResponseSpec { content, ..ResponseSpec::default() });
        Api { operations: vec![operation], ..Api::default() }
    }

    /// Each level refers to the one below it in two properties, its elements and two alternatives.
    fn diamond(levels: usize) -> Arc<Schema> {
        let mut schema = Arc::new(Schema { kinds: vec![SchemaKind::String], ..Schema::default() });
        for _ in 0..levels {
            schema = Arc::new(Schema {
                items: Some(Arc::clone(&schema)),
                properties: ["left", "right"].map(|name| (name.to_owned(), Arc::clone(&schema))).into(),
                alternatives: vec![Arc::clone(&schema), Arc::clone(&schema)],
                ..Schema::default()
            });
        }
        schema
    }

    #[test]
    fn a_diamond_stays_a_diamond() {
        let text = serde_json::to_string(&answering(&diamond(40))).unwrap();
        assert!(text.len() < 8_000, "{} bytes", text.len());
        let api: Api = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&api).unwrap(), text);
        let schema = api.operations[0].success_schema().unwrap();
        assert!(Arc::ptr_eq(schema.property("left").unwrap(), schema.property("right").unwrap()));
    }

    #[test]
    fn what_is_asked_of_a_diamond_is_answered() {
        let schema = diamond(60);
        assert_eq!(schema.variants().len(), 61);
        assert!(schema.is_only(SchemaKind::String) && schema.allows(SchemaKind::String));
        assert!(!schema.is_only(SchemaKind::Integer) && !schema.allows(SchemaKind::Integer));
        assert!(schema.property("left").is_some() && schema.property("none").is_none());
    }

    #[test]
    fn every_keyword_survives() {
        let inner = Arc::new(Schema { minimum: Some(0.1), ..Schema::default() });
        let schema = Arc::new(Schema {
            kinds: vec![SchemaKind::Object, SchemaKind::Null],
            maximum: Some(-2.5e300),
            max_items: Some(u64::MAX),
            values: vec![Value::Null, 1.into()],
            default: Some(Value::Null),
            items: Some(Arc::clone(&inner)),
            properties: vec![("a".to_owned(), inner)],
            additional: Some(false),
            recursive: true,
            ..Schema::default()
        });
        let api: Api = serde_json::from_str(&serde_json::to_string(&answering(&schema)).unwrap()).unwrap();
        assert_eq!(format!("{:?}", api.operations[0].success_schema().unwrap()), format!("{schema:?}"));
    }

    #[test]
    fn deep_examples_do_not_make_a_file_that_cannot_be_read() {
        let deep = |levels: usize| (0..levels).fold(Value::from(1), |inner, _| Value::Array(vec![inner]));
        let schema = Schema { examples: vec![deep(200), deep(20)], default: Some(deep(300)), ..Schema::default() };
        let text = serde_json::to_string(&answering(&Arc::new(schema))).unwrap();
        let api: Api = serde_json::from_str(&text).unwrap();
        let read = api.operations[0].success_schema().unwrap();
        assert_eq!(read.examples, [Value::Null, deep(20)]);
    }

    #[test]
    fn edited_tables_are_refused() {
        let head = r#"{"schemas":["#;
        let tail = r#"],"api":{"title":null,"version":null,"format":null,"document":null,"servers":[],"prefix":"","operations":[],"schemes":{},"callbacks":[],"diagnostics":[]}}"#;
        let read = |middle: &str| serde_json::from_str::<Api>(&format!("{head}{middle}{tail}")).map(drop);
        assert!(read("{}").is_ok());
        for circle in [r#"{"items":0}"#, r#"{"items":1},{"items":0}"#, r#"{"items":4294967295}"#] {
            assert!(read(circle).unwrap_err().to_string().starts_with("a schema is named that"), "{circle}");
        }
        let tower = |levels: u32| (1..levels).fold("{}".to_owned(), |out, n| format!("{out},{{\"items\":{}}}", n - 1));
        assert!(read(&tower(HEIGHT)).is_ok());
        assert!(read(&tower(3_000)).unwrap_err().to_string().contains("higher than 1024"));
    }

    #[test]
    fn a_part_alone_is_not_written() {
        assert!(serde_json::to_string(&answering(&diamond(1)).operations).is_err());
    }
}
