//! `expired-token-accepted`: the token that was given has ended, and still opens.

use plimsoll_http::{Exchange, Probe, Who};

use super::access::{anonymous_probe, refuses};
use crate::check::{Check, Meta, check};
use crate::date::seconds;
use crate::draft::Draft;
use crate::fields;
use crate::token::TokenFacts;
use crate::view::{App, Op};

check! {
    /// An end of a token that nobody compares with the clock.
    pub struct ExpiredTokenAccepted {
        id: "expired-token-accepted", weakness: ExpiredToken, mode: Active, since: "0.2.0",
        page: "http/expired-token-accepted.md",
    }
}

/// Clocks differ, and verifiers allow for it: seconds.
const LEEWAY: i64 = 300;
/// At how many operations it is asked whether they need a token.
const SEARCHED: usize = 4;

impl Check for ExpiredTokenAccepted {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        let callers = app.seen.callers().into_iter();
        callers
            .flat_map(|who| ended(app, who).into_iter().take(SEARCHED))
            .map(|(op, ..)| anonymous_probe(&op))
            .collect()
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        app.seen.callers().into_iter().filter_map(|who| judge(app, who)).collect()
    }
}

/// The answers with data to the token of a caller, each with the seconds for which it had ended by the service's own clock (RFC 9110 §6.6.1).
fn ended<'a>(app: &App<'a>, who: Who) -> Vec<(Op<'a>, &'a Exchange, i64)> {
    let Some(end) = token(app, who).and_then(|token| token.expires) else { return Vec::new() };
    let answers = app.ops().filter(Op::is_get).filter_map(|op| {
        let answer = op.answer_to(who).filter(|answer| answer.is_success() && fields::has_data(answer))?;
        let past = seconds(answer.response()?.header("date")?)? - end;
        (past > LEEWAY).then_some((op, answer, past))
    });
    answers.collect()
}

fn token<'a>(app: &App<'a>, who: Who) -> Option<&'a TokenFacts> {
    let shown = app.seen.shown(who).lines();
    app.seen.tokens.iter().find(|token| shown.iter().any(|line| line.contains(&token.origin)))
}

fn judge(app: &App<'_>, who: Who) -> Option<Draft> {
    let origin = &token(app, who)?.origin;
    let (op, answer, past) = ended(app, who).into_iter().find(|(op, ..)| refuses(op))?;
    let ago = if past >= 172_800 { format!("{} days", past / 86_400) } else { format!("{} minutes", past / 60) };
    let draft = op
        .finding(format!("The token given as {origin} ended {ago} before this answer to it."))
        .cause(format!("ended {origin}"))
        .outline(answer, format!("as {}", app.seen.name_of(who)))
        .headers(answer, &["date"]);
    Some(draft)
}
