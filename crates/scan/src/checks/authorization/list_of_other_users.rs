//! `list-of-other-users`: a list that holds other people's objects beside the caller's own, or those of another tenant.

use plimsoll_http::{Probe, Who};
use plimsoll_model::{Confidence, PartKind, Severity};

use super::{crossing, pairs, references};
use crate::callers::{Caller, Callers, Listed, is_plain, noun};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::fields::normal;
use crate::ties::{self, Bond, Tie};
use crate::view::{App, Op};

check! {
    /// A list without the condition whose objects it is about.
    pub struct ListOfOtherUsers {
        id: "list-of-other-users", weakness: BrokenObjectAuthorization, mode: Active, since: "0.2.0", page: "http/list-of-other-users.md",
    }
}

impl Check for ListOfOtherUsers {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        // What tells the callers apart is all that it takes.
        pairs::probes(app, &|_, _, _| Vec::<references::Reference>::new())
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        if app.seen.callers().len() < 2 {
            return Vec::new();
        }
        let callers = Callers::of(app);
        app.ops().filter(is_plain).filter_map(|op| judge(&op, &callers)).collect()
    }
}

fn judge(op: &Op<'_>, callers: &Callers<'_>) -> Option<Draft> {
    // Public lists are no secret of anybody, and what was shared was shared with somebody.
    let shared = op.key().path.split('/').any(|segment| {
        matches!(
            normal(segment).as_str(),
            "shared"
                | "sharedwithme"
                | "public"
                | "community"
                | "invited"
                | "feed"
                | "explore"
                | "directory"
                | "marketplace"
                | "published"
        )
    });
    if shared || callers.listed(op.id, Who::Anonymous).is_some_and(|open| !open.items.is_empty()) {
        return None;
    }
    let mut best: Option<Draft> = None;
    for (owner, reader) in pairs::pairs(op, callers) {
        let Some(listed) = callers.listed(op.id, reader.who) else { continue };
        let (Some((tie, count)), across) = (foreign(listed, owner, reader), owner.is_apart(reader)) else { continue };
        // Colleagues share what belongs to their tenant, and where no tenants are known nobody can say.
        if !across && (owner.shares_tenant(reader) || !is_kept(op, listed)) {
            continue;
        }
        let (confidence, severity) = if across && !reader.is_privileged() {
            (Confidence::Proven, Severity::High)
        } else {
            (Confidence::Suspected, Severity::Medium)
        };
        let whose = if across { format!("of the tenant of {}", owner.name) } else { format!("of {}", owner.name) };
        let draft = op
            .finding(format!(
                "The list that {} gets has {count} of {} elements {whose}: `{}` says so.",
                reader.name,
                listed.items.len(),
                tie.path
            ))
            .severity(severity)
            .confidence(confidence)
            .part(PartKind::ResponseBody, tie.path.clone())
            .outline(listed.exchange, format!("as {}", reader.name));
        let mine = callers.listed(op.id, owner.who);
        let draft = mine
            .into_iter()
            .fold(draft, |draft, mine| draft.outline(mine.exchange, format!("as {}, whose it is", owner.name)));
        if confidence == Confidence::Proven {
            return Some(draft);
        }
        best = best.or(Some(draft));
    }
    best
}

/// The tie by which elements of the reader's list belong to the owner, and how many do.
fn foreign(listed: &Listed<'_>, owner: &Caller<'_>, reader: &Caller<'_>) -> Option<(Tie, usize)> {
    let across = owner.is_apart(reader);
    let tie_of = |item: &serde_json::Map<String, serde_json::Value>| {
        let ties = ties::ties(item);
        let reads = |tie: &Tie| tie.bond != Bond::Author && reader.is_named_by(tie);
        if ties.iter().any(|tie| tie.bond == Bond::Owner && reads(tie)) {
            return None;
        }
        ties.into_iter().find(|tie| match tie.bond {
            Bond::Tenant => across && owner.is_named_by(tie) && !reader.is_named_by(tie),
            Bond::Owner => owner.is_named_by(tie),
            Bond::Author => false,
        })
    };
    let ties: Vec<Tie> = listed.items.iter().filter_map(|item| tie_of(item)).collect();
    Some((ties.first()?.clone(), ties.len()))
}

/// Whether things like these are somebody's own by nature: by their noun, or because they have fields that are.
fn is_kept(op: &Op<'_>, listed: &Listed<'_>) -> bool {
    crossing::is_private_noun(&noun(&op.key().path))
        || listed.items.iter().take(5).any(|item| item.keys().any(|name| crossing::is_private_field(&normal(name))))
}
