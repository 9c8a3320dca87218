//! From a URL to a report, and the exit code that goes with it.

use serde_json::{Value, json};

use crate::program::Program;
use crate::server::{Answer, Server, contract, faulty};

#[test]
fn a_faulty_server_fails_the_gate() {
    let server = Server::start(faulty);
    let program = Program::new();
    let ran = program.scan(&server.url(), &["--format", "json", "--output", "page.html"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{ran:?}");
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["schema"], "plimsoll.report/1");
    assert_eq!(report["complete"], true);
    let lists = |issue: &&Value| issue["weakness"] == "unbounded-read" && issue["operations"][0]["path"] == "/orders";
    assert!(report["issues"].as_array().unwrap().iter().any(|issue| lists(&issue)), "{}", report["issues"]);
    assert!(ran.took.as_secs() < 20, "{:?}", ran.took);
    // The same run without a gate, and with a gate that nothing reaches.
    assert_eq!(program.scan(&server.url(), &["--exit-zero"]).code, 0);
}

#[test]
fn a_sound_server_passes_the_gate() {
    let server = Server::sound(6);
    let ran = Program::new().scan(&server.url(), &[]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert!(ran.out.contains("6 operations"), "{}", ran.out);
}

#[test]
fn the_plan_is_told_before_anything_is_sent() {
    let server = Server::sound(2);
    let ran = Program::new().run(["scan", &server.url(), "--max-requests", "40", "--max-time", "30s"]);
    let mut lines = ran.err.lines();
    assert!(lines.next().unwrap().contains("127.0.0.1 (local)"), "{}", ran.err);
    let budget = lines.next().unwrap();
    for part in
        ["40 requests", "30 s", "64.0 MiB per operation", "GET, HEAD, OPTIONS, queries of GraphQL and JSON-RPC only"]
    {
        assert!(budget.contains(part), "{budget}");
    }
}

#[test]
fn an_unreachable_target_is_an_incomplete_run() {
    // A port that was free a moment ago.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let ran = Program::new().run(["scan", &format!("http://{address}")]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let told: Vec<&str> = ran.err.lines().filter(|line| line.contains("cannot be reached")).collect();
    assert_eq!(told.len(), 1, "{}", ran.err);
    assert!(ran.out.contains("not graded") && ran.out.contains("INCOMPLETE"), "{}", ran.out);
}

#[test]
fn a_target_where_nothing_is_found_never_passes() {
    let server = Server::start(|_| Answer::missing());
    let ran = Program::new().scan(&server.url(), &[]);
    assert_eq!(ran.code, 3, "{}", ran.out);
    assert!(ran.out.contains("--spec"), "{}", ran.out);
}

#[test]
fn a_contract_without_operations_tests_nothing() {
    let server = Server::start(faulty);
    let program = Program::new();
    for (name, text) in [
        ("none.json", contract(&json!({})).to_string()),
        ("bare.yaml", "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n".to_owned()),
        ("null.yaml", "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: null\n".to_owned()),
        ("text.yaml", "to whom it may concern\n".to_owned()),
        ("empty.json", String::new()),
    ] {
        let path = program.write(name, text);
        let ran = program.scan(&server.url(), &["--spec", path.to_str().unwrap()]);
        assert_eq!(ran.code, 2, "{name}: {ran:?}");
        assert!(ran.diagnostic().contains(name), "{}", ran.err);
    }
    assert!(server.asked().is_empty(), "nothing is sent for a contract that cannot be used");
    let ran = program.scan(&server.url(), &["--spec", "absent.yaml"]);
    assert!(ran.code == 2 && ran.diagnostic().contains("absent.yaml"), "{ran:?}");
}

#[test]
fn the_report_of_a_file_has_the_form_of_its_name() {
    let server = Server::sound(2);
    let program = Program::new();
    let ran = program.scan(&server.url(), &["--output", "r.json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(serde_json::from_str::<Value>(&program.read("r.json")).unwrap()["schema"], "plimsoll.report/1");
    let left: Vec<_> = std::fs::read_dir(program.folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["r.json"], "nothing else is left behind");
}
