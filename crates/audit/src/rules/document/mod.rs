//! The document itself: whether it is valid, and whether it means one thing.

pub mod invalid_document;
pub mod unread_part;

use crate::rule::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[&invalid_document::InvalidDocument, &unread_part::UnreadPart];
