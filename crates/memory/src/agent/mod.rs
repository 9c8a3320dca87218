//! The agent: one Python file inside the target that answers questions about its heap.
//!
//! [`inject`] brings it in through the environment, [`attach`] into a running interpreter, [`protocol`] is what is said over the socket, and
//! [`client`] asks all agents of the process tree at once. Nothing here judges an answer; that is [`crate::attribute`]. A target without an agent
//! is no error: the lane then works from outside.

pub mod attach;
pub mod client;
pub mod inject;
pub mod protocol;

pub use client::{AgentError, Agents};
pub use inject::Injection;
