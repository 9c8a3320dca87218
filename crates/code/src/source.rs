//! From the bytes of a file to text with line numbers: encodings (PEP 263), byte-order marks, notebooks.
//!
//! Decoding refuses little: what cannot be decoded is replaced and said. Spans count bytes of the decoded text.

mod lines;
mod notebook;

use std::fs::File;
use std::io::Read;
use std::path::Path;

pub use lines::Lines;

use crate::python::FileKind;

/// Larger files are not read: no person wrote them.
pub const LARGEST: u64 = 64 << 20;

/// A file's text.
#[derive(Debug)]
pub struct Source {
    /// The text; the code cells joined by line ends for a notebook.
    pub text: String,
    /// What it holds.
    pub kind: FileKind,
    /// Where its lines begin.
    pub lines: Lines,
    /// What was odd about it, as lower-case fragments.
    pub odd: Vec<String>,
    /// Whether bytes of the file and of the text are the same but for a byte-order mark, so that the file can be edited.
    pub editable: bool,
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The system says no.
    #[error("cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// It is a device, a pipe or a folder.
    #[error("is no regular file")]
    NoFile,
    /// It is larger than [`LARGEST`].
    #[error("is larger than 64 MiB and was not read")]
    TooLarge,
    /// It is no text.
    #[error("is not read: {0}")]
    NoText(&'static str),
    /// A notebook that is none.
    #[error("is no notebook: {0}")]
    NoNotebook(String),
}

/// What a file holds by its name; none if it is no Python.
pub fn kind_of(path: &Path) -> Option<FileKind> {
    match path.extension()?.to_str()? {
        "py" | "pyw" => Some(FileKind::Source),
        "pyi" => Some(FileKind::Stub),
        "ipynb" => Some(FileKind::Notebook),
        _ => None,
    }
}

/// The bytes of a regular file that is not too large.
///
/// # Errors
/// [`SourceError`] when there is none.
pub fn bytes(path: &Path) -> Result<Vec<u8>, SourceError> {
    let mut file = File::open(path)?;
    let facts = file.metadata()?;
    if !facts.is_file() {
        return Err(SourceError::NoFile);
    }
    if facts.len() > LARGEST {
        return Err(SourceError::TooLarge);
    }
    let mut bytes = Vec::with_capacity(facts.len() as usize + 1);
    // A file may grow while it is read.
    (&mut file).take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a file.
///
/// # Errors
/// [`SourceError`] when it cannot be read or holds no text.
pub fn read(path: &Path, kind: FileKind) -> Result<Source, SourceError> {
    // A pipe must not be opened: nobody may ever write to it.
    if !std::fs::metadata(path)?.is_file() {
        return Err(SourceError::NoFile);
    }
    decode(bytes(path)?, kind)
}

/// Decodes the bytes of a file.
///
/// # Errors
/// [`SourceError`] when they are no text.
pub fn decode(bytes: Vec<u8>, kind: FileKind) -> Result<Source, SourceError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(SourceError::NoText("UTF-16 is no encoding of Python source"));
    }
    let marked = bytes.starts_with(&[0xef, 0xbb, 0xbf]);
    let mut odd = Vec::new();
    let (mut text, editable) = match String::from_utf8(bytes) {
        Ok(text) => {
            // The declared encoding decides, but what is valid UTF-8 beyond ASCII is hardly anything else by chance.
            if let Some(coding) = coding(text.as_bytes())
                && known(coding).is_none()
            {
                odd.push(format!("declares the unknown encoding {coding:?}; read as UTF-8"));
            }
            (text, true)
        }
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            if coding(&bytes).and_then(known) == Some(Coding::Latin) {
                (bytes.iter().map(|&byte| char::from(byte)).collect(), false)
            } else {
                let line = 1 + memchr::memchr_iter(b'\n', &bytes[..at]).count();
                odd.push(format!("line {line} is not UTF-8; what cannot be decoded was replaced"));
                (String::from_utf8_lossy(&bytes).into_owned(), false)
            }
        }
    };
    if marked {
        text.drain(..'\u{feff}'.len_utf8());
    }
    if kind == FileKind::Notebook {
        let (text, lines) = notebook::read(&text).map_err(SourceError::NoNotebook)?;
        return Ok(Source { text, kind, lines, odd, editable: false });
    }
    let lines = Lines::of(&text);
    Ok(Source { text, kind, lines, odd, editable })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Utf8,
    Latin,
}

/// The encodings that a person meets; the others of Python's hundred are said to be unknown.
fn known(name: &str) -> Option<Coding> {
    let name = name.to_ascii_lowercase().replace('_', "-");
    match name.as_str() {
        "utf-8" | "utf8" | "utf-8-sig" | "u8" | "ascii" | "us-ascii" => Some(Coding::Utf8),
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1" | "iso-8859-15" | "cp1252" | "windows-1252" => {
            Some(Coding::Latin)
        }
        _ => None,
    }
}

/// The encoding that one of the first two lines declares (PEP 263).
fn coding(bytes: &[u8]) -> Option<&str> {
    bytes.split(|byte| *byte == b'\n').take(2).find_map(|line| {
        let comment = line.trim_ascii_start().strip_prefix(b"#")?;
        let at = memchr::memmem::find(comment, b"coding")? + "coding".len();
        let rest = comment[at..].strip_prefix(b":").or_else(|| comment[at..].strip_prefix(b"="))?.trim_ascii_start();
        let end =
            rest.iter().position(|byte| !(byte.is_ascii_alphanumeric() || b"-_.".contains(byte))).unwrap_or(rest.len());
        std::str::from_utf8(&rest[..end]).ok().filter(|name| !name.is_empty())
    })
}

#[cfg(test)]
mod tests;
