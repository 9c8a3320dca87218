//! Imports between our crates run one way. ARCHITECTURE.md draws the arrows; this test reads `cargo metadata` and fails on any other.

#![expect(clippy::unwrap_used, reason = "a test stops where cargo says something unexpected")]

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

/// Who may depend on whom. Dev-dependencies are not arrows of the product and are free, but for lanes.
const ARROWS: &[(&str, &[&str])] = &[
    ("plimsoll-model", &[]),
    ("plimsoll-http", &["plimsoll-model"]),
    ("plimsoll-spec", &["plimsoll-model"]),
    ("plimsoll-audit", &["plimsoll-model", "plimsoll-spec"]),
    ("plimsoll-scan", &["plimsoll-http", "plimsoll-model", "plimsoll-spec"]),
    ("plimsoll-code", &["plimsoll-model"]),
    ("plimsoll-memory", &["plimsoll-http", "plimsoll-model", "plimsoll-spec"]),
    (
        "plimsoll-run",
        &[
            "plimsoll-audit",
            "plimsoll-code",
            "plimsoll-http",
            "plimsoll-memory",
            "plimsoll-model",
            "plimsoll-scan",
            "plimsoll-spec",
        ],
    ),
    ("plimsoll-report", &["plimsoll-model"]),
    ("plimsoll", &["plimsoll-http", "plimsoll-model", "plimsoll-report", "plimsoll-run"]),
    ("plimsoll-testkit", &[]),
    ("xtask", &["plimsoll", "plimsoll-model", "plimsoll-report", "plimsoll-run"]),
];

#[test]
fn imports_run_one_way() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let names: BTreeSet<&str> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    let drawn: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, drawn, "every crate of the workspace is in the drawing, and the other way round");
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let (_, allowed) = ARROWS.iter().find(|(other, _)| *other == name).unwrap();
        for dependency in package["dependencies"].as_array().unwrap() {
            let to = dependency["name"].as_str().unwrap();
            let is_dev = dependency["kind"].as_str() == Some("dev");
            let ours = names.contains(to);
            assert!(!ours || is_dev || allowed.contains(&to), "{name} must not import {to}: see ARCHITECTURE.md");
        }
    }
}

#[test]
fn only_the_wire_knows_an_http_client() {
    for package in metadata()["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        for dependency in package["dependencies"].as_array().unwrap() {
            let to = dependency["name"].as_str().unwrap();
            let is_client = ["hyper", "hyper-util", "reqwest", "tokio-rustls"].contains(&to);
            let is_dev = dependency["kind"].as_str() == Some("dev") || name == "plimsoll-testkit";
            assert!(
                !is_client || is_dev || name == "plimsoll-http",
                "{name} must not import {to}: only plimsoll-http talks to a target"
            );
        }
    }
}

fn metadata() -> Value {
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--no-deps", "--offline", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
