//! The formats of secrets, from `resources/secrets.toml`: keywords decide which expressions are tried, so an answer without any costs one pass.

use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use aho_corasick::AhoCorasick;
use plimsoll_model::Severity;
use regex::Regex;
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    format: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    #[cfg_attr(not(test), expect(dead_code, reason = "names a row in the file and in the tests"))]
    id: String,
    name: String,
    regex: String,
    keywords: Vec<String>,
    #[serde(default)]
    entropy: Option<f64>,
    severity: Severity,
    #[cfg_attr(not(test), expect(dead_code, reason = "samples are for the tests"))]
    positive: String,
    #[cfg_attr(not(test), expect(dead_code, reason = "samples are for the tests"))]
    negative: String,
}

/// A secret that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The format's name for people.
    pub name: &'static str,
    /// How bad it is that anybody sees it.
    pub severity: Severity,
    /// Where it is in the text.
    pub range: Range<usize>,
}

struct Catalogue {
    rows: Vec<Row>,
    regexes: Vec<OnceLock<Option<Regex>>>,
    keywords: AhoCorasick,
    /// The row of each keyword.
    owners: Vec<usize>,
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    // The file is part of the program, and a test reads every row of it.
    let file: File =
        toml::from_str(include_str!("../../../resources/secrets.toml")).unwrap_or(File { format: Vec::new() });
    let pairs = file
        .format
        .iter()
        .enumerate()
        .flat_map(|(row, format)| format.keywords.iter().map(move |keyword| (row, keyword)));
    let (owners, words): (Vec<usize>, Vec<&String>) = pairs.unzip();
    let keywords = AhoCorasick::builder().ascii_case_insensitive(true).build(words);
    let regexes = file.format.iter().map(|_| OnceLock::new()).collect();
    Catalogue { keywords: keywords.unwrap_or_else(|_| none()), owners, regexes, rows: file.format }
});

fn none() -> AhoCorasick {
    AhoCorasick::new::<_, &str>([]).expect("an automaton of no words can always be built")
}

/// The secrets in a text, by position.
pub fn find(text: &str) -> Vec<Hit> {
    let catalogue = &*CATALOGUE;
    let mut wanted = vec![false; catalogue.rows.len()];
    for found in catalogue.keywords.find_overlapping_iter(text) {
        wanted[catalogue.owners[found.pattern().as_usize()]] = true;
    }
    let mut hits = Vec::new();
    for (index, row) in catalogue.rows.iter().enumerate().filter(|(index, _)| wanted[*index]) {
        let Some(regex) = catalogue.regexes[index].get_or_init(|| Regex::new(&row.regex).ok()) else { continue };
        for captures in regex.captures_iter(text).take(100) {
            let Some(matched) = captures.get(1).or_else(|| captures.get(0)) else { continue };
            if row.entropy.is_none_or(|least| entropy(matched.as_str()) >= least) && !is_placeholder(matched.as_str()) {
                hits.push(Hit { name: &row.name, severity: row.severity, range: matched.range() });
            }
        }
    }
    hits.sort_by_key(|hit| (hit.range.start, hit.range.end));
    hits.dedup_by(|later, earlier| later.range.start < earlier.range.end);
    hits
}

/// Shannon entropy in bits per character.
pub fn entropy(text: &str) -> f64 {
    let mut counts = std::collections::HashMap::new();
    for c in text.chars() {
        *counts.entry(c).or_insert(0u32) += 1;
    }
    let length = text.chars().count().max(1) as f64;
    counts.values().map(|count| f64::from(*count) / length).map(|share| -share * share.log2()).sum()
}

/// Whether a value stands for a secret instead of being one.
pub fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let words = [
        "example",
        "placeholder",
        "your_",
        "your-",
        "changeme",
        "change-me",
        "redacted",
        "dummy",
        "insert",
        "todo",
        "<",
        "${",
        "{{",
        "xxxx",
        "****",
        "...",
    ];
    words.iter().any(|word| lower.contains(word)) || entropy(value) < 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_matches_its_sample_and_not_its_near_miss() {
        let catalogue = &*CATALOGUE;
        assert!(catalogue.rows.len() >= 60, "{} formats", catalogue.rows.len());
        for row in &catalogue.rows {
            assert!(Regex::new(&row.regex).is_ok(), "{}: {}", row.id, row.regex);
            let named = |text: &str| find(text).iter().any(|hit| hit.name == row.name);
            assert!(named(&format!("value {} end", row.positive)), "{} misses its sample {}", row.id, row.positive);
            assert!(!named(&format!("value {} end", row.negative)), "{} takes {}", row.id, row.negative);
        }
    }

    #[test]
    fn ordinary_data_is_silent() {
        let data = r#"{"id":"prod-00001","url":"https://cdn.example.org/a/b.png","sha":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "uuid":"550e8400-e29b-41d4-a716-446655440000","text":"the key-value pair of a secret_santa list, patience, cio of the company","price":"19.90"}"#;
        assert_eq!(find(data), []);
    }

    #[test]
    fn entropy_of_known_texts() {
        assert!((entropy("aaaa") - 0.0).abs() < 1e-9);
        assert!((entropy("abcd") - 2.0).abs() < 1e-9);
    }
}
