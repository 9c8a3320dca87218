//! `admin-function-reached`: an operation that is for administrators answers somebody who is none.

use std::collections::BTreeSet;

use plimsoll_http::{Exchange, Probe, Who};
use plimsoll_model::{Confidence, OperationKey, Severity};

use super::administrative::{Sign, sign};
use crate::callers::{is_people, noun};
use crate::check::{Check, Meta, check};
use crate::checks::authentication::auth_not_enforced::AuthNotEnforced;
use crate::checks::authentication::missing_authentication::MissingAuthentication;
use crate::draft::Draft;
use crate::fields::{self, Privacy};
use crate::identity::ORDINARY;
use crate::list::List;
use crate::view::{App, Op};
use crate::{same, standing};

check! {
    /// A function for some roles that answers others.
    pub struct AdminFunctionReached {
        id: "admin-function-reached", weakness: BrokenFunctionAuthorization, mode: Active, since: "0.2.0",
        page: "http/admin-function-reached.md",
    }
}

/// As how many callers every operation is asked for.
pub const CALLERS: usize = 4;
/// How many people a list names at least, so that it is a directory and not somebody's family.
const PEOPLE: u64 = 3;

impl Check for AdminFunctionReached {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        let named = !app.seen.identities.is_empty();
        let ops = app.ops().filter(|op| op.is_get() && op.base().is_some() && (named || sign(op).is_some()));
        ops.flat_map(|op| everybody(app).into_iter().map(move |who| op.probe().who(who))).collect()
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let told = told_elsewhere(app);
        let reached = app.ops().filter_map(|op| Some((op, reached(&op, &told)?)));
        reached.map(|(op, reached)| draft(&op, &reached)).collect()
    }
}

/// Nobody, then the callers.
pub fn everybody(app: &App<'_>) -> Vec<Who> {
    let nobody = if app.seen.has_credentials { Who::Anonymous } else { Who::Given };
    std::iter::once(nobody).chain(app.seen.callers().into_iter().take(CALLERS)).collect()
}

/// Whom an operation answers although it should not.
pub struct Reached<'a> {
    /// Why it should not.
    pub sign: Sign,
    /// Who, the least first, with the answer.
    pub by: Vec<(Who, &'a Exchange)>,
    /// Who may, and the answer, where that is known.
    pub owner: Option<(Who, &'a Exchange)>,
    /// How sure it is.
    pub confidence: Confidence,
}

/// The operations at which other checks already say that anybody gets in.
pub fn told_elsewhere(app: &App<'_>) -> BTreeSet<OperationKey> {
    let drafts = AuthNotEnforced.judge_app(app).into_iter().chain(MissingAuthentication.judge_app(app));
    drafts.flat_map(|draft| draft.operation.into_iter().chain(draft.also)).collect()
}

/// Whom this operation answers although it should not.
pub fn reached<'a>(op: &Op<'a>, told: &BTreeSet<OperationKey>) -> Option<Reached<'a>> {
    if !op.is_get() {
        return None;
    }
    let sign = sign(op)?;
    let app = op.app();
    let mut out = Reached { sign, by: Vec::new(), owner: None, confidence: Confidence::Suspected };
    for who in everybody(&app) {
        let nobody = who == Who::Anonymous || !app.seen.has_credentials;
        let Some(answer) = content(op, who).filter(|_| !(nobody && told.contains(op.key()))) else { continue };
        let above = above(op, who).into_iter().find(|(_, theirs)| same::compare(theirs, answer).is_same());
        let confidence = match above {
            Some((owner, _)) if out.sign.strong || closed_beside(op, who, owner) => {
                // Between ordinary users and administrators there are roles of which only the service knows what they may.
                let between = standing::rank(&app, who).is_some_and(|rank| rank > ORDINARY);
                if out.sign.strong && !between { Confidence::Observed } else { Confidence::Suspected }
            }
            Some(_) if is_directory(op, answer) && !is_open(op) => Confidence::Suspected,
            // Nobody is known who may: then only a plain word counts, and not what is somebody's own.
            None if out.sign.strong && nobody => {
                if is_enforced_elsewhere(&app) {
                    Confidence::Observed
                } else {
                    Confidence::Suspected
                }
            }
            None if standing::is_ordinary(&app, who) && above_exists(op, who).is_none() => {
                let telling = out.sign.strong && fields::privacy(answer) > Privacy::None
                    || is_directory(op, answer) && !is_open(op);
                if !telling {
                    continue;
                }
                Confidence::Suspected
            }
            _ => continue,
        };
        out.confidence = out.confidence.max(confidence);
        out.owner = out.owner.or(above);
        out.by.push((who, answer));
    }
    (!out.by.is_empty()).then_some(out)
}

/// The answer to the base request as this caller, if it is data: no error that says 200, no page, no empty list, no word of state.
fn content<'a>(op: &Op<'a>, who: Who) -> Option<&'a Exchange> {
    let exchange = op.answer_to(who).filter(|exchange| exchange.is_success() && fields::has_data(exchange))?;
    if List::in_answer(exchange).is_some() || exchange.json().is_none() {
        return Some(exchange);
    }
    let object = same::object(exchange)?;
    (object.len() >= 2).then_some(exchange)
}

/// The callers that may more than this one and get data here, whoever may most first.
fn above<'a>(op: &Op<'a>, who: Who) -> Vec<(Who, &'a Exchange)> {
    let app = op.app();
    let mut out: Vec<(Who, &'a Exchange)> = app
        .seen
        .callers()
        .into_iter()
        .filter(|other| *other != who && is_above(op, *other, who))
        .filter_map(|other| Some((other, content(op, other)?)))
        .collect();
    out.sort_by_key(|(other, _)| std::cmp::Reverse(standing::rank(&app, *other)));
    out
}

/// Whoever may more than this caller and gets data here, whatever data it is.
fn above_exists(op: &Op<'_>, who: Who) -> Option<Who> {
    above(op, who).first().map(|(other, _)| *other)
}

/// Whether one caller may more than another: by its standing, or, where that is not known, because it is let in elsewhere where the other is not, who
/// has no such doors of its own.
fn is_above(op: &Op<'_>, other: Who, who: Who) -> bool {
    let app = op.app();
    if who == Who::Anonymous {
        return true;
    }
    if let (Some(other), Some(who)) = (standing::rank(&app, other), standing::rank(&app, who)) {
        return other > who;
    }
    let doors = || {
        let others = app.ops().filter(|door| door.id != op.id && door.is_get());
        others.filter(|door| sign(door).is_some_and(|sign| sign.strong))
    };
    let only_other = doors().any(|door| refuses(&door, who) && content(&door, other).is_some());
    let callers = app.seen.callers();
    let privileged = |door: Op<'_>| content(&door, who).is_some() && callers.iter().any(|less| refuses(&door, *less));
    only_other && !doors().any(privileged)
}

fn refuses(op: &Op<'_>, who: Who) -> bool {
    op.answer_to(who).is_some_and(|exchange| matches!(exchange.status(), Some(401 | 403)))
}

/// Whether an operation beside this one, below the same first word, is closed to the one and open to the other.
fn closed_beside(op: &Op<'_>, who: Who, owner: Who) -> bool {
    let first = |op: &Op<'_>| -> Option<String> {
        let mut words =
            op.key().path.split('/').filter(|word| !word.is_empty() && *word != "api" && !word.contains('{'));
        words.find(|word| !(word.len() < 4 && word.starts_with('v'))).map(str::to_owned)
    };
    let mine = first(op);
    let mut beside = op.app().ops().filter(|other| other.is_get() && other.id != op.id && first(other) == mine);
    !is_open(op) && mine.is_some() && beside.any(|other| refuses(&other, who) && content(&other, owner).is_some())
}

/// Whether strangers are answered with data.
fn is_open(op: &Op<'_>) -> bool {
    content(op, Who::Anonymous).is_some()
}

/// Whether an answer lists people in a way in which one can reach them.
fn is_directory(op: &Op<'_>, answer: &Exchange) -> bool {
    let list = List::in_answer(answer);
    is_people(&noun(&op.key().path))
        && list.is_some_and(|list| list.len() >= PEOPLE)
        && fields::privacy(answer) == Privacy::Personal
}

/// Whether the service turns callers without credentials away anywhere.
fn is_enforced_elsewhere(app: &App<'_>) -> bool {
    app.exchanges().any(|(op, exchange)| {
        let nobody = exchange.probe.who == Who::Anonymous || !app.seen.has_credentials;
        op.is_some() && nobody && matches!(exchange.status(), Some(401 | 403))
    })
}

fn draft(op: &Op<'_>, reached: &Reached<'_>) -> Draft {
    let nobody = |who: Who| who == Who::Anonymous || !op.seen.has_credentials;
    let names: Vec<String> = reached
        .by
        .iter()
        .map(|(who, _)| if nobody(*who) { "anybody".to_owned() } else { op.seen.called(*who) })
        .collect();
    let names = names.join(", ");
    let said = &reached.sign.said;
    let message = match reached.owner {
        Some((owner, _)) => format!("Answers {names} with what {} gets, although {said}.", op.seen.called(owner)),
        None => format!("Answers {names} with data, although {said}."),
    };
    let personal = reached.by.iter().any(|(who, answer)| nobody(*who) && fields::privacy(answer) == Privacy::Personal);
    let severity = match reached.confidence {
        Confidence::Suspected => Severity::Medium,
        _ if personal => Severity::Critical,
        _ => Severity::High,
    };
    let mut draft = op.finding(message).severity(severity).confidence(reached.confidence);
    for (who, answer) in reached.by.iter().take(2) {
        draft = draft.outline(answer, format!("as {}", op.seen.name_of(*who)));
    }
    match reached.owner {
        Some((owner, answer)) => draft.outline(answer, format!("as {}, who may", op.seen.name_of(owner))),
        None => draft,
    }
}
