//! `plimsoll audit`: exit codes, outputs, selection, standard input, several files, URLs, and what people give instead of a document.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::program::{Program, Ran, finish, wait};
use crate::server::{Answer, Server};

/// Long enough for a busy machine.
const AT_ONCE: Duration = Duration::from_secs(10);

const LIMIT: &str = "openapi: 3.0.3
info: {title: Orders, version: '1'}
servers: [{url: 'https://api.example.com', description: production}]
security: [{key: []}]
paths:
  /orders:
    get:
      parameters:
        - name: limit
          in: query
          schema: {type: integer}
      responses:
        '200': {description: ok}
components: {securitySchemes: {key: {type: http, scheme: bearer}}}
";

fn audit(program: &Program, arguments: &[&str]) -> Ran {
    program.run(["audit"].iter().chain(arguments))
}

fn report(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

fn checks(report: &Value) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().map(|finding| finding["check"].as_str().unwrap()).collect()
}

#[test]
fn findings_with_their_line_and_the_gate() {
    let program = Program::new();
    program.write("openapi.yaml", LIMIT);
    let ran = audit(&program, &["openapi.yaml", "--select", "limit-without-maximum"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("medium[limit-without-maximum]"), "{}", ran.out);
    assert!(ran.out.contains("openapi.yaml:11"), "{}", ran.out);
    assert!(ran.out.contains("schema: {type: integer}"), "{}", ran.out);
    assert!(ran.out.contains("1 operation: 1 finding (1 medium)."), "{}", ran.out);
    for pass in [&["--exit-zero"][..], &["--fail-on", "high"]] {
        let ran = audit(&program, &[&["openapi.yaml", "--select", "limit-without-maximum"], pass].concat());
        assert_eq!(ran.code, 0, "{pass:?}: {ran:?}");
    }
    // Where no rule is left, nothing is tested, and nothing passes.
    let ran = audit(&program, &["openapi.yaml", "--ignore", "all"]);
    assert_eq!(ran.code, 3, "{ran:?}");
}

#[test]
fn json_is_the_common_report() {
    let program = Program::new();
    program.write("openapi.yaml", LIMIT);
    let ran = audit(&program, &["openapi.yaml", "--format", "json", "--exit-zero"]);
    let report = report(&ran);
    assert_eq!(report["schema"], "plimsoll.report/1");
    assert_eq!(report["target"]["contract"], "openapi.yaml");
    assert_eq!(report["operations"][0]["origin"], "contract");
    let findings = report["findings"].as_array().unwrap();
    let limit = findings.iter().find(|finding| finding["check"] == "limit-without-maximum").unwrap();
    assert_eq!(limit["vantage"], "contract");
    assert_eq!(limit["spec"]["line"], 11);
    assert_eq!(limit["spec"]["pointer"], "/paths/~1orders/get/parameters/0/schema");
    assert!(report["score"].is_number() && report["grade"].is_string());
    assert_eq!(report["sizes"][0]["operation"]["path"], "/orders");
    // The worst come first.
    let order = ["critical", "high", "medium", "low", "info"];
    let ranks: Vec<_> = findings.iter().map(|f| order.iter().position(|s| f["severity"] == **s).unwrap()).collect();
    assert!(ranks.is_sorted(), "{ranks:?}");
}

#[test]
fn the_same_document_gives_the_same_report() {
    let program = Program::new();
    program.write("openapi.yaml", LIMIT);
    let run = || audit(&program, &["openapi.yaml", "--format", "json", "--exit-zero"]).out;
    assert_eq!(run(), run());
}

#[test]
fn files_beside_the_terminal() {
    let program = Program::new();
    program.write("openapi.yaml", LIMIT);
    for (name, part) in [("a.json", "plimsoll.report/1"), ("a.html", "<html"), ("a.txt", "limit-without-maximum")] {
        let ran = audit(&program, &["openapi.yaml", "--output", name, "--exit-zero"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(program.read(name).contains(part), "{name}");
    }
}

#[test]
fn standard_input() {
    let program = Program::new();
    let mut command = program.command(["audit", "-", "--format", "json", "--exit-zero"]);
    let begun = std::time::Instant::now();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(LIMIT.as_bytes()).unwrap();
    let ran = wait(child, begun);
    assert!(checks(&report(&ran)).contains(&"limit-without-maximum"), "{ran:?}");
    let ran = finish(&mut program.command(["audit", "-", "-"]));
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.diagnostic().contains("standard input"), "{ran:?}");
}

#[test]
fn several_files_of_one_document() {
    let program = Program::new();
    let text = LIMIT.replace(
        "        - name: limit\n          in: query\n          schema: {type: integer}\n",
        "        - $ref: 'parts/common.yaml#/limit'\n",
    );
    program.write("openapi.yaml", text);
    std::fs::create_dir(program.path("parts")).unwrap();
    program.write("parts/common.yaml", "limit:\n  name: limit\n  in: query\n  schema: {type: integer}\n");
    let arguments = ["openapi.yaml", "--select", "limit-without-maximum"];
    let ran = audit(&program, &arguments);
    assert!(ran.out.contains("parts/common.yaml:4"), "{}", ran.out);
    let ran = audit(&program, &[&arguments[..], &["--format", "json"]].concat());
    assert_eq!(report(&ran)["findings"][0]["spec"]["file"], "parts/common.yaml");
}

#[test]
fn several_documents() {
    let program = Program::new();
    program.write("a.yaml", LIMIT);
    program.write("b.yaml", LIMIT);
    let ran = audit(&program, &["a.yaml", "b.yaml", "--select", "limit-without-maximum", "--format", "json"]);
    let report = report(&ran);
    let files: Vec<&str> =
        report["findings"].as_array().unwrap().iter().map(|f| f["spec"]["file"].as_str().unwrap()).collect();
    assert_eq!(files, ["a.yaml", "b.yaml"]);
    assert_ne!(report["findings"][0]["fingerprint"], report["findings"][1]["fingerprint"]);
}

#[test]
fn fingerprints_outlive_edits() {
    let program = Program::new();
    let prints = |text: &str| {
        program.write("openapi.yaml", text);
        let ran = audit(&program, &["openapi.yaml", "--format", "json", "--exit-zero"]);
        let report = report(&ran);
        let mut prints: Vec<String> =
            report["findings"].as_array().unwrap().iter().map(|f| f["fingerprint"].to_string()).collect();
        prints.sort();
        prints
    };
    let before = prints(LIMIT);
    let moved = LIMIT.replace("paths:\n", "# a remark\npaths:\n").replace(
        "      parameters:\n",
        "      parameters:\n        - {name: at, in: query, schema: {type: string, format: date}}\n",
    );
    let after = prints(&moved);
    assert!(before.iter().all(|print| after.contains(print)), "{before:?} {after:?}");
}

#[test]
fn urls_only_on_request() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/openapi.yaml" => Answer::new(
            200,
            "application/yaml",
            LIMIT.replace("schema: {type: integer}", "schema: {$ref: 'common.yaml#/limit'}"),
        ),
        "/common.yaml" => Answer::new(200, "application/yaml", "limit: {type: integer}\n"),
        "/moved" => Answer::new(302, "text/plain", "").header("location", "http://192.0.2.1/openapi.yaml"),
        _ => Answer::missing(),
    });
    let program = Program::new();
    let url = format!("{}/openapi.yaml", server.url());
    let ran = audit(&program, &[&url]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.diagnostic().contains("--fetch"), "{ran:?}");
    assert!(server.asked().is_empty());
    let ran = audit(&program, &["--fetch", &url, "--format", "json", "--exit-zero"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(checks(&report(&ran)).contains(&"limit-without-maximum"), "{ran:?}");
    assert_eq!(
        server.asked().iter().map(|asked| asked.path.clone()).collect::<Vec<_>>(),
        ["/openapi.yaml", "/common.yaml"]
    );
    for (path, part) in [("/moved", "redirect"), ("/absent", "404")] {
        let ran = audit(&program, &["--fetch", &format!("{}{path}", server.url())]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.diagnostic().contains(part), "{ran:?}");
    }
}

#[test]
fn references_to_other_hosts_are_not_followed() {
    let foreign = Server::start(|_| Answer::new(200, "application/yaml", "limit: {type: integer}\n"));
    let text =
        LIMIT.replace("schema: {type: integer}", &format!("schema: {{$ref: '{}/common.yaml#/limit'}}", foreign.url()));
    let served = text.clone();
    let server = Server::start(move |_| Answer::new(200, "application/yaml", served.clone()));
    let program = Program::new();
    program.write("openapi.yaml", text);
    for arguments in [&["openapi.yaml"][..], &["--fetch", &format!("{}/openapi.yaml", server.url())]] {
        let ran = audit(&program, &[arguments, &["--format", "json", "--exit-zero"]].concat());
        assert!(checks(&report(&ran)).contains(&"unread-part"), "{ran:?}");
    }
    assert!(foreign.asked().is_empty());
}

#[test]
fn what_is_no_document() {
    let program = Program::new();
    let deep = format!("{{\"openapi\": \"3.0.0\", \"x\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let bomb = (1..=9).fold("openapi: 3.0.0\nx0: &a0 [1,1,1,1,1,1,1,1,1]\n".to_owned(), |text, n| {
        format!("{text}x{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(","))
    });
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty", Vec::new(), ":1: the document is empty"),
        ("mark", b"\xef\xbb\xbf".to_vec(), "empty"),
        ("binary", b"PK\x03\x04\x14\0\0\0\x08\0".to_vec(), "binary"),
        ("tabs", b"openapi: 3.0.0\npaths:\n\t/a: {}\n".to_vec(), ":3:"),
        ("deep", deep.into_bytes(), "nested"),
        ("bomb", bomb.into_bytes(), "alias"),
        ("brace", b"{\"openapi\": \"3.0.0\", \"info\": {".to_vec(), ":1:"),
        ("one", b"{\"swaggerVersion\": \"1.2\"}".to_vec(), "Swagger 1"),
        ("four", b"openapi: 4.0.0\n".to_vec(), "4.0.0"),
        ("har", b"{\"log\": {\"creator\": {}, \"entries\": []}}".to_vec(), "HAR"),
        ("postman", b"{\"info\": {\"_postman_id\": \"1\"}, \"item\": []}".to_vec(), "Postman"),
        ("graphql", b"type Query {\n  a: String\n}\n".to_vec(), "GraphQL"),
        ("wsdl", b"<?xml version='1.0'?><wsdl:definitions/>".to_vec(), "WSDL"),
        ("html", b"<!doctype html><html></html>".to_vec(), "HTML"),
        ("list", b"- openapi: 3.0.0\n".to_vec(), "list"),
    ];
    for (name, bytes, part) in cases {
        program.write(name, bytes);
        let ran = audit(&program, &[name]);
        assert_eq!(ran.code, 2, "{name}: {ran:?}");
        let line = ran.diagnostic();
        assert!(line.contains(part) && line.contains(name) && !line.trim().contains('\n'), "{name}: {line}");
        assert!(ran.out.is_empty() && ran.took < AT_ONCE, "{name}: {ran:?}");
    }
}

#[test]
fn what_is_no_file() {
    let program = Program::new();
    let fifo = program.path("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    std::os::unix::fs::symlink(program.path("loop"), program.path("loop")).unwrap();
    for (name, part) in [
        ("absent.yaml", "no such file"),
        (".", "folder"),
        ("fifo", "regular"),
        ("/dev/zero", "regular"),
        ("loop", "loop"),
    ] {
        let ran = audit(&program, &[name]);
        assert_eq!(ran.code, 2, "{name}: {ran:?}");
        assert!(ran.diagnostic().contains(part) && ran.took < AT_ONCE, "{name}: {ran:?}");
    }
    let ran = audit(&program, &[]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.diagnostic().contains("no document"), "{ran:?}");
}

#[test]
fn strange_documents_are_read() {
    let program = Program::new();
    let schema = |text: &str| {
        format!(
            "openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths:\n  /a/{{id}}:\n    post:\n      parameters: [{{name: id, in: path, required: true, schema: {{type: string}}}}]\n      requestBody: {{content: {{application/json: {{schema: {text}}}}}}}\n      responses: {{'200': {{description: ok, content: {{application/json: {{schema: {text}}}}}}}}}\n"
        )
    };
    let all_of = format!("{{allOf: [{}]}}", vec!["{type: object, properties: {a: {type: string}}}"; 1_000].join(", "));
    for text in [
        "true",
        "false",
        "{type: [string, 'null']}",
        "{minimum: 5, maximum: 1}",
        "{multipleOf: 0}",
        "{maxItems: -1, type: array}",
        "{maxItems: 1.0e400, type: array}",
        "{maxLength: 18446744073709551615, type: string}",
        "{type: string, pattern: '('}",
        "{type: string, pattern: '^(a+)+$'}",
        "{type: string, example: 5}",
        "{$ref: '#/paths/~1a~1{id}/post/requestBody/content/application~1json/schema'}",
        "{$ref: '../../../../etc/passwd'}",
        "{discriminator: {propertyName: x, mapping: {a: Missing}}}",
        "{type: object, properties: {self: {$ref: '#/x'}}}",
        "{type: whole}",
        "5",
        all_of.as_str(),
    ] {
        program.write("openapi.yaml", schema(text));
        let ran = audit(&program, &["openapi.yaml", "--format", "json", "--exit-zero"]);
        assert_eq!(ran.code, 0, "{text:.80}: {}", ran.err);
        assert!(report(&ran)["findings"].is_array() && ran.took < AT_ONCE);
    }
    // Without operations there is nothing to pass.
    for text in
        ["openapi: 3.0.0\npaths: null\n", "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n", "swagger: 2\npaths: []\n"]
    {
        program.write("openapi.yaml", text);
        let ran = audit(&program, &["openapi.yaml", "--fail-on", "high"]);
        assert_eq!(ran.code, 3, "{text}: {ran:?}");
        assert!(ran.out.contains("INCOMPLETE"), "{}", ran.out);
    }
}

#[test]
fn what_a_terminal_would_obey_is_not_shown() {
    let program = Program::new();
    program.write("openapi.yaml", LIMIT.replace("/orders:", "\"/or\\e[31mders\\u202e\":"));
    let ran = audit(&program, &["openapi.yaml", "--all", "--exit-zero"]);
    assert!(!ran.out.contains('\u{1b}') && !ran.out.contains('\u{202e}'), "{}", ran.out);
}

#[test]
fn words_that_are_misspelt() {
    let program = Program::new();
    program.write("openapi.yaml", LIMIT);
    for (arguments, part) in [
        (&["--select", "limit-without-maximun"][..], "did you mean `limit-without-maximum`?"),
        (&["--ignore", "xyzzy"], "plimsoll checks"),
        (&["--fail-on", "hihg"], "did you mean `high`?"),
    ] {
        let ran = audit(&program, &[&["openapi.yaml"], arguments].concat());
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.diagnostic().contains(part), "{ran:?}");
    }
    program.write("plimsoll.toml", "[audit]\ndocuments = [\"openapi.yaml\"]\nselect = [\"limit-without-maximum\"]\n");
    let ran = audit(&program, &["--format", "json"]);
    assert_eq!(checks(&report(&ran)), ["limit-without-maximum"]);
    program.write("plimsoll.toml", "[audit]\nselct = []\n");
    let ran = audit(&program, &["openapi.yaml"]);
    assert!(ran.code == 2 && ran.diagnostic().contains("did you mean `select`?"), "{ran:?}");
}

#[test]
fn what_a_change_makes_worse() {
    let program = Program::new();
    program.write("old.yaml", LIMIT.replace("{type: integer}", "{type: integer, maximum: 100}"));
    program.write("new.yaml", LIMIT);
    let ran = audit(&program, &["--diff", "old.yaml", "new.yaml"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("worse") && ran.out.contains("query:limit"), "{}", ran.out);
    let ran = audit(&program, &["--diff", "old.yaml", "new.yaml", "--format", "json", "--exit-zero"]);
    let both = report(&ran);
    let changes = both["contract_changes"].as_array().unwrap();
    assert!(
        changes.iter().any(|change| change["verdict"] == "worse" && change["after"]["place"]["file"] == "new.yaml")
    );
    // What was there before is not told again.
    assert_eq!(checks(&both), ["limit-without-maximum"]);
    let ran = audit(&program, &["--diff", "new.yaml", "old.yaml"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("better"), "{}", ran.out);
    let ran = audit(&program, &["--diff", "new.yaml", "new.yaml", "--all"]);
    assert!(ran.code == 0 && !ran.out.contains("worse"), "{ran:?}");
    let ran = audit(&program, &["--diff", "old.yaml", "new.yaml", "old.yaml"]);
    assert!(ran.code == 2 && ran.diagnostic().contains("--diff OLD NEW"), "{ran:?}");
}
