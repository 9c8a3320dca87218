//! Notebooks: the code cells of an `.ipynb` document, joined. Cells in other languages are left out; outputs are not looked at.

use serde::Deserialize;

use super::Lines;

#[derive(Deserialize)]
struct Notebook {
    cells: Vec<Cell>,
}

#[derive(Deserialize)]
struct Cell {
    cell_type: String,
    #[serde(default)]
    source: Text,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Lines(Vec<String>),
    Whole(String),
}

impl Default for Text {
    fn default() -> Self {
        Self::Lines(Vec::new())
    }
}

/// Cell magics under which the rest of the cell is Python.
const PYTHON: [&str; 5] = ["%%time", "%%timeit", "%%capture", "%%prun", "%%python3"];

/// The code, and where its lines stand in the document.
pub(super) fn read(document: &str) -> Result<(String, Lines), String> {
    if document.trim().is_empty() {
        return Ok((String::new(), Lines::of("")));
    }
    let notebook: Notebook = serde_json::from_str(document).map_err(|error| error.to_string())?;
    let mut text = String::new();
    let mut shown = Vec::new();
    let mut place = Place { document, at: 0, line: 1 };
    for cell in notebook.cells.iter().filter(|cell| cell.cell_type == "code") {
        let parts: Vec<&str> = match &cell.source {
            Text::Lines(lines) => lines.iter().map(String::as_str).collect(),
            Text::Whole(text) => vec![text],
        };
        let first = parts.iter().find_map(|part| part.split_whitespace().next()).unwrap_or("");
        let foreign = first.starts_with("%%") && !PYTHON.contains(&first);
        for part in parts {
            let line = place.of(part);
            if foreign {
                continue;
            }
            for row in part.split_inclusive('\n') {
                text.push_str(if row.starts_with("%%") { "\n" } else { row });
                if row.ends_with('\n') || !row.starts_with("%%") {
                    shown.push(line);
                }
            }
            if !part.ends_with('\n') {
                text.push('\n');
            }
        }
    }
    let lines = Lines::of(&text);
    shown.resize(lines.count(), shown.last().copied().unwrap_or(1));
    Ok((text, lines.shown_as(shown)))
}

/// Finds the texts of a document one after the other.
struct Place<'a> {
    document: &'a str,
    at: usize,
    line: u32,
}

impl Place<'_> {
    fn of(&mut self, part: &str) -> u32 {
        let written = serde_json::Value::from(part).to_string();
        if let Some(found) = memchr::memmem::find(&self.document.as_bytes()[self.at..], written.as_bytes()) {
            let end = self.at + found;
            self.line += memchr::memchr_iter(b'\n', &self.document.as_bytes()[self.at..end]).count() as u32;
            self.at = end;
        }
        self.line
    }
}
