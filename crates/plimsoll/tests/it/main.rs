//! The program as its users meet it: the binary, its exit codes and its outputs, against servers on loopback.

#![expect(clippy::unwrap_used, reason = "a test ends where its setup fails")]

mod audit;
mod code;
mod economy;
mod hostile;
mod identities;
mod inputs;
mod lsp;
mod memory;
mod program;
mod replay;
mod safety;
mod scan;
mod secrets;
mod server;
mod terms;
