//! `object-open-to-anyone`: objects of people, one id after the other, without credentials.

use plimsoll_http::{Exchange, Probe, Who};
use plimsoll_model::{Confidence, PartKind, Severity};

use super::{crossing, neighbours, pairs, people, references};
use crate::callers::{Caller, Callers, Form, base_value};
use crate::check::{Check, Meta, check};
use crate::checks::authentication::access::{anonymous_probe, is_for_everybody};
use crate::draft::Draft;
use crate::harvest::parameters;
use crate::same;
use crate::view::{App, Op};

check! {
    /// Whoever knows or guesses an id gets what belongs to a person.
    pub struct ObjectOpenToAnyone {
        id: "object-open-to-anyone", weakness: BrokenObjectAuthorization, mode: Active, since: "0.2.0",
        page: "http/object-open-to-anyone.md",
    }
}

impl Check for ObjectOpenToAnyone {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        let told = app.ops().filter(|op| tells(op).is_some());
        told.flat_map(|op| {
            let first = anonymous_probe(&op);
            if op.success(&first).is_none() {
                return vec![first];
            }
            neighbours::probes(&op, stranger(&op)).into_iter().map(|(_, probe)| probe).collect()
        })
        .collect()
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let callers = Callers::of(app);
        app.ops().filter_map(|op| judge(&op, &callers)).collect()
    }
}

/// As whom a stranger asks: where nobody has credentials, everybody is one.
fn stranger(op: &Op<'_>) -> Who {
    if op.seen.has_credentials { Who::Anonymous } else { Who::Given }
}

fn tells(op: &Op<'_>) -> Option<Vec<String>> {
    if !op.is_get() || !op.key().path.contains('{') || is_for_everybody(&op.key().path) {
        return None;
    }
    let fields = people::telling(&op.key().path, same::object(op.baseline()?)?);
    (!fields.is_empty()).then_some(fields)
}

fn judge(op: &Op<'_>, callers: &Callers<'_>) -> Option<Draft> {
    let fields = tells(op)?;
    let who = stranger(op);
    let exchange = op.success(&anonymous_probe(op))?;
    let object = same::object(exchange)?;
    // Strangers may get less than those who are signed in: only what they get counts.
    let got: Vec<&String> =
        fields.iter().filter(|field| people::telling(&op.key().path, object).contains(field)).collect();
    let first = *got.first()?;
    let parameter = parameters(&op.key().path).pop()?;
    let counted = base_value(op, &parameter).is_some_and(|value| Form::of(&value) == Form::Number);
    let others = neighbours::objects(op, who);
    let owned = owned(op, callers);
    let (confidence, how) = match (&owned, others.len()) {
        (Some((owner, _)), _) => (Confidence::Proven, format!("it is in the own list of {}", owner.name)),
        (None, 0) if counted => return None,
        (None, 0) => (Confidence::Observed, format!("whoever has the id gets `{first}`")),
        (None, n) => {
            (Confidence::Observed, format!("the next {n} ids were answered as well, each with another `{first}`"))
        }
    };
    let list: Vec<String> = got.iter().take(5).map(|field| format!("`{field}`")).collect();
    let mut draft = op
        .finding(format!("Strangers get {} by id: {how}.", list.join(", ")))
        .severity(Severity::High)
        .confidence(confidence)
        .part(PartKind::Path, parameter)
        .outline(exchange, "without credentials");
    if let Some((owner, mine)) = owned {
        draft = draft.outline(mine, format!("as {}, whose it is", owner.name));
    }
    Some(
        others
            .into_iter()
            .take(1)
            .fold(draft, |draft, (_, other)| draft.outline(other, "the next id, without credentials")),
    )
}

/// The caller whose own list has the object, where the list is closed to strangers.
fn owned<'a, 'c>(op: &Op<'a>, callers: &'c Callers<'a>) -> Option<(&'c Caller<'a>, &'a Exchange)> {
    pairs::pairs(op, callers).into_iter().find_map(|(owner, reader)| {
        references::in_path(op, callers, owner).into_iter().find_map(|reference| {
            let mine = op.success(&reference.probe(owner.who))?;
            let private = callers.lists_of(&reference.noun).any(|list| {
                callers.is_private_list(list, owner.who, reader.who)
                    && callers.listed(list, owner.who).is_some_and(|listed| listed.ids.contains(&reference.id))
            });
            (private && crossing::is_public(op, &reference, mine)).then_some((owner, mine))
        })
    })
}
