//! Request templates, as people write them: `/search?q=term-{n}&customer=cust-{n%50:03}`.
//!
//! | placeholder | stands for |
//! |---|---|
//! | `{n}` | the number of the request: 0, 1, 2, … |
//! | `{7n+3}` | a linear form of it |
//! | `{n%50}` | the remainder |
//! | `{n%50:03}` | the same with at least three digits |
//! | `{red\|green\|blue}` | each of these in turn |
//! | `{fresh}` | a string that was not sent before |
//!
//! `{{` and `}}` stand for braces, so that a JSON body can be written.

use std::fmt::Write as _;

use super::vary::fresh;

/// A text with placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Number { times: u64, plus: u64, modulo: Option<u64>, digits: usize },
    Choice(Vec<String>),
    Fresh,
}

/// A template cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{{{placeholder}}}`: {why}")]
pub struct TemplateError {
    placeholder: String,
    why: &'static str,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// A placeholder that is not known or not closed; the text names it and what was expected.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '{' if chars.peek() == Some(&'{') => plain.extend(chars.next()),
                '}' if chars.peek() == Some(&'}') => plain.extend(chars.next()),
                '{' => {
                    let mut inner = String::new();
                    loop {
                        match chars.next() {
                            Some('}') => break,
                            Some(c) => inner.push(c),
                            None => {
                                return Err(TemplateError {
                                    placeholder: inner,
                                    why: "the brace is not closed; write {{ for a brace",
                                });
                            }
                        }
                    }
                    if !plain.is_empty() {
                        parts.push(Piece::Text(std::mem::take(&mut plain)));
                    }
                    parts.push(Piece::parse(&inner)?);
                }
                c => plain.push(c),
            }
        }
        if !plain.is_empty() {
            parts.push(Piece::Text(plain));
        }
        Ok(Self { parts })
    }

    /// The text for the n-th request.
    pub fn nth(&self, n: u64) -> String {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Piece::Text(text) => out.push_str(text),
                Piece::Number { times, plus, modulo, digits } => {
                    let value = n.wrapping_mul(*times).wrapping_add(*plus);
                    let value = modulo.map_or(value, |modulo| value % modulo);
                    // Writing to a string cannot fail.
                    let _ = write!(out, "{value:0digits$}");
                }
                Piece::Choice(options) => out.push_str(&options[(n % options.len() as u64) as usize]),
                Piece::Fresh => out.push_str(&fresh(n)),
            }
        }
        out
    }

    /// Whether the text differs from request to request.
    pub fn varies(&self) -> bool {
        self.parts.iter().any(|part| !matches!(part, Piece::Text(_)))
    }
}

impl Piece {
    fn parse(inner: &str) -> Result<Self, TemplateError> {
        const KNOWN: &str = "known are {n}, {7n+3}, {n%50}, {n%50:03}, {a|b|c} and {fresh}";
        let error = |why| TemplateError { placeholder: inner.to_owned(), why };
        if inner == "fresh" {
            return Ok(Self::Fresh);
        }
        if inner.contains('|') {
            return Ok(Self::Choice(inner.split('|').map(str::to_owned).collect()));
        }
        let (form, digits) = inner.split_once(':').unwrap_or((inner, "0"));
        let digits: usize = digits.parse().ok().filter(|digits| *digits <= 32).ok_or_else(|| error(KNOWN))?;
        let (form, modulo) = match form.split_once('%') {
            Some((form, modulo)) => (form, Some(modulo.parse().map_err(|_| error(KNOWN))?)),
            None => (form, None),
        };
        if modulo == Some(0) {
            return Err(error("a remainder of a division by zero"));
        }
        let form = form.trim_start_matches('(').trim_end_matches(')');
        let (times, plus) = form.split_once('n').ok_or_else(|| error(KNOWN))?;
        let times = if times.is_empty() { 1 } else { times.parse().map_err(|_| error(KNOWN))? };
        let plus = match plus.strip_prefix('+') {
            Some(plus) => plus.parse().map_err(|_| error(KNOWN))?,
            None if plus.is_empty() => 0,
            None => return Err(error(KNOWN)),
        };
        Ok(Self::Number { times, plus, modulo, digits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nth(text: &str, n: u64) -> String {
        Template::parse(text).unwrap().nth(n)
    }

    #[test]
    fn placeholders() {
        assert_eq!(nth("/search?q=term-{n}&c=cust-{n%50:03}", 57), "/search?q=term-57&c=cust-007");
        assert_eq!(
            nth("/compare?a=item-{n%2000:05}&b=item-{(7n+3)%2000:05}", 1_999),
            "/compare?a=item-01999&b=item-01996"
        );
        assert_eq!(nth("{a|b|c}{a|b|c}", 4), "bb");
        assert_eq!(nth("{{\"n\": {n}}}", 3), "{\"n\": 3}");
        assert_ne!(nth("{fresh}", 1), nth("{fresh}", 2));
        assert!(Template::parse("/x/{n}").unwrap().varies());
        assert!(!Template::parse("/x").unwrap().varies());
    }

    #[test]
    fn mistakes_are_named() {
        for text in ["{x}", "{n", "{n%0}", "{n%x}", "{n-1}", "{}", "{n:99}"] {
            let error = Template::parse(text).unwrap_err();
            let named = text.trim_matches(['{', '}']);
            assert!(error.to_string().starts_with(&format!("`{{{named}}}`: ")), "{error}");
        }
    }
}
