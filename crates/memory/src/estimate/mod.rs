//! Statistics of retained memory: from (requests, bytes) to a slope with an interval, and from there to a verdict.
//!
//! Everything here is a pure function of its arguments: no I/O, no clock, no chance. The assumptions, and the simulation that the method was chosen by,
//! are in the handbook (`docs/src/estimator.md`).

pub mod peak;
pub mod plateau;
pub mod sequential;
pub mod slope;
pub mod student;
pub mod verdict;

#[cfg(test)]
pub(crate) mod simulate;
#[cfg(test)]
mod simulation;

pub use plimsoll_model::memory::{Course, Interval, Verdict};

pub use sequential::{Next, Plan, Watch};
pub use slope::{SlopeFit, fit};
pub use verdict::{Judgement, Rules, judge};

/// A point of a growth curve: requests sent so far, and what was held then.
pub type Point = [f64; 2];

/// The confidence of every interval that is shown.
pub const LEVEL: f64 = 0.95;
