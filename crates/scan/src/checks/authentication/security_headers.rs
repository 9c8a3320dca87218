//! `security-headers`: protective response headers that are missing where they would protect.

use plimsoll_http::{Exchange, Probe, Response};
use plimsoll_model::PartKind;

use super::access::{anonymous, anonymous_probe, refuses};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::{App, Op};

check! {
    /// Headers that tell browsers and caches to be careful.
    pub struct SecurityHeaders {
        id: "security-headers", weakness: MissingSecurityHeaders, mode: Active, since: "0.1.0", page: "http/security-headers.md",
    }
}

/// The headers that an evidence shows.
const SHOWN: &[&str] = &[
    "content-type",
    "cache-control",
    "x-content-type-options",
    "x-frame-options",
    "content-security-policy",
    "strict-transport-security",
];

/// What a header protects, and with that where it is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Header {
    /// On everything that a browser could take for a page or a script.
    ContentTypeOptions,
    /// On answers that need credentials.
    CacheControl,
    /// On pages.
    FrameProtection,
    /// On https.
    TransportSecurity,
}

impl Header {
    const ALL: [Self; 4] =
        [Self::ContentTypeOptions, Self::CacheControl, Self::FrameProtection, Self::TransportSecurity];

    const fn name(self) -> &'static str {
        match self {
            Self::ContentTypeOptions => "X-Content-Type-Options: nosniff",
            Self::CacheControl => "Cache-Control: no-store",
            Self::FrameProtection => "Content-Security-Policy: frame-ancestors (or X-Frame-Options)",
            Self::TransportSecurity => "Strict-Transport-Security",
        }
    }

    const fn place(self) -> &'static str {
        match self {
            Self::ContentTypeOptions => "answers",
            Self::CacheControl => "answers that need credentials",
            Self::FrameProtection => "pages",
            Self::TransportSecurity => "answers over https",
        }
    }

    /// Whether the header is wanted on this answer.
    fn is_wanted(self, Answer { op, exchange, response }: &Answer<'_>) -> bool {
        let media_type = response.media_type();
        match self {
            Self::ContentTypeOptions => {
                response.body.decoded_len > 0
                    && (response.is_json() || media_type.starts_with("text/") || media_type.contains("xml"))
            }
            Self::CacheControl => response.body.decoded_len > 0 && needs_credentials(op),
            Self::FrameProtection => media_type == "text/html",
            Self::TransportSecurity => exchange.origin.starts_with("https://"),
        }
    }

    /// Whether the answer has it, with a value that protects.
    fn is_there(self, response: &Response) -> bool {
        let has = |name: &str, wanted: fn(&str) -> bool| {
            response.header_all(name).any(|value| wanted(&value.to_ascii_lowercase()))
        };
        match self {
            Self::ContentTypeOptions => has("x-content-type-options", |value| value.contains("nosniff")),
            // RFC 9111 §5.2.2: each of these keeps an answer out of shared caches, or from being used again unasked.
            Self::CacheControl => has("cache-control", |value| {
                ["no-store", "private", "no-cache"].iter().any(|word| value.contains(word))
            }),
            Self::FrameProtection => {
                has("x-frame-options", |value| !value.is_empty())
                    || has("content-security-policy", |value| value.contains("frame-ancestors"))
            }
            // RFC 6797 §6.1.1: a max-age of zero takes the protection away.
            Self::TransportSecurity => {
                has("strict-transport-security", |value| value.contains("max-age=") && !value.contains("max-age=0"))
            }
        }
    }
}

impl Check for SecurityHeaders {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        if op.is_get() && op.seen.has_credentials && op.baseline().is_some() {
            vec![anonymous_probe(op)]
        } else {
            Vec::new()
        }
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        // One answer of each operation is enough: headers are set by the application, not by a value.
        let answers: Vec<Answer<'_>> = app.ops().filter(Op::is_get).filter_map(Answer::of).collect();
        let missing: Vec<Missing<'_>> =
            Header::ALL.into_iter().filter_map(|header| Missing::of(header, &answers)).collect();
        if missing.is_empty() {
            return Vec::new();
        }
        let listed: Vec<String> = missing
            .iter()
            .map(|Missing { header, without, wanted, first }| {
                format!("`{}` on {without} of {wanted} {} (`{}`)", header.name(), header.place(), first.op.key())
            })
            .collect();
        let mut draft = app
            .finding(format!("Missing: {}.", listed.join("; ")))
            .part(PartKind::ResponseHeader, "security")
            .cause("security headers");
        for Missing { header, first, .. } in &missing {
            draft = draft
                .exchange_excerpt(first.exchange, format!("without {}", header.name()), "")
                .headers(first.exchange, SHOWN);
        }
        vec![draft]
    }
}

/// The answer by which an operation is judged.
#[derive(Clone, Copy)]
struct Answer<'a> {
    op: Op<'a>,
    exchange: &'a Exchange,
    response: &'a Response,
}

impl<'a> Answer<'a> {
    fn of(op: Op<'a>) -> Option<Self> {
        let exchange = op.baseline().or_else(|| anonymous(&op).filter(|exchange| exchange.is_success()))?;
        Some(Self { op, exchange, response: exchange.response()? })
    }
}

/// A header that is missing on some of the answers on which it is wanted.
struct Missing<'a> {
    header: Header,
    without: usize,
    wanted: usize,
    first: Answer<'a>,
}

impl<'a> Missing<'a> {
    fn of(header: Header, answers: &[Answer<'a>]) -> Option<Self> {
        let wanted: Vec<&Answer<'a>> = answers.iter().filter(|answer| header.is_wanted(answer)).collect();
        let without: Vec<&Answer<'a>> =
            wanted.iter().copied().filter(|answer| !header.is_there(answer.response)).collect();
        Some(Self { header, without: without.len(), wanted: wanted.len(), first: **without.first()? })
    }
}

/// Whether callers without credentials are turned away, or the contract says so and nothing speaks against it.
fn needs_credentials(op: &Op<'_>) -> bool {
    refuses(op) || op.spec.requires_credentials() && op.seen.has_credentials && anonymous(op).is_none()
}
