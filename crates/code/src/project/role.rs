//! What a file is for, by its path and its first lines. A guess that only ever makes findings quieter is good enough here.

use super::scan::Scan;
use crate::program::Role;
use crate::python::FileKind;

/// What a file is for.
pub fn of(path: &str, kind: FileKind, scan: &Scan) -> Role {
    match kind {
        FileKind::Stub => return Role::Stub,
        FileKind::Notebook => return Role::Notebook,
        FileKind::Source => {}
    }
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut folders = folders.split('/');
    let stem = name.strip_suffix(".py").unwrap_or(name);
    if folders.clone().any(|folder| matches!(folder, "tests" | "test" | "testing" | "testutils"))
        || stem.starts_with("test_")
        || stem.ends_with("_test")
        || matches!(stem, "conftest" | "tests")
    {
        return Role::Test;
    }
    if folders.clone().next_back() == Some("migrations") && stem != "__init__" {
        return Role::Migration;
    }
    // Alembic's.
    if folders.clone().next_back() == Some("versions")
        && folders.any(|folder| matches!(folder, "alembic" | "migrations"))
    {
        return Role::Migration;
    }
    if stem.ends_with("_pb2") || stem.ends_with("_pb2_grpc") || scan.generated {
        return Role::Generated;
    }
    if scan.shebang { Role::Script } else { Role::Source }
}
