//! A recorded run says the same again, and an issue's requests can be repeated.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::program::Program;
use crate::server::{Answer, Asked, Server, faulty};

/// [`faulty`], with a list that keeps to 20 once it is repaired.
fn repairable(asked: &Asked, repaired: bool) -> Answer {
    match asked.path.as_str() {
        "/orders" if repaired && asked.method == "GET" => {
            Answer::json(&(1..=3).map(|id| json!({"id": id, "note": "short"})).collect())
        }
        _ => faulty(asked),
    }
}

#[test]
fn a_replay_says_the_same_byte_for_byte() {
    let server = Server::start(faulty);
    let program = Program::new();
    let ran = program.scan(&server.url(), &["--format", "json", "--record", "run.ndjson"]);
    let sent = server.asked().len();
    let again = program.run(["replay", "run.ndjson", "--format", "json"]);
    assert_eq!((again.code, again.err.as_str()), (ran.code, ""));
    assert!(again.out == ran.out, "the reports differ: {} and {} bytes", ran.out.len(), again.out.len());
    assert_eq!(server.asked().len(), sent, "a replay sends nothing");
    // The other forms do not depend on when they are made either.
    let html = |name: &str| program.run(["replay", "run.ndjson", "--output", name]).code;
    assert_eq!((html("a.html"), html("b.html")), (1, 1));
    assert!(program.read("a.html") == program.read("b.html"));
}

#[test]
fn an_issue_is_still_there_or_gone() {
    let repaired = Arc::new(AtomicBool::new(false));
    let state = Arc::clone(&repaired);
    let server = Server::start(move |asked| repairable(asked, state.load(Ordering::SeqCst)));
    let program = Program::new();
    let ran = program.scan(&server.url(), &["--format", "json", "--record", "run.ndjson"]);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let issues = report["issues"].as_array().unwrap();
    let issue = issues.iter().find(|issue| issue["weakness"] == "unbounded-read").unwrap();
    let id = issue["id"].as_str().unwrap();
    let before = server.asked().len();
    let still = program.run(["replay", "run.ndjson", "--send", id]);
    assert_eq!(still.code, 1, "{still:?}");
    assert!(still.out.contains("still there"), "{}", still.out);
    let sent = server.asked()[before..].to_vec();
    assert!(!sent.is_empty() && sent.iter().all(|asked| asked.path.ends_with("/orders")), "{sent:?}");
    repaired.store(true, Ordering::SeqCst);
    let gone = program.run(["replay", "run.ndjson", "--send", id]);
    assert_eq!(gone.code, 0, "{gone:?}");
    assert!(gone.out.contains("gone"), "{}", gone.out);
    drop(server);
    let silent = program.run(["replay", "run.ndjson", "--send", id]);
    assert_eq!(silent.code, 3, "{silent:?}");
}

#[test]
fn an_unknown_issue_is_one_line() {
    let server = Server::start(faulty);
    let program = Program::new();
    program.scan(&server.url(), &["--record", "run.ndjson", "--max-requests", "30"]);
    let sent = server.asked().len();
    for id in ["zzzz", ""] {
        let ran = program.run(["replay", "run.ndjson", "--send", id]);
        assert_eq!(ran.code, 2, "{ran:?}");
        ran.diagnostic();
    }
    assert_eq!(server.asked().len(), sent);
}

#[test]
fn broken_recordings_are_one_line() {
    let server = Server::start(faulty);
    let program = Program::new();
    program.scan(&server.url(), &["--record", "run.ndjson", "--max-requests", "30"]);
    let good = program.read("run.ndjson");
    let mut lines: Vec<&str> = good.lines().collect();
    let header = lines.remove(0);
    let rest = lines.join("\n");
    let versions = header.replace("plimsoll.recording/1", "plimsoll.recording/2");
    let circle = r#"{"format":"plimsoll.recording/1","header":{"api":{"schemas":[{"items":0}],"api":{}}}}"#;
    for (name, text, part) in [
        ("truncated", good[..good.len() - 200].to_owned(), "line "),
        ("newer", format!("{versions}\n{rest}"), "plimsoll.recording/1"),
        ("no-header", rest.clone(), "plimsoll.recording/1"),
        ("half-header", header[..header.len() / 2].to_owned(), "plimsoll.recording/1"),
        ("edited", good.replacen("\"status\":200", "\"status\":\"fine\"", 1), "line "),
        (
            "no-bodies",
            lines
                .iter()
                .filter(|line| !line.starts_with("{\"body\""))
                .fold(header.to_owned(), |out, line| out + "\n" + line),
            "missing",
        ),
        ("circle", circle.to_owned(), "line 1"),
        ("empty", String::new(), "plimsoll.recording/1"),
        ("deep", format!("{header}\n{}", "[".repeat(200_000)), "line 2"),
        ("binary", "\u{0}\u{1}\u{2}".to_owned(), "plimsoll.recording/1"),
    ] {
        let path = program.write(name, text);
        let ran = program.run(["replay".as_ref(), path.as_os_str()]);
        assert_eq!(ran.code, 2, "{name}: {ran:?}");
        assert!(ran.diagnostic().contains(part), "{name}: {}", ran.err);
    }
    let bytes = [header.as_bytes(), b"\n\xff\xfe\n"].concat();
    let path = program.write("latin", bytes);
    assert_eq!(program.run(["replay".as_ref(), path.as_os_str()]).code, 2);
    for odd in [program.folder.path().to_owned(), program.path("absent")] {
        let ran = program.run(["replay".as_ref(), odd.as_os_str()]);
        assert_eq!(ran.code, 2, "{ran:?}");
        ran.diagnostic();
    }
}
