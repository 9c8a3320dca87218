//! Operations that ask a language model (OWASP LLM Top 10).

use crate::rule::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[];
