//! Odd values: what a careless or hostile caller writes where a parameter is wanted, chosen by what the parameter is.
//!
//! Values are small in number and in effect. A large number goes only where it cannot be taken for an amount of work (an id, an offset), or
//! where the contract promises a maximum: `depth=2147483648` would ask the service to do harm to itself.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use plimsoll_http::Probe;
use plimsoll_model::PartKind;
use plimsoll_spec::{Location, Parameter, Schema, SchemaKind};

use crate::paging::{Role, role};
use crate::view::Op;

/// A word that is no id, no number, no date and no member of any enumeration.
pub const WORD: &str = "plimsoll-none";
/// Characters that mean something to SQL, regular expressions, templates, paths and formats, and some from outside of the basic plane.
pub const SPECIAL: &str = "'\"%{}[(*\\$;é\u{1f6a2}";
/// A day that no calendar has.
pub const NO_DAY: &str = "2026-02-30";
/// 2^63: too large for a signed 64-bit integer, as most stores have it.
pub const TOO_LARGE: &str = "9223372036854775808";
/// Longer than DynamoDB's keys (2,048 bytes) and most columns; short enough for every server.
pub const LONG: u32 = 2_100;
/// Days before the year 1, whatever today is.
const BEFORE_TIME: &str = "1000000";

const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What is odd about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Oddity {
    /// Well-formed, and nothing has that id, or that name.
    Unknown,
    /// Of another type.
    WrongType,
    /// Negative.
    Negative,
    /// Zero.
    Zero,
    /// Too large to be stored.
    TooLarge,
    /// A number that is none.
    NotFinite,
    /// A date that is none.
    NoDay,
    /// A range that ends before it begins.
    Backwards,
    /// Characters that mean something to somebody.
    Special,
    /// Very long.
    Long,
    /// A NUL character.
    Nul,
    /// A required parameter is not there.
    Missing,
    /// A parameter that nobody knows.
    Extra,
}

/// A request with one odd value.
#[derive(Clone, Debug)]
pub struct Odd {
    /// Where the value is.
    pub part: PartKind,
    /// The parameter.
    pub name: String,
    /// What is odd.
    pub oddity: Oddity,
    /// The request.
    pub probe: Probe,
}

/// What a parameter holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Whole numbers.
    Integer,
    /// Numbers.
    Number,
    /// True or false.
    Boolean,
    /// A day or an instant.
    Date,
    /// One of a few words.
    Choice,
    /// Several values.
    List,
    /// Text.
    Text,
}

impl Class {
    /// What a parameter with this schema and these values holds. Where the schema says nothing more than text, the values decide.
    pub fn of(schema: &Schema, values: &[String]) -> Self {
        let all = |wanted: fn(&str) -> bool| !values.is_empty() && values.iter().all(|value| wanted(value));
        if schema.is_only(SchemaKind::Integer) {
            Self::Integer
        } else if schema.is_only(SchemaKind::Number) {
            Self::Number
        } else if schema.is_only(SchemaKind::Boolean) {
            Self::Boolean
        } else if schema.is_only(SchemaKind::Array) {
            Self::List
        } else if schema.variants().iter().any(|schema| !schema.values.is_empty()) {
            Self::Choice
        } else if format(schema).is_some_and(|format| format.starts_with("date")) || all(is_date) {
            Self::Date
        } else if all(|value| value.parse::<i64>().is_ok()) {
            Self::Integer
        } else {
            Self::Text
        }
    }
}

fn format(schema: &Schema) -> Option<&str> {
    schema.variants().into_iter().find_map(|schema| schema.format.as_deref())
}

/// `2026-10-25`, perhaps with a time.
fn is_date(value: &str) -> bool {
    let bytes = value.as_bytes();
    bytes.len() >= 10
        && bytes[..10]
            .iter()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 4 | 7) { *byte == b'-' } else { byte.is_ascii_digit() })
}

/// The odd requests of an operation: at most `count`, the most telling of each parameter before the second of any.
pub fn requests(op: &Op<'_>, count: usize) -> Vec<Odd> {
    let mut ranked: Vec<Vec<Odd>> = Vec::new();
    // The last path parameter names the thing itself; those before it name what it belongs to.
    let mut path: Vec<&Parameter> = op.spec.parameters_in(Location::Path).collect();
    path.sort_by_key(|parameter| std::cmp::Reverse(op.key().path.find(&format!("{{{}}}", parameter.name))));
    ranked.extend(path.into_iter().map(|parameter| in_path(op, parameter)));
    let mut query: Vec<&Parameter> = op.spec.parameters_in(Location::Query).collect();
    query.sort_by_key(|parameter| !parameter.required);
    ranked.extend(query.into_iter().map(|parameter| in_query(op, parameter)));
    let deepest = ranked.iter().map(Vec::len).max().unwrap_or(0);
    let by_rank = (0..deepest).flat_map(|rank| ranked.iter().filter_map(move |list| list.get(rank).cloned()));
    let extra = op.list().map(|_| Odd {
        part: PartKind::Query,
        name: "plimsoll".to_owned(),
        oddity: Oddity::Extra,
        probe: op.probe().query("plimsoll", "1"),
    });
    by_rank.chain(extra).take(count).collect()
}

fn in_path(op: &Op<'_>, parameter: &Parameter) -> Vec<Odd> {
    let schema = &parameter.schema;
    let long = "k".repeat(LONG as usize);
    let values: Vec<(Oddity, &str)> = match Class::of(schema, &[]) {
        Class::Integer | Class::Number => vec![
            (Oddity::Unknown, "2147483647"),
            (Oddity::WrongType, WORD),
            (Oddity::TooLarge, TOO_LARGE),
            (Oddity::Negative, "-1"),
        ],
        Class::Date => vec![(Oddity::NoDay, NO_DAY), (Oddity::WrongType, WORD)],
        _ if format(schema) == Some("uuid") => {
            vec![(Oddity::Unknown, "00000000-0000-4000-8000-000000000000"), (Oddity::WrongType, WORD)]
        }
        _ => vec![(Oddity::Unknown, WORD), (Oddity::Special, SPECIAL), (Oddity::Long, &long), (Oddity::Nul, "\0")],
    };
    values
        .into_iter()
        .filter_map(|(oddity, value)| {
            let probe = with_path(op, &parameter.name, value)?;
            Some(Odd { part: PartKind::Path, name: parameter.name.clone(), oddity, probe })
        })
        .collect()
}

/// The base request with this path parameter set to this value.
pub fn with_path(op: &Op<'_>, name: &str, value: &str) -> Option<Probe> {
    let wanted = format!("{{{name}}}");
    op.with_segment(|segment| segment == wanted, &utf8_percent_encode(value, SEGMENT).to_string())
}

fn in_query(op: &Op<'_>, parameter: &Parameter) -> Vec<Odd> {
    let name = parameter.name.as_str();
    let schema = &parameter.schema;
    let set = |oddity: Oddity, value: &str| (oddity, op.probe().query(name, value));
    let word = set(Oddity::WrongType, WORD);
    let negative = set(Oddity::Negative, "-1");
    let class = Class::of(schema, &known_values(op, parameter));
    let mut out = Vec::new();
    if parameter.required {
        out.push((Oddity::Missing, op.probe().drop_query(name)));
    }
    match (class, role(name)) {
        (_, Some(Role::Cursor)) => out.extend([word, set(Oddity::Special, SPECIAL)]),
        (Class::Integer, Some(Role::Limit)) => out.extend([set(Oddity::Zero, "0"), negative, word]),
        (Class::Integer, _) => {
            out.extend([negative, word]);
            out.extend(large(name, schema).map(|value| set(Oddity::TooLarge, value)));
            out.push(set(Oddity::Zero, "0"));
        }
        (Class::Number, _) => {
            out.extend([set(Oddity::NotFinite, "NaN"), word, set(Oddity::TooLarge, "1e309"), negative]);
        }
        (Class::Boolean | Class::Choice, _) => out.push(word),
        (Class::Date, _) => {
            out.extend(backwards(op, name).map(|probe| (Oddity::Backwards, probe)));
            out.extend([set(Oddity::NoDay, NO_DAY), word]);
        }
        (Class::List, _) => out.extend([word, set(Oddity::Special, SPECIAL)]),
        (Class::Text, _) => {
            let mut text = vec![
                (Oddity::Unknown, op.probe().query(name, WORD)),
                set(Oddity::Special, SPECIAL),
                (Oddity::Long, op.probe().query_filled(name, 'k', LONG)),
                set(Oddity::Nul, "\0"),
            ];
            if let Some(probe) = backwards(op, name) {
                text.insert(0, (Oddity::Backwards, probe));
            }
            out.extend(text);
        }
    }
    let odd = |(oddity, probe)| Odd { part: PartKind::Query, name: name.to_owned(), oddity, probe };
    out.into_iter().map(odd).collect()
}

/// A number that is too large for the parameter, where asking for it cannot be asking for work.
fn large(name: &str, schema: &Schema) -> Option<&'static str> {
    if schema.variants().iter().any(|schema| schema.maximum.is_some()) {
        Some(TOO_LARGE)
    } else if is_time(name) {
        Some(BEFORE_TIME)
    } else {
        (!counts(name)).then_some(TOO_LARGE)
    }
}

/// Whether a parameter of this name says for how long.
fn is_time(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["days", "weeks", "months", "years"].iter().any(|unit| name == *unit || name.ends_with(&format!("_{unit}")))
}

/// Whether a parameter of this name says how many, how deep or how long: negative numbers make no sense for it, and large ones cost.
pub fn counts(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "count", "quantity", "qty", "depth", "level", "levels", "hops", "size", "length", "width", "height", "hours",
        "minutes", "seconds", "number", "amount", "times", "repeat", "radius", "limit", "max", "n", "num", "top",
        "take",
    ];
    let name = name.to_ascii_lowercase();
    is_time(&name) || name.split(['_', '-']).any(|word| WORDS.contains(&word))
}

/// A range that ends before it begins, asked at the parameter that names its beginning.
fn backwards(op: &Op<'_>, name: &str) -> Option<Probe> {
    const ENDS: &[(&str, &str)] =
        &[("from", "to"), ("start", "end"), ("since", "until"), ("begin", "end"), ("after", "before"), ("min", "max")];
    let lower = name.to_ascii_lowercase();
    let other = ENDS.iter().find_map(|(first, last)| {
        let found = lower.split(['_', '-']).any(|word| word == *first);
        found.then(|| lower.replace(first, last))
    })?;
    let end = op.spec.parameters_in(Location::Query).find(|parameter| parameter.name.eq_ignore_ascii_case(&other))?;
    let begin = op.spec.parameter(Location::Query, name)?;
    let values: Vec<String> = [begin, end].into_iter().flat_map(|parameter| known_values(op, parameter)).collect();
    let (late, early) = match Class::of(&begin.schema, &values) {
        Class::Integer | Class::Number => ("9", "1"),
        _ if format(&begin.schema) == Some("date-time") => ("2099-12-31T00:00:00Z", "2000-01-01T00:00:00Z"),
        _ => ("2099-12-31", "2000-01-01"),
    };
    Some(op.probe().query(name, late).query(&end.name, early))
}

/// The values that the contract and the base request show for a parameter.
fn known_values(op: &Op<'_>, parameter: &Parameter) -> Vec<String> {
    let declared = parameter.examples.iter().chain(&parameter.schema.examples).chain(&parameter.schema.default);
    let declared = declared.filter_map(|value| match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    let given = op.base().and_then(|base| base.query_value(&parameter.name)).map(str::to_owned);
    declared.chain(given).filter(|value| !value.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes() {
        let only = |kind| Schema { kinds: vec![kind], ..Schema::default() };
        let text = only(SchemaKind::String);
        let values = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect::<Vec<_>>();
        assert_eq!(Class::of(&only(SchemaKind::Integer), &[]), Class::Integer);
        assert_eq!(Class::of(&text, &values(&["2026-10-25"])), Class::Date);
        assert_eq!(Class::of(&text, &values(&["12", "40"])), Class::Integer);
        assert_eq!(Class::of(&text, &values(&["12", "oak"])), Class::Text);
        let choice = Schema { values: vec!["a".into()], ..text.clone() };
        assert_eq!(Class::of(&choice, &[]), Class::Choice);
        let nullable = Schema {
            alternatives: vec![only(SchemaKind::Integer).into(), only(SchemaKind::Null).into()],
            ..Schema::default()
        };
        assert_eq!(Class::of(&nullable, &[]), Class::Integer);
    }

    #[test]
    fn large_numbers_never_ask_for_work() {
        let open = Schema::default();
        for name in ["depth", "page_size", "count", "max_items", "n"] {
            assert_eq!(large(name, &open), None, "{name}");
        }
        assert_eq!(large("days", &open), Some(BEFORE_TIME));
        assert_eq!(large("customer", &open), Some(TOO_LARGE));
        assert_eq!(large("depth", &Schema { maximum: Some(3.0), ..Schema::default() }), Some(TOO_LARGE));
    }
}
