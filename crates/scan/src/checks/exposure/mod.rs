//! Data exposure: what answers reveal.

use crate::check::Check;

/// The checks of this family.
pub const ALL: &[&dyn Check] = &[];
