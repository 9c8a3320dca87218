//! Suppressions, baseline and gate, as a project lives with them.

use proptest::prelude::*;
use serde_json::Value;

use crate::program::{Program, Ran};

const CACHE: &str = "from fastapi import FastAPI\n\napp = FastAPI()\nSEEN = {}\n\n\n@app.get(\"/search\")\ndef search(q: str):\n    SEEN[q] = q * 100\n    return SEEN[q]\n";
const HISTORY: &str = "from fastapi import FastAPI\n\napp = FastAPI()\nALL = []\n\n\n@app.get(\"/orders\")\ndef orders(n: int):\n    ALL.append({\"n\": n})\n    return len(ALL)\n";

fn report(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

/// `plimsoll code --format json` and more.
fn code(program: &Program, more: &[&str]) -> Ran {
    program.run(["code", ".", "--format", "json"].iter().chain(more))
}

fn baseline(program: &Program, action: &str, found: &Ran) -> Ran {
    program.write("last.json", &found.out);
    program.run(["baseline", action, "--report", "last.json"])
}

#[test]
fn a_project_lives_with_what_it_knows_and_hears_of_what_is_new() {
    let program = Program::new();
    program.write("cache.py", CACHE);
    let found = code(&program, &[]);
    assert_eq!(found.code, 1, "{found:?}");
    let written = baseline(&program, "write", &found);
    assert_eq!((written.code, written.out.as_str()), (0, "plimsoll.baseline.json: 1 issue known\n"), "{written:?}");

    // Known, wherever its line has gone to.
    program.write("cache.py", format!("# moved\n\n\n{CACHE}"));
    let known = code(&program, &["--new-only"]);
    assert_eq!(known.code, 0, "{known:?}");
    assert_eq!(report(&known)["issues"][0]["since"], "known");
    assert_eq!(code(&program, &[]).code, 1, "without --new-only it still fails");

    program.write("history.py", HISTORY);
    let more = code(&program, &["--new-only"]);
    assert_eq!(more.code, 1, "{more:?}");
    let said = report(&more);
    assert_eq!((&said["baseline"]["new"], &said["baseline"]["known"]), (&1.into(), &1.into()));
    assert!(said["gate"]["failed"][0].as_str().unwrap().contains("(new, "), "{}", said["gate"]);

    // The first is mended: gone; the second is new, and an update does not take it in.
    std::fs::remove_file(program.path("cache.py")).unwrap();
    let gone = code(&program, &["--new-only"]);
    assert_eq!(report(&gone)["baseline"]["gone"].as_array().unwrap().len(), 1);
    let updated = baseline(&program, "update", &gone);
    assert!(updated.out.contains("0 issues known, 1 gone, 1 new and not taken in"), "{updated:?}");
    program.write("cache.py", CACHE);
    let back = report(&code(&program, &["--new-only"]));
    let stages: Vec<&Value> = back["issues"].as_array().unwrap().iter().map(|issue| &issue["since"]).collect();
    assert!(stages.contains(&&"back".into()), "{stages:?}");
}

#[test]
fn what_is_accepted_does_not_fail_and_what_expired_does() {
    let program = Program::new();
    program.write("cache.py", CACHE);
    let accepted = |until: &str| {
        let text = format!("[[ignore]]\npath = \"*.py\"\nreason = \"a demo\"\nowner = \"shop\"\nuntil = \"{until}\"\n");
        program.write("plimsoll.toml", text);
        code(&program, &[])
    };
    let ran = accepted("2999-12-31");
    let said = report(&ran);
    assert_eq!((ran.code, said["issues"].as_array().unwrap().len(), &said["score"]), (0, 0, &100.into()), "{ran:?}");
    assert_eq!(said["suppressed"][0]["reason"], "a demo");
    assert_eq!(said["suppressed"][0]["place"], "plimsoll.toml:1");
    let ran = accepted("2020-01-01");
    assert_eq!((ran.code, &report(&ran)["stale"][0]["issues"].as_array().unwrap().len()), (1, &1), "{ran:?}");
}

#[test]
fn gates_of_the_file_and_of_the_command_line() {
    let program = Program::new();
    program.write("cache.py", CACHE);
    program.write("plimsoll.toml", "[gate]\nmin_score = 100\nfail_on = \"never\"\n");
    assert_eq!(code(&program, &[]).code, 1);
    assert_eq!(code(&program, &["--min-score", "1"]).code, 0);
    assert_eq!(code(&program, &["--min-score", "1", "--fail-on", "low"]).code, 1);
    assert_eq!(code(&program, &["--min-score", "1", "--fail-on", "low", "--fail-on-stage", "proven"]).code, 0);
    // Reading code measures no bytes: nobody knows, and that passes no gate.
    assert_eq!(code(&program, &["--min-score", "1", "--max-bytes-per-request", "1KiB"]).code, 3);
}

#[test]
fn mistakes_are_one_line_and_cost_no_run() {
    let program = Program::new();
    program.write("cache.py", CACHE);
    program.write("broken.json", "{\"schema\": 1}");
    program.write("baseline.json", "[]");
    for (arguments, said) in [
        (&["code", ".", "--fail-on-stage", "prooven"][..], "did you mean `proven`?"),
        (&["code", ".", "--new-only"], "there is no plimsoll.baseline.json"),
        (&["code", ".", "--baseline", "baseline.json"], "baseline.json is no baseline of plimsoll: "),
        (&["code", ".", "--baseline", "absent.json"], "cannot read the baseline absent.json: "),
        (&["code", ".", "--max-peak", "many"], "is no size"),
        (&["baseline", "write"], "run plimsoll check first"),
        (&["baseline", "write", "--report", "broken.json"], "broken.json is no report of plimsoll: "),
        (&["baseline", "write", "--report", "."], "cannot read .: "),
    ] {
        let ran = program.run(arguments);
        assert_eq!((ran.code, ran.err.trim_end().lines().count()), (2, 1), "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(said), "{arguments:?}: {}", ran.err);
    }
    let found = code(&program, &[]);
    program.write("last.json", &found.out);
    let ran = program.run(["baseline", "update", "--report", "last.json"]);
    assert!(ran.code == 2 && ran.err.contains("plimsoll baseline write makes one"), "{ran:?}");
    program.write(
        "last.json",
        found.out.replacen("\"complete\": true", "\"complete\": false, \"incomplete\": [\"out of time\"]", 1),
    );
    let ran = program.run(["baseline", "write", "--report", "last.json"]);
    assert!(ran.code == 2 && ran.err.contains("the run is incomplete: out of time"), "{ran:?}");
    assert!(!program.path("plimsoll.baseline.json").exists());
}

/// The fingerprints of a project of these files, in order.
fn prints(files: &[(String, String)]) -> Vec<String> {
    let program = Program::new();
    for (name, text) in files {
        program.write(name, text);
    }
    let said = report(&code(&program, &["--exit-zero"]));
    let all = said["findings"].as_array().unwrap().iter().chain(said["issues"].as_array().unwrap());
    let mut prints: Vec<String> = all.map(|one| one["fingerprint"].to_string()).collect();
    prints.sort();
    prints
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Neither lines, nor comments, nor what else the project holds, nor the order of its files are in a fingerprint.
    #[test]
    fn fingerprints_outlive_what_moves(above in 0..40usize, between in 0..5usize, other in "[a-z]{3,8}", first in any::<bool>()) {
        let plain = prints(&[("cache.py".to_owned(), CACHE.to_owned()), ("history.py".to_owned(), HISTORY.to_owned())]);
        prop_assert!(plain.len() >= 4);
        let moved = |text: &str| format!("{}{}", "# a remark\n".repeat(above), text.replace("\n\n\n", &"\n".repeat(3 + between)));
        let more = format!("def {other}(x):\n    return x\n");
        let name = if first { format!("a_{other}.py") } else { format!("z_{other}.py") };
        let after = prints(&[("cache.py".to_owned(), moved(CACHE)), ("history.py".to_owned(), moved(HISTORY)), (name, more)]);
        prop_assert_eq!(plain, after);
    }
}
