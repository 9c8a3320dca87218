//! The import statements of a text, found without parsing it.
//!
//! The answer may hold too much (an import inside of a docstring), never too little.

use std::sync::LazyLock;

use memchr::memmem;

use crate::names::{Interner, Sym};

/// An import statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextImport {
    /// Number of leading dots.
    pub level: u8,
    /// The dotted name after `from` or `import`.
    pub module: Sym,
    /// The names after `from … import`, each with the name that it is given here; none for `import …`.
    pub names: Option<Vec<(Sym, Sym)>>,
    /// Whether it stands under `if TYPE_CHECKING`.
    pub types_only: bool,
}

/// Whether a byte may be part of a name.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Every import statement of a text.
pub(super) fn imports(interner: &mut Interner<'_>, text: &str, mut each: impl FnMut(&str)) -> Vec<TextImport> {
    static IMPORT: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("import"));
    let bytes = text.as_bytes();
    let unused = type_checking(text);
    let mut out = Vec::new();
    for at in IMPORT.find_iter(bytes) {
        let end = at + "import".len();
        // `import(a)` does not exist, but `from a import(b)` and `from .import b` do.
        if bytes.get(end).is_some_and(|byte| is_word(*byte))
            || at.checked_sub(1).is_some_and(|before| is_word(bytes[before]))
        {
            continue;
        }
        let before = statement_start(bytes, at);
        let types_only = unused.iter().any(|(start, end)| (*start..*end).contains(&at));
        let head: String = text[before..at].chars().filter(|c| !c.is_whitespace() && *c != '\\').collect();
        if let Some(module) = head.strip_prefix("from").or_else(|| head.strip_prefix("lazyfrom")) {
            let level = module.bytes().take_while(|byte| *byte == b'.').count();
            let names = names_after(&text[end..]).into_iter();
            let names = names.map(|(name, alias)| (interner.intern(name), interner.intern(alias))).collect();
            if level == 0 {
                each(module);
            }
            let level_of = level.min(255) as u8;
            out.push(TextImport {
                level: level_of,
                module: interner.intern(&module[level..]),
                names: Some(names),
                types_only,
            });
        } else if head.is_empty() || head == "lazy" {
            for (module, _) in names_after(&text[end..]) {
                let module: String = module.chars().filter(|c| !c.is_whitespace() && *c != '\\').collect();
                each(&module);
                out.push(TextImport { level: 0, module: interner.intern(&module), names: None, types_only });
            }
        }
    }
    out
}

/// The blocks under `if TYPE_CHECKING:`.
fn type_checking(text: &str) -> Vec<(usize, usize)> {
    let mut blocks = Vec::new();
    for at in memmem::find_iter(text.as_bytes(), "TYPE_CHECKING:") {
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let line = &text[start..at];
        let indent = line.len() - line.trim_start().len();
        if !line.trim_start().starts_with("if ") || line.contains("not ") {
            continue;
        }
        let mut end = text[at..].find('\n').map_or(text.len(), |end| at + end + 1);
        for row in text[end..].split_inclusive('\n') {
            let code = row.trim_start();
            if !code.is_empty() && !code.starts_with('#') && row.len() - code.len() <= indent && !code.starts_with(')')
            {
                break;
            }
            end += row.len();
        }
        blocks.push((at, end));
    }
    blocks
}

/// Where the statement begins that holds a byte: after a line end that is not escaped, `;` or `:`.
fn statement_start(bytes: &[u8], at: usize) -> usize {
    let mut start = at;
    while start > 0 {
        match bytes[start - 1] {
            b';' | b':' => break,
            b'\n' | b'\r' => {
                let line = bytes[..start - 1].trim_ascii_end();
                let escaped = line.last() == Some(&b'\\') && !bytes[line.len()..start - 1].contains(&b'\n');
                if !escaped {
                    break;
                }
            }
            _ => {}
        }
        start -= 1;
    }
    start
}

/// The names of an import statement, each with what it is called afterwards.
fn names_after(text: &str) -> Vec<(&str, &str)> {
    let mut names = Vec::new();
    let open = text.trim_start_matches([' ', '\t', '\\', '\n', '\r']).starts_with('(');
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut start = None;
    let mut push = |start: &mut Option<usize>, end: usize| {
        if let Some(begin) = start.take() {
            let name = text[begin..end].trim();
            let (name, alias) = name.split_once(" as ").unwrap_or((name, name));
            if !name.is_empty() {
                names.push((name.trim(), alias.trim()));
            }
        }
    };
    while at < bytes.len() {
        match bytes[at] {
            b'#' => {
                push(&mut start, at);
                if !open {
                    break;
                }
                at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
                continue;
            }
            b')' | b';' => break,
            b'\n' | b'\r' if !open => {
                if !bytes[..at].trim_ascii_end().ends_with(b"\\") {
                    break;
                }
            }
            b',' => push(&mut start, at),
            b'(' | b'\\' => {}
            byte if byte.is_ascii_whitespace() => {}
            _ => {
                start.get_or_insert(at);
            }
        }
        at += 1;
    }
    push(&mut start, at);
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Names;

    fn scanned(text: &str) -> (Vec<TextImport>, Names) {
        let names = Names::default();
        let found = imports(&mut Interner::new(&names), text, |_| {});
        (found, names)
    }

    #[test]
    fn imports_of_every_shape() {
        let text = "import a, b.c as d # note\nfrom e.f import (g, # one\n    h as i,\n)\nfrom . import j\nfrom .k import *\nif x: import l; from m import n\n\
                    from o \\\n  import p, \\\n   q\ntry:\n    from ..r import(s)\nexcept: pass\nimportant = 1\nreimport = 2\nfrom .import t\nimport u.\\\nv\n";
        let (found, names) = scanned(text);
        let seen: Vec<String> = found
            .iter()
            .map(|import| {
                let list = import.names.as_ref().map_or("-".to_owned(), |list| {
                    list.iter().map(|(name, _)| names.text(*name)).collect::<Vec<_>>().join(",")
                });
                format!("{}{} {list}", ".".repeat(import.level.into()), names.text(import.module))
            })
            .collect();
        let expected = ["a -", "b.c -", "e.f g,h", ". j", ".k *", "l -", "m n", "o p,q", "..r s", ". t", "u.v -"];
        assert_eq!(seen, expected);
        let Some(renamed) = &found[2].names else { panic!("from") };
        assert_eq!(names.text(renamed[1].1), "i");
        let text = "if TYPE_CHECKING:\n    from a import (\n        b,\n)\n\n    import c\nimport d\nif not TYPE_CHECKING:\n    import e\n";
        assert_eq!(
            scanned(text).0.iter().map(|import| import.types_only).collect::<Vec<_>>(),
            [true, true, false, false]
        );
    }
}
