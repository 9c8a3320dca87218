//! What a parameter or field is for, by its name: whose object it names, where a request goes, what proves who is calling, how results are
//! chosen and ordered.

use super::{normal, words};
use crate::api::{Parameter, Schema, SchemaKind};

/// What a name says that a value is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Names an object: `id`, `order_id`, `uuid`.
    Id,
    /// An address that the service may call or send its caller to: `url`, `callback`, `redirect_uri`.
    Address,
    /// Proves who is calling, or keeps a secret: `password`, `api_key`, `access_token`.
    Secret,
    /// An expression that chooses results: `filter`, `where`, `query`.
    Filter,
    /// An expression that orders results: `sort`, `order_by`.
    Sort,
    /// Which related things are included: `expand`, `include`, `fields`.
    Expand,
}

/// What a name says; none for a name like any other.
pub fn purpose(name: &str) -> Option<Purpose> {
    let words = words(name);
    let last = words.last().map_or("", String::as_str);
    let whole = normal(name);
    let is = |list: &[&str]| list.contains(&whole.as_str());
    let any = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    if is_secret(&whole) {
        return Some(Purpose::Secret);
    }
    if is_address(&whole, &words) {
        return Some(Purpose::Address);
    }
    if matches!(last, "id" | "uuid" | "guid" | "ids") || is(&["pk", "uid", "oid"]) {
        return Some(Purpose::Id);
    }
    if is(&["sort", "sortby", "orderby", "order", "sorting", "$orderby", "sortfield", "sortorder", "sortkey"]) {
        return Some(Purpose::Sort);
    }
    if is(&[
        "filter",
        "filters",
        "where",
        "query",
        "search",
        "expression",
        "criteria",
        "predicate",
        "condition",
        "q",
        "jql",
        "fql",
        "odatafilter",
        "filterby",
        "filterexpression",
        "rsql",
        "cql",
    ]) {
        return Some(Purpose::Filter);
    }
    if is(&[
        "expand",
        "include",
        "includes",
        "embed",
        "expansions",
        "fields",
        "select",
        "projection",
        "with",
        "populate",
        "attributes",
        "properties",
    ]) && !any(&["total", "count"])
    {
        return Some(Purpose::Expand);
    }
    None
}

/// Whether a name (in lower case without separators) is that of something that proves who is calling.
fn is_secret(whole: &str) -> bool {
    // A token that pages or changes is handed out for that, and is no credential.
    const SECRETS: &[&str] = &[
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "secret",
        "clientsecret",
        "apikey",
        "accesskey",
        "secretkey",
        "privatekey",
        "accesstoken",
        "refreshtoken",
        "idtoken",
        "authtoken",
        "bearertoken",
        "sessiontoken",
        "usertoken",
        "apitoken",
        "authorization",
        "credential",
        "credentials",
        "xapikey",
        "apisecret",
        "appsecret",
        "sharedsecret",
        "passcode",
        "jwt",
        "sessionid",
        "oauthtoken",
        "securitytoken",
        "authkey",
        "subscriptionkey",
    ];
    SECRETS.contains(&whole)
        || ["password", "apikey", "accesstoken", "clientsecret", "secretkey", "privatekey", "accesskey"]
            .iter()
            .any(|ending| whole.ends_with(ending))
}

fn is_address(whole: &str, words: &[String]) -> bool {
    let last = words.last().map_or("", String::as_str);
    matches!(last, "url" | "uri" | "href" | "endpoint" | "webhook" | "callback" | "urls" | "uris")
        || matches!(
            whole,
            "redirect"
                | "redirectto"
                | "returnto"
                | "next"
                | "target"
                | "dest"
                | "destination"
                | "host"
                | "domain"
                | "site"
                | "link"
                | "feed"
                | "proxy"
                | "origin"
                | "forward"
                | "continue"
        )
}

/// Whether a parameter takes a text that means more than itself (an expression, a list of names) and its schema does not say which are
/// allowed.
pub fn is_free_form(parameter: &Parameter) -> bool {
    matches!(purpose(&parameter.name), Some(Purpose::Filter | Purpose::Sort | Purpose::Expand))
        && is_free(&parameter.schema)
}

fn is_free(schema: &Schema) -> bool {
    schema.variants().iter().any(|variant| {
        let text = variant.kinds.contains(&SchemaKind::String)
            && variant.values.is_empty()
            && variant.pattern.is_none()
            && variant.format.is_none();
        let list =
            variant.kinds.contains(&SchemaKind::Array) && variant.items.as_ref().is_none_or(|items| is_free(items));
        text || list || variant.kinds.is_empty() && variant.alternatives.is_empty() && variant.values.is_empty()
    })
}

/// Whether a schema allows a value that somebody else's can be guessed from: a counted number.
pub fn is_counted(schema: &Schema) -> bool {
    schema.is_only(SchemaKind::Integer) || schema.is_only(SchemaKind::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_by_name() {
        for (name, expected) in [
            ("order_id", Some(Purpose::Id)),
            ("userUUID", Some(Purpose::Id)),
            ("identity", None),
            ("callback_url", Some(Purpose::Address)),
            ("redirectUri", Some(Purpose::Address)),
            ("curl", None),
            ("X-Api-Key", Some(Purpose::Secret)),
            ("new_password", Some(Purpose::Secret)),
            ("page_token", None),
            ("sort_by", Some(Purpose::Sort)),
            ("filter", Some(Purpose::Filter)),
            ("colour", None),
        ] {
            assert_eq!(purpose(name), expected, "{name}");
        }
    }
}
