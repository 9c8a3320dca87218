//! The arguments of `plimsoll init`.

use std::path::PathBuf;

use clap::Args;

const AFTER: &str = "\
Examples:
  plimsoll init
  plimsoll init services/orders
  plimsoll init --print

Nothing is run and nothing is sent. What is found is shown with the file and line that say so, and what could not be known is listed.";

/// Look at a project and write its plimsoll.toml.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub struct Init {
    /// The project's folder.
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub folder: PathBuf,
    /// Write the configuration to standard output instead, and what was found to standard error.
    #[arg(long)]
    pub print: bool,
    /// Replace a configuration that is there already.
    #[arg(long, conflicts_with = "print")]
    pub force: bool,
}
