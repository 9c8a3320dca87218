//! The thread that looks at a target's processes, and what the rest of the crate shares with it.
//!
//! It keeps the limits, notices the end, waits for the direct child and for orphans. It spends at most a fiftieth of a core, a tenth where it has to
//! keep a memory limit: on a machine with thousands of processes it looks less often.

use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tokio::sync::watch;

use crate::supervise::Ending;
use crate::supervise::limit::{self, Limit};
use crate::supervise::output::Output;
use crate::supervise::ports;
use crate::supervise::spawn::Started;
use crate::supervise::stop::{self, Stopped, Watchdog};
use crate::supervise::tree::Tree;

/// How often the tree is looked at, and how often where a limit has to be kept.
const LOOK: Duration = Duration::from_millis(250);
const LOOK_CLOSELY: Duration = Duration::from_millis(100);
/// How many times longer than a look the pause after it is.
const PAUSE: u32 = 50;
const PAUSE_CLOSELY: u32 = 10;

/// The processes of a target, shared between those who look at them. The last one that is dropped kills what was started.
#[derive(Clone)]
pub struct Watched(Arc<Keeper>);

struct Keeper {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    state: Mutex<State>,
    ending: watch::Sender<Option<Ending>>,
    output: Output,
    max_processes: usize,
}

struct State {
    tree: Tree,
    child: Option<Child>,
    status: Option<ExitStatus>,
    group: Option<i32>,
    limit: Limit,
    watchdog: Option<Watchdog>,
    kernel_kills: u64,
    notes: Vec<String>,
    ended_by_us: bool,
}

impl Watched {
    pub(super) fn started(started: Started, max_processes: usize) -> Self {
        let Started { child, group, tree, output, limit, watchdog } = started;
        let state = State {
            tree,
            child: Some(child),
            status: None,
            group: Some(group),
            limit,
            watchdog: Some(watchdog),
            kernel_kills: limit::kernel_kills(),
            notes: Vec::new(),
            ended_by_us: false,
        };
        Self::new(state, output, max_processes)
    }

    pub(super) fn attached(tree: Tree) -> Self {
        let state = State {
            tree,
            child: None,
            status: None,
            group: None,
            limit: Limit::None,
            watchdog: None,
            kernel_kills: limit::kernel_kills(),
            notes: Vec::new(),
            ended_by_us: false,
        };
        Self::new(state, Output::default(), usize::MAX)
    }

    fn new(mut state: State, output: Output, max_processes: usize) -> Self {
        state.tree.refresh();
        let ending = watch::Sender::new(None);
        let shared = Arc::new(Shared { state: Mutex::new(state), ending, output, max_processes });
        let looker = Arc::clone(&shared);
        // Without the thread, ends are still noticed when somebody takes a reading.
        let thread = std::thread::Builder::new().name("plimsoll-watch".to_owned()).spawn(move || looker.run()).ok();
        Self(Arc::new(Keeper { shared, thread: Mutex::new(thread) }))
    }

    /// How the target ended; none while it runs.
    pub fn ending(&self) -> Option<Ending> {
        self.0.shared.ending.borrow().clone()
    }

    /// Looks now, and says how the target ended, if it has.
    pub fn look_for_ending(&self) -> Option<Ending> {
        self.0.shared.look();
        self.ending()
    }

    /// Waits until the target ends.
    pub async fn ended(&self) -> Ending {
        let mut ending = self.0.shared.ending.subscribe();
        // The sender lives as long as this value, so that waiting cannot fail.
        let found = ending.wait_for(Option::is_some).await;
        found.ok().and_then(|found| found.clone()).unwrap_or(Ending::Gone)
    }

    /// The numbers of the processes that ran at the last look.
    pub fn pids(&self) -> Vec<i32> {
        self.0.shared.lock().tree.members().map(|stat| stat.identity.pid).collect()
    }

    /// The ports at which its processes listen now.
    pub fn ports(&self) -> Vec<u16> {
        let mut ports: Vec<u16> = ports::listening(&self.pids()).iter().map(std::net::SocketAddr::port).collect();
        ports.dedup();
        ports
    }

    /// What the target printed. Empty for one that was attached to.
    pub fn output(&self) -> &Output {
        &self.0.shared.output
    }

    /// What happened since the last call and should be told: replaced workers, processes that the kernel killed, limits that the target changed.
    pub fn take_notes(&self) -> Vec<String> {
        std::mem::take(&mut self.0.shared.lock().notes)
    }

    /// The memory limit that is kept, in bytes.
    pub fn memory_limit(&self) -> Option<u64> {
        self.0.shared.lock().limit.bytes()
    }

    /// Refreshes the tree and looks at it.
    pub(crate) fn look<T>(&self, see: impl FnOnce(&Tree) -> T) -> T {
        let mut state = self.0.shared.lock();
        state.tree.refresh();
        see(&state.tree)
    }

    pub(super) fn watch_workers(&self, port: u16) {
        let mut state = self.0.shared.lock();
        state.tree.refresh();
        state.tree.watch_workers(port);
    }

    /// Ends what was started; see [`stop::end`]. Does nothing to a target that was attached to, or has been ended.
    pub(super) fn end(&self, patience: Duration) -> Stopped {
        self.0.end(patience)
    }
}

impl Keeper {
    fn end(&self, patience: Duration) -> Stopped {
        let stopped = self.shared.lock().end(patience);
        self.shared.ending.send_if_modified(|ending| ending.is_none() && ending.replace(Ending::Stopped).is_none());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // It sees the ending at its next look, and cannot panic: it has nothing to unwrap.
        drop(thread.map(|thread| {
            thread.thread().unpark();
            thread.join()
        }));
        stopped
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.end(Duration::ZERO);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A thread that panicked while it looked leaves a tree that can be looked at again.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        while self.ending.borrow().is_none() {
            let began = Instant::now();
            let (pause, times) = if self.look() { (LOOK_CLOSELY, PAUSE_CLOSELY) } else { (LOOK, PAUSE) };
            if self.ending.borrow().is_some() {
                break;
            }
            std::thread::park_timeout(pause.max(began.elapsed() * times));
        }
    }

    /// Looks at the tree, unless it is known how it ended, and says whether it has a limit that wants close looks. How it ended is written down before
    /// anybody else can look: a tree that was just killed for its size would look as if the kernel had done it.
    fn look(&self) -> bool {
        let mut state = self.lock();
        if self.ending.borrow().is_none()
            && let Some(ending) = state.look(&self.output, self.max_processes)
        {
            self.ending.send_replace(Some(ending));
        }
        state.limit.bytes().is_some()
    }
}

impl State {
    /// Looks at the tree once; says how it ended, if it has.
    fn look(&mut self, output: &Output, max_processes: usize) -> Option<Ending> {
        self.collect();
        let generation = self.tree.generation();
        self.tree.refresh();
        if self.tree.generation() > generation {
            self.notes.push("a worker of the target ended or was replaced".to_owned());
        }
        let kills = limit::kernel_kills();
        let killed = kills > self.kernel_kills;
        if killed && !self.tree.is_empty() {
            self.kernel_kills = kills;
            self.notes.push("the kernel killed a process of this machine because memory ran out".to_owned());
        }
        if self.tree.is_empty() {
            self.collect_at_last();
            return Some(self.judge(output, killed));
        }
        self.note_changed_limit();
        if let Some(used) = self.limit.exceeded(&self.tree) {
            let limit = self.limit.bytes().unwrap_or(used);
            self.kill();
            return Some(Ending::OverLimit { used, limit });
        }
        let processes = self.tree.members().count();
        if processes > max_processes {
            self.kill();
            return Some(Ending::TooManyProcesses(processes));
        }
        None
    }

    /// Says it once for a tree.
    fn note_changed_limit(&mut self) {
        const NOTE: &str = "the target changed its own limit of data";
        let changed = self.tree.members().find_map(|stat| self.limit.changed(stat.identity.pid));
        if let Some(now) = changed
            && let Limit::Looked { data, .. } = &mut self.limit
        {
            *data = None;
            self.notes.push(format!("{NOTE} to {now}"));
        }
    }

    /// Waits for the direct child, if it has ended.
    fn collect(&mut self) {
        collect(&mut self.child, &mut self.status);
    }

    /// Waits for the direct child of which nothing runs any more. Its main thread may have ended before the others, and until these are gone too there is
    /// nothing to wait for.
    fn collect_at_last(&mut self) {
        let until = Instant::now() + Duration::from_secs(1);
        self.collect();
        while self.child.is_some() && self.tree.is_empty() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(2));
            self.collect();
        }
    }

    /// How an empty tree came to be empty.
    fn judge(&self, output: &Output, killed_by_kernel: bool) -> Ending {
        if self.ended_by_us {
            return Ending::Stopped;
        }
        if let Some(kills) = self.limit.kills().filter(|kills| *kills > 0) {
            return Ending::OutOfMemory(format!("the kernel killed {kills} of its processes at the limit"));
        }
        let Some(status) = self.status else { return Ending::Gone };
        let failed = !status.success();
        if killed_by_kernel && status.signal() == Some(Signal::KILL.as_raw()) {
            return Ending::OutOfMemory("the kernel killed it".to_owned());
        }
        if let Some(line) = output.out_of_memory().filter(|_| failed) {
            return Ending::OutOfMemory(format!("it said: {line}"));
        }
        match (status.signal(), status.code()) {
            (Some(signal), _) => Ending::Killed(signal),
            (None, code) => Ending::Exited(code.unwrap_or(-1)),
        }
    }

    fn kill(&mut self) -> Vec<i32> {
        self.limit.kill();
        let Self { tree, child, status, group, .. } = self;
        let left = stop::kill(tree, *group, || collect(child, status));
        self.settle();
        left
    }

    fn end(&mut self, patience: Duration) -> Stopped {
        if self.group.is_none() {
            return Stopped::default();
        }
        self.ended_by_us = true;
        if patience.is_zero() {
            let began = Instant::now();
            let left = self.kill();
            return Stopped { forced: true, left, took: began.elapsed() };
        }
        let Self { tree, child, status, group, .. } = self;
        let stopped = stop::end(tree, *group, patience, || collect(child, status));
        self.settle();
        stopped
    }

    /// After the end: nothing is left that a watchdog would have to look after, and a number that is given again is not ours to signal.
    fn settle(&mut self) {
        self.group = None;
        self.collect_at_last();
        if let Some(mut watchdog) = self.watchdog.take() {
            watchdog.dismiss();
        }
        self.limit = Limit::None;
    }
}

fn collect(child: &mut Option<Child>, status: &mut Option<ExitStatus>) {
    if let Some(running) = child
        && let Ok(Some(ended)) = running.try_wait()
    {
        *status = Some(ended);
        *child = None;
    }
}
