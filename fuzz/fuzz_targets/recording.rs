//! Any bytes for a recording: refused in one line, or read and judged.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_run::{Record, assemble};

fuzz_target!(|bytes: &[u8]| {
    match Record::read(&mut &bytes[..]) {
        Ok(record) => drop(assemble::report(&record)),
        Err(error) => assert!(!error.to_string().contains('\n')),
    }
});
