//! Supervision: starts a target as a process tree or watches one that runs, finds its port, keeps its memory within a limit, knows how it ended, and
//! leaves nothing running.
//!
//! A thread of its own looks at the tree, so that a limit is kept and an end is noticed while everything else is busy. A target that was attached to
//! is never signalled.

pub mod limit;
pub mod output;
pub mod ports;
pub mod ready;
pub mod spawn;
pub mod stop;
pub mod tree;
mod watch;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rustix::process::Signal;

pub use output::Output;
pub use spawn::Launch;
pub use stop::Stopped;
pub use watch::Watched;

use crate::supervise::tree::{Stat, Tree};

/// How often sockets are looked for while a target starts.
const LOOK: Duration = Duration::from_millis(50);
/// How long one question for readiness may take at first; doubled up to the longest.
const FIRST_QUESTION: Duration = Duration::from_secs(1);
const LONGEST_QUESTION: Duration = Duration::from_secs(10);
/// How many lines of output an error shows.
const LINES: usize = 3;

/// Why there is no target to measure. One line: what happened, and what the target said last.
#[derive(Debug, thiserror::Error)]
pub enum SuperviseError {
    /// There is no command.
    #[error("there is no command to start")]
    NoCommand,
    /// The program does not exist.
    #[error("command not found: {0}")]
    NotFound(String),
    /// The folder to start in does not exist.
    #[error("there is no folder {0} to start in")]
    NoFolder(String),
    /// The program cannot be started.
    #[error("cannot start {command}: {source}")]
    CannotStart {
        /// The program.
        command: String,
        /// Why.
        source: std::io::Error,
    },
    /// It ended before it answered.
    #[error("the target {ending} before it answered{said}")]
    EndedEarly {
        /// How.
        ending: Ending,
        /// Its last lines.
        said: String,
    },
    /// It runs, but listens nowhere.
    #[error("the target listens on no {what} after {} s{said}", after.as_secs())]
    NeverListened {
        /// What was looked for.
        what: String,
        /// How long.
        after: Duration,
        /// Its last lines.
        said: String,
    },
    /// It listens, but does not answer.
    #[error("the target listens on {ports} but answers no HTTP request within {} s{said}", after.as_secs())]
    NeverAnswered {
        /// Where.
        ports: String,
        /// How long.
        after: Duration,
        /// Its last lines.
        said: String,
    },
    /// The port that was named is somebody else's.
    #[error("port {port} is held by {holder}, not by the target{said}")]
    PortTaken {
        /// The port.
        port: u16,
        /// Who holds it.
        holder: String,
        /// The target's last lines.
        said: String,
    },
    /// There is no such process.
    #[error("there is no process {0}")]
    NoProcess(i32),
    /// A command that does something and ends has failed.
    #[error("{command} {ending}{said}")]
    Failed {
        /// The command.
        command: String,
        /// How it ended.
        ending: Ending,
        /// Its last lines.
        said: String,
    },
    /// A command that does something and ends has not ended.
    #[error("{command} has not ended after {} s{said}", after.as_secs())]
    Unfinished {
        /// The command.
        command: String,
        /// How long.
        after: Duration,
        /// Its last lines.
        said: String,
    },
}

/// How a target ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With this exit code.
    Exited(i32),
    /// By this signal, which nobody here sent.
    Killed(i32),
    /// For want of memory; how that is known.
    OutOfMemory(String),
    /// It was over its limit and was ended here.
    OverLimit {
        /// What it used, in bytes.
        used: u64,
        /// What it was given.
        limit: u64,
    },
    /// It had too many processes and was ended here.
    TooManyProcesses(usize),
    /// An attached process is no longer there.
    Gone,
    /// It was stopped on purpose.
    Stopped,
}

impl std::fmt::Display for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mib = |bytes: &u64| *bytes as f64 / f64::from(1 << 20);
        match self {
            Self::Exited(code) => write!(f, "ended with exit code {code}"),
            Self::Killed(signal) if *signal == Signal::KILL.as_raw() => {
                f.write_str("was killed by SIGKILL, as the kernel does when memory runs out")
            }
            Self::Killed(signal) => write!(f, "was killed by signal {signal}"),
            Self::OutOfMemory(how) => write!(f, "ran out of memory ({how})"),
            Self::OverLimit { used, limit } => {
                write!(f, "was ended at {:.0} MiB, over its memory limit of {:.0} MiB", mib(used), mib(limit))
            }
            Self::TooManyProcesses(count) => write!(f, "was ended because it had {count} processes"),
            Self::Gone => f.write_str("is no longer running"),
            Self::Stopped => f.write_str("was stopped"),
        }
    }
}

/// A target under supervision. Dropped without [`Supervised::stop`], what was started is killed.
pub struct Supervised {
    watched: Watched,
    origin: Option<String>,
    others: Vec<u16>,
    stop_within: Duration,
}

impl Supervised {
    /// Starts a target and waits until it answers.
    ///
    /// # Errors
    /// It cannot be started, ends, or does not answer in time. Nothing is left running then.
    pub async fn spawn(launch: Launch) -> Result<Self, SuperviseError> {
        let started = spawn::start(&launch)?;
        let watched = Watched::started(started, launch.max_processes);
        let mut this = Self { watched, origin: None, others: Vec::new(), stop_within: launch.stop_within };
        match this.wait_until_ready(&launch).await {
            Ok(()) => Ok(this),
            Err(error) => {
                this.watched.end(Duration::ZERO);
                Err(error)
            }
        }
    }

    /// Runs a command to its end, as a script that fills a store. Nothing of it is left running.
    ///
    /// # Errors
    /// It cannot be started, fails, or has not ended in time.
    pub async fn run(launch: &Launch, within: Duration) -> Result<(), SuperviseError> {
        let watched = Watched::started(spawn::start(launch)?, launch.max_processes);
        let this = Self { watched, origin: None, others: Vec::new(), stop_within: Duration::ZERO };
        let ending = tokio::time::timeout(within, this.watched.ended()).await;
        let (command, said) = (launch.line(), this.said());
        match ending {
            Ok(Ending::Exited(0)) => Ok(()),
            Ok(ending) => Err(SuperviseError::Failed { command, ending, said }),
            Err(_) => Err(SuperviseError::Unfinished { command, after: within, said }),
        }
    }

    /// Watches a process that runs already, and what descends from it. It is asked for no port: whoever attaches knows the URL, or takes
    /// [`Supervised::find_origin`].
    ///
    /// # Errors
    /// There is no such process.
    pub fn attach(pid: i32) -> Result<Self, SuperviseError> {
        Stat::of(pid).filter(|stat| !stat.is_over()).ok_or(SuperviseError::NoProcess(pid))?;
        let watched = Watched::attached(Tree::of(pid));
        Ok(Self { watched, origin: None, others: Vec::new(), stop_within: Duration::ZERO })
    }

    /// Looks for the port of an attached process, and remembers what answers there.
    ///
    /// # Errors
    /// It listens nowhere, or does not answer.
    pub async fn find_origin(&mut self, port: Option<u16>, within: Duration) -> Result<(), SuperviseError> {
        self.find(port, within).await
    }

    /// Says which port it serves, so that workers which are replaced are noticed.
    pub fn serves(&self, port: u16) {
        self.watched.watch_workers(port);
    }

    /// Where it answers, as in `http://127.0.0.1:8000`; empty while that is not known.
    pub fn origin(&self) -> &str {
        self.origin.as_deref().unwrap_or_default()
    }

    /// Other ports at which the tree listens: if one of them is meant, it has to be named.
    pub fn other_ports(&self) -> &[u16] {
        &self.others
    }

    /// The processes, for gauges and agents.
    pub fn watched(&self) -> &Watched {
        &self.watched
    }

    /// Asks it to end, kills it if it does not, and says what happened. A target that was attached to is left alone.
    pub async fn stop(self) -> Stopped {
        let (watched, patience) = (self.watched.clone(), self.stop_within);
        // It may take seconds, in which the runtime has other things to do.
        tokio::task::spawn_blocking(move || watched.end(patience)).await.unwrap_or_default()
    }

    async fn wait_until_ready(&mut self, launch: &Launch) -> Result<(), SuperviseError> {
        self.find(launch.port, launch.ready_within).await
    }

    /// Looks for listening sockets of the tree and asks each of them, until one answers.
    async fn find(&mut self, port: Option<u16>, within: Duration) -> Result<(), SuperviseError> {
        let began = Instant::now();
        let mut patience = FIRST_QUESTION;
        loop {
            if let Some(ending) = self.watched.ending() {
                return Err(self.taken(port).unwrap_or(SuperviseError::EndedEarly { ending, said: self.said() }));
            }
            let pids = self.watched.pids();
            let listening = ports::listening(&pids);
            let asked = listening.iter().filter(|address| port.is_none_or(|port| address.port() == port));
            for address in asked.flat_map(|address| ports::reach(*address)) {
                let left = within.saturating_sub(began.elapsed()).max(LOOK);
                if let Some(origin) = ready::origin(address, patience.min(left)).await {
                    self.settle(origin, address, &listening);
                    return Ok(());
                }
            }
            if began.elapsed() >= within {
                return Err(self.never(port, &listening, within));
            }
            if !listening.is_empty() {
                patience = (patience * 2).min(LONGEST_QUESTION);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn settle(&mut self, origin: String, address: SocketAddr, listening: &[SocketAddr]) {
        self.watched.watch_workers(address.port());
        self.origin = Some(origin);
        self.others = listening.iter().map(SocketAddr::port).filter(|port| *port != address.port()).collect();
        self.others.dedup();
    }

    fn never(&self, port: Option<u16>, listening: &[SocketAddr], after: Duration) -> SuperviseError {
        let said = self.said();
        let ports = listening.iter().map(SocketAddr::port);
        let mut ports: Vec<String> =
            ports.filter(|found| port.is_none_or(|port| port == *found)).map(|p| p.to_string()).collect();
        ports.dedup();
        if let Some(taken) = self.taken(port) {
            return taken;
        }
        match (ports.is_empty(), port) {
            (false, _) => SuperviseError::NeverAnswered { ports: format!("port {}", ports.join(", ")), after, said },
            (true, Some(port)) => SuperviseError::NeverListened { what: format!("TCP port {port}"), after, said },
            (true, None) => SuperviseError::NeverListened { what: "TCP port".to_owned(), after, said },
        }
    }

    /// Whether the port that was named is somebody else's.
    fn taken(&self, port: Option<u16>) -> Option<SuperviseError> {
        let port = port?;
        let holder = ports::stranger_on(port, &self.watched.pids())?;
        Some(SuperviseError::PortTaken { port, holder, said: self.said() })
    }

    /// What the target said last, as the end of a sentence.
    fn said(&self) -> String {
        let lines = self.watched.output().last_lines(LINES);
        if lines.is_empty() { String::new() } else { format!("; it said: {}", lines.join(" | ")) }
    }
}
