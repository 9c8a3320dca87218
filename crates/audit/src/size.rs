//! Worst-case sizes: how many bytes an input or an answer can have, from the schemas alone, or what keeps it from having a bound.
//!
//! What is measured are values that are made of what the contract declares, written as serialisers write JSON: at most a space after comma and
//! colon, characters escaped at worst, numbers in their shortest form, integers of 64 bits where nothing else is said. An object with properties counts as
//! closed unless `additionalProperties` opens it; of alternatives the largest counts. Sizes saturate instead of overflowing. What a service adds to
//! this (white space, fields that it does not declare) is not seen from here.

mod bound;
mod label;
mod measure;
mod operation;
mod text;

use std::fmt;

use plimsoll_spec::{Api, Place};

pub use bound::Size;
pub use label::label;
pub use operation::{OperationSizes, is_file_like};
pub(crate) use text::width;
pub use text::{format_length, literal};

use measure::Meter;

/// In which way a value goes: what is `readOnly` is not sent, what is `writeOnly` not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// From the caller.
    In,
    /// To the caller.
    Out,
}

/// Why something has no bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CauseKind {
    /// A schema that contains itself: its depth has no end.
    Recursion,
    /// An array without `maxItems`.
    Array,
    /// Additional properties of any number.
    Properties,
    /// An object of which nothing is said, or that is open to anything.
    FreeForm,
    /// No type at all.
    AnyValue,
    /// A file without a length.
    File,
    /// A string without `maxLength`, and nothing that implies one.
    Text,
}

impl CauseKind {
    /// What is missing, as a phrase after the name of the thing.
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Recursion => "contains itself without end",
            Self::Array => "has no maxItems",
            Self::Properties => "has additional properties without maxProperties",
            Self::FreeForm => "is a free-form object",
            Self::AnyValue => "has no type",
            Self::File => "is a file without a length",
            Self::Text => "has no maxLength",
        }
    }
}

/// One of the smallest parts that keep a size from having a bound.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    /// Why.
    pub kind: CauseKind,
    /// Where it stands.
    pub place: Place,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", label(&self.place.pointer), self.kind.phrase())
    }
}

/// How a size without a bound grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Growth {
    /// Numbers of elements or properties that multiply: an array without `maxItems` within another makes two.
    pub factors: u8,
    /// Texts or files without a length.
    pub texts: bool,
    /// Parts that may be anything.
    pub free: bool,
    /// Depth without end.
    pub recursive: bool,
}

impl Growth {
    fn with(self, other: Self) -> Self {
        Self {
            factors: self.factors.max(other.factors),
            texts: self.texts || other.texts,
            free: self.free || other.free,
            recursive: self.recursive || other.recursive,
        }
    }

    fn times_any_number(self) -> Self {
        Self { factors: self.factors.saturating_add(1), ..self }
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { recursive: true, .. } => f.write_str("grows with the depth, without end"),
            Self { factors: 0, free: true, .. } => f.write_str("is whatever is put into it"),
            Self { factors: 0, texts: true, .. } => f.write_str("linear in the length of a text"),
            Self { factors: 0, .. } => f.write_str("constant"),
            Self { factors: 1, .. } => f.write_str("linear in the number of elements"),
            Self { factors, .. } => write!(f, "grows with the product of {factors} numbers of elements"),
        }
    }
}

/// The sizes of every operation of a contract.
#[derive(Clone, Debug, Default)]
pub struct Sizes {
    operations: Vec<OperationSizes>,
}

impl Sizes {
    /// Measures a contract, each schema once, however often it is shared.
    pub fn of(api: &Api) -> Self {
        let mut meter = Meter::default();
        Self { operations: api.operations.iter().map(|operation| OperationSizes::of(operation, &mut meter)).collect() }
    }

    /// Of the operation with this index.
    pub fn operation(&self, index: usize) -> Option<&OperationSizes> {
        self.operations.get(index)
    }

    /// Of all operations, in the order of the contract.
    pub fn iter(&self) -> impl Iterator<Item = &OperationSizes> {
        self.operations.iter()
    }
}

/// The size of one schema.
pub fn schema(schema: &std::sync::Arc<plimsoll_spec::Schema>, way: Way) -> Size {
    let mut meter = Meter::default();
    let bound = meter.schema(schema, way);
    meter.size(&bound)
}

/// How many characters a text has at most, by its length, its pattern or its format; none where nothing bounds them.
pub(crate) fn characters(schema: &plimsoll_spec::Schema) -> Option<u64> {
    text::extent(&[schema]).characters
}

/// A size for people: `812 B`, `161 KiB`, `2.4 MiB`.
pub fn human(bytes: u128) -> String {
    const UNITS: [&str; 9] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];
    let mut unit = 0;
    let mut rest = bytes;
    while rest >= 1_024 && unit + 1 < UNITS.len() {
        rest >>= 10;
        unit += 1;
    }
    match unit {
        0 => format!("{bytes} B"),
        _ if rest >= 1_024 => "more than 1,000 YiB".to_owned(),
        1 => format!("{} KiB", bytes.div_ceil(1_024)),
        _ => format!("{:.1} {}", bytes as f64 / 1_024f64.powf(unit as f64), UNITS[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_for_people() {
        assert_eq!(human(812), "812 B");
        assert_eq!(human(164_384), "161 KiB");
        assert_eq!(human(10 << 20), "10.0 MiB");
        assert_eq!(human(3 << 80), "3.0 YiB");
        assert_eq!(human(u128::MAX), "more than 1,000 YiB");
    }

    #[test]
    fn growth_in_words() {
        let linear = Growth { factors: 1, texts: true, ..Growth::default() };
        assert_eq!(linear.to_string(), "linear in the number of elements");
        assert_eq!(linear.times_any_number().to_string(), "grows with the product of 2 numbers of elements");
        assert_eq!(Growth { free: true, ..Growth::default() }.to_string(), "is whatever is put into it");
    }
}
