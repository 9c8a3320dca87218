//! How long things live, where they are kept, and what bounds that.
//!
//! A value lives as long as the longest-living thing that holds it: the module, a class, the application object, a default argument, a closure of the
//! module, a thread, a loop that never ends, an instance of a class that itself lives long. What is asked is answered from where the value is made
//! and put; nothing is executed, and an unknown place is unknown, never long.
//!
//! [`Growth`] is what the rules of retention are made of: a place that adds to something long-lived, with what is known of bounds and removals.

mod add;
mod classes;
mod contents;
mod evict;
mod growth;
mod guard;
mod holder;
mod names;
mod once;
mod place;
mod removals;
mod replace;
mod request;
mod slots;
mod spread;
mod spread_of_params;
mod spread_of_parts;
mod stored;

use std::cell::RefCell;

use rustc_hash::{FxHashMap, FxHashSet};

pub use add::{Add, AddKind};
pub use growth::{Growth, Holder};
pub use names::Escape;
pub use spread::Spread;
pub use stored::Stored;

use crate::entries::Entries;
use crate::program::{CallSite, ClassId, ExprAt, FunctionId, ModuleId, Program, Role, Scope, StmtAt};
use crate::rules::{Spot, Step};
use crate::syntax::{Operator, StmtId, StmtKind, Sym};
use crate::values::{ObjectId, Values};

/// How long something lives; the later one lives longer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Life {
    /// Nothing is known.
    #[default]
    Unknown,
    /// As long as the call that made it.
    Call,
    /// As long as the request.
    Request,
    /// As long as a loop that does not end: a consumer, a thread, a command that follows something.
    Loop,
    /// As long as the thread, and threads of a server live as long as it does.
    Thread,
    /// As long as the process.
    Process,
}

impl Life {
    /// Whether it outlives the request or the message that is being handled.
    pub fn is_long(self) -> bool {
        self >= Self::Loop
    }
}

/// How long something lives, and why.
#[derive(Clone, Debug, Default)]
pub struct Lifetime {
    /// How long.
    pub life: Life,
    /// What it hangs on, where that has a name of its own.
    pub held_by: Option<HeldBy>,
    /// Whether it, or something around it, is one of many in a container.
    pub among_many: bool,
    /// The steps of the reason, from the thing outwards.
    pub why: Vec<Step>,
}

/// What a long-lived thing hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldBy {
    /// A module.
    Module,
    /// A class.
    Class,
    /// The application object.
    App,
    /// A default argument.
    Default,
    /// A closure.
    Closure,
    /// A thread-local object.
    ThreadLocal,
    /// A context variable.
    ContextVar,
    /// An instance.
    Instance,
    /// A loop that does not end.
    Loop,
}

impl Lifetime {
    fn of(life: Life) -> Self {
        Self { life, held_by: None, among_many: false, why: Vec::new() }
    }

    fn held(life: Life, by: HeldBy) -> Self {
        Self { life, held_by: Some(by), among_many: false, why: Vec::new() }
    }

    fn because(mut self, spot: Spot, note: impl Into<String>) -> Self {
        self.why.push(Step { spot, note: note.into() });
        self
    }

    fn longer(self, other: Self) -> Self {
        if other.life > self.life { other } else { self }
    }
}

/// Answers how long things live. It keeps its answers, and is to be used by one thread at a time.
#[derive(Debug)]
pub struct Lifetimes<'a> {
    program: &'a Program,
    values: &'a Values<'a>,
    entries: &'a Entries,
    objects: RefCell<FxHashMap<ObjectId, Lifetime>>,
    classes: RefCell<FxHashMap<ClassId, Lifetime>>,
    escapes: RefCell<FxHashMap<FunctionId, std::rc::Rc<names::Escapes>>>,
    spreads: RefCell<FxHashMap<ExprAt, Spread>>,
    once: RefCell<FxHashMap<FunctionId, bool>>,
}

impl<'a> Lifetimes<'a> {
    /// Nothing is known yet.
    pub fn new(program: &'a Program, values: &'a Values<'a>, entries: &'a Entries) -> Self {
        Self {
            program,
            values,
            entries,
            objects: RefCell::default(),
            classes: RefCell::default(),
            escapes: RefCell::default(),
            spreads: RefCell::default(),
            once: RefCell::default(),
        }
    }

    /// How long an object lives.
    pub fn of(&self, object: ObjectId) -> Lifetime {
        if let Some(known) = self.objects.borrow().get(&object) {
            return known.clone();
        }
        // A circle of objects that hold each other lives as long as what else holds one of them.
        self.objects.borrow_mut().insert(object, Lifetime::default());
        let found = self.object_life(object);
        self.objects.borrow_mut().insert(object, found.clone());
        found
    }

    /// How long the longest-living instances of a class live.
    pub fn of_class(&self, class: ClassId) -> Lifetime {
        if let Some(known) = self.classes.borrow().get(&class) {
            return known.clone();
        }
        self.classes.borrow_mut().insert(class, Lifetime::default());
        let found = self.class_life(class);
        self.classes.borrow_mut().insert(class, found.clone());
        found
    }

    /// Whether a module's code runs in production: neither tests, nor stubs, nor migrations.
    fn runs(&self, scope: Scope) -> bool {
        !matches!(self.program.module(scope.module()).role, Role::Test | Role::Stub | Role::Migration | Role::Generated)
    }

    /// Whether a request, a message or a loop that does not end executes the scope again and again.
    pub fn is_hot(&self, scope: Scope) -> bool {
        scope.function().is_some_and(|function| self.runs(scope) && self.entries.heat(function).is_hot())
    }

    /// Whether a module is part of what runs in production.
    pub fn is_production(&self, module: ModuleId) -> bool {
        self.runs(Scope::Module(module))
    }

    /// Whether whatever gets to one function also gets to another one: the same operations, or for what no operation reaches the same entry points.
    fn covers(&self, taker: FunctionId, adder: FunctionId) -> bool {
        let routes = |function| -> Vec<_> {
            self.entries
                .routes_reaching(function)
                .map(|route| (route.declared, route.verb, route.template.clone()))
                .collect()
        };
        let (wanted, given) = (routes(adder), routes(taker));
        if wanted.is_empty() {
            let given = self.entries_above(taker);
            // The methods of a middleware are all called for the same request.
            let around = |entry: &FunctionId| {
                let class = self.program.class_of(*entry).filter(|class| self.entries.is_middleware(*class));
                class.is_some() && given.iter().any(|other| self.program.class_of(*other) == class)
            };
            return self.entries_above(adder).iter().all(|entry| given.contains(entry) || around(entry));
        }
        wanted.iter().all(|route| given.contains(route))
    }

    /// The entry points that get to a function, by calls.
    fn entries_above(&self, function: FunctionId) -> FxHashSet<FunctionId> {
        const MOST: usize = 500;
        let mut seen = FxHashSet::from_iter([function]);
        let mut next = vec![function];
        let mut found = FxHashSet::default();
        while let Some(at) = next.pop() {
            if self.entries.is_entry(at) {
                found.insert(at);
            }
            for caller in self.values.callers(at) {
                if let Some(above) = caller.scope.function()
                    && seen.len() < MOST
                    && seen.insert(above)
                {
                    next.push(above);
                }
            }
        }
        found
    }

    /// The tests that are known to hold, or not to hold, where a statement runs.
    pub fn tests_at(&self, at: StmtAt) -> Vec<(ExprAt, bool)> {
        self.facts(at).into_iter().map(|fact| (fact.test, fact.holds)).collect()
    }

    /// Whether two expressions are the same thing, by what they are called or by what they may be.
    pub fn is_same(&self, a: ExprAt, b: ExprAt) -> bool {
        let objects: Vec<ObjectId> = self.values.objects(a).map(|(id, _)| id).collect();
        self.same_holder(b, a, &objects)
    }

    /// Whether a call takes back what a place added, on every way.
    pub fn takes_back(&self, add: &Add, undo: &CallSite, base: ExprAt, key: Option<ExprAt>) -> bool {
        let takes = key.map_or(evict::Takes::Some, evict::Takes::Key);
        let removal = evict::Removal { at: undo.at, stmt: undo.stmt, scope: undo.scope, base, takes, later: false };
        self.runs(undo.scope) && self.shortcoming(&removal, add, &[]).is_none()
    }

    /// Whether the first parameter of a function is the instance.
    pub fn is_method(&self, function: FunctionId) -> bool {
        let plain = |path: &str| matches!(path, "builtins.staticmethod" | "builtins.classmethod");
        self.program.class_of(function).is_some()
            && !self.program.params(function).is_empty()
            && !self.program.is_decorated(function, plain)
            && self.program.params(function).first().is_some_and(|first| self.text(first.name) != "cls")
    }

    /// Whether a function in a class takes neither the instance nor the class.
    pub fn is_static(&self, function: FunctionId) -> bool {
        self.program.is_decorated(function, |path| path == "builtins.staticmethod")
    }

    /// How many different values the n-th parameter of a function is given.
    pub fn param_spread_of(&self, function: FunctionId, n: usize) -> Spread {
        self.param_spread(function, n, 10)
    }

    fn text(&self, sym: Sym) -> &'a str {
        self.program.text(sym)
    }

    fn spot(&self, at: ExprAt) -> Spot {
        Spot::expr(self.program, at)
    }
}

/// Whether an operator makes something longer.
pub fn more(op: Operator) -> bool {
    matches!(op, Operator::Add | Operator::BitOr)
}

/// Whether a look at the length of the base keeps an addition from going on for ever.
pub fn is_capped_by(lifetimes: &Lifetimes<'_>, at: ExprAt, stmt: StmtId, base: ExprAt) -> bool {
    let facts = lifetimes.facts(StmtAt { module: at.module, stmt });
    lifetimes.is_capped(&facts, base, &[])
}

/// The `while True` that a statement stands in, the innermost one.
pub fn endless_loop_around(program: &Program, at: StmtAt) -> Option<StmtAt> {
    let module = program.module(at.module);
    let mut stmt = at.stmt;
    loop {
        stmt = module.links.parent_stmt(stmt)?.0;
        if let StmtKind::While { test, .. } = module.tree[stmt].kind
            && guard::always(&module.tree, test)
        {
            return Some(StmtAt { stmt, ..at });
        }
    }
}
