//! `uncompressed-answer`: a large answer that clients may keep is neither compressed nor can it be revalidated.

use plimsoll_http::{Exchange, Response};

use super::bounds;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// A large text answer without content coding and without validators.
    pub struct UncompressedAnswer {
        id: "uncompressed-answer", weakness: UncompressedAnswer, mode: Passive, since: "0.1.0",
        page: "http/uncompressed-answer.md",
    }
}

/// From this size on, compression saves several packets.
const LEAST_BYTES: u64 = 16 << 10;

fn is_text(response: &Response) -> bool {
    let media_type = response.media_type();
    response.is_json()
        || media_type.starts_with("text/")
        || matches!(media_type.as_str(), "application/xml" | "application/x-ndjson" | "application/yaml")
        || media_type.ends_with("+xml")
}

/// Whether the answer may be stored by nobody (RFC 9111 §5.2.2.5): then validators are of no use, and leaving out compression may be on
/// purpose where secrets and caller's input meet in one body.
fn is_never_stored(response: &Response) -> bool {
    response.header_all("cache-control").any(|value| value.to_ascii_lowercase().contains("no-store"))
}

/// The answer, where it is large, may be stored, and has neither coding nor validator.
fn plain(exchange: &Exchange) -> Option<u64> {
    let response = exchange.response().filter(|_| exchange.is_success())?;
    let body = &response.body;
    let has = |name: &str| response.header(name).is_some_and(|value| !value.trim().is_empty());
    let coded = has("content-encoding") || body.wire_len < body.decoded_len;
    let validated = has("etag") || has("last-modified");
    (body.decoded_len >= LEAST_BYTES && is_text(response) && !coded && !validated && !is_never_stored(response))
        .then_some(body.decoded_len)
}

impl Check for UncompressedAnswer {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let Some(exchange) = op.baseline().filter(|_| op.is_get()) else { return Vec::new() };
        let Some(bytes) = plain(exchange) else { return Vec::new() };
        let message = format!(
            "An answer of {} is sent as it is, although `Accept-Encoding` offers gzip, and has neither `ETag` nor `Last-Modified`.",
            bounds::size(bytes)
        );
        // Compression and validators are set up once for all operations.
        let draft = op.finding(message).cause("neither compressed nor revalidated");
        vec![
            draft
                .outline(exchange, "large and plain")
                .headers(exchange, &["content-type", "content-length", "cache-control"]),
        ]
    }
}
