//! Resource consumption: what a caller can make the service spend (API4).

pub mod batch_without_maximum;
pub mod limit_without_maximum;

use crate::rule::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] =
    &[&limit_without_maximum::LimitWithoutMaximum, &batch_without_maximum::BatchWithoutMaximum];
