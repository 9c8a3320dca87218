//! A run from the first question to the last: discovery, exploration, rounds of probes.
//!
//! Everything that is asked goes through `Driver::ask`, which numbers requests in the order of planning, so that the numbers do not depend on
//! which answer arrives first.

mod discovery;
mod exploration;

use std::collections::HashSet;

use plimsoll_http::plan::{Permit, Planned};
use plimsoll_http::{Exchange, Lane, OpId, Probe, Request, Transport};
use plimsoll_spec::{Api, Operation, Origin};

use crate::active::Active;
use crate::check::Check;
use crate::economy::{Account, Economy};
use crate::identity::{Forged, SeenIdentity};
use crate::index::Index;
use crate::judge::judge;
use crate::seen::Seen;
use crate::twin;
use crate::view::App;

/// How many rounds of probes there are at most. Checks that escalate need four or five.
const ROUNDS: usize = 14;

/// How many steps the writes of a run take at most: reading, writing, reading again, putting back and reading once more, one after the other.
const STEPS: usize = 40;

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
        /// Findings so far; none where nobody watches.
        findings: Option<usize>,
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
    /// Who asked for what.
    pub economy: Economy,
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
    /// The named identities.
    pub identities: Vec<SeenIdentity>,
    /// Tokens made of theirs.
    pub forged: Vec<Forged>,
    /// What the run may try beyond plain reading.
    pub active: Active,
    /// Whether somebody watches, so that findings are counted between rounds.
    pub watched: bool,
}

/// Runs discovery (where no contract was given), exploration and the rounds of probes.
pub async fn run<T: Transport>(
    transport: &mut T,
    start: Start<'_>,
    watch: &mut (dyn FnMut(Progress) + Send),
) -> Outcome {
    let seen = Seen::given(start.credentials, start.tokens).with_identities(start.identities, start.forged);
    let mut driver =
        Driver { transport, next_id: 0, seen, permits: Vec::new(), protocols: Vec::new(), account: Account::default() };
    driver.seen.active = start.active;
    driver.seen.set_base(OpId::NONE, Request::get(&format!("{}/", start.prefix)));
    watch(Progress::Discovering);
    let mut api = driver.discover(&start.prefix, start.contract).await;
    for key in driver.seen.active.writes.clone() {
        // What the user names exists, whether or not a contract says so.
        if api.operation(&key).is_none() {
            api.operations.push(Operation::found(key.method, key.path, Origin::Contract));
        }
    }
    watch(Progress::Found { operations: api.operations.len(), contract: api.document.clone() });
    driver.permits = api.operations.iter().map(start.permits).collect();
    driver.account.discovered(&driver.seen, api.operations.len());
    driver.explore(&mut api, start.permits, watch).await;
    if !start.checks.is_empty() {
        let twins = twin::probes(&api, &driver.seen);
        driver.ask(&twins).await;
    }
    driver.account.explored(&driver.seen);
    driver.rounds(&api, start.checks, start.watched, watch).await;
    watch(Progress::Judging);
    let refused = driver
        .permits
        .iter()
        .enumerate()
        .filter_map(|(index, permit)| Some((OpId(index as u32), permit.as_ref().err()?.clone())))
        .collect();
    let economy = driver.account.close(&driver.seen, start.checks);
    Outcome { api, seen: driver.seen, refused, protocols: driver.protocols, economy }
}

struct Driver<'t, T> {
    transport: &'t mut T,
    next_id: u32,
    seen: Seen,
    permits: Vec<Result<Permit, String>>,
    protocols: Vec<String>,
    account: Account,
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
        self.seen.active.calls = self.transport.calls();
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

    /// Asks the checks until nobody wants to know more. Bursts wait until nobody asks for anything else, so that the 429s that they provoke
    /// disturb nobody.
    async fn rounds(
        &mut self,
        api: &Api,
        checks: &[&'static dyn Check],
        watched: bool,
        watch: &mut (dyn FnMut(Progress) + Send),
    ) {
        let index = Index::of(api);
        let mut written = false;
        for number in 1..=ROUNDS {
            let mut wanted: Vec<Probe> = Vec::new();
            for at in 0..api.operations.len() as u32 {
                let app = App { api, index: &index, seen: &self.seen };
                if let Some(op) = app.op(OpId(at)) {
                    for (place, check) in checks.iter().enumerate() {
                        let asked = check.probes(&op);
                        self.account.asks(place, asked.iter(), &self.seen);
                        wanted.extend(asked.into_iter().filter(|probe| !self.seen.has(probe)));
                    }
                }
                self.seen.forget_parsed(OpId(at));
            }
            let app = App { api, index: &index, seen: &self.seen };
            for (place, check) in checks.iter().enumerate() {
                let asked = check.probes_app(&app);
                self.account.asks(place, asked.iter(), &self.seen);
                wanted.extend(asked);
            }
            let mut asked: HashSet<Probe> = HashSet::new();
            for probe in &mut wanted {
                probe.who = self.seen.canonical(probe.who);
            }
            wanted.retain(|probe| {
                !self.seen.has(probe) && self.seen.base(probe.op).is_some() && asked.insert(probe.clone())
            });
            let mut probes = wanted;
            self.seen.forget_all_parsed();
            if probes.iter().any(|probe| probe.lane != Lane::Burst) {
                probes.retain(|probe| probe.lane != Lane::Burst);
            } else if !written {
                // Before the bursts: what a rate limit refuses afterwards could not be put back.
                written = true;
                self.write(api, checks).await;
            }
            // What is timed goes first while the target is fresh, then after what only has to be answered.
            probes.sort_by_key(|probe| (probe.lane == Lane::Quiet) != (number == 1));
            if probes.is_empty() || self.transport.status().stopped.is_some() {
                break;
            }
            let findings = watched.then(|| judge(api, &mut self.seen, checks).len());
            watch(Progress::Round { number, requests: probes.len(), findings });
            let before = self.seen.all().len();
            self.ask(&probes).await;
            if self.seen.all().len() == before {
                // Everything was dropped: asking again would bring the same.
                break;
            }
        }
        if !written && self.transport.status().stopped.is_none() {
            self.write(api, checks).await;
        }
    }

    /// Asks the checks for what they want to change, one step at a time.
    async fn write(&mut self, api: &Api, checks: &[&'static dyn Check]) {
        let index = Index::of(api);
        for _ in 0..STEPS {
            let app = App { api, index: &index, seen: &self.seen };
            let mut asked: HashSet<Probe> = HashSet::new();
            let mut probes: Vec<Probe> = Vec::new();
            for (place, check) in checks.iter().enumerate() {
                let asked = check.writes(&app);
                self.account.asks(place, asked.iter(), &self.seen);
                probes.extend(asked);
            }
            probes.retain(|probe| {
                !self.seen.has(probe) && self.seen.base(probe.op).is_some() && asked.insert(probe.clone())
            });
            let before = self.seen.all().len();
            self.ask(&probes).await;
            if self.seen.all().len() == before {
                break;
            }
        }
    }
}
