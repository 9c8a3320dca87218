//! Transport: how requests and answers are protected on their way (API8).

use crate::rule::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[];
