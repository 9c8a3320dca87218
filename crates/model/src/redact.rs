//! Masking of values that must not appear in an output, and removal of what could harm whoever displays it.

use std::borrow::Cow;

/// Replaces all but the first and last characters: `alice@example.org` becomes `a…g (17 chars)`. At most two characters survive, and none of
/// a value shorter than eight.
pub fn mask(value: &str) -> String {
    let count = value.chars().count();
    match (value.chars().next(), value.chars().next_back()) {
        (Some(first), Some(last)) if count >= 8 => format!("{first}…{last} ({count} chars)"),
        _ => format!("… ({count} chars)"),
    }
}

/// Removes what a terminal, a browser or a log reader could act on: control characters (ESC, NUL, CR …; newline and tab survive), and
/// bidirectional formatting characters (Unicode UAX #9; CVE-2021-42574).
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_harmless) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_harmless(c) { c } else { '\u{fffd}' }).collect())
}

fn is_harmless(c: char) -> bool {
    match c {
        '\n' | '\t' => true,
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => false,
        _ => !c.is_control(),
    }
}

/// The text on one line, at most `max` characters, with an ellipsis where something was cut.
pub fn one_line(text: &str, max: usize) -> String {
    let clean = printable(text);
    let mut out = String::new();
    let mut written = 0usize;
    let mut space = false;
    for c in clean.chars() {
        if c.is_whitespace() {
            space = written > 0;
            continue;
        }
        let needed = 1 + usize::from(space);
        if written + needed > max {
            out.push('…');
            return out;
        }
        if space {
            out.push(' ');
        }
        out.push(c);
        written += needed;
        space = false;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_all_but_the_ends() {
        assert_eq!(mask("alice@example.org"), "a…g (17 chars)");
        assert_eq!(mask("hunter2"), "… (7 chars)");
        assert_eq!(mask(""), "… (0 chars)");
    }

    #[test]
    fn removes_escapes_and_bidi() {
        assert_eq!(printable("a\u{1b}[31mb\u{202e}c\0"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}");
        assert!(matches!(printable("plain\ttext\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn one_line_folds_and_cuts() {
        assert_eq!(one_line("  a\n\n b  c ", 80), "a b c");
        assert_eq!(one_line("abcdef", 3), "abc…");
        assert_eq!(one_line("abc", 3), "abc");
    }
}
