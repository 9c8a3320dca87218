//! The only part of Plimsoll that talks to a target.
//!
//! Checks describe probes; this crate decides whether, when and how they are sent, and records what came back. Scope, address guard,
//! budgets, rate, caps and redaction live here and nowhere else, so that no check can get them wrong. It never follows a redirect, never
//! reads a proxy from the environment and never sends a method that the plan does not allow.

pub mod curl;
pub mod exchange;
pub mod probe;
pub mod recording;
pub mod request;
pub mod secrets;
pub mod tally;

pub use exchange::{Body, Exchange, Failure, Outcome, Response, Stage, Timing};
pub use probe::{Lane, OpId, Probe, Who};
pub use request::Request;
pub use secrets::Secrets;
pub use tally::{ListTally, Shape, Tally};
