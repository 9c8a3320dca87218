//! Which answers operations declare, and sentences about how many do.

use plimsoll_spec::ResponseSpec;

use crate::view::OpView;

/// Whether an operation declares this status, or its class.
pub(super) fn declares(op: &OpView<'_>, status: &str) -> bool {
    op.spec.responses.contains_key(status) || op.spec.responses.contains_key(&format!("{}XX", &status[..1]))
}

/// Whether a name is that of a header about rate limits (RFC 6585 §4, draft-ietf-httpapi-ratelimit-headers, and older customs).
pub(super) fn is_rate_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['-', '_'], "");
    name.contains("ratelimit") || matches!(name.as_str(), "retryafter" | "xquotaremaining")
}

/// Whether a response declares a header about rate limits.
pub(super) fn has_rate_header(response: &ResponseSpec) -> bool {
    response.headers.iter().any(|name| is_rate_header(name))
}

/// `None of 12 operations documents`, `5 of 12 operations document`, `The operation documents`.
pub(super) fn share(silent: usize, all: usize, one: &str, many: &str) -> String {
    match (silent, all) {
        (1, 1) => format!("The only operation {one}"),
        (silent, all) if silent == all => format!("All {all} operations {many}"),
        (1, all) => format!("1 of {all} operations {one}"),
        (silent, all) => format!("{silent} of {all} operations {many}"),
    }
}
