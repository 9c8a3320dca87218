//! Contradictions within one schema. Each is certain from the schema alone; what needs an opinion belongs to the audit.

use serde_json::Value;

use crate::api::{Schema, SchemaKind};
use crate::merge::kind_of_value;
use crate::reader::Reader;
use crate::tree::At;

impl<'a> Reader<'a> {
    /// Notes what no value can fulfil, and examples that the schema itself does not allow.
    pub(crate) fn judge(&mut self, schema: &Schema, at: &At<'a>) {
        let contradictions = [
            ("minimum", "maximum", schema.minimum.zip(schema.maximum).is_some_and(|(low, high)| low > high)),
            ("minLength", "maxLength", schema.min_length.zip(schema.max_length).is_some_and(|(low, high)| low > high)),
            ("minItems", "maxItems", schema.min_items.zip(schema.max_items).is_some_and(|(low, high)| low > high)),
        ];
        for (low, high, contradicts) in contradictions {
            if contradicts {
                self.warn(at, format!("{low} is larger than {high}, so no value fits"));
            }
        }
        if let Some(fault) = schema.pattern.as_deref().and_then(pattern_fault) {
            self.warn(at, format!("the pattern is no regular expression: {fault}"));
        }
        if schema.kinds.is_empty() || !schema.alternatives.is_empty() {
            return;
        }
        for (word, values) in [("example", schema.examples.as_slice()), ("default", schema.default.as_slice())] {
            let mut wrong = values.iter().filter(|value| !fits(&schema.kinds, value));
            if let Some(value) = wrong.next() {
                let (found, wanted) = (word_of(kind_of_value(value)), word_of(schema.kinds[0]));
                self.warn(at, format!("the {word} is of type {found} where {wanted} is declared"));
            }
        }
    }
}

fn fits(kinds: &[SchemaKind], value: &Value) -> bool {
    let kind = kind_of_value(value);
    // A null default is how many generators write "none".
    kind == SchemaKind::Null
        || kinds.contains(&kind)
        || kind == SchemaKind::Integer && kinds.contains(&SchemaKind::Number)
}

fn word_of(kind: SchemaKind) -> &'static str {
    match kind {
        SchemaKind::Null => "null",
        SchemaKind::Boolean => "boolean",
        SchemaKind::Integer => "integer",
        SchemaKind::Number => "number",
        SchemaKind::String => "string",
        SchemaKind::Array => "array",
        SchemaKind::Object => "object",
    }
}

/// What makes a pattern invalid in every dialect: brackets that do not pair, a backslash at the end, nothing to repeat.
fn pattern_fault(pattern: &str) -> Option<&'static str> {
    let mut open = 0_u32;
    let mut in_class = false;
    let mut repeatable = false;
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                if chars.next().is_none() {
                    return Some("it ends in a backslash");
                }
                repeatable = true;
            }
            ']' if in_class => {
                in_class = false;
                repeatable = true;
            }
            _ if in_class => {}
            '[' => in_class = true,
            '(' => {
                open += 1;
                // What follows is a group's own syntax (`(?:`, `(?=`, `(?P<`), not a repetition.
                repeatable = chars.as_str().starts_with('?');
            }
            ')' => {
                if open == 0 {
                    return Some("a ) without its (");
                }
                open -= 1;
                repeatable = true;
            }
            '*' | '+' | '?' if !repeatable => return Some("nothing before a repetition"),
            '|' => repeatable = false,
            '^' => repeatable = false,
            _ => repeatable = true,
        }
    }
    match (in_class, open) {
        (true, _) => Some("a [ without its ]"),
        (_, 0) => None,
        _ => Some("a ( without its )"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_broken_patterns_are_faulted() {
        for fine in [
            "",
            "^a+$",
            "(?:x|y)*",
            "[^]]",
            "[a-z()*]+",
            r"\(\d+\)",
            "a{2,3}?",
            "(?=x)y",
            "(?<n>.)",
            "(?P<n>x)",
            "^(a|b)?$",
            ".*?",
        ] {
            assert_eq!(pattern_fault(fine), None, "{fine}");
        }
        for broken in ["(", ")", "[a", "a\\", "*a", "(a", "(+)", "a|*"] {
            assert!(pattern_fault(broken).is_some(), "{broken}");
        }
    }
}
