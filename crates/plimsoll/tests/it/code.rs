//! `plimsoll code`: exit codes, selection, acceptances, changed lines, the route map, standard input.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const LEAK: &str = "from fastapi import FastAPI\n\napp = FastAPI()\nSEEN = []\n\n\n@app.get(\"/items/{item}\")\ndef item(item: str):\n    SEEN.append(item)\n    return {\"item\": item}\n";

fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn plimsoll(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .arg("code")
        .args(arguments)
        .current_dir(folder)
        .env_remove("COLUMNS")
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn fault(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", fault(output)))
}

#[test]
fn a_leak_is_shown_with_its_lines_and_fails_the_run() {
    let folder = project(&[("shop/app.py", LEAK), ("README.md", "")]);
    let output = plimsoll(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(1), "{}", fault(&output));
    let shown = text(&output);
    for part in [
        "high[growing-container]",
        "--> shop/app.py:9:5",
        "9 |     SEEN.append(item)",
        "leak; GET /items/{item}",
        "Found 1 problem: 1 leak.",
    ] {
        assert!(shown.contains(part), "{part} in\n{shown}");
    }
    assert!(shown.lines().filter(|line| !line.contains('|')).all(|line| line.chars().count() <= 80), "{shown}");
    let output = plimsoll(folder.path(), &["--exit-zero", "--format", "json", "shop"]);
    assert_eq!(output.status.code(), Some(0));
    let report = report(&output);
    let finding = &report["findings"][0];
    assert_eq!(
        (&finding["kind"], &finding["vantage"], &finding["check"]),
        (&"leak".into(), &"code".into(), &"growing-container".into())
    );
    assert_eq!(finding["operation"]["path"], "/items/{item}");
    assert_eq!(report["issues"][0]["stage"], "located");
    assert_eq!(report["complete"], true);
}

#[test]
fn a_clean_project_passes_and_an_empty_one_does_not() {
    let clean = LEAK.replace("    SEEN.append(item)\n", "");
    assert_eq!(plimsoll(project(&[("app.py", &clean)]).path(), &[]).status.code(), Some(0));
    for files in [&[][..], &[("tests/test_a.py", "x = 1\n")]] {
        let output = plimsoll(project(files).path(), &[]);
        assert_eq!(output.status.code(), Some(3), "{}", text(&output));
        assert!(text(&output).contains("INCOMPLETE"));
    }
}

#[test]
fn rules_are_chosen_and_misspelt_ones_refused() {
    let folder = project(&[("app.py", LEAK)]);
    for (arguments, code) in [
        (&["--ignore", "growing-container"][..], 0),
        (&["--ignore", "leak"], 0),
        (&["--select", "cost,peak"], 0),
        (&["--select", "leak"], 1),
        (&["--exclude", "app.py"], 0),
        (&["--fail-on", "critical"], 0),
    ] {
        let output = plimsoll(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}{}", text(&output), fault(&output));
    }
    let output = plimsoll(folder.path(), &["--ignore", "growing-contaner"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fault(&output), "error: there is no rule \"growing-contaner\"; did you mean `growing-container`?\n");
    let output = plimsoll(folder.path(), &["absent"]);
    assert_eq!((output.status.code(), fault(&output).lines().count()), (Some(2), 1));
}

#[test]
fn the_configuration_says_what_is_wanted_where() {
    let config = "[code]\npaths = [\"shop\"]\n[code.per-path-ignore]\n\"shop/legacy\" = [\"growing-container\"]\n\"nowhere/**\" = [\"leak\"]\n";
    let folder = project(&[
        ("plimsoll.toml", config),
        ("shop/app.py", LEAK),
        ("shop/legacy/app.py", LEAK),
        ("other/app.py", LEAK),
    ]);
    let output = plimsoll(folder.path(), &["--format", "json"]);
    let report = report(&output);
    let files: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["source"]["file"].as_str().unwrap())
        .collect();
    assert!(!files.is_empty() && files.iter().all(|file| *file == "shop/app.py"), "{files:?}");
    let skipped = report["coverage"]["skipped"].to_string();
    assert!(skipped.contains("nowhere/**") && skipped.contains("matches no file"), "{skipped}");
    let wrong = project(&[("plimsoll.toml", "[code]\nselekt = []\n"), ("app.py", LEAK)]);
    let output = plimsoll(wrong.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(fault(&output).contains("did you mean `select`?"), "{}", fault(&output));
}

#[test]
fn an_acceptance_needs_a_reason_and_ends() {
    let with = |comment: &str| {
        LEAK.replace("SEEN.append(item)", &format!("SEEN.append(item)  # plimsoll: ignore[growing-container]{comment}"))
    };
    for (comment, code, said) in [
        (" reason=\"read out by the nightly job\"", 0, "1 finding accepted"),
        ("", 1, "has no reason"),
        (" reason=\"x\" until=2020-02-29", 1, "expired on 2020-02-29"),
        (" reason=\"x\" until=2999-12-31", 0, "1 finding accepted"),
    ] {
        let folder = project(&[("app.py", &with(comment))]);
        let output = plimsoll(folder.path(), &[]);
        assert_eq!(output.status.code(), Some(code), "{comment}: {}", text(&output));
        let shown = text(&output).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.contains(said), "{comment}: {shown}");
    }
}

#[test]
fn broken_files_are_said_with_their_line() {
    let folder = project(&[("app.py", LEAK), ("bad.py", "import boto3\nx = (\n"), ("a.py.j2", ""), ("b.pyx", "")]);
    let shown = text(&plimsoll(folder.path(), &["--exit-zero"]));
    assert!(shown.contains("bad.py:"), "{shown}");
    assert!(
        shown.contains("1 Cython files: not read") && shown.contains("1 templates of Python files: not read"),
        "{shown}"
    );
}

#[test]
fn the_route_map_is_printed() {
    let folder = project(&[("app.py", LEAK)]);
    let output = plimsoll(folder.path(), &["--routes"]);
    assert_eq!(text(&output), "GET  /items/{item}  app.item  app.py:7\n");
    let routes: Value =
        serde_json::from_slice(&plimsoll(folder.path(), &["--routes", "--format", "json"]).stdout).unwrap();
    assert_eq!(routes[0]["handler"], "app.item");
}

#[test]
fn an_editor_gives_the_text_on_standard_input() {
    let folder = project(&[("shop/app.py", "x = 1\n"), ("shop/other.py", LEAK), ("pyproject.toml", "")]);
    let run = |text: &str| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
            .args(["code", "--stdin-filename", "shop/app.py", "--format", "json"])
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let output = run(LEAK);
    assert_eq!(output.status.code(), Some(1));
    let findings = report(&output)["findings"].as_array().unwrap().clone();
    assert!(
        !findings.is_empty() && findings.iter().all(|finding| finding["source"]["file"] == "shop/app.py"),
        "{findings:?}"
    );
    assert_eq!(run("x = 1\n").status.code(), Some(0));
}

#[test]
fn only_changed_lines_count_with_a_revision() {
    let folder = project(&[("old.py", LEAK), ("new.py", "x = 1\n")]);
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        let done = Command::new("git").args(identity).args(arguments).current_dir(folder.path()).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "a"]);
    let changed = |base: &str| plimsoll(folder.path(), &["--diff", base, "--format", "json"]);
    assert_eq!(changed("main").status.code(), Some(0));
    std::fs::write(folder.path().join("new.py"), LEAK).unwrap();
    std::fs::write(folder.path().join("untracked.py"), LEAK).unwrap();
    let report = report(&changed("main"));
    let mut files: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|finding| finding["source"]["file"].to_string()).collect();
    files.dedup();
    assert_eq!(files, ["\"new.py\"", "\"untracked.py\""]);
    let output = changed("no-such-revision");
    assert_eq!((output.status.code(), fault(&output).lines().count()), (Some(2), 1));
    assert!(fault(&output).contains("git cannot compare with \"no-such-revision\""), "{}", fault(&output));
    let outside = project(&[("app.py", LEAK)]);
    assert_eq!(plimsoll(outside.path(), &["--diff", "main"]).status.code(), Some(2));
}

#[test]
fn a_watch_checks_again_when_a_file_changes() {
    use std::io::{BufRead, BufReader};
    let folder = project(&[("app.py", LEAK)]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(["code", "--watch"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut until = |wanted: &str| {
        let found = lines.by_ref().map(|line| line.unwrap()).find(|line| line.contains(wanted));
        found.unwrap_or_else(|| panic!("the watch ended before it said {wanted}"))
    };
    until("Found 1 problem: 1 leak.");
    until("waiting for changes");
    std::fs::write(folder.path().join("app.py"), LEAK.replace("    SEEN.append(item)\n", "")).unwrap();
    until("Nothing found.");
    until("waiting for changes");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn fixes_are_shown_made_and_settle_what_was_found() {
    let broken = "import boto3\n\ntable = boto3.resource(\"dynamodb\").Table(\"t\")\n\n\ndef lambda_handler(event, context):\n    return table.scan(\n        ProjectionExpression=\"id, status\", Limit=5\n    )[\"Items\"]\n";
    let folder = project(&[("app.py", broken)]);
    let choice = ["--select", "reserved-word", "--fail-on", "info"];
    assert_eq!(plimsoll(folder.path(), &choice).status.code(), Some(1));
    let shown = plimsoll(folder.path(), &[&choice[..], &["--fix", "--diff"]].concat());
    assert!(text(&shown).starts_with("--- a/app.py\n+++ b/app.py\n"), "{}", text(&shown));
    assert_eq!(std::fs::read_to_string(folder.path().join("app.py")).unwrap(), broken);
    let made = plimsoll(folder.path(), &[&choice[..], &["--fix"]].concat());
    assert_eq!(made.status.code(), Some(0), "{}{}", text(&made), fault(&made));
    assert!(std::fs::read_to_string(folder.path().join("app.py")).unwrap().contains("#status"));
    assert_eq!(plimsoll(folder.path(), &choice).status.code(), Some(0));
}
