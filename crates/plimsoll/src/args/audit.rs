//! The arguments of `plimsoll audit`.

use std::path::PathBuf;

use clap::Args;

use super::Output;

const AFTER: &str = "\
Examples:
  plimsoll audit openapi.yaml
  curl -s http://127.0.0.1:8000/openapi.json | plimsoll audit -
  plimsoll audit --diff before.yaml openapi.yaml
  plimsoll audit --fetch https://api.example.com/openapi.json
  plimsoll audit openapi.yaml --select limit-without-maximum,unbounded-read --format json

Nothing is sent: references to files below the document are read, references to other hosts never.";

/// Read contracts as designs: what they allow that a service cannot carry or should not show.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub struct Audit {
    /// OpenAPI documents (2.0, 3.0, 3.1, 3.2; JSON or YAML), - for standard input; `audit.documents` or `target.contract` of the configuration
    /// where none is given.
    #[arg(value_name = "SPEC")]
    pub documents: Vec<String>,
    /// The configuration; `plimsoll.toml` of this folder where it exists.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Compare with this earlier document: show what is new, better and worse.
    #[arg(long, value_name = "OLD", conflicts_with = "fetch")]
    pub diff: Option<PathBuf>,
    /// Fetch documents that are given as URLs, and what they refer to on the same origin.
    #[arg(long)]
    pub fetch: bool,
    /// Only these rules, weaknesses or kinds (cost, access, exposure, input, config), with commas between them.
    #[arg(long, value_name = "RULES", value_delimiter = ',', help_heading = "Choice")]
    pub select: Vec<String>,
    /// Not these.
    #[arg(long, value_name = "RULES", value_delimiter = ',', help_heading = "Choice")]
    pub ignore: Vec<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would take the text for the command's own")]
    pub output: Output,
}
