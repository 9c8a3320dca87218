//! The arguments of `plimsoll code`.

use std::path::PathBuf;

use clap::Args;

use super::Output;

const AFTER: &str = "\
Examples:
  plimsoll code src
  plimsoll code --diff origin/main
  plimsoll code --select leak,peak --ignore client-per-request
  plimsoll code --routes
  plimsoll code --fix --diff

A finding is accepted in the source: # plimsoll: ignore[rule] reason=\"why\" until=2027-01-31";

/// Read Python code and say which lines retain, accumulate, or read without a bound.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub struct Code {
    /// Folders and files; `code.paths` of the configuration, or this folder, where none is given.
    pub paths: Vec<PathBuf>,
    /// The configuration; `plimsoll.toml` of this folder where it exists.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would take the text for the command's own")]
    pub choice: Choice,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would take the text for the command's own")]
    pub fix: Fix,
    /// Check again whenever a file changes.
    #[arg(long, conflicts_with_all = ["fix", "unsafe_fixes", "output", "routes", "stdin_filename"])]
    pub watch: bool,
    /// Print the route map instead: every operation with what answers it.
    #[arg(long)]
    pub routes: bool,
    /// Read this file's text from standard input, as editors do; only its findings are shown.
    #[arg(long, value_name = "FILE")]
    pub stdin_filename: Option<PathBuf>,
    /// Parse the files and do nothing else: what reading costs at least.
    #[arg(long, hide = true)]
    pub parse_only: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would take the text for the command's own")]
    pub output: Output,
}

/// Which findings are wanted.
#[derive(Debug, Args)]
#[command(next_help_heading = "Choice")]
pub struct Choice {
    /// Only these rules, weaknesses or kinds (leak, peak, cost, crash, data-loss, exposure), with commas between them.
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub select: Vec<String>,
    /// Not these.
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// Nothing in these paths, as in 'scripts/**'. May be given several times.
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Only findings that touch lines changed since a git revision; without one, show fixes as a diff instead of making them.
    #[arg(long, value_name = "BASE", num_args = 0..=1, default_missing_value = "")]
    pub diff: Option<String>,
}

/// What is changed in the files.
#[derive(Debug, Args)]
#[command(next_help_heading = "Fixes")]
pub struct Fix {
    /// Make the fixes that cannot change what the program does.
    #[arg(long)]
    pub fix: bool,
    /// Also make fixes that have to be looked at.
    #[arg(long)]
    pub unsafe_fixes: bool,
}
