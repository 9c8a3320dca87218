//! Who reaches what, as a narrow table: a status for each operation and identity, marked where it should be another.

use std::fmt::Write;

use plimsoll_model::access::{Access, AccessCell, AccessRow};
use plimsoll_model::redact;

use super::Page;
use crate::paint::Colour;
use crate::text::count;

/// Columns of a cell, with the space before it.
const CELL: usize = 11;
/// Columns that operations get at least.
const NAME: usize = 24;
/// How many rows are shown without `--all`.
const ROWS: usize = 20;

impl Page<'_> {
    /// The table, where the run knew identities. Operations that answer everybody alike are one line, unless everything is asked for.
    pub(super) fn access(&self, out: &mut String) {
        let Some(table) = &self.report.access else { return };
        let all = self.options.info;
        let mut rows: Vec<&AccessRow> = table.operations.iter().filter(|row| all || !row.is_even()).collect();
        // What deviates comes first where not all rows are shown.
        rows.sort_by_key(|row| !all && row.cells.iter().all(|cell| !cell.deviates));
        let shown = if all { rows.len() } else { rows.len().min(ROWS) };
        let fitting = (self.options.width.saturating_sub(2 + NAME) / CELL).min(table.identities.len());
        let name = (self.options.width.saturating_sub(2 + fitting * CELL)).min(60);
        self.heading(out, "Who reaches what");
        if shown > 0 {
            let heads: String = table.identities.iter().take(fitting).map(|identity| head(&identity.name)).collect();
            let _ = writeln!(out, "  {:name$}{}", "", self.paint(Colour::Dim, heads.trim_end()));
        }
        for row in rows.iter().take(shown) {
            let operation = cut(&row.operation.to_string(), name);
            let cells: String = row.cells.iter().take(fitting).map(|cell| self.cell(*cell)).collect();
            let _ = writeln!(out, "  {operation:name$}{}", cells.trim_end());
        }
        let mut notes: Vec<String> = Vec::new();
        if rows.len() > shown {
            notes.push(format!("{} more: --all shows them", count((rows.len() - shown) as u64, "operation")));
        }
        let even = table.operations.iter().filter(|row| row.is_even()).count() as u64;
        if !all && even > 0 {
            let verb = if even == 1 { "answers" } else { "answer" };
            notes.push(format!("{} {verb} everybody alike", count(even, "operation")));
        }
        if fitting < table.identities.len() {
            let hidden: Vec<String> =
                table.identities.iter().skip(fitting).map(|identity| redact::one_line(&identity.name, 32)).collect();
            notes.push(format!("without room here: {}", hidden.join(", ")));
        }
        if table.operations.iter().flat_map(|row| &row.cells).any(|cell| cell.deviates) {
            notes.push("! marks what a finding is about".to_owned());
        }
        for note in notes {
            self.line(out, 2, &self.paint(Colour::Dim, &note));
        }
    }

    fn cell(&self, cell: AccessCell) -> String {
        let text = match (cell.status, cell.access) {
            (_, Access::NotTested) => "·".to_owned(),
            (Some(status), _) => status.to_string(),
            (None, _) => "none".to_owned(),
        };
        let mark = if cell.deviates { " !" } else { "" };
        let text = format!("{text}{mark}");
        let padding = " ".repeat(CELL.saturating_sub(text.chars().count() + 1));
        let colour = match (cell.deviates, cell.access) {
            (true, _) => Colour::Red,
            (_, Access::Allowed) => Colour::Green,
            _ => Colour::Dim,
        };
        format!(" {}{padding}", self.paint(colour, &text))
    }
}

fn head(name: &str) -> String {
    format!(" {:width$}", cut(name, CELL - 1), width = CELL - 1)
}

/// A text in at most so many columns, with an ellipsis where it is longer.
fn cut(text: &str, columns: usize) -> String {
    let line = redact::one_line(text, 200);
    if line.chars().count() <= columns {
        return line;
    }
    line.chars().take(columns.saturating_sub(1)).chain(['…']).collect()
}
