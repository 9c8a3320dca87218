//! Findings in contracts on a terminal: each with its place in the document, what stands there, the operations it touches, and what to do; then
//! what can become heavy, and the sum.
//!
//! Lines of documents are asked of the caller, one at a time: a document may be one line of megabytes.

use std::collections::BTreeMap;
use std::fmt::Write;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use plimsoll_model::report::{OperationSize, WorstSize};
use plimsoll_model::{Confidence, ContractChange, Evidence, Finding, Report, Severity, Verdict, redact};

use crate::paint::{Colour, Paint};
use crate::text::{bytes, count, wrap};

/// How an audit looks.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether to write colours.
    pub paint: Paint,
    /// Columns, at least 40.
    pub width: usize,
    /// So many findings are shown with their lines; the others are one line for each rule.
    pub detailed: usize,
    /// Whether findings of severity info are shown.
    pub info: bool,
}

impl Options {
    /// Without colour, 80 columns, everything.
    pub const PLAIN: Self = Self { paint: Paint(false), width: 80, detailed: usize::MAX, info: true };
}

/// So many operations are named; the others are counted.
const OPERATIONS: usize = 4;
/// So many places of one finding are shown.
const PLACES: usize = 4;
/// So many columns of a line are shown.
const COLUMNS: usize = 160;
/// So many operations are listed by size.
const HEAVY: usize = 8;
/// So many remarks about the document are shown.
const REMARKS: usize = 5;

/// An audit. `line` gives a line of a file; the file is empty for the one document that the report is about.
pub fn render(report: &Report, options: Options, line: &dyn Fn(&str, u32) -> Option<String>) -> String {
    let options = Options { width: options.width.clamp(40, 140), ..options };
    let shown: Vec<&Finding> =
        report.findings.iter().filter(|finding| options.info || finding.severity > Severity::Info).collect();
    let document = report.target.contract.as_deref().unwrap_or("");
    let mut out = String::new();
    changes(&report.contract_changes, options, &mut out);
    for finding in shown.iter().take(options.detailed) {
        out.push_str(&diagnostic(finding, document, options, line));
        out.push_str("\n\n");
    }
    rest(&shown[options.detailed.min(shown.len())..], options, &mut out);
    if report.contract_changes.is_empty() {
        heavy(&report.sizes, options, &mut out);
    }
    remarks(report, options, &mut out);
    summary(report, shown.len(), options, &mut out);
    out
}

/// A line of a document with what it has to do with a finding.
struct Place<'a> {
    file: &'a str,
    line: u32,
    excerpt: &'a str,
}

/// One finding.
fn diagnostic(
    finding: &Finding,
    document: &str,
    options: Options,
    line: &dyn Fn(&str, u32) -> Option<String>,
) -> String {
    let level = match finding.severity {
        Severity::Critical | Severity::High => Level::ERROR,
        Severity::Medium | Severity::Low => Level::WARNING,
        Severity::Info => Level::NOTE,
    };
    let head = finding.severity.as_str().len() + finding.check.len() + 4;
    let title = wrapped(&redact::printable(&finding.message), options.width.saturating_sub(head.min(40)));
    let title = level.with_name(finding.severity.as_str()).primary_title(title).id(finding.check.clone());
    let mut group = Group::with_title(title);
    for (position, place) in places(finding).into_iter().take(PLACES).enumerate() {
        let file = if place.file.is_empty() { document } else { place.file };
        let path = redact::one_line(file, 200);
        let source = line(place.file, place.line).map(|text| redact::one_line(text.trim_end(), COLUMNS));
        let text = source.filter(|text| !text.trim().is_empty());
        let label = (!place.excerpt.is_empty()).then(|| redact::one_line(place.excerpt, 120));
        // Where the line is not there, or is all there is, its excerpt stands for it.
        let (text, label) = match (text, label) {
            (Some(text), label) => (text, label),
            (None, Some(label)) => (label, None),
            (None, None) => continue,
        };
        let start = text.len() - text.trim_start().len();
        let kind = if position == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let mut annotation = kind.span(start..text.len());
        let room = options.width.saturating_sub(text.chars().count() + place.line.to_string().len() + 4);
        let below = label.filter(|label| !text.contains(label.as_str()));
        let mut note = None;
        if let Some(label) = below {
            if label.chars().count() <= room { annotation = annotation.label(label) } else { note = Some(label) }
        }
        group = group.element(Snippet::source(text).path(path).line_start(place.line as usize).annotation(annotation));
        if let Some(note) = note {
            group = group.element(Level::INFO.no_name().message(wrapped(&note, options.width.saturating_sub(14))));
        }
    }
    for note in notes(finding) {
        group = group.element(Level::NOTE.message(wrapped(&note, options.width.saturating_sub(14))));
    }
    let renderer = if options.paint.0 { Renderer::styled() } else { Renderer::plain() };
    renderer.decor_style(DecorStyle::Ascii).term_width(options.width).render(&[group])
}

/// The lines of a finding, its own place first; each once.
fn places(finding: &Finding) -> Vec<Place<'_>> {
    let mut out: Vec<Place<'_>> = Vec::new();
    let mut add = |file, line, excerpt| {
        let known = out.iter_mut().find(|place: &&mut Place<'_>| place.file == file && place.line == line);
        match known {
            Some(place) if place.excerpt.is_empty() => place.excerpt = excerpt,
            Some(_) => {}
            None => out.push(Place { file, line, excerpt }),
        }
    };
    if let Some(spec) = &finding.spec
        && let Some(line) = spec.line
    {
        add(spec.file.as_deref().unwrap_or(""), line, "");
    }
    let own = finding.spec.as_ref().and_then(|spec| spec.file.as_deref()).unwrap_or("");
    for evidence in &finding.evidence {
        if let Evidence::Contract { pointer, line: Some(line), excerpt } = evidence {
            let foreign = pointer.split_once('#').filter(|_| !pointer.starts_with('/'));
            add(foreign.map_or(own, |(file, _)| file), *line, excerpt);
        }
    }
    out
}

/// What is said below the lines: kind and certainty with the operations, sentences of the rule, and the way to the remedy.
fn notes(finding: &Finding) -> Vec<String> {
    let kind = match finding.confidence {
        Confidence::Suspected => format!("{}, suspected", finding.kind.as_str()),
        _ => finding.kind.as_str().to_owned(),
    };
    let total = usize::from(finding.operation.is_some()) + finding.also.len();
    let named: Vec<String> = finding.operations().take(OPERATIONS).map(ToString::to_string).collect();
    let mut notes = vec![match total {
        0 => kind,
        _ if total <= OPERATIONS => format!("{kind}; {}", named.join(", ")),
        _ => format!("{kind}; {} and {} more", named.join(", "), total - OPERATIONS),
    }];
    notes.extend(finding.evidence.iter().filter_map(|evidence| match evidence {
        Evidence::Note { text } => Some(redact::printable(text).into_owned()),
        _ => None,
    }));
    notes.push(format!("`plimsoll explain {}` says how to fix it", finding.weakness.id()));
    notes
}

fn wrapped(text: &str, width: usize) -> String {
    wrap(text, width.max(24)).join("\n")
}

/// The findings that are not shown with their lines, one line for each rule.
fn rest(findings: &[&Finding], options: Options, out: &mut String) {
    if findings.is_empty() {
        return;
    }
    let mut rules: Vec<(&str, Severity, u64)> = Vec::new();
    for finding in findings {
        match rules.iter_mut().find(|(check, ..)| *check == finding.check) {
            Some((_, severity, n)) => {
                *severity = (*severity).max(finding.severity);
                *n += 1;
            }
            None => rules.push((&finding.check, finding.severity, 1)),
        }
    }
    let _ = writeln!(
        out,
        "{}",
        options.paint.paint(Colour::Bold, &format!("And {}:", count(findings.len() as u64, "more finding")))
    );
    for (check, severity, n) in rules {
        let _ = writeln!(out, "  {n:>6}  {:<9} {check}", severity.as_str());
    }
    let _ = writeln!(out, "{}\n", options.paint.paint(Colour::Dim, "--all shows each of them."));
}

/// What became of the contract, the worst first; what neither bounds nor protects is counted unless everything is asked for.
fn changes(changes: &[ContractChange], options: Options, out: &mut String) {
    if changes.is_empty() {
        return;
    }
    let shown = changes.iter().filter(|change| options.info || change.verdict != Verdict::Changed);
    for change in shown {
        let colour = match change.verdict {
            Verdict::Worse => Colour::Alarm,
            Verdict::Better => Colour::Green,
            Verdict::Changed => Colour::Dim,
        };
        let verdict = match change.verdict {
            Verdict::Worse => format!("worse ({})", change.severity),
            verdict => verdict.to_string(),
        };
        let head = options.paint.paint(colour, &format!("{verdict:<16}"));
        let part =
            if change.part.is_empty() { String::new() } else { format!(" {}", redact::one_line(&change.part, 100)) };
        let place = match (&change.operation, change.also.len()) {
            (None, _) => String::new(),
            (Some(key), 0) => format!("{key}{part}:"),
            (Some(key), more) => format!("{key}{part} and {more} more:"),
        };
        let text = format!("{} {}", redact::one_line(&place, 240), redact::one_line(&change.message, 300));
        let mut rows = wrap(&text, options.width.saturating_sub(16)).into_iter();
        let _ = writeln!(out, "{head}{}", rows.next().unwrap_or_default());
        for row in rows {
            let _ = writeln!(out, "{:16}{row}", "");
        }
        let sides = [("-", &change.before), ("+", &change.after)];
        for (sign, value) in sides.into_iter().filter_map(|(sign, value)| Some((sign, value.as_ref()?))) {
            let line = value.place.line.map(|line| format!(":{line}")).unwrap_or_default();
            let file = redact::one_line(value.place.file.as_deref().unwrap_or_default(), 120);
            let stands = redact::one_line(&value.value, 120);
            let _ = writeln!(
                out,
                "{:16}{}",
                "",
                options.paint.paint(Colour::Dim, &format!("{sign} {file}{line}  {stands}"))
            );
        }
    }
    let of = |verdict: Verdict| changes.iter().filter(|change| change.verdict == verdict).count() as u64;
    let _ = writeln!(
        out,
        "{}\n",
        options.paint.paint(
            Colour::Bold,
            &format!(
                "{} worse, {} better, {} of another kind.",
                of(Verdict::Worse),
                of(Verdict::Better),
                of(Verdict::Changed)
            )
        )
    );
}

/// What can become heavy: operations by the size of what they take and answer with.
fn heavy(sizes: &[OperationSize], options: Options, out: &mut String) {
    let unbounded = |size: &&OperationSize| size.answer.as_ref().is_some_and(|answer| answer.bytes.is_none());
    let without = sizes.iter().filter(unbounded).count();
    let answers = sizes.iter().filter(|size| size.answer.is_some()).count();
    if answers == 0 {
        return;
    }
    let mut bounded: Vec<&OperationSize> =
        sizes.iter().filter(|size| size.answer.as_ref().is_some_and(|answer| answer.bytes.is_some())).collect();
    bounded.sort_by_key(|size| std::cmp::Reverse(size.answer.as_ref().and_then(|answer| answer.bytes)));
    let line = format!(
        "{} of {} have no bound on the size of their answer, {} of {} none on what they take.",
        without,
        count(answers as u64, "operation"),
        sizes.iter().filter(|size| size.input.bytes.is_none()).count(),
        sizes.len(),
    );
    for row in wrap(&line, options.width) {
        let _ = writeln!(out, "{row}");
    }
    let listed: Vec<&OperationSize> = bounded.into_iter().take(HEAVY).collect();
    if !listed.is_empty() {
        let _ = writeln!(out, "{}", options.paint.paint(Colour::Bold, "Largest answers with a bound:"));
        for size in listed {
            let answer = size.answer.as_ref().map(weight).unwrap_or_default();
            let _ = writeln!(out, "  {answer:>12}  {}", redact::one_line(&size.operation.to_string(), 100));
        }
    }
    out.push('\n');
}

fn weight(size: &WorstSize) -> String {
    size.bytes.map_or_else(|| "no bound".to_owned(), bytes)
}

/// What the reader noted about the document.
fn remarks(report: &Report, options: Options, out: &mut String) {
    let all = &report.coverage.contract;
    let shown = if options.info { all.len() } else { all.len().min(REMARKS) };
    for remark in &all[..shown] {
        for row in wrap(&redact::one_line(remark, 300), options.width) {
            let _ = writeln!(out, "{}", options.paint.paint(Colour::Yellow, &row));
        }
    }
    if shown < all.len() {
        let line =
            format!("and {} about the document; --all shows them.", count((all.len() - shown) as u64, "more remark"));
        let _ = writeln!(out, "{}", options.paint.paint(Colour::Dim, &line));
    }
    if !all.is_empty() {
        out.push('\n');
    }
}

fn summary(report: &Report, shown: usize, options: Options, out: &mut String) {
    let paint = options.paint;
    for why in &report.incomplete {
        let _ = writeln!(out, "{} {}", paint.paint(Colour::Alarm, "INCOMPLETE:"), redact::one_line(why, 300));
    }
    let mut severities: BTreeMap<std::cmp::Reverse<Severity>, u64> = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| finding.severity > Severity::Info) {
        *severities.entry(std::cmp::Reverse(finding.severity)).or_default() += 1;
    }
    let total: u64 = severities.values().sum();
    let parts: Vec<String> = severities.iter().map(|(severity, n)| format!("{n} {}", severity.0)).collect();
    let operations = count(report.operations.len() as u64, "operation");
    let found = if total == 0 {
        paint.paint(Colour::Green, &format!("{operations}: nothing found."))
    } else {
        paint.paint(Colour::Bold, &format!("{operations}: {} ({}).", count(total, "finding"), parts.join(", ")))
    };
    let _ = writeln!(out, "{found}");
    if let (Some(score), Some(grade)) = (report.score, report.grade) {
        let _ = writeln!(out, "Score {score}, grade {grade}.");
    }
    let hidden = report.findings.len() - shown;
    if hidden > 0 {
        let line = format!("{} of severity info not shown; --all shows them.", count(hidden as u64, "finding"));
        let _ = writeln!(out, "{}", paint.paint(Colour::Dim, &line));
    }
    for note in &report.notes {
        for row in wrap(&redact::one_line(note, 400), options.width) {
            let _ = writeln!(out, "{}", paint.paint(Colour::Dim, &row));
        }
    }
}
