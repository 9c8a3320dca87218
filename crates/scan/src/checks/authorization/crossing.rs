//! A crossing: one caller reads what another one owns. Whether it is one is decided by the two answers side by side and by a sign of
//! ownership; the status alone says nothing.
//!
//! What anybody may read, what the reader's own lists name, what names the reader too, and readers whose role sees more are no crossing.

use plimsoll_http::{Exchange, Who};
use plimsoll_model::Confidence;
use serde_json::{Map, Value};

use super::references::{By, Reference};
use crate::callers::{Caller, Callers, is_people};
use crate::fields::{self, Privacy, normal};
use crate::list::List;
use crate::same::{self, Likeness};
use crate::seen::Seen;
use crate::ties::{self, Bond, Tie};
use crate::view::Op;

/// One caller's object, read by another.
#[derive(Debug)]
pub struct Crossing<'a, 'c> {
    /// Whose it is.
    pub owner: &'c Caller<'a>,
    /// Who read it.
    pub reader: &'c Caller<'a>,
    /// What the owner gets.
    pub mine: &'a Exchange,
    /// What the reader gets.
    pub theirs: &'a Exchange,
    /// How sure it is.
    pub confidence: Confidence,
    /// Why it is the owner's, as the end of a sentence.
    pub sign: String,
    /// How many fields (or elements) are equal.
    pub equal: usize,
    /// Whether it crosses from one tenant into another.
    pub across_tenants: bool,
}

/// Judges what `reader` got for this reference of `owner`; none where it is no crossing.
pub fn judge<'a, 'c>(
    op: &Op<'a>,
    callers: &'c Callers<'a>,
    owner: &'c Caller<'a>,
    reader: &'c Caller<'a>,
    reference: &Reference,
) -> Option<Crossing<'a, 'c>> {
    let mine = op.success(&reference.probe(owner.who))?;
    let theirs = op.success(&reference.probe(reader.who))?;
    judge_pair(op, callers, owner, reader, reference, mine, theirs)
}

/// The same for two answers that were asked for in different ways.
pub fn judge_pair<'a, 'c>(
    op: &Op<'a>,
    callers: &'c Callers<'a>,
    owner: &'c Caller<'a>,
    reader: &'c Caller<'a>,
    reference: &Reference,
    mine: &'a Exchange,
    theirs: &'a Exchange,
) -> Option<Crossing<'a, 'c>> {
    let Likeness::Same(equal) = same::compare(mine, theirs) else { return None };
    let across_tenants = owner.is_apart(reader);
    if may_see_more(op.seen, owner, reader) || is_public(op, reference, mine) {
        return None;
    }
    // Where others get less than the owner, somebody has chosen what they get.
    if is_excerpt(mine, theirs) && private_fields(theirs).is_empty() {
        return None;
    }
    let ties = ties_of(theirs);
    if ties.iter().any(|tie| tie.bond != Bond::Tenant && reader.is_named_by(tie)) {
        return None;
    }
    let (confidence, sign) = sign(op, callers, owner, reader, reference, theirs, &ties)?;
    // A role that administers may do so for all tenants: that is for people to say.
    let confidence = if reader.is_privileged() { confidence.min(Confidence::Suspected) } else { confidence };
    Some(Crossing { owner, reader, mine, theirs, confidence, sign, equal, across_tenants })
}

/// Whether the owner's object has fields that the reader's lacks.
fn is_excerpt(mine: &Exchange, theirs: &Exchange) -> bool {
    let (Some(mine), Some(theirs)) = (same::object(mine), same::object(theirs)) else { return false };
    let (mine, theirs) = (same::stable(mine), same::stable(theirs));
    mine.keys().any(|path| !theirs.contains_key(path))
}

/// Whether the reader's role may see other people's objects. Within another tenant it may not.
pub fn may_see_more(seen: &Seen, owner: &Caller<'_>, reader: &Caller<'_>) -> bool {
    let higher = match (seen.rank_of(reader.who), seen.rank_of(owner.who)) {
        (Some(reader), Some(owner)) => reader > owner,
        _ => false,
    };
    (higher || reader.is_privileged()) && (reader.is_supreme() || !owner.is_apart(reader))
}

/// Whether strangers get the same.
pub fn is_public(op: &Op<'_>, reference: &Reference, mine: &Exchange) -> bool {
    let anonymous = op.reply(&reference.probe(Who::Anonymous));
    anonymous.is_some_and(|anonymous| same::compare(mine, anonymous).is_same())
}

/// The sign that what was read is the owner's and not the reader's to read.
fn sign(
    op: &Op<'_>,
    callers: &Callers<'_>,
    owner: &Caller<'_>,
    reader: &Caller<'_>,
    reference: &Reference,
    theirs: &Exchange,
    ties: &[Tie],
) -> Option<(Confidence, String)> {
    let noun = &reference.noun;
    let tied = ties.iter().find(|tie| tie.bond == Bond::Owner && owner.is_named_by(tie));
    let tenant = ties.iter().find(|tie| tie.bond == Bond::Tenant && owner.is_named_by(tie) && !reader.is_named_by(tie));
    let private = private_fields(theirs);
    // What the reader's own list names is not hidden from it; only what the list keeps back may be.
    if let Some(known) = listed_item(callers, reader, noun, &reference.id) {
        let withheld: Vec<&String> = private.iter().filter(|name| !has_field(known, name)).collect();
        return match (tied, withheld.first()) {
            (Some(tie), Some(first)) => {
                Some((Confidence::Proven, format!("`{}` names {}, and `{first}` is in no list", tie.path, owner.name)))
            }
            _ => None,
        };
    }
    if let Some(tie) = tenant.filter(|_| owner.is_apart(reader)) {
        return Some((Confidence::Proven, format!("`{}` names the tenant of {}", tie.path, owner.name)));
    }
    let private_list = callers.lists_of(noun).any(|list| {
        callers.is_private_list(list, owner.who, reader.who)
            && callers.listed(list, owner.who).is_some_and(|listed| listed.ids.contains(&reference.id))
    });
    // Within one tenant, things of the tenant are everybody's, and an own list may be a view of them.
    let common = owner.shares_tenant(reader)
        && ties.iter().any(|tie| tie.bond == Bond::Tenant && owner.is_named_by(tie) && reader.is_named_by(tie));
    if private_list {
        let confidence = if common { Confidence::Suspected } else { Confidence::Proven };
        return Some((
            confidence,
            format!("it is in the own list of {} and not in that of {}", owner.name, reader.name),
        ));
    }
    if common {
        return None;
    }
    let itself = reference.by == By::Itself;
    if itself && is_people(noun) && is_profile(op, &reference.parameter) {
        // Profiles are often for everybody; what identifies or reaches a person is not.
        return private
            .first()
            .map(|field| (Confidence::Proven, format!("it is {} itself, with `{field}`", owner.name)));
    }
    if let Some(tie) = tied {
        return Some((Confidence::Proven, format!("`{}` names {}", tie.path, owner.name)));
    }
    if itself {
        let kept = is_private_noun(&crate::callers::noun(&op.key().path)) || !private.is_empty();
        let confidence = if kept { Confidence::Proven } else { Confidence::Suspected };
        return Some((confidence, format!("`{}` names {}", reference.parameter, owner.name)));
    }
    if reference.by == By::Mentioned {
        let kept = is_private_noun(noun) || !private.is_empty();
        return kept.then(|| (Confidence::Proven, format!("only the answer about {} mentions it", owner.name)));
    }
    foreign(callers, reader, noun, ties)
}

/// An owner who is nobody that the run knows, and not the reader, whose own list does not have it.
fn foreign(callers: &Callers<'_>, reader: &Caller<'_>, noun: &str, ties: &[Tie]) -> Option<(Confidence, String)> {
    let tie =
        ties.iter().find(|tie| tie.bond == Bond::Owner && reader.could_be_named_by(tie) && !reader.is_named_by(tie))?;
    let listed = callers
        .lists_of(noun)
        .filter_map(|list| callers.listed(list, reader.who))
        .find(|listed| listed.plain && !listed.more);
    listed.map(|_| {
        (
            Confidence::Observed,
            format!("`{}` names somebody else than {}, whose own list does not have it", tie.path, reader.name),
        )
    })
}

/// Whether the parameter ends the path: then the answer is the person, and not something that the person has.
fn is_profile(op: &Op<'_>, parameter: &str) -> bool {
    op.key().path.trim_end_matches('/').ends_with(&format!("{{{parameter}}}"))
}

/// The element of a list of this caller that has this id.
fn listed_item<'a>(callers: &Callers<'a>, caller: &Caller<'_>, noun: &str, id: &str) -> Option<&'a Map<String, Value>> {
    let lists = callers.lists_of(noun).filter_map(|list| callers.listed(list, caller.who));
    lists
        .filter(|listed| listed.ids.contains(id))
        .flat_map(|listed| &listed.items)
        .copied()
        .find(|item| crate::callers::ids(item).iter().any(|known| known == id))
}

fn has_field(item: &Map<String, Value>, wanted: &str) -> bool {
    item.iter()
        .any(|(name, value)| normal(name) == wanted || value.as_object().is_some_and(|inner| has_field(inner, wanted)))
}

/// The ties of an answer: of the object, or of every element of a list.
pub fn ties_of(exchange: &Exchange) -> Vec<Tie> {
    if let Some(list) = List::in_answer(exchange) {
        return list.items().iter().take(20).filter_map(Value::as_object).flat_map(ties::ties).collect();
    }
    exchange.json().and_then(Value::as_object).map(ties::ties).unwrap_or_default()
}

/// The names in an answer that tell of a person or keep something private.
pub fn private_fields(exchange: &Exchange) -> Vec<String> {
    fields::names(exchange).into_iter().filter(|name| is_private_field(name)).collect()
}

/// Whether a field of this name (in lower case without separators) is private by nature.
pub fn is_private_field(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "secret",
        "secrets",
        "private",
        "privatenotes",
        "privatenote",
        "medicalnotes",
        "prescription",
        "latitude",
        "longitude",
        "vin",
        "licenseplate",
        "income",
        "creditlimit",
        "last4",
        "cardlast4",
        "pin",
        "otp",
        "balance",
        "medicalrecord",
        "healthdata",
        "fulladdress",
        "homeaddress",
        "shippingaddress",
        "useremail",
        "customeremail",
        "owneremail",
    ];
    plimsoll_spec::roles::people::privacy(name) == Privacy::Personal || WORDS.contains(&name)
}

/// Whether things of this noun are somebody's own by nature.
pub fn is_private_noun(noun: &str) -> bool {
    matches!(
        noun,
        "order"
            | "invoice"
            | "payment"
            | "card"
            | "message"
            | "address"
            | "notification"
            | "transaction"
            | "document"
            | "basket"
            | "cart"
            | "wallet"
            | "account"
            | "vehicle"
            | "prescription"
            | "record"
            | "statement"
            | "subscription"
            | "booking"
            | "reservation"
            | "ticket"
            | "token"
            | "session"
            | "secret"
            | "note"
            | "conversation"
            | "file"
            | "report"
            | "purchase"
            | "transfer"
            | "receipt"
            | "credential"
            | "contract"
            | "claim"
            | "policy"
            | "loan"
            | "appointment"
            | "balance"
            | "setting"
            | "settings"
            | "preference"
            | "device"
            | "location"
            | "inbox"
            | "draft"
            | "job"
            | "apikey"
            | "key"
            | "refund"
            | "quote"
    )
}

/// How a value is shown in a message: an address of a person is not.
pub fn shown(value: &str) -> String {
    if value.contains('@') {
        plimsoll_model::redact::mask(value)
    } else {
        format!("`{}`", plimsoll_model::redact::one_line(value, 60))
    }
}
