//! What counts as large, as a customary page and as a bound: the thresholds that the checks of this family share.
//!
//! They are deliberately far from what sound services answer with: a list of a dozen categories is no unbounded read, and a page of a
//! thousand elements is a page.

use plimsoll_http::Exchange;
use plimsoll_model::Severity;
pub use plimsoll_spec::roles::bounds::{SANE_PAGE, maximum, number, size};

use crate::list::List;
use crate::paging::{self, Next};
use crate::view::Op;

/// From this number of elements on, a list without page control is worth a word.
pub const LARGE_LEN: u64 = 100;
/// From this number of bytes on, a list without page control is worth a word.
pub const LARGE_BYTES: u64 = 64 << 10;
/// From this number of bytes on, an answer is heavy whatever it holds.
pub const HEAVY_BYTES: u64 = 256 << 10;
/// The page size that no caller needs and no sound service serves.
pub const HUGE: u64 = 100_000;

/// Numbers at which lists are customarily cut.
pub const CAPS: &[u64] = &[10, 20, 25, 50, 100, 200, 250, 500, 1_000];

/// Whether a list is so long or heavy that its size matters.
pub fn is_large(list: &List<'_>) -> bool {
    list.len() >= LARGE_LEN || (list.bytes() >= LARGE_BYTES && list.len() >= 20)
}

/// Whether lists are customarily cut at this number.
pub fn is_cap(len: u64) -> bool {
    CAPS.contains(&len)
}

/// The severity of an answer of this size: high where it is heavy, or large and open to anybody; medium otherwise.
pub fn severity(op: &Op<'_>, len: u64, bytes: u64) -> Severity {
    let large = len >= LARGE_LEN || bytes >= LARGE_BYTES;
    if len > SANE_PAGE || bytes >= HEAVY_BYTES || (large && op.is_open()) { Severity::High } else { Severity::Medium }
}

/// Whether an answer says that there is more than it holds, or how much there is, or admits that it may be cut: a next page, a total above
/// its length, a flag (also where it says "no"), a partial content header (RFC 9110 §14.4).
pub fn tells_of_more(exchange: &Exchange, len: u64) -> bool {
    let Some(response) = exchange.response() else { return false };
    let by_header = response.headers.iter().any(|(name, value)| match name.as_str() {
        "content-range" => true,
        "x-total-count" | "x-total" | "total-count" | "x-has-more" => true,
        "link" => value.contains("rel=\"next\"") || value.contains("rel=next"),
        _ => false,
    });
    let by_field = response.body.tally.scalars.iter().any(|(path, value)| {
        let last = path.rsplit('.').next().unwrap_or(path).to_ascii_lowercase().replace(['_', '-'], "");
        let is_flag = value.is_boolean()
            && ["more", "next", "truncated", "last", "partial", "complete"].iter().any(|word| last.contains(word));
        let is_total = last.contains("total") || last == "numfound";
        let above = last.contains("count") && value.as_u64().is_some_and(|count| count > len);
        is_flag || (is_total && value.is_number()) || above
    });
    by_header || by_field || paging::next(exchange).is_some()
}

/// Whether an answer offers a next page.
pub fn has_next(exchange: &Exchange) -> bool {
    matches!(paging::next(exchange), Some(Next::Cursor { .. } | Next::Link(_) | Next::Flag | Next::Key(_)))
}
