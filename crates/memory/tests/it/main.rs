//! The memory lane against real processes that behave and misbehave.

#![expect(clippy::unwrap_used, reason = "a test stops where something unexpected happens")]

mod agents;
mod faults;
mod known_sizes;
mod metrics;
mod servers;
mod target;
