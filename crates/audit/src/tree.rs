//! The document as the validator of JSON Schema sees it: as it was written, without a copy.
//!
//! The validator copies a value for every error that it builds, whole path items among them, and builds any number of errors. Neither is wanted:
//! copies are empty here, since only the place of an error is used, and where there are enough errors, lists and maps seem to end.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, Node, NodeIdentity, Object};
use plimsoll_spec::{Raw, RawKind, RawList, RawMap};
use serde_json::{Number, Value};

/// Elements of lists that are compared with each other in depth.
const COMPARED: usize = 64;

/// How many errors may still be built.
#[derive(Debug)]
pub(crate) struct Patience(AtomicU32);

impl Patience {
    pub(crate) fn new(errors: u32) -> Self {
        Self(AtomicU32::new(errors))
    }

    /// Whether there were enough.
    pub(crate) fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    fn spend(&self) {
        // Only ever called by one thread; losing a count would do no harm.
        self.0.store(self.0.load(Ordering::Relaxed).saturating_sub(1), Ordering::Relaxed);
    }
}

/// The representation.
pub(crate) struct Tree;

/// A value of the document, or the name of a property.
#[derive(Clone, Copy)]
pub(crate) struct Handle<'a> {
    value: Part<'a>,
    patience: Option<&'a Patience>,
}

#[derive(Clone, Copy)]
enum Part<'a> {
    Raw(Raw<'a>),
    Name(&'a str),
}

impl<'a> Handle<'a> {
    pub(crate) fn new(raw: Raw<'a>, patience: &'a Patience) -> Self {
        Self { value: Part::Raw(raw), patience: Some(patience) }
    }

    fn kind(&self) -> RawKind<'a> {
        match self.value {
            Part::Raw(raw) => raw.kind(),
            Part::Name(text) => RawKind::Text(text),
        }
    }
}

impl Json for Tree {
    type Node<'a> = Handle<'a>;
    type PreparedKey = String;
    type StringBuffer = ();

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>((): &mut (), string: &str, f: impl FnOnce(Handle<'_>) -> T) -> T {
        f(Handle { value: Part::Name(string), patience: None })
    }
}

impl<'a> Node<'a, Tree> for Handle<'a> {
    type Object = Members<'a>;
    type Array = Elements<'a>;
    type Number = &'a Number;

    fn as_object(&self) -> Option<Members<'a>> {
        let RawKind::Map(map) = self.kind() else { return None };
        Some(Members { map, patience: self.patience })
    }

    fn as_array(&self) -> Option<Elements<'a>> {
        let RawKind::List(list) = self.kind() else { return None };
        Some(Elements { list, patience: self.patience })
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        let RawKind::Text(text) = self.kind() else { return None };
        Some(Cow::Borrowed(text))
    }

    fn as_number(&self) -> Option<&'a Number> {
        let RawKind::Number(number) = self.kind() else { return None };
        Some(number)
    }

    fn as_boolean(&self) -> Option<bool> {
        let RawKind::Bool(value) = self.kind() else { return None };
        Some(value)
    }

    fn is_null(&self) -> bool {
        matches!(self.kind(), RawKind::Null)
    }

    fn json_type(&self) -> JsonType {
        match self.kind() {
            RawKind::Null => JsonType::Null,
            RawKind::Bool(_) => JsonType::Boolean,
            RawKind::Number(_) => JsonType::Number,
            RawKind::Text(_) => JsonType::String,
            RawKind::List(_) => JsonType::Array,
            RawKind::Map(_) => JsonType::Object,
        }
    }

    /// The meta-schemas compare with scalars only.
    fn equals_value(&self, expected: &Value) -> bool {
        match (self.kind(), expected) {
            (RawKind::Null, Value::Null) => true,
            (RawKind::Bool(mine), Value::Bool(theirs)) => mine == *theirs,
            (RawKind::Number(mine), Value::Number(theirs)) => mine.as_f64() == theirs.as_f64(),
            (RawKind::Text(mine), Value::String(theirs)) => mine == theirs,
            _ => false,
        }
    }

    fn to_value(&self) -> Cow<'a, Value> {
        if let Some(patience) = self.patience {
            patience.spend();
        }
        Cow::Owned(Value::Null)
    }

    fn identity(&self) -> Option<NodeIdentity> {
        match self.value {
            Part::Raw(raw) => Some(NodeIdentity::new(raw.address())),
            Part::Name(_) => None,
        }
    }
}

/// A map.
pub(crate) struct Members<'a> {
    map: RawMap<'a>,
    patience: Option<&'a Patience>,
}

impl<'a> Object<'a, Tree> for Members<'a> {
    type Node = Handle<'a>;
    type MemberName = &'a str;
    type MembersIter = Box<dyn Iterator<Item = (&'a str, Handle<'a>)> + 'a>;

    fn len(&self) -> usize {
        self.map.len()
    }

    fn get(&self, key: &String) -> Option<Handle<'a>> {
        self.map.get(key).map(|raw| Handle { value: Part::Raw(raw), patience: self.patience })
    }

    fn members(&self) -> Self::MembersIter {
        let patience = self.patience;
        let goes_on = move |_: &(&str, Raw<'a>)| patience.is_none_or(|patience| !patience.is_over());
        let members = self.map.iter().take_while(goes_on);
        Box::new(members.map(move |(name, raw)| (name, Handle { value: Part::Raw(raw), patience })))
    }
}

/// A list.
pub(crate) struct Elements<'a> {
    list: RawList<'a>,
    patience: Option<&'a Patience>,
}

impl<'a> Array<'a, Tree> for Elements<'a> {
    type Node = Handle<'a>;
    type ElementsIter = Box<dyn Iterator<Item = Handle<'a>> + 'a>;

    fn len(&self) -> usize {
        self.list.len()
    }

    fn elements(&self) -> Self::ElementsIter {
        let patience = self.patience;
        let goes_on = move |_: &Raw<'a>| patience.is_none_or(|patience| !patience.is_over());
        let elements = self.list.iter().take_while(goes_on);
        Box::new(elements.map(move |raw| Handle { value: Part::Raw(raw), patience }))
    }

    /// Scalars by hash, the rest pair by pair in lists that a person would write.
    fn is_unique(&self) -> bool {
        let mut texts = HashSet::new();
        let mut others: Vec<Raw<'a>> = Vec::new();
        for element in self.list.iter() {
            match element.kind() {
                RawKind::Text(text) if !texts.insert(text) => return false,
                RawKind::Text(_) => {}
                _ if others.len() < COMPARED => others.push(element),
                _ => {}
            }
        }
        others.iter().enumerate().all(|(index, one)| !others[..index].iter().any(|other| is_same(*one, *other)))
    }
}

fn is_same(one: Raw<'_>, other: Raw<'_>) -> bool {
    match (one.kind(), other.kind()) {
        (RawKind::Null, RawKind::Null) => true,
        (RawKind::Bool(one), RawKind::Bool(other)) => one == other,
        (RawKind::Number(one), RawKind::Number(other)) => one.as_f64() == other.as_f64(),
        (RawKind::Text(one), RawKind::Text(other)) => one == other,
        (RawKind::List(one), RawKind::List(other)) => {
            one.len() == other.len() && one.iter().zip(other.iter()).all(|(one, other)| is_same(one, other))
        }
        (RawKind::Map(one), RawKind::Map(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, one)| other.get(name).is_some_and(|other| is_same(one, other)))
        }
        _ => false,
    }
}
