//! What a check sees: one operation, or the application, each with its contract and its exchanges.

use plimsoll_http::{Exchange, OpId, Probe, Request, Who};
use plimsoll_model::{Method, OperationKey};
use plimsoll_spec::{Api, Operation};

use crate::draft::Draft;
use crate::index::Index;
use crate::list::List;
use crate::paging::Paging;
use crate::seen::Seen;

/// One operation with everything that is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Op<'a> {
    /// Its index in the contract.
    pub id: OpId,
    /// The contract.
    pub api: &'a Api,
    /// Its entry in the contract.
    pub spec: &'a Operation,
    /// The operations of the contract by path.
    pub index: &'a Index<'a>,
    /// The exchanges of the run.
    pub seen: &'a Seen,
}

impl<'a> Op<'a> {
    /// The application that it belongs to.
    pub fn app(&self) -> App<'a> {
        App { api: self.api, index: self.index, seen: self.seen }
    }

    /// Method and template.
    pub fn key(&self) -> &'a OperationKey {
        &self.spec.key
    }

    /// Whether it is a GET.
    pub fn is_get(&self) -> bool {
        self.spec.key.method == Method::Get
    }

    /// The request that its probes edit.
    pub fn base(&self) -> Option<&'a Request> {
        self.seen.base(self.id)
    }

    /// A probe that asks for the base request; edit it from here.
    pub fn probe(&self) -> Probe {
        Probe::of(self.id)
    }

    /// The base request with another text (encoded for a path) in the last segment whose template is `wanted`.
    pub fn with_segment(&self, wanted: impl Fn(&str) -> bool, text: &str) -> Option<Probe> {
        // Aligned from the right: the base path may begin with the server's prefix.
        let from_right = self.spec.key.path.rsplit('/').position(wanted)?;
        let mut segments: Vec<&str> = self.base()?.path.split('/').collect();
        let at = segments.len().checked_sub(1 + from_right)?;
        segments[at] = text;
        Some(self.probe().path(&segments.join("/")))
    }

    /// The exchange of a probe.
    pub fn reply(&self, probe: &Probe) -> Option<&'a Exchange> {
        self.seen.reply(probe)
    }

    /// The exchange of a probe if it succeeded with a 2xx.
    pub fn success(&self, probe: &Probe) -> Option<&'a Exchange> {
        self.reply(probe).filter(|exchange| exchange.is_success())
    }

    /// The answer to the base request with the given credentials, if it is a 2xx.
    pub fn baseline(&self) -> Option<&'a Exchange> {
        self.success(&self.probe())
    }

    /// The answer to the base request as this caller.
    pub fn answer_to(&self, who: Who) -> Option<&'a Exchange> {
        self.reply(&self.probe().who(who))
    }

    /// Whether anybody may read it: the base request is known to succeed without credentials. Where no credentials were given, every request
    /// is without.
    pub fn is_open(&self) -> bool {
        let anonymous = self.success(&self.probe().who(Who::Anonymous));
        anonymous.is_some() || (!self.seen.has_credentials && self.baseline().is_some())
    }

    /// All exchanges of the operation.
    pub fn exchanges(&self) -> impl Iterator<Item = &'a Exchange> + use<'a> {
        self.seen.of(self.id)
    }

    /// The list in the baseline's answer, if its answer is one.
    pub fn list(&self) -> Option<List<'a>> {
        self.baseline().and_then(List::in_answer)
    }

    /// The page controls that the operation is known to have, from the contract and from the baseline's answer.
    pub fn paging(&self) -> Paging {
        Paging::of(self)
    }

    /// Begins a finding at this operation.
    pub fn finding(&self, message: impl Into<String>) -> Draft {
        Draft::new(Some(self.spec.key.clone()), message)
    }
}

/// The application as a whole.
#[derive(Clone, Copy, Debug)]
pub struct App<'a> {
    /// The contract.
    pub api: &'a Api,
    /// Its operations by path.
    pub index: &'a Index<'a>,
    /// The exchanges of the run.
    pub seen: &'a Seen,
}

impl<'a> App<'a> {
    /// Its operations.
    pub fn ops(&self) -> impl Iterator<Item = Op<'a>> + use<'a> {
        let app = *self;
        app.api.operations.iter().enumerate().map(move |(at, spec)| app.view(OpId(at as u32), spec))
    }

    /// The operation of this id; none for [`OpId::NONE`].
    pub fn op(&self, id: OpId) -> Option<Op<'a>> {
        let spec = self.api.operations.get(id.0 as usize)?;
        Some(self.view(id, spec))
    }

    /// The operations at this path, of whatever method, in the order of the contract.
    pub fn at(&self, path: &str) -> impl Iterator<Item = Op<'a>> + use<'a> {
        let app = *self;
        app.index.at(path).iter().filter_map(move |at| app.op(OpId(*at)))
    }

    fn view(&self, id: OpId, spec: &'a Operation) -> Op<'a> {
        Op { id, api: self.api, spec, index: self.index, seen: self.seen }
    }

    /// The lists that this caller is answered with where nothing is asked for in particular: what belongs to it, or what everybody sees.
    pub fn lists_of(&self, who: Who) -> impl Iterator<Item = (Op<'a>, List<'a>)> + use<'a> {
        let lists = self.ops().filter(Op::is_get);
        lists.filter_map(move |op| Some((op, List::in_answer(op.answer_to(who)?)?)))
    }

    /// All exchanges with their operation, where they belong to one.
    pub fn exchanges(&self) -> impl Iterator<Item = (Option<Op<'a>>, &'a Exchange)> + use<'a> {
        let app = *self;
        self.seen.all().iter().map(move |exchange| (app.op(exchange.probe.op), exchange))
    }

    /// The cheapest GET operation that answered with a 2xx: for probes that any operation can answer. Prefers operations without path
    /// parameters, then small answers, then the order of the contract.
    pub fn cheapest(&self) -> Option<Op<'a>> {
        self.ops()
            .filter(Op::is_get)
            .filter_map(|op| Some((op, op.baseline()?.response()?.body.decoded_len)))
            .min_by_key(|(op, bytes)| (op.spec.key.path.contains('{'), bytes / 1024, op.id))
            .map(|(op, _)| op)
    }

    /// Begins a finding about the application as a whole.
    pub fn finding(&self, message: impl Into<String>) -> Draft {
        Draft::new(None, message)
    }
}
