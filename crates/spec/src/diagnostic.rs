//! A diagnostic as one line of text, `file:line: message`, the way compilers write it.

use crate::api::{Api, Diagnostic};
use crate::error::one_line;

impl Api {
    /// The diagnostic as `file:line: message`, without control characters. The file is the one that the place is in, which is not the
    /// document itself where a reference led elsewhere.
    pub fn describe(&self, diagnostic: &Diagnostic) -> String {
        let document = self.document.as_deref().unwrap_or("the API");
        let file = diagnostic.place.pointer.split_once('#').map_or(document, |(file, _)| file);
        // A pointer of the main document begins with a slash or is empty, so a # in a path is no file name.
        let file = if diagnostic.place.pointer.starts_with('/') { document } else { file };
        let line = diagnostic.place.line.map(|line| format!(":{line}")).unwrap_or_default();
        format!("{}{line}: {}", one_line(file, 200), one_line(&diagnostic.message, 300))
    }
}
