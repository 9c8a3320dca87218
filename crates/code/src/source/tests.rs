//! Encodings, line ends and notebooks.

use super::*;

fn decoded(bytes: &[u8]) -> Source {
    decode(bytes.to_vec(), FileKind::Source).unwrap()
}

#[test]
fn encodings() {
    let plain = decoded("x = 'é'\n".as_bytes());
    assert!(plain.editable && plain.odd.is_empty());
    assert_eq!(decoded(b"\xef\xbb\xbfx = 1\n").text, "x = 1\n");
    let latin = decoded(b"#!/usr/bin/python\n# -*- coding: latin-1 -*-\nx = '\xe9'\n");
    assert!(latin.text.contains('é') && !latin.editable && latin.odd.is_empty());
    let wrong = decoded(b"# coding: klingon\nx = 1\n");
    assert_eq!(wrong.odd, ["declares the unknown encoding \"klingon\"; read as UTF-8"]);
    let broken = decoded(b"x = 1\ny = '\xff'\n");
    assert_eq!(broken.odd, ["line 2 is not UTF-8; what cannot be decoded was replaced"]);
    let late = decoded(b"x = 1\ny = 2\n# coding: klingon\n");
    assert!(late.odd.is_empty());
    assert!(matches!(decode(b"\xff\xfex\0".to_vec(), FileKind::Source), Err(SourceError::NoText(_))));
}

#[test]
fn lines_end_in_three_ways() {
    let lines = Lines::of("a\nb\r\nc\rd");
    assert_eq!([0, 1, 2, 5, 7].map(|at| lines.line(at)), [1, 1, 2, 3, 4]);
    assert_eq!(lines.span(1, "a\nb\r\nc\rd"), crate::syntax::Span { start: 2, end: 5 });
    assert_eq!(Lines::of("").line(0), 1);
}

#[test]
fn notebooks_are_joined_and_keep_their_lines() {
    let document = r##"{
 "cells": [
  {"cell_type": "markdown", "source": ["# Title"]},
  {"cell_type": "code", "outputs": [], "source": [
    "%%time\n",
    "import boto3\n",
    "x = \"é\""
   ]},
  {"cell_type": "code", "source": ["%%bash\n", "ls\n"]},
  {"cell_type": "code",
   "source": "def f():\n    return x"}
 ], "nbformat": 4
}"##;
    let source = decode(document.as_bytes().to_vec(), FileKind::Notebook).unwrap();
    assert_eq!(source.text, "\nimport boto3\nx = \"é\"\ndef f():\n    return x\n");
    let at = |part: &str| source.lines.line(source.text.find(part).unwrap() as u32);
    assert_eq!((at("import"), at("x ="), at("def"), at("return")), (6, 7, 11, 11));
    for bad in ["[]", "{", "{\"cells\": 3}", "nothing"] {
        assert!(matches!(decode(bad.as_bytes().to_vec(), FileKind::Notebook), Err(SourceError::NoNotebook(_))));
    }
}

#[test]
fn what_is_no_file_is_refused() {
    assert!(matches!(read(Path::new("/dev/zero"), FileKind::Source), Err(SourceError::NoFile)));
    assert!(matches!(read(&std::env::temp_dir(), FileKind::Source), Err(SourceError::NoFile)));
    assert!(matches!(read(Path::new("/absent/x.py"), FileKind::Source), Err(SourceError::Io(_))));
    assert_eq!(kind_of(Path::new("a/x.py.j2")), None);
    assert_eq!(kind_of(Path::new("a/x.pyx")), None);
    assert_eq!(kind_of(Path::new("a/x.pyi")), Some(FileKind::Stub));
}
