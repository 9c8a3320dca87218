//! `redirect-followed`: a request that the service sends goes on to wherever the answer to it says.

use plimsoll_http::{Place, Probe};

use crate::check::{Check, Meta, check};
use crate::checks::forgery::address::{Input, Wants, inputs, writes};
use crate::checks::forgery::ssrf::{Form, called, forms, is_asked};
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// Redirects that are followed blindly.
    pub struct RedirectFollowed {
        id: "redirect-followed", weakness: RedirectFollowed, mode: Active, since: "0.1.0", page: "http/redirect-followed.md",
    }
}

/// The form of the collaborator's address that was called, and the address whose answer is a redirect.
fn chain(op: &Op<'_>, place: &Place, input: &Input) -> Option<(Form, String, String)> {
    let form = forms(op, place, input).into_iter().find(|form| called(op, form).is_some())?;
    let token = place.token(&input.question(op, "redirect"));
    let value = format!("{}{}", form.value.replace(&form.token, &token), Place::REDIRECT);
    Some((form, value, token))
}

fn tried(op: &Op<'_>) -> Vec<Input> {
    if !is_asked(op) || writes(op) {
        return Vec::new();
    }
    inputs(op).into_iter().filter(|input| input.wants == Wants::Url).collect()
}

impl Check for RedirectFollowed {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        let Some(place) = &op.seen.active.collaborator else { return Vec::new() };
        let asked = |input: &Input| input.probe(op, &chain(op, place, input)?.1);
        tried(op).iter().filter_map(asked).collect()
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let Some(place) = &op.seen.active.collaborator else { return Vec::new() };
        let judged = |input: &Input| {
            let (_, value, token) = chain(op, place, input)?;
            let exchange = op.reply(&input.probe(op, &value)?)?;
            let landed = op.seen.active.with_token(&token).find(|call| call.target.ends_with(Place::LANDED))?;
            let draft = op
                .finding(format!(
                    "The request that `{}` makes the service send follows redirects: the address that was given answered with one to another host name, and a {} came in there.",
                    input.name, landed.method,
                ))
                .part(input.part, &input.name)
                .exchange_excerpt(exchange, "gives an address that redirects", "")
                .note("An address that was judged says nothing of the one that its answer leads to.");
            Some(draft)
        };
        tried(op).iter().filter_map(judged).collect()
    }
}
