//! The generated files: path and content.

use std::fmt::Write;

use anyhow::Result;
use clap::CommandFactory;
use plimsoll_cli::Cli;
use plimsoll_model::score::{Grade, cap, deduction, weight};
use plimsoll_model::{Category, Confidence, Severity, Weakness};
use plimsoll_run::correlate::table::{Need, PAIRS};

/// Every generated file.
pub fn files() -> Result<Vec<(&'static str, String)>> {
    let schema = serde_json::to_string_pretty(&plimsoll_report::json::schema())? + "\n";
    let baseline = serde_json::to_string_pretty(&plimsoll_report::json::baseline_schema())? + "\n";
    Ok(vec![
        ("docs/schema/report-1.json", schema),
        ("docs/schema/baseline-1.json", baseline),
        ("docs/src/commands.md", commands()),
        ("docs/src/checks.md", checks()),
        ("docs/src/checks-wire.md", check_pages("http")),
        ("docs/src/checks-contract.md", check_pages("contract")),
        ("docs/src/checks-code.md", check_pages("code")),
        ("docs/src/weaknesses.md", weaknesses()),
        ("docs/src/score.md", score()),
        ("docs/src/joins-table.md", joins()),
    ])
}

fn commands() -> String {
    let mut out = String::from("# Commands\n\n");
    // A fixed width: the terminal of whoever generates must not show.
    let mut root = Cli::command().term_width(100);
    root.build();
    let _ = writeln!(out, "```text\n{}\n```", plain(&root.render_long_help().to_string()));
    described(&mut out, &mut root, "plimsoll", 2);
    out
}

/// The subcommands of a command, and theirs, as sections of this level.
fn described(out: &mut String, command: &mut clap::Command, above: &str, level: usize) {
    for command in command.get_subcommands_mut().filter(|command| command.get_name() != "help") {
        let name = format!("{above} {}", command.get_name());
        let help = plain(&command.render_long_help().to_string());
        let _ = writeln!(out, "\n{} {name}\n\n```text\n{help}\n```", "#".repeat(level));
        described(out, command, &name, level + 1);
    }
}

/// Help text without trailing blanks.
fn plain(help: &str) -> String {
    help.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned()
}

fn checks() -> String {
    let mut out = String::from(
        "# Checks\n\nEach check looks for one weakness. Its page holds what it does, how it decides, and the examples that are its tests.\n\n\
         | check | mode | weakness | severity |\n|---|---|---|---|\n",
    );
    for check in plimsoll_run::checks() {
        let meta = check.meta();
        let _ = writeln!(
            out,
            "| [{id}](checks-wire.md#{id}) | {mode} | [{weakness}](weaknesses.md#{weakness}) | {severity} |",
            id = meta.id,
            mode = meta.mode.as_str(),
            weakness = meta.weakness,
            severity = meta.weakness.facts().severity,
        );
    }
    for rule in plimsoll_run::audit::rules() {
        let _ = writeln!(
            out,
            "| [{id}](checks-contract.md#{id}) | contract | [{weakness}](weaknesses.md#{weakness}) | {severity} |",
            id = rule.id,
            weakness = rule.weakness,
            severity = rule.severity,
        );
    }
    for rule in plimsoll_run::code::rules() {
        let _ = writeln!(
            out,
            "| [{id}](checks-code.md#{id}) | code | [{weakness}](weaknesses.md#{weakness}) | {severity} |",
            id = rule.id,
            weakness = rule.weakness,
            severity = rule.severity,
        );
    }
    out
}

/// The pages of one side's checks, one after the other: the handbook includes them as they are.
fn check_pages(folder: &str) -> String {
    let (title, ids): (&str, Vec<&str>) = match folder {
        "http" => ("the wire", plimsoll_run::checks().iter().map(|check| check.meta().id).collect()),
        "contract" => ("the contract", plimsoll_run::audit::rules().iter().map(|rule| rule.id).collect()),
        _ => ("the code", plimsoll_run::code::rules().iter().map(|rule| rule.id).collect()),
    };
    let mut out = format!(
        "# Checks of {title}\n\nEach page is in `checks/{folder}`; its examples are the check's tests. [All checks](checks.md).\n"
    );
    for id in ids {
        let _ = write!(out, "\n{{{{#include ../../checks/{folder}/{id}.md}}}}\n");
    }
    out
}

fn weaknesses() -> String {
    let mut out = String::from(
        "# Weaknesses\n\nWhat is wrong, why it matters, and what to do about it in FastAPI and in Django.\n",
    );
    for weakness in Weakness::ALL {
        let facts = weakness.facts();
        let _ = writeln!(
            out,
            "\n## {}\n\n**{}.** {} · {} · OWASP {} · CWE-{}\n\n{}\n\n### FastAPI\n\n{}\n\n### Django\n\n{}",
            facts.id,
            facts.title,
            facts.category,
            facts.severity,
            facts.owasp,
            facts.cwe,
            facts.why.trim(),
            facts.fastapi.trim(),
            facts.django.trim(),
        );
    }
    out
}

/// Which weaknesses can be one; `joins.md` takes it in.
fn joins() -> String {
    let mut out = String::from("| one | other | in common | because |\n|---|---|---|---|\n");
    for pair in PAIRS {
        let need = match pair.need {
            Need::Nothing => "operation",
            Need::SameInput => "operation and parameter",
        };
        let _ = writeln!(
            out,
            "| [{one}](weaknesses.md#{one}) | [{other}](weaknesses.md#{other}) | {need} | {} |",
            pair.why,
            one = pair.one,
            other = pair.other,
        );
    }
    out
}

fn score() -> String {
    let mut out = String::from(
        "# Score and grade\n\nEach category begins at 100. Each issue takes a share, in per cent, of what is left of its category; the total is the mean of the \
         tested categories by weight, and the worst observed issue caps it. A category that was not tested has no score and no weight, and shows as *not tested*. \
         The same exchanges give the same score.\n\n## Weights\n\n| category | weight |\n|---|---|\n",
    );
    for category in Category::ALL {
        let _ = writeln!(out, "| {category} | {} |", weight(*category));
    }
    out.push_str("\n## What an issue takes\n\n| severity | observed or proven | suspected | the total is at most (observed or proven) |\n|---|---|---|---|\n");
    for severity in Severity::ALL.iter().rev() {
        let _ = writeln!(
            out,
            "| {severity} | {} % | {} % | {} |",
            deduction(*severity, Confidence::Observed),
            deduction(*severity, Confidence::Suspected),
            cap(*severity),
        );
    }
    out.push_str("\n## Grades\n\n| grade | score |\n|---|---|\n");
    for grade in Grade::ALL {
        let scores: Vec<u8> = (0..=100).filter(|score| Grade::of(*score) == *grade).collect();
        if let (Some(low), Some(high)) = (scores.first(), scores.last()) {
            let _ = writeln!(out, "| {grade} | {low} to {high} |");
        }
    }
    out
}
