//! Programs of a few small files.

use super::*;
use crate::python::{FileKind, read};

/// Files as `path, text`; a path's module is its dotted name without `src/`.
fn program(files: &[(&str, &str)]) -> Program {
    let names = Names::default();
    let parsed = files
        .iter()
        .map(|(path, text)| {
            let dotted =
                path.trim_start_matches("src/").trim_end_matches(".pyi").trim_end_matches(".py").replace('/', ".");
            let is_package = dotted == "__init__" || dotted.ends_with(".__init__");
            let name = dotted.trim_end_matches("__init__").trim_end_matches('.').to_owned();
            let tree = read(&names, text, FileKind::Source).tree;
            ParsedModule { path: (*path).to_owned(), name, root: 0, is_package, role: Role::Source, tree }
        })
        .collect();
    Program::build(names, parsed)
}

/// What the first call of `probe(...)` in the file is given, resolved and told.
fn probed(program: &Program) -> String {
    let site = program.calls_named("probe").next().unwrap();
    let argument = program.positional(site.at, 0).unwrap();
    match program.resolve(argument) {
        None => "nothing".to_owned(),
        Some(Symbol::Module(module)) => format!("module {}", program.text(program.module(module).name)),
        Some(Symbol::Class(class)) => format!("class {}", program.dotted(Scope::Class(class))),
        Some(Symbol::Function(function)) => format!("function {}", program.qualified(function)),
        Some(Symbol::Variable(module, name)) => {
            format!("variable {}.{}", program.text(program.module(module).name), program.text(name))
        }
        Some(Symbol::External(path)) => program.text(path).to_owned(),
    }
}

#[test]
fn imports_lead_to_what_they_name() {
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("a.py", "import boto3\nprobe(boto3.client)")], "boto3.client"),
        (&[("a.py", "import boto3 as aws\nprobe(aws.session.Session)")], "boto3.session.Session"),
        (&[("a.py", "from boto3 import client as make\nprobe(make)")], "boto3.client"),
        (&[("a.py", "import os.path\nprobe(os.path.join)")], "os.path.join"),
        (&[("a.py", "import os.path as p\nprobe(p.join)")], "os.path.join"),
        (&[("a.py", "from app import db\nprobe(db)"), ("app/__init__.py", ""), ("app/db.py", "")], "module app.db"),
        (
            &[("a.py", "import app.db\nprobe(app.db.table)"), ("app/__init__.py", ""), ("app/db.py", "table = 1")],
            "variable app.db.table",
        ),
        (&[("a.py", "import app.db\nprobe(app.db.table)"), ("app/db.py", "table = 1")], "variable app.db.table"),
        (&[("a.py", "from app.db import table\nprobe(table)"), ("app/db.py", "table = 1")], "variable app.db.table"),
        (
            &[("app/x.py", "from . import db\nprobe(db.f)"), ("app/__init__.py", ""), ("app/db.py", "def f(): pass")],
            "function app.db.f",
        ),
        (&[("app/x.py", "from . import db\nprobe(db.f)"), ("app/db.py", "def f(): pass")], "function app.db.f"),
        (&[("app/v/x.py", "from ..db import f\nprobe(f)"), ("app/db.py", "def f(): pass")], "function app.db.f"),
        (&[("app/__init__.py", "from .db import f\nprobe(f)"), ("app/db.py", "def f(): pass")], "function app.db.f"),
        (
            &[
                ("a.py", "from app import f\nprobe(f)"),
                ("app/__init__.py", "from .db import *"),
                ("app/db.py", "def f(): pass"),
            ],
            "function app.db.f",
        ),
        (
            &[
                ("a.py", "from app import g\nprobe(g)"),
                ("app/__init__.py", "from .db import f as g"),
                ("app/db.py", "def f(): pass"),
            ],
            "function app.db.f",
        ),
        (
            &[("a.py", "from app import *\nprobe(Client)"), ("app.py", "from boto3 import client as Client")],
            "boto3.client",
        ),
        (&[("a.py", "import a\nfrom b import x\nprobe(x)"), ("b.py", "from a import x")], "nothing"),
        (
            &[
                ("a.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from b import T\nprobe(T)"),
                ("b.py", "class T: pass"),
            ],
            "class b.T",
        ),
        (
            &[("a.py", "try:\n    import orjson as json\nexcept ImportError:\n    import json\nprobe(json.dumps)")],
            "orjson.dumps",
        ),
        (
            &[("a.py", "import b\nBase = b.Base\nprobe(Base.get)"), ("b.py", "class Base:\n    def get(self): pass")],
            "function b.Base.get",
        ),
        (&[("a.py", "probe(open)")], "builtins.open"),
        (&[("a.py", "def open(): pass\nprobe(open)")], "function a.open"),
        (&[("a.py", "def f():\n    import boto3\n    probe(boto3.client)")], "boto3.client"),
        (&[("a.py", "import boto3\n[probe(boto3) for boto3 in []]")], "nothing"),
        (&[("a.py", "from ... import far\nprobe(far)")], "nothing"),
        (&[("a.py", "from boto3 import *\nprobe(client)")], "boto3.client"),
        (&[("a.py", "import boto3\nprobe(boto3.client)"), ("boto3.py", "def client(): pass")], "function boto3.client"),
        (&[("a.py", "class A:\n    import boto3\n    def f(self):\n        probe(boto3)")], "nothing"),
    ];
    for (files, expected) in cases {
        assert_eq!(probed(&program(files)), *expected, "{files:?}");
    }
}

#[test]
fn strings_lead_to_modules_classes_and_functions() {
    let program = program(&[
        ("shop/urls.py", ""),
        ("shop/views.py", "class OrderView:\n    def get(self): pass\ndef index(request): pass"),
    ]);
    let from = ModuleId(0);
    assert!(matches!(program.resolve_dotted(from, "shop.urls"), Some(Symbol::Module(ModuleId(0)))));
    assert!(matches!(program.resolve_dotted(from, "shop.views.index"), Some(Symbol::Function(_))));
    assert!(matches!(program.resolve_dotted(from, "shop.views.OrderView.get"), Some(Symbol::Function(_))));
    assert_eq!(program.resolve_dotted(from, "django.views"), None);
    assert_eq!(program.resolve_dotted(from, "shop.views.missing"), None);
}

#[test]
fn a_copy_of_a_library_in_another_root_hides_nothing() {
    let names = Names::default();
    let module = |names: &Names, name: &str, root, text| ParsedModule {
        path: format!("{root}/{name}.py"),
        name: name.to_owned(),
        root,
        is_package: false,
        role: Role::Source,
        tree: read(names, text, FileKind::Source).tree,
    };
    let files = vec![
        module(&names, "a", 0, "import boto3, shared\nprobe(boto3.client)\nother(shared.f)"),
        module(&names, "boto3", 1, "def client(): pass"),
        module(&names, "shared", 1, "def f(): pass"),
    ];
    let program = Program::build(names, files);
    assert_eq!(probed(&program), "boto3.client");
    let other = program.calls_named("other").next().unwrap();
    let shared = program.positional(other.at, 0).unwrap();
    assert!(matches!(program.resolve(shared), Some(Symbol::Function(_))), "the only other root that has it");
}

#[test]
fn classes_know_their_bases_and_descendants() {
    let program = program(&[
        (
            "base.py",
            "from django.db import models\nclass Model(models.Model):\n    def save(self): pass\n    class Meta: pass",
        ),
        (
            "a.py",
            "import base\nfrom typing import Generic\nclass Order(base.Model, Generic[int]): pass\nclass Late(Order):\n    def save(self): pass",
        ),
        ("loop.py", "class A(B): pass\nclass B(A): pass"),
    ]);
    let found = program.subclasses_of("django.db.models.Model");
    let told: Vec<String> = found.iter().map(|&class| program.dotted(Scope::Class(class))).collect();
    assert_eq!(told, ["base.Model", "a.Order", "a.Late"]);
    let save = program.names.find("save").unwrap();
    assert_eq!(program.qualified(program.method(found[1], save).unwrap()), "base.Model.save");
    assert_eq!(program.qualified(program.method(found[2], save).unwrap()), "a.Late.save");
    let bases: Vec<&str> = program.external_bases(found[2]).collect();
    assert!(bases.contains(&"django.db.models.Model") && bases.contains(&"typing.Generic"), "{bases:?}");
}

#[test]
fn sites_know_what_is_around_them() {
    let text = "
async def f(rows):
    for row in rows:
        try:
            await save(row)
        except KeyError as error:
            note(error)
        finally:
            close(row)
    with lock(), other(x) as y:
        if rows:
            inner([deep(r) for r in source(rows)])
    return done(lambda: later(rows))
";
    let program = program(&[("a.py", text)]);
    let site = |name: &str| *program.calls_named(name).next().unwrap();
    assert!(site("save").awaited && site("save").around.in_try && site("save").around.loops == 1);
    assert!(site("note").around.in_handler && !site("note").around.in_try);
    assert!(site("close").around.in_finally);
    assert!(site("lock").in_with && site("other").in_with && !site("other").around.in_with_body);
    assert!(site("inner").around.conditional && site("inner").around.in_with_body && site("inner").around.loops == 0);
    assert_eq!((site("deep").around.loops, site("source").around.loops), (1, 0));
    assert_eq!(program.dotted(site("later").scope), "a.f.<lambda>");
    let function = site("save").scope.function().unwrap();
    let names: Vec<&str> =
        program.calls_in(site("save").scope).iter().map(|site| program.text(site.name.unwrap())).collect();
    assert_eq!(names, ["save", "note", "close", "lock", "other", "inner", "source", "deep", "done"]);
    assert_eq!(program.exits(function).len(), 1);
    assert_eq!(program.exits(site("later").scope.function().unwrap()).len(), 1);
}

#[test]
fn globals_and_nonlocals_bind_where_they_belong() {
    let text = "
client = None
def connect():
    global client
    client = make()
def outer():
    seen = []
    def inner():
        nonlocal seen
        seen = other()
    return inner
";
    let program = program(&[("a.py", text)]);
    let module = Scope::Module(ModuleId(0));
    let client = program.names.find("client").unwrap();
    assert_eq!(program.bindings(module, client).count(), 2);
    let inner = program.functions_named(program.names.find("inner").unwrap())[0];
    let seen = program.names.find("seen").unwrap();
    let owner = program.binding_scope(Scope::Function(inner), seen).unwrap();
    assert_eq!(program.dotted(owner), "a.outer");
    assert_eq!(program.bindings(owner, seen).count(), 2);
}
