//! What Plimsoll's tests stand on: API servers that are faulty or sound on purpose, and targets that misbehave.
//!
//! Nothing here is published, and nothing here listens on anything but loopback.

pub mod generated;
pub mod hostile;
pub mod tls;
