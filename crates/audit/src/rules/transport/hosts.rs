//! What the address of a server tells: its scheme, its host, whether that is reachable from outside, and which stage it is.

use std::net::IpAddr;

use plimsoll_spec::Server;
use plimsoll_spec::roles::words;

/// The scheme of an absolute URL, as it is written before `://`.
pub(crate) fn scheme_of(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once("://")?;
    scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)).then_some(scheme)
}

/// The host of an absolute URL, without port and brackets.
pub(crate) fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("//")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let authority = authority.rsplit('@').next()?;
    let host = match authority.strip_prefix('[') {
        Some(inner) => inner.split(']').next()?,
        None => authority.split(':').next()?,
    };
    (!host.is_empty()).then_some(host)
}

/// Whether only the own machine answers at this host (RFC 6761 §6.3, RFC 1122 §3.2.1.3).
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback() || ip.is_unspecified())
        || host == "host.docker.internal"
}

/// Whether a host is known inside of a network only: loopback, private ranges (RFC 1918, RFC 4193, RFC 3927), names without a dot and names
/// under private endings (RFC 6762, RFC 8375).
pub(crate) fn is_private(host: &str) -> bool {
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    match name.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified(),
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unspecified() || (ip.segments()[0] & 0xfe00) == 0xfc00,
        Err(_) => {
            is_loopback(&name)
                || !name.contains(['.', '{', ':'])
                || [".local", ".internal", ".lan", ".intranet", ".corp", ".home.arpa", ".svc", ".cluster.local"]
                    .iter()
                    .any(|ending| name.ends_with(ending))
        }
    }
}

/// Whether a host stands for no host: a variable without a value, or a name that is reserved for examples (RFC 2606, RFC 6761).
pub(crate) fn is_placeholder(host: &str) -> bool {
    host.contains(['{', '}', '<', '>', '$', '*'])
        || matches!(host, "example.com" | "example.org" | "example.net")
        || host.ends_with(".invalid")
        || host.ends_with(".example")
        || host.ends_with(".test")
}

/// The stage that a word names.
fn stage(word: &str) -> Option<&'static str> {
    Some(match word {
        "prod" | "production" | "live" => "production",
        "staging" | "stage" | "stag" | "stg" | "preprod" | "preproduction" | "uat" | "acceptance" => "staging",
        "test" | "testing" | "qa" => "test",
        "dev" | "develop" | "development" | "devel" => "development",
        "local" | "localhost" => "local",
        "sandbox" | "demo" | "trial" | "mock" => "sandbox",
        "beta" | "alpha" | "next" | "canary" | "preview" => "preview",
        _ => return None,
    })
}

/// The stage that the name of a host tells.
pub(crate) fn stage_of_host(host: &str) -> Option<&'static str> {
    // The registered name tells nothing: `test.com` is a company.
    let labels: Vec<&str> = host.split('.').collect();
    let own = labels.len().saturating_sub(2);
    labels[..own].iter().flat_map(|label| words(label)).find_map(|word| stage(&word))
}

/// The stage that a description tells.
pub(crate) fn stage_of_text(text: &str) -> Option<&'static str> {
    text.split_whitespace().flat_map(words).find_map(|word| stage(&word))
}

/// The stage of a server, by its description, its host, or its first path.
pub(crate) fn stage_of(server: &Server) -> Option<&'static str> {
    stage_of_text(&server.description)
        .or_else(|| server.urls.first().and_then(|url| host_of(url)).and_then(stage_of_host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_addresses() {
        assert_eq!(scheme_of("https://api.example.com/v1"), Some("https"));
        assert_eq!(scheme_of("/v1"), None);
        assert_eq!(host_of("http://user@api.example.com:8080/v1"), Some("api.example.com"));
        assert_eq!(host_of("http://[::1]:80/"), Some("::1"));
        assert_eq!(host_of("//api.example.com/v1"), Some("api.example.com"));
    }

    #[test]
    fn private_hosts() {
        for host in [
            "localhost",
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.4",
            "172.16.3.4",
            "api",
            "shop.internal",
            "fd00::1",
            "orders.shop.svc.cluster.local",
            "0.0.0.0",
        ] {
            assert!(is_private(host), "{host}");
        }
        for host in ["api.example.com", "8.8.8.8", "172.32.0.1", "{host}", "local.example.com", "2001:db8::1"] {
            assert!(!is_private(host), "{host}");
        }
    }

    #[test]
    fn stages() {
        assert_eq!(stage_of_host("staging-api.example.com"), Some("staging"));
        assert_eq!(stage_of_host("api.test.com"), None);
        assert_eq!(stage_of_host("testament.example.com"), None);
        assert_eq!(stage_of_text("The production server"), Some("production"));
        assert_eq!(stage_of_text("Everything"), None);
    }
}
