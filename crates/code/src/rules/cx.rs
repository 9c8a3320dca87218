//! What a rule may look at.

use std::cell::OnceCell;

use plimsoll_model::{OperationKey, Part, PartKind};

use crate::entries::{Entries, Location};
use crate::lifetimes::Lifetimes;
use crate::program::{FunctionId, Program, Scope};
use crate::syntax::Sym;
use crate::values::Values;

/// What is worked out at most once for all rules.
#[derive(Debug, Default)]
pub struct Shared {
    growth: OnceCell<Vec<crate::lifetimes::Growth>>,
    collected: OnceCell<Vec<super::reads::Collected>>,
    reading: OnceCell<Vec<Scope>>,
    reads: OnceCell<bool>,
    handlers: OnceCell<Vec<FunctionId>>,
    aliases: OnceCell<Vec<(Sym, Sym)>>,
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug)]
pub struct Cx<'a> {
    /// The program: scopes, calls, stores, values.
    pub program: &'a Program,
    /// What expressions may be.
    pub values: &'a Values<'a>,
    /// Entry points, operations, and what reaches what.
    pub entries: &'a Entries,
    /// How long values live.
    pub lifetimes: &'a Lifetimes<'a>,
    shared: &'a Shared,
}

impl<'a> Cx<'a> {
    /// A context over an analysed program.
    pub fn new(
        program: &'a Program,
        values: &'a Values<'a>,
        entries: &'a Entries,
        lifetimes: &'a Lifetimes<'a>,
        shared: &'a Shared,
    ) -> Self {
        Self { program, values, entries, lifetimes, shared }
    }

    /// Every place where something that outlives its request takes something in, with what is known of bounds and evictions.
    pub fn growth(&self) -> &'a [crate::lifetimes::Growth] {
        self.shared.growth.get_or_init(|| self.lifetimes.growth())
    }

    /// The operations that reach a scope, in the order of the route map; at most 50.
    pub fn operations(&self, scope: Scope) -> Vec<OperationKey> {
        scope.function().map(|function| self.entries.operations_reaching(function, 50)).unwrap_or_default()
    }

    /// What callers call a parameter of a function that takes their input. In the query, where no route declares it as something else.
    pub fn part(&self, function: FunctionId, name: Sym) -> Part {
        let declared = self.entries.routes.iter().flat_map(|route| &route.params);
        let mut own =
            declared.filter(|param| param.name == name && param.function.is_some_and(|(id, _)| id == function));
        let kind = match own.next().map(|param| param.location) {
            None | Some(Location::Query | Location::Framework) => PartKind::Query,
            Some(Location::Path) => PartKind::Path,
            Some(Location::Header | Location::Cookie) => PartKind::Header,
            Some(Location::Body | Location::Form | Location::File) => PartKind::Body,
        };
        Part::new(kind, self.program.text(name))
    }

    /// Every place that keeps what a read of the store gives, page after page.
    pub fn collected(&self) -> &'a [super::reads::Collected] {
        self.shared.collected.get_or_init(|| super::reads::collected(self))
    }

    /// The functions that answer operations, each once.
    pub fn handlers(&self) -> &'a [FunctionId] {
        self.shared.handlers.get_or_init(|| {
            let mut found: Vec<FunctionId> = self.entries.routes.iter().filter_map(|route| route.handler).collect();
            found.sort_unstable();
            found.dedup();
            found
        })
    }

    /// Names that imports give to things of other modules: the name there, and the name here.
    pub fn aliases(&self) -> &'a [(Sym, Sym)] {
        self.shared.aliases.get_or_init(|| super::look::aliases(self))
    }

    /// The scopes in which pages or rows of a read are gone through, in the order of modules and source.
    pub fn reading(&self) -> &'a [Scope] {
        self.shared.reading.get_or_init(|| super::reads::reading(self))
    }

    /// Whether the program reads DynamoDB, or pages of another store, at all.
    pub fn reads(&self) -> bool {
        *self.shared.reads.get_or_init(|| super::reads::any(self))
    }
}
