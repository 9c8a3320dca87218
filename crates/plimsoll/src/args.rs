//! The command line.

mod active;
mod audit;
pub mod baseline;
mod check;
mod fix;
mod gate;
mod identities;
mod init;
mod memory;
mod output;
mod verify;

mod code;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use active::{Active, Kind};
pub use audit::Audit;
pub use baseline::Baseline;
pub use check::{Check, Side};
pub use fix::Fix;
pub use gate::Gate;
pub use identities::Identity;
pub use init::Init;
pub use memory::{Effort, Memory};
pub use output::{Destination, Format, Output};
pub use verify::Verify;

pub use code::Code;

const AFTER: &str = "\
Examples:
  plimsoll scan http://127.0.0.1:8000
  plimsoll scan https://staging.example.com --header 'Authorization: Bearer $TOKEN' --output report.html
  plimsoll audit openapi.yaml
  plimsoll code src
  plimsoll explain unbounded-read

Exit codes: 0 gate passed, 1 findings at or above --fail-on, 2 usage or configuration, 3 incomplete or unreachable, 4 refused for safety";

/// Finds what makes a web API take on water: reads without a bound, callers without a limit, doors left open.
#[derive(Debug, Parser)]
#[command(name = "plimsoll", version, after_help = AFTER, max_term_width = 110, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// When to write colours; `auto` looks at the terminal and at `NO_COLOR`.
    #[arg(long, global = true, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub color: When,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look at a project and write its plimsoll.toml.
    Init(Init),
    /// Look from every side that plimsoll.toml makes possible, and join what is found.
    Check(Box<Check>),
    /// Propose the change that settles an issue; write and verify it on request.
    Fix(Fix),
    /// Repeat the evidence of issues, and say what became of them.
    Verify(Verify),
    /// Scan a running API, from a URL to a graded report.
    Scan(Box<Scan>),
    /// Read contracts as designs: what they allow that a service cannot carry or should not show.
    Audit(Box<Audit>),
    /// Measure what each operation of an application retains per request, and what holds it.
    Memory(Box<Memory>),
    /// Read Python code and say which lines retain, accumulate, or read without a bound.
    Code(Box<Code>),
    /// Serve an editor over standard input and output (Language Server Protocol).
    Lsp,
    /// Write down what is known, so that a gate can ask for what is new.
    Baseline(Baseline),
    /// Judge a recorded run again, or repeat the requests of one of its issues.
    Replay(Replay),
    /// Say what a weakness is, why it matters and how to fix it.
    Explain {
        /// The weakness, as in `unbounded-read`, or the name of a check.
        weakness: String,
    },
    /// List the checks, or show the page of one.
    Checks {
        /// The check, as in `limit-ignored`.
        check: Option<String>,
    },
    /// Write the completions of a shell to standard output.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

const SCAN_AFTER: &str = "\
Examples:
  plimsoll scan http://127.0.0.1:8000
  plimsoll scan http://127.0.0.1:8000 --spec openapi.yaml --max-requests 500 --max-time 2m
  plimsoll scan http://127.0.0.1:8000 --header 'Authorization: Bearer $TOKEN' --format json --output report.json
  plimsoll scan http://127.0.0.1:8000 --as alice='Authorization: Bearer $ALICE' --as bob='Authorization: Bearer $BOB'
  plimsoll scan http://127.0.0.1:8000 --record run.ndjson && plimsoll replay run.ndjson

The variable in a header is filled in from the environment, only for sending: reports and recordings show $TOKEN.";

/// Scan a running API.
#[derive(Debug, Args)]
#[command(after_help = SCAN_AFTER)]
pub struct Scan {
    /// The base URL of the API; `target.url` of the configuration where none is given.
    pub url: Option<String>,
    /// The contract: an OpenAPI document on disk. Without it the usual places of the target are tried.
    #[arg(long, value_name = "FILE")]
    pub spec: Option<PathBuf>,
    /// A header of every request, `$NAME` is filled in from the environment. May be given several times.
    #[arg(long = "header", short = 'H', value_name = "NAME: VALUE")]
    pub headers: Vec<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would take the text for the command's own")]
    pub identity: Identity,
    /// The configuration; `plimsoll.toml` of this folder where it exists.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would take the text for the command's own")]
    pub budget: Budget,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would take the text for the command's own")]
    pub permission: Permission,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would take the text for the command's own")]
    pub active: Active,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would take the text for the command's own")]
    pub output: Output,
    /// Write the run to a file that `plimsoll replay` reads. It holds what the target answered, never credentials.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Leave out a check. May be given several times.
    #[arg(long, value_name = "CHECK")]
    pub ignore: Vec<String>,
    /// Say on standard error which checks asked for how many requests, and how many of them were shared.
    #[arg(long)]
    pub explain_budget: bool,
}

/// What a run may spend.
#[derive(Debug, Args)]
#[command(next_help_heading = "Budget")]
pub struct Budget {
    /// Requests, at most [default: 2000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub max_requests: Option<u64>,
    /// Time, at most, as in 90s or 10m [default: 10m]
    #[arg(long, value_name = "TIME")]
    pub max_time: Option<String>,
    /// Bytes received for one operation, at most, as in 64MiB [default: 64MiB]
    #[arg(long, value_name = "SIZE")]
    pub max_bytes: Option<String>,
    /// Requests a second [default: no limit on local addresses, 10 elsewhere]
    #[arg(long, value_name = "N")]
    pub rate: Option<f64>,
    /// Requests in flight [default: 8 on local addresses, 4 elsewhere]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub concurrency: Option<u16>,
}

/// What a run may do.
#[derive(Debug, Args)]
#[command(next_help_heading = "Permission")]
pub struct Permission {
    /// Also call this writing operation, as in 'POST /search'. May be given several times.
    #[arg(long, value_name = "METHOD /path")]
    pub allow_writes: Vec<String>,
    /// Also call operations that delete or reset. Only ever on a staging system.
    #[arg(long)]
    pub allow_destructive: bool,
    /// Go on although the certificate of a public target does not verify.
    #[arg(long)]
    pub insecure: bool,
    /// Trust the authorities in this file (PEM) besides those of this machine.
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

/// Judge a recorded run again.
#[derive(Debug, Args)]
pub struct Replay {
    /// The recording.
    pub file: PathBuf,
    /// Repeat the requests of this issue and say whether it is still there, gone or changed.
    #[arg(long, value_name = "ISSUE")]
    pub send: Option<String>,
    /// Send to this base URL instead of the recorded one.
    #[arg(long, value_name = "URL", requires = "send")]
    pub url: Option<String>,
    /// A header of every request that is sent. May be given several times.
    #[arg(long = "header", short = 'H', value_name = "NAME: VALUE", requires = "send")]
    pub headers: Vec<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would take the text for the command's own")]
    pub identity: Identity,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would take the text for the command's own")]
    pub output: Output,
}

/// When to write colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}
