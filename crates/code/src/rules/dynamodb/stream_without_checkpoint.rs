//! A stream is read from a fixed place, and the position that was reached is not kept.

use plimsoll_model::Severity;

use crate::program::Role;
use crate::rules::look::{Reach, reach};
use crate::rules::reads::read::option;
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};

rule! {
    /// A stream is read from a fixed place, and the position that was reached is not kept.
    StreamWithoutCheckpoint { id: "stream-without-checkpoint", weakness: MissingCheckpoint, kind: DataLoss, severity: Medium, since: "0.1.0" }
}

impl Rule for StreamWithoutCheckpoint {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let program = cx.program;
        let keeps = ["SequenceNumber", "AFTER_SEQUENCE_NUMBER", "AT_SEQUENCE_NUMBER", "StartingSequenceNumber"]
            .into_iter()
            .any(|name| program.names.find(name).is_some());
        if keeps || program.calls_named("get_records").next().is_none() {
            return;
        }
        for site in program.calls_named("get_shard_iterator") {
            if matches!(program.module(site.at.module).role, Role::Test | Role::Stub | Role::Generated) {
                continue;
            }
            let Some(start) = option(cx, site.at, "ShardIteratorType") else { continue };
            let from_start = cx.values.strings(start).any(|text| text == "TRIM_HORIZON");
            let from_end = cx.values.strings(start).any(|text| text == "LATEST");
            let (message, severity) = match (from_start, from_end) {
                (true, _) => (
                    "each start reads the stream from its oldest record again: the position that was reached is not kept",
                    Severity::Medium,
                ),
                (false, true) => (
                    "what happens while nobody reads is lost: the position that was reached is not kept",
                    Severity::Info,
                ),
                (false, false) => continue,
            };
            let draft = Draft::new(&Self::META, Spot::expr(program, start), site.scope, message).severity(severity);
            out.push(match reach(cx, site.scope) {
                Reach::Unknown => draft.at_most(Severity::Low).suspected(),
                _ => draft,
            });
        }
    }
}
