//! Credentials that the target gives back in every form do not come out again.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::program::{Program, finish};
use crate::server::{Answer, Server, contract};

/// Holds what each encoding changes.
const TOKEN: &str = "pl1ms/oll+T0ken=\"q&<x~?>\\7f93c1";
const KEY: &str = "k-9c41f07be2d84a55";
const PASSWORD: &str = "h4rbour-m4ster-77";
const SESSION: &str = "5e1f88c0-sess-77ab";

/// The forms in which a target may give a credential back, by name.
fn forms(value: &str) -> Vec<(&'static str, String)> {
    let percent = utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
    let json = Value::from(value).to_string();
    let escaped = value.chars().fold(String::new(), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
        out
    });
    let hex = value.bytes().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").unwrap();
        out
    });
    vec![
        ("plain", value.to_owned()),
        ("json", json.trim_matches('"').to_owned()),
        ("json with escaped slashes", json.trim_matches('"').replace('/', "\\/")),
        ("percent-encoded", percent.clone()),
        ("percent-encoded, small letters", percent.to_lowercase()),
        ("form-encoded", url::form_urlencoded::byte_serialize(value.as_bytes()).collect()),
        ("html", escaped),
        ("base64", STANDARD.encode(value)),
        ("base64 without padding", STANDARD_NO_PAD.encode(value)),
        ("base64url", URL_SAFE.encode(value)),
        ("base64url without padding", URL_SAFE_NO_PAD.encode(value)),
        ("hexadecimal", hex),
    ]
}

#[test]
fn twelve_forms_of_credentials_come_out_nowhere() {
    let basic = STANDARD.encode(format!("captain:{PASSWORD}"));
    let planted: Vec<(&str, String)> = [TOKEN, KEY, PASSWORD, SESSION].iter().flat_map(|value| forms(value)).collect();
    let planted: Vec<(&str, String)> = planted.into_iter().chain([("basic", basic.clone())]).collect();
    let echoed = planted.clone();
    let schema = json!({"200": {"description": "ok", "content": {"application/json": {"schema": {"type": "object"}}}}});
    let paths: serde_json::Map<String, Value> = ["/json", "/text", "/error", "/move", "/head"]
        .iter()
        .map(|path| ((*path).to_owned(), json!({"get": {"summary": format!("Says {KEY}"), "responses": schema}})))
        .collect();
    let document = contract(&Value::Object(paths));
    let server = Server::start(move |asked| {
        let all: Vec<&str> = echoed.iter().map(|(_, form)| form.as_str()).collect();
        match asked.path.as_str() {
            "/openapi.json" => Answer::json(&document),
            "/json" => Answer::json(&json!({"you": all, "nested": {TOKEN: [{"key": TOKEN}]}})),
            "/text" => Answer::new(200, "text/html", format!("<p>{}</p>", all.join("</p>\n<p>"))),
            "/error" => Answer::new(
                500,
                "text/plain",
                format!("Traceback (most recent call last):\n  File \"a.py\", line 1\n{}", all.join("\n")),
            ),
            "/move" => Answer::new(302, "text/plain", "")
                .header("location", &format!("/json?key={KEY}&t={}", utf8_percent_encode(TOKEN, NON_ALPHANUMERIC))),
            "/head" => Answer::json(&json!({"ok": true}))
                .header("x-echo", TOKEN)
                .header("set-cookie", &format!("session={KEY}"))
                .header("server", KEY),
            _ => Answer::new(404, "application/json", json!({"path": asked.path, "headers": all}).to_string()),
        }
    });
    let program = Program::new();
    let arguments = [
        "scan",
        &server.url(),
        "--all",
        "--record",
        "run.ndjson",
        "--output",
        "page.html",
        "--header",
        "Authorization: Bearer $TOKEN",
        "--header",
        &format!("X-Api-Key: {KEY}"),
        "--header",
        &format!("X-Proxy-Authorization: Basic {basic}"),
        "--header",
        &format!("Cookie: session={SESSION}; lang=en"),
    ];
    let ran = finish(program.command(arguments).env("TOKEN", TOKEN));
    assert!(ran.code == 0 || ran.code == 1, "{ran:?}");
    assert!(server.asked().iter().any(|asked| asked.headers.get("x-api-key").is_some_and(|value| value == KEY)));
    let json = program.run(["replay", "run.ndjson", "--format", "json", "--all"]);
    let outputs = [
        ("standard output", ran.out),
        ("standard error", ran.err),
        ("page", program.read("page.html")),
        ("recording", program.read("run.ndjson")),
        ("JSON", json.out),
    ];
    for (output, text) in &outputs {
        for (form, value) in &planted {
            assert!(!text.contains(value.as_str()), "{output} holds the {form} form: {}", around(text, value));
        }
    }
    assert!(outputs[3].1.contains("$TOKEN") && outputs[3].1.contains("$PLIMSOLL_X_API_KEY"));
}

/// Where a text holds a value, for the message of a failed test.
fn around<'a>(text: &'a str, value: &str) -> &'a str {
    let at = text.find(value).unwrap_or(0);
    let from = (0..=at.saturating_sub(80)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let to = (at + value.len() + 40..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    &text[from..to]
}

#[test]
fn a_refused_header_is_not_repeated() {
    let program = Program::new();
    for header in [format!("Bearer-{KEY}"), format!("Authorization: Bearer {KEY}\r\nX-Evil: 1"), format!("a b{KEY}: x")]
    {
        let ran = program.scan("http://127.0.0.1:1", &["--header", &header]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(!ran.diagnostic().contains(KEY), "{}", ran.err);
    }
}
