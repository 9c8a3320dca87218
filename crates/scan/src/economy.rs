//! Who asked for what: how many requests each check wanted, and how many of them others wanted too.
//!
//! It is counted while a run asks and recorded with it. Nothing is judged by it.

use std::collections::HashMap;

use plimsoll_http::Probe;
use serde::{Deserialize, Serialize};

use crate::check::Check;
use crate::seen::Seen;

/// From this number of operations on it is not counted: it would cost more memory than it is worth.
const OPERATIONS: usize = 2_000;

/// The account of a run's requests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Economy {
    /// Requests of discovery.
    pub discovery: u64,
    /// Requests of exploration: the search for a base request of each operation.
    pub exploration: u64,
    /// Requests that were sent because a check asked.
    pub rounds: u64,
    /// What each check asked for, in the order of the checks; those that asked for nothing are left out.
    pub checks: Vec<Asked>,
}

/// What one check asked for, of what was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The check.
    pub check: String,
    /// Different probes that it asked for.
    pub probes: u64,
    /// Of these, what nobody else asked for: without the check they would not have been sent.
    pub alone: u64,
    /// What others asked for too.
    pub shared: u64,
    /// What discovery or exploration had asked for before.
    pub known: u64,
}

impl Economy {
    /// How many requests all checks together asked for, as if nobody shared.
    pub fn wanted(&self) -> u64 {
        self.checks.iter().map(|asked| asked.probes).sum()
    }
}

/// Counts while a run asks.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// Which checks asked for a probe, by their places.
    by: HashMap<Probe, Vec<u16>>,
    /// Exchanges before the first round: none of them was a check's.
    before: usize,
    discovery: usize,
    closed: bool,
}

impl Account {
    /// Discovery is over.
    pub(crate) fn discovered(&mut self, seen: &Seen, operations: usize) {
        self.discovery = seen.all().len();
        self.closed = operations > OPERATIONS;
    }

    /// Exploration is over.
    pub(crate) fn explored(&mut self, seen: &Seen) {
        self.before = seen.all().len();
    }

    /// A check asked for these.
    pub(crate) fn asks<'p>(&mut self, check: usize, probes: impl Iterator<Item = &'p Probe>, seen: &Seen) {
        if self.closed {
            return;
        }
        let check = check as u16;
        for probe in probes {
            let by = self.by.entry(seen.canonical_probe(probe).into_owned()).or_default();
            if by.last() != Some(&check) && !by.contains(&check) {
                by.push(check);
            }
        }
    }

    /// The account, of what was sent.
    pub(crate) fn close(self, seen: &Seen, checks: &[&'static dyn Check]) -> Economy {
        let known: std::collections::HashSet<&Probe> =
            seen.all()[..self.before.min(seen.all().len())].iter().map(|exchange| &exchange.probe).collect();
        let mut asked: Vec<Asked> =
            checks.iter().map(|check| Asked { check: check.meta().id.to_owned(), ..Asked::default() }).collect();
        for (probe, by) in self.by.iter().filter(|(probe, _)| seen.has(probe)) {
            for check in by {
                let asked = &mut asked[usize::from(*check)];
                asked.probes += 1;
                match (known.contains(probe), by.len()) {
                    (true, _) => asked.known += 1,
                    (false, 1) => asked.alone += 1,
                    (false, _) => asked.shared += 1,
                }
            }
        }
        asked.retain(|asked| asked.probes > 0);
        Economy {
            discovery: self.discovery as u64,
            exploration: (self.before - self.discovery.min(self.before)) as u64,
            rounds: (seen.all().len() - self.before.min(seen.all().len())) as u64,
            checks: asked,
        }
    }
}
