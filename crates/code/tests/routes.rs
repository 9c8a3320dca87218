//! The route map against what the frameworks themselves say: each application under `tests/routes` is read as source here and imported by its framework
//! there (`tests/routes/dump.py`, in the lab's Python), and both must name the same operations and handlers.
//!
//! Without the lab's Python nothing can be compared, and the tests say so and fail; `make setup` installs it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use plimsoll_code::entries::{self, Route, Verb};
use plimsoll_code::program::{Program, Scope};
use plimsoll_code::project::{Project, walk};
use plimsoll_code::values::Values;

type Operation = (String, String, String);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn programs(folder: &Path) -> Vec<Program> {
    let walked = walk::walk(&[folder.to_path_buf()], folder).unwrap();
    let project = Project::of(walked);
    let groups: Vec<_> = project.groups.iter().map(|group| project.load(group)).collect();
    groups.into_iter().map(|loaded| Program::build(loaded.names, loaded.modules)).collect()
}

fn routes(folder: &Path) -> Vec<(Route, Operation)> {
    let mut all = Vec::new();
    for program in programs(folder) {
        let values = Values::new(&program);
        for route in entries::find(&program, &values).routes {
            let handler = match (route.handler, route.class, route.library) {
                (Some(function), ..) => program.qualified(function),
                (None, Some(class), _) if route.verb == Verb::WebSocket => program.dotted(Scope::Class(class)),
                // Its method is the library's.
                (None, Some(_), _) => "django.".to_owned(),
                (None, None, library) => library.map(|name| program.text(name).to_owned()).unwrap_or_default(),
            };
            let operation = (route.verb.to_string(), route.template.clone(), handler);
            all.push((route, operation));
        }
    }
    all
}

struct Dump {
    operations: BTreeSet<Operation>,
    contract: BTreeSet<(String, String)>,
}

fn dump(kind: &str, folder: &Path, target: &str) -> Dump {
    let python = root().join(".tools/lab-venv/bin/python");
    let script = root().join("crates/code/tests/routes/dump.py");
    let mut command = Command::new(&python);
    command.args(["-B".as_ref(), script.as_os_str(), kind.as_ref(), folder.as_os_str(), target.as_ref()]);
    command.env("DYNAMODB_ENDPOINT", "http://127.0.0.1:9").env("PYTHONWARNINGS", "ignore");
    let output =
        command.output().unwrap_or_else(|error| panic!("{}: {error}; `make setup` installs it", python.display()));
    assert!(output.status.success(), "{kind} {target}: {}", String::from_utf8_lossy(&output.stderr));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &serde_json::Value, n: usize| value[n].as_str().unwrap().to_owned();
    Dump {
        operations: json["operations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (text(row, 0), text(row, 1), text(row, 2)))
            .collect(),
        contract: json["contract"].as_array().unwrap().iter().map(|row| (text(row, 0), text(row, 1))).collect(),
    }
}

fn compare<T: Ord + std::fmt::Debug>(what: &str, ours: &BTreeSet<T>, theirs: &BTreeSet<T>) {
    let missing: Vec<_> = theirs.difference(ours).collect();
    let extra: Vec<_> = ours.difference(theirs).collect();
    assert!(missing.is_empty() && extra.is_empty(), "{what}: missing {missing:#?}, extra {extra:#?}");
}

fn same_operations(folder: &str, kind: &str, target: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/routes").join(folder);
    let ours = routes(&folder);
    let theirs = dump(kind, &folder, target);
    let own: BTreeSet<Operation> = ours.iter().map(|(_, operation)| as_named_there(kind, operation)).collect();
    // A view that looks at no method answers all of them; ours names those that it is likely meant for.
    let open: BTreeSet<&str> =
        ours.iter().filter(|(route, _)| route.any_method).map(|(_, (_, path, _))| path.as_str()).collect();
    let theirs_named: BTreeSet<Operation> = theirs
        .operations
        .iter()
        .filter(|(_, path, handler)| !is_of_the_library(path, handler))
        .map(|(verb, path, handler)| {
            (
                verb.clone(),
                if kind == "spectacular" { path.replace("{pk}", "{id}") } else { path.clone() },
                library(handler),
            )
        })
        .filter(|operation| !open.contains(operation.1.as_str()) || own.contains(operation))
        .collect();
    compare("operations", &own, &theirs_named);
    let shown = ours.iter().filter(|(route, _)| route.in_schema && route.verb != Verb::WebSocket);
    compare("contract", &shown.map(|(_, (verb, path, _))| (verb.clone(), path.clone())).collect(), &theirs.contract);
}

/// How the framework's own listing names the handler.
fn as_named_there(kind: &str, (verb, path, handler): &Operation) -> Operation {
    let handler = match handler.rsplit_once('.') {
        // The class of an endpoint is what Starlette names.
        Some((class, method)) if kind == "starlette" && method.eq_ignore_ascii_case(verb) => class,
        _ => handler,
    };
    (verb.clone(), path.clone(), library(handler))
}

/// Methods that a view has from its library are one as good as the other: only that it is not the project's matters.
fn library(handler: &str) -> String {
    let outside = ["django.", "rest_framework.", "flask."];
    if outside.iter().any(|library| handler.starts_with(library)) { "library".to_owned() } else { handler.to_owned() }
}

/// The root view of a router, and the suffixes that it adds for formats.
fn is_of_the_library(path: &str, handler: &str) -> bool {
    handler.starts_with("rest_framework.routers.") || path.contains("{format}")
}

#[test]
fn fastapi_package() {
    same_operations("fastapi-package", "fastapi", "library.main:app");
}

#[test]
fn fastapi_styles() {
    same_operations("fastapi-styles", "fastapi", "main:app");
}

#[test]
fn starlette_plain() {
    same_operations("starlette-plain", "starlette", "app:app");
}

#[test]
fn flask_shop() {
    same_operations("flask-shop", "flask", "storefront:create_app()");
}

#[test]
fn django_site() {
    same_operations("django-site", "django", "site_app.settings");
}

#[test]
fn drf_library() {
    same_operations("drf-library", "spectacular", "project.settings");
}
