//! `cargo xtask generate` writes the generated files of the repository; `check` fails when one is stale; `dist DIR` writes completions and man pages
//! for packages.

mod generated;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{CommandFactory, Parser};
use clap_complete::Shell;
use plimsoll_cli::Cli;

#[derive(Parser)]
enum Task {
    /// Write the generated files.
    Generate,
    /// Fail when a generated file is stale.
    Check,
    /// Write shell completions and man pages to a folder.
    Dist {
        /// The folder.
        folder: PathBuf,
    },
}

fn main() -> Result<()> {
    match Task::parse() {
        Task::Generate => generate(),
        Task::Check => check(),
        Task::Dist { folder } => dist(&folder),
    }
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn generate() -> Result<()> {
    for (path, content) in generated::files()? {
        let path = root().join(path);
        fs::create_dir_all(path.parent().context("a generated file lies in a folder")?)?;
        fs::write(&path, content).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn check() -> Result<()> {
    let stale: Vec<&str> = generated::files()?
        .into_iter()
        .filter(|(path, content)| fs::read_to_string(root().join(path)).ok().as_ref() != Some(content))
        .map(|(path, _)| path)
        .collect();
    if !stale.is_empty() {
        bail!("stale: {}; run `cargo xtask generate` (or `make generate`)", stale.join(", "));
    }
    Ok(())
}

fn dist(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let mut command = Cli::command();
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell, Shell::Elvish] {
        clap_complete::generate_to(shell, &mut command, "plimsoll", folder)?;
    }
    clap_mangen::generate_to(command, folder)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn generated_files_are_fresh() {
        super::check().unwrap();
    }

    #[test]
    fn completions_and_man_pages_can_be_made() {
        let folder = std::env::temp_dir().join(format!("plimsoll-dist-{}", std::process::id()));
        super::dist(&folder).unwrap();
        let man = std::fs::read_to_string(folder.join("plimsoll-scan.1")).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(man.contains("max\\-requests"), "the man page names the options");
    }
}
