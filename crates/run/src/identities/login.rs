//! Logins of the configuration: what is sent, what is taken out of the answer, and how it is shown.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plimsoll_http::login::{Login, Yields};
use plimsoll_http::request::Body;
use plimsoll_model::Method;
use serde_json::Value;
use url::form_urlencoded;

use super::IdentityError;
use crate::config::identities::{IdentityConfig, LoginConfig, OauthConfig};
use crate::credentials::{Credentials, HeaderError, filled, variable_name};

type Environment<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Fields of a login that are no secret: they stand in every answer about their owner.
const OPEN: &[&str] = &[
    "username",
    "user",
    "login",
    "email",
    "mail",
    "name",
    "id",
    "userid",
    "identifier",
    "account",
    "tenant",
    "organization",
    "org",
    "granttype",
    "scope",
    "clientid",
    "audience",
    "realm",
    "type",
    "provider",
    "remember",
    "rememberme",
    "device",
];

/// The login of an identity, if it has one. What it sends and must be hidden goes to `credentials`.
pub(super) fn read(
    name: &str,
    config: &IdentityConfig,
    credentials: &mut Credentials,
    environment: &Environment<'_>,
) -> Result<Option<Login>, IdentityError> {
    let reader = Reader { name, environment };
    match (&config.login, &config.oauth) {
        (None, None) => Ok(None),
        (Some(login), None) => reader.login(login, credentials).map(Some),
        (None, Some(oauth)) => reader.oauth(oauth, credentials).map(Some),
        (Some(_), Some(_)) => Err(reader.wrong("it has a login and oauth; one of them is enough")),
    }
}

/// How what a login yields is shown.
pub(super) fn shown(login: &Login) -> (String, String) {
    let secret = format!("${}", login.secret);
    match &login.yields {
        Yields::Token { header, template, .. } => (header.to_ascii_lowercase(), template.replace("{token}", &secret)),
        Yields::Cookie(name) => ("cookie".to_owned(), format!("{name}={secret}")),
    }
}

struct Reader<'a> {
    name: &'a str,
    environment: &'a Environment<'a>,
}

impl Reader<'_> {
    fn wrong(&self, why: impl Into<String>) -> IdentityError {
        IdentityError::Other { name: self.name.to_owned(), why: why.into() }
    }

    fn login(&self, config: &LoginConfig, credentials: &mut Credentials) -> Result<Login, IdentityError> {
        let (method, url) = config.request.trim().split_once(' ').unwrap_or(("POST", config.request.trim()));
        let method: Method =
            method.parse().map_err(|_| self.wrong("login.request is written as \"POST /auth/token\""))?;
        let url = url.trim();
        if !matches!(method, Method::Post | Method::Get | Method::Put) || url.is_empty() {
            return Err(self.wrong("login.request is written as \"POST /auth/token\"; GET and PUT are possible too"));
        }
        let body = match (&config.json, &config.form) {
            (Some(_), Some(_)) => return Err(self.wrong("login has json and form; a request has one body")),
            (Some(json), None) => {
                let json = self.json("", json, credentials)?;
                Some(Body { media_type: "application/json".to_owned(), content: json.to_string() })
            }
            (None, Some(form)) => {
                let mut content = form_urlencoded::Serializer::new(String::new());
                for (field, template) in form {
                    content.append_pair(field, &self.text(field, template, credentials)?);
                }
                Some(Body { media_type: "application/x-www-form-urlencoded".to_owned(), content: content.finish() })
            }
            (None, None) => None,
        };
        let yields = match (&config.token, &config.cookie) {
            (Some(pointer), None) => {
                let header = config.header.as_deref().unwrap_or("Authorization: Bearer {token}");
                let (header, template) = header.split_once(':').unwrap_or(("", ""));
                if header.trim().is_empty() || !template.contains("{token}") {
                    return Err(self.wrong("login.header is written as \"Authorization: Bearer {token}\""));
                }
                Yields::Token { pointer: self.pointer("token", pointer)?, header: header.trim().to_owned(), template: template.trim().to_owned() }
            }
            (None, Some(cookie)) if config.header.is_none() => Yields::Cookie(cookie.clone()),
            (None, Some(_)) => return Err(self.wrong("login.header belongs to login.token; a cookie is sent as a cookie")),
            _ => return Err(self.wrong("login says either where the token is (token = \"/access_token\") or which cookie it is (cookie = \"session\")")),
        };
        let expires = config.expires.as_deref().map(|pointer| self.pointer("expires", pointer)).transpose()?;
        let secret = variable_name(&format!("{}_token", self.name));
        Ok(Login {
            method,
            url: url.to_owned(),
            origin: config.origin.clone(),
            headers: Vec::new(),
            body,
            yields,
            expires,
            secret,
        })
    }

    fn oauth(&self, config: &OauthConfig, credentials: &mut Credentials) -> Result<Login, IdentityError> {
        if config.token_url.is_empty() || config.client_id.is_empty() || config.client_secret.is_empty() {
            return Err(self.wrong("oauth needs token_url, client_id and client_secret"));
        }
        let id = self.text("clientid", &config.client_id, credentials)?;
        let secret = self.text("client_secret", &config.client_secret, credentials)?;
        // RFC 6749 §2.3.1: both are form-encoded before they become Basic credentials.
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let basic = STANDARD.encode(format!("{}:{}", encoded(&id), encoded(&secret)));
        credentials.secrets.add(&variable_name(&format!("{}_client", self.name)), &basic);
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if let Some(scope) = &config.scope {
            form.append_pair("scope", scope);
        }
        Ok(Login {
            method: Method::Post,
            url: config.token_url.clone(),
            origin: config.origin.clone(),
            headers: vec![("authorization".to_owned(), format!("Basic {basic}"))],
            body: Some(Body { media_type: "application/x-www-form-urlencoded".to_owned(), content: form.finish() }),
            yields: Yields::Token {
                pointer: "/access_token".to_owned(),
                header: "Authorization".to_owned(),
                template: "Bearer {token}".to_owned(),
            },
            expires: Some("/expires_in".to_owned()),
            secret: variable_name(&format!("{}_token", self.name)),
        })
    }

    /// A JSON pointer (RFC 6901).
    fn pointer(&self, key: &str, pointer: &str) -> Result<String, IdentityError> {
        let escaped = pointer.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        if !pointer.starts_with('/') || pointer.len() < 2 || !escaped {
            return Err(
                self.wrong(format!("login.{key} is no JSON pointer; write it as \"/access_token\" or \"/data/token\""))
            );
        }
        Ok(pointer.to_owned())
    }

    fn json(&self, field: &str, value: &toml::Value, credentials: &mut Credentials) -> Result<Value, IdentityError> {
        Ok(match value {
            toml::Value::String(template) => Value::from(self.text(field, template, credentials)?),
            toml::Value::Integer(number) => Value::from(*number),
            toml::Value::Float(number) => Value::from(*number),
            toml::Value::Boolean(truth) => Value::from(*truth),
            toml::Value::Datetime(time) => Value::from(time.to_string()),
            toml::Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.json(field, item, credentials)).collect::<Result<_, _>>()?)
            }
            toml::Value::Table(table) => {
                let fields = table.iter().map(|(name, value)| Ok((name.clone(), self.json(name, value, credentials)?)));
                Value::Object(fields.collect::<Result<_, IdentityError>>()?)
            }
        })
    }

    /// A text of the request. What stands in a field that names its owner is filled in and not hidden.
    fn text(&self, field: &str, template: &str, credentials: &mut Credentials) -> Result<String, IdentityError> {
        let name: String = field.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        let wrong = |source: HeaderError| IdentityError::Credential { name: self.name.to_owned(), source };
        let place = format!("login field {field}");
        if OPEN.contains(&name.as_str()) || !template.contains('$') && name.is_empty() {
            return Ok(filled(&place, template, self.environment).map_err(wrong)?.0);
        }
        let named = if template.contains('$') { place } else { format!("{}_{field}", self.name) };
        Ok(credentials.fill(&named, template, self.environment).map_err(wrong)?.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;
    use crate::identities::Identities;

    fn environment(name: &str) -> Option<String> {
        match name {
            "USER" => Some("anna".to_owned()),
            "PASS" => Some("h4rbour-m4ster".to_owned()),
            _ => None,
        }
    }

    fn read(text: &str) -> Result<Identities, String> {
        let config = Config::parse(text, "plimsoll.toml").map_err(|error| error.to_string())?;
        Identities::read(&[], &config.identity, &config.roles, &environment).map_err(|error| error.to_string())
    }

    #[test]
    fn a_login_with_json() {
        let all = read(
            "[identity.alice]\nlogin = { request = \"POST /auth/token\", json = { username = \"$USER\", password = \"$PASS\", remember = true }, token = \"/data/token\", header = \"X-Token: t={token}\" }\n",
        )
        .unwrap();
        let login = all.sent[0].login.as_ref().unwrap();
        let body: Value = serde_json::from_str(&login.body.as_ref().unwrap().content).unwrap();
        assert_eq!(body, serde_json::json!({"username": "anna", "password": "h4rbour-m4ster", "remember": true}));
        assert_eq!(all.seen[0].shown.headers, [("x-token".to_owned(), "t=$ALICE_TOKEN".to_owned())]);
        assert_eq!(all.secrets.redact("anna h4rbour-m4ster"), "anna $PASS");
        assert!(!format!("{all:?}").contains("h4rbour"), "{all:?}");
    }

    #[test]
    fn a_login_with_a_form_and_a_cookie() {
        let all = read(
            "[identity.alice]\nlogin = { request = \"/login\", form = { user = \"$USER\", pin = \"a b\" }, cookie = \"session\" }\n",
        )
        .unwrap();
        let login = all.sent[0].login.as_ref().unwrap();
        assert_eq!(login.body.as_ref().unwrap().content, "pin=a+b&user=anna");
        assert_eq!(all.seen[0].shown.headers, [("cookie".to_owned(), "session=$ALICE_TOKEN".to_owned())]);
    }

    #[test]
    fn client_credentials() {
        let all = read(
            "[identity.robot]\noauth = { token_url = \"/oauth/token\", client_id = \"a:b\", client_secret = \"$PASS\", scope = \"read all\" }\n",
        )
        .unwrap();
        let login = all.sent[0].login.as_ref().unwrap();
        let basic = format!("Basic {}", STANDARD.encode("a%3Ab:h4rbour-m4ster"));
        assert_eq!(login.headers, [("authorization".to_owned(), basic.clone())]);
        assert_eq!(login.body.as_ref().unwrap().content, "grant_type=client_credentials&scope=read+all");
        assert!(!all.secrets.redact(&basic).contains(&basic[6..]));
    }

    #[test]
    fn what_cannot_be_sent_is_one_line() {
        let login = |rest: &str| format!("[identity.alice]\nlogin = {{ request = \"POST /t\", {rest} }}\n");
        for (text, said) in [
            (login("token = \"access_token\""), "identity alice: login.token is no JSON pointer"),
            (login("token = \"/a~2\""), "identity alice: login.token is no JSON pointer"),
            (login("token = \"/a\", expires = \"in\""), "identity alice: login.expires is no JSON pointer"),
            (login("token = \"/a\", cookie = \"b\""), "identity alice: login says either where the token is"),
            (login("json = {}"), "identity alice: login says either where the token is"),
            (login("token = \"/a\", header = \"Bearer\""), "identity alice: login.header is written as"),
            (login("cookie = \"a\", header = \"X: {token}\""), "identity alice: login.header belongs to login.token"),
            (login("token = \"/a\", json = {}, form = {}"), "identity alice: login has json and form"),
            (
                login("token = \"/a\", json = { password = \"$NONE\" }"),
                "identity alice: login field password: the environment has no variable NONE",
            ),
            (
                "[identity.a]\nlogin = { request = \"DELETE /t\", token = \"/a\" }\n".to_owned(),
                "identity a: login.request is written as",
            ),
            ("[identity.a]\nlogin = { token = \"/a\" }\n".to_owned(), "identity a: login.request is written as"),
            ("[identity.a]\noauth = { token_url = \"/t\" }\n".to_owned(), "identity a: oauth needs"),
            ("[identity.anonymous]\nheader = \"X: y\"\n".to_owned(), "`anonymous` is always there"),
            ("[identity.a]\nrole = \"admin\"\n".to_owned(), "identity a has no credentials"),
            ("[identity.a]\nheader = \"X: y\"\n[identity.a]\nheader = \"X: y\"\n".to_owned(), "plimsoll.toml:3:"),
        ] {
            let error = read(&text).unwrap_err();
            assert!(error.starts_with(said) && !error.contains('\n'), "{text}: {error}");
        }
    }
}
