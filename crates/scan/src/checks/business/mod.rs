//! Checks for flows of the business that are sensitive to being automated (OWASP API6:2023).
//!
//! Nothing is sent: a flow that is tried out is a flow that happened. What they say is a hint for whoever knows the business.

mod flows;
mod unprotected_flow;

use crate::check::Check;

/// The checks of this family.
pub const ALL: &[&dyn Check] = &[&unprotected_flow::UnprotectedFlow];
