//! Unsafe consumption: whom the service calls and trusts (API7, API10).

use crate::rule::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[];
