//! `version-banner`: headers name the product, and perhaps its version.

use plimsoll_http::Exchange;
use plimsoll_model::{Severity, redact};

use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::App;

check! {
    /// Product and version in response headers.
    pub struct VersionBanner {
        id: "version-banner", weakness: VersionBanner, mode: Passive, since: "0.1.0", page: "http/version-banner.md",
    }
}

/// Headers whose purpose is to name software. `Via` is not among them: proxies must send it (RFC 9110 §7.6.3).
const HEADERS: &[&str] = &[
    "server",
    "x-powered-by",
    "x-aspnet-version",
    "x-aspnetmvc-version",
    "x-generator",
    "x-php-version",
    "x-powered-cms",
    "x-server-powered-by",
    "x-backend-server-version",
];
/// How many different banners a message names.
const SHOWN: usize = 4;

/// Whether a banner gives a version: a number with at least one dot, as in `1.18.0`.
fn is_exact(value: &str) -> bool {
    value.split(|c: char| !c.is_ascii_digit() && c != '.').any(|word| {
        let mut numbers = word.split('.');
        let is_number = |part: Option<&str>| part.is_some_and(|part| !part.is_empty());
        is_number(numbers.next()) && is_number(numbers.next())
    })
}

impl Check for VersionBanner {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let mut banners: Vec<(&str, &str, &Exchange)> = Vec::new();
        for exchange in app.seen.all() {
            for (name, value) in exchange.response().into_iter().flat_map(|response| &response.headers) {
                let is_new = !banners.iter().any(|(n, v, _)| n == name && v == value);
                if HEADERS.contains(&name.as_str()) && !value.trim().is_empty() && is_new {
                    banners.push((name, value, exchange));
                }
            }
        }
        // Exact versions first: they are what the message should name when not all fit.
        banners.sort_by_key(|(_, value, _)| !is_exact(value));
        let Some((_, first, _)) = banners.first() else { return Vec::new() };
        let severity = if is_exact(first) { Severity::Low } else { Severity::Info };
        let named: Vec<String> = banners
            .iter()
            .take(SHOWN)
            .map(|(name, value, _)| format!("`{name}: {}`", redact::one_line(value, 60)))
            .collect();
        let what = if severity == Severity::Low { "product and version" } else { "the product" };
        let mut draft = app.finding(format!("Response headers name {what}: {}.", named.join(", "))).severity(severity);
        let mut shown: Vec<u32> = Vec::new();
        for (_, _, exchange) in banners.iter().take(SHOWN) {
            if !shown.contains(&exchange.id) {
                shown.push(exchange.id);
                draft = draft.exchange_excerpt(exchange, "with the banner", "").headers(exchange, HEADERS);
            }
        }
        vec![draft]
    }
}

#[cfg(test)]
mod tests {
    use super::is_exact;

    #[test]
    fn versions() {
        for value in ["nginx/1.18.0", "FastAPI 0.165.0", "4.0.30319", "Werkzeug/3.1 Python/3.12.1"] {
            assert!(is_exact(value), "{value}");
        }
        for value in ["uvicorn", "cloudflare", "Express", "Apache2", "gws/"] {
            assert!(!is_exact(value), "{value}");
        }
    }
}
