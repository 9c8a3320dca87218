//! Between findings and the protocol's words: paths and addresses, columns in UTF-16, diagnostics with the chain as related places.

use std::path::{Path, PathBuf};

use lsp_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString, Position, Range, Uri,
};
use plimsoll_model::{Confidence, Evidence, Finding, Severity};
use url::Url;

/// The file that an address means; none for what is not on a disk.
pub fn path(uri: &Uri) -> Option<PathBuf> {
    Url::parse(uri.as_str()).ok()?.to_file_path().ok()
}

/// The address of a file.
pub fn uri(path: &Path) -> Option<Uri> {
    Url::from_file_path(path).ok()?.as_str().parse().ok()
}

/// A place in a text: 1-based line and columns in characters to the protocol's positions. Without columns, the code of the line.
pub fn range(text: &str, line: u32, columns: Option<[u32; 2]>) -> Range {
    let row = line.saturating_sub(1);
    let shown = text.lines().nth(row as usize).unwrap_or("");
    let start = shown.chars().take_while(|c| c.is_whitespace()).count() as u32 + 1;
    let [from, to] = columns.unwrap_or([start, shown.trim_end().chars().count() as u32 + 1]);
    let units =
        |column: u32| shown.chars().take(column.saturating_sub(1) as usize).map(char::len_utf16).sum::<usize>() as u32;
    Range { start: Position::new(row, units(from)), end: Position::new(row, units(to)) }
}

/// A byte of a text as the protocol's position.
pub fn position(text: &str, offset: u32) -> Position {
    let before = &text[..text.floor_char_boundary(offset as usize)];
    let line = before.matches('\n').count() as u32;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    Position::new(line, before[start..].encode_utf16().count() as u32)
}

/// A finding as a diagnostic.
pub fn diagnostic(finding: &Finding, text: &str, whole: &dyn Fn(&str) -> PathBuf) -> Diagnostic {
    let place = finding.source.as_ref();
    let severity = match finding.severity {
        Severity::Critical | Severity::High => DiagnosticSeverity::ERROR,
        Severity::Medium => DiagnosticSeverity::WARNING,
        Severity::Low => DiagnosticSeverity::INFORMATION,
        Severity::Info => DiagnosticSeverity::HINT,
    };
    let chain = finding.evidence.iter().filter_map(|evidence| match evidence {
        Evidence::Source { file, line, excerpt, note, columns } if note != "here" => {
            // The text of another file is not at hand; its quoted line gives the width.
            let shown = if place.is_some_and(|place| place.file == *file) {
                range(text, *line, *columns)
            } else {
                quoted(*line, excerpt)
            };
            let location = Location { uri: uri(&whole(file))?, range: shown };
            Some(DiagnosticRelatedInformation { location, message: note.clone() })
        }
        _ => None,
    });
    let chain: Vec<_> = chain.collect();
    let suspected = if finding.confidence == Confidence::Suspected { " (suspected)" } else { "" };
    Diagnostic {
        range: place.map(|place| range(text, place.line, place.columns)).unwrap_or_default(),
        severity: Some(severity),
        code: Some(NumberOrString::String(finding.check.clone())),
        source: Some("plimsoll".to_owned()),
        message: format!("{}{suspected}", finding.message),
        related_information: (!chain.is_empty()).then_some(chain),
        data: Some(finding.fingerprint.as_str().into()),
        ..Diagnostic::default()
    }
}

fn quoted(line: u32, excerpt: &str) -> Range {
    let row = line.saturating_sub(1);
    Range { start: Position::new(row, 0), end: Position::new(row, excerpt.encode_utf16().count() as u32) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_utf16_units() {
        let text = "x = 1\n    s = '𝄞é' + f(y)\n";
        let found = range(text, 2, Some([14, 18]));
        assert_eq!((found.start, found.end), (Position::new(1, 14), Position::new(1, 18)));
        let found = range(text, 2, None);
        assert_eq!((found.start, found.end), (Position::new(1, 4), Position::new(1, 20)));
        assert_eq!(range(text, 99, None), Range { start: Position::new(98, 0), end: Position::new(98, 0) });
    }

    #[test]
    fn addresses_lead_to_files_and_back() {
        let path_ = Path::new("/a b/ü.py");
        assert_eq!(path(&uri(path_).unwrap()).as_deref(), Some(path_));
        assert_eq!(path(&"untitled:Untitled-1".parse().unwrap()), None);
    }
}
