//! Heat, from entry points along calls, and back: which routes reach a function.
//!
//! Only what entry points reach is asked for its callees, so the cost grows with the code that runs, not with the code that lies there.

use rustc_hash::{FxHashMap, FxHashSet};

use super::workers;
use super::{Entry, EntryKind, Heat, Route};
use crate::program::{CallSite, ClassId, ExprAt, FunctionId, ModuleId, Program, Role, Scope, Symbol};
use crate::syntax::{ExprKind, FunctionIx, Parent};
use crate::values::{Value, Values};

/// Calls that only keep a function for later; what they are handed is an entry of its own.
const KEEPERS: &[&str] = &[
    "register",
    "register_first",
    "register_last",
    "signal",
    "finalize",
    "add_signal_handler",
    "add_event_handler",
    "add_exception_handler",
    "connect",
    "Thread",
    "Process",
    "Timer",
    "add_job",
];

/// Methods that Python calls by itself once there is an instance.
const IMPLICIT: &[&str] = &[
    "__aenter__",
    "__aexit__",
    "__aiter__",
    "__anext__",
    "__await__",
    "__call__",
    "__contains__",
    "__delitem__",
    "__enter__",
    "__exit__",
    "__getattr__",
    "__getitem__",
    "__iter__",
    "__len__",
    "__missing__",
    "__next__",
    "__setitem__",
];

/// Who reaches what.
#[derive(Debug, Default)]
pub(super) struct Reach {
    /// Index of a module's first function.
    first: Vec<u32>,
    heat: Vec<Heat>,
    /// Who calls a function, sorted.
    callers: Vec<(u32, u32)>,
    /// Whom a function calls, sorted.
    callees: Vec<(u32, u32)>,
    /// Routes that begin at a function, sorted; the number beyond all routes stands for all of them.
    begins: Vec<(u32, u32)>,
    routes: u32,
    /// Functions that run around requests and belong to no route, in the order of the program.
    around: Vec<FunctionId>,
    entries: FxHashSet<FunctionId>,
    inputs: FxHashSet<FunctionId>,
    /// Where the second half of a lifespan begins.
    halves: FxHashMap<FunctionId, u32>,
}

impl Reach {
    pub(super) fn new(program: &Program, values: &Values<'_>, routes: &[Route], others: &[Entry]) -> Self {
        let mut first = Vec::with_capacity(program.modules.len());
        let mut count = 0_u32;
        for module in &program.modules {
            first.push(count);
            count += module.tree.functions().len() as u32;
        }
        let mut reach =
            Self { first, heat: vec![Heat::default(); count as usize], routes: routes.len() as u32, ..Self::default() };
        let mut flow = Flow {
            program,
            values,
            reach: &mut reach,
            queue: Vec::new(),
            seen: vec![false; count as usize],
            nested: FxHashMap::default(),
            implicit: IMPLICIT.iter().filter_map(|name| program.names.find(name)).collect(),
        };
        flow.seed(routes, others);
        flow.run();
        flow.inner_functions();
        reach.callers.sort_unstable();
        reach.callers.dedup();
        reach.callees = reach.callers.iter().map(|&(callee, caller)| (caller, callee)).collect();
        reach.callees.sort_unstable();
        reach.begins.sort_unstable();
        reach.begins.dedup();
        reach
    }

    fn index(&self, function: FunctionId) -> u32 {
        self.first[function.module.0 as usize] + function.ix.0
    }

    pub(super) fn heat(&self, function: FunctionId) -> Heat {
        self.heat.get(self.index(function) as usize).copied().unwrap_or_default()
    }

    pub(super) fn heat_at(&self, program: &Program, at: ExprAt) -> Heat {
        match program.scope_of(at) {
            Scope::Function(function) => match self.halves.get(&function) {
                Some(&half) if program.expr(at).span.start >= half => self.heat(function).and(Heat::SHUTDOWN),
                Some(_) => self.heat(function).and(Heat::STARTUP),
                None => self.heat(function),
            },
            Scope::Module(module) => of_module(program, module),
            Scope::Class(class) => of_module(program, class.module),
        }
    }

    pub(super) fn is_entry(&self, function: FunctionId) -> bool {
        self.entries.contains(&function)
    }

    pub(super) fn takes_input(&self, function: FunctionId) -> bool {
        self.inputs.contains(&function)
    }

    /// The calls between the functions of a program, and where routes begin, in the names that findings use.
    pub(super) fn named(
        &self,
        program: &Program,
        routes: &[Route],
        symbol: impl Fn(FunctionId) -> crate::reach::Symbol,
    ) -> crate::reach::Reach {
        let edges = self.callers.iter().flat_map(|&(callee, caller)| [callee, caller]);
        let starts = self.begins.iter().map(|&(function, _)| function);
        let around: Vec<u32> = self.around.iter().map(|&function| self.index(function)).collect();
        let mut kept: Vec<u32> = edges.chain(starts).chain(around.iter().copied()).collect();
        kept.sort_unstable();
        kept.dedup();
        let place = |index: u32| kept.binary_search(&index).ok().map(|place| place as u32);
        let pair = |&(left, right): &(u32, u32)| Some((place(left)?, place(right)?));
        let id = |index: u32| self.function(program, index);
        let mut operations = Vec::new();
        let numbers: Vec<Option<u32>> = routes
            .iter()
            .map(|route| {
                operations.push(route.operation()?);
                Some(operations.len() as u32 - 1)
            })
            .collect();
        let begins = self.begins.iter().filter_map(|&(function, route)| {
            let number = numbers.get(route as usize).copied().flatten()?;
            Some((place(function)?, number))
        });
        crate::reach::Reach::of(
            kept.iter().map(|&index| symbol(id(index))).collect(),
            operations,
            self.callers.iter().filter_map(pair).collect(),
            begins.collect(),
            around.into_iter().filter_map(place).collect(),
        )
    }

    /// What runs when these functions do, they included, in no order.
    pub(super) fn reached(&self, program: &Program, from: &[FunctionId]) -> Vec<FunctionId> {
        let mut seen: FxHashSet<u32> = FxHashSet::default();
        let mut next: Vec<u32> = from.iter().map(|&function| self.index(function)).collect();
        while let Some(at) = next.pop() {
            if seen.insert(at) {
                let start = self.callees.partition_point(|&(caller, _)| caller < at);
                let own = self.callees[start..].iter().take_while(|&&(caller, _)| caller == at);
                next.extend(own.map(|&(_, callee)| callee));
            }
        }
        seen.into_iter().map(|index| self.function(program, index)).collect()
    }

    /// The functions that run around every route.
    pub(super) fn around_all(&self, program: &Program) -> Vec<FunctionId> {
        let all = self.begins.iter().filter(|&&(_, route)| route == self.routes);
        all.map(|&(index, _)| self.function(program, index)).collect()
    }

    fn function(&self, program: &Program, index: u32) -> FunctionId {
        let module = self.first.partition_point(|&first| first <= index) - 1;
        program.modules[module].id.function(FunctionIx(index - self.first[module]))
    }

    pub(super) fn routes_reaching(&self, function: FunctionId) -> impl Iterator<Item = u32> {
        let mut routes: Vec<u32> = Vec::new();
        let mut all = false;
        let mut seen: FxHashSet<u32> = FxHashSet::default();
        let mut next = vec![self.index(function)];
        while let Some(at) = next.pop() {
            if !seen.insert(at) {
                continue;
            }
            let start = self.begins.partition_point(|&(function, _)| function < at);
            for &(_, route) in self.begins[start..].iter().take_while(|&&(function, _)| function == at) {
                all |= route == self.routes;
                routes.push(route);
            }
            let start = self.callers.partition_point(|&(callee, _)| callee < at);
            next.extend(
                self.callers[start..].iter().take_while(|&&(callee, _)| callee == at).map(|&(_, caller)| caller),
            );
        }
        if all {
            routes = (0..self.routes).collect();
        }
        routes.sort_unstable();
        routes.dedup();
        routes.into_iter()
    }
}

/// When the top of a module runs.
fn of_module(program: &Program, module: ModuleId) -> Heat {
    match program.module(module).role {
        Role::Test => Heat::TEST,
        Role::Script | Role::Notebook | Role::Migration => Heat::COMMAND,
        Role::Source | Role::Stub | Role::Generated => Heat::IMPORT,
    }
}

struct Flow<'a, 'p> {
    program: &'p Program,
    values: &'a Values<'p>,
    reach: &'a mut Reach,
    queue: Vec<FunctionId>,
    /// Whether a function's callees are known.
    seen: Vec<bool>,
    nested: FxHashMap<ModuleId, FxHashMap<FunctionIx, Vec<FunctionIx>>>,
    implicit: Vec<crate::names::Sym>,
}

impl Flow<'_, '_> {
    fn seed(&mut self, routes: &[Route], others: &[Entry]) {
        for (n, route) in routes.iter().enumerate() {
            for &function in &route.enters {
                self.reach.entries.insert(function);
                let index = self.reach.index(function);
                self.reach.begins.push((index, n as u32));
                self.heat(function, Heat::REQUEST);
            }
            self.reach.inputs.extend(route.handler);
            self.reach.inputs.extend(route.params.iter().filter_map(|param| Some(param.function?.0)));
        }
        for entry in others {
            self.reach.entries.insert(entry.function);
            if entry.kind == EntryKind::Lambda {
                self.reach.inputs.insert(entry.function);
            }
            if entry.kind == EntryKind::Middleware {
                let index = self.reach.index(entry.function);
                self.reach.begins.push((index, self.reach.routes));
            }
            if matches!(entry.kind, EntryKind::Middleware | EntryKind::ErrorHandler | EntryKind::SignalReceiver) {
                self.reach.around.push(entry.function);
            }
            if entry.kind == EntryKind::Lifespan {
                self.halve(entry.function);
            }
            self.heat(entry.function, entry.kind.heat());
        }
        let program = self.program;
        for module in &program.modules {
            let heat = of_module(program, module.id);
            if module.role == Role::Test {
                for (ix, _) in module.tree.functions() {
                    self.heat(module.id.function(ix), Heat::TEST);
                }
            }
            self.top(Scope::Module(module.id), heat);
            for (ix, _) in module.tree.classes() {
                self.top(Scope::Class(module.id.class(ix)), heat);
            }
        }
    }

    /// Calls at the top of a module or in the body of a class.
    fn top(&mut self, scope: Scope, heat: Heat) {
        for site in self.program.calls_in(scope) {
            let heat = if workers::is_main_block(self.program, site) { Heat::COMMAND } else { heat };
            for function in self.values.targets(site.at) {
                self.heat(function, heat);
            }
        }
    }

    /// Splits a lifespan where it yields.
    fn halve(&mut self, function: FunctionId) {
        let exits = self.program.exits(function);
        let tree = self.program.tree(function.module);
        if let Some(exit) = exits.iter().find(|exit| exit.kind != crate::program::ExitKind::Return) {
            self.reach.halves.insert(function, tree[exit.stmt].span.end);
        }
    }

    fn heat(&mut self, function: FunctionId, heat: Heat) {
        let index = self.reach.index(function) as usize;
        let before = self.reach.heat[index];
        if before | heat != before {
            self.reach.heat[index] = before | heat;
            self.queue.push(function);
        }
    }

    fn run(&mut self) {
        // Callees, with whether they are only handed to something that may call them.
        let mut out: FxHashMap<FunctionId, Box<[(FunctionId, bool)]>> = FxHashMap::default();
        while let Some(function) = self.queue.pop() {
            if self.reach.halves.contains_key(&function) {
                self.lifespan(function);
                continue;
            }
            let heat = self.reach.heat(function);
            let index = self.reach.index(function);
            if !std::mem::replace(&mut self.seen[index as usize], true) {
                let callees = self.callees(function);
                for &(callee, _) in &callees {
                    let callee = self.reach.index(callee);
                    self.reach.callers.push((callee, index));
                }
                out.insert(function, callees.into_boxed_slice());
            }
            let callees = out.get(&function).map(|callees| callees.to_vec()).unwrap_or_default();
            for (callee, handed) in callees {
                // What is handed on while an application is put together is mostly kept for later.
                let now =
                    if handed { heat.and(Heat::REQUEST | Heat::MESSAGE | Heat::COMMAND | Heat::TEST) } else { heat };
                self.heat(callee, now);
            }
        }
    }

    /// What stands before the `yield` runs at start-up, what follows at shutdown.
    fn lifespan(&mut self, function: FunctionId) {
        let half = self.reach.halves[&function];
        for site in self.program.calls_in(Scope::Function(function)) {
            let late = self.program.expr(site.at).span.start >= half;
            let heat = self.reach.heat(function).and(if late { Heat::SHUTDOWN } else { Heat::STARTUP });
            for callee in self.values.targets(site.at) {
                // Another context manager that is entered here: its second half is shutdown as well.
                let is_manager =
                    site.in_with && self.program.is_decorated(callee, |path| path.starts_with("contextlib."));
                if is_manager && !self.reach.halves.contains_key(&callee) {
                    self.halve(callee);
                    self.heat(callee, Heat::STARTUP | Heat::SHUTDOWN);
                } else {
                    self.heat(callee, heat);
                }
            }
        }
    }

    /// Functions among the arguments of a call.
    fn handed(&self, site: &CallSite) -> Vec<FunctionId> {
        let Some((_, args)) = self.program.call(site.at) else { return Vec::new() };
        let mut found = Vec::new();
        for arg in args {
            let (ExprKind::Name(name) | ExprKind::Attribute { name, .. }) =
                self.program.tree(site.at.module)[arg.value].kind
            else {
                if let ExprKind::Lambda(ix) = self.program.tree(site.at.module)[arg.value].kind {
                    found.push(site.at.module.function(ix));
                }
                continue;
            };
            // Only names that some function has are asked for.
            if self.program.functions_named(name).is_empty() {
                continue;
            }
            for value in self.values.eval(site.at.beside(arg.value)) {
                if let Value::Function(function) | Value::Bound(function, _) = value {
                    found.push(*function);
                }
            }
        }
        found
    }

    /// What a function calls, or hands to something that may call it; the second part says which.
    fn callees(&mut self, function: FunctionId) -> Vec<(FunctionId, bool)> {
        let program = self.program;
        let sites = program.calls_in(Scope::Function(function));
        let (mut handed, mut kept) = (Vec::new(), Vec::new());
        for site in sites {
            let keeps = site.name.is_some_and(|name| KEEPERS.contains(&program.text(name)));
            if keeps { kept.extend(self.handed(site)) } else { handed.extend(self.handed(site)) }
        }
        let mut called: Vec<FunctionId> = self.values.callees(Scope::Function(function)).to_vec();
        if !handed.is_empty() || !kept.is_empty() {
            let direct: FxHashSet<FunctionId> = sites.iter().flat_map(|site| self.values.targets(site.at)).collect();
            called.retain(|callee| direct.contains(callee) || !handed.contains(callee) && !kept.contains(callee));
        }
        let made: Vec<ClassId> = called
            .iter()
            .filter(|callee| self.is_init(**callee))
            .filter_map(|callee| program.class_of(*callee))
            .collect();
        for class in made {
            called.extend(self.implicit.iter().filter_map(|name| program.method(class, *name)));
        }
        // The wrapper that a decorator puts around a function runs with it.
        for decorator in program.decorators_of(function) {
            if let Some(Symbol::Function(decorator)) = program.decorator(decorator) {
                self.inside(decorator, &mut called);
            }
        }
        let mut seen = FxHashSet::default();
        let all =
            called.into_iter().map(|callee| (callee, false)).chain(handed.into_iter().map(|callee| (callee, true)));
        all.filter(|(callee, _)| *callee != function && seen.insert(*callee)).collect()
    }

    fn is_init(&self, function: FunctionId) -> bool {
        self.program.text(self.program.function(function).name) == "__init__"
    }

    /// Functions that are written inside of a function, at any depth.
    fn inside(&mut self, function: FunctionId, out: &mut Vec<FunctionId>) {
        let nested = self.nested_in(function.module);
        let mut next = nested.get(&function.ix).cloned().unwrap_or_default();
        while let Some(ix) = next.pop() {
            out.push(function.module.function(ix));
            next.extend(nested.get(&ix).into_iter().flatten());
        }
    }

    fn nested_in(&mut self, module: ModuleId) -> &FxHashMap<FunctionIx, Vec<FunctionIx>> {
        let program = self.program;
        self.nested.entry(module).or_insert_with(|| {
            let mut nested: FxHashMap<FunctionIx, Vec<FunctionIx>> = FxHashMap::default();
            for (ix, function) in program.tree(module).functions() {
                if let Parent::Function(outer) = function.parent {
                    nested.entry(outer).or_default().push(ix);
                }
            }
            nested
        })
    }

    /// A function within a function that nothing was seen to call runs, if ever, for the one around it.
    fn inner_functions(&mut self) {
        for module in &self.program.modules {
            for (ix, function) in module.tree.functions() {
                let Parent::Function(outer) = function.parent else { continue };
                let (inner, outer) = (module.id.function(ix), module.id.function(outer));
                if self.reach.heat(inner).is_empty() && !self.reach.heat(outer).is_empty() {
                    let heat = self.reach.heat(outer);
                    let (callee, caller) = (self.reach.index(inner), self.reach.index(outer));
                    self.reach.callers.push((callee, caller));
                    self.heat(inner, heat);
                    self.run();
                }
            }
        }
    }
}
