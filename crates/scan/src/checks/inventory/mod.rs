//! Inventory and unsafe consumption: what is deployed, what it tells of itself, whom it trusts.

use crate::check::Check;

/// The checks of this family.
pub const ALL: &[&dyn Check] = &[];
