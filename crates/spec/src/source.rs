//! Bytes of a document from disk. Only regular files within the size limit: a FIFO would wait for ever, `/dev/zero` never ends.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::error::{Failure, LoadError};

/// The bytes of a regular file of at most `limit` bytes.
pub(crate) fn read_file(path: &Path, name: &str, limit: u64) -> Result<Vec<u8>, LoadError> {
    let unreadable = |error: io::Error| LoadError::new(Failure::Unreadable, name, reason(&error), "check the path");
    // Asked before opening, because opening a FIFO already waits.
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(LoadError::new(Failure::Unreadable, name, "this is a folder", "name the document in it"));
    }
    if !metadata.is_file() {
        let hint = "pipe it in with - to read from standard input";
        return Err(LoadError::new(Failure::Unreadable, name, "this is no regular file", hint));
    }
    let mut bytes = Vec::new();
    // The length may change or be a lie (as in /proc), so the reading itself is capped.
    File::open(path).map_err(unreadable)?.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    check_size(name, bytes.len() as u64, limit)?;
    Ok(bytes)
}

/// Refuses what is larger than the limit.
pub(crate) fn check_size(name: &str, length: u64, limit: u64) -> Result<(), LoadError> {
    if length <= limit {
        return Ok(());
    }
    let what = format!("the document is larger than {} MiB", limit >> 20);
    Err(LoadError::new(Failure::TooLarge, name, what, "raise the limit, or give a smaller document"))
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "reading it is not permitted".to_owned(),
        // The kind for link loops (ELOOP) is not stable yet; the system's own words name it.
        _ => error.to_string().to_lowercase(),
    }
}
