//! Brings the agent in by the environment: a folder of ours first on `PYTHONPATH`, with a `sitecustomize` that starts the agent and then runs the
//! one that the project already has.
//!
//! Only two variables of the child are set. The folder and the socket are for the owner alone and go when the [`Injection`] is dropped. Interpreters that
//! ignore the environment (`-I`, `-E`) or skip `site` (`-S`) come up without an agent: [`ignored_by`] says so beforehand where the command line shows it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::net::UnixListener;

/// The agent's source.
pub const AGENT: &str = include_str!("../../agent/plimsoll_agent.py");
/// The `sitecustomize` that starts it.
const SITECUSTOMIZE: &str = include_str!("../../agent/sitecustomize.py");
/// Names the socket to the agent.
pub const SOCKET_VARIABLE: &str = "PLIMSOLL_AGENT_SOCKET";
/// `sockaddr_un.sun_path` holds 108 bytes with the NUL (unix(7)).
const LONGEST_PATH: usize = 107;

/// The agent cannot be brought in.
#[derive(Debug, thiserror::Error)]
#[error("no folder for the agent's socket can be made: {0}")]
pub struct InjectError(String);

/// The folder and the socket through which agents come in.
#[derive(Debug)]
pub struct Injection {
    folder: TempDir,
    socket: PathBuf,
}

impl Injection {
    /// Makes the folder and listens on the socket. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// No folder with a path short enough for a socket can be written.
    pub fn prepare() -> Result<(Self, UnixListener), InjectError> {
        let mut why = String::from("no temporary folder");
        // The first is TMPDIR; the others are for those whose TMPDIR is read-only or too long for a socket.
        let places = [None, Some("/tmp"), Some("/dev/shm"), Some("/var/tmp")];
        for place in places {
            match Self::prepare_in(place.map(Path::new)) {
                Ok(made) => return Ok(made),
                Err(error) => why = error,
            }
        }
        Err(InjectError(why))
    }

    fn prepare_in(place: Option<&Path>) -> Result<(Self, UnixListener), String> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("plimsoll-").permissions(fs::Permissions::from_mode(0o700));
        let folder =
            place.map_or_else(|| builder.tempdir(), |place| builder.tempdir_in(place)).map_err(|e| e.to_string())?;
        let socket = folder.path().join("s");
        if socket.as_os_str().len() > LONGEST_PATH {
            return Err(format!("the path {} is too long for a socket", socket.display()));
        }
        for (name, text) in [("sitecustomize.py", SITECUSTOMIZE), ("plimsoll_agent.py", AGENT)] {
            fs::write(folder.path().join(name), text).map_err(|e| format!("{name}: {e}"))?;
        }
        let listener = UnixListener::bind(&socket).map_err(|e| format!("{}: {e}", socket.display()))?;
        Ok((Self { folder, socket }, listener))
    }

    /// The variables to set in the child, given the `PYTHONPATH` that it would have had.
    pub fn environment(&self, pythonpath: Option<&OsStr>) -> Vec<(OsString, OsString)> {
        let mut path = self.folder.path().as_os_str().to_owned();
        if let Some(rest) = pythonpath.filter(|rest| !rest.is_empty()) {
            path.push(":");
            path.push(rest);
        }
        vec![("PYTHONPATH".into(), path), (SOCKET_VARIABLE.into(), self.socket.clone().into())]
    }

    /// The socket on which agents say hello.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// The folder that holds the agent.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// The option of a Python command line that keeps the agent out, if one shows.
pub fn ignored_by<S: AsRef<OsStr>>(command: &[S]) -> Option<String> {
    let mut parts = command.iter().map(AsRef::as_ref);
    let program = Path::new(parts.next()?).file_name()?.to_str()?;
    if !program.starts_with("python") && !program.starts_with("pypy") {
        return None;
    }
    while let Some(part) = parts.next().and_then(OsStr::to_str) {
        let flags = part.strip_prefix('-').filter(|flags| !flags.starts_with('-') && !flags.is_empty())?;
        for flag in flags.chars() {
            match flag {
                'I' | 'E' | 'S' => return Some(format!("-{flag}")),
                // What follows is the program.
                'c' | 'm' => return None,
                // These take a value, here or in the next part.
                'W' | 'X' => {
                    if flags.ends_with(flag) {
                        parts.next();
                    }
                    break;
                }
                _ => {}
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_folder_comes_first_and_goes_with_the_injection() {
        let (injection, listener) = Injection::prepare().unwrap();
        let variables = injection.environment(Some(OsStr::new("/srv/lib:/srv/more")));
        let folder = injection.folder().to_owned();
        assert_eq!(variables[0].1.to_str().unwrap(), format!("{}:/srv/lib:/srv/more", folder.display()));
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        assert!(folder.join("sitecustomize.py").is_file());
        drop((injection, listener));
        assert!(!folder.exists());
    }

    #[tokio::test]
    async fn a_path_too_long_for_a_socket_is_refused() {
        let deep = tempfile::tempdir().unwrap();
        let long = deep.path().join("a".repeat(100));
        fs::create_dir(&long).unwrap();
        let error = Injection::prepare_in(Some(&long)).unwrap_err();
        assert!(error.contains("too long"), "{error}");
        let sealed = Injection::prepare_in(Some(Path::new("/proc"))).unwrap_err();
        assert!(!sealed.is_empty());
    }

    #[test]
    fn options_that_keep_the_agent_out_are_seen() {
        assert_eq!(ignored_by(&["python", "-I", "app.py"]).as_deref(), Some("-I"));
        assert_eq!(ignored_by(&["/usr/bin/python3.11", "-uE", "app.py"]).as_deref(), Some("-E"));
        assert_eq!(ignored_by(&["python3", "-X", "dev", "-S", "app.py"]).as_deref(), Some("-S"));
        assert_eq!(ignored_by(&["python3", "-Wignore", "app.py", "-I"]), None);
        assert_eq!(ignored_by(&["python3", "-m", "app", "-E"]), None);
        assert_eq!(ignored_by(&["uvicorn", "-I"]), None);
    }
}
