//! What ends a command without a report: one line for the user, and the exit code that says which kind of thing it was.

use plimsoll_model::exit;

/// A fault with its exit code.
#[derive(Debug)]
pub struct Fault {
    /// The documented exit code.
    pub code: u8,
    /// What went wrong.
    pub error: anyhow::Error,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Fault {
    /// The user asked for something that cannot be done; nothing was tested.
    pub fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { code: exit::USAGE, error: error.into(), hint: None }
    }

    /// The same from a message.
    pub fn say(message: impl Into<String>) -> Self {
        Self::usage(anyhow::anyhow!(message.into()))
    }

    /// With this exit code.
    pub fn code(mut self, code: u8) -> Self {
        self.code = code;
        self
    }

    /// With this advice.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The line for the user.
    pub fn line(&self) -> String {
        let text = format!("{:#}", self.error);
        let one = plimsoll_model::redact::one_line(&text, 600);
        match &self.hint {
            Some(hint) => format!("error: {one}; {hint}"),
            None => format!("error: {one}"),
        }
    }
}
