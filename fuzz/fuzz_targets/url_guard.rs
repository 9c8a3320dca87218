//! Any text for a target: a URL within the rules or an error, links stay within its origin, and no written form of an address hides its class.

#![no_main]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use libfuzzer_sys::fuzz_target;
use plimsoll_http::Target;
use plimsoll_http::guard::{AddressClass, classify};

fuzz_target!(|input: (&str, &str, u128)| {
    let (text, link, bits) = input;
    match Target::parse(text) {
        Ok(target) => {
            assert!(target.port() != 0 && target.url().username().is_empty() && target.url().password().is_none());
            assert!(matches!(target.url().scheme(), "http" | "https"));
            assert_eq!(Target::parse(target.url().as_str()).map(|again| again.origin()), Ok(target.origin()));
            if let Ok(path) = target.admit("/", link) {
                assert!(path.starts_with('/') && !path.contains(char::is_control), "{path:?}");
            }
        }
        Err(error) => assert!(!error.to_string().contains(char::is_control)),
    }
    let v6 = Ipv6Addr::from(bits);
    let class = classify(IpAddr::V6(v6));
    let v4 = Ipv4Addr::from(bits as u32);
    let mapped = classify(IpAddr::V6(v4.to_ipv6_mapped()));
    assert!(mapped >= classify(IpAddr::V4(v4)), "{v4} hides in its mapped form");
    if v6.is_loopback() || v6.is_unspecified() {
        assert!(class >= AddressClass::Loopback);
    }
});
