//! `weak-hsts`: Strict-Transport-Security is there, and holds too short or for too little.

use plimsoll_http::Exchange;
use plimsoll_model::{PartKind, Severity, redact};

use super::way;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::App;

check! {
    /// A `Strict-Transport-Security` header that protects for a short time, or not at all.
    pub struct WeakHsts {
        id: "weak-hsts", weakness: MissingSecurityHeaders, mode: Passive, since: "0.2.0", page: "http/weak-hsts.md",
    }
}

/// Half a year: what counts as lasting everywhere; lists of browsers ask for a whole one.
const LEAST: u64 = 15_552_000;

/// A header's value: RFC 6797 §6.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hsts {
    max_age: u64,
    subdomains: bool,
}

fn read(value: &str) -> Option<Hsts> {
    let mut hsts = Hsts { max_age: 0, subdomains: false };
    let mut aged = false;
    for directive in value.split(';').map(str::trim).filter(|directive| !directive.is_empty()) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        if name.trim().eq_ignore_ascii_case("max-age") {
            hsts.max_age = value.trim().trim_matches('"').parse().ok()?;
            aged = true;
        } else if name.eq_ignore_ascii_case("includesubdomains") {
            hsts.subdomains = true;
        }
    }
    aged.then_some(hsts)
}

impl Check for WeakHsts {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        if !way::is_https(app) {
            return Vec::new();
        }
        // Clients heed the first header of an answer and the last answer that they got: the weakest is what can happen.
        let mut worst: Option<(u64, bool, &Exchange, &str, Option<Hsts>)> = None;
        for exchange in app.seen.all() {
            let Some(value) = exchange.response().and_then(|r| r.header("strict-transport-security")) else { continue };
            let hsts = read(value);
            let rank = (hsts.map_or(0, |hsts| hsts.max_age.max(1)), hsts.is_some_and(|hsts| hsts.subdomains));
            if worst.as_ref().is_none_or(|(age, subdomains, ..)| rank < (*age, *subdomains)) {
                worst = Some((rank.0, rank.1, exchange, value, hsts));
            }
        }
        let Some((.., exchange, value, hsts)) = worst else { return Vec::new() };
        let (message, severity) = match hsts {
            None => (
                format!(
                    "`Strict-Transport-Security: {}` cannot be read, so browsers ignore it.",
                    redact::one_line(value, 80)
                ),
                Severity::Low,
            ),
            // Zero takes the protection away: `security-headers` calls it missing.
            Some(Hsts { max_age: 0, .. }) => return Vec::new(),
            Some(Hsts { max_age, .. }) if max_age < LEAST => (
                format!(
                    "`Strict-Transport-Security` holds for {} days; {} are the least.",
                    max_age / 86_400,
                    LEAST / 86_400
                ),
                Severity::Low,
            ),
            Some(Hsts { subdomains: false, .. }) => (
                "`Strict-Transport-Security` does not hold for subdomains, whose cookies are this host's too."
                    .to_owned(),
                Severity::Info,
            ),
            Some(_) => return Vec::new(),
        };
        let severity = if way::is_local(app) { Severity::Info } else { severity };
        let draft = app
            .finding(message)
            .severity(severity)
            .part(PartKind::ResponseHeader, "strict-transport-security")
            .cause("hsts")
            .exchange_excerpt(exchange, "with the header", "")
            .headers(exchange, &["strict-transport-security"]);
        vec![draft]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        assert_eq!(
            read("max-age=31536000; includeSubDomains; preload"),
            Some(Hsts { max_age: 31_536_000, subdomains: true })
        );
        assert_eq!(read("Max-Age=\"60\""), Some(Hsts { max_age: 60, subdomains: false }));
        assert_eq!(read("includeSubDomains"), None);
        assert_eq!(read("max-age=one year"), None);
    }
}
