//! The program `plimsoll`.

use std::process::ExitCode;

use clap::Parser;
use plimsoll_cli::{Cli, commands};
use plimsoll_model::exit;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output and are no error; everything else is a usage error. Nothing can be done about a
            // closed standard output.
            drop(error.print());
            return ExitCode::from(if error.use_stderr() { exit::USAGE } else { exit::PASSED });
        }
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            return ExitCode::from(exit::BUG);
        }
    };
    match runtime.block_on(commands::run(cli)) {
        Ok(code) => ExitCode::from(code),
        Err(fault) => {
            eprintln!("{}", fault.line());
            ExitCode::from(fault.code)
        }
    }
}
