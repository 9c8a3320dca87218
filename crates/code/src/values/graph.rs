//! Who calls whom: through names, methods, instances, classes, `super()`, and through functions that are handed to something that calls them.
//!
//! Callers are found by name: a function is called by its own name or by one that it was imported as. A callable that travels under other names (a
//! dict of handlers, an attribute) is found from the call, not from the function.

use std::cell::RefCell;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::program::{Binding, CallSite, ClassId, Decorated, ExprAt, FunctionId, Scope, Symbol};
use crate::syntax::{ExprKind, Parent, StmtKind, Sym};

use super::Values;
use super::kind::{Kind, Value};

/// Names that something may go by besides its own.
const ALIASES: usize = 256;

/// Classes whose overriding methods a call on an instance of unknown birth may reach.
const OVERRIDES: usize = 12;

/// A call that leads to a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Caller {
    target: Target,
    /// The call; of `Thread(target=f)` and the like when the function is handed over.
    pub call: ExprAt,
    /// Where it is executed.
    pub scope: Scope,
    /// Whether the first parameter is the instance, not an argument.
    pub bound: bool,
    /// Whether the function is handed to something that calls it, now or later.
    pub handed: bool,
    /// How many positional arguments come before those of the function.
    pub(super) skip: u8,
    /// The tuple that holds the positional arguments.
    pub(super) args: Option<ExprAt>,
    /// Whether it is called with each element of the arguments.
    pub(super) each: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Target {
    Function(FunctionId),
    Class(ClassId),
}

impl Caller {
    fn plain(target: Target, call: ExprAt, scope: Scope, bound: bool) -> Self {
        Self { target, call, scope, bound, handed: false, skip: 0, args: None, each: false }
    }
}

/// Callers that were looked for together, by target.
#[derive(Debug, Default)]
pub(super) struct CallerList(Box<[Caller]>);

impl CallerList {
    fn of(&self, target: Target) -> impl Iterator<Item = Caller> {
        let start = self.0.partition_point(|caller| caller.target < target);
        self.0[start..].iter().take_while(move |caller| caller.target == target).copied()
    }

    pub(super) fn of_function(&self, function: FunctionId) -> impl Iterator<Item = Caller> {
        self.of(Target::Function(function))
    }

    /// Calls of constructors.
    pub(super) fn of_class(&self, class: ClassId) -> impl Iterator<Item = ExprAt> {
        self.of(Target::Class(class)).map(|caller| caller.call)
    }
}

/// All lists of callers; number 0 is the empty one.
#[derive(Debug)]
pub(super) struct CallerLists {
    lists: boxcar::Vec<CallerList>,
    newest: RefCell<FxHashMap<Option<Sym>, u32>>,
    callees: RefCell<FxHashMap<Scope, usize>>,
    callee_lists: boxcar::Vec<Box<[FunctionId]>>,
}

impl Default for CallerLists {
    fn default() -> Self {
        let lists = boxcar::Vec::new();
        lists.push(CallerList::default());
        Self { lists, newest: RefCell::default(), callees: RefCell::default(), callee_lists: boxcar::Vec::new() }
    }
}

/// Names that something was imported as, by its own name.
pub(super) type Aliases = FxHashMap<Sym, Vec<Sym>>;

/// How a function is handed over: the callee's last segment, the position and keyword of the function, what the function is called with.
struct Handing {
    callee: &'static str,
    position: u8,
    keyword: &'static str,
    with: With,
}

#[derive(Clone, Copy, PartialEq)]
enum With {
    /// The positional arguments that follow, from this position on.
    Rest(u8),
    /// The elements of the tuple at this position or keyword.
    Tuple(u8, &'static str),
    /// Each element of the iterable at this position.
    Each(u8),
    /// Something that is not seen here.
    Other,
}

const fn hand(callee: &'static str, position: u8, keyword: &'static str, with: With) -> Handing {
    Handing { callee, position, keyword, with }
}

const HANDINGS: &[Handing] = &[
    hand("Thread", 1, "target", With::Tuple(3, "args")),
    hand("Process", 1, "target", With::Tuple(3, "args")),
    hand("Timer", 1, "function", With::Tuple(2, "args")),
    hand("start_new_thread", 0, "function", With::Tuple(1, "args")),
    hand("submit", 0, "fn", With::Rest(1)),
    hand("map", 0, "fn", With::Each(1)),
    hand("imap", 0, "func", With::Each(1)),
    hand("imap_unordered", 0, "func", With::Each(1)),
    hand("map_async", 0, "func", With::Each(1)),
    hand("starmap", 0, "func", With::Other),
    hand("filter", 0, "function", With::Each(1)),
    hand("reduce", 0, "function", With::Other),
    hand("apply_async", 0, "func", With::Tuple(1, "args")),
    hand("run_in_executor", 1, "func", With::Rest(2)),
    hand("to_thread", 0, "func", With::Rest(1)),
    hand("run_in_threadpool", 0, "func", With::Rest(1)),
    hand("run_sync", 0, "func", With::Rest(1)),
    hand("start_soon", 0, "func", With::Rest(1)),
    hand("add_task", 0, "func", With::Rest(1)),
    hand("BackgroundTask", 0, "func", With::Rest(1)),
    hand("call_soon", 0, "callback", With::Rest(1)),
    hand("call_soon_threadsafe", 0, "callback", With::Rest(1)),
    hand("call_later", 1, "callback", With::Rest(2)),
    hand("call_at", 1, "callback", With::Rest(2)),
    hand("partial", 0, "func", With::Rest(1)),
    hand("sync_to_async", 0, "func", With::Other),
    hand("async_to_sync", 0, "awaitable", With::Other),
    hand("connect", 0, "receiver", With::Other),
    hand("register", 0, "func", With::Rest(1)),
    hand("register", 1, "handler", With::Other),
    hand("register_first", 1, "handler", With::Other),
    hand("register_last", 1, "handler", With::Other),
    hand("add_event_handler", 1, "func", With::Other),
    hand("add_exception_handler", 1, "handler", With::Other),
    hand("add_done_callback", 0, "fn", With::Other),
    hand("add_callback", 0, "callback", With::Other),
    hand("on_commit", 0, "func", With::Other),
    hand("finalize", 1, "func", With::Rest(2)),
    hand("add_signal_handler", 1, "callback", With::Rest(2)),
    hand("signal", 1, "handler", With::Other),
    hand("add_job", 0, "func", With::Tuple(2, "args")),
    hand("callback", 0, "callback", With::Rest(1)),
    hand("push_async_callback", 0, "callback", With::Rest(1)),
];

/// Names that so many things have that being the only method of the program so called means nothing.
const COMMON: &[&str] = &[
    "add",
    "append",
    "call",
    "clear",
    "close",
    "commit",
    "connect",
    "copy",
    "count",
    "create",
    "decode",
    "delete",
    "dump",
    "dumps",
    "encode",
    "execute",
    "exists",
    "extend",
    "fetch",
    "filter",
    "find",
    "first",
    "flush",
    "format",
    "get",
    "index",
    "insert",
    "items",
    "join",
    "json",
    "keys",
    "list",
    "load",
    "loads",
    "lock",
    "next",
    "open",
    "parse",
    "pop",
    "post",
    "publish",
    "push",
    "put",
    "query",
    "read",
    "release",
    "remove",
    "render",
    "replace",
    "request",
    "reset",
    "run",
    "save",
    "scan",
    "search",
    "send",
    "set",
    "setdefault",
    "sort",
    "split",
    "start",
    "stop",
    "strip",
    "submit",
    "update",
    "upload",
    "validate",
    "values",
    "wait",
    "write",
];

impl Values<'_> {
    pub(super) fn caller_list(&self, list: u32) -> &CallerList {
        &self.callers.lists[list as usize]
    }

    /// The functions that a call may lead to, constructors included; none where that is unknown.
    pub fn targets(&self, call: ExprAt) -> Vec<FunctionId> {
        let mut found = Vec::new();
        for caller in self.call_targets(call, self.program.scope_of(call)) {
            if let Target::Function(function) = caller.target {
                found.push(function);
            }
        }
        found.dedup();
        found
    }

    /// Calls that may lead to a function, and places that hand it to something that calls it.
    pub fn callers(&self, function: FunctionId) -> Vec<Caller> {
        self.callers_of(function)
    }

    /// The functions that code of a scope may call, or hands to something that calls them: through values, and, where the receiver is unknown, the
    /// only method of the program with that name if the name is no common one.
    pub fn callees(&self, scope: Scope) -> &[FunctionId] {
        let known = self.callers.callees.borrow().get(&scope).copied();
        let list = known.unwrap_or_else(|| {
            let list = self.callers.callee_lists.push(self.find_callees(scope));
            self.callers.callees.borrow_mut().insert(scope, list);
            list
        });
        &self.callers.callee_lists[list]
    }

    fn find_callees(&self, scope: Scope) -> Box<[FunctionId]> {
        let mut found = Vec::new();
        let mut seen = FxHashSet::default();
        let mut add = |function: FunctionId| {
            if seen.insert(function) {
                found.push(function);
            }
        };
        for site in self.program.calls_in(scope) {
            let targets = self.targets(site.at);
            if targets.is_empty() {
                self.only_method(site).into_iter().for_each(&mut add);
            }
            targets.into_iter().for_each(&mut add);
            for caller in self.handed_at(site) {
                if let Target::Function(function) = caller.target {
                    add(function);
                }
            }
        }
        if let Scope::Function(function) = scope {
            self.wrappers(function).into_iter().for_each(&mut add);
        }
        // A lambda runs, if ever, for the function that it is written in.
        let lambdas = self.lookups.lambdas.get_or_init(|| self.find_lambdas());
        lambdas.get(&scope).into_iter().flatten().copied().for_each(&mut add);
        found.into_boxed_slice()
    }

    /// Lambdas by the scope that they are written in.
    fn find_lambdas(&self) -> FxHashMap<Scope, Vec<FunctionId>> {
        let mut lambdas: FxHashMap<Scope, Vec<FunctionId>> = FxHashMap::default();
        let Some(name) = self.program.names.find("<lambda>") else { return lambdas };
        for &id in self.program.functions_named(name) {
            let parent = self.program.module(id.module).scope(self.program.function(id).parent);
            lambdas.entry(parent).or_default().push(id);
        }
        lambdas
    }

    /// What decorators of the program put in the place of a function: it runs whenever the function is called.
    pub fn wrappers(&self, function: FunctionId) -> Vec<FunctionId> {
        let mut found = Vec::new();
        for decorator in self.program.decorators_of(function) {
            let called = self.program.call(decorator).is_some();
            match self.program.decorator(decorator) {
                Some(Symbol::Function(outer)) => {
                    let mut wrappers = Self::functions_in(self.returns(outer));
                    if called {
                        wrappers =
                            wrappers.into_iter().flat_map(|inner| Self::functions_in(self.returns(inner))).collect();
                    }
                    found.extend(wrappers.into_iter().filter(|&wrapper| wrapper != function));
                }
                Some(Symbol::Class(class)) => found.extend(self.program.method(class, self.known.call)),
                _ => {}
            }
        }
        found
    }

    fn functions_in(values: &[Value]) -> Vec<FunctionId> {
        values
            .iter()
            .filter_map(|value| if let Value::Function(function) = value { Some(*function) } else { None })
            .collect()
    }

    fn only_method(&self, site: &CallSite) -> Option<FunctionId> {
        let (callee, _) = self.program.call(site.at)?;
        let ExprKind::Attribute { name, .. } = self.program.expr(callee).kind else { return None };
        let text = self.program.text(name);
        let [only] = self.program.functions_named(name) else { return None };
        let rare = text.len() > 3 && !text.starts_with("__") && COMMON.binary_search(&text).is_err();
        let unknown = rare && self.program.class_of(*only).is_some() && self.eval(callee).is_empty();
        unknown.then_some(*only)
    }

    /// Callers of all functions and classes that are called by this name.
    pub(super) fn callers_by_name(&self, name: Sym) -> u32 {
        let mut all = Vec::new();
        let aliases = self.lookups.aliases.get_or_init(|| self.find_aliases());
        let names = std::iter::once(&name).chain(aliases.get(&name).into_iter().flatten());
        for &name in names {
            for site in self.program.calls_of(Some(name)) {
                all.extend(self.call_targets(site.at, site.scope));
            }
        }
        self.keep_callers(Some(name), all)
    }

    /// Functions that are handed to something that calls them, all over the program.
    pub(super) fn handed_functions(&self) -> u32 {
        let mut all = Vec::new();
        let mut names: Vec<&str> = HANDINGS.iter().map(|handing| handing.callee).collect();
        names.dedup();
        for name in names {
            for site in self.program.calls_named(name) {
                all.extend(self.handed_at(site));
            }
        }
        self.keep_callers(None, all)
    }

    fn keep_callers(&self, of: Option<Sym>, mut all: Vec<Caller>) -> u32 {
        all.sort_by_key(|caller| (caller.target, caller.call));
        all.dedup();
        if all.is_empty() {
            return 0;
        }
        let newest = self.callers.newest.borrow().get(&of).copied();
        if let Some(list) = newest
            && *self.callers.lists[list as usize].0 == *all
        {
            return list;
        }
        let list = self.callers.lists.push(CallerList(all.into_boxed_slice())) as u32;
        self.callers.newest.borrow_mut().insert(of, list);
        list
    }

    fn find_aliases(&self) -> Aliases {
        let mut aliases = Aliases::default();
        for module in &self.program.modules {
            for (_, binding) in module.bindings.all() {
                if let Binding::Import(import) = binding
                    && let (Some(name), Some(alias)) = (import.name, import.alias)
                    && name != alias
                {
                    alias_of(&mut aliases, name, alias);
                }
            }
        }
        self.returned_aliases(&mut aliases);
        aliases
    }

    /// A function that another one returns goes by other names: that of a variable in `load = memoised(fetch)`, that of what it decorates.
    fn returned_aliases(&self, aliases: &mut Aliases) {
        let program = self.program;
        let mut inner: FxHashMap<Sym, Vec<Sym>> = FxHashMap::default();
        for (id, function) in program.functions() {
            let mut parent = function.parent;
            while let Parent::Function(outer) = parent {
                let outer = program.function(id.module.function(outer));
                inner.entry(outer.name).or_default().push(function.name);
                parent = outer.parent;
            }
        }
        for module in &program.modules {
            for decorator in &module.sites.decorators {
                if let (Decorated::Function(on), Some(names)) =
                    (decorator.on, decorator.name.and_then(|name| inner.get(&name)))
                {
                    let alias = program.function(on).name;
                    names.iter().for_each(|&name| alias_of(aliases, name, alias));
                }
            }
            for (alias, binding) in module.bindings.all() {
                let Binding::Target(target) = binding else { continue };
                let Some(stmt) = module.links.stmt_of(target) else { continue };
                let StmtKind::Assign { value: Some(value), .. } = module.tree[stmt].kind else { continue };
                let ExprKind::Call { callee, .. } = module.tree[value].kind else { continue };
                if let ExprKind::Name(name) | ExprKind::Attribute { name, .. } = module.tree[callee].kind
                    && let Some(names) = inner.get(&name)
                {
                    names.iter().for_each(|&name| alias_of(aliases, name, alias));
                }
            }
        }
    }

    fn call_targets(&self, call: ExprAt, scope: Scope) -> Vec<Caller> {
        let Some((callee, _)) = self.program.call(call) else { return Vec::new() };
        let mut found = Vec::new();
        for value in self.eval(callee) {
            self.value_targets(*value, call, scope, &mut found);
            if let Value::Function(function) | Value::Bound(function, _) = *value {
                let bound = matches!(value, Value::Bound(..));
                let wrappers = self.wrappers(function).into_iter();
                found.extend(wrappers.map(|wrapper| Caller::plain(Target::Function(wrapper), call, scope, bound)));
            }
        }
        if let ExprKind::Attribute { base, name } = self.program.expr(callee).kind {
            let text = self.program.text(name);
            if text == "apply_async" {
                let args = self.program.argument(call, 0, "args");
                found.iter_mut().for_each(|caller| caller.args = args);
            }
            for value in self.eval(call.beside(base)) {
                if let Value::Instance(class) = *value {
                    self.overriding(class, name, call, scope, &mut found);
                }
            }
        }
        found
    }

    /// Methods of derived classes that a call on an instance of unknown birth may reach.
    fn overriding(&self, class: ClassId, name: Sym, call: ExprAt, scope: Scope, found: &mut Vec<Caller>) {
        if self.program.children(class).is_empty() {
            return;
        }
        for derived in self.program.nearest_descendants(class, OVERRIDES) {
            if let Some(Binding::Function(ix)) = self.program.bindings(Scope::Class(derived), name).last() {
                found.push(Caller::plain(Target::Function(derived.module.function(ix)), call, scope, true));
            }
        }
    }

    fn value_targets(&self, value: Value, call: ExprAt, scope: Scope, found: &mut Vec<Caller>) {
        let mut add = |target, bound| found.push(Caller::plain(target, call, scope, bound));
        match value {
            Value::Function(function) => add(Target::Function(function), false),
            Value::Bound(function, _) => add(Target::Function(function), true),
            Value::Class(class) => {
                add(Target::Class(class), false);
                for name in [self.known.init, self.known.post_init, self.known.new] {
                    if let Some(method) = self.program.method(class, name) {
                        add(Target::Function(method), true);
                    }
                }
            }
            Value::Instance(class) => {
                if let Some(method) = self.program.method(class, self.known.call) {
                    add(Target::Function(method), true);
                }
            }
            Value::Object(id) => match self.object(id).kind {
                Kind::Instance(class) => {
                    if let Some(method) = self.program.method(class, self.known.call) {
                        add(Target::Function(method), true);
                    }
                }
                Kind::Partial => {
                    if let Some(function) = self.program.positional(self.object(id).made, 0) {
                        for value in self.eval(function) {
                            if let Value::Function(function) | Value::Bound(function, _) = *value {
                                // What it is called with is seen where the partial is made.
                                let mut caller = Caller::plain(Target::Function(function), call, scope, false);
                                caller.skip = u8::MAX;
                                found.push(caller);
                            }
                        }
                    }
                }
                _ => {}
            },
            Value::Module(_) | Value::External(_) | Value::Inherited(..) | Value::Method(..) | Value::Const(_) => {}
        }
    }

    /// The functions that a call is handed.
    fn handed_at(&self, site: &CallSite) -> Vec<Caller> {
        let mut found = Vec::new();
        let Some(name) = site.name else { return found };
        if !self.known.handing.contains(&name) {
            return found;
        }
        let text = self.program.text(name);
        for handing in HANDINGS.iter().filter(|handing| handing.callee == text) {
            let function = self.program.argument(site.at, usize::from(handing.position), handing.keyword);
            let Some(function) = function else { continue };
            let first = found.len();
            for value in self.eval(function) {
                if !matches!(value, Value::Class(_)) {
                    self.value_targets(*value, site.at, site.scope, &mut found);
                }
            }
            for caller in &mut found[first..] {
                caller.handed = true;
                match handing.with {
                    With::Rest(skip) => caller.skip = skip,
                    With::Tuple(position, keyword) => {
                        caller.args = self.program.argument(site.at, usize::from(position), keyword);
                        caller.skip = u8::MAX;
                    }
                    With::Each(skip) => (caller.skip, caller.each) = (skip, true),
                    With::Other => caller.skip = u8::MAX,
                }
            }
        }
        found
    }

    /// The names of callees that a function may be handed to.
    pub(super) fn handing_names() -> impl Iterator<Item = &'static str> {
        HANDINGS.iter().map(|handing| handing.callee)
    }
}

fn alias_of(aliases: &mut Aliases, name: Sym, alias: Sym) {
    let known = aliases.entry(name).or_default();
    if name != alias && known.len() < ALIASES && !known.contains(&alias) {
        known.push(alias);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn common_names_are_sorted() {
        assert!(super::COMMON.is_sorted());
    }
}
