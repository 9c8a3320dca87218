//! Growth: what outlives its request takes something in, and nothing reliable takes it out.

use super::add::{Add, AddKind, more_of};
use super::evict::{Removal, Removals, Takes};
use super::guard::{Fact, TOO_LARGE};
use super::spread::Spread;
use super::stored::Stored;
use super::{HeldBy, Life, Lifetime, Lifetimes};
use crate::program::{Binding, ExprAt, Owner, Scope, StmtAt};
use crate::rules::{Spot, Step};
use crate::syntax::{Compare, ExprKind, Parent, StmtKind};
use crate::values::{Bound, Container, How, Kind, Object, ObjectId};

/// What takes something in.
#[derive(Clone, Debug)]
pub struct Holder {
    /// What the source calls it: `_cache`, `self._data`.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Where it is made.
    pub born: Spot,
    /// The expression that makes it.
    pub made: ExprAt,
    /// How long it lives, and why.
    pub lifetime: Lifetime,
}

/// A place that adds to something long-lived without a bound.
#[derive(Clone, Debug)]
pub struct Growth {
    /// The addition.
    pub add: Add,
    /// What it adds to.
    pub holder: Holder,
    /// What is added.
    pub stored: Stored,
    /// How many different keys or elements there can be; open for what is simply appended.
    pub spread: Spread,
    /// Removals that were looked at and do not bound it.
    pub looked_at: Vec<Step>,
    /// Whether another operation is there to take entries out again: whoever adds is meant to ask for it.
    pub managed: bool,
}

impl Growth {
    /// Whether it is a mapping that gets new keys.
    pub fn is_keyed(&self) -> bool {
        matches!(self.add.kind, AddKind::Keyed(_))
    }

    /// Whether it is a queue.
    pub fn is_queue(&self) -> bool {
        matches!(self.holder.kind, Kind::Queue { .. })
    }
}

impl Lifetimes<'_> {
    /// Every growth of the program, in the order of files and lines; one for each statement, and one for each function and holder.
    pub fn growth(&self) -> Vec<Growth> {
        let adds = self.adds();
        let mut removals: Option<Removals> = None;
        let mut found: Vec<Growth> = Vec::new();
        for add in adds {
            if let Some(growth) = self.judge(&add, &mut removals) {
                let again = found.iter().rposition(|known| {
                    known.add.at.module == add.at.module
                        && (known.add.stmt == add.stmt || known.holder.born == growth.holder.born && known.add.scope == add.scope)
                });
                match again {
                    // Of several in one statement the one that says most: what is dragged along, then the key.
                    Some(n) if (growth.stored, growth.is_keyed()) > (found[n].stored, found[n].is_keyed()) => found[n] = growth,
                    Some(_) => {}
                    None => found.push(growth),
                }
            }
        }
        // That reading a `defaultdict` adds is said once, and only where nothing else adds to it.
        let stores: Vec<(bool, Spot)> = found.iter().map(|growth| (self.is_read(&growth.add), growth.holder.born)).collect();
        let mut n = 0;
        found.retain(|growth| {
            n += 1;
            let (read, born) = stores[n - 1];
            !read || !stores.iter().enumerate().any(|(m, &(other, at))| at == born && m != n - 1 && (!other || m < n - 1)) && growth.holder.born == born
        });
        found
    }

    /// Whether an addition only reads.
    fn is_read(&self, add: &Add) -> bool {
        add.value.is_none() && add.at != add.base && matches!(self.program.expr(add.at).kind, ExprKind::Subscript { .. })
    }

    fn judge(&self, add: &Add, removals: &mut Option<Removals>) -> Option<Growth> {
        let holder = self.holder_of(add)?;
        let spread = match add.kind {
            AddKind::Append | AddKind::Text => Spread::Open,
            AddKind::Keyed(key) | AddKind::Element(key) if self.is_new_object(key) => Spread::Open,
            AddKind::Keyed(key) | AddKind::Element(key) if !self.is_queue(&holder) => self.spread(key),
            AddKind::Elements(all) => match holder.kind {
                Kind::Container { kind: Container::Counter | Container::Set | Container::Dict, .. } => match self.program.expr(all).kind {
                    ExprKind::Dict(entries) => match self.program.tree(all.module)[entries].first().and_then(|entry| entry.key) {
                        Some(key) => self.spread(all.beside(key)),
                        None => return None,
                    },
                    _ if matches!(holder.kind, Kind::Container { kind: Container::Dict, .. }) => return None,
                    _ => self.spread(all),
                },
                _ => return None,
            },
            _ => Spread::Open,
        };
        if !matches!(spread, Spread::Open | Spread::Calendar) {
            return None;
        }
        match holder.lifetime.held_by {
            Some(HeldBy::ContextVar) if self.values.objects(add.base).any(|(_, object)| self.is_hot(object.scope)) => return None,
            Some(HeldBy::Default) if !self.is_default_used(holder.made) => return None,
            _ => {}
        }
        if add.scope.function().is_some_and(|function| self.runs_once(function)) {
            return None;
        }
        let stmt = Self::stmt_of(add);
        let facts = self.facts(stmt);
        let objects: Vec<ObjectId> = self.values.objects(add.base).map(|(id, _)| id).collect();
        if self.is_capped(&facts, add.base, &objects) || self.is_first_time(&facts, add.base, &objects) {
            return None;
        }
        if add.kind == AddKind::Append && self.is_search_before(add, &objects) {
            return None;
        }
        if add.kind == AddKind::Append
            && let Some(value) = add.value
            && self.is_new_to(&facts, value, add.base, &objects)
            && !self.is_new_object(value)
            && self.spread(value) != Spread::Open
        {
            return None;
        }
        if let AddKind::Keyed(key) | AddKind::Element(key) = add.kind
            && self.is_checked(key, &facts, add.base)
        {
            return None;
        }
        let removals = removals.get_or_insert_with(|| self.removals());
        let mut looked_at = Vec::new();
        let mut managed = false;
        let mut seen = Vec::new();
        // What is taken out of the container around it goes with all that is in it.
        let around = self.around(add, &objects);
        let known = objects.iter().chain(&around).filter_map(|object| removals.get(object)).flatten().copied();
        let known: Vec<Removal> = known.chain(self.replacements(add, &objects)).collect();
        for removal in known {
            if seen.contains(&removal.at) || removal.at == add.at {
                continue;
            }
            seen.push(removal.at);
            let of = if self.values.objects(removal.base).any(|(id, _)| around.contains(&id)) { &around } else { &objects };
            match self.shortcoming(&removal, add, of) {
                None => return None,
                Some(why) => {
                    managed |= self.is_counterpart(&removal);
                    looked_at.push(self.looked_at(&removal, &why));
                }
            }
        }
        let stored = match add.value {
            Some(value) => self.stored_by(add, value).max(if self.is_records(value) { Stored::Records } else { Stored::Data }),
            None => Stored::Data,
        };
        Some(Growth { add: *add, holder, stored, spread, looked_at, managed })
    }

    /// The containers that the holder is an element of: `hits` in `hits[key].append(x)`, `window = hits[key]`, `hits.setdefault(key, [])`.
    fn around(&self, add: &Add, objects: &[ObjectId]) -> Vec<ObjectId> {
        let program = self.program;
        let mut outer: Vec<ExprAt> = Vec::new();
        let mut look = |at: ExprAt| match program.expr(at).kind {
            ExprKind::Subscript { base, .. } => outer.push(at.beside(base)),
            ExprKind::Call { callee, .. } => {
                if let ExprKind::Attribute { base, name } = program.expr(at.beside(callee)).kind
                    && matches!(self.text(name), "get" | "setdefault")
                {
                    outer.push(at.beside(base));
                }
            }
            _ => {}
        };
        look(add.base);
        if let ExprKind::Name(name) = program.expr(add.base).kind
            && let Some(scope) = program.binding_scope(add.scope, name)
        {
            let module = program.module(scope.module());
            for binding in program.bindings(scope, name) {
                if let Binding::Target(target) = binding
                    && let Some(stmt) = module.links.stmt_of(target)
                    && let StmtKind::Assign { value: Some(value), targets, .. } = module.tree[stmt].kind
                {
                    look(module.id.expr(value));
                    module.tree[targets].iter().for_each(|&target| look(module.id.expr(target)));
                }
            }
        }
        for &object in objects {
            let born = self.values.object(object).born;
            let module = program.module(born.module);
            match module.links.owner(born.expr) {
                Some(Owner::Expr(parent)) => look(born.beside(parent)),
                Some(Owner::Stmt(stmt)) => {
                    if let StmtKind::Assign { targets, .. } = module.tree[stmt].kind {
                        module.tree[targets].iter().for_each(|&target| look(born.beside(target)));
                    }
                }
                None => {}
            }
        }
        let mut found: Vec<ObjectId> = outer.into_iter().flat_map(|at| self.values.objects(at).map(|(id, _)| id).collect::<Vec<_>>()).collect();
        found.retain(|id| !objects.contains(id) && matches!(self.values.object(*id).kind, Kind::Container { .. }));
        found
    }

    /// `if x not in holder: holder.append(x)`: a list that is used like a set.
    fn is_new_to(&self, facts: &[Fact], value: ExprAt, base: ExprAt, objects: &[ObjectId]) -> bool {
        let tree = self.program.tree(value.module);
        facts.iter().any(|fact| match tree[fact.test.expr].kind {
            ExprKind::Compare { left, rest } => match tree[rest] {
                [one] => {
                    let absent = matches!((one.op, fact.holds), (Compare::NotIn, true) | (Compare::In, false));
                    absent && super::add::same(tree, left, value.expr) && self.same_holder(fact.test.beside(one.right), base, objects)
                }
                _ => false,
            },
            _ => false,
        })
    }

    /// `for known in holder: if …: return known` before something new is added: as many as there are kinds of it.
    fn is_search_before(&self, add: &Add, objects: &[ObjectId]) -> bool {
        let module = self.program.module(add.at.module);
        let Scope::Function(function) = add.scope else { return false };
        let mut blocks = vec![self.program.function(function).body];
        while let Some(block) = blocks.pop() {
            for &stmt in &module.tree[block] {
                if module.tree[stmt].span.start >= module.tree[add.stmt].span.start {
                    break;
                }
                if let StmtKind::For { iter, .. } = module.tree[stmt].kind
                    && self.same_holder(add.at.beside(iter), add.base, objects)
                    && self.exits_within(StmtAt { module: module.id, stmt })
                {
                    return true;
                }
                blocks.extend(super::guard::blocks(&module.tree, stmt));
            }
        }
        false
    }

    /// Whether a call that requests reach leaves the parameter out whose default this is.
    fn is_default_used(&self, default: ExprAt) -> bool {
        let Some(function) = self.default_of(default) else { return true };
        let params = self.program.params(function);
        let Some(n) = params.iter().position(|param| param.default == Some(default.expr)) else { return true };
        // A framework copies it.
        if self.entries.takes_input(function) {
            return false;
        }
        self.values.callers(function).iter().any(|caller| {
            let (_, args) = self.program.call(caller.call).unwrap_or((caller.call, &[]));
            let spread = args.iter().any(|arg| arg.double_star || matches!(self.program.expr(caller.call.beside(arg.value)).kind, ExprKind::Starred(_)));
            !spread && self.is_hot(caller.scope) && self.values.argument_of(caller, function, n).is_none()
        })
    }

    /// A removal of one key that an operation of its own exists for: `DELETE`, `unregister`, `disconnect`.
    fn is_counterpart(&self, removal: &Removal) -> bool {
        let (Takes::Key(_), Scope::Function(function)) = (removal.takes, removal.scope) else { return false };
        if !self.entries.heat(function).is_hot() {
            return false;
        }
        let name = self.text(self.program.function(function).name).to_ascii_lowercase();
        const WORDS: &[&str] = &["delete", "remove", "disconnect", "unregister", "unsubscribe", "cancel", "close", "logout", "discard", "detach"];
        let methods = |verb| matches!(verb, crate::entries::Verb::Http(plimsoll_model::Method::Delete));
        WORDS.iter().any(|word| name.contains(word)) || self.entries.routes_reaching(function).any(|route| methods(route.verb))
    }

    fn is_queue(&self, holder: &Holder) -> bool {
        matches!(holder.kind, Kind::Queue { .. })
    }

    /// What is stored: of what is only read out, the elements.
    fn stored_by(&self, add: &Add, value: ExprAt) -> Stored {
        let whole = match self.program.expr(add.at).kind {
            ExprKind::Call { callee, .. } => match self.program.expr(add.at.beside(callee)).kind {
                ExprKind::Attribute { name, .. } => !matches!(self.text(name), "extend" | "extendleft" | "update" | "writelines"),
                _ => true,
            },
            _ => !(add.at == add.base && add.kind == AddKind::Append),
        };
        if whole {
            return self.stored(value);
        }
        match self.program.expr(value).kind {
            ExprKind::Comprehension { element, .. } => self.stored(value.beside(element)),
            _ => match self.stored(value) {
                Stored::Iterator => Stored::Data,
                found => found,
            },
        }
    }

    /// An object that is made again and again, and equals no other one.
    pub(super) fn is_new_object(&self, at: ExprAt) -> bool {
        self.values.objects(at).any(|(_, object)| {
            let distinct = matches!(
                object.kind,
                Kind::Task | Kind::Future | Kind::Thread | Kind::Executor { .. } | Kind::Generator(_) | Kind::Queue { .. } | Kind::Lock | Kind::Exception | Kind::Request | Kind::File
            );
            distinct && (self.is_hot(object.scope) || object.kind == Kind::Request)
        })
    }

    /// Records of a stream, messages of a queue, or parts of them.
    fn is_records(&self, value: ExprAt) -> bool {
        self.is_of_records(value, 8)
    }

    fn is_of_records(&self, at: ExprAt, left: u8) -> bool {
        let Some(left) = left.checked_sub(1) else { return false };
        if self.values.is(at, |kind| matches!(kind, Kind::Records | Kind::Record)) {
            return true;
        }
        let program = self.program;
        let named = |at: ExprAt| self.values.strings(at).any(|text| matches!(text, "Records" | "Messages"));
        match program.expr(at).kind {
            ExprKind::Subscript { base, index } => named(at.beside(index)) || self.is_of_records(at.beside(base), left),
            ExprKind::Call { callee, .. } => match program.expr(at.beside(callee)).kind {
                ExprKind::Attribute { base, name } if self.text(name) == "get" => {
                    program.positional(at, 0).is_some_and(named) || self.is_of_records(at.beside(base), left)
                }
                _ => false,
            },
            ExprKind::Name(name) => {
                let Some(scope) = program.binding_scope(program.scope_of(at), name) else { return false };
                program.bindings(scope, name).any(|binding| {
                    let Binding::Target(target) = binding else { return false };
                    let module = program.module(scope.module());
                    match module.links.stmt_of(target).map(|stmt| module.tree[stmt].kind) {
                        Some(StmtKind::For { iter, .. }) => self.is_of_records(module.id.expr(iter), left),
                        Some(StmtKind::Assign { value: Some(value), .. }) => self.is_of_records(module.id.expr(value), left),
                        _ => false,
                    }
                })
            }
            _ => false,
        }
    }

    /// The longest-living thing that the addition may add to, if it lives long and has no bound of its own.
    fn holder_of(&self, add: &Add) -> Option<Holder> {
        if self.is_made_here(add) {
            return None;
        }
        let mut best: Option<Holder> = None;
        let attribute = matches!(add.kind, AddKind::Keyed(_)) && matches!(self.program.expr(add.at).kind, ExprKind::Call { .. });
        let method = self.method_of(add);
        for (id, object) in self.values.objects(add.base) {
            if !takes(object.kind, method) || self.is_of_this_call(add, object) || self.is_overridden(object) {
                continue;
            }
            let bound = match object.kind {
                Kind::Container { kind, bound } => match kind {
                    Container::Weak | Container::Cache | Container::Lazy => continue,
                    // A tuple is replaced by a longer one.
                    Container::Tuple if add.at != add.base || self.is_local(add) => continue,
                    _ => bound,
                },
                // A queue for one request or connection goes with it.
                Kind::Queue { .. } if self.is_hot(object.scope) => continue,
                Kind::Queue { bound, .. } => bound,
                Kind::Buffer => Bound::Unbounded,
                Kind::Made(path) if matches!(self.text(path), "builtins.bytearray" | "array.array") => Bound::Unbounded,
                // `setattr(app.state, name, value)`, `local.__dict__`
                Kind::AppState | Kind::AppConfig | Kind::ThreadLocal | Kind::Instance(_) if attribute => Bound::Unbounded,
                _ => continue,
            };
            let unbounded = match bound {
                Bound::Unbounded => true,
                Bound::AtMost(most) => most >= 10 * TOO_LARGE as u64,
                Bound::Given => false,
            };
            // One object with a bound among others that have none is another branch; what is bounded is not judged.
            if !unbounded {
                return None;
            }
            let lifetime = match self.rebound_on(add, object) {
                Some(base) => self.attribute_life(base, 12),
                None => self.of(id),
            };
            // What one of many holds goes with it; what grows is the container around, unless it is found there again and added to.
            if lifetime.among_many && matches!(object.scope, Scope::Function(_)) && !self.around(add, &[id]).into_iter().any(|outer| self.of(outer).life.is_long()) {
                continue;
            }
            // What a closure of one request keeps is new for each of them; the closures are what grows.
            if lifetime.held_by == Some(HeldBy::Closure) && self.is_hot(object.scope) && !self.is_factory(object.scope) {
                continue;
            }
            if lifetime.life.is_long() && best.as_ref().is_none_or(|best| best.lifetime.life < lifetime.life) {
                let born = self.spot(object.born);
                best = Some(Holder { name: self.name_of(add.base), kind: object.kind, born, made: object.made, lifetime });
            }
        }
        best.or_else(|| self.text_holder(add)).or_else(|| self.loop_holder(add))
    }

    /// Whether what is bound is a name of the function alone.
    fn is_local(&self, add: &Add) -> bool {
        let (ExprKind::Name(name), Scope::Function(function)) = (self.program.expr(add.base).kind, add.scope) else { return false };
        let bindings = &self.program.module(add.at.module).bindings;
        let parent = Parent::Function(function.ix);
        !bindings.is_global(parent, name) && !bindings.is_nonlocal(parent, name)
    }

    /// Whether a class that derives from the one in whose body the object is made says something else there.
    fn is_overridden(&self, object: &Object) -> bool {
        let Scope::Class(class) = object.scope else { return false };
        let module = self.program.module(object.born.module);
        let Some(stmt) = module.links.stmt_of(object.born.expr) else { return false };
        let StmtKind::Assign { targets, .. } = module.tree[stmt].kind else { return false };
        module.tree[targets].iter().any(|&target| match module.tree[target].kind {
            ExprKind::Name(name) => self.program.descendants(class).into_iter().any(|below| {
                self.program.bindings(Scope::Class(below), name).next().is_some()
            }),
            _ => false,
        })
    }

    /// `self.x = self.x + …`, and `self.x += …` of something that does not change: then it is the attribute that lives, whatever was there first.
    fn rebound_on(&self, add: &Add, object: &Object) -> Option<ExprAt> {
        if add.at != add.base {
            return None;
        }
        let ExprKind::Attribute { base, .. } = self.program.expr(add.base).kind else { return None };
        let tree = self.program.tree(add.at.module);
        let assigned = matches!(tree[add.stmt].kind, StmtKind::Assign { .. });
        let fixed = matches!(object.kind, Kind::Container { kind: Container::Tuple, .. });
        (assigned || fixed).then(|| add.base.beside(base))
    }

    /// The method that adds, where one does.
    fn method_of(&self, add: &Add) -> Option<&str> {
        let (callee, _) = self.program.call(add.at)?;
        match self.program.expr(callee).kind {
            ExprKind::Attribute { name, .. } => Some(self.text(name)),
            _ => None,
        }
    }

    /// Whether the object is made by the same call that adds to it: a local list, or an attribute that `__init__` sets up.
    fn is_of_this_call(&self, add: &Add, object: &Object) -> bool {
        let program = self.program;
        let module = program.module(add.at.module);
        let Scope::Function(function) = add.scope else { return false };
        let root = match program.expr(add.base).kind {
            ExprKind::Name(name) => Some(name),
            ExprKind::Attribute { base, .. } => {
                let own = matches!(program.expr(add.base.beside(base)).kind, ExprKind::Name(name) if self.text(name) == "self");
                let begins = matches!(self.text(program.function(function).name), "__init__" | "__post_init__" | "__new__");
                let shared = matches!(program.scope_of(object.made), Scope::Class(_) | Scope::Module(_))
                    && !matches!(object.kind, Kind::Container { kind: Container::Tuple, .. })
                    && object.how != How::Field;
                return own && begins && !shared;
            }
            _ => None,
        };
        let (Some(name), true) = (root, object.made.module == add.at.module) else { return false };
        let mut value = object.made.expr;
        while let Some(parent) = module.links.parent(value) {
            match module.tree[parent].kind {
                ExprKind::IfElse { .. } | ExprKind::Bool { .. } | ExprKind::Await(_) => value = parent,
                _ => return false,
            }
        }
        let Some(stmt) = module.links.stmt_of(value) else { return false };
        let StmtKind::Assign { targets, value: Some(whole), .. } = module.tree[stmt].kind else { return false };
        let [target] = module.tree[targets] else { return false };
        whole == value
            && program.scope_of_stmt(module.id.stmt(stmt)) == add.scope
            && matches!(module.tree[target].kind, ExprKind::Name(other) if other == name)
            && program.binding_scope(add.scope, name) == Some(add.scope)
    }

    /// A middleware that is written as a function: it runs once, and what it returns runs for every request.
    pub(super) fn is_factory(&self, scope: Scope) -> bool {
        use crate::entries::{Entry, EntryKind};
        scope.function().is_some_and(|function| self.entries.others.contains(&Entry { kind: EntryKind::Middleware, function }))
    }

    /// Whether the function that adds has itself just made what it adds to: then it is a new one each time, wherever it is put in the end.
    fn is_made_here(&self, add: &Add) -> bool {
        let program = self.program;
        let mut root = add.base;
        let name = loop {
            root = match program.expr(root).kind {
                ExprKind::Name(name) => break name,
                ExprKind::Attribute { base, .. } | ExprKind::Subscript { base, .. } => root.beside(base),
                _ => return false,
            };
        };
        if program.binding_scope(add.scope, name) != Some(add.scope) {
            return false;
        }
        let module = program.module(add.at.module);
        let mut bindings = program.bindings(add.scope, name).peekable();
        bindings.peek().is_some()
            && bindings.all(|binding| {
                let Binding::Target(target) = binding else { return false };
                if module.links.parent(target).is_some() {
                    return false;
                }
                let Some(stmt) = module.links.stmt_of(target) else { return false };
                let StmtKind::Assign { targets, value: Some(value), .. } = module.tree[stmt].kind else { return false };
                // In `rows = kept[key] = []` the new one is kept at once.
                if targets.len() > 1 {
                    return false;
                }
                let value = match module.tree[value].kind {
                    ExprKind::Await(inner) => inner,
                    _ => value,
                };
                let at = module.id.expr(value);
                let made = matches!(
                    module.tree[value].kind,
                    ExprKind::List(_) | ExprKind::Dict(_) | ExprKind::Set(_) | ExprKind::Comprehension { .. } | ExprKind::Call { .. }
                );
                let mut objects = self.values.objects(at).peekable();
                made && objects.peek().is_some() && objects.all(|(_, object)| object.made == at)
            })
    }

    /// Text that gets longer: a variable of the module.
    fn text_holder(&self, add: &Add) -> Option<Holder> {
        if add.kind != AddKind::Text {
            return None;
        }
        let Scope::Function(function) = add.scope else { return None };
        let ExprKind::Name(name) = self.program.expr(add.base).kind else { return None };
        if !self.program.module(add.base.module).bindings.is_global(Parent::Function(function.ix), name) {
            return None;
        }
        let born = self.spot(add.base);
        let lifetime = Lifetime::held(Life::Process, HeldBy::Module).because(born, "a variable of the module");
        let kind = Kind::Buffer;
        Some(Holder { name: self.name_of(add.base), kind, born, made: add.base, lifetime })
    }

    /// A local container of a loop that does not end, where records or what was read is put in.
    fn loop_holder(&self, add: &Add) -> Option<Holder> {
        let value = add.value?;
        if add.kind != AddKind::Append || !self.is_records(value) {
            return None;
        }
        let module = self.program.module(add.at.module);
        let mut stmt = add.stmt;
        let mut endless = None;
        while let Some((parent, _)) = module.links.parent_stmt(stmt) {
            if let StmtKind::While { test, .. } = module.tree[parent].kind
                && super::guard::always(&module.tree, test)
            {
                endless = Some(parent);
            }
            stmt = parent;
        }
        let endless = endless?;
        let (id, object) = self.values.objects(add.base).find(|(_, object)| {
            matches!(object.kind, Kind::Container { kind: Container::List | Container::Set | Container::Deque, bound: Bound::Unbounded })
                && object.scope == add.scope
                && module.tree[endless].span.start > self.program.expr(object.born).span.start
        })?;
        let _ = id;
        let born = self.spot(object.born);
        let lifetime = Lifetime::held(Life::Loop, HeldBy::Loop).because(born, "made before a loop that does not end");
        Some(Holder { name: self.name_of(add.base), kind: object.kind, born, made: object.made, lifetime })
    }

    /// Places that put another object where the holder was.
    fn replacements(&self, add: &Add, objects: &[ObjectId]) -> Vec<Removal> {
        let mut found = Vec::new();
        // What was made in a function and put into the same place.
        for &object in objects {
            let object = self.values.object(object);
            if matches!(object.scope, Scope::Function(_)) {
                self.replacement(object.born, object.scope, add, &mut found);
            }
        }
        match self.program.expr(add.base).kind {
            ExprKind::Name(name) => {
                let scope = self.program.binding_scope(self.program.scope_of(add.base), name);
                for binding in scope.into_iter().flat_map(|scope| self.program.bindings(scope, name)) {
                    if let Binding::Target(target) = binding {
                        let target = add.base.beside(target);
                        let scope = self.program.scope_of(target);
                        if matches!(scope, Scope::Function(_)) {
                            self.rebinding(target, scope, &mut found);
                        }
                    }
                }
            }
            ExprKind::Attribute { name, .. } => {
                for store in self.program.attribute_stores_of(Some(name)).filter(|store| self.runs(store.scope)) {
                    let same = self.values.objects(store.at).any(|(id, _)| objects.contains(&id))
                        || store.value.is_some_and(|value| {
                            self.values.objects(store.at.beside(value)).any(|(id, _)| objects.contains(&id))
                        })
                        || store.at.module == add.base.module
                            && super::add::same(self.program.tree(store.at.module), store.at.expr, add.base.expr);
                    if same {
                        self.rebinding(store.at, store.scope, &mut found);
                    }
                }
            }
            _ => {}
        }
        found
    }

    fn replacement(&self, born: ExprAt, scope: Scope, add: &Add, found: &mut Vec<Removal>) {
        let module = self.program.module(born.module);
        let Some(stmt) = module.links.stmt_of(born.expr) else { return };
        let StmtKind::Assign { targets, .. } = module.tree[stmt].kind else { return };
        let Some(&target) = module.tree[targets].first() else { return };
        let _ = add;
        if matches!(module.tree[target].kind, ExprKind::Name(_) | ExprKind::Attribute { .. }) {
            self.rebinding(born.beside(target), scope, found);
        }
    }

    /// An assignment that replaces what was there, unless it only sets it up.
    fn rebinding(&self, target: ExprAt, scope: Scope, found: &mut Vec<Removal>) {
        let module = self.program.module(target.module);
        let Scope::Function(function) = scope else { return };
        let Some(stmt) = module.links.stmt_of(target.expr) else { return };
        let StmtKind::Assign { value: Some(value), .. } = module.tree[stmt].kind else { return };
        let name = self.text(self.program.function(function).name);
        if matches!(name, "__init__" | "__new__" | "__post_init__" | "setUp" | "ready" | "__enter__")
            || more_of(&module.tree, target.expr, value).is_some()
            || found.iter().any(|known| known.at == target)
        {
            return;
        }
        // A local name that is bound in its own function is where it is made, not where it is replaced.
        if let ExprKind::Name(name) = module.tree[target.expr].kind
            && !module.bindings.is_global(Parent::Function(function.ix), name)
            && !module.bindings.is_nonlocal(Parent::Function(function.ix), name)
        {
            return;
        }
        let facts = self.facts(StmtAt { module: target.module, stmt });
        if facts.iter().any(|fact| self.sets_up(*fact, target)) {
            return;
        }
        found.push(Removal { at: target, stmt, scope, base: target, takes: Takes::All, later: false });
    }

    /// `if x is None`, `if not x`, `if not hasattr(o, "x")`, `if "x" not in o.__dict__`.
    fn sets_up(&self, fact: Fact, target: ExprAt) -> bool {
        let tree = self.program.tree(fact.test.module);
        if self.is_first_time(&[fact], target, &[]) {
            return true;
        }
        match tree[fact.test.expr].kind {
            ExprKind::Call { callee, .. } => {
                let asks = matches!(tree[callee].kind, ExprKind::Name(name) if matches!(self.text(name), "hasattr" | "getattr"));
                asks && !fact.holds
            }
            ExprKind::Compare { rest, .. } => match tree[rest] {
                [one] => {
                    let by_name = matches!(
                        (one.op, fact.holds),
                        (Compare::NotIn, true) | (Compare::In, false)
                    );
                    let none = matches!(tree[one.right].kind, ExprKind::Const(crate::syntax::Const::None));
                    by_name || none && matches!((one.op, fact.holds), (Compare::Is, true) | (Compare::IsNot, false))
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// What the source calls an expression.
    pub(super) fn name_of(&self, at: ExprAt) -> String {
        match self.program.expr(at).kind {
            ExprKind::Name(name) => self.text(name).to_owned(),
            ExprKind::Attribute { base, name } => format!("{}.{}", self.name_of(at.beside(base)), self.text(name)),
            ExprKind::Subscript { base, index } => {
                let index = match self.program.expr(at.beside(index)).kind {
                    ExprKind::Const(crate::syntax::Const::Str(text)) => format!("\"{}\"", self.text(text)),
                    _ => "…".to_owned(),
                };
                format!("{}[{index}]", self.name_of(at.beside(base)))
            }
            ExprKind::Call { callee, .. } => format!("{}(…)", self.name_of(at.beside(callee))),
            ExprKind::Await(value) => self.name_of(at.beside(value)),
            _ => "it".to_owned(),
        }
    }
}

/// Whether a thing has a method that adds; assignments add to all of them.
fn takes(kind: Kind, method: Option<&str>) -> bool {
    let Some(method) = method else { return true };
    match kind {
        Kind::Queue { .. } => matches!(method, "put" | "put_nowait"),
        Kind::Buffer => matches!(method, "write" | "writelines" | "append" | "extend"),
        Kind::Container { kind, .. } => match kind {
            Container::List => matches!(method, "append" | "extend" | "insert" | "heappush" | "insort" | "insort_left" | "insort_right" | "push"),
            Container::Deque => matches!(method, "append" | "appendleft" | "extend" | "extendleft" | "insert"),
            Container::Set => matches!(method, "add" | "update"),
            Container::Dict | Container::Counter => matches!(method, "update" | "setdefault"),
            _ => true,
        },
        _ => true,
    }
}
