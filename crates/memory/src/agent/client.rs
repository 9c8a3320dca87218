//! Asks all agents of the process tree, and adds their answers up.
//!
//! Workers fork, so there may be several agents, and some come and go. A process that has ended is left out without a word; one that lives and does not
//! answer in time is an error, since a sum without it would be misread. Every call has a limit. Nothing here interprets an answer.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Take};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, timeout};

use super::inject::{InjectError, Injection};
use super::protocol::{
    Answer, Command, HeapAnswer, HeldBy, Hello, LiveAnswer, PeakAnswer, Request, TraceAnswer, TracedLine, TypeCount,
    VERSION,
};
use crate::sample::Live;

/// An agent that has not said hello by then is not one.
const HELLO: Duration = Duration::from_secs(2);
/// No answer is longer.
const LONGEST_ANSWER: u64 = 8 << 20;
/// A target that forks more processes than this is measured from outside.
const MOST_AGENTS: usize = 256;
/// Limit of a collection.
const LIVE: Duration = Duration::from_secs(30);
/// Limit of what walks the heap or starts tracing.
const WALK: Duration = Duration::from_mins(1);
/// Seconds that an agent may look for paths, well within [`WALK`].
const SEARCH: f64 = 20.0;
/// Lines that an agent reports.
const LINES: u32 = 40;
/// How long a call waits for a process that has just lost its agent to end or come back.
const SETTLE: Duration = Duration::from_millis(20);

/// Agents cannot say what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// No process of the target has an agent.
    #[error("no process of the target runs the agent")]
    Absent,
    /// A process lives and does not answer.
    #[error("the agent in process {pid} did not answer within {seconds} s: the interpreter is blocked")]
    Blocked {
        /// The process.
        pid: u32,
        /// The limit.
        seconds: u64,
    },
    /// The agent refused.
    #[error("the agent in process {pid}: {why}")]
    Refused {
        /// The process.
        pid: u32,
        /// What it said.
        why: String,
    },
    /// It says what cannot be understood.
    #[error("the agent in process {pid} says something that cannot be understood: {why}")]
    Garbled {
        /// The process.
        pid: u32,
        /// What is wrong.
        why: String,
    },
    /// It cannot be brought in.
    #[error(transparent)]
    Inject(#[from] InjectError),
}

/// Why one call came to nothing.
enum Lost {
    /// The process has ended or closed the connection.
    Ended,
    /// Anything that the caller should hear of.
    Error(AgentError),
}

/// One process with an agent.
struct Agent {
    hello: Hello,
    /// The process id in our own namespace.
    pid: u32,
    reader: BufReader<Take<OwnedReadHalf>>,
    writer: OwnedWriteHalf,
    /// What was read of a line so far. Kept here, so that a call which is given up loses no bytes.
    line: Vec<u8>,
    asked: u64,
}

/// All agents of the process tree.
pub struct Agents {
    injection: Injection,
    agents: Vec<Agent>,
    arrivals: mpsc::UnboundedReceiver<Agent>,
    accepting: JoinHandle<()>,
    count: Arc<AtomicUsize>,
    roots: Vec<String>,
    source: Option<String>,
}

/// What tracing saw, over all processes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Allocations {
    /// Bytes traced at each mark.
    pub totals: Vec<u64>,
    /// The lines that grew, the heaviest first.
    pub lines: Vec<TracedLine>,
}

/// What grew in the heap between the marks, over all processes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Retainers {
    /// Requests in each round.
    pub requests: u64,
    /// Long-lived objects that grew.
    pub holders: Vec<HeldBy>,
    /// Types of which there are more.
    pub types: Vec<TypeCount>,
    /// Why an answer is cut short, if one is.
    pub cut_short: Option<String>,
}

impl Agents {
    /// Waits for agents from now on. Start the target with [`Agents::environment`]. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// No folder for the socket can be made.
    pub fn listen() -> Result<Self, AgentError> {
        let (injection, listener) = Injection::prepare()?;
        let (sender, arrivals) = mpsc::unbounded_channel();
        let count = Arc::new(AtomicUsize::new(0));
        let accepting = tokio::spawn(accept(listener, sender, Arc::clone(&count)));
        Ok(Self { injection, agents: Vec::new(), arrivals, accepting, count, roots: Vec::new(), source: None })
    }

    /// The variables to set in the target, given the `PYTHONPATH` that it would have had.
    pub fn environment(&self, pythonpath: Option<&OsStr>) -> Vec<(OsString, OsString)> {
        self.injection.environment(pythonpath)
    }

    /// Where the agent's folder and socket are.
    pub fn injection(&self) -> &Injection {
        &self.injection
    }

    /// Folders whose code is the application's own even if it is installed like a library.
    pub fn own_code(&mut self, roots: Vec<String>) {
        self.roots = roots;
    }

    /// Waits until at least one process has said hello; false when none does within the limit.
    pub async fn wait(&mut self, limit: Duration) -> bool {
        self.meet();
        if !self.agents.is_empty() {
            return true;
        }
        if let Ok(Some(agent)) = timeout(limit, self.arrivals.recv()).await {
            self.agents.push(agent);
            self.meet();
        }
        !self.agents.is_empty()
    }

    /// The processes that have said hello and, as far as is known, live: their id here, and what they said.
    pub fn processes(&mut self) -> Vec<(u32, Hello)> {
        self.meet();
        self.agents.iter().map(|agent| (agent.pid, agent.hello.clone())).collect()
    }

    /// Where live bytes come from (`pymalloc+malloc`), after the first [`Agents::live`].
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// Collects garbage in every process and says what is live then.
    ///
    /// # Errors
    /// No process has an agent, or one does not answer.
    pub async fn live(&mut self) -> Result<Live, AgentError> {
        self.live_after(false, false).await
    }

    /// Says what is live after a collection among what is new since the last one that put the rest `aside`, or among everything. Garbage that something older
    /// is part of is only found among everything: what is said of what is new is never too little.
    ///
    /// # Errors
    /// As [`Agents::live`].
    pub async fn live_after(&mut self, new: bool, aside: bool) -> Result<Live, AgentError> {
        let answers: Vec<LiveAnswer> = self.ask(&Command::Live { collect: true, new, aside }, LIVE).await?;
        self.source = answers.first().map(|answer| answer.source.clone());
        let mut live = Live::default();
        for answer in &answers {
            live.blocks += answer.blocks;
            live.bytes += answer.bytes.unwrap_or_default();
            live.gc_ms = live.gc_ms.max(answer.gc_ms);
            live.asyncio_tasks += answer.tasks;
            live.freed += answer.freed;
        }
        Ok(live)
    }

    /// Begins to trace allocations, with so many frames each. Dear: for operations under suspicion only.
    ///
    /// # Errors
    /// As [`Agents::live`].
    pub async fn trace_start(&mut self, frames: u16) -> Result<(), AgentError> {
        let command = Command::TraceStart { frames, roots: self.roots.clone() };
        self.ask::<serde_json::Value>(&command, WALK).await.map(drop)
    }

    /// Remembers what every line holds now. The growth between marks is what counts, so mark before the first request too.
    ///
    /// # Errors
    /// As [`Agents::live`].
    pub async fn trace_mark(&mut self) -> Result<(), AgentError> {
        self.ask::<serde_json::Value>(&Command::TraceMark, WALK).await.map(drop)
    }

    /// Says what each line held at each mark, and stops tracing.
    ///
    /// # Errors
    /// As [`Agents::live`].
    pub async fn trace_stop(&mut self) -> Result<Allocations, AgentError> {
        Ok(add_traces(self.ask(&Command::TraceStop { top: LINES }, WALK).await?))
    }

    /// Remembers the length of every container and the number of objects of every type. Mark, drive n requests, mark, drive n requests, then ask for
    /// [`Agents::retention_diff`]. Marks occupy memory in the target: take live bytes before or after, not between.
    ///
    /// # Errors
    /// As [`Agents::live`].
    pub async fn retention_mark(&mut self) -> Result<(), AgentError> {
        self.ask::<serde_json::Value>(&Command::HeapMark, WALK).await.map(drop)
    }

    /// Says what grew since the marks, given the requests in each round, and forgets the marks.
    ///
    /// # Errors
    /// As [`Agents::live`].
    pub async fn retention_diff(&mut self, requests: u64) -> Result<Retainers, AgentError> {
        self.meet();
        // Requests spread over the workers; the processes that answer none (a pre-forking parent) grow by none.
        let shared = requests as f64 / self.workers().max(1) as f64;
        let command = Command::HeapDiff { requests: shared, seconds: SEARCH, roots: self.roots.clone() };
        let answers: Vec<HeapAnswer> = self.ask(&command, WALK).await?;
        self.ask::<serde_json::Value>(&Command::HeapForget, LIVE).await?;
        Ok(add_heaps(answers, requests))
    }

    /// As [`Agents::retention_mark`], which remembers types as well.
    ///
    /// # Errors
    /// As [`Agents::live`].
    pub async fn types_mark(&mut self) -> Result<(), AgentError> {
        self.retention_mark().await
    }

    /// The types of which there are more since the marks; forgets the marks.
    ///
    /// # Errors
    /// As [`Agents::live`].
    pub async fn types_diff(&mut self, requests: u64) -> Result<Vec<TypeCount>, AgentError> {
        self.retention_diff(requests).await.map(|retainers| retainers.types)
    }

    /// Begins to watch the peak of live bytes, without collecting.
    ///
    /// # Errors
    /// As [`Agents::live`].
    pub async fn peak_start(&mut self, every: Duration) -> Result<(), AgentError> {
        let every_ms = u32::try_from(every.as_millis()).unwrap_or(u32::MAX).max(1);
        self.ask::<serde_json::Value>(&Command::PeakStart { every_ms }, LIVE).await.map(drop)
    }

    /// Says how high live bytes rose. Peaks of several processes are added up as if they came together.
    ///
    /// # Errors
    /// As [`Agents::live`].
    pub async fn peak_stop(&mut self) -> Result<PeakAnswer, AgentError> {
        let answers: Vec<PeakAnswer> = self.ask(&Command::PeakStop, LIVE).await?;
        Ok(answers.iter().fold(PeakAnswer::default(), |sum, one| PeakAnswer {
            base: sum.base + one.base,
            peak: sum.peak + one.peak,
            after: sum.after + one.after,
            looks: sum.looks + one.looks,
        }))
    }

    /// Processes that are nobody's parent among the agents: those that answer requests.
    fn workers(&self) -> usize {
        let is_parent = |agent: &&Agent| !self.agents.iter().any(|other| other.hello.ppid == agent.hello.pid);
        self.agents.iter().filter(is_parent).count()
    }

    /// Takes in the agents that have said hello since.
    fn meet(&mut self) {
        while let Ok(agent) = self.arrivals.try_recv() {
            self.agents.push(agent);
        }
    }

    /// Asks every agent, leaves out those that have ended.
    async fn ask<T: DeserializeOwned>(&mut self, command: &Command, limit: Duration) -> Result<Vec<T>, AgentError> {
        self.meet();
        if self.agents.is_empty() && !self.wait(SETTLE).await {
            return Err(AgentError::Absent);
        }
        let calls = self.agents.iter_mut().map(|agent| agent.call(command, limit));
        let results = join_all(calls).await;
        let mut answers = Vec::new();
        let mut first_error = None;
        let mut ended = Vec::new();
        for (index, result) in results.into_iter().enumerate() {
            match result {
                Ok(value) => match serde_json::from_value(value) {
                    Ok(answer) => answers.push(answer),
                    Err(error) => {
                        let pid = self.agents[index].pid;
                        first_error.get_or_insert(AgentError::Garbled { pid, why: error.to_string() });
                    }
                },
                Err(Lost::Ended) => ended.push(index),
                Err(Lost::Error(error)) => drop(first_error.get_or_insert(error)),
            }
        }
        for index in ended.into_iter().rev() {
            self.agents.remove(index);
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
        match first_error {
            Some(error) => Err(error),
            None if answers.is_empty() => Err(AgentError::Absent),
            None => Ok(answers),
        }
    }
}

impl Drop for Agents {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Agent {
    async fn call(&mut self, command: &Command, limit: Duration) -> Result<serde_json::Value, Lost> {
        let pid = self.pid;
        let garbled = |why: String| Lost::Error(AgentError::Garbled { pid, why });
        self.asked += 1;
        let mut text = serde_json::to_vec(&Request { id: self.asked, command }).map_err(|e| garbled(e.to_string()))?;
        text.push(b'\n');
        let deadline = Instant::now() + limit;
        let blocked = || Lost::Error(AgentError::Blocked { pid, seconds: limit.as_secs() });
        tokio::time::timeout_at(deadline, self.writer.write_all(&text))
            .await
            .map_err(|_| blocked())?
            .map_err(|_| Lost::Ended)?;
        loop {
            self.reader.get_mut().set_limit(LONGEST_ANSWER);
            let read = self.reader.read_until(b'\n', &mut self.line);
            let count =
                tokio::time::timeout_at(deadline, read).await.map_err(|_| blocked())?.map_err(|_| Lost::Ended)?;
            if count == 0 {
                return Err(Lost::Ended);
            }
            if self.line.last() != Some(&b'\n') {
                return Err(garbled(String::from("an answer that is too long or broken off")));
            }
            let answer: Answer = serde_json::from_slice(&self.line).map_err(|e| garbled(e.to_string()))?;
            self.line.clear();
            // An answer to a call that was given up may still be under way.
            if answer.id == self.asked {
                return match (answer.ok, answer.error) {
                    (Some(value), None) => Ok(value),
                    (_, why) => Err(Lost::Error(AgentError::Refused { pid, why: why.unwrap_or_default() })),
                };
            }
        }
    }
}

/// Accepts agents until it is aborted.
async fn accept(listener: UnixListener, sender: mpsc::UnboundedSender<Agent>, count: Arc<AtomicUsize>) {
    let mut greetings = JoinSet::new();
    loop {
        while greetings.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors: those that are waiting have to wait.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        if count.load(Ordering::Relaxed) >= MOST_AGENTS {
            continue;
        }
        count.fetch_add(1, Ordering::Relaxed);
        let (sender, count) = (sender.clone(), Arc::clone(&count));
        greetings.spawn(async move {
            let agent = timeout(HELLO, greet(stream)).await.ok().flatten();
            if agent.is_none_or(|agent| sender.send(agent).is_err()) {
                count.fetch_sub(1, Ordering::Relaxed);
            }
        });
    }
}

/// Reads the hello. The folder keeps other users away; the credentials of the peer say which process it is, whatever it calls itself.
async fn greet(stream: UnixStream) -> Option<Agent> {
    let peer = stream.peer_cred().ok().and_then(|peer| peer.pid()).and_then(|pid| u32::try_from(pid).ok());
    let (read, writer) = stream.into_split();
    let mut reader = BufReader::new(read.take(LONGEST_ANSWER));
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line).await.ok()?;
    let hello: Hello = serde_json::from_slice(&line).ok()?;
    let pid = peer.filter(|pid| *pid != 0).unwrap_or(hello.pid);
    (hello.plimsoll_agent == VERSION).then(|| Agent { hello, pid, reader, writer, line: Vec::new(), asked: 0 })
}

/// Adds traces of several processes up, line by line.
fn add_traces(answers: Vec<TraceAnswer>) -> Allocations {
    // A process that came later has fewer marks and cannot be added to the others.
    let marks = answers.iter().map(|answer| answer.totals.len()).max().unwrap_or_default();
    let mut totals = vec![0; marks];
    let mut lines: Vec<TracedLine> = Vec::new();
    let mut known: HashMap<(String, u32), usize> = HashMap::new();
    for answer in answers.into_iter().filter(|answer| answer.totals.len() == marks) {
        add(&mut totals, &answer.totals);
        for line in answer.lines {
            if let Some(index) = known.get(&(line.file.clone(), line.line)) {
                add(&mut lines[*index].bytes, &line.bytes);
                add(&mut lines[*index].blocks, &line.blocks);
            } else {
                known.insert((line.file.clone(), line.line), lines.len());
                lines.push(line);
            }
        }
    }
    let growth = |line: &TracedLine| match (line.bytes.first(), line.bytes.last()) {
        (Some(first), Some(last)) => i128::from(*last) - i128::from(*first),
        _ => 0,
    };
    lines.sort_by_key(|line| std::cmp::Reverse(growth(line)));
    Allocations { totals, lines }
}

fn add(sum: &mut [u64], more: &[u64]) {
    for (sum, more) in sum.iter_mut().zip(more) {
        *sum += more;
    }
}

/// Adds heaps of several processes up, holder by holder and type by type.
fn add_heaps(answers: Vec<HeapAnswer>, requests: u64) -> Retainers {
    let mut holders: Vec<HeldBy> = Vec::new();
    let mut types: Vec<TypeCount> = Vec::new();
    let mut cut_short = None;
    for answer in answers {
        if !answer.cut_short.is_empty() {
            cut_short = Some(answer.cut_short);
        }
        for holder in answer.holders {
            match holders.iter_mut().find(|known| known.path == holder.path && known.kind == holder.kind) {
                Some(known) => {
                    let (old, new) = (total(&known.grown), total(&holder.grown));
                    known.element_bytes =
                        (known.element_bytes * old + holder.element_bytes * new) / (old + new).max(1.0);
                    known.grown.iter_mut().zip(&holder.grown).for_each(|(sum, more)| *sum += more);
                }
                None => holders.push(holder),
            }
        }
        for count in answer.types {
            match types.iter_mut().find(|known| known.name == count.name) {
                Some(known) => {
                    known.count += count.count;
                    known.bytes += count.bytes;
                }
                None => types.push(count),
            }
        }
    }
    types.sort_by_key(|one| std::cmp::Reverse(one.bytes));
    Retainers { requests, holders, types, cut_short }
}

fn total(grown: &[i64]) -> f64 {
    grown.iter().sum::<i64>() as f64
}
