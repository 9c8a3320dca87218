//! Resource consumption: what a caller can make the service spend.

pub mod limit_ignored;

use crate::check::Check;

/// The checks of this family.
pub const ALL: &[&dyn Check] = &[&limit_ignored::LimitIgnored];
