//! `plimsoll init`: what is written, what is kept, and one clear line for what cannot be looked at. And the recipes for CI: what they call exists.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use clap::Parser;
use plimsoll_cli::Cli;
use plimsoll_run::Config;

use crate::program::Program;

const APP: &str = "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/orders')\ndef orders(): return []\n";

#[test]
fn a_configuration_is_written_once_and_replaced_on_request() {
    let program = Program::new();
    program.write("main.py", APP);
    let ran = program.run(["init"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.out.contains("framework") && ran.out.contains("(main.py:2)") && ran.out.contains("not known"),
        "{}",
        ran.out
    );
    assert!(ran.out.ends_with("written: ./plimsoll.toml; look it over, then run plimsoll check\n"), "{}", ran.out);
    assert!(ran.out.lines().all(|line| line.chars().count() <= 80), "{}", ran.out);
    let written = program.read("plimsoll.toml");
    assert_eq!(
        Config::parse(&written, "plimsoll.toml").unwrap().memory.command,
        ["uvicorn", "main:app", "--port", "8000"]
    );

    program.write("plimsoll.toml", "# mine\n");
    let again = program.run(["init"]);
    assert_eq!(again.code, 2);
    assert_eq!(
        again.diagnostic(),
        "error: ./plimsoll.toml exists; --print shows what would be written, --force replaces it"
    );
    let shown = program.run(["init", "--print"]);
    assert_eq!((shown.code, shown.out.as_str()), (0, written.as_str()));
    assert!(shown.err.starts_with("found\n"), "{}", shown.err);
    assert_eq!(program.read("plimsoll.toml"), "# mine\n");
    let forced = program.run(["init", ".", "--force"]);
    assert!(forced.out.contains("replaced: ./plimsoll.toml"), "{}", forced.out);
    assert_eq!(program.read("plimsoll.toml"), written);
}

#[test]
fn what_is_written_is_what_other_commands_read() {
    let program = Program::new();
    fs::create_dir(program.path("api")).unwrap();
    program.write("api/main.py", APP);
    assert_eq!(program.run(["init", "api"]).code, 0);
    let ran = program.run(["code", "--config", "api/plimsoll.toml", "api", "--quiet"]);
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn what_cannot_be_looked_at_is_one_line() {
    let program = Program::new();
    program.write("file", "x");
    for (folder, said) in [
        ("missing", "cannot read missing: "),
        ("file", "file is no folder"),
        (".", "holds no Python file and no OpenAPI document"),
    ] {
        let ran = program.run(["init", folder]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.diagnostic().contains(said), "{}", ran.diagnostic());
        assert!(!program.path("plimsoll.toml").exists());
    }
    // A link that leads nowhere is somebody's as well.
    program.write("main.py", APP);
    symlink("elsewhere.toml", program.path("plimsoll.toml")).unwrap();
    assert!(program.run(["init"]).diagnostic().contains("exists"));
    assert_eq!(program.run(["init", "--print", "--force"]).code, 2);
}

#[test]
fn a_folder_that_may_not_be_read_or_written() {
    let program = Program::new();
    fs::create_dir(program.path("shut")).unwrap();
    program.write("shut/main.py", APP);
    let mode = |mode: u32| fs::set_permissions(program.path("shut"), fs::Permissions::from_mode(mode)).unwrap();
    mode(0o500);
    // Whoever may do everything finds no door shut.
    let is_shut = fs::write(program.path("shut/probe"), "").is_err();
    let ran = program.run(["init", "shut"]);
    assert_eq!(ran.code, if is_shut { 2 } else { 0 }, "{ran:?}");
    assert!(!is_shut || ran.diagnostic().contains("cannot write shut/plimsoll.toml"));
    mode(0o000);
    let ran = program.run(["init", "shut", "--print"]);
    assert!(!is_shut || ran.diagnostic().contains("cannot read shut"), "{ran:?}");
    mode(0o700);
}

/// The command lines of `plimsoll` in a recipe: behind its name up to the end of the line, lines that end with `\` or are folded put together.
fn commands(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.starts_with(['#', '/'])).peekable();
    while let Some(line) = lines.next() {
        let Some(at) = [
            "plimsoll check ",
            "plimsoll code ",
            "plimsoll audit ",
            "plimsoll scan ",
            "plimsoll \"$PLIMSOLL_COMMAND\" ",
        ]
        .iter()
        .find_map(|name| line.find(name)) else {
            continue;
        };
        if line[..at].contains("name:") || line[..at].contains("description:") {
            continue;
        }
        let mut whole = line[at..].trim_end_matches('\\').to_owned();
        while let Some(next) = lines.next_if(|next| next.starts_with("--")) {
            whole.push(' ');
            whole.push_str(next.trim_end_matches('\\'));
        }
        let word = |word: &str| {
            word.trim_matches(['"', '\'']).replace("$PLIMSOLL_FAIL_ON", "high").replace("$PLIMSOLL_COMMAND", "check")
        };
        found.push(whole.split_whitespace().map(word).collect());
    }
    found
}

#[test]
fn the_recipes_call_what_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut count = 0;
    for path in [
        "packaging/ci/Jenkinsfile",
        "packaging/ci/azure-pipelines.yml",
        "packaging/ci/bitbucket-pipelines.yml",
        "packaging/ci/pre-commit-config.yaml",
        "packaging/gitlab/plimsoll.gitlab-ci.yml",
        "packaging/gitlab/templates/plimsoll.yml",
        ".pre-commit-hooks.yaml",
        "Dockerfile",
    ] {
        let text = fs::read_to_string(root.join(path)).unwrap();
        let calls = commands(&text);
        // The image calls nothing; its head shows how it is called.
        assert!(!calls.is_empty() || path == "Dockerfile", "{path} calls nothing");
        for words in calls {
            count += 1;
            let parsed = Cli::try_parse_from(words.iter().map(OsString::from));
            assert!(parsed.is_ok(), "{path}: {}: {}", words.join(" "), parsed.err().unwrap());
        }
    }
    assert!(count >= 10, "{count}");
}
