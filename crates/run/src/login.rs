//! The beginning of a run as somebody: signing in, and forging the tokens that the checks ask about.
//!
//! Values stay between the engine and this file; what goes on is names.

use plimsoll_http::curl::Shown;
use plimsoll_http::engine::{Engine, SetupError};
use plimsoll_http::login::{LoginError, Yields};
use plimsoll_http::settings::{Credential, Identity};
use plimsoll_http::{Secrets, Who};
use plimsoll_scan::{Forged, Forgery, token};

use crate::credentials::{Credentials, variable_name};
use crate::identities::Identities;

/// What will be sent to sign in, one line each.
pub fn planned(identities: &Identities) -> Vec<String> {
    let logins = identities.sent.iter().filter_map(|identity| Some((identity, identity.login.as_ref()?)));
    logins
        .map(|(identity, login)| {
            let url = plimsoll_model::redact::one_line(&login.url, 200);
            format!(
                "signs in as {} with {} {url}, and again when what that yields has ended",
                identity.name, login.method
            )
        })
        .collect()
}

/// Signs everybody in who signs in.
///
/// # Errors
/// The first login that fails.
pub async fn sign_in(engine: &mut Engine, identities: &mut Identities) -> Result<(), LoginError> {
    let yielded = engine.sign_in().await?;
    identities.values.extend(yielded);
    Ok(())
}

/// The headers that an identity carries, with what its login has yielded.
pub fn headers(identities: &Identities, n: usize) -> Vec<Credential> {
    let Some(sent) = identities.sent.get(n) else { return Vec::new() };
    let mut headers = sent.credentials.clone();
    headers.extend(sent.login.as_ref().and_then(|login| {
        let (_, _, value) = identities.values.iter().find(|(at, name, _)| *at == n && *name == login.secret)?;
        Some(match &login.yields {
            Yields::Token { header, template, .. } => {
                Credential::new(header.to_ascii_lowercase(), template.replace("{token}", value))
            }
            Yields::Cookie(name) => Credential::new("cookie", format!("{name}={value}")),
        })
    }));
    headers
}

/// Makes forgeries of the first signed token among the credentials, each an identity of its own.
///
/// # Errors
/// A forged token that cannot be sent in a header.
pub fn forge(
    engine: &mut Engine,
    credentials: &Credentials,
    identities: &Identities,
) -> Result<Vec<Forged>, SetupError> {
    let given = (Who::Given, credentials.headers.clone(), Vec::new(), Shown::headers(credentials.shown.clone()));
    let named = identities.sent.iter().zip(&identities.seen).enumerate().map(|(n, (sent, seen))| {
        let who = Who::As(u8::try_from(n).unwrap_or(u8::MAX));
        (who, headers(identities, n), sent.query.clone(), seen.shown.clone())
    });
    let mut out = Vec::new();
    for (who, headers, query, shown) in std::iter::once(given).chain(named) {
        let Some(at) =
            headers.iter().position(|credential| token::forged(&credential.value, Forgery::AlgNone).is_some())
        else {
            continue;
        };
        for how in Forgery::ALL {
            let Some(forged) = token::forged(&headers[at].value, *how) else { continue };
            let name = variable_name(&format!("forged_{}", how.id()));
            let mut hidden = Secrets::default();
            hidden.add(&name, forged.rsplit([' ', '=']).next().unwrap_or(&forged));
            let header = headers[at].header.clone();
            let mut shown = shown.clone();
            let said = hidden.redact(&forged);
            shown.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(&header));
            shown.headers.push((header, said));
            let mut credentials = headers.clone();
            credentials[at].value = forged;
            let identity = Identity { name, credentials, query: query.clone(), login: None };
            engine.add_identity(identity, &hidden)?;
            out.push(Forged { of: who, how: *how, shown });
        }
        return Ok(out);
    }
    Ok(out)
}
