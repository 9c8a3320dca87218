//! What a target writes is shown as text: nothing that a terminal or a log reader would act on comes through.

use std::fmt::Write as _;

use serde_json::json;

use crate::program::Program;
use crate::server::{Answer, Server, contract};

const NASTY: &str = "\u{1b}[31mred\u{1b}]52;c;ZXZpbA==\u{7}\u{9b}2J\u{202e}gnihton\u{2066}\u{200f}\r\n::error::stop\n##vso[task.complete]\n##[error]x\u{0}\u{8}";

#[test]
fn hostile_strings_do_not_reach_a_terminal() {
    let schema = json!({"200": {"description": NASTY, "content": {"application/json": {"schema": {"title": NASTY, "type": "array", "items": {"type": "object", "properties": {"id": {"type": "integer"}}}}}}}});
    let parameters = json!([{"name": format!("q{NASTY}"), "in": "query", "description": NASTY, "schema": {"type": "string", "default": NASTY}},
        {"name": "limit", "in": "query", "schema": {"type": "integer", "default": 5}}]);
    let operation = json!({"get": {"operationId": NASTY, "summary": NASTY, "tags": [NASTY], "parameters": parameters, "responses": schema}});
    let mut document = contract(&json!({"/list": operation, format!("/a{NASTY}"): operation, "/fail": operation}));
    document["info"]["title"] = NASTY.into();
    document["info"]["version"] = NASTY.into();
    document["servers"] = json!([{"url": "/"}, {"url": format!("/{NASTY}")}]);
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/openapi.json" => Answer::new(200, "application/json", ascii(&document)),
        "/fail" => Answer::new(
            500,
            "text/plain",
            format!("Traceback (most recent call last):\n  File \"{NASTY}\", line 1, in {NASTY}\n{NASTY}"),
        ),
        "/list" => Answer::json(
            &(0..300).map(|id| json!({"id": id, NASTY: NASTY, "email": format!("a{id}@corp.example")})).collect(),
        )
        .header("server", "nginx/1.2.3"),
        _ => Answer::new(404, "text/plain", NASTY),
    });
    let program = Program::new();
    let ran = program.run(["scan", &server.url(), "--all", "--record", "run.ndjson"]);
    assert!([0, 1].contains(&ran.code), "{ran:?}");
    let id = program.run(["replay", "run.ndjson", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&id.out).unwrap();
    let issue = report["issues"][0]["id"].as_str().unwrap().to_owned();
    let sent = program.run(["replay", "run.ndjson", "--send", &issue]);
    let shown = [&ran.out, &ran.err, &sent.out, &sent.err];
    assert!(ran.out.contains("GET /list"), "{}", ran.out);
    for text in shown {
        let bad = text.chars().find(|c| {
            c.is_control() && *c != '\n'
                || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        });
        assert_eq!(bad, None, "{text:?}");
        let command =
            text.lines().find(|line| line.trim_start().starts_with("::") || line.trim_start().starts_with("##"));
        assert_eq!(command, None, "{text}");
    }
}

/// JSON in which everything beyond ASCII is escaped, so that the document is not taken for a binary file.
fn ascii(value: &serde_json::Value) -> String {
    value.to_string().chars().fold(String::new(), |mut out, c| {
        if c.is_ascii() {
            out.push(c);
        } else {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| write!(out, "\\u{unit:04x}").unwrap());
        }
        out
    })
}
