//! `version-banner`: headers and error pages name the product, and perhaps its version.

use std::sync::LazyLock;

use plimsoll_http::Exchange;
use plimsoll_model::{Severity, redact};
use regex::Regex;

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

/// What pages say of what made them: error pages of servers, and the `generator` of the HTML standard (§4.2.5.1).
const PAGES: &[&str] = &[
    r"<center>((?:nginx|openresty|tengine)(?:/[0-9.]+)?)</center>",
    r"<address>(Apache/[0-9.]+[^<]{0,60}?) Server at ",
    r"<h3>(Apache Tomcat/[0-9.]+)</h3>",
    r"(?i)powered by (?:<a[^>]*>)?(Jetty://\s*[0-9.v]+)",
    r"<hr>\s*(?:<center>|<p>)?(?:<em>)?(Microsoft-IIS/[0-9.]+|lighttpd/[0-9.]+|Caddy/[0-9.]+)",
    r#"(?i)<meta\s+name=["']?generator["']?\s+content=["']([A-Za-z][A-Za-z !.]{1,30} v?[0-9][0-9.]*)"#,
];

static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| PAGES.iter().filter_map(|form| Regex::new(form).ok()).collect());

/// The product that a page names.
fn in_page(exchange: &Exchange) -> Option<String> {
    let response = exchange.response().filter(|response| response.media_type() == "text/html")?;
    let text = response.body.text();
    let found = FORMS.iter().find_map(|form| form.captures(&text)?.get(1).map(|name| name.as_str().to_owned()));
    found.map(|name| redact::one_line(&name, 60))
}

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
        let mut banners: Vec<(&str, String, &Exchange)> = Vec::new();
        for exchange in app.seen.all() {
            for (name, value) in exchange.response().into_iter().flat_map(|response| &response.headers) {
                let is_new = !banners.iter().any(|(n, v, _)| n == name && v == value);
                if HEADERS.contains(&name.as_str()) && !value.trim().is_empty() && is_new {
                    banners.push((name, value.clone(), exchange));
                }
            }
            if let Some(product) = in_page(exchange)
                && !banners.iter().any(|(_, value, _)| *value == product)
            {
                banners.push(("page", product, exchange));
            }
        }
        // Exact versions first: they are what the message should name when not all fit.
        banners.sort_by_key(|(_, value, _)| !is_exact(value));
        let Some((_, first, _)) = banners.first() else { return Vec::new() };
        let in_header = banners.iter().any(|(name, _, _)| *name != "page");
        let severity = if is_exact(first) { Severity::Low } else { Severity::Info };
        let named: Vec<String> = banners
            .iter()
            .take(SHOWN)
            .map(|(name, value, _)| match *name {
                "page" => format!("`{value}` in a page"),
                name => format!("`{name}: {}`", redact::one_line(value, 60)),
            })
            .collect();
        let what = if severity == Severity::Low { "product and version" } else { "the product" };
        let where_from = if in_header { "Response headers" } else { "Pages" };
        let mut draft = app.finding(format!("{where_from} name {what}: {}.", named.join(", "))).severity(severity);
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
