//! The arguments of `plimsoll fix`.

use std::path::PathBuf;

use clap::Args;

const AFTER: &str = "\
Examples:
  plimsoll fix                         every change that can be offered, as diffs
  plimsoll fix 1a2b3c4d                the change for one issue, or why there is none
  plimsoll fix 1a2b3c4d --apply        write it
  plimsoll fix --apply --verify        write, repeat the evidence, take back what did not help
  plimsoll fix --change-contract       also changes that callers have to follow

Issues are those of the last plimsoll check; without one, the code is read first. Without --verify and without an ISSUE, only changes that cannot change what
the application does are written.

Exit codes: 0 done or shown, 1 no change for the issue or one was taken back, 2 usage or configuration, 3 not verified, 4 refused over uncommitted changes";

/// Propose the change that settles an issue; write and verify it on request.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub struct Fix {
    /// The issue, by the beginning of its id; every issue of the last report where none is given.
    pub issue: Option<String>,
    /// Write the change: whole files, all or none, never over changes that are not committed.
    #[arg(long)]
    pub apply: bool,
    /// Then repeat the evidence with the same load, compare the application's answers, and take back what did not help.
    #[arg(long, requires = "apply")]
    pub verify: bool,
    /// Also offer what callers have to change with, as one page in place of all rows.
    #[arg(long)]
    pub change_contract: bool,
    /// Write over changes that are not committed.
    #[arg(long, requires = "apply")]
    pub force: bool,
    /// Keep a change although the application answers otherwise than before, as pagination does.
    #[arg(long, requires = "verify")]
    pub accept_changed_answers: bool,
    /// Time for measuring memory, as in 90s or 10m [default: memory.time of the configuration, or 10m]
    #[arg(long, value_name = "TIME", requires = "verify")]
    pub time: Option<String>,
    /// The configuration [default: plimsoll.toml]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// No progress.
    #[arg(long, short)]
    pub quiet: bool,
}
