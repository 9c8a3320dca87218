//! Finding the request that each operation's probes start from, with the values of [`crate::explore`].

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use plimsoll_http::{Exchange, OpId, Probe, Request, Transport, Who};
use plimsoll_spec::{Api, Origin};

use super::discovery::add;
use super::{Driver, Permits, Progress};
use crate::discover::links;
use crate::explore::{self, Effort};
use crate::fields;
use crate::harvest::Harvest;

/// How many operations are taken from links beside a contract.
const BESIDE: usize = 12;

/// How many requests are tried for one operation as one caller.
const TRIES: usize = 6;

/// What exploration knows so far.
#[derive(Default)]
struct Explored {
    /// What the answers to each caller gave. Values of one caller are not tried as another: they may not be theirs.
    harvests: BTreeMap<Who, Harvest>,
    /// Indices of operations that answered with a 2xx.
    reached: HashSet<usize>,
    /// What was tried for each operation.
    tries: Vec<Vec<Exchange>>,
}

impl<T: Transport> Driver<'_, T> {
    /// Finds a base request for every operation that may be called, then for those that the answers link to and the contract does not list.
    pub(super) async fn explore(
        &mut self,
        api: &mut Api,
        permits: &Permits<'_>,
        watch: &mut (dyn FnMut(Progress) + Send),
    ) {
        let mut explored = Explored::default();
        let efforts = [Effort::Plain, Effort::Known, Effort::Known, Effort::Known, Effort::Invented];
        self.reach(api, &mut explored, &efforts, Who::Given, watch).await;
        for who in self.others() {
            self.reach(api, &mut explored, &[Effort::Plain, Effort::Known, Effort::Known], who, watch).await;
        }
        let known = api.operations.len();
        if api.document.is_some() {
            for exchange in explored.tries.iter().flatten().filter(|exchange| exchange.is_success()) {
                let targets = links::in_answer(exchange);
                let paths = targets.iter().map(|target| target.split('?').next().unwrap_or(""));
                let below = paths.filter(|path| path.starts_with(api.prefix.as_str()));
                let paths: Vec<String> = below.map(str::to_owned).collect();
                for path in &paths {
                    if api.operations.len() < known + BESIDE {
                        add(api, path, &links::template_among(path, &paths), Origin::Link);
                    }
                }
            }
            self.permits.extend(api.operations[known..].iter().map(permits));
            self.reach(api, &mut explored, &[Effort::Known], Who::Given, watch).await;
        }
        self.settle(explored);
    }

    /// The callers besides the given one, those that may most first: what is closed to one is soonest open to them.
    fn others(&self) -> Vec<Who> {
        let mut callers = self.seen.callers();
        callers.retain(|who| *who != Who::Given);
        callers.sort_by_key(|who| Reverse(self.seen.rank_of(*who)));
        callers
    }

    /// Tries requests of growing effort, as one caller, for operations that were not reached yet. Who is not the given caller is asked only where that
    /// one was refused, or knew no values.
    async fn reach(
        &mut self,
        api: &Api,
        explored: &mut Explored,
        efforts: &[Effort],
        who: Who,
        watch: &mut (dyn FnMut(Progress) + Send),
    ) {
        let Explored { harvests, reached, tries } = explored;
        tries.resize_with(api.operations.len(), Vec::new);
        for effort in efforts {
            let mut batch: Vec<(Probe, Request)> = Vec::new();
            for (index, operation) in api.operations.iter().enumerate() {
                let mine = tries[index].iter().filter(|exchange| exchange.probe.who == who).count();
                let refused = |exchange: &Exchange| matches!(exchange.status(), Some(401 | 403));
                let wanted = who == Who::Given || tries[index].is_empty() || tries[index].iter().any(refused);
                if reached.contains(&index) || self.permits[index].is_err() || mine >= TRIES || !wanted {
                    continue;
                }
                let op = OpId(index as u32);
                let mut planned = 0;
                let own = harvests.entry(who).or_default();
                let mut requests = explore::requests(api, operation, own, *effort);
                if let Some(given) = harvests.get(&Who::Given).filter(|_| who != Who::Given && requests.is_empty()) {
                    requests = explore::requests(api, operation, given, *effort);
                }
                for mut request in requests {
                    self.leave_credentials(&mut request);
                    let same = |exchange: &&Exchange| exchange.request.target() == request.target();
                    let tried = tries[index].iter().filter(same).any(|exchange| exchange.probe.who == who);
                    if !tried && planned < 3 {
                        // Provisional names; the one that becomes the base gets its own when exploration ends.
                        let nth = 60_000 + (tries[index].len() + planned) as u16;
                        batch.push((Probe::of(op).nth(nth).who(who), request));
                        planned += 1;
                    }
                }
            }
            if batch.is_empty() && who != Who::Given {
                continue;
            }
            for exchange in self.send(batch, None).await {
                let index = exchange.probe.op.0 as usize;
                if exchange.is_success() {
                    harvests.entry(who).or_default().take(&api.operations[index].key.path, &exchange);
                    reached.insert(index);
                }
                tries[index].push(exchange);
            }
            watch(Progress::Exploring { reached: reached.len() });
        }
    }

    /// Takes out what the callers carry themselves: a value that was made up for a declared key would stand in its place.
    fn leave_credentials(&self, request: &mut Request) {
        let shown: Vec<_> = self.seen.callers().into_iter().map(|who| self.seen.shown(who)).collect();
        let carried = |name: &str| shown.iter().any(|shown| shown.headers.iter().any(|(own, _)| own == name));
        request.headers.retain(|(name, _)| !carried(name));
        request.query.retain(|(name, _)| !shown.iter().any(|shown| shown.query.iter().any(|(own, _)| own == name)));
    }

    /// Makes the best request of each operation its base, and everything that was tried part of what was seen.
    fn settle(&mut self, explored: Explored) {
        let tries = explored.tries;
        for (index, mut exchanges) in tries.into_iter().enumerate() {
            let op = OpId(index as u32);
            // An answer with something in it shows more than an empty list: the newest of things often have nothing below them yet.
            let telling = exchanges.iter().position(|exchange| exchange.is_success() && fields::has_data(exchange));
            let best = telling.or_else(|| exchanges.iter().position(Exchange::is_success));
            let Some(best) = best.or((!exchanges.is_empty()).then_some(0)) else { continue };
            let base = exchanges[best].request.clone();
            let mut named: HashSet<Who> = HashSet::new();
            // The given caller's exchange with this request comes first: its probe is the operation's own.
            for exchange in &mut exchanges {
                if exchange.request == base && named.insert(exchange.probe.who) {
                    exchange.probe = Probe::of(op).who(exchange.probe.who);
                }
            }
            self.seen.set_base(op, base);
            for exchange in exchanges {
                self.seen.push(exchange);
            }
        }
        self.seen.sort();
    }
}
