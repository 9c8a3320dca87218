//! `third-party-script`: a page of the API runs a script from another party's host without saying which.

use std::sync::LazyLock;

use plimsoll_http::Exchange;
use plimsoll_model::PartKind;
use regex::Regex;
use url::Url;

use super::parties::third_party;
use crate::check::{Check, Meta, check};
use crate::checks::inventory::recognise;
use crate::draft::Draft;
use crate::view::App;

check! {
    /// Scripts of third parties in pages.
    pub struct ThirdPartyScript {
        id: "third-party-script", weakness: ThirdPartyScript, mode: Passive, since: "0.1.0", page: "http/third-party-script.md",
    }
}

/// How many hosts are named.
const SHOWN: usize = 4;

static SCRIPT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?is)<script\b([^>]{1,2000})>").ok());
static SOURCE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)\bsrc\s*=\s*(?:"([^"]{1,1000})"|'([^']{1,1000})'|([^\s"'>]{1,1000}))"#).ok());

/// The hosts of third parties whose scripts a page runs without `integrity` (Subresource Integrity §3.4).
fn hosts(exchange: &Exchange) -> Vec<String> {
    let mut out = Vec::new();
    let is_page = exchange.response().is_some_and(|response| response.media_type() == "text/html");
    let (Some(script), Some(source), Ok(base)) = (SCRIPT.as_ref(), SOURCE.as_ref(), Url::parse(&exchange.origin))
    else {
        return out;
    };
    // Documentation pages are a finding of their own, and bring their scripts along.
    if !is_page || recognise::documentation(exchange).is_some() {
        return out;
    }
    for attributes in script.captures_iter(&exchange.text()).filter_map(|captures| captures.get(1)) {
        let text = attributes.as_str();
        if text.to_ascii_lowercase().contains("integrity") {
            continue;
        }
        let address = source.captures(text).and_then(|captures| (1..=3).find_map(|at| captures.get(at)));
        let url = address.and_then(|address| base.join(address.as_str().trim()).ok());
        let host = url.and_then(|url| third_party(&url, exchange));
        out.extend(host.filter(|host| !out.contains(host)));
    }
    out
}

impl Check for ThirdPartyScript {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let mut pages = app.exchanges().filter(|(_, exchange)| exchange.is_success()).filter_map(|(op, exchange)| {
            let hosts = hosts(exchange);
            (!hosts.is_empty()).then_some((op, exchange, hosts))
        });
        let Some((op, exchange, mut all)) = pages.next() else { return Vec::new() };
        let mut also = Vec::new();
        for (other, _, hosts) in pages {
            also.extend(other.map(|other| other.key().clone()));
            all.extend(hosts);
        }
        all.sort_unstable();
        all.dedup();
        let shown: Vec<String> = all.iter().take(SHOWN).map(|host| format!("`{host}`")).collect();
        let message = format!(
            "A page runs scripts from {} without `integrity`: whatever is there tomorrow runs too.",
            shown.join(", ")
        );
        let draft = op.map_or_else(|| app.finding(&message), |op| op.finding(&message));
        vec![
            draft
                .part(PartKind::ResponseBody, "script")
                .cause(format!("scripts from {}", all.join(" ")))
                .also(also)
                .exchange_excerpt(exchange, "a page with such a script", ""),
        ]
    }
}
