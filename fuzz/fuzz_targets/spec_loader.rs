//! Any bytes for a contract: read or refused in one line, and what is read is written and read again as the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_spec::{Api, Limits, Options, Source, load, probe};

fuzz_target!(|bytes: &[u8]| {
    probe(bytes);
    let limits = Limits { nodes: 100_000, ..Limits::default() };
    let source = Source::Bytes { name: "/openapi.json".to_owned(), bytes: bytes.to_vec() };
    match load(&source, &Options { limits, ..Options::default() }) {
        Ok(api) => {
            let written = serde_json::to_string(&api).expect("every Api can be written");
            let read: Api = serde_json::from_str(&written).expect("what was written can be read");
            assert_eq!(serde_json::to_string(&read).expect("every Api can be written"), written);
        }
        Err(error) => assert!(!error.to_string().contains(char::is_control)),
    }
});
