//! A run from the first question to the last: discovery, exploration, rounds of probes.
//!
//! Everything that is asked goes through [`Driver::ask`], which numbers requests in the order of planning, so that the numbers do not depend on
//! which answer arrives first.

use std::collections::HashSet;

use plimsoll_http::plan::{Permit, Planned};
use plimsoll_http::{Exchange, Lane, OpId, Probe, Request, Transport};
use plimsoll_model::Method;
use plimsoll_spec::{Api, Location, Operation, Options, Origin, Parameter, Source};

use crate::check::Check;
use crate::discover::{self, Soft404, documents, links};
use crate::explore::{self, Effort};
use crate::harvest::Harvest;
use crate::seen::Seen;
use crate::view::App;

/// How many rounds of probes there are at most. Checks that escalate need four or five.
const ROUNDS: usize = 14;
/// How many operations are taken from links where there is no contract.
const FOUND: usize = 60;
/// How much of a document is kept until it is read.
const DOCUMENT: usize = 64 << 20;
/// How much of it stays in the recording.
const KEPT: usize = 16 << 10;

/// What is happening, for whoever watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Looking for a contract and for operations.
    Discovering,
    /// Operations are known.
    Found {
        /// How many.
        operations: usize,
        /// Where the contract was found, if it was.
        contract: Option<String>,
    },
    /// Exploring operations.
    Exploring {
        /// Operations reached so far.
        reached: usize,
    },
    /// A round of probes.
    Round {
        /// 1-based.
        number: usize,
        /// Requests in it.
        requests: usize,
    },
    /// All questions are asked.
    Judging,
}

/// What a run brought.
#[derive(Debug)]
pub struct Outcome {
    /// The contract with what was discovered beside it.
    pub api: Api,
    /// The exchanges.
    pub seen: Seen,
    /// Operations that were not called, and why.
    pub refused: Vec<(OpId, String)>,
    /// Endpoints that speak something else, such as GraphQL.
    pub protocols: Vec<String>,
}

/// Decides whether an operation may be called.
pub type Permits<'a> = dyn Fn(&Operation) -> Result<Permit, String> + Sync + 'a;

/// What a run starts from.
pub struct Start<'a> {
    /// The path prefix of the target, without a trailing slash.
    pub prefix: String,
    /// The contract, where the user gave one.
    pub contract: Option<Api>,
    /// The checks to ask.
    pub checks: &'a [&'static dyn Check],
    /// Which operations may be called.
    pub permits: &'a Permits<'a>,
    /// What is known of the given tokens.
    pub tokens: Vec<crate::token::TokenFacts>,
    /// The headers that carry the given credentials, as they are shown.
    pub credentials: Vec<(String, String)>,
}

/// Runs discovery (where no contract was given), exploration and the rounds of probes.
pub async fn run<T: Transport>(
    transport: &mut T,
    start: Start<'_>,
    watch: &mut (dyn FnMut(Progress) + Send),
) -> Outcome {
    let seen = Seen::given(start.credentials, start.tokens);
    let mut driver = Driver { transport, next_id: 0, seen, permits: Vec::new(), protocols: Vec::new() };
    driver.seen.set_base(OpId::NONE, Request::get(&format!("{}/", start.prefix)));
    watch(Progress::Discovering);
    let mut api = driver.discover(&start.prefix, start.contract).await;
    watch(Progress::Found { operations: api.operations.len(), contract: api.document.clone() });
    driver.permits = api.operations.iter().map(start.permits).collect();
    driver.explore(&mut api, watch).await;
    driver.rounds(&api, start.checks, watch).await;
    watch(Progress::Judging);
    let refused = driver
        .permits
        .iter()
        .enumerate()
        .filter_map(|(index, permit)| Some((OpId(index as u32), permit.as_ref().err()?.clone())))
        .collect();
    Outcome { api, seen: driver.seen, refused, protocols: driver.protocols }
}

struct Driver<'t, T> {
    transport: &'t mut T,
    next_id: u32,
    seen: Seen,
    permits: Vec<Result<Permit, String>>,
    protocols: Vec<String>,
}

impl<T: Transport> Driver<'_, T> {
    /// Sends requests and returns their exchanges, in order.
    async fn send(&mut self, requests: Vec<(Probe, Request)>, keep: Option<usize>) -> Vec<Exchange> {
        let first = self.next_id;
        self.next_id += requests.len() as u32;
        let permits = &self.permits;
        let mut batch = requests.into_iter().enumerate().filter_map(|(index, (probe, request))| {
            let permit = match permits.get(probe.op.0 as usize) {
                Some(Ok(permit)) => *permit,
                Some(Err(_)) => return None,
                None => Permit::SAFE,
            };
            Some(Planned { keep, ..Planned::new(first + index as u32, probe, request).under(permit) })
        });
        self.transport.send(&mut batch).await
    }

    /// Sends probes of known operations, building each request when it is sent.
    async fn ask(&mut self, probes: &[Probe]) {
        let first = self.next_id;
        self.next_id += probes.len() as u32;
        let (seen, permits) = (&self.seen, &self.permits);
        let mut batch = probes.iter().enumerate().filter_map(|(index, probe)| {
            let request = probe.build(seen.base(probe.op)?);
            let permit = match permits.get(probe.op.0 as usize) {
                Some(permit) => *permit.as_ref().ok()?,
                None => Permit::SAFE,
            };
            Some(Planned::new(first + index as u32, probe.clone(), request).under(permit))
        });
        for exchange in self.transport.send(&mut batch).await {
            self.seen.push(exchange);
        }
    }

    fn path_probe(target: &str) -> Probe {
        let request = Request::get_target(target);
        let mut probe = Probe::of(OpId::NONE).path(&request.path);
        for (name, value) in &request.query {
            probe = probe.query(name, value);
        }
        probe
    }

    /// Asks for paths of the target that belong to no operation; `prefix` is put before each. Paths that were asked before are answered from what was
    /// seen.
    async fn fetch(&mut self, prefix: &str, paths: &[&str], keep: Option<usize>) -> Vec<Exchange> {
        let base = self.seen.base(OpId::NONE).cloned().unwrap_or_else(|| Request::get("/"));
        let probes: Vec<Probe> = paths.iter().map(|path| Self::path_probe(&format!("{prefix}{path}"))).collect();
        let mut unasked = HashSet::new();
        let new = probes.iter().filter(|probe| !self.seen.has(probe) && unasked.insert((*probe).clone()));
        let requests = new.map(|probe| (probe.clone(), probe.build(&base))).collect();
        for exchange in self.send(requests, keep).await {
            self.seen.push(exchange);
        }
        probes.iter().filter_map(|probe| self.seen.reply(probe).cloned()).collect()
    }

    async fn discover(&mut self, prefix: &str, given: Option<Api>) -> Api {
        let mut soft404 = Soft404::default();
        let mut first: Vec<&str> = discover::soft404::PATHS.to_vec();
        first.push("/");
        let answers = self.fetch(prefix, &first, None).await;
        for (path, exchange) in first.iter().zip(&answers) {
            if *path != "/" {
                soft404.learn(exchange);
            }
        }
        let contract = match given {
            Some(api) => Some(api),
            None => self.find_contract(prefix, &soft404).await,
        };
        let mut api = contract.unwrap_or_default();
        if api.prefix.is_empty() {
            prefix.clone_into(&mut api.prefix);
        }
        let contracted = api.document.is_some();
        let mut found = self.conventional(prefix, discover::CONVENTIONAL, &soft404, Origin::Convention).await;
        if !contracted {
            found.extend(self.conventional(prefix, discover::RESOURCES, &soft404, Origin::Convention).await);
            found.extend(self.follow_links(prefix, &soft404).await);
        }
        for (path, origin) in found {
            if contracted || api.operations.len() < FOUND {
                add(&mut api, &path, origin);
            }
        }
        api
    }

    /// Looks for a contract in the customary places, then where documentation pages say it is.
    async fn find_contract(&mut self, prefix: &str, soft404: &Soft404) -> Option<Api> {
        // The most common places alone first: a hit there saves thirty requests.
        let (common, rare) = documents::LOCATIONS.split_at(4);
        for locations in [common, rare] {
            let paths: Vec<&str> = locations.iter().map(|(path, _)| *path).collect();
            let answers = self.fetch(prefix, &paths, Some(DOCUMENT)).await;
            if let Some(api) = self.read_first(answers, soft404) {
                return Some(api);
            }
            if locations.len() == common.len() {
                let pages = self.fetch(prefix, &documents::PAGES[..3], None).await;
                if let Some(api) = self.read_named(pages, soft404).await {
                    return Some(api);
                }
            }
        }
        let pages = self.fetch(prefix, &documents::PAGES[3..], None).await;
        self.read_named(pages, soft404).await
    }

    async fn read_named(&mut self, pages: Vec<Exchange>, soft404: &Soft404) -> Option<Api> {
        let mut named: Vec<String> = Vec::new();
        for page in pages.iter().filter(|page| page.is_success()) {
            let text = page.text();
            let base = url::Url::parse(&format!("{}{}", page.origin, page.request.target())).ok()?;
            for location in documents::named_in(&text) {
                if let Ok(url) = base.join(&location)
                    && url.origin() == base.origin()
                {
                    let target =
                        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
                    if !named.contains(&target) {
                        named.push(target);
                    }
                }
            }
        }
        let paths: Vec<&str> = named.iter().take(12).map(String::as_str).collect();
        let answers = self.fetch("", &paths, Some(DOCUMENT)).await;
        self.read_first(answers, soft404)
    }

    /// The first answer that is a contract. What is kept of each document is cut afterwards.
    fn read_first(&mut self, answers: Vec<Exchange>, soft404: &Soft404) -> Option<Api> {
        let mut found = None;
        for exchange in answers {
            let Some(response) = exchange.response().filter(|_| exchange.is_success() && !soft404.matches(&exchange))
            else {
                continue;
            };
            if found.is_none() && plimsoll_spec::probe(&response.body.kept) {
                let name = exchange.request.target();
                let source =
                    Source::Bytes { name: format!("{}{name}", exchange.origin), bytes: response.body.kept.to_vec() };
                if let Ok(mut api) = plimsoll_spec::load(&source, &Options::default()) {
                    api.document = Some(name);
                    found = Some(api);
                }
            }
            self.seen.cut(&exchange.probe, KEPT);
        }
        found
    }

    /// Conventional paths at which something is.
    async fn conventional(
        &mut self,
        prefix: &str,
        paths: &[&str],
        soft404: &Soft404,
        origin: Origin,
    ) -> Vec<(String, Origin)> {
        let answers = self.fetch(prefix, paths, None).await;
        let mut out = Vec::new();
        for exchange in &answers {
            if let Some(protocol) = discover::protocol(exchange).filter(|_| !soft404.matches(exchange)) {
                self.protocols.push(format!("{} at {}", protocol.as_str(), exchange.request.path));
            } else if discover::exists(exchange, soft404) {
                out.push((exchange.request.path.clone(), origin));
            }
        }
        out
    }

    /// Follows links from what was seen so far, two steps deep.
    async fn follow_links(&mut self, prefix: &str, soft404: &Soft404) -> Vec<(String, Origin)> {
        let mut out: Vec<(String, Origin)> = Vec::new();
        let mut followed: HashSet<String> = HashSet::new();
        for _ in 0..2 {
            let mut targets: Vec<String> = Vec::new();
            for exchange in self.seen.all() {
                for target in links::in_answer(exchange) {
                    let path = target.split('?').next().unwrap_or("");
                    if path.starts_with(prefix) && followed.insert(links::template(path)) && targets.len() < FOUND {
                        targets.push(target);
                    }
                }
            }
            let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
            if targets.is_empty() {
                break;
            }
            for exchange in self.fetch("", &targets, None).await {
                if discover::exists(&exchange, soft404) {
                    out.push((exchange.request.path.clone(), Origin::Link));
                }
            }
        }
        out
    }

    /// Finds a base request for every operation that may be called.
    async fn explore(&mut self, api: &mut Api, watch: &mut (dyn FnMut(Progress) + Send)) {
        let mut harvest = Harvest::default();
        let mut reached: HashSet<usize> = HashSet::new();
        let mut tries: Vec<Vec<Exchange>> = vec![Vec::new(); api.operations.len()];
        for effort in [Effort::Plain, Effort::Known, Effort::Known, Effort::Known, Effort::Invented] {
            let mut batch: Vec<(Probe, Request)> = Vec::new();
            for (index, operation) in api.operations.iter().enumerate() {
                if reached.contains(&index) || !self.permits[index].is_ok() || tries[index].len() >= 6 {
                    continue;
                }
                let op = OpId(index as u32);
                for request in explore::requests(api, operation, &harvest, effort) {
                    let tried = tries[index].iter().any(|exchange| exchange.request.target() == request.target());
                    let planned = batch.iter().filter(|(probe, _)| probe.op == op).count();
                    if !tried && planned < 3 {
                        // Provisional names; the one that becomes the base gets its own below.
                        batch.push((Probe::of(op).nth(60_000 + (tries[index].len() + planned) as u16), request));
                    }
                }
            }
            for exchange in self.send(batch, None).await {
                let index = exchange.probe.op.0 as usize;
                if exchange.is_success() {
                    harvest.take(&api.operations[index].key.path, &exchange);
                    reached.insert(index);
                }
                tries[index].push(exchange);
            }
            watch(Progress::Exploring { reached: reached.len() });
        }
        for (index, mut exchanges) in tries.into_iter().enumerate() {
            let op = OpId(index as u32);
            let Some(best) = exchanges.iter().position(Exchange::is_success).or((!exchanges.is_empty()).then_some(0))
            else {
                continue;
            };
            let mut base = exchanges.remove(best);
            base.probe = Probe::of(op);
            self.seen.set_base(op, base.request.clone());
            self.seen.push(base);
            for other in exchanges {
                self.seen.push(other);
            }
        }
        self.seen.sort();
    }

    /// Asks the checks until nobody wants to know more. Bursts wait until nobody asks for anything else, so that the 429s that they provoke
    /// disturb nobody.
    async fn rounds(&mut self, api: &Api, checks: &[&'static dyn Check], watch: &mut (dyn FnMut(Progress) + Send)) {
        for number in 1..=ROUNDS {
            let app = App { api, seen: &self.seen };
            let mut asked: HashSet<Probe> = HashSet::new();
            let mut probes: Vec<Probe> = Vec::new();
            let by_op = app.ops().flat_map(|op| checks.iter().flat_map(move |check| check.probes(&op)));
            for probe in by_op.chain(checks.iter().flat_map(|check| check.probes_app(&app))) {
                if !self.seen.has(&probe) && self.seen.base(probe.op).is_some() && asked.insert(probe.clone()) {
                    probes.push(probe);
                }
            }
            if probes.iter().any(|probe| probe.lane != Lane::Burst) {
                probes.retain(|probe| probe.lane != Lane::Burst);
            }
            probes.sort_by_key(|probe| probe.lane);
            if probes.is_empty() || self.transport.status().stopped.is_some() {
                break;
            }
            watch(Progress::Round { number, requests: probes.len() });
            let before = self.seen.all().len();
            self.ask(&probes).await;
            if self.seen.all().len() == before {
                // Everything was dropped: asking again would bring the same.
                break;
            }
        }
    }
}

/// Adds an operation that was found beside the contract, unless one of the contract's templates already covers its path.
fn add(api: &mut Api, path: &str, origin: Origin) {
    let path = path.strip_prefix(api.prefix.as_str()).unwrap_or(path);
    let template = links::template(if path.is_empty() { "/" } else { path });
    let covered = api
        .operations
        .iter()
        .any(|operation| operation.key.method == Method::Get && covers(&operation.key.path, &template));
    let is_document = api.document.as_deref().is_some_and(|document| document.split('?').next() == Some(path));
    if !covered && !is_document {
        let mut operation = Operation::found(Method::Get, template.clone(), origin);
        // The ids of the link are the examples of the template's parameters.
        let ids = template.split('/').zip(path.split('/')).filter(|(t, _)| t.starts_with('{'));
        operation.parameters =
            ids.map(|(name, id)| Parameter::found(Location::Path, name.trim_matches(['{', '}']), id)).collect();
        api.operations.push(operation);
    }
}

/// Whether a path (or template) is an instance of a template.
fn covers(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) =
        (template.trim_end_matches('/').split('/').collect(), path.trim_end_matches('/').split('/').collect());
    template.len() == path.len() && template.iter().zip(&path).all(|(t, p)| t == p || t.contains('{'))
}
