//! `insecure-third-party-url`: answers send clients to other hosts over http.

use plimsoll_http::Exchange;
use plimsoll_model::PartKind;
use serde_json::Value;
use url::{Host, Url};

use super::recognise;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// `http://` addresses of third parties in answers.
    pub struct InsecureThirdPartyUrl {
        id: "insecure-third-party-url", weakness: InsecureThirdPartyUrl, mode: Passive, since: "0.1.0",
        page: "http/insecure-third-party-url.md",
    }
}

/// Hosts whose http:// addresses are names and not places: namespaces, vocabularies, licences.
const NAMING: &[&str] = &[
    "w3.org",
    "json-schema.org",
    "schema.org",
    "xmlns.com",
    "purl.org",
    "schemas.xmlsoap.org",
    "schemas.microsoft.com",
    "schemas.openxmlformats.org",
    "opengis.net",
    "hl7.org",
    "terminology.hl7.org",
    "snomed.info",
    "loinc.org",
    "unitsofmeasure.org",
    "iana.org",
    "creativecommons.org",
    "apache.org",
    "opensource.org",
    "ogp.me",
    "rdfs.org",
    "ns.adobe.com",
    "id.loc.gov",
];
/// Endings of names that are no public hosts (RFC 2606, RFC 6761, RFC 6762, RFC 8375, RFC 9476).
const PRIVATE: &[&str] = &[
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "corp",
    "home.arpa",
    "test",
    "example",
    "invalid",
    "example.com",
    "example.org",
    "example.net",
    "alt",
];
/// Fields whose URLs are names.
const NAMING_FIELDS: &[&str] = &[
    "$schema",
    "$id",
    "$ref",
    "@context",
    "@id",
    "@type",
    "xmlns",
    "type",
    "namespace",
    "profile",
    "system",
    "vocabulary",
];
/// How many addresses are named.
const SHOWN: usize = 3;

/// The third party that an `http://` address leads to, if it is one: a public host that is not the target's own.
fn third_party(text: &str, own: Option<&str>) -> Option<String> {
    if !text.get(..7)?.eq_ignore_ascii_case("http://") || text.contains(char::is_whitespace) || text.len() > 2_000 {
        return None;
    }
    let url = Url::parse(text).ok()?;
    // Addresses are internal details, or fixtures; a link that people follow has a name.
    let Host::Domain(name) = url.host()? else { return None };
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let ends = |ends: &[&str]| {
        ends.iter().any(|end| name == *end || name.strip_suffix(end).is_some_and(|rest| rest.ends_with('.')))
    };
    let is_own =
        own.is_some_and(|own| own == name || name.ends_with(&format!(".{own}")) || own.ends_with(&format!(".{name}")));
    (name.contains('.') && !is_own && !ends(NAMING) && !ends(PRIVATE)).then_some(name)
}

/// Collects (path of the field, host) for every address.
fn collect(value: &Value, path: &str, own: Option<&str>, out: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                if !NAMING_FIELDS.contains(&name.to_ascii_lowercase().as_str()) {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    collect(inner, &path, own, out);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, path, own, out)),
        Value::String(text) => {
            if let Some(host) = third_party(text.trim(), own) {
                let entry = (path.to_owned(), host);
                if !out.contains(&entry) {
                    out.push(entry);
                }
            }
        }
        _ => {}
    }
}

/// Fields and hosts in one answer.
fn in_answer(exchange: &Exchange) -> Vec<(String, String)> {
    let mut out = Vec::new();
    if !exchange.is_success() || recognise::documentation(exchange).is_some() {
        return out;
    }
    let own = Url::parse(&exchange.origin).ok();
    if let Some(value) = exchange.json() {
        collect(value, "", own.as_ref().and_then(Url::host_str), &mut out);
    }
    out
}

impl Check for InsecureThirdPartyUrl {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        // The values that a probe sent may come back; the base request's are the operation's own.
        let Some(exchange) = op.baseline() else { return Vec::new() };
        let found: Vec<(String, String)> = in_answer(exchange)
            .into_iter()
            .filter(|(_, host)| !exchange.request.query.iter().any(|(_, value)| value.contains(host.as_str())))
            .collect();
        let Some((field, _)) = found.first() else { return Vec::new() };
        let mut hosts: Vec<&str> = found.iter().map(|(_, host)| host.as_str()).collect();
        hosts.sort_unstable();
        hosts.dedup();
        let shown: Vec<String> = hosts.iter().take(SHOWN).map(|host| format!("`{host}`")).collect();
        let more = hosts.len().saturating_sub(SHOWN);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let message = format!(
            "The answer sends clients to {}{more} over `http://`, which anybody on the way can read and change.",
            shown.join(", ")
        );
        let draft =
            op.finding(message).part(PartKind::ResponseBody, field).cause(format!("http to {}", hosts.join(" ")));
        vec![draft.exchange_excerpt(exchange, "with http:// addresses", format!("{field}: http://{}/…", found[0].1))]
    }
}

#[cfg(test)]
mod tests {
    use super::third_party;

    #[test]
    fn who_is_a_third_party() {
        let own = Some("api.shop.io");
        assert_eq!(third_party("http://feeds.lumo-lights.net/a.xml", own).as_deref(), Some("feeds.lumo-lights.net"));
        for text in [
            "https://feeds.lumo-lights.net/",
            "http://www.w3.org/2001/XMLSchema",
            "http://localhost:3000/",
            "http://10.0.0.1/",
            "http://api.shop.io/next",
            "http://cdn.example.com/x",
            "http://storage/x",
            "see http://feeds.lumo-lights.net/",
            "http://",
        ] {
            assert_eq!(third_party(text, own), None, "{text}");
        }
    }
}
