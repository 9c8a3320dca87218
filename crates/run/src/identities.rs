//! Named identities from the command line and the configuration: who a scan can send requests as, and what each of them carries.
//!
//! `alice=Authorization: Bearer $ALICE` is a header of alice; several arguments of one name add up. As with `--header`, variables are filled in from an
//! environment that the caller passes, and nothing that is recorded or shown holds a value.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plimsoll_http::Secrets;
use plimsoll_http::settings::{Credential, Identity};
use plimsoll_scan::SeenIdentity;
use plimsoll_scan::identity::{ADMINISTERS, rank_of_role};

use crate::config::identities::{IdentityConfig, Named};
use crate::credentials::{Credentials, HeaderError, filled, one_word, variable_name};

mod login;

/// How many identities a run can have: forged tokens are counted on after them.
const MOST: usize = 16;

/// Why identities cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// There is no name before the first equals sign.
    #[error("--as {0:?} is not of the form NAME='Header: value'")]
    Form(String),
    /// The name is none.
    #[error("{0:?} is no name of an identity: letters, digits, `-`, `_` and `.`, up to 32")]
    Name(String),
    /// The name that is taken by everybody without credentials.
    #[error("`anonymous` is always there, and has no credentials")]
    Anonymous,
    /// Too many.
    #[error("more than {MOST} identities")]
    Many,
    /// An identity carries nothing.
    #[error(
        "identity {0} has no credentials: give it a header, a cookie, a query parameter, basic credentials or a login"
    )]
    Empty(String),
    /// A credential cannot be used.
    #[error("identity {name}: {source}")]
    Credential {
        /// The identity.
        name: String,
        /// What is wrong.
        source: HeaderError,
    },
    /// Something else about an identity.
    #[error("identity {name}: {why}")]
    Other {
        /// The identity.
        name: String,
        /// What is wrong.
        why: String,
    },
}

/// The identities of a run.
#[derive(Clone, Default)]
pub struct Identities {
    /// What is sent.
    pub sent: Vec<Identity>,
    /// What may be shown.
    pub seen: Vec<SeenIdentity>,
    /// What is hidden.
    pub secrets: Secrets,
    /// The values by name, for reading tokens once at the start; never recorded. With the place of the identity that carries them.
    pub values: Vec<(usize, String, String)>,
}

impl std::fmt::Debug for Identities {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.sent).finish()
    }
}

impl Identities {
    /// Reads `NAME=…` arguments and then the identities of the configuration that they do not name. `roles` orders roles, from the one that may least.
    ///
    /// # Errors
    /// [`IdentityError`] for the first one that cannot be used.
    pub fn read(
        given: &[String],
        configured: &[Named],
        roles: &[String],
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, IdentityError> {
        let mut all: Vec<Named> = Vec::new();
        for text in given {
            let (name, rest) = text.split_once('=').ok_or_else(|| IdentityError::Form(one_word(text)))?;
            let name = name.trim();
            // What stands before the first equals sign may be the beginning of a secret.
            checked(name).map_err(|error| match error {
                IdentityError::Name(_) => IdentityError::Form(one_word(text)),
                error => error,
            })?;
            let at = all.iter().position(|known| known.name == name).unwrap_or_else(|| {
                all.push(Named { name: name.to_owned(), config: IdentityConfig::default() });
                all.len() - 1
            });
            add(&mut all[at], rest.trim())?;
        }
        for named in configured {
            if !all.iter().any(|known| known.name == named.name) {
                checked(&named.name)?;
                all.push(named.clone());
            }
        }
        if all.len() > MOST {
            return Err(IdentityError::Many);
        }
        let mut out = Self::default();
        for named in &all {
            out.take(named, roles, environment)?;
        }
        Ok(out)
    }

    /// The identities of a recording again: from `NAME=…` arguments, else as they were shown, with the variables of now. Whoever cannot be read keeps
    /// its place, carries nothing, and is named with the reason.
    ///
    /// # Errors
    /// An argument that cannot be used.
    pub fn again(
        recorded: &[SeenIdentity],
        given: &[String],
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(Self, Vec<(usize, String)>), IdentityError> {
        let now = Self::read(given, &[], &[], environment)?;
        let (mut out, mut missing) = (Self::default(), Vec::new());
        out.secrets.extend(&now.secrets);
        for (n, seen) in recorded.iter().enumerate() {
            if let Some(at) = now.sent.iter().position(|identity| identity.name == seen.name) {
                out.sent.push(now.sent[at].clone());
                out.seen.push(now.seen[at].clone());
                out.values.extend(
                    now.values
                        .iter()
                        .filter(|(of, ..)| *of == at)
                        .map(|(_, name, value)| (n, name.clone(), value.clone())),
                );
                continue;
            }
            let lines = |pairs: &[(String, String)], sign: char| -> Vec<String> {
                pairs.iter().map(|(name, shown)| format!("{name}{sign}{shown}")).collect()
            };
            let config = IdentityConfig {
                headers: lines(&seen.shown.headers, ':'),
                query: lines(&seen.shown.query, '='),
                basic: seen.shown.basic.clone(),
                role: seen.role.clone(),
                ..IdentityConfig::default()
            };
            if let Err(error) = out.take(&Named { name: seen.name.clone(), config }, &[], environment) {
                missing.push((n, format!("{error}; or give --as {}=…", seen.name)));
                out.sent.push(Identity { name: seen.name.clone(), ..Identity::default() });
                out.seen.push(seen.clone());
            }
        }
        Ok((out, missing))
    }

    fn take(
        &mut self,
        Named { name, config }: &Named,
        roles: &[String],
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(), IdentityError> {
        let wrong = |source| IdentityError::Credential { name: name.clone(), source };
        let other = |why: &str| IdentityError::Other { name: name.clone(), why: why.to_owned() };
        let mut credentials = Credentials::default();
        let prefix = format!("{name}-");
        for header in config.header.iter().chain(&config.headers) {
            credentials.add_header(header, &prefix, environment).map_err(wrong)?;
        }
        if let Some(cookie) = &config.cookie {
            if !cookie.contains('=') {
                return Err(other("a cookie is written as `session=$SESSION`"));
            }
            credentials.add_header(&format!("Cookie: {cookie}"), &prefix, environment).map_err(wrong)?;
        }
        let mut query = Vec::new();
        let mut shown_query = Vec::new();
        for parameter in &config.query {
            let (key, template) = parameter
                .split_once('=')
                .filter(|(key, _)| !key.trim().is_empty())
                .ok_or_else(|| other("a query parameter is written as `api_key=$KEY`"))?;
            let place = format!("{prefix}{}", key.trim());
            let (value, shown) = credentials.fill(&place, template.trim(), environment).map_err(wrong)?;
            query.push(Credential::new(key.trim(), value));
            shown_query.push((key.trim().to_owned(), shown));
        }
        let mut basic = None;
        if let Some(template) = &config.basic {
            let (user, password) =
                template.split_once(':').ok_or_else(|| other("basic credentials are written as `$USER:$PASSWORD`"))?;
            // A user's name is in every answer about the user, and no secret (RFC 7617 §2).
            let (user, shown_user, _) = filled("basic credentials", user, environment).map_err(wrong)?;
            let place = format!("{prefix}password");
            let (password, shown) = credentials.fill(&place, password, environment).map_err(wrong)?;
            if user.contains(':') || [&user, &password].iter().any(|text| text.chars().any(char::is_control)) {
                return Err(other("a user's name holds a colon, or one of both a control character (RFC 7617 §2)"));
            }
            let encoded = STANDARD.encode(format!("{user}:{password}"));
            credentials.secrets.add(&variable_name(&format!("{prefix}basic")), &encoded);
            credentials.headers.push(Credential::new("authorization", format!("Basic {encoded}")));
            basic = Some(format!("{shown_user}:{shown}"));
        }
        let login = login::read(name, config, &mut credentials, environment)?;
        if credentials.headers.is_empty() && query.is_empty() && login.is_none() {
            return Err(IdentityError::Empty(name.clone()));
        }
        if let Some(login) = &login {
            credentials.shown.push(login::shown(login));
        }
        let at = self.sent.len();
        self.secrets.extend(&credentials.secrets);
        self.values.extend(credentials.values.into_iter().map(|(variable, value)| (at, variable, value)));
        self.sent.push(Identity { name: name.clone(), credentials: credentials.headers, query, login });
        self.seen.push(SeenIdentity {
            name: name.clone(),
            role: config.role.clone(),
            rank: rank(name, config.role.as_deref(), roles),
            shown: plimsoll_http::curl::Shown { headers: credentials.shown, query: shown_query, basic },
        });
        Ok(())
    }
}

/// Takes what stands after `NAME=` in: a header, or `basic:…`, `query:…`, `role:…`.
fn add(named: &mut Named, text: &str) -> Result<(), IdentityError> {
    let config = &mut named.config;
    let twice = |what: &str| IdentityError::Other { name: named.name.clone(), why: format!("{what} are given twice") };
    if let Some(basic) = text.strip_prefix("basic:") {
        if config.basic.replace(basic.to_owned()).is_some() {
            return Err(twice("basic credentials"));
        }
    } else if let Some(parameter) = text.strip_prefix("query:") {
        config.query.push(parameter.to_owned());
    } else if let Some(role) = text.strip_prefix("role:") {
        if config.role.replace(role.trim().to_owned()).is_some() {
            return Err(twice("roles"));
        }
    } else {
        config.headers.push(text.to_owned());
    }
    Ok(())
}

fn checked(name: &str) -> Result<(), IdentityError> {
    if name.eq_ignore_ascii_case("anonymous") {
        return Err(IdentityError::Anonymous);
    }
    let fits = (1..=32).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        && name.starts_with(|c: char| c.is_ascii_alphabetic());
    if fits { Ok(()) } else { Err(IdentityError::Name(one_word(name))) }
}

/// How much a role may: its place in the given order, else that of a customary word; where there is no role, an identity that is called after one has it.
fn rank(name: &str, role: Option<&str>, roles: &[String]) -> Option<u8> {
    let role = role.unwrap_or(name);
    if roles.is_empty() {
        return rank_of_role(role);
    }
    let at = roles.iter().position(|known| known.eq_ignore_ascii_case(role))?;
    // Whoever may most administers, however few roles there are.
    let rank = if at + 1 == roles.len() { roles.len().max(usize::from(ADMINISTERS)) } else { at + 1 };
    u8::try_from(rank).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(name: &str) -> Option<String> {
        match name {
            "ALICE" => Some("alice-t0ken".to_owned()),
            "BOB" => Some("bob-t0ken".to_owned()),
            "USER" => Some("anna".to_owned()),
            "PASS" => Some("h4rbour-m4ster".to_owned()),
            "BROKEN" => Some("a\r\nX-Evil: 1".to_owned()),
            _ => None,
        }
    }

    fn read(given: &[&str]) -> Result<Identities, IdentityError> {
        let given: Vec<String> = given.iter().map(|text| (*text).to_owned()).collect();
        Identities::read(&given, &[], &[], &environment)
    }

    #[test]
    fn several_headers_of_one_name_are_one_identity() {
        let all = read(&["alice=Authorization: Bearer $ALICE", "bob=X-Key:$BOB", "alice=X-Tenant: north"]).unwrap();
        let names: Vec<&str> = all.sent.iter().map(|identity| identity.name.as_str()).collect();
        assert_eq!(names, ["alice", "bob"]);
        assert_eq!(all.sent[0].credentials[0].value, "Bearer alice-t0ken");
        assert_eq!(all.seen[0].shown.headers[0].1, "Bearer $ALICE");
        assert_eq!(all.seen[0].shown.headers[1].1, "$PLIMSOLL_ALICE_X_TENANT");
        assert_eq!(all.secrets.redact("alice-t0ken bob-t0ken"), "$ALICE $BOB");
    }

    #[test]
    fn basic_credentials_hide_the_password_and_not_the_name() {
        let all = read(&["a=basic:$USER:$PASS"]).unwrap();
        assert_eq!(all.sent[0].credentials[0].value, format!("Basic {}", STANDARD.encode("anna:h4rbour-m4ster")));
        assert_eq!(all.seen[0].shown.basic.as_deref(), Some("$USER:$PASS"));
        let shown = all.secrets.redact(&format!("anna h4rbour-m4ster {}", STANDARD.encode("anna:h4rbour-m4ster")));
        assert_eq!(shown, "anna $PASS $A_BASIC");
    }

    #[test]
    fn a_key_in_the_query() {
        let all = read(&["a=query:api_key=$ALICE"]).unwrap();
        assert_eq!(
            (all.sent[0].query[0].header.as_str(), all.sent[0].query[0].value.as_str()),
            ("api_key", "alice-t0ken")
        );
        assert_eq!(all.seen[0].shown.lines(), ["?api_key=$ALICE"]);
    }

    #[test]
    fn what_cannot_be_used_is_one_line_without_a_secret() {
        for (given, said) in [
            ("alice", "--as \"alice…\" is not of the form NAME='Header: value'"),
            ("Authorization: Bearer abcdefghijklmnop=", "--as \"Authorizatio…\" is not of the form"),
            ("a b=X: y", "--as \"a…\" is not of the form"),
            ("=X: y", "--as \"=X:…\" is not of the form"),
            ("anonymous=X: y", "`anonymous` is always there"),
            ("Anonymous=X: y", "`anonymous` is always there"),
            ("alice=", "identity alice: header \"…\" is not of the form 'Name: value'"),
            ("alice=Bearer abcdefghijklmnop", "identity alice: header \"Bearer…\" is not of the form"),
            ("alice=X: $NONE", "identity alice: header x: the environment has no variable NONE"),
            ("alice=X: $BROKEN", "identity alice: header x: the value holds a control character"),
            ("alice=basic:$USER", "identity alice: basic credentials are written as"),
            ("alice=basic:$USER:$NONE", "identity alice: alice-password: the environment has no variable NONE"),
            ("alice=basic:$USER:$BROKEN", "identity alice: a user's name holds a colon, or one of both a control"),
            ("alice=query:$ALICE", "identity alice: a query parameter is written as"),
            ("alice=role:admin", "identity alice has no credentials"),
        ] {
            let error = read(&[given]).unwrap_err().to_string();
            assert!(error.starts_with(said), "{given}: {error}");
            assert!(!error.contains("abcdef") && !error.contains('\n'), "{error}");
        }
        assert!(matches!(read(&["a=basic:x:yyyy", "a=basic:x:zzzz"]), Err(IdentityError::Other { .. })));
        let many: Vec<String> = (0..=MOST).map(|n| format!("a{n}=X: $ALICE")).collect();
        assert!(matches!(Identities::read(&many, &[], &[], &environment), Err(IdentityError::Many)));
    }

    #[test]
    fn roles_are_ordered_by_the_user_or_by_custom() {
        assert_eq!(rank("alice", Some("Admin"), &[]), Some(5));
        assert_eq!(rank("super-admin", None, &[]), Some(6));
        assert_eq!(rank("alice", None, &[]), None);
        let order = ["crew".to_owned(), "captain".to_owned()];
        assert_eq!((rank("a", Some("captain"), &order), rank("a", Some("admin"), &order)), (Some(5), None));
        assert_eq!(rank("a", Some("crew"), &order), Some(1));
    }
}
