//! Finding the request that each operation's probes start from, with the values of [`crate::explore`].

use std::collections::HashSet;

use plimsoll_http::{Exchange, OpId, Probe, Request, Transport};
use plimsoll_spec::{Api, Origin};

use super::discovery::add;
use super::{Driver, Permits, Progress};
use crate::discover::links;
use crate::explore::{self, Effort};
use crate::harvest::Harvest;

/// How many operations are taken from links beside a contract.
const BESIDE: usize = 12;

/// What exploration knows so far.
#[derive(Default)]
struct Explored {
    harvest: Harvest,
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
        self.reach(api, &mut explored, &efforts, watch).await;
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
            self.reach(api, &mut explored, &[Effort::Known], watch).await;
        }
        self.settle(explored);
    }

    /// Tries requests of growing effort for operations that were not reached yet.
    async fn reach(
        &mut self,
        api: &Api,
        explored: &mut Explored,
        efforts: &[Effort],
        watch: &mut (dyn FnMut(Progress) + Send),
    ) {
        let Explored { harvest, reached, tries } = explored;
        tries.resize_with(api.operations.len(), Vec::new);
        for effort in efforts {
            let mut batch: Vec<(Probe, Request)> = Vec::new();
            for (index, operation) in api.operations.iter().enumerate() {
                if reached.contains(&index) || self.permits[index].is_err() || tries[index].len() >= 6 {
                    continue;
                }
                let op = OpId(index as u32);
                let mut planned = 0;
                for request in explore::requests(api, operation, harvest, *effort) {
                    let tried = tries[index].iter().any(|exchange| exchange.request.target() == request.target());
                    if !tried && planned < 3 {
                        // Provisional names; the one that becomes the base gets its own when exploration ends.
                        batch.push((Probe::of(op).nth(60_000 + (tries[index].len() + planned) as u16), request));
                        planned += 1;
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
    }

    /// Makes the best request of each operation its base, and everything that was tried part of what was seen.
    fn settle(&mut self, explored: Explored) {
        let tries = explored.tries;
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
}
