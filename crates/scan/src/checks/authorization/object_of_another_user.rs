//! `object-of-another-user`: one caller's object, read by another by its id in the path.

use plimsoll_http::Probe;

use super::{pairs, references};
use crate::callers::Callers;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::App;

check! {
    /// An id in the path is looked up without asking whose it is.
    pub struct ObjectOfAnotherUser {
        id: "object-of-another-user", weakness: BrokenObjectAuthorization, mode: Active, since: "0.2.0",
        page: "http/object-of-another-user.md",
    }
}

impl Check for ObjectOfAnotherUser {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        pairs::probes(app, &references::in_path)
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        if app.seen.callers().len() < 2 {
            return Vec::new();
        }
        let callers = Callers::of(app);
        let found = app.ops().filter(|op| op.is_get() && op.key().path.contains('{')).filter_map(|op| {
            let (crossing, reference) = pairs::find(&op, &callers, &references::in_path)?;
            Some(pairs::draft(&op, &crossing, &reference))
        });
        found.collect()
    }
}
