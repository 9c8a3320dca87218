//! The HTML report: what it admits, what it escapes, and that it stays small.

use base64::Engine;
use plimsoll_report::html;
use sha2::{Digest, Sha256};

mod fixture;

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("no {start:?}"));
    rest.split_once(end).unwrap_or_else(|| panic!("no {end:?}")).0
}

#[test]
fn the_policy_admits_the_pages_own_style_and_script_only() {
    let page = html::render(&fixture::hostile()).unwrap();
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    let hash =
        |text: &str| format!("'sha256-{}'", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text)));
    assert_eq!(page.matches("<style").count() + page.matches("<script").count(), 2);
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
    assert!(policy.contains(&format!("style-src {};", hash(between(&page, "<style>", "</style>")))));
    assert!(policy.contains(&format!("script-src {};", hash(between(&page, "<script>", "</script>")))));
}

#[test]
fn nothing_of_a_target_becomes_markup() {
    let page = html::render(&fixture::hostile()).unwrap() + &html::render(&fixture::hostile_memory()).unwrap();
    for bad in ["<img", "<a href='java", "\u{1b}", "\u{202e}", "\u{2066}", "\0", "<!-- ", "style=\"", "{{ 7"] {
        for page in page.split("<body>").skip(1) {
            let body = page.split_once("<script>").unwrap().0;
            assert_eq!(body.contains(bad), bad == "{{ 7", "{bad:?}");
        }
    }
}

#[test]
fn the_same_report_gives_the_same_page() {
    assert_eq!(html::render(&fixture::shop()).unwrap(), html::render(&fixture::shop()).unwrap());
    html::render(&fixture::clean()).unwrap();
    assert!(html::render(&fixture::incomplete()).unwrap().contains("Not graded"));
}

#[test]
fn a_large_report_stays_below_five_megabytes() {
    assert!(html::render(&fixture::large(1_000, 500)).unwrap().len() < 5_000_000);
}

#[test]
fn memory_has_its_section_where_it_was_measured() {
    let page = html::render(&fixture::memory()).unwrap();
    for part in
        ["id=\"memory\"", "shop.cache.RECENT", "class=\"band\"", "class=\"warm\"", "limit 512 MiB", "9.41 KiB ± 0.03"]
    {
        assert!(page.contains(part), "{part}");
    }
    assert!(!html::render(&fixture::shop()).unwrap().contains("id=\"memory\""));
}
