//! `credentials-in-server`: the address of a server holds a name and a password.

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::View;

rule! {
    /// User information in a server URL (RFC 3986 §3.2.1).
    pub struct CredentialsInServer {
        id: "credentials-in-server", weakness: CredentialsInUrl, severity: High, since: "0.3.0", owasp: [],
    }
}

impl Rule for CredentialsInServer {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        for server in view.api.hosts.iter().filter(|server| server.credentials) {
            // What is shown was read without them.
            let url = server.urls.first().map_or("", String::as_str);
            out.add(
                Draft::at(
                    &server.place,
                    format!(
                        "The address of the server {url} holds credentials; every reader of the contract has them."
                    ),
                )
                .cause(url),
            );
        }
    }
}
