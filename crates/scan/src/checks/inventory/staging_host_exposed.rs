//! `staging-host-exposed`: answers name hosts of staging, test and development.

use plimsoll_http::Exchange;
use plimsoll_model::{Confidence, PartKind};
use url::{Host, Url};

use super::recognise;
use crate::check::{Check, Meta, check};
use crate::checks::exposure::bodies::walk;
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// Addresses of hosts that are not for production.
    pub struct StagingHostExposed {
        id: "staging-host-exposed", weakness: StagingHostExposed, mode: Passive, since: "0.2.0",
        page: "http/staging-host-exposed.md",
    }
}

/// Words that only hosts have which are not for production.
const CERTAIN: &[&str] = &["staging", "stg", "uat", "preprod", "qa", "nonprod", "integration"];
/// Words that such hosts have, and others too.
const LIKELY: &[&str] = &["stage", "dev", "develop", "development", "test", "testing", "sandbox", "int"];
/// Endings that are no public names, or those of examples (RFC 2606, RFC 6761).
const NOBODYS: &[&str] =
    &["test", "example", "invalid", "localhost", "local", "example.com", "example.org", "example.net"];

/// The host that a URL leads to, if it is one of staging or the like. `own` is the target's.
fn staging(text: &str, own: Option<&str>) -> Option<String> {
    if !text.get(..4)?.eq_ignore_ascii_case("http") || text.len() > 2_000 {
        return None;
    }
    let url = Url::parse(text.split_whitespace().next()?).ok()?;
    let Host::Domain(name) = url.host()? else { return None };
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let ends = |end: &str| name == end || name.strip_suffix(end).is_some_and(|rest| rest.ends_with('.'));
    if own.is_some_and(|own| own == name) || NOBODYS.iter().any(|end| ends(end)) {
        return None;
    }
    let labels: Vec<&str> = name.split('.').collect();
    // The last two are the name that somebody registered; what stands before them, its owner chose.
    let (chosen, registered) = labels.split_at(labels.len().saturating_sub(2));
    let mut words = chosen.iter().flat_map(|label| label.split('-'));
    let registered = registered.join(".");
    let mine = own.is_some_and(|own| own.ends_with(&format!(".{registered}")) || own == registered);
    words
        .any(|word| {
            let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
            CERTAIN.contains(&word) || mine && LIKELY.contains(&word)
        })
        .then_some(name)
}

/// The first such host in an answer, and where it stands.
fn in_answer(exchange: &Exchange) -> Option<(PartKind, String, String)> {
    let response = exchange.response().filter(|_| recognise::documentation(exchange).is_none())?;
    let own = Url::parse(&exchange.origin).ok();
    let own = own.as_ref().and_then(Url::host_str);
    for name in ["location", "content-location", "access-control-allow-origin", "link"] {
        let value = response.header(name).unwrap_or("");
        let text = value.trim_start_matches('<').split('>').next().unwrap_or("");
        if let Some(host) = staging(text, own) {
            return Some((PartKind::ResponseHeader, name.to_owned(), host));
        }
    }
    let mut found = None;
    if let Some(value) = exchange.json() {
        walk(value, &mut |path, text| {
            if found.is_none() {
                found = staging(text, own).map(|host| (PartKind::ResponseBody, path.to_owned(), host));
            }
        });
    }
    // What the caller sent may come back.
    found.filter(|(_, _, host)| !exchange.request.target().contains(host.as_str()))
}

impl Check for StagingHostExposed {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let Some(exchange) = op.baseline() else { return Vec::new() };
        let Some((kind, part, host)) = in_answer(exchange) else { return Vec::new() };
        let draft = op
            .finding(format!("The answer names `{host}`, a host that is not for production."))
            .part(kind, part.clone())
            // That the host exists was not tried.
            .confidence(Confidence::Suspected)
            .cause(host.clone())
            .exchange_excerpt(exchange, "names it", format!("{part}: …{host}…"));
        vec![draft]
    }
}

#[cfg(test)]
mod tests {
    use super::staging;

    #[test]
    fn hosts() {
        let own = Some("api.shop.io");
        for text in [
            "https://staging.shop.io/a",
            "https://api-stg.other.net",
            "http://dev.shop.io",
            "https://orders-test2.shop.io/x",
            "https://uat.bank.eu",
        ] {
            assert!(staging(text, own).is_some(), "{text}");
        }
        for text in [
            "https://dev.to/a",
            "https://dev.azure.com/x",
            "https://shop.io",
            "https://test.example.com",
            "https://api.shop.io",
            "https://staging.test",
            "staging",
            "https://contest.shop.io",
            "https://stagingarea.net/",
        ] {
            assert_eq!(staging(text, own), None, "{text}");
        }
    }
}
