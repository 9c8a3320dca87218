//! Starting a target: a process group of its own, its output read, its memory limited, and a mark by which its descendants are known.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use rustix::process::{getpid, set_child_subreaper};

use crate::supervise::SuperviseError;
use crate::supervise::limit::Limit;
use crate::supervise::output::Output;
use crate::supervise::stop::Watchdog;
use crate::supervise::tree::{MARK, Tree};

/// How a target is started.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The program and its arguments.
    pub command: Vec<OsString>,
    /// Variables that are added to the environment of this process.
    pub env: Vec<(OsString, OsString)>,
    /// Where it starts; where this process runs otherwise.
    pub cwd: Option<PathBuf>,
    /// The port that it serves, where that is known. Found by looking otherwise.
    pub port: Option<u16>,
    /// Bytes of memory that the whole tree may use.
    pub memory_limit: Option<u64>,
    /// Processes that the tree may have.
    pub max_processes: usize,
    /// How long it may take to answer.
    pub ready_within: Duration,
    /// How long it may take to end when it is asked to.
    pub stop_within: Duration,
}

impl Launch {
    /// The defaults for this command.
    pub fn new(command: Vec<OsString>) -> Self {
        Self {
            command,
            env: Vec::new(),
            cwd: None,
            port: None,
            memory_limit: None,
            max_processes: 256,
            ready_within: Duration::from_mins(1),
            stop_within: Duration::from_secs(5),
        }
    }

    /// The command for people: its words, those with blanks in quotes.
    pub fn line(&self) -> String {
        let words = self.command.iter().map(|word| {
            let word = plimsoll_model::redact::one_line(&word.to_string_lossy(), 120);
            if word.contains(' ') { format!("'{word}'") } else { word }
        });
        words.collect::<Vec<_>>().join(" ")
    }
}

/// A target that was just started.
pub(super) struct Started {
    pub child: Child,
    pub group: i32,
    pub tree: Tree,
    pub output: Output,
    pub limit: Limit,
    pub watchdog: Watchdog,
}

/// Starts it.
pub(super) fn start(launch: &Launch) -> Result<Started, SuperviseError> {
    let (program, args) = launch.command.split_first().ok_or(SuperviseError::NoCommand)?;
    if let Some(folder) = launch.cwd.as_ref().filter(|folder| !folder.is_dir()) {
        return Err(SuperviseError::NoFolder(folder.display().to_string()));
    }
    // Orphans come to this process instead of to init, where nobody would know whose they are. It is an attribute of the process, harmless where
    // it was set before, and where it cannot be set orphans are still found by their mark.
    let _ = set_child_subreaper(Some(getpid()));
    let mark = fresh_mark();
    let mut command = Command::new(program);
    command.args(args).envs(launch.env.iter().map(|(name, value)| (name, value))).env(MARK, &mark);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    if let Some(folder) = &launch.cwd {
        command.current_dir(folder);
    }
    let name = program.to_string_lossy().into_owned();
    // Before anything runs that would have to be ended.
    let mut watchdog = Watchdog::start(&mark);
    let mut child = command.spawn().map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => SuperviseError::NotFound(name),
        _ => SuperviseError::CannotStart { command: name, source },
    })?;
    // The process leads a group of its own, which has its number (`process_group(0)`). Numbers fit: the kernel's pid_t is signed.
    let pid = child.id().cast_signed();
    watchdog.guard(pid);
    let limit = Limit::impose(pid, &format!("plimsoll-{mark}"), launch.memory_limit);
    let mut tree = Tree::started(pid, mark);
    if let Some(group) = limit.group() {
        tree.also_group(group.to_owned());
    }
    let output = Output::default();
    let streams = [child.stdout.take().map(boxed), child.stderr.take().map(boxed)];
    for stream in streams.into_iter().flatten() {
        if let Err(source) = output.drain(stream) {
            super::stop::kill(&mut tree, Some(pid), || drop(child.try_wait()));
            return Err(SuperviseError::CannotStart { command: launch.line(), source });
        }
    }
    Ok(Started { child, group: pid, tree, output, limit, watchdog })
}

fn boxed(stream: impl io::Read + Send + 'static) -> Box<dyn io::Read + Send> {
    Box::new(stream)
}

/// A mark that no other tree has: this process, the moment, and a number.
fn fresh_mark() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    #[expect(clippy::disallowed_methods, reason = "makes a name unique, decides nothing")]
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{}-{:x}-{number}", std::process::id(), now.as_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_differ() {
        assert_ne!(fresh_mark(), fresh_mark());
    }

    #[test]
    fn a_command_is_shown_with_its_words_kept_apart() {
        let launch = Launch::new(vec!["sh".into(), "-c".into(), "exec server\n--port 1".into()]);
        assert_eq!(launch.line(), "sh -c 'exec server --port 1'");
    }
}
