//! Joining, rule by rule, each beside what it must not do.

mod properties;

use plimsoll_code::{Options, Reach, RouteFact};
use plimsoll_model::memory::OperationMemory;
use plimsoll_model::report::OperationFacts;
use plimsoll_model::{
    Confidence, Evidence, Finding, Fingerprint, Issue, Measurement, Method, OperationKey, Part, PartKind, Severity,
    SourcePlace, Stage, Vantage, Weakness,
};
use serde_json::json;

use super::{Joined, Lanes, join};

/// Four handlers and two helpers; the first helper is shared, a middleware runs around everything.
const APP: &str = "from fastapi import FastAPI, Request\n\
    app = FastAPI()\n\
    SEEN = []\n\
    \n\
    @app.middleware('http')\n\
    async def keep(request: Request, call_next):\n\
    \x20   SEEN.append(request)\n\
    \x20   return await call_next(request)\n\
    \n\
    def shared(x):\n\
    \x20   return x\n\
    \n\
    def own(x):\n\
    \x20   return x\n\
    \n\
    @app.get('/a')\n\
    def a(limit: int = 5):\n\
    \x20   return shared(own(limit))\n\
    \n\
    @app.get('/b')\n\
    def b():\n\
    \x20   return shared(1)\n\
    \n\
    @app.get('/items/{item_id}')\n\
    def item(item_id: str):\n\
    \x20   return item_id\n\
    \n\
    @app.get('/quiet')\n\
    def quiet():\n\
    \x20   return 1\n";

/// What is joined in a test.
#[derive(Clone, Debug, Default)]
struct World {
    findings: Vec<Finding>,
    memory: Vec<OperationMemory>,
    operations: Vec<OperationFacts>,
}

fn map() -> &'static (Vec<RouteFact>, Reach) {
    static MAP: std::sync::OnceLock<(Vec<RouteFact>, Reach)> = std::sync::OnceLock::new();
    MAP.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        std::fs::write(top.join("app.py"), APP).unwrap();
        let analysis =
            plimsoll_code::analyse(std::slice::from_ref(&top), &Options { base: top.clone(), ..Options::default() })
                .unwrap();
        (analysis.routes, analysis.reach)
    })
}

impl World {
    fn of(findings: impl IntoIterator<Item = Finding>) -> Self {
        Self { findings: findings.into_iter().collect(), ..Self::default() }
    }

    fn measured(mut self, memory: OperationMemory) -> Self {
        self.memory.push(memory);
        self
    }

    fn answered(mut self, path: &str, statuses: &[(u16, u32)]) -> Self {
        let facts = json!({"operation": {"method": "GET", "path": path}, "origin": "contract", "reached": true,
            "requests": statuses.iter().map(|(_, times)| times).sum::<u32>(),
            "statuses": statuses.iter().map(|(status, times)| (status.to_string(), *times)).collect::<std::collections::BTreeMap<_, _>>(),
            "sizes": [], "latencies_ms": []});
        self.operations.push(serde_json::from_value(facts).unwrap());
        self
    }

    fn join(&self) -> Joined {
        let (routes, reach) = map();
        let (memory, operations) = (&self.memory, &self.operations);
        join(&Lanes { findings: &self.findings, routes, reach, memory, operations, access: None, lanes: &[] })
    }

    /// Issues as `weakness stage severity line operations`, sorted.
    fn shown(&self) -> Vec<String> {
        let show = |issue: &Issue| {
            let line = issue.source.as_ref().map_or_else(|| "-".to_owned(), |source| source.line.to_string());
            let mut operations: Vec<_> = issue.operations.iter().map(|key| key.path.clone()).collect();
            operations.sort();
            let count = issue.findings.len();
            format!("{count} {} {} {} {line} {}", issue.weakness, issue.stage, issue.severity, operations.join(" "))
        };
        let mut shown: Vec<_> = self.join().issues.iter().map(show).collect();
        shown.sort();
        shown
    }
}

fn finding(vantage: Vantage, check: &str, weakness: Weakness, paths: &[&str]) -> Finding {
    let mut keys = paths.iter().map(|path| OperationKey::new(Method::Get, *path));
    Finding {
        fingerprint: Fingerprint::of([vantage.as_str(), check, weakness.id(), &paths.join(" ")]),
        check: check.to_owned(),
        weakness,
        kind: weakness.facts().kind,
        vantage,
        severity: Severity::Medium,
        confidence: Confidence::Observed,
        operation: keys.next(),
        also: keys.collect(),
        part: None,
        source: None,
        spec: None,
        message: String::new(),
        evidence: Vec::new(),
    }
}

fn wire(weakness: Weakness, paths: &[&str]) -> Finding {
    finding(Vantage::Wire, "wire", weakness, paths)
}

fn contract(weakness: Weakness, paths: &[&str]) -> Finding {
    finding(Vantage::Contract, "contract", weakness, paths)
}

fn code(weakness: Weakness, symbol: &str, line: u32) -> Finding {
    let mut found = finding(Vantage::Code, "code", weakness, &[]);
    found.fingerprint = Fingerprint::of(["code", weakness.id(), symbol, &line.to_string()]);
    found.source =
        Some(SourcePlace { file: "app.py".to_owned(), line, symbol: Some(format!("app.{symbol}")), columns: None });
    found
}

fn about(mut finding: Finding, input: &str) -> Finding {
    finding.part = Some(Part::new(PartKind::Query, input));
    finding.fingerprint = Fingerprint::of([finding.fingerprint.as_str(), input]);
    finding
}

fn severe(finding: Finding, severity: Severity) -> Finding {
    Finding { severity, ..finding }
}

fn leak(paths: &[&str]) -> Finding {
    let mut found = finding(Vantage::Memory, "memory", Weakness::UnboundedCache, paths);
    found.confidence = Confidence::Proven;
    found.evidence.push(measured_in("B/request"));
    found
}

fn measured_in(unit: &str) -> Evidence {
    Evidence::Measurement(Measurement {
        name: "bytes".to_owned(),
        value: 900.0,
        low: 800.0,
        high: 1000.0,
        unit: unit.to_owned(),
        n: 500,
        method: "a fit".to_owned(),
    })
}

fn memory(path: &str, verdict: &str, more: serde_json::Value) -> OperationMemory {
    let mut value =
        json!({"operation": {"method": "GET", "path": path}, "verdict": verdict, "why": "", "requests": 500});
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(value).unwrap()
}

fn stored(holder: &str, line: u32, function: &str, exact: bool) -> serde_json::Value {
    json!({"path": [holder, "list"], "text": "", "entries": 9, "entries_per_request": 1.0, "bytes_per_request": 900.0, "own": true,
        "named": true, "stored_at": [{"file": "app.py", "line": line, "function": function, "exact": exact}]})
}

/// Where to look for each issue: weakness, and the functions that answer.
fn looked(world: &World) -> Vec<String> {
    let by = |issue: &Issue| {
        let places = issue.answered_by.iter().map(|by| {
            format!(
                "{} {}:{} {}",
                by.operation,
                by.place.file,
                by.place.line,
                by.place.symbol.clone().unwrap_or_default()
            )
        });
        format!("{}: {}", issue.weakness, places.collect::<Vec<_>>().join(", "))
    };
    world.join().issues.iter().map(by).collect()
}

#[test]
fn what_only_the_wire_shows_names_the_functions_that_answer() {
    let world = World::of([wire(Weakness::PiiExposed, &["/items/{id}", "/b"])]);
    assert_eq!(looked(&world), ["pii-exposed: GET /items/{id} app.py:25 app.item, GET /b app.py:21 app.b"]);
    // It is a place to look: nothing is located by it, and no line is said to be the cause.
    assert_eq!(world.shown(), ["1 pii-exposed indicated medium - /b /items/{id}"]);
    // With a root line, for an operation that no code declares, and for the design alone there is none.
    let world = World::of([wire(Weakness::UnboundedRead, &["/a"]), code(Weakness::UnboundedRead, "a", 18)]);
    assert_eq!(looked(&world), ["unbounded-read: "]);
    assert_eq!(looked(&World::of([wire(Weakness::PiiExposed, &["/elsewhere"])])), ["pii-exposed: "]);
    assert_eq!(looked(&World::of([contract(Weakness::PiiExposed, &["/a"])])), ["pii-exposed: "]);
}

fn refused(world: &World) -> Vec<String> {
    world.join().joins.into_iter().filter(|join| !join.joined).map(|join| join.why).collect()
}

#[test]
fn a_handler_explains_what_its_operation_does() {
    let world = World::of([wire(Weakness::UnboundedRead, &["/a"]), code(Weakness::UnboundedRead, "a", 18)]);
    assert_eq!(world.shown(), ["2 unbounded-read located medium 18 /a"]);
    // Another operation's handler does not.
    let world = World::of([wire(Weakness::UnboundedRead, &["/b"]), code(Weakness::UnboundedRead, "a", 18)]);
    assert_eq!(world.shown(), ["1 unbounded-read indicated medium - /b", "1 unbounded-read located medium 18 "]);
    // Nor does another weakness.
    let world = World::of([wire(Weakness::PiiExposed, &["/a"]), code(Weakness::UnboundedRead, "a", 18)]);
    assert_eq!(world.join().issues.len(), 2);
    assert_eq!(world.join().joins, []);
}

#[test]
fn names_of_parameters_and_slashes_do_not_matter() {
    let world = World::of([
        wire(Weakness::UnhandledInput, &["/items/{id}/"]),
        code(Weakness::UnhandledInput, "item", 26),
        wire(Weakness::UnhandledInput, &["/items/mine"]),
    ]);
    assert_eq!(
        world.shown(),
        ["1 unhandled-input indicated medium - /items/mine", "2 unhandled-input located medium 26 /items/{id}/"]
    );
}

#[test]
fn a_helper_of_many_is_one_issue_with_many_operations() {
    let both = [wire(Weakness::UnboundedRead, &["/a"]), wire(Weakness::UnboundedRead, &["/b"])];
    let world = World::of(both.clone().into_iter().chain([code(Weakness::UnboundedRead, "shared", 11)]));
    assert_eq!(world.shown(), ["3 unbounded-read located medium 11 /a /b"]);
    // Under another name, what others call as well is not this operation's mistake.
    let world = World::of(both.into_iter().chain([code(Weakness::WholeTableRead, "shared", 11)]));
    assert_eq!(world.join().issues.len(), 3);
    assert_eq!(refused(&world).len(), 2);
    // What only one operation calls is.
    let world = World::of([wire(Weakness::UnboundedRead, &["/a"]), code(Weakness::WholeTableRead, "own", 14)]);
    assert_eq!(world.shown(), ["2 whole-table-read located medium 14 /a"]);
}

#[test]
fn a_finding_about_several_roots_is_in_each_and_in_one_where_it_has_none() {
    let world = World::of([
        contract(Weakness::UnboundedPageSize, &["/a", "/b", "/quiet"]),
        code(Weakness::UnboundedPageSize, "a", 17),
        code(Weakness::UnboundedPageSize, "b", 22),
    ]);
    assert_eq!(
        world.shown(),
        [
            "1 unbounded-page-size indicated medium - /quiet",
            "2 unbounded-page-size located medium 17 /a",
            "2 unbounded-page-size located medium 22 /b"
        ]
    );
}

#[test]
fn the_same_weakness_goes_before_a_compatible_one() {
    let both = [code(Weakness::UnboundedRead, "a", 17), code(Weakness::WholeTableRead, "a", 18)];
    let world = World::of(both.into_iter().chain([wire(Weakness::UnboundedRead, &["/a"])]));
    assert_eq!(world.shown(), ["1 whole-table-read located medium 18 ", "2 unbounded-read located medium 17 /a"]);
    assert_eq!(refused(&world), ["app.py:17 is the same weakness"]);
}

#[test]
fn a_peak_is_evidence_for_what_collects_and_for_what_answers() {
    let mut peak = finding(Vantage::Memory, "memory-peak", Weakness::UnboundedRead, &["/a"]);
    peak.evidence.push(measured_in("B"));
    let (whole, collected) = (code(Weakness::UnboundedRead, "a", 17), code(Weakness::WholeTableRead, "a", 18));
    let world = World::of([whole.clone(), collected.clone(), peak.clone()]);
    assert_eq!(world.shown(), ["2 unbounded-read located medium 17 /a", "2 whole-table-read located medium 18 /a"]);
    // Nobody knows which of two lines it is that collects.
    let second = code(Weakness::WholeTableRead, "own", 14);
    let world = World::of([whole.clone(), collected.clone(), second, peak.clone()]);
    assert!(world.shown().contains(&"1 whole-table-read located medium 18 ".to_owned()), "{:?}", world.shown());
    // What many call collects for others, too.
    let world = World::of([whole, code(Weakness::WholeTableRead, "shared", 11), peak]);
    assert_eq!(world.shown(), ["1 whole-table-read located medium 11 ", "2 unbounded-read located medium 17 /a"]);
}

#[test]
fn another_parameter_is_another_mistake() {
    let limit = about(code(Weakness::UnboundedPageSize, "a", 17), "limit");
    let world = World::of([limit.clone(), about(wire(Weakness::UnboundedPageSize, &["/a"]), "limit")]);
    assert_eq!(world.join().issues.len(), 1);
    let world = World::of([limit.clone(), about(wire(Weakness::UnboundedPageSize, &["/a"]), "from")]);
    assert_eq!(world.join().issues.len(), 2);
    assert_eq!(refused(&world), ["it speaks of `limit`, not of `from`"]);
    // What is compatible for one parameter only is not where nobody says which.
    let world = World::of([limit.clone(), about(wire(Weakness::UnboundedRead, &["/a"]), "limit")]);
    assert_eq!(world.join().issues.len(), 1);
    let world = World::of([limit, wire(Weakness::UnboundedRead, &["/a"])]);
    assert_eq!(world.join().issues.len(), 2);
}

#[test]
fn the_nearest_by_calls_is_taken_and_none_of_two_that_are_as_near() {
    let handler = code(Weakness::UnhandledInput, "a", 18);
    let world =
        World::of([handler, code(Weakness::UnhandledInput, "own", 14), wire(Weakness::UnhandledInput, &["/a"])]);
    assert!(world.shown().contains(&"2 unhandled-input located medium 18 /a".to_owned()), "{:?}", world.shown());
    let world = World::of([
        code(Weakness::UnhandledInput, "shared", 11),
        code(Weakness::UnhandledInput, "own", 14),
        wire(Weakness::UnhandledInput, &["/a"]),
    ]);
    assert_eq!(world.join().issues.len(), 3);
    assert!(refused(&world).iter().all(|why| why == "2 lines are as near to GET /a, and nothing tells them apart"));
}

#[test]
fn lines_of_one_function_are_one_but_for_leaks() {
    let world = World::of([
        code(Weakness::UnhandledInput, "a", 17),
        severe(code(Weakness::UnhandledInput, "a", 18), Severity::High),
        wire(Weakness::UnhandledInput, &["/a"]),
    ]);
    assert_eq!(world.shown(), ["3 unhandled-input located high 18 /a"]);
    let alone = World::of([code(Weakness::UnhandledInput, "a", 17), code(Weakness::UnhandledInput, "a", 18)]);
    assert_eq!(alone.join().issues.len(), 2);
    let leaks = [code(Weakness::UnboundedCache, "a", 17), code(Weakness::UnboundedCache, "a", 18)];
    let world = World::of(leaks.into_iter().chain([wire(Weakness::GrowingAnswer, &["/a"])]));
    assert_eq!(world.join().issues.len(), 3);
}

#[test]
fn what_runs_around_requests_explains_only_what_it_says_itself() {
    let keep = |weakness| code(weakness, "keep", 7);
    let world = World::of([keep(Weakness::StoreErrorExposed), wire(Weakness::StoreErrorExposed, &["/a", "/b"])]);
    assert_eq!(world.shown(), ["2 store-error-exposed located medium 7 /a /b"]);
    let world = World::of([keep(Weakness::StoreErrorExposed), wire(Weakness::UnhandledInput, &["/a"])]);
    assert_eq!(world.join().issues.len(), 2);
    // The operation's own line goes before it.
    let own = code(Weakness::StoreErrorExposed, "a", 18);
    let world = World::of([keep(Weakness::StoreErrorExposed), own, wire(Weakness::StoreErrorExposed, &["/a", "/b"])]);
    assert!(world.shown().contains(&"2 store-error-exposed located medium 18 /a".to_owned()), "{:?}", world.shown());
    assert!(world.shown().contains(&"2 store-error-exposed located medium 7 /b".to_owned()), "{:?}", world.shown());
}

#[test]
fn frames_pick_the_root_of_a_leak() {
    let caches = [
        severe(code(Weakness::UnboundedCache, "a", 17), Severity::Critical),
        code(Weakness::UnboundedCache, "own", 14),
        code(Weakness::RetainedRequest, "keep", 7),
    ];
    let world = World::of(caches.clone().into_iter().chain([leak(&["/a"])]));
    // Nothing says which.
    let unknown = world.clone().measured(memory("/a", "leak", json!({})));
    assert_eq!(unknown.join().issues.len(), 4);
    assert!(refused(&unknown).iter().all(|why| why.starts_with("2 lines could keep it")), "{:?}", refused(&unknown));
    let until = json!({"limit": 536_870_912, "requests": 40_000, "fewest": 30_000});
    let frames = json!({"retained_by": [stored("app.SEEN", 14, "own", true)], "requests_until_limit": until});
    let known = world.clone().measured(memory("/a", "leak", frames));
    assert!(known.shown().contains(&"2 unbounded-cache proven medium 14 /a".to_owned()), "{:?}", known.shown());
    let issue = known.join().issues.into_iter().find(|issue| issue.stage == Stage::Proven).unwrap();
    assert_eq!(issue.requests_until_limit.map(|until| until.requests), Some(40_000));
    assert_eq!(issue.vantages, [Vantage::Code, Vantage::Memory]);
    // What holds the bytes is filled at a line that code says nothing of: none of the others is the root.
    let frames = json!({"retained_by": [stored("lib.CACHE", 99, "elsewhere", true)]});
    let elsewhere = world.clone().measured(memory("/a", "leak", frames));
    assert_eq!(elsewhere.join().issues.len(), 4);
    // Where the bytes are made says less, and enough where nothing says more.
    let made = json!({"file": "app.py", "line": 18, "function": "a", "own": true, "bytes_per_request": 900.0,
        "share": {"value": 0.9, "low": 0.8, "high": 1.0, "level": 0.95}});
    let made = world.measured(memory("/a", "leak", json!({"allocated_at": [made]})));
    assert!(made.shown().contains(&"2 unbounded-cache proven medium 17 /a".to_owned()), "{:?}", made.shown());
}

#[test]
fn the_only_line_that_keeps_something_is_the_root_without_frames() {
    let world =
        World::of([code(Weakness::UnboundedCache, "a", 17), leak(&["/a"])]).measured(memory("/a", "leak", json!({})));
    assert_eq!(world.shown(), ["2 unbounded-cache proven medium 17 /a"]);
}

#[test]
fn what_every_request_leaves_is_kept_around_requests() {
    let everywhere = || memory("/a", "leak", json!({"everywhere": true}));
    let world = World::of([
        code(Weakness::UnboundedCache, "a", 17),
        code(Weakness::RetainedRequest, "keep", 7),
        leak(&["/a", "/b"]),
    ]);
    let world = world.measured(everywhere());
    assert_eq!(world.shown(), ["1 unbounded-cache located medium 17 ", "2 retained-request proven medium 7 /a /b"]);
    // Two lines around requests, and both hold a part.
    let frames = json!({"everywhere": true,
        "retained_by": [stored("app.SEEN", 7, "keep", true), stored("app.HANDLERS", 8, "keep", false)]});
    let world = World::of([
        code(Weakness::HandlerPerRequest, "keep", 8),
        code(Weakness::RetainedRequest, "keep", 7),
        leak(&["/a", "/b"]),
    ]);
    let world = world.measured(memory("/a", "leak", frames));
    assert_eq!(
        world.shown(),
        ["2 handler-per-request proven medium 8 /a /b", "2 retained-request proven medium 7 /a /b"]
    );
}

#[test]
fn what_every_request_leaves_explains_no_single_operation() {
    let own = World::of([wire(Weakness::GrowingAnswer, &["/a"]), leak(&["/a"])]);
    assert_eq!(own.measured(memory("/a", "leak", json!({}))).join().issues.len(), 1);
    let all = World::of([wire(Weakness::GrowingAnswer, &["/a"]), leak(&["/a", "/b"])]);
    assert_eq!(all.measured(memory("/a", "leak", json!({"everywhere": true}))).join().issues.len(), 2);
}

#[test]
fn a_measurement_goes_before_what_code_guesses_of_cost() {
    let cache = severe(code(Weakness::UnboundedCache, "a", 17), Severity::High);
    let world = World::of([cache, severe(leak(&["/a"]), Severity::Low)]).measured(memory("/a", "leak", json!({})));
    assert_eq!(world.shown(), ["2 unbounded-cache proven low 17 /a"]);
}

#[test]
fn vantages_without_code_are_joined_by_operation() {
    let open = contract(Weakness::OpenOperation, &["/a"]);
    let world = World::of([open.clone(), wire(Weakness::MissingAuthentication, &["/a"])]);
    assert_eq!(world.shown(), ["2 missing-authentication indicated medium - /a"]);
    let world = World::of([open.clone(), wire(Weakness::MissingAuthentication, &["/b"])]);
    assert_eq!(world.join().issues.len(), 2);
    // Two weaknesses of one vantage stay two.
    let world = World::of([wire(Weakness::UnboundedRead, &["/quiet"]), wire(Weakness::UnboundedSearch, &["/quiet"])]);
    assert_eq!(world.join().issues.len(), 2);
    // What the contract says of several operations is one with what is seen at one of them, and with nothing else that the contract says.
    let shared = contract(Weakness::UnboundedBatch, &["/a", "/b"]);
    let single = contract(Weakness::UnboundedBatch, &["/a"]);
    assert_eq!(World::of([shared.clone(), single]).join().issues.len(), 2);
    assert_eq!(World::of([shared, wire(Weakness::UnboundedBatch, &["/b"])]).join().issues.len(), 1);
}

#[test]
fn what_memory_does_not_see_is_doubted() {
    let cache = || World::of([severe(code(Weakness::UnboundedCache, "shared", 11), Severity::High)]);
    let quiet = |path, least: f64| memory(path, "none", json!({"smallest_detectable": least}));
    let doubted = cache().measured(quiet("/a", 290.0)).measured(quiet("/b", 310.0));
    assert_eq!(doubted.shown(), ["1 unbounded-cache located medium 11 "]);
    let doubt = &doubted.join().issues[0].doubts[0];
    assert_eq!(
        (doubt.vantage, doubt.why.as_str()),
        (Vantage::Memory, "memory measured no leak of 310 B a request or more at the 2 operations that get there")
    );
    assert_eq!(super::scored(&doubted.join().issues, &doubted.findings)[0].confidence, Confidence::Suspected);
    // One operation was not measured; one too coarsely; one was left open; one leaks.
    for other in [
        None,
        Some(quiet("/b", 50_000.0)),
        Some(memory("/b", "inconclusive", json!({"smallest_detectable": 100.0}))),
        Some(memory("/b", "leak", json!({}))),
    ] {
        let mut world = cache().measured(quiet("/a", 290.0));
        world.memory.extend(other);
        assert_eq!(world.shown(), ["1 unbounded-cache located high 11 "]);
    }
    // Growth that ends is no growth without an end.
    let ends = cache().measured(memory("/a", "plateau", json!({}))).measured(quiet("/b", 300.0));
    assert_eq!(ends.join().issues[0].doubts.len(), 1);
    // A read that is too large leaves nothing behind, and is doubted by no leak that is not there.
    let read = World::of([code(Weakness::WholeTableRead, "shared", 11)]);
    assert_eq!(read.measured(quiet("/a", 290.0)).measured(quiet("/b", 290.0)).join().issues[0].doubts, []);
}

#[test]
fn what_the_wire_contradicts_is_doubted() {
    let crash = || World::of([code(Weakness::UnhandledInput, "a", 18)]);
    assert_eq!(crash().answered("/a", &[(200, 9), (404, 3)]).join().issues[0].doubts.len(), 1);
    let quiet: [&[(u16, u32)]; 3] = [&[(200, 9)], &[(200, 9), (404, 3), (500, 1)], &[(404, 2)]];
    for statuses in quiet {
        assert_eq!(crash().answered("/a", statuses).join().issues[0].doubts, [], "{statuses:?}");
    }
    let open = || World::of([contract(Weakness::OpenOperation, &["/a"])]);
    assert_eq!(open().answered("/a", &[(200, 9), (401, 3)]).join().issues[0].severity, Severity::Low);
    assert_eq!(open().answered("/a", &[(200, 12)]).join().issues[0].severity, Severity::Medium);
}

#[test]
fn the_name_of_an_issue_with_a_root_is_that_of_its_code() {
    let alone = World::of([code(Weakness::UnboundedRead, "a", 18)]).join();
    let joined = World::of([wire(Weakness::UnboundedRead, &["/a"]), code(Weakness::UnboundedRead, "a", 18)]).join();
    assert_eq!(alone.issues[0].fingerprint, joined.issues[0].fingerprint);
}

#[test]
fn what_is_open_to_anybody_goes_first_among_equals() {
    let world = World::of([
        wire(Weakness::UnboundedRead, &["/a"]),
        wire(Weakness::UnboundedRead, &["/quiet"]),
        severe(wire(Weakness::MissingAuthentication, &["/quiet"]), Severity::Low),
    ]);
    let order: Vec<_> = world.join().issues.iter().map(|issue| issue.operations[0].path.clone()).collect();
    assert_eq!(order, ["/quiet", "/a", "/quiet"]);
}
