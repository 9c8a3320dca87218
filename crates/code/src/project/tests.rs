//! Which files are found, what they are called and which of them are looked at together. One test for each odd thing that a tree of files can hold.

use std::path::Path;

use super::walk::{WalkError, walk};
use super::*;

fn entries(files: &[(&str, &str)]) -> Vec<Entry> {
    let entry = |(path, text): &(&str, &str)| Entry {
        path: (*path).to_owned(),
        origin: Origin::Memory((*text).into()),
        kind: source::kind_of(Path::new(path)).unwrap(),
    };
    files.iter().map(entry).collect()
}

fn open(files: &[(&str, &str)]) -> Project {
    Project::open(entries(files), Vec::new())
}

fn names(project: &Project) -> Vec<String> {
    project.files.iter().map(|file| file.module.clone()).collect()
}

/// The groups as paths.
fn groups(project: &Project) -> Vec<Vec<&str>> {
    project
        .groups
        .iter()
        .map(|group| group.iter().map(|file| project.files[*file as usize].path.as_str()).collect())
        .collect()
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn found(folder: &Path) -> (Vec<String>, Vec<Note>) {
    let walked = walk(&[folder.to_owned()], folder).unwrap();
    (walked.entries.into_iter().map(|entry| entry.path).collect(), walked.notes)
}

#[test]
fn names_begin_where_packages_begin() {
    let project = open(&[
        ("src/shop/__init__.py", ""),
        ("src/shop/api/__init__.py", ""),
        ("src/shop/api/orders.py", ""),
        ("tool.py", ""),
    ]);
    assert_eq!(names(&project), ["shop", "shop.api", "shop.api.orders", "tool"]);
    assert_eq!(project.files[0].root, project.files[2].root);
    assert_ne!(project.files[0].root, project.files[3].root);
}

#[test]
fn imports_tell_where_a_name_space_begins() {
    let project = open(&[
        ("src/acme/billing/pay.py", "from acme.store import db\n"),
        ("src/acme/store/db.py", "import boto3\n"),
        ("src/main.py", "import acme.billing.pay\n"),
    ]);
    assert_eq!(names(&project), ["acme.billing.pay", "acme.store.db", "main"]);
    assert_eq!(groups(&project), [["src/acme/billing/pay.py", "src/acme/store/db.py", "src/main.py"]]);
    // Here the repository itself is the name space, although the package looks as if it stood alone.
    let project = open(&[
        ("services/api/app/__init__.py", ""),
        ("services/api/app/main.py", "from services.api.app import db\n"),
        ("services/api/app/db.py", "import boto3\n"),
    ]);
    assert_eq!(names(&project), ["services.api.app", "services.api.app.db", "services.api.app.main"]);
}

#[test]
fn a_package_analysed_from_inside_keeps_its_name() {
    let project = open(&[("__init__.py", ""), ("main.py", "from shop.db import table\n"), ("db.py", "import boto3\n")]);
    assert_eq!(names(&project), ["shop", "shop.db", "shop.main"]);
    assert_eq!(groups(&project).len(), 1);
}

#[test]
fn two_projects_of_one_tree_do_not_mix() {
    let project = open(&[
        ("a/manage.py", "import django\nfrom app import views\n"),
        ("a/app/__init__.py", ""),
        ("a/app/views.py", "import boto3\n"),
        ("b/app/__init__.py", ""),
        ("b/app/views.py", "import boto3\n"),
        ("b/run.py", "from app.views import x\n"),
        ("libs/common/src/acme_common/__init__.py", ""),
        ("libs/common/src/acme_common/aws.py", "import boto3\n"),
        ("c/job.py", "from acme_common.aws import client\n"),
    ]);
    assert_eq!(
        groups(&project),
        [
            vec!["a/app/__init__.py", "a/app/views.py", "a/manage.py"],
            vec!["b/app/views.py", "b/run.py"],
            vec!["c/job.py", "libs/common/src/acme_common/aws.py"],
        ]
    );
}

#[test]
fn packages_of_others_side_by_side_are_not_linked() {
    let files = [("a/one/__init__.py", "import boto3\nimport two\n"), ("b/two/__init__.py", "import boto3\n")];
    assert_eq!(open(&files).groups.len(), 1);
    assert_eq!(Project::of(Walked { entries: entries(&files), ..Walked::default() }).groups.len(), 2);
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &files);
    assert!(!walk(&[folder.path().to_owned()], folder.path()).unwrap().linked);
    write(folder.path(), &[("pyproject.toml", "")]);
    assert!(walk(&[folder.path().to_owned()], folder.path()).unwrap().linked);
}

#[test]
fn what_is_reachable_is_looked_at_whatever_words_it_holds() {
    let project = open(&[
        ("app.py", "from fastapi import FastAPI\nfrom repo import load\n"),
        ("repo.py", "from store import rows\nimport plugin_base\n"),
        ("store.py", "ROWS = []\n"),
        ("plugin_base.py", "x = 1\n"),
        ("main.py", "from app import app\n"),
        ("dynamic.py", "import importlib\nimportlib.import_module('loaded')\nimport boto3\n"),
        ("loaded.py", "y = 1\n"),
        ("alone.py", "z = 1\n"),
        ("files.py", "f = open('x')\n"),
    ]);
    assert_eq!(
        groups(&project),
        [
            vec!["app.py", "main.py", "plugin_base.py", "repo.py", "store.py"],
            vec!["dynamic.py", "loaded.py"],
            vec!["files.py"]
        ]
    );
}

#[test]
fn an_init_that_hands_names_on_leads_only_to_those() {
    let project = open(&[
        ("big/__init__.py", "from .one import first\nfrom .two import second as zweiter\nfrom .three import *\n"),
        ("big/one.py", "first = 1\n"),
        ("big/two.py", "second = 2\n"),
        ("big/three.py", "third = 3\n"),
        ("app.py", "import flask\nfrom big import zweiter\n"),
    ]);
    assert_eq!(groups(&project), [["app.py", "big/__init__.py", "big/three.py", "big/two.py"]]);
}

#[test]
fn django_reaches_by_texts() {
    let project = open(&[
        ("manage.py", "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'conf.settings')\nimport django\n"),
        ("conf/__init__.py", ""),
        (
            "conf/settings.py",
            "INSTALLED_APPS = ['shop']\nROOT_URLCONF = 'conf.urls'\nMIDDLEWARE = ['shop.keep.Keep']\n",
        ),
        ("conf/urls.py", "from x import include\nurlpatterns = [include('shop.urls')]\n"),
        ("shop/__init__.py", ""),
        ("shop/keep.py", "class Keep: pass\n"),
        ("shop/other.py", "class Other: pass\n"),
        ("shop/urls.py", "a = 1\n"),
        ("shop/signals.py", "b = 1\n"),
    ]);
    let all: Vec<&str> = groups(&project).concat();
    for path in ["shop/keep.py", "shop/urls.py", "shop/signals.py"] {
        assert!(all.contains(&path), "{path} in {all:?}");
    }
}

#[test]
fn a_module_of_the_project_hides_a_library_of_its_name() {
    let files = [("boto3.py", "def client(name): return None\n"), ("app.py", "import boto3\nx = boto3.client('s3')\n")];
    let project = open(&files);
    assert_eq!(groups(&project), [["app.py", "boto3.py"]]);
    // A copy elsewhere in the tree is not on the path.
    let project = open(&[
        ("vendor/boto3/__init__.py", ""),
        ("vendor/boto3/x.py", ""),
        ("app/main.py", "import boto3\nimport boto3.x\n"),
    ]);
    assert!(groups(&project).iter().all(|group| !(group.contains(&"app/main.py") && group.len() > 1)));
}

#[test]
fn imports_may_lead_in_circles_or_nowhere() {
    let project = open(&[
        ("p/__init__.py", "from .a import x\nfrom . import b\n"),
        ("p/a.py", "import boto3\nfrom p.b import y\nfrom .... import beyond\nfrom .....q import r\n"),
        ("p/b.py", "from p import a\nfrom p.a import *\nimport p\n"),
    ]);
    assert_eq!(groups(&project).len(), 1);
    let loaded = project.load(&project.groups[0]);
    assert_eq!(loaded.modules.len(), 3);
}

#[test]
fn roles() {
    let project = open(&[
        ("app/main.py", ""),
        ("app/tests/test_main.py", ""),
        ("app/migrations/0001_initial.py", ""),
        ("app/migrations/__init__.py", ""),
        ("app/api_pb2.py", ""),
        ("conftest.py", ""),
        ("bin/run.py", "#!/usr/bin/env python\n"),
        ("stubs/x.pyi", ""),
        ("n.ipynb", "{\"cells\": []}"),
    ]);
    let roles: Vec<_> = project.files.iter().map(|file| (file.path.as_str(), file.role)).collect();
    let role = |path: &str| roles.iter().find(|(known, _)| *known == path).unwrap().1;
    assert_eq!(role("app/main.py"), Role::Source);
    assert_eq!(role("app/tests/test_main.py"), Role::Test);
    assert_eq!(role("app/migrations/0001_initial.py"), Role::Migration);
    assert_eq!(role("app/migrations/__init__.py"), Role::Source);
    assert_eq!(role("app/api_pb2.py"), Role::Generated);
    assert_eq!(role("conftest.py"), Role::Test);
    assert_eq!(role("bin/run.py"), Role::Script);
    assert_eq!(role("stubs/x.pyi"), Role::Stub);
    assert_eq!(role("n.ipynb"), Role::Notebook);
}

#[test]
fn only_tests_and_nothing_at_all() {
    assert!(open(&[("tests/test_a.py", "import boto3\n")]).groups.is_empty());
    let empty = open(&[]);
    assert!(empty.files.is_empty() && empty.groups.is_empty() && empty.notes.is_empty());
}

#[test]
fn foreign_folders_are_not_entered() {
    let folder = tempfile::tempdir().unwrap();
    let foreign = [
        "node_modules/x/a.py",
        "env/pyvenv.cfg",
        "env/lib/a.py",
        "lib/python3/site-packages/a.py",
        "build/lib/a.py",
        "x.egg-info/a.py",
        "y.egg/a.py",
        ".hidden/a.py",
        "ignored/a.py",
        "__pycache__/a.py",
    ];
    for path in foreign {
        write(folder.path(), &[(path, "")]);
    }
    let own = [
        ("setup.py", ""),
        (".gitignore", "ignored/\n"),
        ("pkg/build/__init__.py", ""),
        ("pkg/build/b.py", ""),
        ("pkg/c.pyx", ""),
    ];
    write(folder.path(), &own);
    write(
        folder.path(),
        &[
            ("pkg/d.py.j2", ""),
            ("pkg/e.pyi", ""),
            ("z.egg", "PK"),
            ("module/.git", "gitdir: ../x"),
            ("module/f.py", ""),
        ],
    );
    assert_eq!(
        found(folder.path()).0,
        ["module/f.py", "pkg/build/__init__.py", "pkg/build/b.py", "pkg/e.pyi", "setup.py"]
    );
    let left_out = walk(&[folder.path().to_owned()], folder.path()).unwrap().left_out;
    assert_eq!(
        left_out.into_iter().collect::<Vec<_>>(),
        [("Cython files", 1), ("packed packages", 1), ("templates of Python files", 1)]
    );
}

#[cfg(unix)]
#[test]
fn links_and_loops_end() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("a/x.py", "")]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("a/loop")).unwrap();
    std::os::unix::fs::symlink("itself.py", folder.path().join("itself.py")).unwrap();
    std::os::unix::fs::symlink("x.py", folder.path().join("a/y.py")).unwrap();
    assert_eq!(found(folder.path()).0, ["a/x.py"]);
    // The given path itself may be a link.
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(folder.path().join("a"), &link).unwrap();
    assert_eq!(walk(&[link], folder.path()).unwrap().entries.len(), 1);
}

#[cfg(unix)]
#[test]
fn names_need_not_be_text_and_pipes_are_not_opened() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let odd = folder.path().join(std::ffi::OsStr::from_bytes(b"b\xff.py"));
    std::fs::write(&odd, "import boto3\n").unwrap();
    write(folder.path(), &[("Case.py", "import boto3\n"), ("case.py", "import boto3\n")]);
    let status = std::process::Command::new("mkfifo").arg(folder.path().join("pipe.py")).status().unwrap();
    assert!(status.success());
    let walked = walk(&[folder.path().to_owned()], folder.path()).unwrap();
    assert_eq!(
        walked.notes,
        [Note { path: "pipe.py".to_owned(), line: None, message: "is no regular file".to_owned() }]
    );
    let project = Project::of(walked);
    assert_eq!(project.files.len(), 3);
    assert_eq!(project.groups.len(), 3);
}

#[cfg(unix)]
#[test]
fn deep_paths_end_in_a_note_or_are_read() {
    // Longer than PATH_MAX: made step by step from inside.
    let folder = tempfile::tempdir().unwrap();
    let name = "d".repeat(200);
    let script = "import os, sys\nos.chdir(sys.argv[1])\nfor _ in range(25):\n    os.mkdir(sys.argv[2]); os.chdir(sys.argv[2])\nopen('x.py', 'w').close()\n";
    let made =
        std::process::Command::new("python3").args(["-c", script]).arg(folder.path()).arg(&name).status().unwrap();
    assert!(made.success());
    write(folder.path(), &[("a.py", "")]);
    let (files, notes) = found(folder.path());
    assert!(files.contains(&"a.py".to_owned()));
    assert!(files.len() == 2 || notes.len() == 1, "{notes:?}");
    // Removing it takes the same way.
    let removed = std::process::Command::new("rm").arg("-rf").arg(folder.path().join(&name)).status().unwrap();
    assert!(removed.success());
}

#[test]
fn what_vanishes_or_cannot_be_read_is_said() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("a.py", "import boto3\n"), ("b.py", "import boto3\n"), ("c.py", "import boto3\nx = (\n")]);
    let walked = walk(&[folder.path().to_owned()], folder.path()).unwrap();
    std::fs::remove_file(folder.path().join("a.py")).unwrap();
    let project = Project::of(walked);
    assert_eq!(project.files.len(), 2);
    assert!(project.notes[0].to_string().starts_with("a.py: cannot be read: "), "{}", project.notes[0]);
    std::fs::remove_file(folder.path().join("b.py")).unwrap();
    let notes: Vec<_> =
        project.groups.iter().flat_map(|group| project.load(group).notes).map(|note| note.to_string()).collect();
    assert!(notes[0].starts_with("b.py: changed while it was analysed"), "{notes:?}");
    assert!(notes[1].starts_with("c.py:"), "{notes:?}");
}

#[test]
fn a_path_that_is_nothing_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("x.txt", "")]);
    assert!(matches!(walk(&[folder.path().join("absent")], folder.path()), Err(WalkError::Missing { .. })));
    assert!(matches!(walk(&[folder.path().join("x.txt")], folder.path()), Err(WalkError::NoPython { .. })));
    assert!(matches!(walk(&[Path::new("/dev/zero").to_owned()], folder.path()), Err(WalkError::NoPython { .. })));
}

#[test]
fn many_files_are_grouped_in_linear_time() {
    let make = |count: usize| {
        let file = |n: usize| Entry {
            path: format!("p{}/m{n}.py", n % 100),
            origin: Origin::Memory(format!("import boto3\nfrom p{}.m{} import x\n", (n + 1) % 100, n + 1).into()),
            kind: FileKind::Source,
        };
        (0..count).map(file).collect::<Vec<_>>()
    };
    let project = Project::open(make(20_000), Vec::new());
    assert_eq!(project.files.len(), 20_000);
    assert_eq!(project.groups.iter().map(Vec::len).sum::<usize>(), 20_000);
}
