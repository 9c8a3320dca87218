//! `[[ignore]]`: what a project has decided to live with.

use serde::Deserialize;

/// A decision to live with something. Every condition that is given must hold, and at least one of the first five is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ignore {
    /// One issue: its name (`1a2b3c4d`) or its whole fingerprint.
    pub issue: Option<String>,
    /// The weakness, as in `unbounded-read`.
    pub weakness: Option<String>,
    /// The check, as in `limit-ignored`.
    pub check: Option<String>,
    /// The operation, as in `GET /orders`; `*` stands for anything but a slash, `**` for anything, and a method may be left out.
    pub operation: Option<String>,
    /// The file, a glob relative to the configuration file, as in `src/legacy/**`.
    pub path: Option<String>,
    /// Why it is accepted. Required.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day on which it holds, `YYYY-MM-DD`.
    pub until: Option<String>,
    /// Where it is written down, as in `plimsoll.toml:12`; filled in when the file is read.
    #[serde(skip)]
    pub place: String,
}

impl Ignore {
    /// What it names, in words.
    pub fn what(&self) -> String {
        let named = [
            ("issue", &self.issue),
            ("weakness", &self.weakness),
            ("check", &self.check),
            ("operation", &self.operation),
            ("path", &self.path),
        ];
        let said: Vec<String> =
            named.iter().filter_map(|(word, value)| Some(format!("{word} {}", value.as_deref()?))).collect();
        said.join(", ")
    }

    /// What is wrong with it as it is written, with what to do.
    pub(super) fn fault(&self) -> Option<&'static str> {
        if self.what().is_empty() {
            return Some("an [[ignore]] names an issue, a weakness, a check, an operation or a path");
        }
        if self.reason.trim().is_empty() {
            return Some("an [[ignore]] has a reason = \"…\"");
        }
        let day = |text: &String| text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
        (!self.until.as_ref().is_none_or(day)).then_some("until is a day, as in until = \"2027-01-31\"")
    }
}
