//! What a rule is: a name, what it says of the code, and a function that looks for it.

use plimsoll_model::{Kind, Severity, Weakness};

use super::cx::Cx;
use super::draft::Drafts;

/// What is known of a rule without running it.
#[derive(Debug)]
pub struct Meta {
    /// Its name: the defect, in kebab-case; also the name of its page in `checks/code`.
    pub id: &'static str,
    /// What is wrong where it fires.
    pub weakness: Weakness,
    /// What that does to the user.
    pub kind: Kind,
    /// The severity where a request reaches the code; rules lower it by evidence.
    pub severity: Severity,
    /// The release that brought it.
    pub since: &'static str,
    /// Its page, `checks/code/<id>.md`.
    pub page: &'static str,
}

/// Looks for one defect.
///
/// A rule starts from one of the program's indexes (calls by name, stores, decorators), never walks everything, and stays silent where a value
/// that it needs is unknown. It keeps no state.
pub trait Rule: Sync {
    /// What is known of it.
    fn meta(&self) -> &'static Meta;

    /// Adds what it finds.
    fn check(&self, cx: &Cx<'_>, out: &mut Drafts);
}

/// Declares a rule: a unit struct with its [`Meta`].
macro_rules! rule {
    ($(#[$doc:meta])* $name:ident { id: $id:literal, weakness: $weakness:ident, kind: $kind:ident, severity: $severity:ident, since: $since:literal $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl $name {
            /// What is known of it.
            pub const META: $crate::rules::Meta = $crate::rules::Meta {
                id: $id,
                weakness: plimsoll_model::Weakness::$weakness,
                kind: plimsoll_model::Kind::$kind,
                severity: plimsoll_model::Severity::$severity,
                since: $since,
                page: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../checks/code/", $id, ".md")),
            };
        }
    };
}

pub(crate) use rule;
