//! Whole documents, good and bad, from the outside.

mod bad;
mod bad_files;
mod common;
mod properties;
mod references;
mod samples;
mod twins;
