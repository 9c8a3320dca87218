//! Where the lines of a text begin.

use crate::syntax::Span;

/// Where the lines of a text begin, and which lines of the file they are.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    starts: Vec<u32>,
    /// The lines of the file that the lines of the text come from, where they differ.
    shown: Option<Vec<u32>>,
}

impl Lines {
    /// The lines of a text; `\n`, `\r\n` and `\r` end one.
    pub fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        starts.extend(memchr::memchr2_iter(b'\n', b'\r', bytes).filter_map(|at| {
            let ends = bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n');
            ends.then_some(at as u32 + 1)
        }));
        starts.shrink_to_fit();
        Self { starts, shown: None }
    }

    pub(super) fn shown_as(mut self, shown: Vec<u32>) -> Self {
        self.shown = Some(shown);
        self
    }

    /// The line of the file, from 1.
    pub fn line(&self, offset: u32) -> u32 {
        let row = self.row(offset);
        match &self.shown {
            Some(shown) => shown.get(row).or(shown.last()).copied().unwrap_or(1),
            None => row as u32 + 1,
        }
    }

    /// The line of the text, from 0.
    pub fn row(&self, offset: u32) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The first row that is this line of the file.
    pub fn row_of_line(&self, line: u32) -> Option<usize> {
        match &self.shown {
            Some(shown) => shown.iter().position(|shown| *shown == line),
            None => (line as usize).checked_sub(1).filter(|row| *row < self.starts.len()),
        }
    }

    /// The bytes of a row, its line end included.
    pub fn span(&self, row: usize, text: &str) -> Span {
        let start = self.starts.get(row).copied().unwrap_or(text.len() as u32);
        let end = self.starts.get(row + 1).copied().unwrap_or(text.len() as u32);
        Span { start, end }
    }

    /// How many lines there are; an empty text has one.
    pub fn count(&self) -> usize {
        self.starts.len()
    }
}
