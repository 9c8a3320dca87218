//! `plimsoll baseline`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

const AFTER: &str = "\
Examples:
  plimsoll check; plimsoll baseline write
  plimsoll check --new-only
  plimsoll scan --format json --output scan.json http://127.0.0.1:8000; plimsoll baseline write --report scan.json

A baseline is meant to be committed. `write` takes in everything that the last report says, `update` only takes out what is gone.";

/// Write down what is known, so that a gate can ask for what is new.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub struct Baseline {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What to do with the baseline.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Write the baseline anew: everything that the report says is known from now on.
    Write(Files),
    /// Bring the baseline up to date: what is gone is marked as fixed, what could not be tested stays, nothing new is taken in.
    Update(Files),
}

/// Which report, and which baseline.
#[derive(Debug, Args)]
pub struct Files {
    /// The report, made with --format json; that of the last `plimsoll check` where none is given.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// The baseline; `plimsoll.baseline.json` beside the configuration where none is given.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// The configuration; `plimsoll.toml` of this folder where it exists.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}
