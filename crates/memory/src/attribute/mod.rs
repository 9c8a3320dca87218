//! Turns what agents say into plain facts: which lines allocate what is retained, which types there are more of, and what holds them.
//!
//! Pure functions over the agents' answers: no I/O, no clock. They order and filter, the application's own code first, and never claim more than was
//! counted. Whether anything leaks at all is decided elsewhere, by the estimator.

pub mod allocation;
pub mod retention;
pub mod types;

pub use allocation::{AllocationLine, Share, allocation_lines};
pub use retention::{Holder, retaining_holders};
pub use types::{TypeGrowth, type_table};
