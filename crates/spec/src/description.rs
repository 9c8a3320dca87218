//! A description that was read and not yet interpreted: its files as trees with lines, for whoever looks at what was written and not at what it
//! means.

use url::Url;

use crate::api::{Api, Place};
use crate::error::LoadError;
use crate::files::{Base, Files};
use crate::options::{Limits, Options, Source};
use crate::reader::{Dialect, Reader};
use crate::tree::{Kind, Map, Node, push_token};
use crate::{recognise, refs, source};

/// All files of a description.
#[derive(Debug)]
pub struct Description {
    files: Files,
    name: String,
    limits: Limits,
}

impl Description {
    /// Reads a description and everything that it refers to.
    ///
    /// # Errors
    /// When the document is no text, no JSON or YAML, or beyond the limits.
    pub fn read(source: &Source, options: &Options<'_>) -> Result<Self, LoadError> {
        let name = source.name();
        let files = match source {
            Source::File(path) => {
                let bytes = source::read_file(path, &name, options.limits.bytes)?;
                let path = path.canonicalize().unwrap_or_else(|_| path.clone());
                Files::read(&bytes, &name, Base::Path(path), options)?
            }
            Source::Stdin(bytes) => Files::read(bytes, &name, Base::Nothing, options)?,
            Source::Bytes { name, bytes } => Files::read(bytes, name, url_base(name), options)?,
        };
        Ok(Self { files, name, limits: options.limits })
    }

    /// What the description means.
    ///
    /// # Errors
    /// When it is no OpenAPI document, or one of a version that is not known.
    pub fn api(&self) -> Result<Api, LoadError> {
        let root = refs::Refs::new(&self.files).root(0);
        let (dialect, format, remark) = recognise::version(&root, &self.name)?;
        let mut reader = Reader::new(&self.files, dialect, self.limits);
        if let Some(remark) = remark {
            reader.warn(&root, remark);
        }
        let info = root.child("info");
        let said = |key: &str| {
            let node = info.as_ref()?.node.child(key)?;
            node.text().map(str::to_owned).or_else(|| node.number().map(|_| node.to_value().to_string()))
        };
        let mut api = Api {
            title: said("title"),
            version: said("version"),
            format: Some(format),
            document: Some(self.name.clone()),
            ..Api::default()
        };
        if dialect == Dialect::V2 {
            reader.servers_v2(&root, &mut api);
            reader.read_v2(&root, &mut api);
        } else {
            reader.servers_v3(&root, &self.files.files[0].base, &mut api);
            reader.read_v3(&root, &mut api);
        }
        api.diagnostics = reader.into_diagnostics();
        Ok(api)
    }

    /// The main document as it was written.
    pub fn root(&self) -> Raw<'_> {
        Raw(&self.files.files[0].root)
    }

    /// The value of the main document to which these keys and positions lead from its root.
    pub fn at<'k>(&self, way: impl IntoIterator<Item = &'k str>) -> Option<Raw<'_>> {
        let mut node = &self.files.files[0].root;
        for token in way {
            node = below(node, token)?;
        }
        Some(Raw(node))
    }

    /// The place of the value to which these keys and positions lead from the root of the main document; as far as they lead.
    pub fn place<'k>(&self, way: impl IntoIterator<Item = &'k str>) -> Place {
        let mut node = &self.files.files[0].root;
        let mut pointer = String::new();
        for token in way {
            let Some(next) = below(node, token) else { break };
            node = next;
            push_token(&mut pointer, token);
        }
        Place { pointer, line: Some(node.line) }
    }
}

fn below<'n>(node: &'n Node, token: &str) -> Option<&'n Node> {
    match &node.kind {
        Kind::Map(map) => map.get(token),
        Kind::List(list) => token.parse::<usize>().ok().and_then(|index| list.get(index)),
        _ => None,
    }
}

/// What relative references and servers are relative to: a URL, or a path on a host that does not matter.
fn url_base(name: &str) -> Base {
    match Url::parse(name) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Base::Url(url),
        _ if name.starts_with('/') => {
            let whole = Url::parse("http://document.invalid/").and_then(|url| url.join(name));
            whole.map_or(Base::Nothing, Base::Url)
        }
        _ => Base::Nothing,
    }
}

/// A value as it was written.
#[derive(Clone, Copy, Debug)]
pub struct Raw<'a>(&'a Node);

/// What a value is.
#[derive(Clone, Copy, Debug)]
pub enum RawKind<'a> {
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(&'a serde_json::Number),
    /// A string.
    Text(&'a str),
    /// A list.
    List(RawList<'a>),
    /// A map.
    Map(RawMap<'a>),
}

/// A list as it was written.
#[derive(Clone, Copy, Debug)]
pub struct RawList<'a>(&'a [Node]);

/// A map as it was written. Of equal keys the last counts.
#[derive(Clone, Copy, Debug)]
pub struct RawMap<'a>(&'a Map);

impl<'a> Raw<'a> {
    /// What it is.
    pub fn kind(self) -> RawKind<'a> {
        match &self.0.kind {
            Kind::Null => RawKind::Null,
            Kind::Bool(value) => RawKind::Bool(*value),
            Kind::Number(number) => RawKind::Number(number),
            Kind::Text(text) => RawKind::Text(text),
            Kind::List(list) => RawKind::List(RawList(list)),
            Kind::Map(map) => RawKind::Map(RawMap(map)),
        }
    }

    /// The line of its key, or its own, from 1.
    pub fn line(self) -> u32 {
        self.0.line
    }

    /// The member of this name; none for what is no map.
    pub fn get(self, key: &str) -> Option<Self> {
        self.0.child(key).map(Raw)
    }

    /// The text; none for what is no string.
    pub fn text(self) -> Option<&'a str> {
        self.0.text()
    }

    /// A copy as a value of JSON.
    pub fn to_value(self) -> serde_json::Value {
        self.0.to_value()
    }

    /// What tells it from every other value of the description.
    pub fn address(self) -> usize {
        self.0.address()
    }
}

impl<'a> RawList<'a> {
    /// How many elements it has.
    pub fn len(self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The elements.
    pub fn iter(self) -> impl ExactSizeIterator<Item = Raw<'a>> {
        self.0.iter().map(Raw)
    }
}

impl<'a> RawMap<'a> {
    /// How many members it has.
    pub fn len(self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    pub fn is_empty(self) -> bool {
        self.0.len() == 0
    }

    /// The member of this name.
    pub fn get(self, key: &str) -> Option<Raw<'a>> {
        self.0.get(key).map(Raw)
    }

    /// The members in document order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = (&'a str, Raw<'a>)> {
        self.0.iter().map(|(key, node)| (key, Raw(node)))
    }
}
