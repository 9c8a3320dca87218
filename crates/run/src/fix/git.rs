//! What version control holds of files that are about to be changed.

use std::path::Path;
use std::process::Command;

/// How a file stands to version control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The file is as it was committed.
    Committed,
    /// It holds changes that are not committed.
    Changed,
    /// git does not know it, or is told to ignore it: nothing would bring it back.
    Unknown,
    /// There is no repository, or no git.
    NoRepository,
}

/// How a file stands to the repository that it lies in.
pub fn standing(path: &Path) -> Standing {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Standing::NoRepository };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut command = Command::new("git");
    command.arg("-C").arg(folder);
    command.args(["--literal-pathspecs", "status", "--porcelain=v1", "-z", "--ignored", "--untracked-files=all", "--"]);
    let Ok(output) = command.arg(name).output() else { return Standing::NoRepository };
    if !output.status.success() {
        return Standing::NoRepository;
    }
    match output.stdout.get(..2) {
        None => Standing::Committed,
        Some(b"??" | b"!!") => Standing::Unknown,
        Some(_) => Standing::Changed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn git(folder: &Path, arguments: &[&str]) {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
        let output = Command::new("git").arg("-C").arg(folder).args(identity).args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    #[test]
    fn committed_changed_and_unknown() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        let write = |name: &str, text: &str| std::fs::write(top.join(name), text).unwrap();
        write("[a].py", "x = 1\n");
        assert_eq!(standing(&top.join("[a].py")), Standing::NoRepository);
        git(top, &["init", "-q"]);
        assert_eq!(standing(&top.join("[a].py")), Standing::Unknown);
        write(".gitignore", "b.py\n");
        write("b.py", "x = 1\n");
        git(top, &["add", "."]);
        git(top, &["commit", "-q", "-m", "first"]);
        assert_eq!(standing(&top.join("[a].py")), Standing::Committed);
        assert_eq!(standing(&top.join("b.py")), Standing::Unknown);
        write("[a].py", "x = 2\n");
        assert_eq!(standing(&top.join("[a].py")), Standing::Changed);
        git(top, &["add", "."]);
        assert_eq!(standing(&top.join("[a].py")), Standing::Changed);
    }
}
