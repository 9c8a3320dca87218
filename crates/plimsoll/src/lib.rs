//! The command line of Plimsoll: arguments → use-case → renderer → exit code.
//!
//! The library exists so that the generated files (completions, man page, command reference) and the tests see the same command line as the
//! program.

pub mod args;
pub mod commands;
pub mod environment;
pub mod fault;
pub mod interruption;
pub mod lsp;
pub mod output;
pub mod print;
pub mod progress;
pub mod requests;
pub mod state;
pub mod terms;

pub use args::Cli;
pub use fault::Fault;
