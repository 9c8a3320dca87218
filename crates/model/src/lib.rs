//! The words of Plimsoll.
//!
//! Everything that the vantages say about an API is said in these types: a [`Weakness`] is what is wrong, a [`Finding`] is one
//! vantage's word for it at one place, an [`Issue`] joins the findings of one cause, a [`Report`] is what a person or a machine reads.
//! The crate does no I/O, reads no clock and knows nothing of HTTP clients, parsers or terminals.

pub mod access;
pub mod baseline;
pub mod change;
pub mod contract_change;
pub mod evidence;
pub mod exit;
pub mod finding;
pub mod fingerprint;
pub mod issue;
pub mod join;
pub mod level;
pub mod memory;
pub mod operation;
pub mod proposal;
pub mod redact;
pub mod report;
pub mod score;
pub mod stats;
pub mod suppression;
pub mod verification;
pub mod weakness;

pub use contract_change::{Aspect, ContractChange, ContractValue, Verdict};
pub use evidence::{Evidence, ExchangeEvidence, Measurement, Series};
pub use finding::{Finding, Part, PartKind, SourcePlace, SpecPlace};
pub use fingerprint::Fingerprint;
pub use issue::{AnsweredBy, Issue, Stage};
pub use join::{Doubt, Join, Lane};
pub use level::{Confidence, Kind, Severity, Vantage};
pub use operation::{Method, OperationKey};
pub use proposal::Proposal;
pub use report::Report;
pub use verification::Verification;
pub use weakness::{Category, Weakness};
