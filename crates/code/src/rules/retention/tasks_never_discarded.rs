//! Tasks are kept after they are done.

use super::{Class, each, lives, speak};
use crate::rules::{Cx, Drafts, Meta, Rule, rule};

rule! {
    /// Tasks are kept after they are done.
    TasksNeverDiscarded { id: "tasks-never-discarded", weakness: RetainedTask, kind: Leak, severity: High, since: "0.2.0" }
}

impl Rule for TasksNeverDiscarded {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        speak(cx, out, &Self::META, Class::Tasks, |growth| {
            format!(
                "`{}` {} and keeps the task of every {} when it is done, with its result; nothing takes finished ones out.",
                growth.holder.name,
                lives(growth),
                each(cx, growth)
            )
        });
    }
}
