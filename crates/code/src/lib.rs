//! The code vantage: which line of a Python project retains, accumulates, or reads without a bound, and for which operations.

pub mod names;
pub mod program;
pub mod project;
pub mod python;
pub mod source;
pub mod syntax;
pub mod values;
