//! The program as its users meet it: the binary, its exit codes and its outputs, against servers on loopback.

#![expect(clippy::unwrap_used, reason = "a test ends where its setup fails")]

mod audit;
mod check;
mod code;
mod economy;
mod fix;
mod hostile;
mod identities;
mod init;
mod inputs;
mod lsp;
mod memory;
mod outputs;
mod program;
mod replay;
mod safety;
mod scan;
mod secrets;
mod server;
mod terms;
mod verify;
