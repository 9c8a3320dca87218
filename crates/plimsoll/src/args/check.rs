//! The arguments of `plimsoll check`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use plimsoll_model::Vantage;

use super::Output;

const AFTER: &str = "\
Examples:
  plimsoll check
  plimsoll check --no-memory --format sarif --output plimsoll.sarif
  plimsoll check --changed-since origin/main --new-only
  plimsoll check --only code,contract

What plimsoll.toml makes possible is looked at: contracts, the running API, the code, and the memory of the application in staging. What is started is
ended with all its children, however the run ends. The report stays in .plimsoll/ beside plimsoll.toml.";

/// Look from every side that plimsoll.toml makes possible, and join what is found.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub struct Check {
    /// The configuration [default: plimsoll.toml]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Look from these sides only, with commas between them: contract, wire, code, memory.
    #[arg(long, value_enum, value_name = "SIDES", value_delimiter = ',', hide_possible_values = true)]
    pub only: Vec<Side>,
    /// Do not measure memory, which takes minutes.
    #[arg(long)]
    pub no_memory: bool,
    /// Look again only at what changes since this git revision can have changed; the rest is kept from the last report.
    #[arg(long, value_name = "REV")]
    pub changed_since: Option<String>,
    /// Say of every pair of findings from different sides why it was joined, or why not although it nearly was.
    #[arg(long)]
    pub explain: bool,
    /// Time for everything, as in 90s or 10m [default: 5m]
    #[arg(long, value_name = "TIME")]
    pub max_time: Option<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would take the text for the command's own")]
    pub output: Output,
}

/// A side to look from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Side {
    /// The contract, as a design.
    Contract,
    /// The running API.
    Wire,
    /// The source.
    Code,
    /// The memory of the application in staging.
    Memory,
}

impl Check {
    /// Whether a vantage is asked for.
    pub fn wants(&self, vantage: Vantage) -> bool {
        let side = match vantage {
            Vantage::Contract => Side::Contract,
            Vantage::Wire => Side::Wire,
            Vantage::Code => Side::Code,
            Vantage::Memory => Side::Memory,
        };
        (self.only.is_empty() || self.only.contains(&side)) && !(self.no_memory && side == Side::Memory)
    }
}
