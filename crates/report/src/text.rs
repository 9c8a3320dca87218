//! Numbers and paragraphs as people read them.

/// A number with thousands separated by commas.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A size with a binary unit and at most three significant digits.
pub fn bytes(bytes: u64) -> String {
    let mut value = bytes as f64;
    for unit in ["B", "KiB", "MiB", "GiB"] {
        if value < 1024.0 || unit == "GiB" {
            let digits = usize::from(unit != "B" && value < 100.0);
            return format!("{value:.digits$} {unit}");
        }
        value /= 1024.0;
    }
    unreachable!("the last unit always returns")
}

/// `1 issue`, `2 issues`.
pub fn count(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// `504 of 2,000 requests`; without a budget, `504 requests`.
pub fn of_most(requests: u64, most: u64) -> String {
    if most == 0 { count(requests, "request") } else { format!("{} of {} requests", grouped(requests), grouped(most)) }
}

/// Breaks a text into lines of at most `width` columns, at spaces. A word that is longer than a line gets one of its own.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && columns(&line) + 1 + columns(word) > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

/// How many columns a text takes on a terminal: escape sequences (ECMA-48 CSI) take none.
fn columns(text: &str) -> usize {
    let mut count = 0;
    let mut escaped = false;
    for c in text.chars() {
        match c {
            '\u{1b}' => escaped = true,
            _ if escaped => escaped = !c.is_ascii_alphabetic(),
            _ => count += 1,
        }
    }
    count
}

/// The first sentence of a Markdown text, without its code.
pub fn first_sentence(markdown: &str) -> &str {
    let prose = markdown.split("```").next().unwrap_or("").trim();
    let end = prose
        .match_indices(". ")
        .map(|(at, _)| at + 1)
        .find(|at| !prose[..*at].ends_with("e.g.") && !prose[..*at].ends_with("i.e."));
    prose[..end.unwrap_or(prose.len())].trim_end_matches(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(12), "12");
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(1_900_000), "1.8 MiB");
        assert_eq!(count(1, "issue"), "1 issue");
        assert_eq!(count(0, "issue"), "0 issues");
        assert_eq!(
            (of_most(504, 2_000), of_most(504, 0)),
            ("504 of 2,000 requests".to_owned(), "504 requests".to_owned())
        );
    }

    #[test]
    fn paragraphs() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a verylongword b", 4), ["a", "verylongword", "b"]);
        assert_eq!(wrap("\u{1b}[1mone\u{1b}[0m two", 7), ["\u{1b}[1mone\u{1b}[0m two"]);
        assert_eq!(first_sentence("Use a cursor. It is opaque.\n```python\nx\n```"), "Use a cursor.");
    }
}
