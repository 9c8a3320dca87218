//! `cleartext-sign-in`: credentials are exchanged for tokens over plain HTTP.

use plimsoll_spec::Place;

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::rules::transport::hosts;
use crate::view::View;

rule! {
    /// Addresses of OAuth and OpenID Connect without TLS.
    pub struct CleartextSignIn {
        id: "cleartext-sign-in", weakness: CleartextTransport, severity: High, since: "0.3.0", owasp: [],
    }
}

impl Rule for CleartextSignIn {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        for (name, scheme) in &view.api.schemes {
            let flows = scheme.flows.iter().flat_map(|flow| {
                [&flow.authorization_url, &flow.token_url, &flow.refresh_url]
                    .into_iter()
                    .flatten()
                    .map(|url| (url, &flow.place))
            });
            let discovery = scheme.url.iter().map(|url| (url, &scheme.place));
            let bad: Vec<(&String, &Place)> = flows.chain(discovery).filter(|(url, _)| is_cleartext(url)).collect();
            let Some((url, place)) = bad.first() else { continue };
            let message = format!("`{name}` signs in at {url}: passwords, codes and tokens are readable on the way.");
            let draft = Draft::at(place, message).cause(name);
            out.add(bad.iter().fold(draft, |draft, (url, place)| draft.contract(place, url.as_str())));
        }
    }
}

fn is_cleartext(url: &str) -> bool {
    hosts::scheme_of(url) == Some("http")
        && hosts::host_of(url).is_some_and(|host| !hosts::is_private(host) && !hosts::is_placeholder(host))
}
