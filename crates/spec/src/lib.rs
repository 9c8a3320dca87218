//! An OpenAPI document of any version as one [`Api`], with pointer and line for every part.
//!
//! The crate reads documents and reports on broken ones; it opens files that it is told to open and never a socket.

pub mod api;
pub mod roles;

mod declared;
mod diagnostic;
mod error;
mod files;
mod json;
mod judge;
mod merge;
mod operations;
mod options;
mod reader;
mod recognise;
mod recursion;
mod refs;
mod schema;
mod servers;
mod shared;
mod source;
mod text;
mod tree;
mod v2;
mod v3;
mod yaml;

use url::Url;

pub use api::{
    Api, Diagnostic, Location, Operation, Origin, Parameter, Place, RequestBody, ResponseSpec, Schema, SchemaKind,
    SchemeKind, SecurityScheme,
};
pub use declared::{Flow, FlowKind, Server};
pub use error::{Failure, LoadError};
pub use options::{Fetch, Limits, Options, Source};
pub use recognise::probe;

use files::{Base, Files};
use reader::{Dialect, Reader};

/// Reads a description. What is broken in it is left out and told in [`Api::diagnostics`].
///
/// Places in referenced files have pointers of the form `file#/pointer`. A document that could be read but has no operations is an
/// [`Api`] without operations, with a fatal diagnostic that says why.
///
/// # Errors
/// When nothing could be read: no such file, no text, no JSON or YAML, no OpenAPI document, or one beyond the limits.
pub fn load(source: &Source, options: &Options<'_>) -> Result<Api, LoadError> {
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
    interpret(&files, &name, options.limits)
}

fn interpret(files: &Files, name: &str, limits: Limits) -> Result<Api, LoadError> {
    let root = refs::Refs::new(files).root(0);
    let (dialect, format, remark) = recognise::version(&root, name)?;
    let mut reader = Reader::new(files, dialect, limits);
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
        document: Some(name.to_owned()),
        ..Api::default()
    };
    if dialect == Dialect::V2 {
        reader.servers_v2(&root, &mut api);
        reader.read_v2(&root, &mut api);
    } else {
        reader.servers_v3(&root, &files.files[0].base, &mut api);
        reader.read_v3(&root, &mut api);
    }
    api.diagnostics = reader.into_diagnostics();
    Ok(api)
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
