//! On what terms a run passes: what the project accepts, what it knows already, and what the gate asks. Read before anything is done, so that a mistake
//! costs no run.

use std::path::{Path, PathBuf};

use plimsoll_model::baseline::Baseline;
use plimsoll_model::{Report, Severity, Stage};
use plimsoll_run::config::{self, Config};
use plimsoll_run::suppress::Suppressions;
use plimsoll_run::{Gate, baseline};

use crate::args;
use crate::commands::checks;
use crate::environment;
use crate::fault::Fault;

/// The baseline that is read without being named, beside the configuration.
pub const BASELINE: &str = "plimsoll.baseline.json";

/// On what terms a run passes.
#[derive(Debug)]
pub struct Terms {
    gate: Gate,
    suppressions: Suppressions,
    baseline: Option<(Baseline, String)>,
}

impl Terms {
    /// The terms of the command line and of a configuration, whose paths are relative to `folder`.
    ///
    /// # Errors
    /// A word is none of those that are known, or a file cannot be used.
    pub fn read(args: &args::Gate, config: &Config, folder: &Path) -> Result<Self, Fault> {
        let ignores = config.ignore.iter().map(AsRef::as_ref);
        let suppressions = Suppressions::read(ignores, config.gate.max_expiry.as_deref()).map_err(Fault::usage)?;
        let gate = gate(args, &config.gate)?;
        let path = baseline_path(args.baseline.as_deref(), config, folder);
        let named = args.baseline.is_some() || config.gate.baseline.is_some();
        let baseline = match path {
            path if named || path.is_file() => {
                let baseline = baseline::read(&path).map_err(Fault::usage)?;
                Some((baseline, path.display().to_string()))
            }
            path if gate.new_only => {
                let fault = Fault::say(format!("--new-only needs a baseline, and there is no {}", path.display()));
                return Err(fault.hint("write one with plimsoll baseline write"));
            }
            _ => None,
        };
        Ok(Self { gate, suppressions, baseline })
    }

    /// Takes out of a report what is accepted, says what is new in it and what the gate decides. Returns the exit code.
    pub fn settle(&self, report: &mut Report) -> u8 {
        self.suppressions.apply(report, &environment::today(), &checks::is_known);
        if let Some((baseline, file)) = &self.baseline {
            baseline::compare(report, baseline, file);
        }
        report.gate = Some(self.gate.judge(report));
        self.gate.exit_code(report)
    }
}

/// Where the baseline is: where it is said, or beside the configuration.
pub fn baseline_path(named: Option<&Path>, config: &Config, folder: &Path) -> PathBuf {
    match (named, &config.gate.baseline) {
        (Some(path), _) => path.to_owned(),
        (None, Some(configured)) => folder.join(configured),
        (None, None) => folder.join(BASELINE),
    }
}

/// The gate that flags and configuration ask for.
fn gate(args: &args::Gate, config: &config::gate::GateConfig) -> Result<Gate, Fault> {
    let stages = [Stage::Indicated, Stage::Located, Stage::Proven];
    let severities = Severity::ALL.iter().rev().map(|severity| severity.as_str()).chain(["never"]);
    let fail_on = match args.fail_on.as_deref().or(config.fail_on.as_deref()) {
        None => Gate::default().fail_on,
        Some("never") => None,
        Some(word) => {
            Some(word.parse::<Severity>().map_err(|_| unknown("--fail-on", word, "severity", severities.collect()))?)
        }
    };
    let from_stage = match args.fail_on_stage.as_deref().or(config.fail_on_stage.as_deref()) {
        None => Stage::Indicated,
        Some(word) => {
            let known = stages.iter().map(|stage| stage.as_str()).collect();
            let found = stages.into_iter().find(|stage| stage.as_str() == word);
            found.ok_or_else(|| unknown("--fail-on-stage", word, "stage", known))?
        }
    };
    let size = |given: &Option<String>, configured: &Option<String>| {
        given.as_deref().or(configured.as_deref()).map(config::size).transpose().map_err(Fault::say)
    };
    let min_score = args.min_score.or(config.min_score);
    if min_score.is_some_and(|score| score > 100) {
        return Err(Fault::say("gate.min_score is a number from 0 to 100"));
    }
    Ok(Gate {
        fail_on,
        from_stage,
        new_only: args.new_only || config.new_only,
        min_score,
        max_bytes_per_request: size(&args.max_bytes_per_request, &config.max_bytes_per_request)?,
        max_peak: size(&args.max_peak, &config.max_peak)?,
        lenient: args.exit_zero,
    })
}

fn unknown(flag: &str, word: &str, what: &str, known: Vec<&str>) -> Fault {
    let all = known.join(", ");
    let fault = Fault::say(format!("{flag} {word:?} is no {what}"));
    match config::closest(word, known) {
        Some(meant) => fault.hint(format!("did you mean `{meant}`?")),
        None => fault.hint(format!("it is one of {all}")),
    }
}
