//! Input validation: what the service takes.

use crate::check::Check;

/// The checks of this family.
pub const ALL: &[&dyn Check] = &[];
