//! Soft 404s: servers that answer every path with a page and a 2xx. Such a page must not be taken for an operation.

use plimsoll_http::Exchange;

/// What the target answers on paths that cannot exist.
#[derive(Clone, Debug, Default)]
pub struct Soft404 {
    answers: Vec<(u16, String, u64, [u8; 16])>,
}

/// Paths that no application has. Two, of different length and kind, so that a page that repeats the path is recognised too.
pub const PATHS: [&str; 2] = ["/plimsoll-no-such-page-7f3a", "/api/plimsoll-no-such-page/91c4e2d08b.json"];

/// Another one, for checks that ask there in ways of their own.
pub const NOWHERE: &str = "/plimsoll-nothing-here";

impl Soft404 {
    /// Learns from the answer to one of [`PATHS`].
    pub fn learn(&mut self, exchange: &Exchange) {
        if let Some(response) = exchange.response().filter(|response| (200..400).contains(&response.status)) {
            self.answers.push((
                response.status,
                response.media_type(),
                response.body.decoded_len,
                response.body.digest,
            ));
        }
    }

    /// Whether this answer is the page that answers everything: equal, or of the same status and media type and about as long.
    pub fn matches(&self, exchange: &Exchange) -> bool {
        let Some(response) = exchange.response() else { return false };
        self.answers.iter().any(|(status, media_type, length, digest)| {
            *digest == response.body.digest
                || *status == response.status
                    && *media_type == response.media_type()
                    && length.abs_diff(response.body.decoded_len) <= 64 + length / 20
        })
    }
}
