//! The contract vantage: an OpenAPI document read as a design.
//!
//! A document says what a service promises, and so what it allows: lists without an end, limits without a maximum, answers that nobody bounded,
//! doors without a key. The lane reads; it opens no file and no socket, and says nothing about how the service behaves.
//!
//! [`view`] is what a rule sees, [`rules`] are the rules, [`judge`] makes findings of what they say.

pub mod diff;
pub mod document;
pub mod draft;
pub mod judge;
mod meta_schema;
pub mod pattern;
pub mod rule;
pub mod rules;
pub mod size;
mod tree;
pub mod view;
pub mod witness;
pub mod written;

pub use document::Document;
pub use draft::{Draft, Drafts};
pub use judge::{audit, audit_with_sizes};
pub use meta_schema::validate;
pub use rule::{Meta, Rule};
pub use view::View;
pub use witness::{Nobody, Witness};
pub use written::Written;
