//! The only part of Plimsoll that talks to a target.
//!
//! Checks describe probes; this crate decides whether, when and how they are sent, and records what came back. Scope, address guard,
//! budgets, rate, caps and redaction live here and nowhere else, so that no check can get them wrong. It never follows a redirect, never
//! reads a proxy from the environment and never sends a method that the plan does not allow.

mod budget;
pub mod collaborator;
mod connect;
mod course;
pub mod curl;
mod decode;
mod distress;
mod echo;
pub mod engine;
pub mod exchange;
pub mod guard;
mod limit;
pub mod login;
mod outgoing;
pub mod plan;
pub mod probe;
pub mod protocol;
pub mod recording;
pub mod request;
pub mod resolve;
pub mod scope;
pub mod secrets;
pub mod settings;
pub mod tally;
pub mod tls;
pub mod transport;
mod wire;

pub use collaborator::{Collaborator, InboundCall, Listen, Place};
pub use engine::{Engine, SetupError, Stopper};
pub use exchange::{Body, Exchange, Failure, Outcome, Response, Stage, Timing};
pub use login::{Login, LoginError, Yields};
pub use plan::{Permit, Planned};
pub use probe::{Lane, OpId, Probe, Who};
pub use request::Request;
pub use scope::Target;
pub use secrets::Secrets;
pub use settings::{AllowWrites, Budgets, Caps, Credential, Deadlines, Identity, Keep, Profile, Settings};
pub use tally::{ListTally, Shape, Tally};
pub use tls::{Survey, TlsFacts};
pub use transport::{BudgetKind, Event, RunStatus, StopReason, Transport};
