//! Readings: what the whole process tree of the target holds at one moment.
//!
//! A reading comes from `/proc`, from a control group, or from the metrics page of a target on another host. It is a fact about a moment; nothing
//! here judges it. Processes that end while they are looked at are left out, as they would be a moment later.

pub mod cgroup;
pub mod handles;
pub mod prometheus;
pub mod smaps;

use std::time::{Duration, Instant};

use crate::agent::client::{AgentError, Agents};
use crate::supervise::Watched;

pub use cgroup::CgroupGauge;
pub use prometheus::MetricsGauge;
pub use smaps::TreeGauge;

/// The whole process tree at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// Since the start of the measurement.
    pub at: Duration,
    /// Unique set size in bytes: memory that would be free if the tree ended. None where `smaps_rollup` of a process may not be read.
    pub uss: Option<u64>,
    /// Proportional set size in bytes: shared pages are divided among those that share them. None as with `uss`.
    pub pss: Option<u64>,
    /// Resident set size in bytes; pages that processes of the tree share are counted once for each.
    pub rss: u64,
    /// What the agents in the tree say, summed. None without an agent, or where no collection was asked for.
    pub live: Option<Live>,
    /// Open file descriptors.
    pub fds: u32,
    /// Threads.
    pub threads: u32,
    /// TCP sockets that the peer has closed and the target has not.
    pub close_wait: u32,
    /// asyncio tasks that are not done, where an agent counts them.
    pub tasks: Option<u32>,
    /// Processes.
    pub processes: u32,
    /// Rises when a worker was replaced by another (`max_requests`, a crash, a reload): what was retained before is gone with it.
    pub generation: u32,
    /// User and system time of the tree, ended and waited-for children included.
    pub cpu: Duration,
}

/// What agents collect before they say what is live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collect {
    /// Nothing; they say nothing either.
    Nothing,
    /// All garbage.
    Whole,
    /// All garbage; what is left is put aside.
    Aside,
    /// Garbage among what is new since what was there was put aside; what is left is put aside, too. Garbage that something older is part of counts as live.
    New,
}

/// What agents say after a forced collection, summed over the processes of the tree.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Live {
    /// Allocated blocks of the interpreter.
    pub blocks: u64,
    /// Live bytes: what the allocators have handed out and not got back.
    pub bytes: u64,
    /// What the collection took, in milliseconds; the longest where there are several processes.
    pub gc_ms: f32,
    /// asyncio tasks that are not done.
    pub asyncio_tasks: u32,
    /// Objects that the collectors have freed since the processes began.
    pub freed: u64,
}

/// Why there is no reading.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// No process of the target is left.
    #[error("no process of the target is left")]
    Gone,
    /// Something of the control group cannot be read.
    #[error("cannot read {path}: {why}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
    /// The metrics page cannot be used.
    #[error("the metrics page {0}")]
    Metrics(String),
    /// An agent does not answer, or none is there.
    #[error(transparent)]
    Agent(#[from] AgentError),
}

/// Where readings come from.
enum Source {
    Tree(TreeGauge),
    Cgroup(Box<CgroupGauge>),
    Metrics(Box<MetricsGauge>),
}

/// Takes readings of one target.
pub struct Gauge {
    source: Source,
    agents: Option<Agents>,
    began: Instant,
    taken: u32,
    spent: Duration,
}

impl Gauge {
    /// Reads the processes of a supervised or attached target.
    pub fn tree(watched: Watched) -> Self {
        Self::of(Source::Tree(TreeGauge::new(watched)))
    }

    /// Reads a control group.
    pub fn cgroup(gauge: CgroupGauge) -> Self {
        Self::of(Source::Cgroup(Box::new(gauge)))
    }

    /// Reads a metrics page.
    pub fn metrics(gauge: MetricsGauge) -> Self {
        Self::of(Source::Metrics(Box::new(gauge)))
    }

    fn of(source: Source) -> Self {
        Self { source, agents: None, began: Instant::now(), taken: 0, spent: Duration::ZERO }
    }

    /// From now on, readings with a collection hold what these agents say.
    pub fn with_agents(mut self, agents: Agents) -> Self {
        self.agents = Some(agents);
        self
    }

    /// The agents, for what is more than a reading.
    pub fn agents(&mut self) -> Option<&mut Agents> {
        self.agents.as_mut()
    }

    /// Whether readings see the processes of the target: descriptors, threads, sockets and workers that are replaced.
    pub fn sees_processes(&self) -> bool {
        !matches!(self.source, Source::Metrics(_))
    }

    /// Takes a reading. Where agents collect garbage first, their numbers are part of it.
    ///
    /// # Errors
    /// The target is gone, or its source cannot be read. An agent that does not answer is an error too: a series with holes would be misread.
    pub async fn read(&mut self, collect: Collect) -> Result<Reading, SampleError> {
        let live = match self.agents.as_mut().filter(|_| collect != Collect::Nothing) {
            Some(agents) => Some(agents.live_after(collect == Collect::New, collect != Collect::Whole).await?),
            None => None,
        };
        let start = Instant::now();
        let mut reading = match &mut self.source {
            Source::Tree(tree) => tree.read()?,
            Source::Cgroup(cgroup) => cgroup.read()?,
            Source::Metrics(metrics) => metrics.read().await?,
        };
        reading.at = self.began.elapsed();
        reading.live = live;
        reading.tasks = live.map(|live| live.asyncio_tasks);
        self.taken += 1;
        self.spent += start.elapsed();
        Ok(reading)
    }

    /// What a reading costs on average, without the agents' part.
    pub fn cost(&self) -> Duration {
        self.spent / self.taken.max(1)
    }
}
