//! One file a command.

pub mod audit;
pub mod baseline;
pub mod check;
pub mod checks;
pub mod code;
pub mod explain;
pub mod fix;
pub mod init;
pub mod lsp;
pub mod memory;
pub mod repair;
pub mod replay;
pub mod scan;
pub mod verify;
pub mod watch;

use clap::CommandFactory;
use plimsoll_model::exit;

use crate::args::{Cli, Command};
use crate::fault::Fault;

/// Runs a command; returns its exit code.
///
/// # Errors
/// The command ended without a report; the fault has its exit code.
pub async fn run(cli: Cli) -> Result<u8, Fault> {
    match cli.command {
        Command::Init(args) => init::run(&args, cli.color),
        Command::Check(args) => check::run(*args, cli.color).await,
        Command::Fix(args) => fix::run(args, cli.color).await,
        Command::Verify(args) => verify::run(args, cli.color).await,
        Command::Scan(args) => scan::run(*args, cli.color).await,
        Command::Audit(args) => audit::run(&args, cli.color).await,
        Command::Memory(args) => memory::run(*args, cli.color).await,
        Command::Code(args) => code::run(&args, cli.color),
        Command::Lsp => lsp::run(),
        Command::Baseline(args) => baseline::run(&args),
        Command::Replay(args) => replay::run(args, cli.color).await,
        Command::Explain { weakness } => explain::run(&weakness, cli.color),
        Command::Checks { check } => checks::run(check.as_deref(), cli.color),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "plimsoll", &mut script);
            crate::output::print(&String::from_utf8_lossy(&script))?;
            Ok(exit::PASSED)
        }
    }
}
