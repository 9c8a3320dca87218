//! Use-cases: what a person asks of Plimsoll, from settings to a report.
//!
//! A use-case emits typed [`Event`]s while it works and returns a [`Report`](plimsoll_model::Report). It knows nothing of terminals and writes no
//! report file; those are other crates' work.

pub mod assemble;
pub mod audit;
pub mod baseline;
pub mod budget;
pub mod check;
pub mod code;
pub mod config;
pub mod correlate;
pub mod credentials;
pub mod emulator;
pub mod event;
pub mod fix;
pub mod gate;
pub mod identities;
pub mod init;
pub mod login;
pub mod memory;
pub mod only;
pub mod record;
pub mod replay;
pub mod scan;
pub mod suppress;
pub mod verify;

pub use config::Config;
pub use event::Event;
pub use gate::Gate;
pub use record::{Header, Record};

pub use plimsoll_scan::check::Meta;
/// The checks that this version has, in order.
pub use plimsoll_scan::checks::all as checks;
