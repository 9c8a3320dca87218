//! The closed scales on which findings are placed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! scale {
    ($(#[$outer:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident => $text:literal,)+ }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$inner])* $variant,)+ }

        impl $name {
            /// Every value, in ascending order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word used in every output.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::level::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text).ok_or_else(|| crate::level::UnknownWord {
                    word: text.to_owned(),
                    known: Self::ALL.iter().map(|value| value.as_str()).collect::<Vec<_>>().join(", "),
                })
            }
        }
    };
}
pub(crate) use scale;

/// A word that is on none of the scales.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWord {
    /// What was given.
    pub word: String,
    /// What would have been understood, separated by commas.
    pub known: String,
}

impl std::fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "unknown word {:?}; known are {}", self.word, self.known)
    }
}

impl std::error::Error for UnknownWord {}

scale! {
    /// How bad a finding is for the service and its users. `Info` is a fact worth knowing and never gates.
    Severity {
        /// A fact worth knowing.
        Info => "info",
        /// Hardening.
        Low => "low",
        /// Should be fixed.
        Medium => "medium",
        /// Should be fixed before the next release.
        High => "high",
        /// Should be fixed now.
        Critical => "critical",
    }
}

scale! {
    /// How sure a finding is.
    Confidence {
        /// Signs point to it; something else could explain them.
        Suspected => "suspected",
        /// Seen to happen.
        Observed => "observed",
        /// Measured, with an interval that excludes the alternative.
        Proven => "proven",
    }
}

scale! {
    /// From where a finding was seen.
    Vantage {
        /// The OpenAPI document.
        Contract => "contract",
        /// The running API, black box.
        Wire => "wire",
        /// The source code.
        Code => "code",
        /// The memory of the running application.
        Memory => "memory",
    }
}

scale! {
    /// What a weakness does to the people who run or use the service. Kinds are never mixed in one finding.
    Kind {
        /// Memory that is never given back.
        Leak => "leak",
        /// A high-water mark that the data decides.
        Peak => "peak",
        /// Time, bytes or money spent without need.
        Cost => "cost",
        /// Data shown to somebody who should not see it.
        Exposure => "exposure",
        /// A door that should be closed.
        Access => "access",
        /// Input taken without a check.
        Input => "input",
        /// A request that ends in an error of the server.
        Crash => "crash",
        /// Data that the caller should get and does not.
        DataLoss => "data-loss",
        /// A setting.
        Config => "config",
        /// A fact.
        Info => "info",
    }
}
