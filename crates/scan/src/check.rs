//! What a check is: metadata, what it asks for, what it judges.

use plimsoll_http::Probe;
use plimsoll_model::{Vantage, Weakness};

use crate::draft::Draft;
use crate::view::{App, Op};

/// How a check works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Reads exchanges that others asked for.
    Passive,
    /// Asks for exchanges of its own.
    Active,
}

impl Mode {
    /// The word used in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passive => "passive",
            Self::Active => "active",
        }
    }
}

/// What is known of a check without running it.
#[derive(Clone, Copy, Debug)]
pub struct Meta {
    /// Its name: the defect, in kebab-case, which reads well after "ignore".
    pub id: &'static str,
    /// The weakness that it looks for.
    pub weakness: Weakness,
    /// How it works.
    pub mode: Mode,
    /// The first version that has it.
    pub since: &'static str,
    /// Its page: prose and examples, which are also its tests.
    pub page: &'static str,
}

impl Meta {
    /// From where it looks.
    pub const fn vantage(&self) -> Vantage {
        Vantage::Wire
    }
}

/// Looks for one weakness.
///
/// All methods are pure: they see what was recorded and nothing else. `probes` and `probes_app` are asked again after every round, with
/// what the round brought, until nobody asks for anything new; asking again for what was already answered costs nothing.
pub trait Check: Sync {
    /// What is known of it.
    fn meta(&self) -> &'static Meta;

    /// What it wants to see of this operation.
    fn probes(&self, _op: &Op<'_>) -> Vec<Probe> {
        Vec::new()
    }

    /// What it wants to see of the application as a whole.
    fn probes_app(&self, _app: &App<'_>) -> Vec<Probe> {
        Vec::new()
    }

    /// What it wants to change, and to read around that: asked only when nobody wants to know anything else, so that nobody sees the change, and
    /// again until it asks for nothing new. What was changed must be put back here.
    fn writes(&self, _app: &App<'_>) -> Vec<Probe> {
        Vec::new()
    }

    /// What it has to say about this operation.
    fn judge(&self, _op: &Op<'_>) -> Vec<Draft> {
        Vec::new()
    }

    /// What it has to say about the application as a whole.
    fn judge_app(&self, _app: &App<'_>) -> Vec<Draft> {
        Vec::new()
    }
}

/// Declares a check: its type, its metadata and where its page is.
///
/// ```ignore
/// check! {
///     /// A limit that is accepted and ignored.
///     pub struct LimitIgnored { id: "limit-ignored", weakness: UnboundedRead, mode: Active, since: "0.1.0", page: "http/limit-ignored.md" }
/// }
/// ```
macro_rules! check {
    ($(#[$doc:meta])* pub struct $name:ident {
        id: $id:literal, weakness: $weakness:ident, mode: $mode:ident, since: $since:literal, page: $page:literal $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl $name {
            /// What is known of the check.
            pub const META: $crate::check::Meta = $crate::check::Meta {
                id: $id,
                weakness: plimsoll_model::Weakness::$weakness,
                mode: $crate::check::Mode::$mode,
                since: $since,
                page: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../checks/", $page)),
            };
        }
    };
}
pub(crate) use check;
