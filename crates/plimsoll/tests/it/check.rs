//! `plimsoll check` as its users meet it: a small application with one leak, looked at from every side; what cannot be looked at; and a change in it.
//! Afterwards nothing of an application or an emulator is left.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{Program, Ran, finish, wait};

const APP: &str = r#""""Greets."""
from fastapi import FastAPI

from texts import text

app = FastAPI(title="Greeter", version="1")
SEEN = {}


@app.get("/greetings/{name}")
def greet(name: str) -> dict:
    SEEN[name] = text(name) * 100
    return {"greeting": text(name)}


@app.get("/health")
def health() -> dict:
    return {"ok": True}
"#;

const TEXTS: &str = "def text(name):\n    return f\"good day, {name}\"\n";

/// The Python that has FastAPI and uvicorn.
fn python() -> String {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/lab-venv/bin/python");
    assert!(python.is_file(), "scripts/setup.sh lab makes {}", python.display());
    python.display().to_string()
}

fn config() -> String {
    format!(
        "[memory]\ncommand = [{:?}, \"-m\", \"uvicorn\", \"app:app\", \"--port\", \"0\", \"--log-level\", \"warning\"]\ntime = \"20s\"\n\
         [memory.requests]\n\"GET /greetings/{{name}}\" = \"/greetings/n{{n}}\"\n",
        python()
    )
}

fn greeter() -> Program {
    let program = Program::new();
    program.write("app.py", APP);
    program.write("texts.py", TEXTS);
    program.write("plimsoll.toml", config());
    program
}

fn command(program: &Program, arguments: &[&str]) -> Command {
    let tag = program.folder.path().file_name().unwrap().to_owned();
    let mut command = program.command(["check"].iter().chain(arguments));
    command.envs(std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "HOME"));
    command.env("PLIMSOLL_TEST_TAG", tag);
    command
}

/// Runs the command, and sees that nothing that it started is left.
fn check(program: &Program, arguments: &[&str]) -> Ran {
    let ran = finish(&mut command(program, arguments));
    assert_eq!(left(program), Vec::<String>::new(), "left running: {ran:?}");
    ran
}

/// What still carries the tag of a program.
fn left(program: &Program) -> Vec<String> {
    let tag = program.folder.path().file_name().unwrap().to_string_lossy().into_owned();
    let wanted = format!("PLIMSOLL_TEST_TAG={tag}");
    let entries = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let carriers = entries.filter(|entry| {
        std::fs::read(entry.path().join("environ"))
            .is_ok_and(|text| text.split(|byte| *byte == 0).any(|entry| entry == wanted.as_bytes()))
    });
    carriers.map(|entry| std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default()).collect()
}

fn report(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

fn lane<'a>(report: &'a Value, vantage: &str) -> &'a Value {
    let lanes = report["lanes"].as_array().unwrap();
    lanes.iter().find(|lane| lane["vantage"] == vantage).unwrap_or_else(|| panic!("no {vantage}: {lanes:?}"))
}

fn incomplete(report: &Value) -> Vec<&str> {
    let why = report["incomplete"].as_array().map(Vec::as_slice).unwrap_or_default();
    why.iter().map(|why| why.as_str().unwrap()).collect()
}

#[test]
fn a_leak_is_seen_from_the_code_and_the_memory_and_is_one_issue() {
    let program = greeter();
    let ran = check(&program, &["--format", "json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let report = report(&ran);
    assert_eq!(incomplete(&report), Vec::<&str>::new());
    for vantage in ["contract", "wire", "code", "memory"] {
        assert_eq!(lane(&report, vantage)["ran"], true, "{report}");
    }
    let issues = report["issues"].as_array().unwrap();
    let about: Vec<&Value> = issues.iter().filter(|issue| issue["source"]["file"] == "app.py").collect();
    let leaks: Vec<&&Value> = about.iter().filter(|issue| issue["stage"] == "proven").collect();
    assert_eq!(leaks.len(), 1, "{about:?}");
    assert_eq!(leaks[0]["vantages"], serde_json::json!(["code", "memory"]), "{}", leaks[0]);
    assert_eq!(leaks[0]["source"]["line"], 12, "{}", leaks[0]);
    let kept: Value = serde_json::from_str(&program.read(".plimsoll/report.json")).unwrap();
    assert_eq!(kept, report);
    assert!(program.read(".plimsoll/report.html").starts_with("<!doctype html>"));
    assert!(program.read(".plimsoll/scan.ndjson").lines().count() > 5);
    assert_eq!(program.read(".plimsoll/.gitignore"), "*\n");
    // What a project lives with can be written down from here.
    let baseline = program.run(["baseline", "write"]);
    assert_eq!(baseline.code, 0, "{baseline:?}");
}

#[test]
fn only_the_sides_that_are_asked_for_are_looked_from() {
    let program = greeter();
    let ran = check(&program, &["--only", "code", "--format", "json"]);
    let report = report(&ran);
    let ran: Vec<bool> =
        ["contract", "wire", "code", "memory"].map(|side| lane(&report, side)["ran"].as_bool().unwrap()).to_vec();
    assert_eq!(ran, [false, false, true, false]);
    assert_eq!((&report["complete"], &report["cost"]["requests"]), (&Value::Bool(true), &Value::from(0)));
    assert_eq!(lane(&report, "memory")["why"][0], "not asked for");
}

#[test]
fn what_cannot_be_looked_at_is_said_before_anything_is_done() {
    let empty = || Program::new();
    let with = |config: &str| {
        let program = Program::new();
        program.write("plimsoll.toml", config);
        program
    };
    let emulator = "[memory]\ncommand = [\"true\"]\n[emulator]\ndynamodb = true\n";
    for (program, arguments, said) in [
        (empty(), &[][..], "there is no plimsoll.toml; plimsoll init writes one"),
        (empty(), &["--config", "none.toml"], "there is no none.toml"),
        (with(""), &[], "plimsoll.toml gives nothing to look at; write target.url"),
        (with(""), &["--only", "memory"], "does not make memory possible; memory.command says how"),
        (with("[memory]\ncommand = [\"true\"]\n"), &["--max-time", "soon"], "\"soon\" is no duration"),
        (with("[emulator]\ndynamo = true\n"), &[], "did you mean `dynamodb`?"),
        (with("[audit]\ndocuments = [\"https://example.com/api.json\"]\n"), &[], "is a URL; plimsoll audit --fetch"),
        (with("[code]\npaths = [\"nowhere\"]\n"), &[], "nowhere"),
        (with("[target]\nurl = \"ftp://127.0.0.1\"\n"), &[], "is neither http nor https"),
        (greeter(), &["--changed-since", "HEAD"], "git cannot compare with \"HEAD\""),
        (greeter(), &["--new-only"], "--new-only needs a baseline"),
    ] {
        let ran = check(&program, arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {ran:?}");
        assert!(ran.diagnostic().contains(said), "{arguments:?}: {ran:?}");
        assert!(!program.path(".plimsoll").exists(), "{arguments:?}");
    }
    let program = with(emulator);
    let ran = finish(command(&program, &[]).env("PATH", program.folder.path()));
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.diagnostic().contains("no emulator is on PATH (looked for dynoxide, dynamodb-local, moto_server)"));
}

#[test]
fn an_application_that_does_not_start_leaves_the_run_incomplete_and_the_code_read() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let dies = "import sys; sys.exit(\"the table orders does not exist\")";
    let takes = format!("import socket; socket.create_server((\"127.0.0.1\", {port}))");
    for (program, more, said) in [
        (dies, String::new(), "the target ended with exit code 1 before it answered; it said: the table orders"),
        (&takes, format!("port = {port}\n"), "is held by process"),
    ] {
        let project = Program::new();
        project.write("sound.py", "def text(name):\n    return name\n");
        let command = format!("[memory]\ncommand = [\"python3\", \"-c\", '''{program}''']\n{more}");
        project.write("plimsoll.toml", command);
        let ran = check(&project, &["--format", "json"]);
        assert_eq!(ran.code, 3, "{ran:?}");
        let report = report(&ran);
        let why = incomplete(&report);
        assert_eq!(why.len(), 2, "{why:?}");
        assert!(why[0].starts_with("wire: ") && why[1].starts_with("memory: "), "{why:?}");
        assert!(why.iter().all(|why| why.contains(said) && !why.contains('\n')), "{why:?}");
        assert_eq!(lane(&report, "code")["ran"], true);
    }
    let project = Program::new();
    project.write("plimsoll.toml", "[memory]\ncommand = [\"uvicornn\", \"shop:app\"]\n");
    let ran = check(&project, &[]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.out.contains("command not found: uvicornn"), "{ran:?}");
}

/// Answers where the store is; does not start without one.
const ON_A_STORE: &str = r#"
import http.server, json, os
STORE = os.environ["STORE"]
assert STORE == open("seeded").read().strip() and os.environ["AWS_ACCESS_KEY_ID"] == "emulator"
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/health": {"get": {"responses": {
            "200": {"description": "ok", "content": {"application/json": {}}}}}}}}).encode()
        self.send_response(200 if self.path in ("/health", "/openapi.json") else 404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler).serve_forever()
"#;

#[test]
fn an_emulator_is_started_filled_and_ended() {
    let program = Program::new();
    program.write("serve", ON_A_STORE);
    let config = |seed: &str| {
        format!(
            "[memory]\ncommand = [\"python3\", \"serve\"]\n[emulator]\ndynamodb = true\n\
             command = [\"python3\", \"-m\", \"http.server\", \"--bind\", \"127.0.0.1\", \"{{port}}\"]\n\
             seed = [\"sh\", \"-c\", {seed:?}]\nendpoint_variable = \"STORE\"\n"
        )
    };
    program.write("plimsoll.toml", config("echo $STORE > seeded"));
    let ran = check(&program, &["--no-memory", "--format", "json", "--exit-zero"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(lane(&report(&ran), "wire")["ran"], true);
    program.write("plimsoll.toml", config("echo no such table >&2; exit 9"));
    let ran = check(&program, &["--no-memory", "--format", "json", "--exit-zero"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let report = report(&ran);
    let why = incomplete(&report);
    assert!(why[0].starts_with("wire: the emulator was not filled: ") && why[0].contains("no such table"), "{why:?}");
}

#[test]
fn an_interrupted_check_ends_everything_and_keeps_the_last_report() {
    let program = greeter();
    assert_eq!(check(&program, &["--only", "code"]).code, 1);
    let before = program.read(".plimsoll/report.json");
    let begun = Instant::now();
    let mut command = command(&program, &["--format", "json", "--exit-zero"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("measuring http")));
    std::thread::sleep(Duration::from_secs(1));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let ran = wait(child, begun);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert_eq!(incomplete(&report(&ran)), ["memory: interrupted"]);
    assert_eq!(left(&program), Vec::<String>::new());
    assert_eq!(program.read(".plimsoll/report.json"), before);
}

fn git(program: &Program, arguments: &[&str]) {
    let identity = ["-c", "user.name=anna", "-c", "user.email=anna@example.org"];
    let mut git = Command::new("git");
    git.arg("-C").arg(program.folder.path()).args(identity).args(arguments);
    assert!(git.status().unwrap().success(), "{arguments:?}");
}

#[test]
fn only_what_a_change_can_have_changed_is_looked_at_again() {
    let program = greeter();
    git(&program, &["init", "-q"]);
    git(&program, &["add", "app.py", "texts.py", "plimsoll.toml"]);
    git(&program, &["commit", "-q", "-m", "all"]);
    let whole = report(&check(&program, &["--no-memory", "--format", "json"]));
    let again = |program: &Program| {
        let ran = check(program, &["--no-memory", "--changed-since", "HEAD", "--format", "json"]);
        (report(&ran), ran.code)
    };
    let requests = |report: &Value| report["cost"]["requests"].as_u64().unwrap();
    let of = |report: &Value, path: &str| {
        let findings = report["findings"].as_array().unwrap().iter();
        let mut names: Vec<String> = findings
            .filter(|finding| finding["vantage"] == "wire" && finding["operation"]["path"] == path)
            .map(|finding| finding["fingerprint"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    };
    // Nothing was changed: nothing is started, and what is known stays.
    let (report, _) = again(&program);
    assert_eq!((lane(&report, "wire")["ran"].as_bool(), requests(&report)), (Some(false), 0), "{report}");
    assert!(lane(&report, "wire")["why"][0].as_str().unwrap().starts_with("nothing was changed since HEAD"));
    for path in ["/greetings/{name}", "/health"] {
        assert_eq!(of(&report, path), of(&whole, path));
    }
    // What only one operation runs was changed.
    program.write("texts.py", TEXTS.replace("good day", "good morning"));
    let (report, _) = again(&program);
    assert_eq!(lane(&report, "wire")["ran"], true);
    assert!(requests(&report) < requests(&whole), "{} {}", requests(&report), requests(&whole));
    let notes = report["notes"].to_string();
    assert!(notes.contains("GET /greetings/{name}") && !notes.contains("/health"), "{notes}");
    let skipped = report["coverage"]["skipped"].to_string();
    assert!(skipped.contains("GET /health") && skipped.contains("those of the report of 20"), "{skipped}");
    assert_eq!(of(&report, "/health"), of(&whole, "/health"));
    // The leak is not of the change, and nobody measured it.
    assert!(report["findings"].as_array().unwrap().iter().all(|finding| finding["vantage"] != "code"), "{report}");
    program.write("app.py", APP.replace("text(name) * 100", "text(name) * 200"));
    let (report, code) = again(&program);
    let found = report["findings"].as_array().unwrap().iter().any(|finding| finding["vantage"] == "code");
    assert!(found && code == 1, "{report}");
}
