//! Brings the agent into a running interpreter, by its own remote-execution facility (`sys.remote_exec`, PEP 768, Python 3.14).
//!
//! Older interpreters offer no way that is safe: writing into another process's memory while it runs can break it, so this refuses and says that a restart
//! under `plimsoll memory -- COMMAND` would do. The same interpreter binary is used to ask, since the layouts of both sides must agree.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::client::Agents;

/// Limit of each of the two short programs that attaching runs.
const LIMIT: Duration = Duration::from_secs(10);
/// How long the target may take until it reaches a point where it can run the agent: never, if it waits in one system call.
const ARRIVAL: Duration = Duration::from_secs(10);

/// The agent cannot be brought into a running process.
#[derive(Debug, thiserror::Error)]
pub enum AttachError {
    /// There is no such process, or it belongs to somebody else.
    #[error("process {pid} cannot be looked at: {why}")]
    Unreachable {
        /// The process.
        pid: u32,
        /// Why.
        why: String,
    },
    /// It is no Python.
    #[error("process {pid} ({program}) does not run Python; it can be measured from outside")]
    NotPython {
        /// The process.
        pid: u32,
        /// Its program.
        program: String,
    },
    /// Its Python is too old.
    #[error(
        "process {pid} runs Python {version}, and only 3.14 or newer lets the agent in while running; restart it with `plimsoll memory -- COMMAND`, or measure it from outside"
    )]
    TooOld {
        /// The process.
        pid: u32,
        /// Its version.
        version: String,
    },
    /// The interpreter refused.
    #[error("the interpreter of process {pid} refused: {why}")]
    Refused {
        /// The process.
        pid: u32,
        /// What it said last.
        why: String,
    },
    /// It was asked, and the agent did not come up.
    #[error(
        "process {0} did not start the agent in time; an interpreter that waits in a system call runs it when that returns"
    )]
    Late(u32),
}

/// Brings the agent into the process.
///
/// # Errors
/// Each case of [`AttachError`]; nothing has been changed then, but for [`AttachError::Late`].
pub async fn attach(pid: u32, agents: &mut Agents) -> Result<(), AttachError> {
    let program = std::fs::read_link(format!("/proc/{pid}/exe"))
        .map_err(|error| AttachError::Unreachable { pid, why: error.to_string() })?;
    let version = version(pid, &program).await?;
    if version < (3, 14) {
        return Err(AttachError::TooOld { pid, version: format!("{}.{}", version.0, version.1) });
    }
    let script = bootstrap(agents).map_err(|why| AttachError::Refused { pid, why })?;
    let code = "import sys; sys.remote_exec(int(sys.argv[1]), sys.argv[2])";
    let pid_text = pid.to_string();
    let asked = run(&program, &["-I", "-S", "-c", code, &pid_text, &script.to_string_lossy()]).await;
    asked.map_err(|why| AttachError::Refused { pid, why })?;
    let before = agents.processes().len();
    let deadline = tokio::time::Instant::now() + ARRIVAL;
    while tokio::time::Instant::now() < deadline {
        if agents.processes().len() > before || agents.processes().iter().any(|(known, _)| *known == pid) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err(AttachError::Late(pid))
}

/// The interpreter's version, asked of its own binary.
async fn version(pid: u32, program: &Path) -> Result<(u32, u32), AttachError> {
    let not_python = || AttachError::NotPython { pid, program: program.display().to_string() };
    let name = program.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    // Any other program would do who knows what with these arguments.
    if !name.starts_with("python") {
        return Err(not_python());
    }
    let said = run(program, &["-I", "-S", "-c", "import sys; print(*sys.version_info[:2])"])
        .await
        .map_err(|_| not_python())?;
    let mut numbers = said.split_whitespace().filter_map(|number| number.parse().ok());
    numbers.next().zip(numbers.next()).ok_or_else(not_python)
}

/// Writes the few lines that the target is to run. They name the socket, since a running process has not got our environment.
fn bootstrap(agents: &Agents) -> Result<PathBuf, String> {
    let folder = agents.injection().folder();
    let (agent, socket) = (folder.join("plimsoll_agent.py"), agents.injection().socket());
    let quoted = |path: &Path| serde_json::to_string(&path.to_string_lossy()).map_err(|error| error.to_string());
    let text = format!(
        "def _plimsoll():\n    import importlib.util\n    spec = importlib.util.spec_from_file_location('plimsoll_agent', {})\n    \
         agent = importlib.util.module_from_spec(spec)\n    spec.loader.exec_module(agent)\n    agent.start({}, 'attach')\n\
         try:\n    _plimsoll()\nfinally:\n    del _plimsoll\n",
        quoted(&agent)?,
        quoted(socket)?
    );
    let path = folder.join("attach.py");
    std::fs::write(&path, text).map_err(|error| error.to_string())?;
    Ok(path)
}

/// Runs a short program and gives what it printed, or the last line of its complaint.
async fn run(program: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(LIMIT, command.output()).await.map_err(|_| String::from("no answer in time"))?;
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(complaint.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no reason given").trim().to_owned())
}
