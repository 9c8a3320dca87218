//! Paper: one renderer a file, all over the same [`Report`](plimsoll_model::Report). No renderer judges, sorts or drops anything that the report
//! does not tell it to, and none reads a clock or the environment.

pub mod contract;
pub mod diagnostics;
pub mod explain;
pub mod html;
pub mod json;
pub mod markdown;
mod memory;
pub mod paint;
mod svg;
pub mod terminal;
pub mod text;

pub use paint::{Colour, Paint};
