//! What the contract declares for an answer, and which answers are the operation's own.

use plimsoll_http::{Exchange, Response};
use plimsoll_spec::{Origin, ResponseSpec};

use crate::view::Op;

/// The answers to requests of the operation as the contract writes it: its own method and path, no other media type asked for. Probes of other spellings, versions and
/// methods ask something else, and what answers them may not be the operation.
pub(super) fn own<'a>(op: &Op<'a>) -> impl Iterator<Item = (&'a Exchange, &'a Response)> + use<'a> {
    let from_contract = op.spec.origin == Origin::Contract;
    let method = op.key().method;
    let template = op.api.prefix.clone() + &op.key().path;
    op.exchanges()
        .filter(move |exchange| from_contract && exchange.request.method == method)
        .filter(move |exchange| is_of(&exchange.request.path, &template))
        .filter(|exchange| !exchange.request.headers.iter().any(|(name, _)| name == "accept" || name == "range"))
        .filter_map(|exchange| Some((exchange, exchange.response()?)))
}

/// Whether a path is one of a template: as many segments, equal where the template names no parameter, nothing odd in the others.
fn is_of(path: &str, template: &str) -> bool {
    let (mut given, mut wanted) = (path.split('/'), template.split('/'));
    loop {
        match (given.next(), wanted.next()) {
            (None, None) => return true,
            (Some(segment), Some(wanted)) if wanted.contains('{') => {
                if segment.is_empty() || segment.contains(['%', ';']) {
                    return false;
                }
            }
            (Some(segment), Some(wanted)) if segment == wanted => {}
            _ => return false,
        }
    }
}

/// What is declared for a status: by itself, by its class (`2XX`), or as `default`.
pub(super) fn response<'a>(op: &Op<'a>, status: u16) -> Option<&'a ResponseSpec> {
    let declared = &op.spec.responses;
    let class = |key: &str| {
        let mut chars = key.chars();
        chars.next().and_then(|first| first.to_digit(10)) == Some(u32::from(status / 100))
            && key.len() == 3
            && chars.all(|c| c.eq_ignore_ascii_case(&'x'))
    };
    declared
        .get(&status.to_string())
        .or_else(|| declared.iter().find(|(key, _)| class(key)).map(|(_, response)| response))
        .or_else(|| declared.get("default"))
}

#[cfg(test)]
mod tests {
    use super::is_of;

    #[test]
    fn a_path_is_of_its_template() {
        assert!(is_of("/v1/orders/7", "/v1/orders/{id}"));
        for other in
            ["/v1/orders", "/v1/orders/7/", "/V1/orders/7", "/v1/orders/7;x", "/v1/orders/", "/v1/orders/7/items"]
        {
            assert!(!is_of(other, "/v1/orders/{id}"), "{other}");
        }
    }
}
