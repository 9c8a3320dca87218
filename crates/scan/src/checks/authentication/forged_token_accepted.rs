//! `forged-token-accepted`: a token that was tampered with opens what the token opens.

use plimsoll_http::{Exchange, Probe, Who};

use super::access::refuses;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::fields;
use crate::identity::Forged;
use crate::same;
use crate::view::{App, Op};

check! {
    /// A signature that nobody checks.
    pub struct ForgedTokenAccepted {
        id: "forged-token-accepted", weakness: UnverifiedToken, mode: Active, since: "0.2.0",
        page: "http/forged-token-accepted.md",
    }
}

/// At how many operations it is asked whether they need a token, until one does.
const SEARCHED: usize = 8;

impl Check for ForgedTokenAccepted {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        let Some(first) = app.seen.forged.first() else { return Vec::new() };
        match door(app, first.of) {
            Some(op) => forgeries(app).map(|(who, _)| op.probe().who(who)).collect(),
            None => candidates(app, first.of).take(SEARCHED).map(|op| op.probe().who(Who::Anonymous)).collect(),
        }
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let Some(op) = app.seen.forged.first().and_then(|first| door(app, first.of)) else { return Vec::new() };
        let accepted: Vec<(&Forged, &Exchange)> = forgeries(app)
            .filter_map(|(who, forged)| {
                let genuine = op.answer_to(forged.of)?;
                let answer = op.success(&op.probe().who(who))?;
                same::compare(genuine, answer).is_same().then_some((forged, answer))
            })
            .collect();
        let Some((first, _)) = accepted.first() else { return Vec::new() };
        let said: Vec<&str> = accepted.iter().map(|(forged, _)| forged.how.as_str()).collect();
        let owner = app.seen.name_of(first.of);
        let mut draft = op
            .finding(format!(
                "Refused without a token; answered with what {} gets to a token {}.",
                app.seen.called(first.of),
                said.join(", and to one ")
            ))
            .cause("signatures are not checked");
        for (forged, answer) in &accepted {
            draft = draft.outline(answer, format!("with the token {}", forged.how.as_str()));
        }
        if let Some(genuine) = op.answer_to(first.of) {
            draft = draft.outline(genuine, format!("as {owner}, who may"));
        }
        vec![draft.note(
            "The commands read the forged token from the environment: write it there from the one that was given.",
        )]
    }
}

/// The forged tokens as whom they are sent.
fn forgeries<'a>(app: &App<'a>) -> impl Iterator<Item = (Who, &'a Forged)> + use<'a> {
    let first = app.seen.identities.len();
    let forged = app.seen.forged.iter().enumerate();
    forged.filter_map(move |(at, forged)| Some((Who::As(u8::try_from(first + at).ok()?), forged)))
}

/// Operations that give the holder of the genuine token data, those without parameters first.
fn candidates<'a>(app: &App<'a>, of: Who) -> impl Iterator<Item = Op<'a>> {
    let mut ops: Vec<Op<'a>> = app
        .ops()
        .filter(|op| {
            op.is_get() && op.answer_to(of).is_some_and(|answer| answer.is_success() && fields::has_data(answer))
        })
        .collect();
    ops.sort_by_key(|op| (!op.spec.requires_credentials(), op.key().path.contains('{'), op.id));
    ops.into_iter()
}

/// The operation to try it at: one that is closed without a token.
fn door<'a>(app: &App<'a>, of: Who) -> Option<Op<'a>> {
    candidates(app, of)
        .find(|op| refuses(op) && op.answer_to(of).is_some_and(|answer| same::compare(answer, answer).is_same()))
}
