//! The outputs for CI as the program writes them: which file has which form, what cannot be written, and that no credential is in any of them.

use std::path::Path;

use serde_json::{Value, json};

use crate::program::{Program, Ran, finish};
use crate::server::{Answer, Server, contract, faulty};

/// Every form, by the file that asks for it.
const FILES: &[&str] = &[
    "report.json",
    "report.html",
    "report.md",
    "report.sarif",
    "report.junit.xml",
    "report.csv",
    "report.har",
    "gl-dast-report.json",
    "gl-sast-report.json",
    "gl-code-quality-report.json",
    "report.vex.json",
    "defectdojo.json",
    "github=annotations.txt",
    "github-summary=summary.md",
    "github-comment=comment.md",
    "report.txt",
];

/// The arguments that ask for all of them.
fn all() -> Vec<&'static str> {
    FILES.iter().flat_map(|file| ["--output", file]).collect()
}

/// What was written, by the name of the file.
fn written(program: &Program) -> Vec<(String, String)> {
    FILES
        .iter()
        .map(|file| {
            let name = file.rsplit('=').next().unwrap();
            (name.to_owned(), program.read(name))
        })
        .collect()
}

#[test]
fn one_run_writes_every_form() {
    let server = Server::start(faulty);
    let program = Program::new();
    let ran = program.scan(&server.url(), &all());
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{ran:?}");
    for (name, text) in written(&program) {
        let begins = match name.as_str() {
            "gl-code-quality-report.json" => "[",
            "annotations.txt" => "::",
            "summary.md" | "report.md" => "### Plimsoll",
            "comment.md" => "<!-- plimsoll:127.0.0.1 -->\n### Plimsoll",
            "report.junit.xml" => "<?xml",
            "report.csv" => "fingerprint,",
            "report.html" => "<!doctype html>",
            "report.txt" => "",
            _ => "{",
        };
        assert!(text.to_lowercase().starts_with(&begins.to_lowercase()), "{name}: {}", &text[..text.len().min(80)]);
    }
    let log: Value = serde_json::from_str(&program.read("report.sarif")).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let time = log["runs"][0]["invocations"][0]["startTimeUtc"].as_str().unwrap();
    assert!(time > "2026" && time.ends_with('Z'), "{time}");
    let dast: Value = serde_json::from_str(&program.read("gl-dast-report.json")).unwrap();
    assert!(dast["scan"]["start_time"].as_str().unwrap() > "2026", "{}", dast["scan"]);
    // A summary is added to: steps of one job share it.
    let before = program.read("summary.md").len();
    assert_eq!(program.scan(&server.url(), &["--output", "github-summary=summary.md"]).code, 1);
    assert!(program.read("summary.md").len() > before + before / 2);
}

#[test]
fn places_are_named_from_the_root_of_the_repository() {
    let program = Program::new();
    std::fs::create_dir_all(program.path("services/shop/.git")).unwrap();
    std::fs::remove_dir(program.path("services/shop/.git")).unwrap();
    std::fs::create_dir(program.path(".git")).unwrap();
    program.write("services/shop/app.py", SOURCE);
    let mut command = program.command(["code", "app.py", "--format", "sarif"]);
    let ran = finish(command.current_dir(program.path("services/shop")));
    let log: Value = serde_json::from_str(&ran.out).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert!(!results.is_empty(), "{ran:?}");
    for result in results {
        let uri = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert_eq!(uri, "services/shop/app.py", "{result}");
    }
}

#[test]
fn what_cannot_be_written_is_said_before_anything_is_done() {
    let program = Program::new();
    for (arguments, said) in [
        (["--output", "sarf=x"], "did you mean sarif?"),
        (["--output", "absent/report.sarif"], "there is no folder"),
        (["--output", "sarif="], "no file is named"),
        (["--format", "sarf"], "sarf"),
        (["--output", "report.pdf"], "install chromium"),
    ] {
        let ran = program.scan("http://127.0.0.1:1", &arguments);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains(said), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn a_pdf_is_printed_where_a_browser_is() {
    let Some(browser) = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .iter()
        .find(|path| Path::new(path).is_file())
    else {
        return;
    };
    let program = Program::new();
    program.write("app.py", SOURCE);
    let mut command = program.command(["code", "app.py", "--output", "report.pdf"]);
    let ran = finish(
        command.env("PLIMSOLL_CHROMIUM", browser).env("HOME", program.folder.path()).env("PATH", "/usr/bin:/bin"),
    );
    assert_eq!(ran.code, 1, "{ran:?}");
    let bytes = std::fs::read(program.path("report.pdf")).unwrap();
    assert!(bytes.starts_with(b"%PDF-") && bytes.len() > 10_000, "{}", bytes.len());
}

/// Credentials of twelve and more forms, by name. They are put together here, so that no scanner of secrets takes this file for a leak.
fn planted() -> Vec<(&'static str, String)> {
    let key = "MIIEowIBAAKCAQEAplimsollplanted0123456789abcdefghijklmnopqrstuvwx";
    vec![
        ("bearer", "pl1ms.bearer-7f93c1d0aa".to_owned()),
        ("basic", "Y2FwdGFpbjpoNHJib3VyLW00c3Rlcg==".to_owned()),
        ("cookie", "5e1f88c0sess77ab99".to_owned()),
        ("header of an API key", "k-9c41f07be2d84a55".to_owned()),
        ("key in a query", "qk8812ffab0c9d".to_owned()),
        ("JWT", ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiJwbGFudGVkIn0", "Zm9yZ2VkLXNpZ25hdHVyZQ"].join(".")),
        ("AWS key id", ["AKIA", "Q3EGRX7YPLMNOTRL"].concat()),
        ("AWS secret", "wJalrXUtnFEMIK7MDENGbPxRfiCYplimsollkey1".to_owned()),
        ("password in a URL", "h4rbour-m4ster-77".to_owned()),
        ("private key", key.to_owned()),
        ("GitHub token", ["ghp", "_16C7e42F292c6912E7710c838347Ae178B4a"].concat()),
        ("Slack webhook", ["T0PLIMSLL", "B0PLIMSLL", "cccDDD111eeeFFF222"].join("/")),
        ("connection string", "c0nn3ct-Str1ng".to_owned()),
        ("Stripe key", ["sk", "_live_4eC39HqLyjWDarjtT1zdp7dc"].concat()),
        ("named value", "n4med-v4lue-0031".to_owned()),
    ]
}

/// Sentences as programs write them, each with a credential.
fn said(planted: &[(&str, String)]) -> Vec<String> {
    let of = |name: &str| planted.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str()).unwrap();
    vec![
        format!("Authorization: Bearer {}", of("bearer")),
        format!("authorization: Basic {}", of("basic")),
        format!("Set-Cookie: session={}; Path=/; HttpOnly", of("cookie")),
        format!("X-Api-Key: {}", of("header of an API key")),
        format!("GET /orders?limit=5&api_key={} failed", of("key in a query")),
        format!("token {} is expired", of("JWT")),
        format!("aws_access_key_id={}", of("AWS key id")),
        format!("aws_secret_access_key = \"{}\"", of("AWS secret")),
        format!("postgres://captain:{}@db.internal/orders", of("password in a URL")),
        format!("-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----", of("private key")),
        format!("git clone with {}", of("GitHub token")),
        format!("https://hooks.slack.com/services/{}", of("Slack webhook")),
        format!("Server=db;User Id=sa;Password={};Encrypt=yes", of("connection string")),
        format!("stripe: {}", of("Stripe key")),
        format!("{{\"password\": \"{}\"}}", of("named value")),
    ]
}

/// A client and a growing list for each request, and credentials in the lines that are quoted.
const SOURCE: &str = "\
import boto3
from fastapi import FastAPI

app = FastAPI()
SEEN = []


@app.get(\"/orders\")
def orders(q: str):
    table = boto3.resource(\"dynamodb\").Table(\"orders\")
    SEEN.append({\"q\": q})
    return table.scan()[\"Items\"]
";

#[track_caller]
fn nothing_in(planted: &[(&str, String)], ran: &Ran, files: &[(String, String)]) {
    let streams = [("standard output".to_owned(), ran.out.clone()), ("standard error".to_owned(), ran.err.clone())];
    for (output, text) in files.iter().chain(&streams) {
        for (name, value) in planted {
            let escaped = Value::from(value.as_str()).to_string();
            for form in [value.as_str(), escaped.trim_matches('"')] {
                let at = text.find(form).map(|at| text[at.saturating_sub(90)..(at + 20).min(text.len())].to_owned());
                assert_eq!(at, None, "{output} holds the {name}");
            }
        }
    }
}

#[test]
fn credentials_that_a_target_tells_are_in_no_output() {
    let planted = planted();
    let lines = said(&planted);
    let summary = lines.join(" ");
    let answers =
        json!({"200": {"description": "ok", "content": {"application/json": {"schema": {"type": "object"}}}}});
    let mut paths = serde_json::Map::new();
    for path in ["/lines", "/error", "/move", "/head", "/config", "/list"] {
        let parameter = json!({"name": "limit", "in": "query", "schema": {"type": "integer"}, "description": summary, "example": 5});
        paths.insert(
            path.to_owned(),
            json!({"get": {"summary": summary, "parameters": [parameter], "responses": answers}}),
        );
    }
    let mut document = contract(&Value::Object(paths));
    document["info"]["description"] = summary.clone().into();
    document["servers"] = json!([{"url": "/"}, {"url": lines[8]}]);
    let text = lines.join("\n");
    let (told, served) = (planted.clone(), document.clone());
    let server = Server::start(move |asked| {
        let values: Vec<&str> = told.iter().map(|(_, value)| value.as_str()).collect();
        match asked.path.as_str() {
            "/openapi.json" => Answer::json(&served),
            "/lines" => Answer::json(
                &json!({"lines": text.lines().collect::<Vec<_>>(), "password": values[14], "token": values[5]}),
            ),
            "/error" => Answer::new(
                500,
                "text/plain",
                format!(
                    "Traceback (most recent call last):\n  File \"/srv/a.py\", line 1, in x\n    {text}\nValueError: {text}"
                ),
            ),
            "/move" => Answer::new(302, "text/plain", "").header("location", &format!("/lines?api_key={}", values[4])),
            "/head" => Answer::json(&json!({"ok": true}))
                .header("set-cookie", &format!("session={}", values[2]))
                .header("x-api-key", values[3])
                .header("authorization", &format!("Bearer {}", values[0])),
            "/config" => Answer::json(
                &json!({"database_url": format!("postgres://captain:{}@db/x", values[8]), "aws_access_key_id": values[6],
                "aws_secret_access_key": values[7], "private_key": format!("-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----", values[9]),
                "github": values[10], "webhook": format!("https://hooks.slack.com/services/{}", values[11]), "connection": format!("Server=db;Password={};", values[12]), "stripe": values[13]}),
            ),
            "/list" => Answer::json(&json!(
                (0..80).map(|n| json!({"id": n, "api_key": values[3], "session_token": values[5]})).collect::<Vec<_>>()
            )),
            _ => Answer::new(404, "application/json", json!({"detail": text}).to_string()),
        }
    });
    let program = Program::new();
    let ran = program.run(["scan", &server.url(), "--all"].into_iter().chain(all()));
    assert!(ran.code == 1, "{ran:?}");
    let files = written(&program);
    nothing_in(&planted, &ran, &files);
    assert!(files[0].1.contains("secret-exposed"), "it is found and told, without its value");
    program.write("openapi.json", document.to_string());
    let ran = program.run(["audit", "openapi.json", "--all"].into_iter().chain(all()));
    assert!(ran.code == 1, "{ran:?}");
    nothing_in(&planted, &ran, &written(&program));
}

#[test]
fn credentials_in_lines_of_code_are_in_no_output() {
    let planted = planted();
    let program = Program::new();
    let mut source = String::from("import boto3\nfrom fastapi import FastAPI\n\napp = FastAPI()\nSEEN = []\n");
    for (number, line) in said(&planted).iter().enumerate() {
        let text = Value::from(line.as_str()).to_string();
        // The credential stands on each of the lines that are quoted.
        source.push_str(&format!(
            "\n\n@app.get(\"/orders{number}\")\ndef orders{number}(q: str):\n    table = boto3.resource(\"dynamodb\").Table({text})\n    \
             SEEN.append([q, {text}])\n    return table.scan(FilterExpression={text})[\"Items\"]\n"
        ));
    }
    program.write("app.py", source);
    let ran = program.run(["code", "app.py", "--all"].into_iter().chain(all()));
    assert!(ran.code == 1, "{ran:?}");
    let files = written(&program);
    assert!(files[0].1.contains("SEEN.append"), "lines are quoted");
    nothing_in(&planted, &ran, &files);
}
