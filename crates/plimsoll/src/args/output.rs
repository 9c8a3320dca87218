//! What comes out: the forms of a report, and the files that they go to.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use plimsoll_run::config;

use super::Gate;

/// What comes out.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// The form on standard output.
    #[arg(long, value_enum, default_value_t = Format::Terminal, value_name = "FORMAT", hide_possible_values = true,
          help = FORMAT)]
    pub format: Format,
    /// Write the report to a file beside the one on standard output; may be given several times. Its form follows from the file's name, as in
    /// plimsoll.sarif or gl-dast-report.json, or is named before it, as in sarif=out/report.json.
    #[arg(long, short, value_name = "[FORM=]FILE", value_parser = Destination::parse)]
    pub output: Vec<Destination>,
    /// Show every issue in detail, facts included.
    #[arg(long)]
    pub all: bool,
    /// No progress.
    #[arg(long, short)]
    pub quiet: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would take the text for the command's own")]
    pub gate: Gate,
}

const FORMAT: &str = "\
The form on standard output: terminal, json, html or markdown";

/// The forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people, on a terminal.
    Terminal,
    /// For machines: `plimsoll.report/1`.
    Json,
    /// For people, in a browser.
    Html,
    /// A short page in Markdown.
    Markdown,
}

impl Format {
    /// The form that a file's name asks for.
    pub fn of_name(path: &Path) -> Option<Self> {
        const ENDS: &[(&str, Format)] = &[
            (".json", Format::Json),
            (".md", Format::Markdown),
            (".html", Format::Html),
            (".htm", Format::Html),
        ];
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        ENDS.iter().find(|(end, _)| name.ends_with(end)).map(|(_, form)| *form)
    }
}

/// A file that a report goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The form that was named; otherwise the file's name says it.
    pub form: Option<Format>,
    /// The file.
    pub path: PathBuf,
}

impl Destination {
    /// Reads `FILE` or `FORM=FILE`.
    ///
    /// # Errors
    /// What stands before `=` is a word and no form. A file that is called so is written `./a=b`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-');
        let Some((form, path)) = text.split_once('=').filter(|(form, _)| word(form)) else {
            return if text.is_empty() { Err("a file has a name".to_owned()) } else { Ok(Self::file(text)) };
        };
        if path.is_empty() {
            return Err(format!("no file is named after {form}="));
        }
        let form = Format::from_str(form, true).map_err(|_| {
            let known: Vec<String> = Format::value_variants()
                .iter()
                .filter_map(ValueEnum::to_possible_value)
                .map(|value| value.get_name().to_owned())
                .collect();
            match config::closest(form, known.iter().map(String::as_str)) {
                Some(meant) => format!("{form} is no form of a report; did you mean {meant}?"),
                None => format!("{form} is no form of a report; known are {}", known.join(", ")),
            }
        })?;
        Ok(Self { form: Some(form), path: PathBuf::from(path) })
    }

    /// A file whose name says the form.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { form: None, path: path.into() }
    }

    /// The form of the file: what was named, else what its name says, else that of standard output.
    pub fn format(&self, printed: Format) -> Format {
        self.form.or_else(|| Format::of_name(&self.path)).unwrap_or(printed)
    }
}
