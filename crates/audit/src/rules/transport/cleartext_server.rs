//! `cleartext-server`: clients are sent to an address without TLS.

use plimsoll_model::Severity;
use plimsoll_spec::Place;

use super::hosts;
use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::authentication::access::asks_anywhere;
use crate::rules::tally;
use crate::view::View;

rule! {
    /// Servers over `http`, `ws`, `ftp`.
    pub struct CleartextServer {
        id: "cleartext-server", weakness: CleartextTransport, severity: Medium, since: "0.3.0",
        owasp: ["spectral:owasp:api8:2023-no-server-http", "spectral:owasp:api8:2023-no-scheme-http", "vacuum:owasp-security-hosts-https-oas3"],
    }
}

impl Rule for CleartextServer {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let urls = || view.api.hosts.iter().flat_map(|server| server.urls.iter().map(move |url| (url, &server.place)));
        let mut bad: Vec<(&Place, String)> = Vec::new();
        let mut all_have_twins = true;
        for (url, place) in urls() {
            let (Some(scheme), Some(host)) = (hosts::scheme_of(url), hosts::host_of(url)) else { continue };
            let clear = ["http", "ws", "ftp"].iter().any(|word| scheme.eq_ignore_ascii_case(word));
            // What stays inside of a network is `private-server`'s; a placeholder is nobody's address.
            if !clear
                || hosts::is_private(host)
                || hosts::is_placeholder(host)
                || bad.iter().any(|(_, known)| known == url)
            {
                continue;
            }
            let twin = |(other, _): (&String, &Place)| {
                hosts::scheme_of(other)
                    .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("wss"))
                    && hosts::host_of(other) == Some(host)
            };
            all_have_twins &= urls().any(twin);
            bad.push((place, url.clone()));
        }
        if bad.is_empty() {
            return;
        }
        let names = tally::names(bad.iter().map(|(_, url)| url));
        let (tail, severity) = match (all_have_twins, asks_anywhere(view)) {
            (true, _) => (" beside https: clients may take either.", Severity::Low),
            (false, true) => (", and operations ask for credentials, which are readable on the way.", Severity::High),
            (false, false) => (": everybody on the way reads requests and changes answers.", Severity::Medium),
        };
        let message = format!("The contract leads clients to {names}{tail}");
        out.add(tally::habit("cleartext", message, bad).severity(severity));
    }
}
