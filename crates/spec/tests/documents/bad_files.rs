//! Files that are no documents: folders, pipes, devices, links in circles. None may wait, loop or fill the memory.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use plimsoll_spec::{Failure, LoadError, Options, Source, load};

fn refused(path: impl Into<PathBuf>) -> LoadError {
    let path = path.into();
    let started = Instant::now();
    let error = load(&Source::File(path.clone()), &Options::default()).unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(2), "{error}");
    assert!(
        error.to_string().starts_with(&path.display().to_string()) && error.to_string().lines().count() == 1,
        "{error}"
    );
    error
}

#[test]
fn what_is_no_regular_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let missing = refused(folder.path().join("missing.yaml"));
    assert_eq!((missing.failure, missing.what.as_str()), (Failure::Unreadable, "there is no such file"));
    let itself = refused(folder.path());
    assert_eq!((itself.failure, itself.what.as_str()), (Failure::Unreadable, "this is a folder"));
    let large = folder.path().join("large.json");
    fs::File::create(&large).unwrap().set_len(100 << 20).unwrap();
    assert_eq!(refused(large).failure, Failure::TooLarge);
}

#[cfg(unix)]
#[test]
fn pipes_devices_and_link_loops_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    for path in [fifo, PathBuf::from("/dev/zero"), PathBuf::from("/dev/null")] {
        let error = refused(path);
        assert_eq!((error.failure, error.what.as_str()), (Failure::Unreadable, "this is no regular file"));
        assert!(error.hint.contains("standard input"));
    }
    let (one, two) = (folder.path().join("one.yaml"), folder.path().join("two.yaml"));
    std::os::unix::fs::symlink(&one, &two).unwrap();
    std::os::unix::fs::symlink(&two, &one).unwrap();
    let circle = refused(one);
    assert!(circle.failure == Failure::Unreadable && circle.what.contains("symbolic links"), "{circle}");
}

#[cfg(unix)]
#[test]
fn a_forbidden_file_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret.yaml");
    fs::write(&path, "openapi: 3.0.0\npaths: {}\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o0)).unwrap();
    // Root reads everything; then the file is simply a document.
    if fs::File::open(&path).is_ok() {
        assert!(load(&Source::File(path), &Options::default()).is_ok());
    } else {
        assert_eq!(refused(path).what, "reading it is not permitted");
    }
}

#[test]
fn standard_input_has_a_name() {
    let error = load(&Source::Stdin(b"openapi: [".to_vec()), &Options::default()).unwrap_err();
    assert!(error.to_string().starts_with("<stdin>:"), "{error}");
    let api = load(&Source::Stdin(b"openapi: 3.0.0\npaths: {}".to_vec()), &Options::default()).unwrap();
    assert_eq!((api.document.as_deref(), api.operations.len()), (Some("<stdin>"), 0));
}
