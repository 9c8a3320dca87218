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
    let page = [fixture::hostile(), fixture::hostile_memory(), fixture::hostile_joined()]
        .map(|report| html::render(&report).unwrap())
        .concat();
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
    let page = html::render(&fixture::large(3_000, 30_000)).unwrap();
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
    // Whatever has no card has a line, and whatever has no line is counted.
    let cards = page.matches("<details class=\"card\"").count();
    let rest: usize = between(&page, "<h3>And ", " more</h3>").parse().unwrap();
    assert_eq!(cards + rest, 30_000);
    let uncounted: usize = between(&page, "and none for ", " of them").parse().unwrap();
    let lines = between(&page, "<div class=\"rest\">", "</section>").matches("<li>").count();
    assert_eq!(lines + uncounted, rest);
    assert!(page.contains("And 1000 more operations"));
}

#[test]
fn every_link_within_the_page_leads_somewhere() {
    for report in
        [fixture::joined(), fixture::shop(), fixture::memory(), fixture::clean(), fixture::large(1_000, 30_000)]
    {
        let page = html::render(&report).unwrap();
        let names: std::collections::HashSet<&str> =
            page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(names.len(), page.matches(" id=\"").count(), "no name stands twice");
        for link in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(names.contains(link), "{link}");
        }
    }
}

#[test]
fn an_issue_tells_its_story_in_order() {
    let page = html::render(&fixture::joined()).unwrap();
    let card = between(&page, "<details class=\"card\" id=\"issue-", "<details class=\"card\" id=\"issue-");
    let story = [
        "aria-current=\"step\">proven<",
        "<b>memory</b> sees it",
        "Each request leaves 9.41 KiB behind",
        "Root: <code>shop/cache.py:42 in shop.cache.remember",
        "<dt>512 MiB are reached after</dt><dd><b>47,000 requests</b>",
        "In the contract",
        "schema: {type: string}",
        "On the wire",
        "/products/p-1/recommendations?n=400",
        "In the code",
        "RECENT: dict[str, Response] = {}",
        "In memory",
        "shop.cache.RECENT</code> <span aria-hidden=\"true\">→",
        "class=\"band\"",
        "Why this is one issue",
        "The fix",
        "<ins>+from cachetools import TTLCache",
        "plimsoll fix ",
        "Why it matters",
    ];
    let mut at = 0;
    for part in story {
        at += card[at..].find(part).unwrap_or_else(|| panic!("{part:?} after {:?}", &card[at.saturating_sub(200)..at]));
    }
}

#[test]
fn the_shown_change_is_the_proposed_one() {
    use plimsoll_model::Proposal;
    let report = fixture::joined();
    let page = html::render(&report).unwrap();
    let Some(Proposal::Offered { diff, .. }) = &report.issues[0].proposal else { panic!("the fixture offers one") };
    let shown = between(&page, "<pre class=\"diff\" tabindex=\"0\"><code>", "</code>");
    let text: String = shown
        .split('<')
        .enumerate()
        .map(|(index, part)| if index == 0 { part } else { part.split_once('>').unwrap().1 })
        .collect();
    let text = text
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#62;", ">")
        .replace("&#60;", "<")
        .replace("&#38;", "&");
    assert_eq!(text, *diff);
}

#[test]
fn doubts_verification_gate_baseline_and_suppressions_are_told() {
    let page = html::render(&fixture::joined()).unwrap();
    for part in [
        "The gate stopped it.",
        "bola, bfla, ssrf, llm</th><td colspan=\"3\">not tested: no check of this category was run",
        "<b>undecided</b> at most 4 KiB",
        "2 new, 1 worse, 1 back, 3 known, 1 gone, 1 not tested",
        "class=\"history\"",
        "<b>memory</b> doubts it",
        "Who looked and saw nothing",
        "class=\"interval change\"",
        "Fixed: every vantage that had seen it looked again",
        "The application answers as before (240 requests compared)",
        "Not tested, so neither gone nor fixed",
        "expired on 2026-10-31",
        "nobody named",
        "No change is proposed: two callers",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let partial = html::render(&fixture::partial()).unwrap();
    assert!(partial.contains("<b>wire</b> did not run") && partial.contains("within 30 s of its start"));
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
