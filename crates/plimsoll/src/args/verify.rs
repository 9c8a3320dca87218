//! The arguments of `plimsoll verify`.

use std::path::PathBuf;

use clap::Args;

const AFTER: &str = "\
Examples:
  plimsoll verify 1a2b3c4d
  plimsoll verify --time 2m

The evidence of the last plimsoll check is repeated: the exchanges of an issue, the rule at its place, the contract, and the measurement of memory with the same
load. An issue is fixed when every side that had seen it looked again and sees it no more. The report in .plimsoll/ is brought up to date.

Exit codes: 0 fixed, 1 still there, 2 usage or configuration, 3 could not be verified";

/// Repeat the evidence of issues, and say what became of them.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub struct Verify {
    /// The issue, by the beginning of its id; every issue of the last report where none is given.
    pub issue: Option<String>,
    /// Time for measuring memory, as in 90s or 10m [default: memory.time of the configuration, or 10m]
    #[arg(long, value_name = "TIME")]
    pub time: Option<String>,
    /// The configuration [default: plimsoll.toml]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// No progress.
    #[arg(long, short)]
    pub quiet: bool,
}
