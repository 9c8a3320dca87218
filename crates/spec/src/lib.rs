//! An OpenAPI document of any version as one [`Api`], with pointer and line for every part.
//!
//! The crate reads documents and reports on broken ones; it opens files that it is told to open and never a socket.

pub mod api;
pub mod roles;

mod declared;
mod description;
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

pub use api::{
    Api, Diagnostic, Location, Operation, Origin, Parameter, Place, RequestBody, ResponseSpec, Schema, SchemaKind,
    SchemeKind, SecurityScheme,
};
pub use declared::{Flow, FlowKind, Server};
pub use description::{Description, Raw, RawKind, RawList, RawMap};
pub use error::{Failure, LoadError};
pub use options::{Fetch, Limits, Options, Source};
pub use recognise::probe;

/// Reads a description. What is broken in it is left out and told in [`Api::diagnostics`].
///
/// Places in referenced files have pointers of the form `file#/pointer`. A document that could be read but has no operations is an
/// [`Api`] without operations, with a fatal diagnostic that says why.
///
/// # Errors
/// When nothing could be read: no such file, no text, no JSON or YAML, no OpenAPI document, or one beyond the limits.
pub fn load(source: &Source, options: &Options<'_>) -> Result<Api, LoadError> {
    Description::read(source, options)?.api()
}
