use proptest::prelude::*;
use serde_json::{Map, Number, Value};

use super::*;
use crate::size::{Way, human, schema as size_of};

fn of(kind: SchemaKind) -> Schema {
    Schema { kinds: vec![kind], ..Schema::default() }
}

fn text(length: u64) -> Schema {
    Schema { max_length: Some(length), ..of(SchemaKind::String) }
}

fn array(most: Option<u64>, items: Schema) -> Schema {
    Schema { max_items: most, items: Some(Arc::new(items)), ..of(SchemaKind::Array) }
}

fn object(properties: Vec<(&str, Schema)>) -> Schema {
    let properties = properties.into_iter().map(|(name, schema)| (name.to_owned(), Arc::new(schema))).collect();
    Schema { properties, ..of(SchemaKind::Object) }
}

fn at(pointer: &str, schema: Schema) -> Schema {
    Schema { place: Place { pointer: pointer.to_owned(), line: None }, ..schema }
}

fn out(schema: Schema) -> Size {
    size_of(&Arc::new(schema), Way::Out)
}

fn kinds_of(size: &Size) -> Vec<CauseKind> {
    size.causes.iter().map(|cause| cause.kind).collect()
}

#[test]
fn sizes_that_can_be_counted_by_hand() {
    assert_eq!(out(of(SchemaKind::Null)).bytes, Some(4));
    assert_eq!(out(of(SchemaKind::Boolean)).bytes, Some(5));
    assert_eq!(out(of(SchemaKind::Integer)).bytes, Some(20));
    let small = Schema { minimum: Some(-9.0), maximum: Some(1_000.0), ..of(SchemaKind::Integer) };
    assert_eq!(out(small).bytes, Some(4));
    assert_eq!(out(text(10)).bytes, Some(122));
    assert_eq!(out(array(Some(3), of(SchemaKind::Null))).bytes, Some(2 + 3 * 6));
    // {"ab": null, } with a comma too many.
    assert_eq!(out(object(vec![("ab", of(SchemaKind::Null))])).bytes, Some(2 + 2 + 6 + 4));
    let one_of = Schema { values: vec!["abc".into(), 1.into()], ..Schema::default() };
    assert_eq!(out(one_of).bytes, Some(5));
    let date = Schema { format: Some("date".to_owned()), ..of(SchemaKind::String) };
    assert_eq!(out(date).bytes, Some(12));
    assert_eq!(human(out(array(Some(1_000), text(10_000))).bytes.unwrap()), "114.4 MiB");
}

#[test]
fn what_keeps_from_having_a_bound() {
    let tags = object(vec![("tags", at("/tags", array(None, at("/tags/items", of(SchemaKind::String)))))]);
    let size = out(tags);
    assert_eq!((size.bytes, kinds_of(&size)), (None, vec![CauseKind::Array, CauseKind::Text]));
    assert_eq!(size.causes[0].place.pointer, "/tags");
    assert_eq!(size.growth.to_string(), "linear in the number of elements");
    let nested = array(None, array(Some(9), array(None, of(SchemaKind::Null))));
    assert_eq!(out(nested).growth.factors, 2);
    assert_eq!(kinds_of(&out(of(SchemaKind::Object))), [CauseKind::FreeForm]);
    assert_eq!(kinds_of(&out(Schema::default())), [CauseKind::AnyValue]);
    let file = Schema { format: Some("binary".to_owned()), ..of(SchemaKind::String) };
    assert_eq!(kinds_of(&out(file)), [CauseKind::File]);
    let cut = Schema { recursive: true, ..of(SchemaKind::Object) };
    let tree = object(vec![("child", cut), ("name", of(SchemaKind::String))]);
    assert_eq!(kinds_of(&out(tree.clone())), [CauseKind::Recursion, CauseKind::Text]);
    assert!(out(tree).growth.recursive);
}

#[test]
fn additional_properties() {
    let map = |most| Schema {
        additional: Some(true),
        extra: Some(Arc::new(of(SchemaKind::Boolean))),
        max_properties: most,
        ..of(SchemaKind::Object)
    };
    assert_eq!(kinds_of(&out(map(None))), [CauseKind::Properties]);
    assert!(out(map(Some(10))).bytes.is_some());
    let open = Schema { additional: Some(true), ..object(vec![("a", of(SchemaKind::Null))]) };
    assert_eq!(kinds_of(&out(open)), [CauseKind::FreeForm]);
    let closed = Schema { additional: Some(false), ..of(SchemaKind::Object) };
    assert_eq!(out(closed).bytes, Some(2));
}

#[test]
fn alternatives_apply_with_what_stands_beside_them() {
    // The base says the type and the properties, the alternatives only what must be there.
    let required = |name: &str| Arc::new(Schema { required: vec![name.to_owned()], ..Schema::default() });
    let either =
        Schema { alternatives: vec![required("a"), required("b")], ..object(vec![("a", text(1)), ("b", text(1))]) };
    assert!(out(either).bytes.is_some());
    // What the base leaves open an alternative closes.
    let narrowed = Schema {
        alternatives: vec![
            Arc::new(object(vec![("type", Schema { values: vec!["cat".into()], ..Schema::default() })])),
            Arc::new(object(vec![("type", Schema { values: vec!["mouse".into()], ..Schema::default() })])),
        ],
        ..object(vec![("type", of(SchemaKind::String))])
    };
    assert_eq!(out(narrowed).bytes, Some(2 + 4 + 6 + 7));
    let length_beside = Schema {
        max_length: Some(4),
        alternatives: vec![Arc::new(of(SchemaKind::String)), Arc::new(of(SchemaKind::Null))],
        ..Schema::default()
    };
    assert_eq!(out(length_beside).bytes, Some(50));
    // A base whose descendants refer to it.
    let cut = at("/Pet", Schema { recursive: true, ..of(SchemaKind::Object) });
    let child = at("/Cat", Schema { recursive: true, ..object(vec![("lives", of(SchemaKind::Boolean))]) });
    let pet =
        at("/Pet", Schema { alternatives: vec![Arc::new(child), Arc::new(cut)], ..object(vec![("id", text(2))]) });
    assert!(out(pet).bytes.is_some());
}

#[test]
fn what_is_read_only_is_not_sent() {
    let id = Schema { read_only: true, ..of(SchemaKind::String) };
    let secret = Schema { write_only: true, ..of(SchemaKind::String) };
    let user = Arc::new(object(vec![("id", id), ("name", text(5))]));
    assert!(size_of(&user, Way::In).bytes.is_some() && size_of(&user, Way::Out).bytes.is_none());
    let login = Arc::new(object(vec![("password", secret)]));
    assert!(size_of(&login, Way::In).bytes.is_none() && size_of(&login, Way::Out).bytes.is_some());
}

#[test]
fn sets_of_few_values_are_bounded() {
    let days = Schema { values: vec!["mo".into(), "tu".into()], ..of(SchemaKind::String) };
    let set = |items, unique| Schema { unique, ..array(None, items) };
    assert_eq!(out(set(days.clone(), true)).bytes, Some(2 + 2 * 6));
    assert_eq!(out(set(days, false)).bytes, None);
    assert_eq!(out(set(of(SchemaKind::String), true)).bytes, None);
}

#[test]
fn shared_schemas_are_measured_once_and_height_is_no_danger() {
    let mut diamond = Arc::new(text(1));
    for _ in 0..100 {
        let properties = ["left", "right"].map(|name| (name.to_owned(), Arc::clone(&diamond))).into();
        let alternatives = vec![Arc::clone(&diamond), Arc::clone(&diamond)];
        diamond = Arc::new(Schema { properties, alternatives, ..of(SchemaKind::Object) });
    }
    assert!(size_of(&diamond, Way::In).bytes.is_some());
    let mut tower = Arc::new(text(1));
    for _ in 0..800 {
        tower = Arc::new(Schema { items: Some(tower), max_items: Some(1), ..of(SchemaKind::Array) });
    }
    assert_eq!(size_of(&tower, Way::In).bytes, Some(14 + 800 * 4));
    let wide = (0..300).fold(text(1), |inner, _| array(Some(u64::MAX), inner));
    assert_eq!(out(wide).bytes, Some(u128::MAX));
}

/// A source of numbers that a seed decides.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

const NASTY: [char; 10] = ['a', 'Z', '-', '"', '\\', '/', '\u{7}', 'é', '\u{ffff}', '\u{1f600}'];
const PATTERNS: [(&str, &[&str]); 3] =
    [("^[A-Z]{3}$", &["ABC"]), ("^(a\"|/){1,3}$", &["a\"a\"a\"", "///"]), (r"^\w{2}.$", &["a_\u{1f600}", "a_\u{7}"])];

/// A schema, mostly with bounds.
fn random_schema(dice: &mut Dice, depth: u32) -> Schema {
    let bounded = dice.roll(12) > 0;
    match dice.roll(if depth == 0 { 7 } else { 11 }) {
        0 => of(SchemaKind::Null),
        1 => of(SchemaKind::Boolean),
        2 => Schema {
            minimum: Some(-(dice.roll(9_999) as f64)),
            maximum: bounded.then_some(1e9),
            ..of(SchemaKind::Integer)
        },
        3 => of(SchemaKind::Number),
        4 => Schema { values: vec![Value::from("\u{7}é/"), Value::from(-1), Value::Null], ..Schema::default() },
        5 => Schema { pattern: Some(PATTERNS[dice.roll(3) as usize].0.to_owned()), ..of(SchemaKind::String) },
        6 => Schema { max_length: bounded.then_some(dice.roll(6)), ..of(SchemaKind::String) },
        7 => array(bounded.then_some(dice.roll(4)), random_schema(dice, depth - 1)),
        8 => {
            let extra = dice.roll(2) == 0;
            Schema {
                additional: extra.then_some(true),
                extra: extra.then(|| Arc::new(random_schema(dice, depth - 1))),
                max_properties: (extra && bounded).then_some(3),
                max_name_length: Some(3),
                ..object(vec![("a", random_schema(dice, depth - 1)), ("\"b", random_schema(dice, depth - 1))])
            }
        }
        9 => Schema {
            kinds: vec![SchemaKind::Null, SchemaKind::String, SchemaKind::Boolean],
            max_length: Some(2),
            ..Schema::default()
        },
        _ => {
            let base = if dice.roll(2) == 0 { object(vec![("base", text(3))]) } else { Schema::default() };
            let of_base = !base.properties.is_empty();
            let alternatives = (0..=dice.roll(3))
                .map(|n| {
                    let inner = random_schema(dice, depth - 1);
                    Arc::new(if of_base { object(vec![(["x", "y", "z", "w"][n as usize], inner)]) } else { inner })
                })
                .collect();
            Schema { alternatives, ..base }
        }
    }
}

/// A value that the schema allows, large by preference.
fn random_value(schema: &Schema, dice: &mut Dice) -> Value {
    if !schema.alternatives.is_empty() {
        let pick = &schema.alternatives[dice.roll(schema.alternatives.len() as u64) as usize];
        let mut value = random_value(pick, dice);
        if let Value::Object(map) = &mut value {
            for (name, property) in &schema.properties {
                map.insert(name.clone(), random_value(property, dice));
            }
        }
        return value;
    }
    if !schema.values.is_empty() {
        return schema.values[dice.roll(schema.values.len() as u64) as usize].clone();
    }
    let most = |dice: &mut Dice, most: Option<u64>| most.unwrap_or(8).saturating_sub(dice.roll(3) / 2);
    match schema.kinds[dice.roll(schema.kinds.len() as u64) as usize] {
        SchemaKind::Null => Value::Null,
        SchemaKind::Boolean => Value::Bool(false),
        SchemaKind::Integer => {
            let low = schema.minimum.unwrap_or(0.0) as i64;
            let high = schema.maximum.map_or(i64::MAX, |high| high as i64);
            Value::from(if dice.roll(2) == 0 { low } else { high })
        }
        SchemaKind::Number => {
            let number = f64::from_bits((dice.roll(u64::MAX) << 1) ^ dice.roll(u64::MAX));
            Number::from_f64(number).map_or(Value::from(-1.797_693_134_862_315_7e308), Value::Number)
        }
        SchemaKind::String => {
            if let Some(pattern) = &schema.pattern {
                let (_, examples) = PATTERNS.iter().find(|(known, _)| known == pattern).unwrap();
                return examples[dice.roll(examples.len() as u64) as usize].into();
            }
            let length = most(dice, schema.max_length);
            (0..length).map(|_| NASTY[dice.roll(10) as usize]).collect::<String>().into()
        }
        SchemaKind::Array => {
            let length = most(dice, schema.max_items);
            let items = schema.items.as_ref().unwrap();
            (0..length).map(|_| random_value(items, dice)).collect()
        }
        SchemaKind::Object => {
            let mut map = Map::new();
            if let Some(extra) = &schema.extra {
                let names = ["\u{1f600}\u{1f601}\u{1f602}", "///", "\u{7}\u{8}\u{7}"];
                let room = (schema.max_properties.unwrap_or(5) as usize).saturating_sub(schema.properties.len());
                for name in names.iter().take(room) {
                    map.insert((*name).to_owned(), random_value(extra, dice));
                }
            }
            for (name, property) in &schema.properties {
                map.insert(name.clone(), random_value(property, dice));
            }
            Value::Object(map)
        }
    }
}

/// As the most talkative serialiser writes it: ASCII only, slashes escaped, a space after commas and colons.
fn talkative(value: &Value, out: &mut String) {
    let text = |text: &str, out: &mut String| {
        out.push('"');
        for unit in text.encode_utf16() {
            match unit {
                0x22 | 0x2f | 0x5c => out.extend(['\\', char::from(unit as u8)]),
                0x20..=0x7e => out.push(char::from(unit as u8)),
                _ => out.push_str(&format!("\\u{unit:04x}")),
            }
        }
        out.push('"');
    };
    match value {
        Value::String(inner) => text(inner, out),
        Value::Array(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                out.push_str(if n > 0 { ", " } else { "" });
                talkative(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (n, (name, inner)) in map.iter().enumerate() {
                out.push_str(if n > 0 { ", " } else { "" });
                text(name, out);
                out.push_str(": ");
                talkative(inner, out);
            }
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_value_is_longer_than_the_bound(seed in 1_u64..u64::MAX) {
        let mut dice = Dice(seed);
        let schema = Arc::new(random_schema(&mut dice, 4));
        let size = size_of(&schema, Way::Out);
        prop_assert_eq!(size.bytes.is_none(), !size.causes.is_empty());
        if let Some(bytes) = size.bytes {
            for _ in 0..20 {
                let value = random_value(&schema, &mut dice);
                let mut text = String::new();
                talkative(&value, &mut text);
                prop_assert!(text.len() as u128 <= bytes, "{} > {bytes}: {text}", text.len());
                prop_assert!(value.to_string().len() as u128 <= bytes);
            }
        }
    }

    /// Mending every cause, one after the other, always leads to a bound: causes are what keeps from having one, and nothing else.
    #[test]
    fn causes_are_the_smallest_parts_to_mend(seed in 1_u64..u64::MAX) {
        let mut schema = random_schema(&mut Dice(seed), 4);
        number(&mut schema, "");
        let mut schema = Arc::new(schema);
        for _ in 0..200 {
            let size = size_of(&schema, Way::Out);
            let Some(cause) = size.causes.first() else { break };
            schema = Arc::new(mended(&schema, &cause.place.pointer));
        }
        prop_assert!(size_of(&schema, Way::Out).bytes.is_some());
    }
}

fn number(schema: &mut Schema, pointer: &str) {
    schema.place.pointer = pointer.to_owned();
    let mut n = 0;
    let parts = schema.items.iter_mut().chain(&mut schema.extra).chain(&mut schema.alternatives);
    for part in parts.chain(schema.properties.iter_mut().map(|(_, part)| part)) {
        n += 1;
        number(Arc::make_mut(part), &format!("{pointer}/{n}"));
    }
}

fn mended(schema: &Schema, pointer: &str) -> Schema {
    let mut schema = schema.clone();
    if schema.place.pointer == pointer {
        schema.max_items.get_or_insert(2);
        schema.max_length.get_or_insert(2);
        schema.max_properties.get_or_insert(2);
    }
    let parts = schema.items.iter_mut().chain(&mut schema.extra).chain(&mut schema.alternatives);
    for part in parts.chain(schema.properties.iter_mut().map(|(_, part)| part)) {
        *part = Arc::new(mended(part, pointer));
    }
    schema
}
