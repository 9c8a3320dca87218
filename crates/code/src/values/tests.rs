//! What expressions are, told in words: small programs in the styles in which people write them. `probe(x)` asks; the answer is a sorted list.

use super::*;
use crate::names::Names;
use crate::program::{ParsedModule, Role};
use crate::python::{FileKind, read};

mod graph;
mod growth;

/// Files as `path, text`.
pub(super) fn program(files: &[(&str, &str)]) -> Program {
    let names = Names::default();
    let parsed = files
        .iter()
        .map(|(path, text)| {
            let dotted = path.trim_end_matches(".py").replace('/', ".");
            let is_package = dotted == "__init__" || dotted.ends_with(".__init__");
            let name = dotted.trim_end_matches("__init__").trim_end_matches('.').to_owned();
            let parsed = read(&names, text, FileKind::Source);
            assert!(parsed.errors.is_empty(), "{path}: {:?}", parsed.errors);
            ParsedModule { path: (*path).to_owned(), name, root: 0, is_package, role: Role::Source, tree: parsed.tree }
        })
        .collect();
    Program::build(names, parsed)
}

/// Files in one text, each after a line `# file: path`; without such a line it is `app.py`.
pub(super) fn files(text: &str) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if let Some(path) = line.strip_prefix("# file: ") {
            files.push((path.to_owned(), String::new()));
        } else {
            if files.is_empty() {
                files.push(("app.py".to_owned(), String::new()));
            }
            let (_, text) = files.last_mut().unwrap();
            text.push_str(line);
            text.push('\n');
        }
    }
    files
}

/// Every `probe(…)  # => words` of a program, with what was found where that is something else.
fn wrong(text: &str) -> Vec<String> {
    let files = files(text);
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let program = program(&files);
    let values = Values::new(&program);
    let mut wrong = Vec::new();
    for site in program.calls_named("probe") {
        let text = files[site.at.module.0 as usize].1;
        let end = program.expr(site.at).span.end as usize;
        let line = text[end..].lines().next().unwrap_or_default();
        let expected = line.split_once("# => ").expect("a probe says what it expects").1;
        let argument = program.positional(site.at, 0).expect("probe has an argument");
        let found = told(&values, values.eval(argument));
        if found != expected {
            let span = program.expr(argument).span;
            let asked = &text[span.start as usize..span.end as usize];
            wrong.push(format!("{asked}: expected {expected}, found {found}"));
        }
    }
    wrong
}

fn all_right(cases: &str) {
    let mut wrongs = Vec::new();
    let mut count = 0;
    for section in cases.split("=== ").skip(1) {
        let (title, text) = section.split_once('\n').unwrap();
        count += text.matches("# => ").count();
        wrongs.extend(wrong(text).into_iter().map(|wrong| format!("{title}: {wrong}")));
    }
    assert!(count > 20);
    assert!(wrongs.is_empty(), "{} of {count}:\n{}", wrongs.len(), wrongs.join("\n"));
}

#[test]
fn amazon() {
    all_right(include_str!("tests/aws.txt"));
}

#[test]
fn control_flow_and_imports() {
    all_right(include_str!("tests/flow.txt"));
}

#[test]
fn classes() {
    all_right(include_str!("tests/classes.txt"));
}

#[test]
fn web_frameworks() {
    all_right(include_str!("tests/web.txt"));
}

#[test]
fn what_is_held() {
    all_right(include_str!("tests/held.txt"));
}

pub(super) fn told(values: &Values<'_>, set: &[Value]) -> String {
    let mut words: Vec<String> = set.iter().map(|value| word(values, *value)).collect();
    words.sort();
    words.dedup();
    if words.is_empty() { "?".to_owned() } else { words.join(", ") }
}

fn word(values: &Values<'_>, value: Value) -> String {
    let program = values.program();
    let text = |sym: Sym| program.text(sym).to_owned();
    let class = |class: ClassId| text(program.class(class).name);
    match value {
        Value::Module(module) => format!("module {}", text(program.module(module).name)),
        Value::External(path) => text(path),
        Value::Class(id) => format!("class {}", class(id)),
        Value::Function(function) | Value::Bound(function, _) => format!("def {}", program.qualified(function)),
        Value::Inherited(id, name) => format!("{}.{}", class(id), text(name)),
        Value::Method(id, name) => format!("{}.{}", kind(values, values.object(id).kind), text(name)),
        Value::Instance(id) => format!("a {}", class(id)),
        Value::Object(id) => kind(values, values.object(id).kind),
        Value::Const(Literal::None) => "None".to_owned(),
        Value::Const(Literal::Str(value)) => format!("'{}'", text(value)),
        Value::Const(Literal::Int(value)) => value.to_string(),
        Value::Const(other) => format!("{other:?}"),
    }
}

fn kind(values: &Values<'_>, kind: Kind) -> String {
    let program = values.program();
    let of = |sym: Option<Sym>| sym.map_or("?", |sym| program.text(sym));
    let asynchronous = if Values::is_async_sdk(kind) { "async " } else { "" };
    match kind {
        Kind::Client { service, .. } => format!("{asynchronous}client {}", of(service)),
        Kind::ClientContext { service, resource: false, .. } => format!("unentered client {}", of(service)),
        Kind::ClientContext { service, .. } => format!("unentered resource {}", of(service)),
        Kind::Resource { service, .. } => format!("{asynchronous}resource {}", of(service)),
        Kind::Table(_) => format!("{asynchronous}table"),
        Kind::Session(sdk) => format!("session {sdk:?}"),
        Kind::Paginator { operation, .. } => format!("{asynchronous}paginator {}", of(operation)),
        Kind::PageIterator { operation, .. } => format!("{asynchronous}pages {}", of(operation)),
        Kind::Response { operation, page: true, .. } => format!("page {}", of(operation)),
        Kind::Response { operation, full: true, .. } => format!("full {}", of(operation)),
        Kind::Response { operation, .. } => format!("answer {}", of(operation)),
        Kind::Items { operation, full: true } => format!("all items {}", of(operation)),
        Kind::Items { operation, .. } => format!("items {}", of(operation)),
        Kind::Item { operation } => format!("item {}", of(operation)),
        Kind::PynamoResults { model, operation } => {
            format!("{} of {}", program.text(operation), program.text(program.class(model).name))
        }
        Kind::HttpClient { lib, is_async } => format!("{}{lib:?}", if is_async { "async " } else { "" }),
        Kind::Container { kind, bound: Bound::Unbounded } => format!("{kind:?}").to_lowercase(),
        Kind::Container { kind, bound } => format!("{} {bound:?}", format!("{kind:?}").to_lowercase()),
        Kind::Queue { flavour, bound } => format!("{flavour:?} queue {bound:?}"),
        Kind::Instance(id) => program.text(program.class(id).name).to_owned(),
        Kind::Made(path) => format!("made by {}", program.text(path)),
        Kind::Generator(function) => format!("generator {}", program.qualified(function)),
        Kind::Coroutine(function) => format!("coroutine {}", program.qualified(function)),
        Kind::ContextManager(function) => format!("context {}", program.qualified(function)),
        other => format!("{other:?}"),
    }
}

/// The two files of the comparison with type checkers: what general type inference finds in none of the eight places.
#[test]
fn the_eight_cases_that_type_checkers_miss() {
    let db = "
import boto3

dynamodb = boto3.resource('dynamodb')
table = dynamodb.Table('orders')


def get_table(name='orders'):
    return boto3.resource('dynamodb').Table(name)


class Repo:
    def __init__(self):
        self.table = get_table()
";
    let cases = [
        ("probe(table)", "table"),
        ("probe(get_table())", "table"),
        ("probe(Repo().table)", "table"),
        ("probe(db.table)", "table"),
        ("def read(t=Depends(get_table)):\n    probe(t)", "table"),
        ("client = boto3.client('dynamodb')\nprobe(client.get_paginator('scan'))", "paginator scan"),
        ("probe(table.scan())", "answer scan"),
        ("tables = [get_table('a')]\nprobe(tables[0])", "table"),
    ];
    let right = cases.iter().filter(|(code, expected)| {
        let app = format!(
            "# file: db.py\n{db}\n# file: app.py\nimport boto3\nimport db\nfrom db import Repo, get_table, table\nfrom fastapi import Depends\n{code}"
        );
        let probe = format!("{app}  # => {expected}");
        wrong(probe.trim_end()).is_empty()
    });
    assert_eq!(right.count(), 8);
}
