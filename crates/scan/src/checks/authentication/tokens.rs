//! The tokens of a run: those that were given, and those that answers hand out.

use plimsoll_http::Exchange;

use crate::date::seconds;
use crate::draft::Draft;
use crate::token::{self, TokenFacts};
use crate::view::{App, Op};

/// A token and where it was seen.
pub struct Token<'a> {
    /// What follows from it.
    pub facts: TokenFacts,
    /// Where it was: none for a token that was given.
    pub seen: Option<(Op<'a>, &'a Exchange)>,
}

/// Every token that was given, and one of each kind that an operation hands out.
pub fn all<'a>(app: &App<'a>) -> Vec<Token<'a>> {
    let mut out: Vec<Token<'a>> =
        app.seen.tokens.iter().map(|facts| Token { facts: facts.clone(), seen: None }).collect();
    for (op, exchange) in app.exchanges() {
        let Some(op) = op else { continue };
        for facts in app
            .seen
            .tokens_of(exchange, || {
                let wanted = exchange.is_success() && may_hold(exchange) && !is_document(exchange);
                if wanted { handed_out(&op, exchange) } else { Vec::new() }
            })
            .iter()
        {
            let known = |token: &Token<'_>| {
                token.facts == *facts
                    || token.seen.is_some_and(|(other, _)| other.id == op.id) && alike(&token.facts, facts)
            };
            if !out.iter().any(known) {
                out.push(Token { facts: facts.clone(), seen: Some((op, exchange)) });
            }
        }
    }
    out
}

/// Whether an answer may hold a token at all: every header that begins with `{"` begins so in base64url. Asked first, because it needs no parsing.
fn may_hold(exchange: &Exchange) -> bool {
    let in_cookie = exchange.response().is_some_and(|response| response.header("set-cookie").is_some());
    in_cookie || exchange.text().contains("eyJ")
}

/// Whether two tokens are of one kind: written by the same code.
fn alike(a: &TokenFacts, b: &TokenFacts) -> bool {
    (&a.alg, a.unsigned, &a.weak_secret, &a.claims, a.lifetime)
        == (&b.alg, b.unsigned, &b.weak_secret, &b.claims, b.lifetime)
}

/// What follows from the tokens in the body and in the cookies of an answer.
fn handed_out(op: &Op<'_>, exchange: &Exchange) -> Vec<TokenFacts> {
    let Some(response) = exchange.response() else { return Vec::new() };
    let text = exchange.text();
    let cookies: Vec<&str> = response.header_all("set-cookie").collect();
    let cookies = cookies.join("\n");
    // Judging must not depend on when it is done: the time is the one that the answer gives (RFC 9110 §6.6.1).
    let now = response.header("date").and_then(seconds);
    token::in_text(&text)
        .into_iter()
        .chain(token::in_text(&cookies))
        .filter_map(|raw| {
            let mut facts = token::facts(&op.key().to_string(), raw, now.unwrap_or(0))?;
            if now.is_none() && !facts.has("iat") && !facts.has("nbf") {
                facts.lifetime = facts.lifetime.map(|_| 0);
            }
            Some(facts)
        })
        .collect()
}

/// Documents show tokens as examples.
fn is_document(exchange: &Exchange) -> bool {
    let is_page = exchange.response().is_none_or(|response| response.media_type() == "text/html");
    let keys = exchange.json().and_then(|value| value.as_object());
    is_page || keys.is_some_and(|keys| keys.contains_key("openapi") || keys.contains_key("swagger"))
}

impl<'a> Token<'a> {
    /// Begins a finding about the token, with what may be shown of it. Tokens of one kind share a cause.
    pub fn finding(&self, app: &App<'a>, said: &str) -> Draft {
        let shown = format!("alg {}, claims: {}", self.facts.alg, self.facts.claims.join(", "));
        match self.seen {
            Some((op, exchange)) => op
                .finding(format!("The answer hands out a token {said}."))
                .cause(format!("token {} {}", self.facts.alg, self.facts.claims.join(" ")))
                .exchange_excerpt(exchange, "hands out a token", shown),
            None => app
                .finding(format!("The token given as {} is one {said}.", self.facts.origin))
                .cause(format!("given {}", self.facts.origin))
                .note(format!("Read from the token: {shown}.")),
        }
    }
}
