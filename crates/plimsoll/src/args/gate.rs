//! When a run fails.

use std::path::PathBuf;

use clap::Args;

/// When a run fails.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Gate")]
pub struct Gate {
    /// The least severity that fails the run: critical, high, medium, low, info or never [default: medium]
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<String>,
    /// Issues count only from this stage on: indicated, located or proven [default: indicated]
    #[arg(long, value_name = "STAGE")]
    pub fail_on_stage: Option<String>,
    /// Compare with this baseline; `plimsoll.baseline.json` beside the configuration where it exists.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Only what the baseline does not know fails the run.
    #[arg(long)]
    pub new_only: bool,
    /// The least score that passes.
    #[arg(long, value_name = "0-100", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub min_score: Option<u8>,
    /// The most that a request may leave behind, as in 1KiB.
    #[arg(long, value_name = "SIZE")]
    pub max_bytes_per_request: Option<String>,
    /// The most memory that a request may take while it is served, as in 64MiB.
    #[arg(long, value_name = "SIZE")]
    pub max_peak: Option<String>,
    /// Never fail for what is found. An incomplete run still fails.
    #[arg(long)]
    pub exit_zero: bool,
}
