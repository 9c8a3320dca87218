//! Writes a recorded exchange as a curl command that runs as it is printed, in a POSIX shell.
//!
//! Credentials are not in a recording, only their names: `$TOKEN` in a header is left for the shell to fill in from the environment.

use plimsoll_model::Method;

use crate::exchange::Exchange;
use crate::probe::Who;
use crate::request::Request;

/// The curl command for this exchange. `credentials` are the headers that prove who the caller is, as they are shown: with `$NAME` for each value;
/// they are written only where the request was sent with them.
pub fn command(exchange: &Exchange, credentials: &[(String, String)]) -> String {
    let carried = if exchange.probe.who == Who::Given { credentials } else { &[] };
    of_request(&exchange.origin, &exchange.request, carried)
}

/// The curl command for a request to this origin, with these headers besides its own.
pub fn of_request(origin: &str, request: &Request, credentials: &[(String, String)]) -> String {
    let mut out = String::from("curl -sS --globoff --path-as-is");
    match request.method {
        Method::Get => {}
        Method::Head => out.push_str(" --head"),
        method => {
            out.push_str(" -X ");
            out.push_str(method.as_str());
        }
    }
    for (name, value) in credentials.iter().chain(&request.headers) {
        out.push_str(" -H ");
        if value.is_empty() {
            // A header without a value is written with a semicolon (curl manual, --header).
            out.push_str(&quote(&format!("{name};")));
        } else {
            out.push_str(&quote_with_variables(&format!("{name}: {value}")));
        }
    }
    if let Some(body) = &request.body {
        out.push_str(" -H ");
        out.push_str(&quote(&format!("content-type: {}", body.media_type)));
        out.push_str(" --data-binary ");
        out.push_str(&quote(&body.content));
    }
    out.push(' ');
    out.push_str(&quote(&format!("{origin}{}", request.target())));
    out
}

/// Quotes a word for a POSIX shell (POSIX.1-2017 §2.2.2): everything in single quotes but single quotes themselves.
pub fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Quotes a word, leaving `$NAME` to the shell: NAME is an upper-case identifier.
fn quote_with_variables(text: &str) -> String {
    let mut out = String::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let name: String =
            rest[at + 1..].chars().take_while(|c| c.is_ascii_uppercase() || *c == '_' || c.is_ascii_digit()).collect();
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            plain.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
            continue;
        }
        plain.push_str(&rest[..at]);
        if !plain.is_empty() {
            out.push_str(&quote(&plain));
            plain.clear();
        }
        out.push_str("\"$");
        out.push_str(&name);
        out.push('"');
        rest = &rest[at + 1 + name.len()..];
    }
    plain.push_str(rest);
    if !plain.is_empty() || out.is_empty() {
        out.push_str(&quote(&plain));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_get() {
        let request = Request::get_target("/orders?limit=5");
        assert_eq!(
            of_request("http://a.test", &request, &[]),
            "curl -sS --globoff --path-as-is 'http://a.test/orders?limit=5'"
        );
    }

    #[test]
    fn credentials_come_from_the_environment() {
        let shown = [("authorization".to_owned(), "Bearer $TOKEN".to_owned())];
        let command = of_request("http://a.test", &Request::get("/me"), &shown);
        assert!(command.contains(r#"-H 'authorization: Bearer '"$TOKEN""#), "{command}");
    }

    #[test]
    fn quotes_survive() {
        assert_eq!(quote("it's"), r"'it'\''s'");
        assert_eq!(quote_with_variables("a $b $ C"), "'a $b $ C'");
    }
}
