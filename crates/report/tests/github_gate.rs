//! What GitHub refuses, or takes and shows wrongly, as rules of our own: neither the JSON Schema nor the validators of others know them all.
//! The numbers are those of GitHub's documentation on limits of SARIF files; the rule on schemes is that of its upload action.

#![expect(clippy::unwrap_used, reason = "a test ends where its setup fails")]

mod fixture;

use std::collections::HashSet;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use plimsoll_model::{Report, Severity, Vantage};
use plimsoll_report::{Root, sarif};
use serde_json::Value;

/// What is wrong with a log; empty where GitHub would take all of it.
fn refused(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let log: Value = serde_json::from_str(text).unwrap();
    // 1: 10 MB, compressed.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    let size = encoder.finish().unwrap().len();
    if size > 10_000_000 {
        wrong.push(format!("1: {size} bytes compressed"));
    }
    let runs = list(&log["runs"]);
    // 2: counts.
    if runs.len() > 20 {
        wrong.push(format!("2: {} runs", runs.len()));
    }
    if log["version"] != "2.1.0" || runs.is_empty() {
        wrong.push("2: no run, or another version".to_owned());
    }
    // 3: one category a run.
    let mut categories = HashSet::new();
    for run in runs {
        let category = format!("{}|{}", run["tool"]["driver"]["name"], run["automationDetails"]["id"]);
        if !run["automationDetails"]["id"].as_str().is_some_and(|id| id.ends_with('/'))
            || !categories.insert(category.clone())
        {
            wrong.push(format!("3: category {category}"));
        }
        rules(run, &mut wrong);
        let mut known = HashSet::new();
        for result in list(&run["results"]) {
            judge(run, result, &mut known, &mut wrong);
        }
    }
    wrong
}

fn rules(run: &Value, wrong: &mut Vec<String>) {
    let rules = list(&run["tool"]["driver"]["rules"]);
    if rules.len() > 25_000 || list(&run["results"]).len() > 25_000 {
        wrong.push("2: rules or results of a run".to_owned());
    }
    let mut ids = HashSet::new();
    for rule in rules {
        if !rule["id"].as_str().is_some_and(|id| !id.is_empty() && ids.insert(id.to_owned())) {
            wrong.push(format!("8: the rule {} is there twice, or has no name", rule["id"]));
        }
        if list(&rule["properties"]["tags"]).len() > 20 {
            wrong.push("2: tags of a rule".to_owned());
        }
        // 7: a number in a string.
        let severity = &rule["properties"]["security-severity"];
        let number = severity.as_str().and_then(|text| text.parse::<f64>().ok());
        if !severity.is_null() && !number.is_some_and(|number| (0.1..=10.0).contains(&number)) {
            wrong.push(format!("7: security-severity {severity}"));
        }
        if rule["help"]["text"].as_str().is_none_or(str::is_empty) {
            wrong.push(format!("7: the rule {} has no help", rule["id"]));
        }
    }
}

fn judge(run: &Value, result: &Value, known: &mut HashSet<String>, wrong: &mut Vec<String>) {
    let places = list(&result["locations"]);
    let related = list(&result["relatedLocations"]);
    let flow: Vec<&Value> = list(&result["codeFlows"])
        .iter()
        .flat_map(|flow| list(&flow["threadFlows"]))
        .flat_map(|thread| list(&thread["locations"]))
        .map(|step| &step["location"])
        .collect();
    if places.is_empty() || places.len() + related.len() > 1_000 || flow.len() > 10_000 {
        wrong.push("2: locations of a result".to_owned());
    }
    for place in places.iter().chain(related).chain(flow) {
        let uri = place["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap_or("");
        // 11: an address that is none.
        if uri.is_empty() {
            wrong.push("11: an empty uri".to_owned());
        }
        // 4: a scheme is that of the checkout, which is `file`; a relative reference has none.
        let first = uri.split('/').next().unwrap_or("");
        if uri.starts_with('/') || first.contains(':') {
            wrong.push(format!("4: {uri} is not relative"));
        }
        // 9: out of the repository.
        if uri.split('/').any(|part| part == ".." || part == ".") {
            wrong.push(format!("9: {uri}"));
        }
        // 10: characters that an address cannot have.
        if !is_encoded(uri) {
            wrong.push(format!("10: {uri} is not encoded"));
        }
        // 5: lines begin at 1.
        let region = &place["physicalLocation"]["region"];
        let columns = (region["startColumn"].as_u64(), region["endColumn"].as_u64());
        if region["startLine"].as_u64().is_none_or(|line| line == 0) || columns.0 == Some(0) || columns.1 < columns.0 {
            wrong.push(format!("5: {region}"));
        }
    }
    // 6: rank.
    if !result["rank"].as_f64().is_some_and(|rank| (0.0..=100.0).contains(&rank)) {
        wrong.push(format!("6: rank {}", result["rank"]));
    }
    if !["error", "warning", "note"].iter().any(|level| result["level"] == *level) {
        wrong.push(format!("6: level {}", result["level"]));
    }
    // 8: the rule is where the index says.
    let index = result["ruleIndex"].as_u64().unwrap_or(u64::MAX) as usize;
    if run["tool"]["driver"]["rules"].get(index).is_none_or(|rule| rule["id"] != result["ruleId"]) {
        wrong.push(format!("8: ruleIndex {index}"));
    }
    // 12: fingerprints.
    let name = result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap_or("");
    if name.is_empty() || !known.insert(name.to_owned()) {
        wrong.push(format!("12: the fingerprint {name:?} is there twice, or not at all"));
    }
    if result["message"]["text"].as_str().is_none_or(str::is_empty) {
        wrong.push("12: a result without a message".to_owned());
    }
}

fn is_encoded(uri: &str) -> bool {
    let bytes = uri.as_bytes();
    bytes.iter().enumerate().all(|(at, byte)| match byte {
        b'%' => bytes.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)),
        byte => byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(byte),
    })
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn root() -> Root {
    Root::new("/repository", "/repository/services/shop")
}

fn taken(report: &Report) -> Value {
    let page = sarif::render(report, &root());
    assert_eq!(refused(&page.text), Vec::<String>::new());
    serde_json::from_str(&page.text).unwrap()
}

#[test]
fn github_takes_every_fixture() {
    for report in [
        fixture::shop(),
        fixture::clean(),
        fixture::incomplete(),
        fixture::memory(),
        fixture::joined(),
        fixture::partial(),
        fixture::hostile(),
        fixture::hostile_joined(),
        fixture::hostile_memory(),
    ] {
        let log = taken(&report);
        let fixed = |name: &&plimsoll_model::Fingerprint| {
            report
                .issues
                .iter()
                .any(|issue| issue.stage == plimsoll_model::Stage::Fixed && issue.findings.contains(name))
        };
        let ids: HashSet<_> =
            report.findings.iter().map(|finding| &finding.fingerprint).filter(|name| !fixed(name)).collect();
        let results: usize = list(&log["runs"]).iter().map(|run| list(&run["results"]).len()).sum();
        assert_eq!(results, ids.len(), "nothing is left out");
    }
}

#[test]
fn github_takes_the_worst_of_thirty_thousand_and_is_told() {
    let mut report = fixture::large(30_000, 30_000);
    report.findings[0].severity = Severity::High;
    let page = sarif::render(&report, &root());
    assert_eq!(refused(&page.text), Vec::<String>::new());
    let log: Value = serde_json::from_str(&page.text).unwrap();
    let run = &log["runs"][0];
    assert_eq!(list(&run["results"]).len(), 25_000);
    assert_eq!(run["results"][0]["level"], "error");
    assert!(page.notices.iter().any(|notice| notice.contains("25,000 of 30,000")), "{:?}", page.notices);
    let said = &run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
    assert!(said.as_str().unwrap().contains("5,000 left out"), "{said}");
}

#[test]
fn a_file_that_is_too_large_is_made_smaller() {
    let mut report = fixture::large(20_000, 20_000);
    // Texts that do not compress.
    let mut seed = 1u64;
    for finding in &mut report.findings {
        let mut noise = String::new();
        for _ in 0..1_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            noise.push(char::from(b'!' + (seed >> 33) as u8 % 90));
        }
        finding.message = noise;
    }
    let page = sarif::render(&report, &root());
    assert_eq!(refused(&page.text), Vec::<String>::new());
    let log: Value = serde_json::from_str(&page.text).unwrap();
    let kept = list(&log["runs"][0]["results"]).len();
    assert!((5_000..20_000).contains(&kept), "{kept}");
    assert!(page.notices.iter().any(|notice| notice.contains("10 MB")), "{:?}", page.notices);
}

#[test]
fn a_run_for_each_vantage_that_looked() {
    let vantages = |report: &Report| -> Vec<String> {
        let log = taken(report);
        list(&log["runs"]).iter().map(|run| run["automationDetails"]["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        vantages(&fixture::joined()),
        [
            "plimsoll/contract/127.0.0.1/",
            "plimsoll/wire/127.0.0.1/",
            "plimsoll/code/127.0.0.1/",
            "plimsoll/memory/127.0.0.1/"
        ]
    );
    assert_eq!(vantages(&fixture::partial()), ["plimsoll/contract/127.0.0.1/", "plimsoll/code/127.0.0.1/"]);
    // Nothing was found: the run is there all the same, so that the alerts of its category are closed.
    assert_eq!(vantages(&fixture::clean()), ["plimsoll/wire/127.0.0.1/"]);
}

#[test]
fn a_severity_that_is_not_the_usual_one_is_a_rule_of_its_own() {
    let mut report = fixture::large(3, 3);
    for finding in &mut report.findings {
        finding.check = "limit-ignored".to_owned();
        finding.weakness = plimsoll_model::Weakness::UnboundedPageSize;
    }
    let usual = report.findings[0].weakness.facts().severity;
    let other = if usual == Severity::Low { Severity::Critical } else { Severity::Low };
    report.findings[0].severity = usual;
    report.findings[1].severity = other;
    report.findings[2].severity = other;
    let log = taken(&report);
    let ids: Vec<&str> =
        list(&log["runs"][0]["tool"]["driver"]["rules"]).iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["limit-ignored".to_owned(), format!("limit-ignored.{other}")]);
}

#[test]
fn places_are_in_the_repository_or_on_the_target() {
    let log = taken(&fixture::joined());
    let uris = |vantage: Vantage| -> Vec<&str> {
        let run = list(&log["runs"])
            .iter()
            .find(|run| run["automationDetails"]["id"].as_str().unwrap().contains(vantage.as_str()));
        list(&run.unwrap()["results"])
            .iter()
            .map(|result| result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap())
            .collect()
    };
    assert!(uris(Vantage::Code).contains(&"services/shop/shop/cache.py"), "{:?}", uris(Vantage::Code));
    // A finding of the wire stands at the root line of its issue where that is known, else on the target.
    let wire = uris(Vantage::Wire);
    assert!(wire.contains(&"services/shop/shop/cache.py"), "{wire:?}");
    assert!(wire.iter().any(|uri| uri.starts_with("127.0.0.1")), "{wire:?}");
}

#[test]
fn the_gate_refuses_what_github_refuses() {
    let good = sarif::render(&fixture::joined(), &root()).text;
    let change = |edit: &dyn Fn(&mut Value)| {
        let mut log: Value = serde_json::from_str(&good).unwrap();
        edit(&mut log);
        refused(&log.to_string())
    };
    let place = "/runs/0/results/0/locations/0/physicalLocation";
    type Edit<'a> = &'a dyn Fn(&mut Value);
    let cases: [(&str, Edit<'_>); 12] = [
        ("2", &|log| log["runs"] = Value::Array(vec![log["runs"][0].clone(); 21])),
        ("3", &|log| log["runs"][1]["automationDetails"]["id"] = log["runs"][0]["automationDetails"]["id"].clone()),
        ("4", &|log| *log.pointer_mut(&format!("{place}/artifactLocation/uri")).unwrap() = "https://a/b".into()),
        ("4", &|log| *log.pointer_mut(&format!("{place}/artifactLocation/uri")).unwrap() = "/etc/passwd".into()),
        ("5", &|log| *log.pointer_mut(&format!("{place}/region/startLine")).unwrap() = 0.into()),
        ("6", &|log| log["runs"][0]["results"][0]["rank"] = 101.into()),
        ("6", &|log| log["runs"][0]["results"][0]["level"] = "critical".into()),
        ("7", &|log| log["runs"][0]["tool"]["driver"]["rules"][0]["properties"]["security-severity"] = 9.5.into()),
        ("8", &|log| log["runs"][0]["results"][0]["ruleIndex"] = 99.into()),
        ("9", &|log| *log.pointer_mut(&format!("{place}/artifactLocation/uri")).unwrap() = "a/../../b".into()),
        ("10", &|log| *log.pointer_mut(&format!("{place}/artifactLocation/uri")).unwrap() = "a b/{id}".into()),
        ("11", &|log| *log.pointer_mut(&format!("{place}/artifactLocation/uri")).unwrap() = "".into()),
    ];
    for (rule, edit) in cases {
        let wrong = change(edit);
        assert!(wrong.iter().any(|why| why.starts_with(&format!("{rule}:"))), "rule {rule}: {wrong:?}");
    }
    let twice = change(&|log| {
        let first = log["runs"][0]["results"][0].clone();
        log["runs"][0]["results"].as_array_mut().unwrap().push(first);
    });
    assert!(twice.iter().any(|why| why.starts_with("12:")), "{twice:?}");
}
