use plimsoll_model::{Report, Severity, Vantage, Weakness};
use plimsoll_run::Config;
use plimsoll_run::suppress::{SuppressError, Suppressions};

use super::{finding, report, wire};

fn read(text: &str) -> Result<Suppressions, SuppressError> {
    let config = Config::parse(text, "plimsoll.toml").unwrap();
    let expiry = config.gate.max_expiry.clone();
    Suppressions::read(config.ignore.iter().map(AsRef::as_ref), expiry.as_deref())
}

fn apply(text: &str, report: &Report) -> Report {
    let mut report = report.clone();
    read(text).unwrap().apply(&mut report, "2026-11-22", &|check| check != "no-such-check");
    report
}

/// `GET /a` with two checks of one weakness, `GET /b` and `GET /c/{id}` with one each.
fn shop() -> Report {
    let unbounded = Weakness::UnboundedRead;
    let of_code = finding("scan-collected", unbounded, "/c/{id}", Severity::High, Vantage::Code);
    report(&[
        vec![
            wire("limit-ignored", unbounded, "/a", Severity::High),
            wire("unpaginated-list", unbounded, "/a", Severity::Medium),
        ],
        vec![wire("pii-exposed", Weakness::PiiExposed, "/b", Severity::Medium)],
        vec![of_code],
    ])
}

/// The titles' operations of what is left, and of what was taken out.
fn paths(report: &Report) -> (Vec<&str>, Vec<&str>) {
    let left = report.issues.iter().map(|issue| issue.operations[0].path.as_str()).collect();
    let out = report.suppressed.iter().map(|suppressed| suppressed.issue.operations[0].path.as_str()).collect();
    (left, out)
}

#[test]
fn every_condition_must_hold() {
    let shop = shop();
    let name = shop.issues[1].id.clone();
    let whole = shop.issues[1].fingerprint.to_string();
    for (conditions, taken) in [
        ("weakness = \"unbounded-read\"".to_owned(), vec!["/a", "/c/{id}"]),
        ("weakness = \"unbounded-read\"\noperation = \"GET /a\"".to_owned(), vec!["/a"]),
        ("operation = \"/*\"".to_owned(), vec!["/a", "/b"]),
        ("operation = \"get /**\"".to_owned(), vec!["/a", "/b", "/c/{id}"]),
        ("operation = \"/c/{id}\"".to_owned(), vec!["/c/{id}"]),
        ("operation = \"POST /a\"".to_owned(), vec![]),
        ("path = \"shop/**\"".to_owned(), vec!["/c/{id}"]),
        ("path = \"other/**\"".to_owned(), vec![]),
        (format!("issue = \"{name}\""), vec!["/b"]),
        (format!("issue = \"{whole}\""), vec!["/b"]),
        (format!("issue = \"{}\"", &name[..4]), vec![]),
        // One of two checks that see the issue: it stays whole.
        ("check = \"limit-ignored\"".to_owned(), vec![]),
        ("check = \"pii-exposed\"".to_owned(), vec!["/b"]),
    ] {
        let after = apply(&format!("[[ignore]]\n{conditions}\nreason = \"known\"\nowner = \"shop team\"\n"), &shop);
        let (left, out) = paths(&after);
        assert_eq!(out, taken, "{conditions}");
        assert_eq!(left.len() + out.len(), 3);
        assert_eq!(after.findings.len(), 4);
        for suppressed in &after.suppressed {
            assert_eq!((suppressed.reason.as_str(), suppressed.owner.as_deref()), ("known", Some("shop team")));
            assert_eq!(suppressed.place, "plimsoll.toml:1");
        }
    }
}

#[test]
fn two_acceptances_may_share_an_issue() {
    let text = "[[ignore]]\ncheck = \"limit-ignored\"\nreason = \"a\"\n[[ignore]]\ncheck = \"unpaginated-list\"\nreason = \"b\"\n";
    let after = apply(text, &shop());
    assert_eq!(paths(&after).1, ["/a"]);
    assert!(after.stale.is_empty());
}

#[test]
fn what_has_expired_or_fits_nothing_is_said_and_suppresses_nothing() {
    for (conditions, policy, why, counts_again) in [
        ("weakness = \"pii-exposed\"\nuntil = \"2026-11-21\"", "", "it expired on 2026-11-21", 1),
        ("operation = \"GET /gone\"", "", "it fits nothing", 0),
        ("check = \"no-such-check\"", "", "there is no check `no-such-check`", 0),
        ("weakness = \"no-such-weakness\"", "", "there is no weakness `no-such-weakness`", 0),
        ("weakness = \"pii-exposed\"", "[gate]\nmax_expiry = \"90d\"\n", "asks for an until within 90 days", 1),
        (
            "weakness = \"pii-exposed\"\nuntil = \"2027-06-01\"",
            "[gate]\nmax_expiry = \"90d\"\n",
            "more than the 90 days",
            1,
        ),
    ] {
        let after = apply(&format!("{policy}[[ignore]]\n{conditions}\nreason = \"known\"\n"), &shop());
        assert!(after.suppressed.is_empty(), "{conditions}");
        assert_eq!(after.stale.len(), 1);
        assert!(after.stale[0].why.contains(why), "{}", after.stale[0].why);
        assert_eq!(after.stale[0].issues.len(), counts_again, "{conditions}");
    }
    for until in ["2026-11-22", "2027-02-19"] {
        let text = format!(
            "[gate]\nmax_expiry = \"90d\"\n[[ignore]]\nweakness = \"pii-exposed\"\nuntil = \"{until}\"\nreason = \"known\"\n"
        );
        let after = apply(&text, &shop());
        assert_eq!((paths(&after).1, after.stale.len()), (vec!["/b"], 0), "{until}");
    }
}

#[test]
fn what_is_accepted_is_in_no_score() {
    let before = shop();
    let mut scored = before.clone();
    scored.categories = plimsoll_model::score::score(&[], |_| None).0;
    let some = apply("[[ignore]]\nweakness = \"unbounded-read\"\nreason = \"known\"\n", &scored);
    let all = apply("[[ignore]]\noperation = \"/**\"\nreason = \"known\"\n", &scored);
    assert_eq!((all.score, all.issues.len()), (Some(100), 0));
    assert!(some.score.unwrap() < 100, "{:?}", some.score);
}

#[test]
fn twice_is_once() {
    let text = "[[ignore]]\nweakness = \"unbounded-read\"\nreason = \"known\"\n";
    let once = apply(text, &shop());
    assert_eq!(apply(text, &once), once);
}

#[test]
fn a_pattern_that_is_none_is_refused_in_one_line() {
    let error = read("\n[[ignore]]\noperation = \"GET /a[\"\nreason = \"x\"\n").unwrap_err().to_string();
    assert!(error.starts_with("plimsoll.toml:2: \"GET /a[\" is no pattern: "), "{error}");
    let error = read("[gate]\nmax_expiry = \"soon\"\n").unwrap_err().to_string();
    assert!(error.contains("\"soon\" is no number of days"), "{error}");
}
