//! Whose host it is: the target's own, an internal one, or a third party's.

use std::net::IpAddr;

use plimsoll_http::Exchange;
use plimsoll_http::guard::is_local;
use url::Url;

/// Endings of names that no public zone has (RFC 6761, RFC 6762, RFC 8375, RFC 9476, and by custom).
const INTERNAL: &[&str] =
    &["internal", "intranet", "corp", "lan", "local", "localhost", "home.arpa", "svc", "cluster.local"];
/// Endings of names that are nobody's (RFC 2606, RFC 6761).
const NOBODY: &[&str] = &["test", "example", "invalid", "example.com", "example.org", "example.net"];
/// Second-level names under which registries register, as in `co.uk`.
const SECOND: &[&str] = &["ac", "co", "com", "edu", "gov", "net", "org"];

fn ends(name: &str, endings: &[&str]) -> bool {
    endings.iter().any(|end| name == *end || name.strip_suffix(end).is_some_and(|rest| rest.ends_with('.')))
}

/// Whether a host is one that only the inside knows: a private or loopback address, a name without a public zone, or a single word.
pub fn is_internal(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
    match host.parse::<IpAddr>() {
        Ok(address) => is_local(address),
        Err(_) => !host.is_empty() && (ends(&host, INTERNAL) || !host.contains('.')),
    }
}

/// The name under which a host is registered, as far as that can be told without a list of all registries.
fn registered(host: &str) -> String {
    let labels: Vec<&str> = host.trim_end_matches('.').rsplit('.').collect();
    let count = if labels.len() > 2 && labels[0].len() == 2 && SECOND.contains(&labels[1]) { 3 } else { 2 };
    let mut kept: Vec<&str> = labels.into_iter().take(count).collect();
    kept.reverse();
    kept.join(".").to_ascii_lowercase()
}

/// The host of an address in an answer, where it is a third party's: a public name under another registration than the target's.
pub fn third_party(url: &Url, exchange: &Exchange) -> Option<String> {
    let host = url.domain()?.trim_end_matches('.').to_ascii_lowercase();
    let own = Url::parse(&exchange.origin).ok();
    let own = own.as_ref().and_then(Url::host_str).unwrap_or("");
    let is_public = host.contains('.') && !ends(&host, INTERNAL) && !ends(&host, NOBODY);
    (is_public && registered(&host) != registered(own)).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_the_inside() {
        for host in
            ["inventory", "inventory.internal", "10.0.0.7", "db.svc.cluster.local", "127.0.0.1", "[::1]", "localhost"]
        {
            assert!(is_internal(host), "{host}");
        }
        for host in ["api.partner.io", "192.0.2.1", "8.8.8.8", "", "internal.partner.io"] {
            assert!(!is_internal(host), "{host}");
        }
    }

    #[test]
    fn registrations() {
        assert_eq!(registered("api.shop.io"), "shop.io");
        assert_eq!(registered("api.shop.co.uk"), "shop.co.uk");
        assert_eq!(registered("shop.io"), "shop.io");
    }
}
