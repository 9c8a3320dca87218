//! The tokens of a run: those that were given, and those that answers hand out.

use plimsoll_http::Exchange;

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
        let Some(op) = op.filter(|_| exchange.is_success() && !is_document(exchange)) else { continue };
        for facts in handed_out(&op, exchange) {
            let known = |token: &Token<'_>| {
                token.facts == facts
                    || token.seen.is_some_and(|(other, _)| other.id == op.id) && alike(&token.facts, &facts)
            };
            if !out.iter().any(known) {
                out.push(Token { facts, seen: Some((op, exchange)) });
            }
        }
    }
    out
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

/// Seconds since 1970 of a date in the format that RFC 9110 §5.6.7 prefers: `Sun, 06 Nov 1994 08:49:37 GMT`.
fn seconds(date: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = date.split_once(", ")?.1.split(' ');
    let day: i64 = words.next()?.parse().ok()?;
    let month = words.next()?;
    let month = i64::try_from(MONTHS.iter().position(|name| *name == month)?).ok()? + 1;
    let year: i64 = words.next()?.parse().ok()?;
    let mut time = words.next()?.split(':').map(str::parse::<i64>);
    let (hour, minute, second) = (time.next()?.ok()?, time.next()?.ok()?, time.next()?.ok()?);
    // Days from civil, with years that begin in March.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days =
        365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (153 * m + 2) / 5 + day - 1 - 719_468;
    Some(days * 86_400 + hour * 3_600 + minute * 60 + second)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(seconds("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(seconds("Tue, 29 Feb 2028 12:00:00 GMT"), Some(1_835_438_400));
        assert_eq!(seconds("yesterday"), None);
    }
}
