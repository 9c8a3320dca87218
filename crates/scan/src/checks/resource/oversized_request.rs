//! `oversized-request`: requests far longer than any client needs are accepted.

use plimsoll_http::{Exchange, Probe};

use super::bounds;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::{App, Op};

check! {
    /// A very long URL or header that is accepted.
    pub struct OversizedRequest {
        id: "oversized-request", weakness: OversizedRequestAccepted, mode: Active, since: "0.1.0",
        page: "http/oversized-request.md",
    }
}

/// Twice the 8,000 octets of a request line that RFC 9112 §3 recommends to support.
const URL: u32 = 16_000;
/// A header value of the size at which common servers and proxies stop.
const HEADER: u32 = 8_192;
/// A parameter and a header that no service knows, so that nothing but their length can matter.
const NAME: &str = "plimsoll-length";

fn long_url(op: &Op<'_>) -> Probe {
    op.probe().query_filled(NAME, 'a', URL)
}

fn long_header(op: &Op<'_>) -> Probe {
    op.probe().header_filled("x-plimsoll-length", 'a', HEADER)
}

impl Check for OversizedRequest {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        let Some(op) = app.cheapest() else { return Vec::new() };
        vec![long_url(&op), long_header(&op)]
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let Some(op) = app.cheapest() else { return Vec::new() };
        // The header alone is no finding: many sound servers stop at 16 or 64 KiB of headers.
        let Some(url) = op.success(&long_url(&op)) else { return Vec::new() };
        let header: Option<&Exchange> = op.success(&long_header(&op));
        let also = header
            .map_or(String::new(), |_| format!("; so is a header of {} bytes", bounds::number(u64::from(HEADER))));
        let message = format!(
            "A URL of more than {} bytes is accepted{also}. No limit of the service's own applies.",
            bounds::number(u64::from(URL))
        );
        let mut draft = app.finding(message).outline(url, "with a long query value");
        if let Some(header) = header {
            draft = draft.outline(header, "with a long header");
        }
        vec![draft]
    }
}
