//! `object-in-query`: one caller's objects, read by another who names them, or their owner, in a query parameter or a header.

use plimsoll_http::Probe;

use super::{pairs, references};
use crate::callers::Callers;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::App;

check! {
    /// A parameter chooses whose data is answered with, and nobody asks whether it may.
    pub struct ObjectInQuery {
        id: "object-in-query", weakness: BrokenObjectAuthorization, mode: Active, since: "0.2.0", page: "http/object-in-query.md",
    }
}

impl Check for ObjectInQuery {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        pairs::probes(app, &references::in_parameters)
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        if app.seen.callers().len() < 2 {
            return Vec::new();
        }
        let callers = Callers::of(app);
        let found = app.ops().filter(crate::view::Op::is_get).filter_map(|op| {
            let (crossing, reference) = pairs::find(&op, &callers, &references::in_parameters)?;
            Some(pairs::draft(&op, &crossing, &reference))
        });
        found.collect()
    }
}
