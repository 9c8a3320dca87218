//! A rendered report whose form has limits: the text, and what did not fit into it.

use std::borrow::Cow;

use plimsoll_model::redact;
use serde_json::Value;

/// A report in a form that takes only so much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The text.
    pub text: String,
    /// What was left out and why, for standard error; empty where everything is in it.
    pub notices: Vec<String>,
}

impl Page {
    /// A page that holds everything.
    pub fn whole(text: String) -> Self {
        Self { text, notices: Vec::new() }
    }
}

/// A JSON document, indented, with a line break at its end. No text in it can act on whoever displays it.
pub(crate) fn json(mut value: Value) -> String {
    clean(&mut value);
    let mut text = format!("{value:#}");
    text.push('\n');
    text
}

/// Takes control and formatting characters out of every text.
pub(crate) fn clean(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(clean) = redact::printable(text) {
                *text = clean;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(clean),
        Value::Object(fields) => fields.values_mut().for_each(clean),
        _ => {}
    }
}

/// The beginning of a text, at most so many bytes, cut between characters.
pub(crate) fn head(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// A text of at most `most` characters, with an ellipsis where something was cut.
pub(crate) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!((head("aüb", 2), head("aüb", 9)), ("a", "aüb"));
        assert_eq!((cut("aüb", 3), cut("aübc", 3)), ("aüb".to_owned(), "aü…".to_owned()));
    }
}
