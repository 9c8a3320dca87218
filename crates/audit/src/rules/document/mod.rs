//! The document itself: whether it is valid, and whether it means one thing.

use crate::rule::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[];
