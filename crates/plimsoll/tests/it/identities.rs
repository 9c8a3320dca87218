//! Identities from the command line to the report: who is sent as whom, what is shown, and what cannot be used.

use serde_json::{Value, json};

use crate::program::{Program, finish};
use crate::server::{Answer, Asked, Server, contract};

const ALICE: &str = "al1ce-t0ken-5d7f";
const ROOT: &str = "r00t-t0ken-91ac";
const PASSWORD: &str = "h4rbour-m4ster-77";

/// A yard whose list of users forgets to ask for the role.
fn yard(asked: &Asked) -> Answer {
    let told = asked.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or("");
    let role = match told {
        _ if told == format!("Bearer {ALICE}") => Some("user"),
        _ if told == format!("Bearer {ROOT}") => Some("admin"),
        _ => None,
    };
    let users = json!([{"id": 1, "email": "a@corp.example", "name": "Anna"}, {"id": 2, "email": "b@corp.example", "name": "Ben"}]);
    match (asked.path.as_str(), role) {
        ("/openapi.json", _) => Answer::json(&contract(&json!({
            "/admin/users": {"get": {}}, "/admin/orders": {"get": {}}, "/products": {"get": {}}, "/login": {"post": {}},
        }))),
        ("/login", _) if asked.method == "POST" => Answer::json(&json!({"token": ROOT})),
        ("/products", _) => Answer::json(&json!([{"id": 1, "name": "rope"}])),
        ("/admin/users" | "/admin/orders", None) => Answer::new(401, "application/json", r#"{"detail": "sign in"}"#),
        ("/admin/users", _) => Answer::json(&users),
        ("/admin/orders", Some("user")) => Answer::new(403, "application/json", r#"{"detail": "no"}"#),
        ("/admin/orders", _) => Answer::json(&json!([{"id": 1, "total": 3.5, "note": format!("of {told}")}])),
        _ => Answer::missing(),
    }
}

fn arguments(url: &str) -> Vec<String> {
    let words = [
        "scan",
        url,
        "--as",
        "alice=Authorization: Bearer $ALICE",
        "--as",
        "alice=role:user",
        "--as",
        "root=Authorization: Bearer $ROOT",
        "--as",
        "root=role:admin",
        "--format",
        "json",
        "--record",
        "run.ndjson",
    ];
    words.map(str::to_owned).to_vec()
}

#[test]
fn what_identities_show_and_what_they_do_not() {
    let server = Server::start(yard);
    let program = Program::new();
    let ran = finish(program.command(arguments(&server.url())).env("ALICE", ALICE).env("ROOT", ROOT));
    assert_eq!(ran.code, 1, "{ran:?}");
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let reached =
        report["findings"].as_array().unwrap().iter().find(|finding| finding["check"] == "admin-function-reached");
    let reached = reached.unwrap_or_else(|| panic!("{}", report["findings"]));
    assert_eq!((&reached["operation"]["path"], &reached["severity"]), (&json!("/admin/users"), &json!("high")));
    assert!(reached["evidence"][0]["curl"].as_str().unwrap().contains("\"${ALICE}\""), "{reached}");
    let names: Vec<&Value> =
        report["access"]["identities"].as_array().unwrap().iter().map(|identity| &identity["name"]).collect();
    assert_eq!(names, ["anonymous", "alice", "root"]);
    let row = |path: &str| -> Vec<Value> {
        let rows = report["access"]["operations"].as_array().unwrap();
        rows.iter().find(|row| row["operation"]["path"] == path).unwrap()["cells"].as_array().unwrap().clone()
    };
    let told =
        |cells: &[Value]| cells.iter().map(|cell| cell["access"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(told(&row("/admin/orders")), ["refused", "refused", "allowed"]);
    assert_eq!(told(&row("/products")), ["allowed", "allowed", "allowed"]);
    let marked: Vec<bool> = row("/admin/users").iter().map(|cell| cell["deviates"] == true).collect();
    assert_eq!(marked, [false, true, false]);
    assert_eq!(program.run(["replay", "run.ndjson", "--output", "page.html"]).code, 1);
    let page = program.read("page.html");
    assert!(page.contains("Who reaches what") && page.contains("200 !"));
    for text in [&ran.out, &ran.err, &page, &program.read("run.ndjson")] {
        assert!(!text.contains(ALICE) && !text.contains(ROOT));
    }
    let again = program.run(["replay", "run.ndjson", "--format", "json"]);
    assert!(again.out == ran.out, "a replay says the same, byte for byte");
    // Every request carried the credentials of one at most.
    for asked in server.asked() {
        let told = format!("{:?}", asked.headers);
        assert!(!(told.contains(ALICE) && told.contains(ROOT)), "{told}");
    }
}

#[test]
fn an_issue_is_repeated_as_those_whom_it_is_about() {
    let server = Server::start(yard);
    let program = Program::new();
    let ran = finish(program.command(arguments(&server.url())).env("ALICE", ALICE).env("ROOT", ROOT));
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let issues = report["issues"].as_array().unwrap();
    let issue = issues.iter().find(|issue| issue["weakness"] == "broken-function-authorization").unwrap();
    let id = issue["id"].as_str().unwrap();
    let again = finish(program.command(["replay", "run.ndjson", "--send", id]).env("ALICE", ALICE).env("ROOT", ROOT));
    assert_eq!(again.code, 1, "{again:?}");
    assert!(again.out.contains("still there"), "{}", again.out);
    let without = finish(program.command(["replay", "run.ndjson", "--send", id]).env("ROOT", ROOT));
    assert_eq!(without.code, 3, "{without:?}");
    assert!(without.out.contains("no variable ALICE"), "{}", without.out);
    let given = ["replay", "run.ndjson", "--send", id, "--as", "root=Authorization: Bearer $OTHER"];
    let given = finish(program.command(given).env("ALICE", ALICE).env("OTHER", ROOT));
    assert_eq!(given.code, 1, "{given:?}");
}

#[test]
fn logins_of_the_configuration() {
    let server = Server::start(yard);
    let program = Program::new();
    program.write(
        "plimsoll.toml",
        "[identity.alice]\nrole = \"user\"\nheader = \"Authorization: Bearer $ALICE\"\n[identity.root]\nrole = \"admin\"\n\
         login = { request = \"POST /login\", json = { username = \"root\", password = \"$PASSWORD\" }, token = \"/token\" }\n",
    );
    let scan = ["scan", &server.url(), "--record", "run.ndjson"];
    let ran = finish(program.command(scan).env("ALICE", ALICE).env("PASSWORD", PASSWORD));
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("signs in as root with POST /login"), "{}", ran.err);
    assert!(ran.out.contains("Functions for some roles are open to others"), "{}", ran.out);
    let logins = server.asked().iter().filter(|asked| asked.path == "/login").count();
    assert_eq!(logins, 1);
    for text in [&ran.out, &ran.err, &program.read("run.ndjson")] {
        assert!(![ALICE, ROOT, PASSWORD].iter().any(|secret| text.contains(secret)), "{text}");
    }
}

#[test]
fn a_login_that_fails_is_one_line_and_nothing_is_scanned() {
    let server = Server::start(|_| Answer::new(401, "application/json", "{}"));
    let program = Program::new();
    let login = |url: &str| {
        format!(
            "[target]\nurl = \"{url}\"\n[identity.a]\nlogin = {{ request = \"POST /login\", token = \"/token\" }}\n"
        )
    };
    program.write("plimsoll.toml", login(&server.url()));
    let ran = program.run(["scan", "--quiet"]);
    assert_eq!((ran.code, server.asked().len()), (2, 1), "{ran:?}");
    assert_eq!(ran.diagnostic(), "error: identity a: the login with POST /login failed: the answer is 401");
    program.write("plimsoll.toml", login("http://127.0.0.1:1"));
    assert_eq!(program.run(["scan", "--quiet"]).code, 3);
}

#[test]
fn identities_that_cannot_be_used_are_one_line_and_nothing_is_sent() {
    let server = Server::start(yard);
    let program = Program::new();
    for bad in [
        "alice",
        "=X: y",
        "anonymous=X: y",
        "a b=X: y",
        "alice=",
        "alice=NoColon",
        "alice=X: $UNSET_VARIABLE",
        "alice=X: $BROKEN",
        "alice=basic:nocolon",
        "alice=query:noequals",
        "alice=role:admin",
        "alice=X y: z",
    ] {
        let ran = finish(program.command(["scan", &server.url(), "--as", bad]).env("BROKEN", "a\r\nx-evil: 1"));
        assert_eq!(ran.code, 2, "{bad}: {ran:?}");
        ran.diagnostic();
    }
    assert_eq!(server.asked().len(), 0);
}
