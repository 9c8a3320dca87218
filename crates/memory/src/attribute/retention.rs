//! What holds the retained objects: the way from something that outlives requests to what a request leaves behind.
//!
//! The agent finds long-lived objects that grew in every round and weighs their new elements. Here weak holders give way to strong ones, holders that
//! explain next to nothing of the measured growth are dropped, and the application's come before a library's of about the same weight.

use crate::agent::client::Retainers;
use crate::agent::protocol::{HeldBy, StoredAt};

/// A long-lived object that grows with the requests.
#[derive(Clone, Debug, PartialEq)]
pub struct Holder {
    /// The way, for `retained_by` of the report: `["shop.cache.RECENT", "dict", "Response", "list", "bytes"]`.
    pub path: Vec<String>,
    /// The way for people: `shop.cache.RECENT (dict, +5,000) → Response → list → bytes`.
    pub text: String,
    /// Elements (bytes, for a growing string or buffer) that it gained in all rounds.
    pub grown: u64,
    /// Elements per request.
    pub per_request: f64,
    /// Bytes per request that its new elements hold, about.
    pub bytes_per_request: f64,
    /// Part of the measured growth that it explains, about; may exceed 1 where several holders share elements. None where no growth was given.
    pub explains: Option<f64>,
    /// Whether the root is the application's own.
    pub app: bool,
    /// False where the way could not be followed to a name: then the holder is suspected only.
    pub named: bool,
    /// Whether it keeps elements only weakly.
    pub weak: bool,
    /// Statements of the application that put something in, by their text.
    pub stored_at: Vec<StoredAt>,
}

/// No holder that weighs less than this part of the heaviest one.
const LEAST_PART: f64 = 0.08;
/// No holder whose new elements weigh less than this part of the measured growth. Low: what an element draws into older objects (a log that every handler
/// writes to) is not counted as its own.
const LEAST_EXPLAINED: f64 = 0.004;
/// A chain is found from the new objects' side, whatever they are; unless they weigh, it explains nothing.
const LEAST_CHAINED: f64 = 0.1;
/// An application's holder of this part of the heaviest one's weight comes before a library's.
const APP_FIRST: f64 = 0.25;
/// The rounds of a holder that grows per request resemble each other; a burst does not.
const LEAST_EVENNESS: f64 = 0.3;
/// Holders that are reported at most.
const MOST: usize = 6;

/// The holders that explain the growth, the best first. `bytes_per_request` is the measured growth, where it is known.
pub fn retaining_holders(retainers: &Retainers, bytes_per_request: Option<f64>) -> Vec<Holder> {
    let requests = retainers.requests.max(1) as f64;
    let mut holders: Vec<Holder> = retainers
        .holders
        .iter()
        .filter(|held| even(&held.grown))
        .filter_map(|held| {
            let holder = describe(held, requests, bytes_per_request);
            let least = if held.found == "chain" { LEAST_CHAINED } else { LEAST_EXPLAINED };
            holder.explains.is_none_or(|part| part >= least).then_some(holder)
        })
        .collect();
    // What has no name or holds nothing is shown only where there is nothing better.
    for better in [|holder: &Holder| !holder.weak, |holder: &Holder| holder.named] {
        if holders.iter().any(better) {
            holders.retain(better);
        }
    }
    let heaviest = holders.iter().map(|holder| holder.bytes_per_request).fold(0.0, f64::max);
    holders.retain(|holder| holder.bytes_per_request >= LEAST_PART * heaviest);
    let rank = |holder: &Holder| (holder.named, holder.app && holder.bytes_per_request >= APP_FIRST * heaviest);
    holders.sort_by(|a, b| rank(b).cmp(&rank(a)).then(b.bytes_per_request.total_cmp(&a.bytes_per_request)));
    holders.truncate(MOST);
    holders
}

fn even(grown: &[i64]) -> bool {
    let (least, most) = (grown.iter().min().copied().unwrap_or(0), grown.iter().max().copied().unwrap_or(0));
    least > 0 && least as f64 >= LEAST_EVENNESS * most as f64
}

fn describe(held: &HeldBy, requests: f64, growth: Option<f64>) -> Holder {
    let grown: i64 = held.grown.iter().sum();
    let per_request = grown as f64 / (requests * held.grown.len().max(1) as f64);
    let bytes_per_request = per_request * held.element_bytes;
    let mut path = vec![held.path.clone(), held.kind.clone()];
    path.extend(held.elements.iter().cloned());
    let unit = if held.elements.is_empty() && held.found == "slot" { " bytes" } else { "" };
    let mut text = format!("{} ({}, +{}{unit})", held.path, held.kind, thousands(grown));
    for element in &held.elements {
        text.push_str(" → ");
        text.push_str(element);
    }
    Holder {
        path,
        text,
        grown: u64::try_from(grown).unwrap_or_default(),
        per_request,
        bytes_per_request,
        explains: growth.filter(|growth| *growth > 0.0).map(|growth| bytes_per_request / growth),
        app: held.app,
        named: !matches!(held.root.as_str(), "unknown" | "interpreter"),
        weak: held.weak,
        stored_at: held.stored_at.clone(),
    }
}

fn thousands(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(path: &str, grown: &[i64], bytes: f64, app: bool, weak: bool) -> HeldBy {
        HeldBy {
            path: path.into(),
            kind: "dict".into(),
            grown: grown.to_vec(),
            elements: vec!["Response".into(), "bytes".into()],
            element_bytes: bytes,
            found: "container".into(),
            app,
            root: "module".into(),
            weak,
            stored_at: Vec::new(),
        }
    }

    fn holders(all: Vec<HeldBy>, growth: Option<f64>) -> Vec<String> {
        let retainers = Retainers { requests: 2_500, holders: all, ..Retainers::default() };
        retaining_holders(&retainers, growth).into_iter().map(|holder| holder.text).collect()
    }

    #[test]
    fn a_holder_reads_from_the_root_to_the_bytes() {
        let seen = holders(vec![held("shop.cache.RECENT", &[2_500, 2_500], 4_000.0, true, false)], Some(4_100.0));
        assert_eq!(seen, ["shop.cache.RECENT (dict, +5,000) → Response → bytes"]);
    }

    #[test]
    fn the_application_comes_before_a_library_of_about_the_same_weight() {
        let library = held("threading._active", &[5_000, 5_000], 3_000.0, false, false);
        let seen = holders(vec![library.clone(), held("shop.POOLS", &[2_500, 2_500], 5_000.0, true, false)], None);
        assert!(seen[0].starts_with("shop.POOLS"), "{seen:?}");
        let seen = holders(vec![library, held("shop.COUNTS", &[2_500, 2_500], 40.0, true, false)], None);
        assert!(seen[0].starts_with("threading._active"), "{seen:?}");
    }

    #[test]
    fn what_explains_nothing_is_weak_or_comes_in_a_burst_is_left_out() {
        let strong = held("shop.LOG.handlers", &[2_500, 2_500], 900.0, true, false);
        let tiny = held("shop.STATS", &[2_500, 2_500], 30.0, true, false);
        let weak = held("logging._handlerList", &[2_500, 2_500], 900.0, false, true);
        let burst = held("shop.WARM", &[2_500, 300], 900.0, true, false);
        let seen = holders(vec![strong, tiny, weak.clone(), burst], Some(1_000.0));
        assert_eq!(seen.len(), 1, "{seen:?}");
        assert_eq!(holders(vec![weak], Some(1_000.0)).len(), 1);
        let mut chain = held("shop.LOOP._scheduled[7]", &[2_500, 2_500], 60.0, true, false);
        assert_eq!(holders(vec![chain.clone()], Some(1_000.0)).len(), 1);
        chain.found = "chain".into();
        assert_eq!(holders(vec![chain], Some(1_000.0)).len(), 0);
    }
}
