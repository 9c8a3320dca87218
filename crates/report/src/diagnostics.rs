//! Findings in source code on a terminal: each with its lines, the chain that leads to it as labels, the operations it touches, and what to do.
//!
//! Texts of files are asked of the caller; where there is none, the line that the finding itself quotes is shown.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use plimsoll_model::{Confidence, Evidence, Finding, Kind, Report, Severity, redact};

use crate::paint::{Colour, Paint};
use crate::text::{count, grouped, wrap};

/// How diagnostics look.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether to write colours.
    pub paint: Paint,
    /// Columns, at least 40.
    pub width: usize,
    /// Whether findings of severity info are shown.
    pub info: bool,
}

impl Options {
    /// Without colour, 80 columns.
    pub const PLAIN: Self = Self { paint: Paint(false), width: 80, info: true };
}

/// So many operations are named; the others are counted.
const OPERATIONS: usize = 4;

/// So many lines of a chain are shown in one finding.
const LABELS: usize = 8;

/// The findings of a report with their sources. `source` gives the text of a file.
pub fn render(report: &Report, options: Options, source: &dyn Fn(&str) -> Option<String>) -> String {
    let options = Options { width: options.width.clamp(40, 140), ..options };
    let mut texts: BTreeMap<String, Option<String>> = BTreeMap::new();
    let shown: Vec<&Finding> =
        report.findings.iter().filter(|finding| options.info || finding.severity > Severity::Info).collect();
    for finding in &shown {
        for file in files(finding) {
            texts.entry(file.to_owned()).or_insert_with(|| source(file));
        }
    }
    let mut out = String::new();
    for finding in &shown {
        out.push_str(&diagnostic(finding, &texts, options));
        out.push_str("\n\n");
    }
    summary(report, shown.len(), options, &mut out);
    out
}

/// One finding.
fn diagnostic(finding: &Finding, texts: &BTreeMap<String, Option<String>>, options: Options) -> String {
    let level = match finding.severity {
        Severity::Critical | Severity::High => Level::ERROR,
        Severity::Medium | Severity::Low => Level::WARNING,
        Severity::Info => Level::NOTE,
    };
    let head = finding.severity.as_str().len() + finding.check.len() + 4;
    let title = wrapped(&redact::printable(&finding.message), options.width.saturating_sub(head.min(40)));
    let title = level.with_name(finding.severity.as_str()).primary_title(title).id(finding.check.clone());
    let mut group = Group::with_title(title);
    let mut below = Vec::new();
    for (file, places) in places(finding) {
        let text = texts.get(file).cloned().flatten();
        match text {
            Some(text) => {
                let lines = starts(&text);
                let annotations = annotations(&text, &lines, &places, options.width, &mut below);
                group = group.element(Snippet::source(text).path(file).fold(true).annotations(annotations));
            }
            None => {
                for place in places {
                    let text = place.excerpt.to_owned();
                    let whole = AnnotationKind::Primary.span(0..text.len()).label(place.note.to_owned());
                    group = group
                        .element(Snippet::source(text).path(file).line_start(place.line as usize).annotation(whole));
                }
            }
        }
    }
    for note in below.into_iter().chain(notes(finding)) {
        group = group.element(Level::NOTE.message(wrapped(&note, options.width.saturating_sub(14))));
    }
    let renderer = if options.paint.0 { Renderer::styled() } else { Renderer::plain() };
    renderer.decor_style(DecorStyle::Ascii).term_width(options.width).render(&[group])
}

/// The files that a finding speaks of.
fn files(finding: &Finding) -> impl Iterator<Item = &str> {
    let chain = finding.evidence.iter().filter_map(|evidence| match evidence {
        Evidence::Source { file, .. } => Some(file.as_str()),
        _ => None,
    });
    finding.source.iter().map(|source| source.file.as_str()).chain(chain)
}

/// A line with what it has to do with the finding.
#[derive(Clone, Copy)]
struct Place<'a> {
    line: u32,
    columns: Option<[u32; 2]>,
    excerpt: &'a str,
    note: &'a str,
    primary: bool,
}

/// The lines of a finding by file, the file of the finding itself first; one for each line.
fn places<'f>(finding: &'f Finding) -> Vec<(&'f str, Vec<Place<'f>>)> {
    let mut out: Vec<(&'f str, Vec<Place<'f>>)> = Vec::new();
    let mut add = |file: &'f str, place: Place<'f>| match out.iter_mut().find(|(known, _)| *known == file) {
        Some((_, places)) => {
            let same = |known: &Place<'f>| {
                known.line == place.line && (known.columns == place.columns || place.columns.is_none())
            };
            match places.iter_mut().find(|known| same(known)) {
                Some(known) if known.note.is_empty() => known.note = place.note,
                Some(_) => {}
                None => places.push(place),
            }
        }
        None => out.push((file, vec![place])),
    };
    if let Some(source) = &finding.source {
        add(
            source.file.as_str(),
            Place { line: source.line, columns: source.columns, excerpt: "", note: "", primary: true },
        );
    }
    for evidence in &finding.evidence {
        if let Evidence::Source { file, line, excerpt, note, columns } = evidence {
            let note = if note == "here" { "" } else { note };
            add(file.as_str(), Place { line: *line, columns: *columns, excerpt, note, primary: false });
        }
    }
    // A place whose text is not there is shown by the line that the evidence quotes.
    for (file, places) in &mut out {
        for place in places.iter_mut().filter(|place| place.excerpt.is_empty()) {
            let quoted = finding.evidence.iter().find_map(|evidence| match evidence {
                Evidence::Source { file: other, line, excerpt, .. } if other == file && *line == place.line => {
                    Some(excerpt.as_str())
                }
                _ => None,
            });
            place.excerpt = quoted.unwrap_or("");
        }
        places.truncate(LABELS);
    }
    out
}

/// The labels of a file's lines. What does not fit behind its line is numbered, and said below.
fn annotations<'a>(
    text: &str,
    lines: &[usize],
    places: &[Place<'_>],
    width: usize,
    below: &mut Vec<String>,
) -> Vec<Annotation<'a>> {
    let gutter = places.iter().map(|place| place.line).max().unwrap_or(1).to_string().len() + 4;
    places
        .iter()
        .map(|place| {
            let kind = if place.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let span = head(text, bytes_of(text, lines, place));
            let annotation = kind.span(span.clone());
            if place.note.is_empty() {
                return annotation;
            }
            let line = lines.partition_point(|start| *start <= span.start).saturating_sub(1);
            let column = text[lines[line]..span.end.max(lines[line])].chars().count();
            let note = redact::one_line(place.note, 300);
            if note.chars().count() + gutter + column < width {
                return annotation.label(note);
            }
            let number = below.len() + 1;
            below.push(format!("({number}) {note}"));
            annotation.label(format!("({number})"))
        })
        .collect()
}

/// A long call is marked by what is called.
fn head(text: &str, span: Range<usize>) -> Range<usize> {
    const LONG: usize = 32;
    if span.len() <= LONG {
        return span;
    }
    match text[span.clone()].find('(') {
        Some(open) if open > 0 => span.start..span.start + open,
        _ => span,
    }
}

/// Where the lines of a text begin.
fn starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

/// The bytes of a place; the code of its line where the columns are not known or do not fit.
fn bytes_of(text: &str, lines: &[usize], place: &Place<'_>) -> Range<usize> {
    let row = (place.line as usize).saturating_sub(1).min(lines.len() - 1);
    let start = lines[row];
    let end = lines.get(row + 1).copied().unwrap_or(text.len());
    let line = text[start..end].trim_end();
    let code = start + (line.len() - line.trim_start().len())..start + line.len();
    let Some([from, to]) = place.columns else { return code };
    let byte = |column: u32| {
        let at = line.char_indices().map(|(at, _)| at).chain([line.len()]).nth((column as usize).saturating_sub(1));
        at.map(|at| start + at)
    };
    match (byte(from), byte(to)) {
        (Some(from), Some(to)) if from < to => from..to,
        _ => code,
    }
}

/// What is said below the lines: kind and certainty with the operations, sentences of the rule, and the way to the remedy.
fn notes(finding: &Finding) -> Vec<String> {
    let mut notes = Vec::new();
    let kind = match finding.confidence {
        Confidence::Suspected => format!("{}, suspected", finding.kind.as_str()),
        _ => finding.kind.as_str().to_owned(),
    };
    let operations: Vec<String> = finding.operations().map(ToString::to_string).collect();
    notes.push(match operations.as_slice() {
        [] => kind,
        few if few.len() <= OPERATIONS + 1 => format!("{kind}; {}", few.join(", ")),
        many => format!("{kind}; {} and {} more", many[..OPERATIONS].join(", "), many.len() - OPERATIONS),
    });
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

/// What a kind of finding is called in a sum.
fn plural(kind: Kind, n: u64) -> String {
    match kind {
        Kind::Leak => count(n, "leak"),
        Kind::Peak => count(n, "peak"),
        Kind::Cost => count(n, "cost"),
        Kind::Crash => {
            if n == 1 {
                "1 crash".to_owned()
            } else {
                format!("{} crashes", grouped(n))
            }
        }
        kind => format!("{} of kind {}", grouped(n), kind.as_str()),
    }
}

fn summary(report: &Report, shown: usize, options: Options, out: &mut String) {
    let paint = options.paint;
    let mut kinds: Vec<(Kind, u64)> = Vec::new();
    for finding in report.findings.iter().filter(|finding| finding.severity > Severity::Info) {
        match kinds.iter_mut().find(|(kind, _)| *kind == finding.kind) {
            Some((_, n)) => *n += 1,
            None => kinds.push((finding.kind, 1)),
        }
    }
    kinds.sort_by_key(|(kind, n)| (std::cmp::Reverse(*n), kind.as_str()));
    let total: u64 = kinds.iter().map(|(_, n)| n).sum();
    for skipped in &report.coverage.skipped {
        let line = format!("{}: {}", redact::one_line(&skipped.what, 200), redact::one_line(&skipped.why, 300));
        for row in wrap(&line, options.width) {
            let _ = writeln!(out, "{}", paint.paint(Colour::Yellow, &row));
        }
    }
    if !report.coverage.skipped.is_empty() {
        out.push('\n');
    }
    for why in &report.incomplete {
        let _ = writeln!(out, "{} {}", paint.paint(Colour::Alarm, "INCOMPLETE:"), redact::one_line(why, 300));
    }
    if report.complete {
        let parts: Vec<String> = kinds.iter().map(|(kind, n)| plural(*kind, *n)).collect();
        let line = if total == 0 {
            paint.paint(Colour::Green, "Nothing found.")
        } else {
            paint.paint(Colour::Bold, &format!("Found {}: {}.", count(total, "problem"), parts.join(", ")))
        };
        let _ = writeln!(out, "{line}");
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
