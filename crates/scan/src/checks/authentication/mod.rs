//! Authentication: who is asked who they are, and what tokens say.

use crate::check::Check;

/// The checks of this family.
pub const ALL: &[&dyn Check] = &[];
