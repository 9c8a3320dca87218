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

/// What went wrong, with its causes. A cause that an error has already said in its own words is not said again.
fn chain(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |said, cause| {
        if said.is_empty() {
            cause
        } else if said.ends_with(&cause) {
            said
        } else {
            format!("{said}: {cause}")
        }
    })
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
        let text = chain(&self.error);
        let one = plimsoll_model::redact::one_line(&text, 600);
        match &self.hint {
            Some(hint) => format!("error: {one}; {hint}"),
            None => format!("error: {one}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the environment has no variable X")]
    struct Inner;

    #[derive(Debug, thiserror::Error)]
    enum Outer {
        #[error("identity a: {source}")]
        Told { source: Inner },
        #[error("identity a cannot be used")]
        Silent { source: Inner },
    }

    #[test]
    fn a_cause_is_said_once() {
        let line = |error: Outer| Fault::usage(error).line();
        assert_eq!(line(Outer::Told { source: Inner }), "error: identity a: the environment has no variable X");
        let silent = "error: identity a cannot be used: the environment has no variable X";
        assert_eq!(line(Outer::Silent { source: Inner }), silent);
    }
}
