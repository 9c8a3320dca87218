//! `undescribed-server`: of several servers nobody says which is which.

use plimsoll_spec::{Place, Server};

use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::rules::transport::hosts;
use crate::view::View;

rule! {
    /// Servers without stage and audience.
    pub struct UndescribedServer {
        id: "undescribed-server", weakness: UnmanagedHost, severity: Info, since: "0.3.0",
        owasp: ["spectral:owasp:api9:2023-inventory-access", "spectral:owasp:api9:2023-inventory-environment"],
    }
}

impl Rule for UndescribedServer {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        // Those of paths and operations follow from the document's; version 2 cannot describe any.
        let servers: Vec<&Server> =
            view.api.hosts.iter().filter(|server| server.place.pointer.starts_with("/servers/")).collect();
        let mut hosts: Vec<&str> =
            servers.iter().flat_map(|server| &server.urls).filter_map(|url| hosts::host_of(url)).collect();
        hosts.sort_unstable();
        hosts.dedup();
        // One host needs no word to tell it from others.
        if hosts.len() < 2 {
            return;
        }
        let unknown: Vec<(&Place, String)> = servers
            .iter()
            .filter(|server| {
                hosts::stage_of(server).is_none() && server.internal.is_none() && !names_region(&server.description)
            })
            .map(|server| (&server.place, server.urls.first().cloned().unwrap_or_default()))
            .collect();
        if !unknown.is_empty() {
            let names = tally::names(unknown.iter().map(|(_, url)| url));
            let message = format!(
                "Of {}, {} without a word on stage or audience: {names}.",
                tally::count(servers.len(), "server"),
                unknown.len()
            );
            out.add(tally::habit("undescribed", message, unknown));
        }
    }
}

/// Whether a description tells a server from its siblings by where it stands.
fn names_region(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    [
        "region",
        "europe",
        "america",
        "asia",
        "pacific",
        "china",
        "data center",
        "datacenter",
        "internal",
        "public",
        "mirror",
    ]
    .iter()
    .any(|word| text.contains(word))
}
