//! Writes a recorded exchange as a curl command that runs as it is printed, in a POSIX shell.
//!
//! Credentials are not in a recording, only their names: `$TOKEN` in a header is left for the shell to fill in from the environment.

use plimsoll_model::Method;
use serde::{Deserialize, Serialize};

use crate::exchange::Exchange;
use crate::request::{Request, query_pair};

/// How the credentials of one identity are shown, and recorded: with `$NAME` for each secret value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Its headers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// Query parameters that it adds to every request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<(String, String)>,
    /// Basic credentials (RFC 7617), as in `$USER:$PASSWORD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basic: Option<String>,
}

impl Shown {
    /// Headers alone.
    pub fn headers(headers: Vec<(String, String)>) -> Self {
        Self { headers, ..Self::default() }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.headers.is_empty() && self.query.is_empty() && self.basic.is_none()
    }

    /// One line for each, as in `authorization: Bearer $TOKEN`.
    pub fn lines(&self) -> Vec<String> {
        let headers = self.headers.iter().map(|(name, shown)| format!("{name}: {shown}"));
        let query = self.query.iter().map(|(name, shown)| format!("?{name}={shown}"));
        headers.chain(query).chain(self.basic.iter().map(|basic| format!("basic {basic}"))).collect()
    }
}

/// The curl command for this exchange; `carried` is what the identity that it was sent as carries.
pub fn command(exchange: &Exchange, carried: &Shown) -> String {
    of_request_as(&exchange.origin, &exchange.request, carried)
}

/// The curl command for a request to this origin, with these headers besides its own.
pub fn of_request(origin: &str, request: &Request, credentials: &[(String, String)]) -> String {
    of_request_as(origin, request, &Shown::headers(credentials.to_vec()))
}

/// The curl command for a request to this origin as an identity. As when it was sent, a header or a query parameter of the request takes the place of a
/// credential of the same name, but for cookies, which come together.
pub fn of_request_as(origin: &str, request: &Request, carried: &Shown) -> String {
    let credentials = carried.headers.as_slice();
    let mut out = String::from("curl -sS --globoff --path-as-is");
    match (request.method, &request.body) {
        (Method::Get, None) => {}
        (Method::Head, None) => out.push_str(" --head"),
        (method, _) => {
            out.push_str(" -X ");
            out.push_str(method.as_str());
        }
    }
    if let Some(basic) =
        carried.basic.as_ref().filter(|_| !request.headers.iter().any(|(name, _)| name == "authorization"))
    {
        out.push_str(" -u ");
        out.push_str(&quote_with_variables(basic));
    }
    let own = |name: &str| request.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
    for (name, shown) in credentials {
        match own(name) {
            // Only what the user wrote may name variables: filled in, any other would hand the reader's environment to the target.
            None => header(&mut out, name, &quote_with_variables(shown)),
            Some((_, cookie)) if name.eq_ignore_ascii_case("cookie") => {
                header(&mut out, name, &format!("{}{}", quote_with_variables(shown), quote(&format!("; {cookie}"))));
            }
            Some(_) => {}
        }
    }
    for (name, value) in &request.headers {
        let merged = name == "cookie" && credentials.iter().any(|(given, _)| given.eq_ignore_ascii_case("cookie"));
        let of_body = name == "content-type" && request.body.is_some();
        if !merged && !of_body {
            header(&mut out, name, &quote(value));
        }
    }
    if let Some(body) = &request.body {
        header(&mut out, "content-type", &quote(&body.media_type));
        // Unlike --data and --data-binary, this one reads no file where the text begins with @.
        out.push_str(" --data-raw ");
        out.push_str(&quote(&body.content));
    }
    out.push(' ');
    let mut url = quote(&format!("{origin}{}", request.target()));
    let mut has_query = !request.query.is_empty();
    for (name, shown) in carried.query.iter().filter(|(name, _)| request.query_value(name).is_none()) {
        let sign = if has_query { '&' } else { '?' };
        has_query = true;
        let pair = query_pair(name, "");
        url.push_str(&quote(&format!("{sign}{pair}")));
        url.push_str(&quote_with_variables(shown));
    }
    out.push_str(&url);
    out
}

/// Writes a header with a value that is already quoted.
fn header(out: &mut String, name: &str, value: &str) {
    out.push_str(" -H ");
    if value.trim_matches(['\'', ' ', '\t']).is_empty() {
        // A header without a value is written with a semicolon (curl manual, --header).
        out.push_str(&quote(&format!("{name};")));
    } else {
        // One pair of quotes around name and value where the value begins with one.
        let start = format!("'{name}: ");
        out.push_str(
            &value.strip_prefix('\'').map_or_else(|| format!("{start}'{value}"), |rest| format!("{start}{rest}")),
        );
    }
}

/// Quotes a word for a POSIX shell (POSIX.1-2017 §2.2.2): everything in single quotes but single quotes themselves.
pub fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Quotes a word, leaving `$NAME` and `${NAME}` to the shell, as they are in the headers that a user gives.
fn quote_with_variables(text: &str) -> String {
    let (mut out, mut plain, mut rest) = (String::new(), String::new(), text);
    while let Some(at) = rest.find('$') {
        let (before, after) = (&rest[..at], &rest[at + 1..]);
        plain.push_str(before);
        if let Some((name, remaining)) = variable(after) {
            if !plain.is_empty() {
                out.push_str(&quote(&plain));
                plain.clear();
            }
            out.push_str(&format!("\"${{{name}}}\""));
            rest = remaining;
        } else {
            plain.push('$');
            rest = after;
        }
    }
    plain.push_str(rest);
    if !plain.is_empty() || out.is_empty() {
        out.push_str(&quote(&plain));
    }
    out
}

/// The name of the variable that begins after a `$`, and what follows it.
fn variable(text: &str) -> Option<(&str, &str)> {
    let body = text.strip_prefix('{').unwrap_or(text);
    let end = body.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(body.len());
    let (name, rest) = body.split_at(end);
    let rest = if body.len() == text.len() { rest } else { rest.strip_prefix('}')? };
    (!name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit())).then_some((name, rest))
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
        assert!(command.contains(r#"-H 'authorization: Bearer '"${TOKEN}""#), "{command}");
    }

    #[test]
    fn other_kinds_of_credentials_come_from_the_environment_too() {
        let shown = Shown {
            query: vec![("api key".to_owned(), "$KEY".to_owned())],
            basic: Some("anna:$PASS".to_owned()),
            ..Shown::default()
        };
        let command = of_request_as("http://a.test", &Request::get_target("/me?a=b"), &shown);
        assert!(command.contains(r#" -u 'anna:'"${PASS}" "#), "{command}");
        assert!(command.ends_with(r#"'http://a.test/me?a=b''&api%20key='"${KEY}""#), "{command}");
        let own = of_request_as("http://a.test", &Request::get_target("/me?api%20key=1"), &shown);
        assert!(!own.contains("KEY"), "{own}");
    }

    #[test]
    fn quotes_survive() {
        assert_eq!(quote("it's"), r"'it'\''s'");
        assert_eq!(quote_with_variables("a $1 $ ${b C"), "'a $1 $ ${b C'");
    }

    #[test]
    fn what_a_target_wrote_names_no_variables() {
        let mut request = Request::get("/");
        request.set_header("x", "$HOME");
        let command = of_request("http://a.test", &request, &[]);
        assert!(command.contains("-H 'x: $HOME'"), "{command}");
    }

    #[test]
    fn a_header_of_the_request_replaces_a_credential() {
        let shown = [("authorization", "Bearer $TOKEN"), ("cookie", "s=$S")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        let mut request = Request::get("/");
        request.set_header("authorization", "none");
        request.set_header("cookie", "a=b");
        let command = of_request("http://a.test", &request, &shown);
        assert!(command.contains(r#" -H 'cookie: s='"${S}"'; a=b' -H 'authorization: none' '"#), "{command}");
        assert!(!command.contains("TOKEN"), "{command}");
    }
}
