//! The code vantage: which line of a Python project retains, accumulates, or reads without a bound, and for which operations.

pub mod analysis;
pub mod entries;
pub mod fix;
pub mod lifetimes;
pub mod names;
pub mod program;
pub mod project;
pub mod python;
pub mod reach;
pub mod repair;
pub mod rules;
pub mod select;
pub mod session;
pub mod source;
pub mod suppress;
pub mod syntax;
pub mod values;

pub use analysis::{Analysis, Coverage, Options, RouteFact, analyse};
pub use reach::Reach;
