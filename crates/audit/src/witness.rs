//! What somebody who saw the service run can add to what its contract says. The audit itself asks nothing of a service.

use plimsoll_model::Evidence;

/// Knows how the service behaved.
pub trait Witness {
    /// What shows that a large value of this query parameter is refused or cut, although the contract names no bound. `operation` is the
    /// position in the contract.
    fn kept_bound(&self, operation: u32, parameter: &str) -> Option<Evidence>;
}

/// Nobody saw the service run.
#[derive(Clone, Copy, Debug)]
pub struct Nobody;

impl Witness for Nobody {
    fn kept_bound(&self, _operation: u32, _parameter: &str) -> Option<Evidence> {
        None
    }
}
