//! Input: what is taken from callers, and what they are told when it is refused (API8).

use crate::rule::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[];
