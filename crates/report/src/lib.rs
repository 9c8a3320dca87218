//! Paper: one renderer a file, all over the same [`Report`](plimsoll_model::Report). No renderer judges, sorts or drops anything that the report
//! does not tell it to, and none reads a clock or the environment.

pub mod contract;
pub mod csv;
pub mod defectdojo;
pub mod diagnostics;
mod entry;
pub mod explain;
pub mod github;
pub mod gitlab;
pub mod har;
pub mod html;
pub mod joins;
pub mod json;
pub mod junit;
pub mod markdown;
mod memory;
pub mod openvex;
pub mod page;
pub mod paint;
pub mod pdf;
pub mod place;
pub mod sarif;
pub mod secrets;
mod svg;
pub mod terminal;
pub mod text;
mod time;

pub use page::Page;
pub use paint::{Colour, Paint};
pub use place::Root;
