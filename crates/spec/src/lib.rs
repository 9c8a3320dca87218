//! An OpenAPI document of any version as one [`Api`], with pointer and line for every part.
//!
//! The crate reads documents and reports on broken ones; it opens files that it is told to open and never a socket.

pub mod api;

pub use api::{
    Api, Diagnostic, Location, Operation, Origin, Parameter, Place, RequestBody, ResponseSpec, Schema, SchemaKind,
    SchemeKind, SecurityScheme,
};
