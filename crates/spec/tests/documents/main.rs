//! Whole documents, good and bad, from the outside.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod bad;
mod bad_files;
mod common;
mod open;
mod properties;
mod references;
mod samples;
mod twins;
