//! Runs the program in a folder of its own, with a bare environment, for a bounded time.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// No run of these tests may take longer.
const PATIENCE: Duration = Duration::from_mins(1);

/// The program, ready to be run.
pub struct Program {
    pub folder: TempDir,
}

/// What a run left behind.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
    pub took: Duration,
}

impl Program {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// The path of a file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the folder.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The command with these arguments, in the folder.
    pub fn command<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        command
    }

    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Ran {
        finish(&mut self.command(arguments))
    }

    /// A scan that shows nothing but its report.
    pub fn scan(&self, url: &str, more: &[&str]) -> Ran {
        self.run(["scan", url, "--quiet"].iter().chain(more))
    }
}

pub fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_plimsoll"))
}

/// Runs a command to its end.
pub fn finish(command: &mut Command) -> Ran {
    let begun = Instant::now();
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait(child, begun)
}

/// Waits for a child, and gathers what it says.
pub fn wait(mut child: Child, begun: Instant) -> Ran {
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let gather = |stream: Option<Box<dyn Read + Send>>| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            stream.map(|mut stream| stream.read_to_end(&mut bytes));
            String::from_utf8(bytes).unwrap()
        })
    };
    let out = gather(out.map(|stream| Box::new(stream) as _));
    let err = gather(err.map(|stream| Box::new(stream) as _));
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("still running after {PATIENCE:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let took = begun.elapsed();
    // A signal has no code; none of the documented ones is negative.
    Ran { code: status.code().unwrap_or(-1), out: out.join().unwrap(), err: err.join().unwrap(), took }
}

impl Ran {
    /// What went wrong, as one line that begins with `error: `.
    pub fn diagnostic(&self) -> &str {
        let line = self.err.trim_end_matches('\n');
        assert!(line.starts_with("error: ") && !line.contains('\n'), "no single line: {self:?}");
        line
    }
}
