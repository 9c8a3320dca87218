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
The form on standard output: terminal, json, html, markdown, sarif, junit, csv, har, pdf, gitlab-dast, gitlab-sast, gitlab-codequality, github, \
github-summary, github-comment, defectdojo or openvex";

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
    /// SARIF 2.1.0, as GitHub and GitLab take it.
    Sarif,
    /// JUnit XML.
    Junit,
    /// One line a finding, for spreadsheets.
    Csv,
    /// The evidence as HTTP Archive 1.2.
    Har,
    /// The HTML report, printed by Chromium.
    Pdf,
    /// GitLab's report of dynamic tests.
    GitlabDast,
    /// GitLab's report of static tests.
    GitlabSast,
    /// GitLab's report of code quality.
    GitlabCodequality,
    /// GitHub's workflow commands, which become annotations.
    Github,
    /// The summary of a job on GitHub; added to the file.
    GithubSummary,
    /// The body of a comment on a pull request.
    GithubComment,
    /// DefectDojo's generic findings.
    Defectdojo,
    /// OpenVEX: what is known, accepted and fixed.
    Openvex,
}

impl Format {
    /// Whether the form says when a run took place.
    pub const fn has_time(self) -> bool {
        matches!(
            self,
            Self::Sarif
                | Self::Junit
                | Self::Har
                | Self::GitlabDast
                | Self::GitlabSast
                | Self::Defectdojo
                | Self::Openvex
        )
    }

    /// The form that a file's name asks for.
    pub fn of_name(path: &Path) -> Option<Self> {
        const ENDS: &[(&str, Format)] = &[
            ("gl-dast-report.json", Format::GitlabDast),
            ("gl-sast-report.json", Format::GitlabSast),
            ("gl-code-quality-report.json", Format::GitlabCodequality),
            ("gl-codequality.json", Format::GitlabCodequality),
            ("defectdojo.json", Format::Defectdojo),
            (".vex.json", Format::Openvex),
            ("openvex.json", Format::Openvex),
            (".sarif.json", Format::Sarif),
            (".sarif", Format::Sarif),
            (".json", Format::Json),
            (".xml", Format::Junit),
            (".csv", Format::Csv),
            (".har", Format::Har),
            (".pdf", Format::Pdf),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_the_form() {
        for (name, form) in [
            ("out/plimsoll.sarif", Format::Sarif),
            ("report.junit.xml", Format::Junit),
            ("a/gl-dast-report.json", Format::GitlabDast),
            ("GL-SAST-report.json", Format::GitlabSast),
            ("gl-code-quality-report.json", Format::GitlabCodequality),
            ("shop.vex.json", Format::Openvex),
            ("defectdojo.json", Format::Defectdojo),
            ("report.json", Format::Json),
            ("notes.txt", Format::Terminal),
        ] {
            assert_eq!(Destination::parse(name).unwrap().format(Format::Terminal), form, "{name}");
        }
        assert_eq!(Destination::file("notes").format(Format::Sarif), Format::Sarif);
    }

    #[test]
    fn a_form_may_be_named() {
        let read = Destination::parse("sarif=out=1/report.json").unwrap();
        assert_eq!((read.form, read.path.to_str()), (Some(Format::Sarif), Some("out=1/report.json")));
        assert_eq!(Destination::parse("./srif=x").unwrap(), Destination::file("./srif=x"));
        assert!(Destination::parse("srif=x").unwrap_err().contains("did you mean sarif?"));
        assert!(Destination::parse("sarif=").is_err() && Destination::parse("").is_err());
    }
}
