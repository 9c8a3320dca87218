//! `plimsoll lsp`: the language server on standard input and output.

use lsp_server::Connection;
use plimsoll_model::exit;

use crate::fault::Fault;
use crate::lsp::{self, ServeError};

/// Serves until the client ends it.
///
/// # Errors
/// The client breaks the protocol.
pub fn run() -> Result<u8, Fault> {
    let (connection, threads) = Connection::stdio();
    let served = lsp::serve(&connection);
    drop(connection);
    match served {
        Ok(()) => {
            threads.join().map_err(|error| Fault::say(format!("cannot write to the client: {error}")))?;
            Ok(exit::PASSED)
        }
        // Editors that are killed do not say goodbye.
        Err(ServeError::Gone) => Ok(exit::PASSED),
        Err(error) => Err(Fault::usage(error)),
    }
}
