//! The route map against what the frameworks themselves say: each application under `tests/routes` is read as source here and imported by its framework
//! there (`tests/routes/dump.py`, in the lab's Python), and both must name the same operations and handlers.
//!
//! Without the lab's Python nothing can be compared, and the tests say so and fail; `make setup` installs it.

#![expect(clippy::unwrap_used, reason = "a test stops where something unexpected is said")]

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
    // Nothing is connected to; the applications only want these to be set.
    let secret = "only-for-the-import-of-an-application-in-a-test";
    for name in
        ["SHOP_JWT_SECRET", "SHOP_CURSOR_SECRET", "SHOP_SECRET_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
    {
        command.env(name, secret);
    }
    command
        .env("DYNAMODB_ENDPOINT", "http://127.0.0.1:9")
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_DEFAULT_REGION", "eu-west-1");
    command.env("PYTHONWARNINGS", "ignore");
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

/// The lab's shops: every operation of the generated document is in the route map, and what the map has besides is kept out of the document on purpose.
fn shop(shop: &str, variant: &str, kind: &str, target: &str) {
    let folder = root().join("lab").join(shop).join(variant);
    let ours = routes(&folder);
    let theirs = dump(kind, &folder, target);
    let own: BTreeSet<(String, String)> =
        ours.iter().map(|(_, (verb, path, _))| (verb.clone(), path.clone())).collect();
    let missing: Vec<_> = theirs.contract.difference(&own).collect();
    assert!(missing.is_empty(), "missing: {missing:#?}");
    let served: BTreeSet<(String, String)> =
        theirs.operations.iter().map(|(verb, path, _)| (verb.clone(), path.clone())).collect();
    let extra: Vec<_> = ours
        .iter()
        .filter(|(_, (verb, path, _))| {
            let any = served.contains(&("ANY".to_owned(), path.clone()));
            !any && !served.contains(&(verb.clone(), path.clone()))
                && !theirs.contract.contains(&(verb.clone(), path.clone()))
        })
        .map(|(_, operation)| operation)
        .collect();
    assert!(extra.is_empty(), "extra: {extra:#?}");
    assert!(ours.iter().all(|(route, _)| !route.detached), "all routes belong to the application");
}

#[test]
fn shop_fastapi() {
    shop("shop-fastapi", "faulty", "fastapi", "shop.app:app");
    shop("shop-fastapi", "sound", "fastapi", "shop.app:app");
}

#[test]
fn shop_django() {
    shop("shop-django", "faulty", "spectacular", "shop.settings");
    shop("shop-django", "sound", "spectacular", "shop.settings");
}

/// Labelled cases outside of the tree: `PLIMSOLL_CORPUS` names a folder of folders, each with a `CASE.toml` that says which operation to drive. Both twins of
/// each must have it in their map.
#[test]
#[ignore = "needs labelled cases, which are not part of the tree: PLIMSOLL_CORPUS=FOLDER cargo nextest run --run-ignored only"]
fn corpus() {
    let corpus = PathBuf::from(std::env::var_os("PLIMSOLL_CORPUS").expect("PLIMSOLL_CORPUS names the folder of cases"));
    let mut wrong = Vec::new();
    let mut seen = 0;
    for case in std::fs::read_dir(&corpus).unwrap().filter_map(Result::ok).map(|entry| entry.path()) {
        let Ok(text) = std::fs::read_to_string(case.join("CASE.toml")) else { continue };
        let drive = text.split("[drive]").nth(1).unwrap();
        let value = |key: &str| {
            drive
                .lines()
                .find_map(|line| line.strip_prefix(key)?.trim().strip_prefix('='))
                .unwrap()
                .trim()
                .trim_matches('"')
        };
        let method = value("method");
        let path = value("path").split('?').next().unwrap();
        let ours = routes(&case);
        for twin in ["leaky", "clean"] {
            seen += 1;
            let found = ours.iter().any(|(route, (verb, template, handler))| {
                (verb == method || route.any_method) && fits(template, path) && handler.starts_with(twin)
            });
            if !found {
                wrong.push(format!("{} {twin}: {method} {path}", case.display()));
            }
        }
    }
    assert!(wrong.is_empty() && seen > 0, "{seen} twins; without their operation: {wrong:#?}");
}

/// Whether a path is one that the template stands for.
fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len() && template.iter().zip(&path).all(|(part, given)| part.contains('{') || part == given)
}
