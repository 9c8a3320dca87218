//! What client and agent say to each other: one JSON object per line, over a Unix socket.
//!
//! The agent speaks first ([`Hello`]), then answers each [`Request`] with one [`Answer`] that repeats its number. Numbers are bytes and counts of one
//! process; adding up over processes is the client's work. Unknown fields are ignored, so that either side may be newer; another [`VERSION`] is refused.

use serde::{Deserialize, Serialize};

/// The version of this protocol. It rises when a field changes its meaning, not when one is added.
pub const VERSION: u32 = 1;

/// The agent's first line.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Hello {
    /// The agent's [`VERSION`].
    pub plimsoll_agent: u32,
    /// Process id, as the process itself sees it (another one in a container).
    pub pid: u32,
    /// Parent process id, as the process itself sees it.
    pub ppid: u32,
    /// Version of the interpreter, `3.11.7`.
    pub python: String,
    /// The command line, NUL between arguments, hexadecimal: the agent says hello before it imports a JSON encoder.
    #[serde(default)]
    pub argv: String,
    /// How it came in: `environment`, `fork` or `attach`.
    #[serde(default)]
    pub by: String,
}

impl Hello {
    /// The command line, undecodable parts replaced.
    pub fn command_line(&self) -> Vec<String> {
        let digits = self.argv.as_bytes().chunks_exact(2);
        let bytes: Vec<u8> = digits
            .filter_map(|pair| str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
            .collect();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.split('\0').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }
}

/// A numbered command.
#[derive(Clone, Debug, Serialize)]
pub struct Request<'a> {
    /// Repeated in the answer, so that a late one is not taken for another.
    pub id: u64,
    /// What is asked for.
    #[serde(flatten)]
    pub command: &'a Command,
}

/// What can be asked for.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Command {
    /// Collect garbage, then say what is live.
    Live {
        /// Whether to collect. An interpreter whose collector the application has switched off is never collected.
        collect: bool,
        /// Collect only among what is new since the last collection that put the rest aside.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        new: bool,
        /// Put aside what is alive, so that the next collection costs what is new.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        aside: bool,
    },
    /// Begin to trace allocations.
    TraceStart {
        /// Frames kept per allocation.
        frames: u16,
        /// Folders that are the application's own, beside what is neither library nor standard library.
        roots: Vec<String>,
    },
    /// Remember what is allocated now, by line.
    TraceMark,
    /// Say what each line held at each mark, and stop tracing.
    TraceStop {
        /// How many lines at most.
        top: u32,
    },
    /// Remember the length of every container and the number of objects of every type.
    HeapMark,
    /// Compare the heap with the marks.
    HeapDiff {
        /// Requests that this process answered between two marks.
        requests: f64,
        /// Seconds after which the answer is cut short.
        seconds: f64,
        /// Folders that are the application's own.
        roots: Vec<String>,
    },
    /// Forget all marks.
    HeapForget,
    /// Watch live bytes without collecting, every so many milliseconds.
    PeakStart {
        /// Milliseconds between two looks.
        every_ms: u32,
    },
    /// Say the highest and the first number of live bytes since the start.
    PeakStop,
}

/// The answer to one command.
#[derive(Debug, Deserialize)]
pub struct Answer {
    /// The number of the request.
    pub id: u64,
    /// What was asked for.
    #[serde(default)]
    pub ok: Option<serde_json::Value>,
    /// Why it cannot be said.
    #[serde(default)]
    pub error: Option<String>,
}

/// Answer to [`Command::Live`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct LiveAnswer {
    /// `sys.getallocatedblocks()`.
    pub blocks: u64,
    /// Bytes in use, allocators added up; None where no allocator tells.
    pub bytes: Option<u64>,
    /// Where the bytes come from: `pymalloc+malloc`, `malloc`, `pymalloc+jemalloc`, …
    #[serde(default)]
    pub source: String,
    /// Milliseconds that the collection took.
    pub gc_ms: f32,
    /// Whether a collection took place: not where the application has switched its collector off.
    pub collected: bool,
    /// asyncio tasks that are not done.
    pub tasks: u32,
    /// Threads that the interpreter knows.
    #[serde(default)]
    pub threads: u32,
    /// Objects that the collector found unreachable and could not free (`gc.garbage`).
    #[serde(default)]
    pub garbage: u64,
    /// Objects that the collector has freed since the process began (`gc.get_stats()`): parts of cycles, which nobody gave back when they were done.
    #[serde(default)]
    pub freed: u64,
}

/// Answer to [`Command::TraceStop`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct TraceAnswer {
    /// Bytes traced at each mark.
    pub totals: Vec<u64>,
    /// The lines that grew most.
    pub lines: Vec<TracedLine>,
}

/// What one line of code held at each mark.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct TracedLine {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The enclosing function with its classes, `PricingService.price`; empty at module level or where the source is missing.
    #[serde(default)]
    pub function: String,
    /// The line's text, without indentation.
    #[serde(default)]
    pub text: String,
    /// Whether it is the application's own line.
    pub app: bool,
    /// The library line that allocated most under it, `botocore/parsers.py:512`; empty where the line itself allocated.
    #[serde(default)]
    pub via: String,
    /// Bytes held at each mark.
    pub bytes: Vec<u64>,
    /// Blocks held at each mark.
    pub blocks: Vec<u64>,
}

/// Answer to [`Command::HeapDiff`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct HeapAnswer {
    /// Rounds compared: two with two marks before, one with one.
    pub rounds: u32,
    /// What long-lived objects grew, the heaviest first.
    pub holders: Vec<HeldBy>,
    /// Types of which there are more now.
    pub types: Vec<TypeCount>,
    /// Tracked objects looked at.
    pub objects: u64,
    /// Milliseconds that it took.
    pub took_ms: f32,
    /// Why the answer is cut short; empty where it is not.
    #[serde(default)]
    pub cut_short: String,
}

/// A long-lived object that grew between the marks.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct HeldBy {
    /// The way from a root to the holder, `shop.cache.RECENT`.
    pub path: String,
    /// Type of the holder, `dict`.
    pub kind: String,
    /// How many elements (bytes, for a growing string or buffer) more in each round, the oldest round first.
    pub grown: Vec<i64>,
    /// Types from an element downwards, the heaviest branch: `["Response", "list", "bytes"]`.
    #[serde(default)]
    pub elements: Vec<String>,
    /// Bytes that a new element holds and nothing older does, about.
    pub element_bytes: f64,
    /// How it was found: `container`, `group` (many small ones under one parent), `slot` (rebuilt or growing value), `chain` (from new objects back to a root).
    pub found: String,
    /// Whether the root is the application's own.
    pub app: bool,
    /// What kind of root: `module`, `class`, `function`, `task`, `thread`, `interpreter` or `unknown`.
    pub root: String,
    /// Whether the holder keeps its elements only weakly.
    #[serde(default)]
    pub weak: bool,
    /// Statements of the application that put something in, as far as their text shows.
    #[serde(default)]
    pub stored_at: Vec<StoredAt>,
}

/// A statement that puts something into a holder. Read from the source, not seen to run.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct StoredAt {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The enclosing function with its classes.
    pub function: String,
    /// The line's text, without indentation.
    pub text: String,
    /// Whether it names the holder itself, and not only something on the way to it.
    pub exact: bool,
}

/// A type of which there are more now.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct TypeCount {
    /// Module and name, `shop.models.Order`; bare for builtins.
    pub name: String,
    /// How many more since the first mark.
    pub count: i64,
    /// Their own bytes (without what they refer to), about.
    pub bytes: i64,
}

/// Answer to [`Command::PeakStop`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
pub struct PeakAnswer {
    /// Live bytes at the start.
    pub base: u64,
    /// The highest number of live bytes seen.
    pub peak: u64,
    /// What is left a moment after the end, without a collection: garbage in cycles, and what is retained.
    #[serde(default)]
    pub after: u64,
    /// How often it looked.
    pub looks: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hello_carries_any_command_line() {
        let line = r#"{"plimsoll_agent": 1, "pid": 7, "ppid": 1, "python": "3.11.7", "argv": "707974686f6e002d6d00c3a9ff00", "future": true}"#;
        let hello: Hello = serde_json::from_str(line).unwrap();
        assert_eq!(hello.command_line(), ["python", "-m", "é\u{fffd}"]);
    }

    #[test]
    fn a_request_is_one_flat_object() {
        let text = serde_json::to_string(&Request {
            id: 3,
            command: &Command::Live { collect: true, new: false, aside: false },
        })
        .unwrap();
        assert_eq!(text, r#"{"id":3,"do":"live","collect":true}"#);
    }
}
