//! Runs every check page: each example of `checks/**/*.md` must give exactly the findings that it names.
//!
//! The language of the examples is described in CONTRIBUTING.md. An example has a contract (`openapi`), recorded exchanges (`http`) and the expected
//! `findings`. An active check is driven as in a real run: it gets the first exchange of each operation, asks, and is answered from the
//! page; an exchange that it never asks for is an error, so a page cannot drift away from its check.

#![expect(clippy::unwrap_used, reason = "a page that cannot be read fails its test")]

mod page;

use std::path::Path;

use page::{Example, examples};
use plimsoll_http::{OpId, Probe, Request, Who};
use plimsoll_scan::{App, Check, Mode, Seen, index::Index, judge::judge};
use plimsoll_spec::Api;

datatest_stable::harness! {
    { test = run, root = "../../checks", pattern = r"^http/.*\.md$" },
}

fn run(path: &Path) -> datatest_stable::Result<()> {
    let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
    let check = plimsoll_scan::checks::all().into_iter().find(|check| check.meta().id == name);
    let Some(check) = check else { panic!("no check is called {name}") };
    let text = std::fs::read_to_string(path)?;
    assert!(text.starts_with(&format!("# {name}\n")), "the page's title is the check's name");
    let examples = examples(&text);
    let firing = examples.iter().filter(|example| !example.expected.is_empty()).count();
    assert!(firing > 0, "at least one example must fire");
    assert!(firing < examples.len(), "at least one example must stay silent");
    for example in examples {
        play(check, &example);
    }
    Ok(())
}

fn play(check: &'static dyn Check, example: &Example) {
    let api = example.api();
    let (mut seen, unasked) = drive(check, &api, example);
    let found: Vec<String> = {
        let mut lines: Vec<String> = judge(&api, &mut seen, &[check]).iter().map(page::line).collect();
        lines.sort();
        lines
    };
    assert_eq!(found, example.expected, "findings of {:?}", example.title);
    assert!(unasked.is_empty(), "in {:?} the check never asks for {unasked:?}", example.title);
}

/// Answers the check from the page until it asks for nothing more. Returns what was seen, and the requests that it never asked for.
fn drive(check: &dyn Check, api: &Api, example: &Example) -> (Seen, Vec<String>) {
    let mut seen = Seen::given(Vec::new(), example.tokens.clone())
        .with_identities(example.identities.clone(), example.forged.clone());
    seen.active = example.active.clone();
    seen.active.writes = api.operations.iter().map(|op| op.key.clone()).filter(|key| !key.method.is_safe()).collect();
    seen.has_credentials |= example.exchanges.iter().any(|exchange| exchange.who == Who::Anonymous);
    let mut left: Vec<_> = example.exchanges.iter().enumerate().collect();
    seen.set_base(OpId::NONE, Request::get("/"));
    for (index, operation) in api.operations.iter().enumerate() {
        let op = OpId(index as u32);
        let base = left.iter().position(|(_, exchange)| exchange.is_base_of(operation));
        if let Some(at) = base {
            let (id, exchange) = left.remove(at);
            seen.set_base(op, exchange.request.clone());
            seen.push(exchange.record(id as u32, Probe::of(op)));
        }
    }
    if check.meta().mode != Mode::Active {
        for (id, exchange) in left.drain(..) {
            let op = api.operations.iter().position(|operation| exchange.belongs_to(operation));
            let op = op.map_or(OpId::NONE, |index| OpId(index as u32));
            for repeat in 0..exchange.repeat {
                let probe = Probe::of(op).nth(1 + id as u16 * 100 + repeat).who(exchange.who);
                seen.push(exchange.record_nth((id * 100) as u32 + u32::from(repeat), probe, repeat));
            }
        }
        return (seen, Vec::new());
    }
    let mut asked_for = vec![false; example.exchanges.len()];
    let mut id = 10_000;
    loop {
        let index = Index::of(api);
        let app = App { api, index: &index, seen: &seen };
        let mut asked: Vec<Probe> = app
            .ops()
            .flat_map(|op| check.probes(&op))
            .chain(check.probes_app(&app))
            .chain(check.writes(&app))
            .collect();
        asked.retain(|probe| !seen.has(probe));
        for probe in &mut asked {
            probe.who = seen.canonical(probe.who);
        }
        let mut answered = Vec::new();
        for probe in asked {
            let Some(base) = seen.base(probe.op) else { continue };
            let request = probe.build(base);
            let found = left.iter().find(|(_, exchange)| exchange.answers(&request, &probe));
            if let Some((index, exchange)) = found {
                asked_for[*index] = true;
                if !answered.iter().any(|(other, _)| *other == probe) {
                    answered.push((probe.clone(), exchange.record_nth(id, probe.clone(), probe.repeat)));
                    id += 1;
                }
            }
        }
        if answered.is_empty() {
            break;
        }
        for (_, exchange) in answered {
            seen.push(exchange);
        }
    }
    left.retain(|(index, _)| !asked_for[*index]);
    (seen, left.iter().map(|(_, exchange)| exchange.request.target()).collect())
}
