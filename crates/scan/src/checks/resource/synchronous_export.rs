//! `synchronous-export`: a whole data set in one answer.

use plimsoll_model::PartKind;

use super::bounds::{HEAVY_BYTES, LARGE_BYTES, SANE_PAGE, has_next, number, size};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::Op;
use plimsoll_http::Exchange;
use plimsoll_model::Severity;

check! {
    /// An export that is done inside one request and has no part control.
    pub struct SynchronousExport {
        id: "synchronous-export", weakness: SynchronousExport, mode: Passive, since: "0.1.0", page: "http/synchronous-export.md",
    }
}

/// From this number of rows on, an export is worth a word.
const ROWS: u64 = 200;
const WORDS: &[&str] = &[
    "export",
    "exports",
    "dump",
    "dumps",
    "download",
    "downloads",
    "extract",
    "backup",
    "csv",
    "ndjson",
    "jsonl",
    "xlsx",
    "tsv",
];

impl Check for SynchronousExport {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let Some(answer) = op.baseline().filter(|_| op.is_get()) else { return Vec::new() };
        let Some(response) = answer.response() else { return Vec::new() };
        let Some((rows, format)) = rows(answer).filter(|(_, format)| *format != Format::List || is_export(op)) else {
            return Vec::new();
        };
        let bytes = response.body.decoded_len;
        let large = rows >= ROWS || (bytes >= LARGE_BYTES && rows >= 20);
        if !large || op.paging().is_any() || has_next(answer) || is_result_of_job(op) {
            return Vec::new();
        }
        let cut = if response.body.complete { "" } else { " before the reading was stopped" };
        let severity =
            if op.is_open() && (rows > SANE_PAGE || bytes >= HEAVY_BYTES) { Severity::High } else { Severity::Medium };
        vec![
            op.finding(format!(
                "One request is answered with {} {} ({}, {:.0} ms){cut}, and nothing lets a caller ask for a part or for a job that does it later.",
                number(rows),
                if format == Format::List { "elements" } else { "rows" },
                size(bytes),
                answer.timing.total_ms,
            ))
            .part(PartKind::ResponseBody, format.word())
            .severity(severity)
            .outline(answer, format!("{} rows in one answer", number(rows)))
            .headers(answer, &["content-type", "content-disposition", "content-length", "transfer-encoding"]),
        ]
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    Lines,
    List,
}

impl Format {
    const fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Lines => "lines",
            Self::List => "list",
        }
    }
}

/// The rows of an answer in a row format. A document of another kind (PDF, archive, page) has none.
fn rows(answer: &Exchange) -> Option<(u64, Format)> {
    let response = answer.response()?;
    let tally = &response.body.tally;
    let media_type = response.media_type();
    match media_type.as_str() {
        "text/csv" | "application/csv" | "text/tab-separated-values" => {
            Some((tally.lines.saturating_sub(1), Format::Csv))
        }
        "application/x-ndjson"
        | "application/ndjson"
        | "application/jsonl"
        | "application/x-jsonlines"
        | "application/jsonlines"
        | "application/json-seq" => Some((tally.lines, Format::Lines)),
        _ if tally.shape == plimsoll_http::Shape::Lines => Some((tally.lines, Format::Lines)),
        _ if response.is_json() => Some((tally.longest()?.len, Format::List)),
        _ => None,
    }
}

/// Whether the operation is an export by its path, its id or its tags.
pub fn is_export(op: &Op<'_>) -> bool {
    let id = op.spec.id.as_deref().unwrap_or("").to_ascii_lowercase();
    let words = |text: &str| {
        text.to_ascii_lowercase().split(|c: char| !c.is_ascii_alphanumeric()).any(|word| WORDS.contains(&word))
    };
    words(&op.key().path) || words(&id) || op.spec.tags.iter().any(|tag| words(tag))
}

/// Whether the operation delivers what a job has made: an export with an id of its own, as in `/exports/{id}/file`.
fn is_result_of_job(op: &Op<'_>) -> bool {
    let segments: Vec<&str> = op.key().path.split('/').collect();
    segments.windows(2).any(|pair| {
        let of_jobs = [
            "export",
            "exports",
            "job",
            "jobs",
            "task",
            "tasks",
            "report",
            "reports",
            "files",
            "downloads",
            "dumps",
            "backups",
        ];
        of_jobs.contains(&pair[0].to_ascii_lowercase().as_str()) && pair[1].starts_with('{')
    })
}
