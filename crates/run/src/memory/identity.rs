//! Who a measurement asks as: whoever the given headers stand for, else the first of the project's identities.

use std::sync::Arc;

use plimsoll_http::Target;
use plimsoll_http::engine::Engine;
use plimsoll_http::settings::Settings;

use super::{MemoryError, Request};
use crate::login;

/// Puts what the first identity carries into the settings, signed in where it signs in. Returns what a reader should know.
pub(super) async fn settle(request: &mut Request, target: &Target) -> Result<Option<String>, MemoryError> {
    let Some(first) = request.identities.sent.first().filter(|_| request.credentials.headers.is_empty()) else {
        return Ok(None);
    };
    let name = first.name.clone();
    if !first.query.is_empty() {
        return Ok(Some(format!(
            "asked without credentials: {name} carries a query parameter, which a measurement cannot send"
        )));
    }
    let mut secrets = (*request.settings.secrets).clone();
    secrets.extend(&request.identities.secrets);
    if first.login.is_some() {
        let mut settings = Settings::new(target.clone());
        settings.insecure = request.settings.insecure;
        settings.identities = vec![first.clone()];
        settings.secrets = Arc::new(secrets.clone());
        let mut engine = Engine::new(settings).await?;
        login::sign_in(&mut engine, &mut request.identities).await?;
    }
    for (_, variable, value) in request.identities.values.iter().filter(|(of, ..)| *of == 0) {
        secrets.add(variable, value);
    }
    request.settings.secrets = Arc::new(secrets);
    request.settings.credentials = login::headers(&request.identities, 0);
    if let Some(seen) = request.identities.seen.first() {
        request.credentials.shown.clone_from(&seen.shown.headers);
    }
    Ok(Some(format!("asked as {name}")))
}
