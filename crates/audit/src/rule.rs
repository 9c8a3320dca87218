//! What a rule is: a name, what it says of a contract, and a function that looks for it.

use plimsoll_model::{Kind, Severity, Weakness};

use crate::draft::Drafts;
use crate::view::View;

/// What is known of a rule without running it.
#[derive(Debug)]
pub struct Meta {
    /// Its name: the defect, in kebab-case; also the name of its page in `checks/contract`.
    pub id: &'static str,
    /// What is wrong where it fires.
    pub weakness: Weakness,
    /// The severity of a draft that names none.
    pub severity: Severity,
    /// The release that brought it.
    pub since: &'static str,
    /// Whether its findings belong into the report of a scan as well.
    pub scan: bool,
    /// The rules of public OWASP rulesets that it covers: `spectral:…` of spectral-owasp-ruleset, `vacuum:…` of vacuum.
    pub owasp: &'static [&'static str],
    /// Its page, `checks/contract/<id>.md`.
    pub page: &'static str,
}

impl Meta {
    /// What the defect does to the user.
    pub const fn kind(&self) -> Kind {
        self.weakness.facts().kind
    }
}

/// Looks for one defect.
///
/// A rule is a pure function of the view. It says one thing once: what is wrong at many places for one reason gets one cause, and what hardly
/// any contract does right is one finding about the document that counts.
pub trait Rule: Sync {
    /// What is known of it.
    fn meta(&self) -> &'static Meta;

    /// Adds what it finds.
    fn check(&self, view: &View<'_>, out: &mut Drafts);
}

/// Declares a rule: a unit struct with its [`Meta`]. The page `checks/contract/<id>.md` must exist.
///
/// ```ignore
/// rule! {
///     /// A page size whose schema has no maximum.
///     pub struct LimitWithoutMaximum {
///         id: "limit-without-maximum", weakness: UnboundedPageSize, severity: Medium, since: "0.1.0", scan: true, owasp: [],
///     }
/// }
/// ```
macro_rules! rule {
    ($(#[$doc:meta])* pub struct $name:ident {
        id: $id:literal, weakness: $weakness:ident, severity: $severity:ident, since: $since:literal,
        $(scan: $scan:literal,)? owasp: [$($owasp:literal),* $(,)?] $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl $name {
            /// What is known of it.
            pub const META: $crate::rule::Meta = $crate::rule::Meta {
                id: $id,
                weakness: plimsoll_model::Weakness::$weakness,
                severity: plimsoll_model::Severity::$severity,
                since: $since,
                scan: false $(|| $scan)?,
                owasp: &[$($owasp),*],
                page: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../checks/contract/", $id, ".md")),
            };
        }
    };
}
pub(crate) use rule;
