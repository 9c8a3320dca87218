//! Everything that was seen: the exchanges of a run, found by operation and by probe.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use plimsoll_http::curl::Shown;
use plimsoll_http::{Exchange, OpId, Outcome, Probe, Request, Tally, Who};

use crate::active::Active;
use crate::discover::{self, Protocol};
use crate::identity::{Forged, SeenIdentity};
use crate::token::TokenFacts;

/// From this number of exchanges on, answers do not stay parsed.
const MANY: usize = 1_500;

/// The digest of a body, and how much of it is kept.
type BodyKey = ([u8; 16], usize);
/// What is kept of a body.
type Kept = (Arc<[u8]>, Arc<Tally>);

/// The exchanges of a run so far. Judging depends on this and on the contract, and on nothing else.
#[derive(Debug, Default)]
pub struct Seen {
    exchanges: Vec<Exchange>,
    by_probe: HashMap<Probe, usize>,
    by_op: HashMap<OpId, Vec<usize>>,
    bases: HashMap<OpId, Request>,
    /// What is kept of each different body, by its digest and how much is kept.
    bodies: HashMap<BodyKey, Kept>,
    /// Paths that answer in another protocol, with the operation whose exchange showed it first.
    spoken: BTreeMap<(Protocol, String), OpId>,
    /// What follows from the tokens that exchanges hand out, once it was asked for: each is tried with thousands of weak secrets.
    handed_out: Mutex<HashMap<u32, Arc<[TokenFacts]>>>,
    /// What is known of the tokens that the user gave, without the tokens.
    pub tokens: Vec<TokenFacts>,
    /// Whether credentials were given. Without any, every request is anonymous.
    pub has_credentials: bool,
    /// The headers that carry the given credentials, as they are shown: with `$NAME` for each value. Empty where only named identities were given.
    pub credentials: Vec<(String, String)>,
    /// The named identities; the place of each is the number of its [`Who::As`].
    pub identities: Vec<SeenIdentity>,
    /// Forged tokens; their numbers follow on those of the identities.
    pub forged: Vec<Forged>,
    /// What the run may try, and the requests that the target sent to its collaborator.
    pub active: Active,
}

impl Seen {
    /// Nothing seen yet, in a run with these credentials (as they are shown) and tokens.
    pub fn given(credentials: Vec<(String, String)>, tokens: Vec<TokenFacts>) -> Self {
        Self { has_credentials: !credentials.is_empty(), credentials, tokens, ..Self::default() }
    }

    /// The same with these identities, and tokens made of theirs.
    pub fn with_identities(mut self, identities: Vec<SeenIdentity>, forged: Vec<Forged>) -> Self {
        self.has_credentials |= !identities.is_empty();
        (self.identities, self.forged) = (identities, forged);
        self
    }

    /// What follows from the tokens that an exchange hands out; `read` finds out, once.
    pub fn tokens_of(&self, exchange: &Exchange, read: impl FnOnce() -> Vec<TokenFacts>) -> Arc<[TokenFacts]> {
        let known = || self.handed_out.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(facts) = known().get(&exchange.id) {
            return Arc::clone(facts);
        }
        let facts: Arc<[TokenFacts]> = read().into();
        known().insert(exchange.id, Arc::clone(&facts));
        facts
    }

    /// One name for each caller: where only named identities were given, the first of them is [`Who::Given`].
    pub fn canonical(&self, who: Who) -> Who {
        if who == Who::As(0) && self.credentials.is_empty() && !self.identities.is_empty() { Who::Given } else { who }
    }

    /// Everybody with credentials of their own, the given ones first.
    pub fn callers(&self) -> Vec<Who> {
        let mut out = Vec::new();
        if self.has_credentials {
            out.push(Who::Given);
        }
        for n in 0..self.identities.len() {
            let who = self.canonical(Who::As(u8::try_from(n).unwrap_or(u8::MAX)));
            if !out.contains(&who) {
                out.push(who);
            }
        }
        out
    }

    /// The identity that a caller is, where it has a name.
    pub fn identity(&self, who: Who) -> Option<&SeenIdentity> {
        match self.canonical(who) {
            Who::As(n) => self.identities.get(usize::from(n)),
            Who::Given if self.credentials.is_empty() => self.identities.first(),
            Who::Given | Who::Anonymous => None,
        }
    }

    /// What a caller is called in sentences: `alice`, `anonymous`, `the given credentials`.
    pub fn name_of(&self, who: Who) -> &str {
        match (self.identity(who), who) {
            (Some(identity), _) => &identity.name,
            (None, Who::Anonymous) => "anonymous",
            (None, Who::Given) if !self.has_credentials => "anonymous",
            (None, Who::Given) => "the given credentials",
            (None, Who::As(_)) => "a forged token",
        }
    }

    /// The same where names are set off: `alice` in backticks, and nobody and the given credentials as they are.
    pub fn called(&self, who: Who) -> String {
        let name = self.name_of(who);
        if self.identity(who).is_some() { format!("`{name}`") } else { name.to_owned() }
    }

    /// How much a caller's role may, in comparison; nobody is 0. None where that is not known.
    pub fn rank_of(&self, who: Who) -> Option<u8> {
        match self.canonical(who) {
            Who::Anonymous => Some(0),
            Who::Given if !self.has_credentials => Some(0),
            who => self.identity(who)?.rank,
        }
    }

    /// How the credentials of a caller are shown.
    pub fn shown(&self, who: Who) -> Shown {
        match (self.identity(who), who) {
            (Some(identity), _) => identity.shown.clone(),
            (None, Who::Given) => Shown::headers(self.credentials.clone()),
            (None, Who::As(n)) => {
                let forged = usize::from(n).checked_sub(self.identities.len()).and_then(|at| self.forged.get(at));
                forged.map(|forged| forged.shown.clone()).unwrap_or_default()
            }
            (None, Who::Anonymous) => Shown::default(),
        }
    }

    /// The exchanges that were sent as this caller, in the order of planning.
    pub fn sent_as(&self, who: Who) -> impl Iterator<Item = &Exchange> {
        let who = self.canonical(who);
        self.exchanges.iter().filter(move |exchange| exchange.probe.who == who)
    }

    /// The probe with one name for its caller; see [`Self::canonical`].
    pub fn canonical_probe<'p>(&self, probe: &'p Probe) -> Cow<'p, Probe> {
        let who = self.canonical(probe.who);
        if who == probe.who { Cow::Borrowed(probe) } else { Cow::Owned(probe.clone().who(who)) }
    }

    /// Adds an exchange. Equal answers share what is kept of their bodies.
    pub fn push(&mut self, mut exchange: Exchange) {
        let index = self.exchanges.len();
        exchange.probe.who = self.canonical(exchange.probe.who);
        if let Outcome::Answer(response) = &mut exchange.outcome {
            let body = &mut response.body;
            match self.bodies.entry((body.digest, body.kept.len())) {
                Entry::Occupied(known) => (body.kept, body.tally) = known.get().clone(),
                Entry::Vacant(free) => {
                    free.insert((body.kept.clone(), body.tally.clone()));
                }
            }
        }
        if let Some(protocol) = discover::protocol(&exchange) {
            self.spoken.entry((protocol, exchange.request.path.clone())).or_insert(exchange.probe.op);
        }
        self.by_probe.insert(exchange.probe.clone(), index);
        self.by_op.entry(exchange.probe.op).or_default().push(index);
        self.exchanges.push(exchange);
    }

    /// Sets the request that the probes of an operation edit.
    pub fn set_base(&mut self, op: OpId, base: Request) {
        self.bases.insert(op, base);
    }

    /// The request that the probes of an operation edit; none where no request could be made up for it.
    pub fn base(&self, op: OpId) -> Option<&Request> {
        self.bases.get(&op)
    }

    /// All base requests.
    pub fn bases(&self) -> impl Iterator<Item = (OpId, &Request)> {
        self.bases.iter().map(|(op, base)| (*op, base))
    }

    /// The exchange of this probe.
    pub fn reply(&self, probe: &Probe) -> Option<&Exchange> {
        self.by_probe.get(&*self.canonical_probe(probe)).map(|&index| &self.exchanges[index])
    }

    /// Whether this probe was sent, or tried.
    pub fn has(&self, probe: &Probe) -> bool {
        self.by_probe.contains_key(&*self.canonical_probe(probe))
    }

    /// The exchanges of an operation, in the order of planning.
    pub fn of(&self, op: OpId) -> impl Iterator<Item = &Exchange> {
        self.by_op.get(&op).into_iter().flatten().map(|&index| &self.exchanges[index])
    }

    /// The exchange of this number.
    pub fn by_id(&self, id: u32) -> Option<&Exchange> {
        // Numbers ascend, but a dropped request leaves a gap.
        let near = self.exchanges.binary_search_by_key(&id, |exchange| exchange.id);
        near.ok()
            .map(|index| &self.exchanges[index])
            .or_else(|| self.exchanges.iter().find(|exchange| exchange.id == id))
    }

    /// Shortens what is kept of the answer to a probe, once it was read.
    pub fn cut(&mut self, probe: &Probe, kept: usize) {
        if let Some(&index) = self.by_probe.get(probe)
            && let Outcome::Answer(response) = &mut self.exchanges[index].outcome
        {
            response.body.cut_kept(kept);
        }
    }

    /// Drops the parsed answers of an operation where so many exchanges were seen that keeping all of them parsed would cost more memory than
    /// parsing them again costs time.
    pub fn forget_parsed(&mut self, op: OpId) {
        if self.exchanges.len() < MANY {
            return;
        }
        for &index in self.by_op.get(&op).into_iter().flatten() {
            forget(&mut self.exchanges[index]);
        }
    }

    /// The same for every operation.
    pub fn forget_all_parsed(&mut self) {
        if self.exchanges.len() >= MANY {
            self.exchanges.iter_mut().for_each(forget);
        }
    }

    /// Puts the exchanges in the order of planning.
    pub fn sort(&mut self) {
        let mut exchanges = std::mem::take(&mut self.exchanges);
        exchanges.sort_by_key(|exchange| exchange.id);
        self.by_probe.clear();
        self.by_op.clear();
        self.spoken.clear();
        for exchange in exchanges {
            self.push(exchange);
        }
    }

    /// The paths that answer in this protocol, each with the operation whose exchange showed it first; in order.
    pub fn speaking(&self, protocol: Protocol) -> impl Iterator<Item = (&str, OpId)> {
        let mine = self.spoken.iter().filter(move |((other, _), _)| *other == protocol);
        mine.map(|((_, path), op)| (path.as_str(), *op))
    }

    /// All exchanges, in the order of planning.
    pub fn all(&self) -> &[Exchange] {
        &self.exchanges
    }
}

fn forget(exchange: &mut Exchange) {
    if let Outcome::Answer(response) = &mut exchange.outcome {
        response.body.forget_parsed();
    }
}
