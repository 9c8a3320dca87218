//! A whole measurement: pilot → warm-up → screening → measuring the suspects → peaks → attribution.
//!
//! All operations are screened together, in interleaved blocks, so that a hundred of them do not cost a hundred times one. Operations (or groups of them) whose growth
//! stays below what matters drop out; groups that grow are split; what is left is measured alone, with controls, and only then asked what holds the memory.
//! The session sends through [`Load`], looks through [`Sense`] and leaves judging to [`crate::estimate`]. It has no clock but the readings'.

mod attribution;
mod case;
mod measure;
mod peaks;
mod pilot;
mod report;
mod screen;
mod sense;
#[cfg(test)]
mod tests;

use std::time::Duration;

use plimsoll_http::Transport;
use plimsoll_model::OperationKey;
use plimsoll_model::memory::{Interval, MemoryRun, OperationMemory, Signal};

use crate::drive::{Driven, Load};
use crate::estimate::Rules;
use crate::sample::{Collect, Reading, SampleError};

use case::Case;
pub use sense::Sense;

/// How many collections fit into a block at least.
const COLLECTIONS: f64 = 10.0;
/// A whole collection that takes longer is not made at every reading.
const DEAR_MS: f32 = 80.0;

/// What a session may spend, and what it looks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Time for everything.
    pub time: Duration,
    /// Time for each operation, where that comes to less than `time` for all of them; None where somebody said how long everything may take.
    pub each: Option<Duration>,
    /// Time for measuring one operation.
    pub operation_time: Duration,
    /// Requests of one series.
    pub most_requests: u64,
    /// Requests in flight besides one at a time.
    pub concurrency: u32,
    /// The memory that extrapolations go to, in bytes.
    pub limit: u64,
    /// The smallest leak to look for, in bytes per request; None leaves it to what is measured.
    pub target: Option<f64>,
    /// How much an operation may make the application grow while it is measured, in bytes.
    pub most_growth: u64,
    /// Whether to ask what holds the memory, where there is an agent.
    pub attribute: bool,
}

impl Options {
    /// The time for so many operations.
    #[must_use]
    pub fn time_for(&self, operations: usize) -> Duration {
        let operations = u32::try_from(operations).unwrap_or(u32::MAX);
        self.each.map_or(self.time, |each| self.time.min(each.saturating_mul(operations)))
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            time: Duration::from_mins(10),
            each: Some(Duration::from_secs(22)),
            operation_time: Duration::from_secs(16),
            most_requests: 5_000,
            concurrency: 16,
            limit: 512 << 20,
            target: None,
            most_growth: 48 << 20,
            attribute: true,
        }
    }
}

/// What is happening, for whoever watches.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// Trying each operation once.
    Pilot {
        /// Operations.
        operations: usize,
    },
    /// Warming the application up.
    WarmUp {
        /// Requests so far.
        requests: u64,
    },
    /// Screening.
    Screen {
        /// 1-based.
        round: usize,
        /// Operations or groups that are not decided.
        undecided: usize,
        /// At most so much longer.
        left: Duration,
    },
    /// Measuring one operation.
    Measure {
        /// Which.
        operation: OperationKey,
        /// Requests of this series so far.
        requests: u64,
        /// The estimate so far.
        bytes_per_request: Option<f64>,
        /// Operations after this one.
        after: usize,
        /// At most so much longer, all operations included.
        left: Duration,
    },
    /// Measuring peaks.
    Peaks,
    /// Asking what holds the memory.
    Attribute {
        /// Which operation.
        operation: OperationKey,
    },
}

/// What a session brought.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// One entry for each operation, in the order given.
    pub memory: Vec<OperationMemory>,
    /// What is true of the whole.
    pub run: MemoryRun,
    /// Why the measurement is incomplete, if it is.
    pub incomplete: Vec<String>,
    /// What else a reader should know.
    pub notes: Vec<String>,
}

/// Why a session ends before its end.
#[derive(Debug)]
enum Stop {
    Sample(SampleError),
    Transport(String),
}

impl From<SampleError> for Stop {
    fn from(error: SampleError) -> Self {
        Self::Sample(error)
    }
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sample(error) => error.fmt(f),
            Self::Transport(why) => f.write_str(why),
        }
    }
}

/// A measurement under way.
struct Session<'a, T, S> {
    load: Load<T>,
    sense: &'a mut S,
    cases: Vec<Case>,
    options: Options,
    watch: &'a mut (dyn FnMut(Progress) + Send),
    signal: Signal,
    rules: Rules,
    /// The last reading.
    last: Reading,
    /// What the last whole collection took, in milliseconds.
    whole_ms: f32,
    /// Whether readings may look at what is new only.
    may_skip: bool,
    began: Duration,
    control: Option<Interval>,
    /// The control grows itself: every request leaves something behind, whatever it asks for.
    everywhere: Option<Interval>,
    /// The control, for asking what holds what it leaves behind.
    control_case: Option<Case>,
    base_bytes: u64,
    screen_seconds: f64,
    restarts: u32,
    /// What is under way, for the case that the target dies.
    doing: Option<OperationKey>,
    notes: Vec<String>,
}

/// Measures. The operations come with their permits; `prefix` is the path that all of them share.
pub async fn run<T: Transport, S: Sense>(
    load: Load<T>,
    sense: &mut S,
    operations: Vec<Driven>,
    prefix: &str,
    options: Options,
    watch: &mut (dyn FnMut(Progress) + Send),
) -> Outcome {
    let cases = operations.into_iter().enumerate().map(|(index, driven)| Case::new(index as u32, driven)).collect();
    let mut session = Session {
        load,
        sense,
        cases,
        options,
        watch,
        signal: Signal::Rss,
        rules: Rules::OUTSIDE,
        last: Reading::default(),
        whole_ms: 0.0,
        may_skip: true,
        began: Duration::ZERO,
        control: None,
        everywhere: None,
        control_case: None,
        base_bytes: 0,
        screen_seconds: 0.0,
        restarts: 0,
        doing: None,
        notes: Vec::new(),
    };
    let stopped = session.all(prefix).await.err();
    session.outcome(stopped)
}

impl<T: Transport, S: Sense> Session<'_, T, S> {
    async fn all(&mut self, prefix: &str) -> Result<(), Stop> {
        self.begin().await?;
        self.pilot().await?;
        self.warm_up().await?;
        self.measure_control(prefix).await?;
        self.measure_peaks().await?;
        self.screen().await?;
        self.measure().await?;
        self.attribute().await
    }

    /// Finds out what can be measured.
    async fn begin(&mut self) -> Result<(), Stop> {
        let reading = self.sense.read(Collect::Whole).await?;
        self.whole_ms = reading.live.map_or(0.0, |live| live.gc_ms);
        self.signal = match (&reading.live, reading.uss) {
            (Some(live), _) if live.bytes > 0 => Signal::Live,
            (_, Some(_)) => Signal::Uss,
            _ => Signal::Rss,
        };
        self.rules = if self.signal == Signal::Live { Rules::LIVE } else { Rules::OUTSIDE };
        if let Some(target) = self.options.target {
            self.rules.target = target;
            self.rules.margin = target / 2.0;
        }
        self.began = reading.at;
        self.last = reading;
        Ok(())
    }

    /// Takes a reading after a whole collection.
    async fn look(&mut self) -> Result<Reading, Stop> {
        let reading = self.read(if self.skips() { Collect::Aside } else { Collect::Whole }).await?;
        self.whole_ms = reading.live.map_or(0.0, |live| live.gc_ms);
        Ok(reading)
    }

    /// Takes a reading after a collection that is whole only where that is cheap. Live bytes are never too few; [`Session::overstated`] says by how much
    /// they were too many.
    async fn glance(&mut self) -> Result<Reading, Stop> {
        self.read(if self.skips() { Collect::New } else { Collect::Whole }).await
    }

    /// Whether a glance leaves out what was there before.
    fn skips(&self) -> bool {
        self.may_skip && self.whole_ms > DEAR_MS
    }

    /// By how many bytes the last glance said too much; the last reading is a whole one afterwards.
    async fn overstated(&mut self) -> Result<f64, Stop> {
        if !self.skips() {
            return Ok(0.0);
        }
        let (said, generation) = (self.bytes(&self.last), self.last.generation);
        let reading = self.look().await?;
        Ok(if reading.generation == generation { said - self.bytes(&reading) } else { 0.0 })
    }

    async fn read(&mut self, collect: Collect) -> Result<Reading, Stop> {
        if let Some(why) = self.load.stopped() {
            return Err(Stop::Transport(why.to_string()));
        }
        let reading = self.sense.read(collect).await?;
        if reading.generation != self.last.generation {
            self.restarts += 1;
        }
        self.last = reading.clone();
        Ok(reading)
    }

    /// The bytes that are measured.
    fn bytes(&self, reading: &Reading) -> f64 {
        let bytes = match self.signal {
            Signal::Live => reading.live.map_or(0, |live| live.bytes),
            Signal::Uss => reading.uss.unwrap_or(reading.rss),
            Signal::Rss => reading.rss,
        };
        bytes as f64
    }

    /// Milliseconds of a block: `usual`, or as long as it takes for the collection at its end to cost no more than a tenth, but at most `longest`.
    fn block_ms(&self, usual: f64, longest: f64) -> f64 {
        let collection = self.last.live.map_or(0.0, |live| f64::from(live.gc_ms));
        (COLLECTIONS * collection).clamp(usual, longest)
    }

    /// Time since the beginning, as of the last reading.
    fn elapsed(&self) -> Duration {
        self.last.at.saturating_sub(self.began)
    }

    /// Time until the budget is spent.
    fn left(&self) -> Duration {
        self.options.time.saturating_sub(self.elapsed())
    }

    fn tell(&mut self, progress: Progress) {
        (self.watch)(progress);
    }
}
