//! Where an API is served: `servers`, `host` and `basePath`, and the path prefix of the first of them.

use url::Url;

use crate::api::Api;
use crate::declared::Server;
use crate::error::one_line;
use crate::files::Base;
use crate::reader::Reader;
use crate::tree::{At, Node};

/// Stands in for the unknown host of a document that was read from disk (RFC 2606 §2).
const NOWHERE: &str = "http://document.invalid/";

impl<'a> Reader<'a> {
    /// `servers` of version 3. Relative ones are relative to where the document is.
    pub(crate) fn servers_v3(&mut self, root: &At<'a>, base: &Base, api: &mut Api) {
        self.declared_servers(root, api);
        for server in root.child("servers").iter().flat_map(At::items) {
            let Some(url) = server.node.child("url").and_then(Node::text) else {
                self.warn(&server, "a server without a URL");
                continue;
            };
            let url = self.fill(url, &server);
            api.servers.push(self.without_credentials(&url, &server));
        }
        let here = match base {
            Base::Url(url) => Some(url.clone()),
            _ => Url::parse(NOWHERE).ok(),
        };
        // A variable without a value would end up in every request.
        let usable = api.servers.iter().find(|server| !server.contains(['{', '}']));
        if let (Some(server), Some(here)) = (usable, here) {
            match here.join(server) {
                Ok(url) if !url.cannot_be_a_base() => url.path().trim_end_matches('/').clone_into(&mut api.prefix),
                _ => self.warn(root, format!("the server {} is no URL", one_line(server, 100))),
            }
        }
    }

    /// `schemes`, `host` and `basePath` of version 2.
    pub(crate) fn servers_v2(&mut self, root: &At<'a>, api: &mut Api) {
        let path = self.text(root, "basePath").unwrap_or_default().trim_end_matches('/');
        let path = if path.is_empty() || path.starts_with('/') {
            path.to_owned()
        } else {
            self.warn(root, "basePath begins with a slash");
            format!("/{path}")
        };
        if let Some(host) = self.text(root, "host") {
            let schemes: Vec<&str> = root
                .node
                .child("schemes")
                .and_then(Node::list)
                .unwrap_or_default()
                .iter()
                .filter_map(Node::text)
                .take(4)
                .collect();
            for scheme in if schemes.is_empty() { vec!["https"] } else { schemes } {
                let url = format!("{scheme}://{host}{path}");
                let clean = self.without_credentials(&url, root);
                let at = root.child("schemes").or_else(|| root.child("host")).unwrap_or_else(|| root.clone());
                api.hosts.push(Server {
                    urls: vec![clean.clone()],
                    internal: root.node.child("x-internal").and_then(Node::boolean),
                    credentials: clean != url,
                    place: at.place(),
                    ..Server::default()
                });
                api.servers.push(clean);
            }
        } else if !path.is_empty() {
            api.servers.push(path.clone());
        }
        api.prefix = path;
    }

    /// The URL with its variables replaced by their defaults.
    fn fill(&mut self, url: &str, server: &At<'a>) -> String {
        let mut out = url.to_owned();
        if url.len() > 2048 {
            self.warn(server, "the server URL is too long for a URL");
            return out;
        }
        let variables = server.child("variables");
        for name in crate::operations::template_names(url) {
            let variable = variables.as_ref().and_then(|variables| variables.child(name));
            let first =
                variable.as_ref().and_then(|v| v.node.child("enum")).and_then(Node::list).and_then(<[Node]>::first);
            let default = variable.as_ref().and_then(|v| v.node.child("default"));
            if default.is_none() {
                self.warn(server, format!("the server variable {} has no default", one_line(name, 60)));
            }
            if let Some(value) = default.or(first).map(plain).filter(|value| !value.is_empty()) {
                out = out.replace(&format!("{{{name}}}"), &value);
            }
        }
        out
    }

    /// A secret in a document is no reason to repeat it in a report.
    fn without_credentials(&mut self, text: &str, at: &At<'a>) -> String {
        let Some(clean) = stripped(text) else { return text.to_owned() };
        self.warn(at, "the server URL holds credentials, which are left out");
        clean
    }
}

/// The URL without its credentials; none where it has none.
pub(crate) fn stripped(text: &str) -> Option<String> {
    let mut url = Url::parse(text).ok()?;
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    // Both fail only for URLs that cannot have credentials, and this one has.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Some(url.to_string())
}

fn plain(node: &Node) -> String {
    node.text().map_or_else(|| node.to_value().to_string(), str::to_owned)
}
