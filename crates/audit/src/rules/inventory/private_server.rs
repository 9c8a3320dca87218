//! `private-server`: the contract names a host that only the inside of a network knows.

use plimsoll_model::Severity;
use plimsoll_spec::Place;

use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::rules::transport::hosts;
use crate::view::View;

rule! {
    /// Private and loopback hosts among the servers.
    pub struct PrivateServer {
        id: "private-server", weakness: UnmanagedHost, severity: Low, since: "0.3.0", owasp: [],
    }
}

impl Rule for PrivateServer {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let mut private: Vec<(&Place, String)> = Vec::new();
        let (mut loopback, mut public) = (true, false);
        for server in &view.api.hosts {
            for url in &server.urls {
                let Some(host) = hosts::host_of(url).filter(|host| !hosts::is_placeholder(host)) else { continue };
                if hosts::is_private(host) && server.internal != Some(true) {
                    loopback &= hosts::is_loopback(host);
                    if !private.iter().any(|(_, known)| known == url) {
                        private.push((&server.place, url.clone()));
                    }
                } else {
                    public = true;
                }
            }
        }
        if private.is_empty() {
            return;
        }
        let names = tally::names(private.iter().map(|(_, url)| url));
        let (message, severity) = match (loopback, public) {
            // The document of somebody's own machine.
            (true, false) => (format!("The only servers are on the reader's own machine: {names}."), Severity::Info),
            (true, true) => (
                format!("{names} stands beside public servers: clients send credentials to whatever listens there."),
                Severity::Low,
            ),
            (false, _) => {
                (format!("{names} is known inside of a network only, and tells how it is built."), Severity::Low)
            }
        };
        out.add(tally::habit("private", message, private).severity(severity));
    }
}
