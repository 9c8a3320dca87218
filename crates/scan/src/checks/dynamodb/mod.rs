//! DynamoDB on the wire: what of the store shows through.

use crate::check::Check;

/// The checks of this family.
pub const ALL: &[&dyn Check] = &[];
