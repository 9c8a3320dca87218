//! What a document says beside its operations: servers with their stage, security schemes with their flows.
//!
//! It is read as it stands; whether it is good belongs to the audit.

use serde::{Deserialize, Serialize};

use crate::api::{Api, Place, SchemeKind, SecurityScheme};
use crate::reader::Reader;
use crate::tree::{At, Node};

/// URLs of one server that are kept: a few variables with many values each would be millions.
const URLS: usize = 32;

/// A server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// The URLs that it stands for: variables filled with each of their values, those with the defaults first; without credentials.
    pub urls: Vec<String>,
    /// `description`, and `name` of 3.2.
    pub description: String,
    /// `x-internal`.
    pub internal: Option<bool>,
    /// Whether the URL held credentials.
    pub credentials: bool,
    /// Where it stands in the document.
    pub place: Place,
}

/// The ways in which OAuth 2.0 issues tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlowKind {
    /// RFC 6749 §4.2; gone from OAuth 2.1.
    Implicit,
    /// RFC 6749 §4.3; gone from OAuth 2.1.
    Password,
    /// RFC 6749 §4.4: no user takes part.
    ClientCredentials,
    /// RFC 6749 §4.1.
    AuthorizationCode,
    /// RFC 8628 (OpenAPI 3.2).
    DeviceAuthorization,
}

impl FlowKind {
    /// As OpenAPI 3 writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Implicit => "implicit",
            Self::Password => "password",
            Self::ClientCredentials => "clientCredentials",
            Self::AuthorizationCode => "authorizationCode",
            Self::DeviceAuthorization => "deviceAuthorization",
        }
    }

    /// Of the names that OpenAPI 2 and 3 have.
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "implicit" => Self::Implicit,
            "password" => Self::Password,
            "clientCredentials" | "application" => Self::ClientCredentials,
            "authorizationCode" | "accessCode" => Self::AuthorizationCode,
            "deviceAuthorization" => Self::DeviceAuthorization,
            _ => return None,
        })
    }
}

/// A flow of OAuth 2.0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Which.
    pub kind: FlowKind,
    /// `authorizationUrl`.
    pub authorization_url: Option<String>,
    /// `tokenUrl`.
    pub token_url: Option<String>,
    /// `refreshUrl`.
    pub refresh_url: Option<String>,
    /// Names of `scopes`, in document order.
    pub scopes: Vec<String>,
    /// Where it stands in the document.
    pub place: Place,
}

impl<'a> Reader<'a> {
    /// The servers that stand in `at` (the document, a path item, an operation).
    pub(crate) fn declared_servers(&mut self, at: &At<'a>, api: &mut Api) {
        let list: Vec<At<'a>> = at.child("servers").iter().flat_map(At::items).collect();
        for server in list {
            let Some(url) = server.node.child("url").and_then(Node::text) else { continue };
            if !self.spend_part(&server) {
                return;
            }
            let said = |key: &str| server.node.child(key).and_then(Node::text).unwrap_or_default();
            let mut credentials = false;
            let urls = variants(url, &server).into_iter().map(|url| {
                let clean = crate::servers::stripped(&url);
                credentials |= clean.is_some();
                clean.unwrap_or(url)
            });
            let urls = urls.collect();
            api.hosts.push(Server {
                urls,
                description: [said("name"), said("description")].join(" ").trim().to_owned(),
                internal: server.node.child("x-internal").and_then(Node::boolean),
                credentials,
                place: server.place(),
            });
        }
    }
}

/// A security scheme of this kind with what the document says of it.
pub(crate) fn declared_scheme(at: &At<'_>, kind: SchemeKind) -> SecurityScheme {
    let said = |key: &str| at.node.child(key).and_then(Node::text).map(str::to_owned);
    let flows = match (&kind, at.child("flows")) {
        (SchemeKind::OAuth2, Some(flows)) => {
            flows.entries().filter_map(|(name, flow)| Some(read_flow(&flow, FlowKind::of(name)?))).collect()
        }
        // Version 2 has one flow, beside `type`.
        (SchemeKind::OAuth2, None) => {
            let kind = at.node.child("flow").and_then(Node::text).and_then(FlowKind::of);
            kind.map(|kind| read_flow(at, kind)).into_iter().collect()
        }
        _ => Vec::new(),
    };
    SecurityScheme {
        kind,
        description: said("description").unwrap_or_default(),
        bearer_format: said("bearerFormat"),
        flows,
        url: said("openIdConnectUrl"),
        place: at.place(),
    }
}

/// The URL with its variables filled, once for each combination of values; names without a value stay.
fn variants(url: &str, server: &At<'_>) -> Vec<String> {
    let mut out = vec![url.to_owned()];
    if url.len() > 2048 {
        return out;
    }
    for name in crate::operations::template_names(url).collect::<Vec<_>>() {
        let Some(variable) = server.child("variables").and_then(|variables| variables.child(name)) else { continue };
        let default = variable.node.child("default").into_iter();
        let listed = variable.node.child("enum").and_then(Node::list).into_iter().flatten();
        let mut values: Vec<&str> =
            default.chain(listed).filter_map(Node::text).filter(|text| !text.is_empty()).collect();
        let mut met = std::collections::HashSet::new();
        values.retain(|value| met.insert(*value));
        if values.is_empty() {
            continue;
        }
        let hole = format!("{{{name}}}");
        out = values
            .iter()
            .flat_map(|value| out.iter().map(|url| url.replace(&hole, value)).collect::<Vec<_>>())
            .take(URLS)
            .collect();
    }
    out
}

fn read_flow(at: &At<'_>, kind: FlowKind) -> Flow {
    let said = |key: &str| at.node.child(key).and_then(Node::text).map(str::to_owned);
    Flow {
        kind,
        authorization_url: said("authorizationUrl"),
        token_url: said("tokenUrl"),
        refresh_url: said("refreshUrl"),
        scopes: at.child("scopes").iter().flat_map(At::entries).map(|(name, _)| name.to_owned()).collect(),
        place: at.place(),
    }
}

/// Whether an extension names the day on which an operation ends.
pub(crate) fn names_sunset(at: &At<'_>) -> bool {
    ["x-sunset", "x-sunset-date", "x-deprecation-date", "x-removal-date", "x-end-of-life", "x-deprecated-until"]
        .iter()
        .any(|key| at.node.child(key).is_some_and(|node| node.boolean() != Some(false)))
}

#[cfg(test)]
mod tests {
    use crate::{FlowKind, Options, Source, load};

    fn read(text: &str) -> crate::Api {
        load(&Source::Bytes { name: "api.yaml".into(), bytes: text.into() }, &Options::default()).unwrap()
    }

    #[test]
    fn servers_stand_for_every_value_of_their_variables() {
        let api = read(
            r#"
openapi: 3.0.3
info: {title: t, version: '1'}
servers:
  - url: '{scheme}://{where}.example.com/{free}'
    description: Production
    x-internal: false
    variables:
      scheme: {default: https, enum: [https, http]}
      where: {default: api, enum: [api, staging]}
  - url: https://user:secret@api.example.org/
paths:
  /a:
    servers: [{url: http://files.example.com}]
    get: {responses: {'200': {description: ok}}}
"#,
        );
        let urls: Vec<&str> = api.hosts[0].urls.iter().map(String::as_str).collect();
        assert_eq!(
            urls,
            [
                "https://api.example.com/{free}",
                "http://api.example.com/{free}",
                "https://staging.example.com/{free}",
                "http://staging.example.com/{free}"
            ]
        );
        assert_eq!((api.hosts[0].internal, api.hosts[0].description.as_str()), (Some(false), "Production"));
        assert!(api.hosts[1].credentials && !api.hosts[1].urls[0].contains("secret"));
        assert_eq!(api.hosts[2].place.pointer, "/paths/~1a/servers/0");
        assert_eq!(api.hosts[2].place.line, Some(14));
    }

    #[test]
    fn flows_of_both_versions() {
        let api = read(
            r#"
openapi: 3.0.3
info: {title: t, version: '1'}
paths: {}
components:
  securitySchemes:
    o:
      type: oauth2
      description: how
      flows:
        authorizationCode: {authorizationUrl: 'https://a', tokenUrl: 'https://t', refreshUrl: 'https://r', scopes: {b: x, a: y}}
        magic: {}
    j: {type: http, scheme: bearer, bearerFormat: JWT}
"#,
        );
        let scheme = &api.schemes["o"];
        assert_eq!((scheme.flows.len(), scheme.description.as_str()), (1, "how"));
        assert_eq!(
            (scheme.flows[0].kind, scheme.flows[0].refresh_url.as_deref()),
            (FlowKind::AuthorizationCode, Some("https://r"))
        );
        assert_eq!(scheme.flows[0].scopes, ["b", "a"]);
        assert_eq!(api.schemes["j"].bearer_format.as_deref(), Some("JWT"));
        let api = read(
            "{swagger: '2.0', info: {title: t, version: '1'}, host: h.example.com, schemes: [https, http], paths: {}, \
             securityDefinitions: {o: {type: oauth2, flow: accessCode, tokenUrl: 'http://t', scopes: {}}}}",
        );
        assert_eq!(api.schemes["o"].flows[0].kind, FlowKind::AuthorizationCode);
        assert_eq!(api.schemes["o"].flows[0].token_url.as_deref(), Some("http://t"));
        assert_eq!(
            api.hosts.iter().map(|host| host.urls[0].as_str()).collect::<Vec<_>>(),
            ["https://h.example.com", "http://h.example.com"]
        );
    }
}
