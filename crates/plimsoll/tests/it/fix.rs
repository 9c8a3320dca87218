//! `plimsoll fix` as its users meet it: small applications under version control, changes that help, that do harm, that do not help, and runs that are cut
//! short. Afterwards the tree holds what was asked for and nothing else, and nothing of an application is left.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{Program, Ran};

/// Two caches without a bound, of which the second is to be seen from outside. A change of one of them needs a look: it guesses the bound.
pub const APP: &str = r#""""Quotes."""
from functools import lru_cache

from fastapi import FastAPI

app = FastAPI(title="Quotes", version="1")


@lru_cache(maxsize=None)
def quote(item: str) -> dict:
    return {"item": item, "text": item * 100}


@lru_cache(maxsize=None)
def rate(currency: str) -> dict:
    return {"currency": currency, "rate": len(currency)}


@app.get("/quotes/{item}")
def read_quote(item: str) -> dict:
    return quote(item)


@app.get("/rates/{currency}")
def read_rate(currency: str) -> dict:
    return rate(currency)
"#;

/// How long the longest of these runs may take.
const PATIENCE: Duration = Duration::from_mins(4);

/// The Python that has FastAPI and uvicorn.
fn python() -> String {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/lab-venv/bin/python");
    assert!(python.is_file(), "scripts/setup.sh lab makes {}", python.display());
    python.display().to_string()
}

pub fn config() -> String {
    format!(
        "[memory]\ncommand = [{:?}, \"-m\", \"uvicorn\", \"app:app\", \"--port\", \"0\", \"--log-level\", \"warning\"]\ntime = \"15s\"\n\
         operations = [\"GET /quotes/{{item}}\"]\n\
         [memory.requests]\n\"GET /quotes/{{item}}\" = \"/quotes/n{{n}}\"\n\"GET /rates/{{currency}}\" = \"/rates/c{{n}}\"\n",
        python()
    )
}

/// A project under version control.
pub fn project(app: &str) -> Program {
    let program = Program::new();
    program.write("app.py", app);
    program.write("plimsoll.toml", config());
    program.write(".gitignore", "__pycache__/\n");
    git(&program, &["init", "-q"]);
    git(&program, &["add", "."]);
    git(&program, &["commit", "-q", "-m", "all"]);
    program
}

pub fn git(program: &Program, arguments: &[&str]) {
    let identity = ["-c", "user.name=anna", "-c", "user.email=anna@example.org", "-c", "commit.gpgsign=false"];
    let mut git = Command::new("git");
    git.arg("-C").arg(program.folder.path()).args(identity).args(arguments);
    assert!(git.status().unwrap().success(), "{arguments:?}");
}

fn command(program: &Program, arguments: &[&str]) -> Command {
    let tag = program.folder.path().file_name().unwrap().to_owned();
    let mut command = program.command(arguments);
    command.envs(std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "HOME"));
    command.env("PLIMSOLL_TEST_TAG", tag).env("PYTHONDONTWRITEBYTECODE", "1");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the program to its end, and sees that nothing that it started is left.
pub fn run(program: &Program, arguments: &[&str]) -> Ran {
    let begun = Instant::now();
    let child = command(program, arguments).spawn().unwrap();
    let pid = child.id();
    let killer = std::thread::spawn(move || child.wait_with_output().unwrap());
    while !killer.is_finished() {
        if begun.elapsed() > PATIENCE {
            drop(Command::new("kill").args(["-KILL", &pid.to_string()]).status());
            panic!("still running after {PATIENCE:?}: {arguments:?}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let output = killer.join().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap_or(-1);
    let ran = Ran { code, out: text(output.stdout), err: text(output.stderr), took: begun.elapsed() };
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

pub fn report(program: &Program) -> Value {
    serde_json::from_str(&program.read(".plimsoll/report.json")).unwrap()
}

/// The issue whose root is in this function.
pub fn issue(report: &Value, symbol: &str) -> Value {
    let found = report["issues"]
        .as_array()
        .unwrap()
        .iter()
        .find(|issue| issue["source"]["symbol"].as_str().is_some_and(|own| own.rsplit('.').next() == Some(symbol)));
    found.cloned().unwrap_or_else(|| panic!("nothing in {symbol}: {}", report["issues"]))
}

pub fn id(issue: &Value) -> String {
    issue["id"].as_str().unwrap().to_owned()
}

/// A project that was checked from its code alone.
pub fn read_only(app: &str) -> Program {
    let program = project(app);
    let ran = run(&program, &["check", "--only", "code", "--quiet", "--exit-zero"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    program
}

#[test]
fn a_change_is_shown_as_a_diff_and_nothing_is_written() {
    let program = read_only(APP);
    let issue = issue(&report(&program), "quote");
    let ran = run(&program, &["fix", &id(&issue)[..6]]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for said in
        [&id(&issue), "app.py:9 in ", "--- a/app.py", "-@lru_cache(maxsize=None)", "+@lru_cache(maxsize=", "look at it"]
    {
        assert!(ran.out.contains(said), "{said}: {ran:?}");
    }
    assert!(!ran.out.contains('\x1b'), "{ran:?}");
    let coloured = run(&program, &["fix", &id(&issue), "--color", "always"]);
    assert!(coloured.out.contains("\x1b[32m+@lru_cache"), "{coloured:?}");
    let all = run(&program, &["fix"]);
    assert_eq!(all.out.matches("--- a/app.py").count(), 2, "{all:?}");
    assert_eq!(program.read("app.py"), APP);
    // A check knows the change as well.
    assert_eq!(issue["proposal"]["kind"], "offered", "{issue}");
}

#[test]
fn without_a_report_the_code_is_read_first() {
    let program = project(APP);
    let ran = run(&program, &["fix"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("the code is read") && ran.out.contains("+@lru_cache(maxsize="), "{ran:?}");
    assert!(!program.path(".plimsoll").exists());
}

#[test]
fn what_cannot_be_done_ends_in_one_line() {
    let program = read_only(APP);
    let known = id(&issue(&report(&program), "quote"));
    let swapped = format!("{}{}", &known[..7], if known.ends_with('0') { '1' } else { '0' });
    for (arguments, code, said) in [
        (&["fix", "zzzzzzzz"][..], 2, "the last report has no issue \"zzzzzzzz\"; it has "),
        (&["fix", &swapped], 2, &*format!("did you mean {known}?")),
        (&["fix", ""], 2, "has no issue \"\""),
        (&["fix", "--apply", "--verify", "--time", "soon"], 2, "\"soon\" is no duration"),
        (&["fix", "--config", "none.toml"], 2, "none.toml"),
    ] {
        let ran = run(&program, arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {ran:?}");
        assert!(ran.diagnostic().contains(said), "{arguments:?}: {ran:?}");
    }
    let empty = Program::new();
    let ran = run(&empty, &["fix"]);
    assert_eq!((ran.code, ran.diagnostic().contains("there is no Python file")), (2, true), "{ran:?}");
    program.write(".plimsoll/report.json", "{}");
    let ran = run(&program, &["fix"]);
    assert!(ran.diagnostic().contains("report.json is no report"), "{ran:?}");
}

#[test]
fn two_changes_in_one_file_are_written_together_and_only_once() {
    let program = read_only(APP);
    let (first, second) = (id(&issue(&report(&program), "quote")), id(&issue(&report(&program), "rate")));
    // What needs a look is not written on the way.
    let ran = run(&program, &["fix", "--apply"]);
    assert_eq!(program.read("app.py"), APP, "{ran:?}");
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = run(&program, &["fix", &first, "--apply"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("written: app.py"), "{ran:?}");
    assert_eq!(program.read("app.py").matches("maxsize=None").count(), 1);
    // The file has changes now that are not committed.
    let refused = run(&program, &["fix", &second, "--apply"]);
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.err.contains("app.py has changes that are not committed"), "{refused:?}");
    assert_eq!(program.read("app.py").matches("maxsize=None").count(), 1);
    let forced = run(&program, &["fix", &second, "--apply", "--force"]);
    assert_eq!((forced.code, program.read("app.py").matches("maxsize=None").count()), (0, 0), "{forced:?}");
    let fixed = program.read("app.py");
    for arguments in [&["fix", "--apply", "--force"][..], &["fix", &first, "--apply", "--force"]] {
        let again = run(&program, arguments);
        assert_eq!(again.code, 0, "{again:?}");
        assert_eq!(program.read("app.py"), fixed);
    }
}

#[test]
fn a_file_that_nothing_brings_back_is_named() {
    let program = Program::new();
    program.write("app.py", APP);
    let all = run(&program, &["fix"]);
    let id = all.out.split_whitespace().next().unwrap().to_owned();
    let ran = run(&program, &["fix", &id, "--apply"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("no version control holds app.py"), "{ran:?}");
    // A file that git is there for and does not know is refused.
    git(&program, &["init", "-q"]);
    program.write("app.py", APP);
    let ran = run(&program, &["fix", &id, "--apply"]);
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.err.contains("git does not know app.py"), "{ran:?}");
}

#[test]
fn an_application_that_does_not_start_any_more_gets_its_old_text_back() {
    let program = read_only(APP);
    // It looks at its own text, and ends where that is another one.
    let guarded = format!("{APP}\n\nassert open(__file__).read().count(\"maxsize=None\") == 3, \"tampered with\"\n");
    program.write("app.py", &guarded);
    git(&program, &["commit", "-q", "-a", "-m", "guarded"]);
    let ran = run(&program, &["fix", "--apply", "--verify", "--quiet"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.out.contains("taken back: the changed application does not start") && ran.out.contains("tampered with"),
        "{ran:?}"
    );
    assert!(ran.out.contains("the files are as they were"), "{ran:?}");
    assert_eq!(program.read("app.py"), guarded);
    assert!(!program.path(".plimsoll/undo.json").exists());
}

#[test]
fn an_application_that_does_not_start_at_all_is_not_touched() {
    let program = read_only(APP);
    let broken = format!("{APP}\nraise SystemExit(\"the table orders does not exist\")\n");
    program.write("app.py", &broken);
    git(&program, &["commit", "-q", "-a", "-m", "broken"]);
    let ran = run(&program, &["fix", "--apply", "--verify", "--quiet"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let said = ran.diagnostic();
    assert!(said.contains("nothing was changed") && said.contains("the table orders does not exist"), "{said}");
    assert_eq!(program.read("app.py"), broken);
}

#[test]
fn a_change_that_others_would_notice_is_taken_back_and_the_other_one_stays() {
    let told = "\n\n@app.get(\"/rates-known\")\ndef rates_known() -> dict:\n    return {\"at most\": rate.cache_info().maxsize}\n";
    let app = format!("{APP}{told}");
    let program = read_only(&app);
    let ran = run(&program, &["fix", "--apply", "--verify", "--quiet"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("answers otherwise than before: GET /rates-known"), "{ran:?}");
    assert!(ran.out.contains("the body differs, 16 → 15 bytes, first at $.at most"), "{ran:?}");
    let fixed = program.read("app.py");
    let bounded = |function: &str| {
        let (before, _) = fixed.split_once(&format!("def {function}(")).unwrap();
        !before.lines().last().unwrap().contains("maxsize=None")
    };
    assert_eq!((bounded("quote"), bounded("rate")), (true, false), "{fixed}");
    let now = report(&program);
    assert_eq!((&issue(&now, "quote")["stage"], &issue(&now, "rate")["stage"]), (&"fixed".into(), &"located".into()));
    assert!(issue(&now, "quote")["verification"]["answers"]["compared"].as_u64().unwrap() > 100);
    // Where that is wanted, it stays.
    git(&program, &["commit", "-q", "-a", "-m", "bounded"]);
    let rate = id(&issue(&now, "rate"));
    let ran = run(&program, &["fix", &rate, "--apply", "--verify", "--accept-changed-answers", "--quiet"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(!program.read("app.py").contains("maxsize=None") && ran.out.contains("these differ"), "{ran:?}");
}

#[test]
fn a_run_that_is_cut_short_leaves_the_tree_as_it_was() {
    let program = read_only(APP);
    for signal in ["-INT", "-KILL"] {
        let mut child = command(&program, &["fix", "--apply", "--verify"]).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("asking the changed application")), "it was never changed");
        assert_ne!(program.read("app.py"), APP);
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        let status = child.wait().unwrap();
        let begun = Instant::now();
        while !left(&program).is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", left(&program));
            std::thread::sleep(Duration::from_millis(50));
        }
        if signal == "-KILL" {
            // Whoever looks next brings it back.
            let ran = run(&program, &["fix"]);
            assert!(ran.err.contains("an earlier fix was cut short; taken back: "), "{ran:?}");
        } else {
            assert_eq!(status.code(), Some(3));
        }
        assert_eq!(program.read("app.py"), APP, "{signal}");
        assert!(!program.path(".plimsoll/undo.json").exists());
    }
}

#[test]
fn what_leaks_on_is_told_and_taken_back() {
    // Half of the leak is where no rule looks.
    let hidden = APP.replace(
        "    return quote(item)\n",
        "    getattr(KEPT, \"app\" + \"end\")(item * 400)\n    return quote(item)\n\n\nKEPT = __import__(\"collections\").UserList()\n",
    );
    let program = project(&hidden);
    let ran = run(&program, &["check", "--only", "code,memory", "--quiet", "--exit-zero"]);
    let found = issue(&report(&program), "quote");
    assert_eq!(found["stage"], "proven", "{ran:?}");
    let ran = run(&program, &["fix", &id(&found), "--apply", "--verify", "--quiet"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("taken back: it did not help: memory still sees it"), "{ran:?}");
    assert_eq!(program.read("app.py"), hidden);
}

/// A route that answers with a whole table.
const WHOLE: &str = r#"import boto3
from fastapi import FastAPI

app = FastAPI()
client = boto3.client("dynamodb")


@app.get("/products")
def products():
    items = []
    for page in client.get_paginator("scan").paginate(TableName="catalog"):
        items += page["Items"]
    return {"items": items}
"#;

#[test]
fn a_change_of_the_contract_is_made_for_who_asks_for_it() {
    let program = Program::new();
    program.write("app.py", WHOLE);
    program.write("plimsoll.toml", "[code]\npaths = [\".\"]\n");
    let alone = run(&program, &["fix"]);
    assert_eq!(alone.code, 0, "{alone:?}");
    assert!(
        alone.out.contains("`plimsoll fix --change-contract` offers it") && !alone.out.contains("+++"),
        "{alone:?}"
    );
    let offered = run(&program, &["fix", "--change-contract"]);
    assert_eq!(offered.code, 0, "{offered:?}");
    assert!(offered.out.contains("(changes the contract)"), "{offered:?}");
    assert!(offered.out.contains("mind: the contract changes: `limit`"), "{offered:?}");
    let id = &offered.out[..8];
    // Not on the way, and not where the same answers are looked for.
    let all = run(&program, &["fix", "--change-contract", "--apply"]);
    assert_eq!(all.code, 2, "{all:?}");
    assert!(all.diagnostic().ends_with("name the ISSUE"), "{all:?}");
    let verified = run(&program, &["fix", id, "--change-contract", "--apply", "--verify"]);
    assert_eq!(verified.code, 2, "{verified:?}");
    assert!(verified.diagnostic().contains("--accept-changed-answers"), "{verified:?}");
    assert_eq!(program.read("app.py"), WHOLE);
    let written = run(&program, &["fix", id, "--change-contract", "--apply"]);
    assert_eq!(written.code, 0, "{written:?}");
    assert!(program.read("app.py").contains("client.scan(TableName=\"catalog\", Limit=limit, **start)"));
}
