//! The program as its users meet it: the binary, its exit codes and its outputs, against servers on loopback.

mod hostile;
mod inputs;
mod program;
mod replay;
mod safety;
mod scan;
mod secrets;
mod server;
