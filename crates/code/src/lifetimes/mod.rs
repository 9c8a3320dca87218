//! How long things live, where they are kept, and what bounds that.
//!
//! A value lives as long as the longest-living thing that holds it: the module, a class, the application object, a default argument, a closure of the
//! module, a thread, a loop that never ends, an instance of a class that itself lives long. What is asked is answered from where the value is made
//! and put; nothing is executed, and an unknown place is unknown, never long.
//!
//! [`Growth`] is what the rules of retention are made of: a place that adds to something long-lived, with what is known of bounds and removals.

mod add;
mod evict;
mod guard;
mod growth;
mod names;
mod place;
mod spread;
mod stored;

use std::cell::RefCell;

use rustc_hash::{FxHashMap, FxHashSet};

pub use add::{Add, AddKind};
pub use growth::{Growth, Holder};
pub use names::Escape;
pub use spread::Spread;
pub use stored::Stored;

use crate::entries::Entries;
use crate::program::{Binding, CallSite, ClassId, ExprAt, FunctionId, ModuleId, Program, Role, Scope, StmtAt, Symbol};
use crate::syntax::{Compare, ExprKind, Operator, StmtId, StmtKind, Sym};
use crate::rules::{Spot, Step};
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
            self.entries.routes_reaching(function).map(|route| (route.declared, route.verb, route.template.clone())).collect()
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

    /// Whether a function runs once, or a few times, although requests reach it: its results are cached, or every call of it stands behind a test of
    /// something that outlives the call (`if _pool is None: _pool = make()`).
    pub fn runs_once(&self, function: FunctionId) -> bool {
        if let Some(&known) = self.once.borrow().get(&function) {
            return known;
        }
        self.once.borrow_mut().insert(function, false);
        let found = self.find_once(function);
        self.once.borrow_mut().insert(function, found);
        found
    }

    fn find_once(&self, function: FunctionId) -> bool {
        if self.is_cached(function) {
            let first = usize::from(self.program.class_of(function).is_some());
            return (first..self.program.params(function).len()).all(|n| self.param_spread_of(function, n) != Spread::Open);
        }
        if self.entries.is_entry(function) {
            return false;
        }
        let mut hot = self.values.callers(function).into_iter().filter(|caller| self.is_hot(caller.scope)).peekable();
        hot.peek().is_some()
            && hot.all(|caller| {
                let stmt = self.program.module(caller.call.module).links.stmt_of(caller.call.expr);
                let behind = stmt.is_some_and(|stmt| self.is_behind_state(StmtAt { module: caller.call.module, stmt }));
                behind || caller.scope.function().is_some_and(|above| above != function && self.runs_once(above))
            })
    }

    /// Whether a statement only runs while something that outlives the call is not there yet.
    pub fn is_behind_state(&self, at: StmtAt) -> bool {
        self.facts(at).into_iter().any(|fact| {
            let tree = self.program.tree(fact.test.module);
            match tree[fact.test.expr].kind {
                ExprKind::Name(_) | ExprKind::Attribute { .. } => !fact.holds && self.is_state(fact.test),
                ExprKind::Call { callee, .. } => {
                    let asks = matches!(tree[callee].kind, ExprKind::Name(name) | ExprKind::Attribute { name, .. } if matches!(self.text(name), "hasHandlers" | "hasattr" | "is_alive" | "is_set" | "acquire"));
                    asks && !fact.holds
                }
                ExprKind::Compare { left, rest } => match tree[rest] {
                    [one] => {
                        let at = fact.test.beside(left);
                        match (one.op, fact.holds) {
                            (Compare::Is | Compare::Eq, true) | (Compare::IsNot | Compare::NotEq, false) => {
                                matches!(tree[one.right].kind, ExprKind::Const(_)) && self.is_state(at)
                            }
                            (Compare::NotIn, true) | (Compare::In, false) => self.spread(at) == Spread::Few,
                            _ => false,
                        }
                    }
                    _ => false,
                },
                _ => false,
            }
        })
    }

    /// A variable of the module, an attribute of something that lives long, or what is looked up there under a fixed name.
    fn is_state(&self, at: ExprAt) -> bool {
        match self.program.expr(at).kind {
            ExprKind::Attribute { base, .. } => {
                self.is_own(at.beside(base)) || self.attribute_life(at.beside(base), 12).life.is_long()
            }
            ExprKind::Name(name) => match self.program.resolve(at) {
                Some(Symbol::Variable(..)) => true,
                _ => {
                    // `pool = _pools.get("x")`, `pool = getattr(app.state, "pool", None)`
                    let scope = self.program.binding_scope(self.program.scope_of(at), name);
                    let mut bindings = scope.into_iter().flat_map(|scope| self.program.bindings(scope, name));
                    bindings.next().is_some_and(|binding| self.is_fixed_lookup(at, binding))
                }
            },
            _ => false,
        }
    }

    fn is_own(&self, at: ExprAt) -> bool {
        let ExprKind::Name(name) = self.program.expr(at).kind else { return false };
        if self.text(name) == "cls" {
            return true;
        }
        let class = self.program.scope_of(at).function().and_then(|function| self.program.class_of(function));
        self.text(name) == "self" && class.is_some_and(|class| !self.is_made_again(class))
    }

    fn is_fixed_lookup(&self, at: ExprAt, binding: Binding) -> bool {
        let Binding::Target(target) = binding else { return false };
        let module = self.program.module(at.module);
        let Some(stmt) = module.links.stmt_of(target) else { return false };
        let StmtKind::Assign { value: Some(value), .. } = module.tree[stmt].kind else { return false };
        let value = module.id.expr(value);
        let Some((callee, _)) = self.program.call(value) else { return false };
        match self.program.expr(callee).kind {
            ExprKind::Attribute { name, .. } if self.text(name) == "get" => {
                self.program.positional(value, 0).is_some_and(|key| self.spread(key) == Spread::Few)
            }
            ExprKind::Name(name) if self.text(name) == "getattr" => {
                self.program.positional(value, 0).is_some_and(|base| self.attribute_life(base, 12).life.is_long())
            }
            _ => false,
        }
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
