//! `staging-server`: systems for tests stand beside production in one contract.

use plimsoll_spec::Place;

use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::rules::transport::hosts;
use crate::view::View;

rule! {
    /// Staging beside production.
    pub struct StagingServer {
        id: "staging-server", weakness: UnmanagedHost, severity: Info, since: "0.3.0", owasp: [],
    }
}

impl Rule for StagingServer {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let mut other = false;
        let mut staging: Vec<(&Place, String)> = Vec::new();
        for server in &view.api.hosts {
            let stage = hosts::stage_of(server);
            let urls =
                server.urls.iter().filter(|url| hosts::host_of(url).is_some_and(|host| !hosts::is_private(host)));
            for url in urls {
                // A variable may choose the stage.
                match hosts::host_of(url).and_then(hosts::stage_of_host).or(stage) {
                    // A sandbox is there for readers of the contract.
                    Some("staging" | "test" | "development") if server.internal != Some(true) => {
                        staging.push((&server.place, url.clone()));
                    }
                    _ => other = true,
                }
            }
        }
        if other && !staging.is_empty() {
            let names = tally::names(staging.iter().map(|(_, url)| url));
            let message = format!("Beside production the contract names systems for tests: {names}.");
            out.add(tally::habit("staging", message, staging));
        }
    }
}
