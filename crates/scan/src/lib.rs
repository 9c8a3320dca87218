//! The wire vantage: discovery, rounds of probes, and the checks that judge what was recorded.
//!
//! Checks are sans-IO. They ask for [`plimsoll_http::Probe`]s and judge [`plimsoll_http::Exchange`]s; between the two, this crate merges
//! equal probes and leaves the sending to a [`plimsoll_http::Transport`]. So a recording can be judged again without a network, and the same
//! exchanges give the same findings.

pub mod active;
pub mod callers;
pub mod check;
pub mod checks;
pub mod date;
pub mod discover;
pub mod draft;
pub mod drive;
pub mod economy;
pub mod explore;
pub mod fields;
pub mod harvest;
pub mod identity;
pub mod index;
pub mod judge;
pub mod list;
pub mod outline;
pub mod paging;
pub mod same;
pub mod seen;
pub mod standing;
pub mod ties;
pub mod token;
pub mod twin;
pub mod values;
pub mod view;

pub use active::Active;
pub use check::{Check, Meta, Mode};
pub use draft::Draft;
pub use economy::Economy;
pub use identity::{Forged, Forgery, SeenIdentity};
pub use seen::Seen;
pub use view::{App, Op};
