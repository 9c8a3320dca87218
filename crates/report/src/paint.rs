//! Colour on a terminal: on or off, decided by the caller (tty, `NO_COLOR`, `--color`).

use plimsoll_model::Severity;

/// The styles of a report (ECMA-48 SGR), from the sixteen colours that every terminal theme defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Bold.
    Bold,
    /// Less important.
    Dim,
    /// Bad.
    Red,
    /// Bold and bad.
    Alarm,
    /// To be looked at.
    Yellow,
    /// Good.
    Green,
    /// A fact.
    Blue,
    /// Something to type.
    Cyan,
}

/// Whether colours are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paint(pub bool);

impl Paint {
    /// The text in this style, or as it is.
    pub fn paint(self, colour: Colour, text: &str) -> String {
        if !self.0 || text.is_empty() {
            return text.to_owned();
        }
        let code = match colour {
            Colour::Bold => "1",
            Colour::Dim => "2",
            Colour::Red => "31",
            Colour::Alarm => "1;31",
            Colour::Yellow => "33",
            Colour::Green => "32",
            Colour::Blue => "34",
            Colour::Cyan => "36",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// The colour of a severity.
    pub const fn of(severity: Severity) -> Colour {
        match severity {
            Severity::Critical => Colour::Alarm,
            Severity::High => Colour::Red,
            Severity::Medium => Colour::Yellow,
            Severity::Low => Colour::Blue,
            Severity::Info => Colour::Dim,
        }
    }
}
