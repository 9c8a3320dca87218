//! What a scan with every category costs, on the real applications of the lab: the limit is 40 requests for each operation.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::program::Program;

/// Requests for each operation that may be spent on average.
const LIMIT: f64 = 40.0;

/// An application of the lab; it ends with its standard input.
struct Shop {
    child: Child,
    url: String,
    token: String,
}

impl Drop for Shop {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// None where the lab is not set up (`make setup`).
fn start(framework: &str, kind: &str) -> Option<Shop> {
    let python = root().join(".tools/lab-venv/bin/python");
    if !python.exists() {
        return None;
    }
    let mut child = Command::new(python)
        .args(["lab/run.py", framework, kind, "--until-eof"])
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let facts: serde_json::Value = serde_json::from_str(&line).unwrap();
    let text = |name: &str| facts[name].as_str().unwrap_or_default().to_owned();
    Some(Shop { url: text("url"), token: text("token"), child })
}

#[test]
fn all_categories_together_stay_below_the_limit() {
    for framework in ["fastapi", "django"] {
        let Some(shop) = start(framework, "sound") else {
            eprintln!("the lab is not set up: nothing was measured");
            return;
        };
        let program = Program::new();
        let mut command = program.command([
            "scan",
            &shop.url,
            "--quiet",
            "--header",
            "Authorization: Bearer $TOKEN",
            "--format",
            "json",
            "--explain-budget",
        ]);
        let ran = crate::program::finish(command.env("TOKEN", &shop.token));
        assert_eq!(ran.code, 0, "{framework}: {}", ran.err);
        let said = ran.err.lines().find_map(|line| line.strip_prefix("Per operation: ")).unwrap();
        let average: f64 = said.split(' ').next().unwrap().parse().unwrap();
        assert!((1.0..LIMIT).contains(&average), "{framework}: {average} requests for each operation");
        let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let spent = format!("Requests: {} of 2000", report["cost"]["requests"]);
        assert!(ran.err.contains(&spent), "{framework}: {spent}: {}", ran.err);
        assert!(ran.err.contains("if nobody shared"), "{framework}: {}", ran.err);
        eprintln!("{framework}: {average} requests for each operation");
    }
}
