//! Bytes that claim to be Python: reading, grouping, and analysing them must neither panic nor hang, and a tree is never deeper than it may be.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_code::project::walk::Walked;
use plimsoll_code::project::{Entry, Origin};
use plimsoll_code::python::{self, FileKind};
use plimsoll_code::{Options, analysis, names::Names, source};

fuzz_target!(|bytes: &[u8]| {
    let kind = if bytes.first() == Some(&b'%') { FileKind::Notebook } else { FileKind::Source };
    if let Ok(source) = source::decode(bytes.to_vec(), kind) {
        let names = Names::default();
        let parsed = python::read(&names, &source.text, kind);
        for error in &parsed.errors {
            assert!(error.span.start as usize <= source.text.len());
            assert!(source.lines.line(error.span.start) >= 1);
        }
    }
    // The same text as a route file beside a module that it may import.
    let text = String::from_utf8_lossy(bytes);
    let route = format!("from fastapi import FastAPI\nimport boto3\nfrom other import *\napp = FastAPI()\n{text}\n");
    let entry = |path: &str, text: &str| Entry {
        path: path.to_owned(),
        origin: Origin::Memory(text.into()),
        kind: FileKind::Source,
    };
    let walked =
        Walked { entries: vec![entry("app.py", &route), entry("other.py", &text)], linked: true, ..Walked::default() };
    analysis::analyse_walked(walked, &Options::default());
});
