//! Callbacks and webhooks: whether their receiver can tell who sent them.

use plimsoll_spec::roles::normal;
use plimsoll_spec::{Api, Description, Raw, RawKind};

use super::{KEPT, Written, at, follow};

/// Looks at every callback of the contract.
pub(super) fn judge(description: &Description, api: &Api, found: &mut Written) {
    for (name, place) in &api.callbacks {
        let Some(raw) = at(description, &place.pointer) else { continue };
        let Some((raw, _)) = follow(description, raw, place.pointer.clone()) else { continue };
        found.callbacks += 1;
        // A webhook is a path item, a callback a map of them.
        let item = if place.pointer.starts_with("/webhooks/") {
            is_signed(description, raw)
        } else {
            any(raw, |item| is_signed(description, item))
        };
        if !item && found.unsigned.len() < KEPT {
            found.unsigned.push((place.clone(), name.clone()));
        }
    }
}

fn any(raw: Raw<'_>, wanted: impl Fn(Raw<'_>) -> bool) -> bool {
    matches!(raw.kind(), RawKind::Map(map) if map.iter().any(|(_, inner)| wanted(inner)))
}

/// Whether a request of a path item carries a proof: a header that is called like one, a requirement of its own, or a field of its body.
fn is_signed(description: &Description, item: Raw<'_>) -> bool {
    let Some((item, _)) = follow(description, item, String::new()) else { return true };
    let proves = |holder: Raw<'_>| {
        let parameters = holder.get("parameters");
        let by_header = matches!(parameters.map(Raw::kind), Some(RawKind::List(list)) if list.iter().any(|parameter| {
            follow(description, parameter, String::new()).is_some_and(|(parameter, _)| {
                parameter.get("name").and_then(Raw::text).is_some_and(is_proof)
            })
        }));
        let by_scheme = matches!(holder.get("security").map(Raw::kind), Some(RawKind::List(list)) if !list.is_empty());
        by_header || by_scheme || body_names(description, holder).iter().any(|name| is_proof(name))
    };
    proves(item) || any(item, |inner| matches!(inner.kind(), RawKind::Map(_)) && proves(inner))
}

/// Whether a name is that of a signature or shared secret.
fn is_proof(name: &str) -> bool {
    let name = normal(name);
    ["signature", "hmac", "digest", "authorization", "secret", "apikey", "jwt", "svixid"]
        .iter()
        .any(|word| name.contains(word))
        || name.ends_with("token")
        || name.ends_with("hash")
        || name.ends_with("sign")
}

/// The names of the properties of a request body, one level deep.
fn body_names<'a>(description: &'a Description, operation: Raw<'a>) -> Vec<&'a str> {
    let Some(body) = operation.get("requestBody").and_then(|body| follow(description, body, String::new())) else {
        return Vec::new();
    };
    let Some(RawKind::Map(content)) = body.0.get("content").map(Raw::kind) else { return Vec::new() };
    let schemas = content.iter().filter_map(|(_, media)| media.get("schema"));
    let followed = schemas.filter_map(|schema| follow(description, schema, String::new()));
    followed
        .filter_map(|(schema, _)| schema.get("properties"))
        .filter_map(|properties| if let RawKind::Map(map) = properties.kind() { Some(map) } else { None })
        .flat_map(|map| map.iter().map(|(name, _)| name).collect::<Vec<_>>())
        .collect()
}
