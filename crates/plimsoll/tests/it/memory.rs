//! `plimsoll memory` as its users meet it: known leaks of known sizes, and targets that misbehave. Afterwards nothing of a target is left.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{Program, Ran, finish};

const PYTHON: &str = "python3";

fn target(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../memory/tests/targets")
        .join(name)
        .canonicalize()
        .unwrap()
        .display()
        .to_string()
}

/// The server that is no Python, built with the tests.
fn compiled() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    tests.parent().unwrap().parent().unwrap().join("examples/leaks")
}

/// Runs the command on a target that carries a tag, and sees that nothing with the tag is left when it has ended.
fn measure(program: &Program, options: &[&str], command: &[&str]) -> Ran {
    let tag = program.folder.path().file_name().unwrap().to_string_lossy().into_owned();
    let mut run = program.command(["memory", "--quiet"].iter().chain(options).chain(&["--"]).chain(command));
    // A target needs to find its interpreter.
    run.env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .envs(std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "HOME"));
    let ran = finish(run.env("PLIMSOLL_TEST_TAG", &tag));
    assert_eq!(left(&tag), Vec::<String>::new(), "left running: {ran:?}");
    ran
}

/// What still carries the tag.
fn left(tag: &str) -> Vec<String> {
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

fn operation<'a>(report: &'a Value, path: &str) -> &'a Value {
    let memory = report["memory"].as_array().unwrap();
    memory.iter().find(|entry| entry["operation"]["path"] == path).unwrap_or_else(|| panic!("no {path}: {memory:?}"))
}

/// The rate of an operation, with its interval.
fn rate(report: &Value, path: &str) -> [f64; 3] {
    let interval = &operation(report, path)["bytes_per_request"];
    ["low", "value", "high"].map(|end| interval[end].as_f64().unwrap())
}

#[test]
fn a_leak_of_256_bytes_is_found_by_the_agent() {
    let program = Program::new();
    let ran = measure(
        &program,
        &["--format", "json", "--concurrency", "1", "--smallest", "200"],
        &[PYTHON, &target("leaks.py"), "256"],
    );
    assert_eq!(ran.code, 1, "{ran:?}");
    let report = report(&ran);
    let leak = operation(&report, "/leak");
    assert_eq!(leak["verdict"], "leak", "{leak}");
    assert_eq!(leak["signal"], "live");
    assert!(leak["requests"].as_u64().unwrap() <= 5_000, "{leak}");
    // Requests that do nothing leave some bytes behind in this server, too; they are taken off.
    let [low, value, high] = rate(&report, "/leak");
    assert!(low <= 260.0 && high >= 236.0 && (value - 256.0).abs() < 40.0, "{low} {value} {high}");
    assert_ne!(operation(&report, "/idle")["verdict"], "leak", "{}", operation(&report, "/idle"));
}

#[test]
fn a_leak_of_4_kib_is_found_from_outside() {
    for command in [
        vec![PYTHON.to_owned(), target("leaks.py"), "4096".to_owned()],
        vec![compiled().display().to_string(), "4096".to_owned()],
    ] {
        let program = Program::new();
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        let ran = measure(&program, &["--format", "json", "--no-agent"], &command);
        let report = report(&ran);
        let leak = operation(&report, "/leak");
        assert_eq!((leak["verdict"].as_str(), leak["signal"].as_str()), (Some("leak"), Some("uss")), "{leak}");
        assert!(leak["requests"].as_u64().unwrap() <= 5_000, "{leak}");
        let [low, value, high] = rate(&report, "/leak");
        assert!(
            low <= 4_200.0 && high >= 4_000.0 && (value - 4_096.0).abs() < 600.0,
            "{command:?}: {low} {value} {high}"
        );
        assert_ne!(operation(&report, "/idle")["verdict"], "leak", "{}", operation(&report, "/idle"));
        assert_eq!(ran.code, 1, "{ran:?}");
    }
}

#[test]
fn a_fix_is_told_from_a_leak() {
    let program = Program::new();
    let only = ["--operation", "GET /leak", "--time", "60s"];
    let big =
        measure(&program, &[&only[..], &["--output", "before.json"]].concat(), &[PYTHON, &target("leaks.py"), "4096"]);
    assert_eq!(big.code, 1, "{big:?}");
    let compare = [&only[..], &["--compare", "before.json", "--format", "json"]].concat();
    for (size, change) in [("4096", "same"), ("512", "smaller")] {
        let ran = measure(&program, &compare, &[PYTHON, &target("leaks.py"), size]);
        let report = report(&ran);
        assert_eq!(report["memory_changes"][0]["change"], change, "{size}: {ran:?}");
        // What nobody asked for is no part of what was reached, nor of what was not.
        let counts = &report["coverage"]["operations"];
        assert_eq!((&counts["found"], &counts["reached"]), (&1.into(), &1.into()), "{counts}");
    }
}

#[test]
fn targets_that_do_not_come_up_end_in_one_line() {
    let misbehave = target("misbehave.py");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (options, command, code, said) in [
        (&[][..], vec!["uvicornn", "shop:app"], 2, "command not found: uvicornn"),
        (&[], vec![PYTHON, &misbehave, "dies-at-once"], 3, "the table `orders` does not exist"),
        (&["--ready-within", "2s"], vec![PYTHON, &misbehave, "mute"], 3, "listens on no TCP port after 2 s"),
        (&["--ready-within", "2s"], vec![PYTHON, &misbehave, "deaf"], 3, "answers no HTTP request"),
        (&["--port", &port], vec![PYTHON, &misbehave, "takes", &port], 3, "is held by process"),
    ] {
        let ran = measure(&Program::new(), options, &command);
        assert_eq!(ran.code, code, "{command:?}: {ran:?}");
        assert!(ran.diagnostic().contains(said), "{command:?}: {ran:?}");
        assert!(ran.took < Duration::from_secs(20), "{command:?}: {:?}", ran.took);
    }
}

/// The misbehaving target has no contract; these are the requests that make it misbehave.
const CONTRACT: &str = r#"{"openapi": "3.1.0", "info": {"title": "Trouble", "version": "1"}, "paths": {
    "/": {"get": {"responses": {"200": {"description": "ok"}}}},
    "/PATH": {"get": {"parameters": [{"name": "go", "in": "query", "required": true, "schema": {"type": "string", "format": "uuid"}}], "responses": {"200": {"description": "ok"}}}}}}"#;

/// Drives one bad path, which exploration does not know the way to.
fn trouble(options: &[&str], way: &[&str], path: &str) -> (Ran, Value) {
    let program = Program::new();
    program.write("openapi.json", CONTRACT.replace("/PATH", path));
    program.write("plimsoll.toml", format!("[memory.requests]\n\"GET {path}\" = \"{path}?go={{n}}\"\n"));
    let misbehave = target("misbehave.py");
    let only = format!("GET {path}");
    let options =
        [&["--spec", "openapi.json", "--format", "json", "--time", "20s", "--operation", &only][..], options].concat();
    let ran = measure(&program, &options, &[&[PYTHON, &misbehave][..], way].concat());
    let report = report(&ran);
    assert_eq!((ran.code, &report["complete"]), (3, &Value::Bool(false)), "{ran:?}");
    (ran, report)
}

#[test]
fn a_target_that_dies_is_reported_with_what_was_under_way() {
    let (ran, report) = trouble(&[], &["sound"], "/die");
    let why = report["incomplete"][0].as_str().unwrap();
    assert!(why.starts_with("the target ended with exit code 7") && why.contains("it was asked to die"), "{why}");
    assert!(ran.took < Duration::from_secs(30), "{:?}", ran.took);
    let (_, report) = trouble(&[], &["sound"], "/abort");
    let why = report["incomplete"][0].as_str().unwrap();
    assert!(why.starts_with("the target was killed by SIGKILL"), "{why}");
}

#[test]
fn a_target_that_outgrows_its_limit_is_ended() {
    let (ran, report) = trouble(&["--memory-limit", "200MiB"], &["sound"], "/grow");
    let why = report["incomplete"][0].as_str().unwrap();
    assert!(why.contains("over its memory limit of 200 MiB") || why.contains("ran out of memory"), "{why}");
    assert!(why.contains("GET /grow"), "{why}");
    assert!(ran.took < Duration::from_secs(30), "{:?}", ran.took);
}

#[test]
fn a_target_that_hangs_on_the_way_ends_in_time() {
    let (ran, _) = trouble(&[], &["sound"], "/hang");
    assert!(ran.took < Duration::from_mins(1), "{:?}", ran.took);
}

#[test]
fn a_target_whose_interpreter_is_blocked_ends_in_time() {
    let (ran, _) = trouble(&[], &["sound"], "/block");
    assert!(ran.took < Duration::from_mins(1), "{:?}", ran.took);
}

#[test]
fn a_target_that_loses_what_it_stands_on_is_incomplete() {
    let program = Program::new();
    program.write("openapi.json", CONTRACT.replace("/PATH", "/none").replace("\"/\":", "\"/flaky\":"));
    let options = ["--spec", "openapi.json", "--format", "json", "--time", "20s", "--operation", "GET /flaky"];
    let ran = measure(&program, &options, &[PYTHON, &target("misbehave.py"), "sound"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let why = report(&ran)["incomplete"][0].as_str().unwrap().to_owned();
    assert_eq!(why, "the target answered at first, and then with errors (5xx): GET /flaky");
}

#[test]
fn a_target_that_misbehaves_and_answers_is_measured_all_the_same() {
    let misbehave = target("misbehave.py");
    for way in [&["chatty"][..], &["stubborn"], &["tree"], &["homeless"]] {
        let program = Program::new();
        std::fs::create_dir(program.path("home")).unwrap();
        program.write("openapi.json", CONTRACT.replace("/PATH", "/none"));
        let options = [
            "--spec",
            "openapi.json",
            "--format",
            "json",
            "--time",
            "20s",
            "--operation",
            "GET /",
            "--cwd",
            "home",
            "--output",
            "out.json",
        ];
        let ran = measure(&program, &options, &[&[PYTHON, &misbehave][..], way].concat());
        assert!([0, 3].contains(&ran.code), "{way:?}: {ran:?}");
        assert_ne!(operation(&report(&ran), "/")["verdict"], "leak", "{way:?}: {}", ran.out);
        assert!(program.path("out.json").is_file());
    }
}

#[test]
fn an_interrupted_run_ends_what_it_started() {
    for signal in ["INT", "TERM"] {
        let program = Program::new();
        let tag = program.folder.path().file_name().unwrap().to_string_lossy().into_owned();
        let mut command = program.command(["memory", "--format", "json", "--", PYTHON, &target("leaks.py"), "64"]);
        command
            .envs(std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "HOME"))
            .env("PLIMSOLL_TEST_TAG", &tag);
        let begun = Instant::now();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // What it says on the way shows that measuring has begun.
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("2 operations")), "{signal}");
        std::thread::sleep(Duration::from_secs(1));
        let pid = child.id().to_string();
        assert!(std::process::Command::new("kill").args([&format!("-{signal}"), &pid]).status().unwrap().success());
        let ran = crate::program::wait(child, begun);
        assert_eq!(ran.code, 3, "{signal}: {ran:?}");
        assert_eq!(report(&ran)["incomplete"][0], "interrupted", "{ran:?}");
        assert!(ran.took < Duration::from_secs(15), "{:?}", ran.took);
        assert_eq!(left(&tag), Vec::<String>::new());
    }
}

#[test]
fn what_cannot_be_measured_is_said_before_anything_is_started() {
    let program = Program::new();
    program.write("report.json", "{\"schema\": \"other\"}");
    let server = target("leaks.py");
    for (arguments, said) in [
        (vec!["memory"], "nothing to measure"),
        (vec!["memory", "--pid", "2147483647"], "there is no process 2147483647"),
        (vec!["memory", "--operation", "leak", "--", PYTHON, &server, "64"], "\"leak\" is no operation"),
        (vec!["memory", "--limit", "much", "--", PYTHON, &server, "64"], "\"much\" is no size"),
        (vec!["memory", "--compare", "none.json", "--", PYTHON, &server, "64"], "cannot read none.json"),
        (
            vec!["memory", "--compare", "report.json", "--", PYTHON, &server, "64"],
            "report.json is no report of plimsoll",
        ),
        (vec!["memory", "--har", "none.har", "--", PYTHON, &server, "64"], "cannot read none.har"),
        (vec!["memory", "--env", "=x", "--", PYTHON, &server, "64"], "is not of the form NAME=VALUE"),
        (vec!["memory", "--cgroup", "/nowhere", "--url", "http://127.0.0.1:9"], "cannot read /nowhere/memory.stat"),
    ] {
        let ran = program.run(&arguments);
        assert!(ran.code == 2 || ran.code == 3, "{arguments:?}: {ran:?}");
        assert!(ran.diagnostic().contains(said), "{arguments:?}: {ran:?}");
    }
}
