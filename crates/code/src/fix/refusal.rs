//! Why no fix is offered, in words for the person who asked for one.

/// Why no fix is offered for a finding.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing settles what this rule reports.
    #[error("no template settles {check}")]
    NoTemplate {
        /// What it is of: a rule, or something of the code.
        check: String,
    },
    /// The finding names no line of source.
    #[error("the finding names no line of source")]
    NoPlace,
    /// The file cannot be edited without losing something.
    #[error("`{file}` cannot be edited without losing something: it is a notebook, a stub, gone, or no UTF-8 text")]
    NotEditable {
        /// The file as it is shown.
        file: String,
    },
    /// The code has none of the shapes that a template is sure of.
    #[error("the code has none of the shapes that the templates are sure of: {why}")]
    NoShape {
        /// What is in the way.
        why: String,
    },
    /// Something else depends on what would be changed.
    #[error("`{name}` is also used at {place}, where {why}")]
    OtherUsers {
        /// What is used.
        name: String,
        /// `file:line` of the use.
        place: String,
        /// What the use needs.
        why: String,
    },
    /// The application would answer otherwise than before.
    #[error("it would change what the application answers: {why}")]
    ChangesAnswers {
        /// How.
        why: String,
    },
    /// Callers would have to change with it.
    #[error("callers would have to change with it: {why}")]
    ChangesContract {
        /// How.
        why: String,
    },
    /// Callers would have to change with it, and nobody asked for that.
    #[error("callers would have to change with it; `plimsoll fix --change-contract` offers it: {title}")]
    OnRequest {
        /// What the fix does.
        title: String,
    },
    /// There is more than one thing it could mean.
    #[error("it is not sure which {what} is meant")]
    Ambiguous {
        /// What there are several of.
        what: String,
    },
    /// Somebody should look at the fix, and only fixes without that were asked for.
    #[error("somebody should look at it: {title}")]
    NeedsReview {
        /// What the fix does.
        title: String,
    },
    /// The result is no Python, or no longer the finding's file.
    #[error("its result would not parse")]
    NotParsed,
    /// The rule says the same afterwards.
    #[error("the rule still fires after: {title}")]
    StillFires {
        /// What the fix does.
        title: String,
    },
    /// Another rule fires afterwards.
    #[error("`{check}` would fire after: {title}")]
    OtherFires {
        /// The other rule.
        check: String,
        /// What the fix does.
        title: String,
    },
}

impl Refusal {
    /// The code has another shape.
    pub(super) fn shape(why: impl Into<String>) -> Self {
        Self::NoShape { why: why.into() }
    }

    /// How much is known with it: of several refusals the one with the most is told.
    pub(super) const fn weight(&self) -> u8 {
        match self {
            Self::NoTemplate { .. } | Self::NoPlace => 0,
            Self::NotEditable { .. } | Self::NotParsed => 1,
            Self::NoShape { .. } => 2,
            Self::StillFires { .. } | Self::OtherFires { .. } => 3,
            Self::OtherUsers { .. }
            | Self::ChangesAnswers { .. }
            | Self::ChangesContract { .. }
            | Self::Ambiguous { .. }
            | Self::NeedsReview { .. } => 4,
            // What can be had is more than why something else cannot.
            Self::OnRequest { .. } => 5,
        }
    }
}
