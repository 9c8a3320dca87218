//! Growth: what outlives its request takes something in, and nothing reliable takes it out.

use super::add::{Add, AddKind, more_of};
use super::evict::{Removal, Removals, Takes};
use super::guard::{Fact, TOO_LARGE};
use super::spread::Spread;
use super::stored::Stored;
use super::{HeldBy, Life, Lifetime, Lifetimes};
use crate::program::{Binding, ExprAt, Scope, StmtAt};
use crate::rules::{Spot, Step};
use crate::syntax::{ExprKind, Parent, StmtKind};
use crate::values::{Bound, Container, Kind, ObjectId};

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
        found
    }

    fn judge(&self, add: &Add, removals: &mut Option<Removals>) -> Option<Growth> {
        let holder = self.holder_of(add)?;
        let spread = match add.kind {
            AddKind::Append | AddKind::Text => Spread::Open,
            AddKind::Keyed(key) | AddKind::Element(key) if self.is_new_object(key) => Spread::Open,
            AddKind::Keyed(key) | AddKind::Element(key) if !self.is_queue(&holder) => self.spread(key),
            AddKind::Elements(all) => match holder.kind {
                Kind::Container { kind: Container::Counter | Container::Set, .. } => self.spread(all),
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
        let stmt = Self::stmt_of(add);
        let facts = self.facts(stmt);
        let objects: Vec<ObjectId> = self.values.objects(add.base).map(|(id, _)| id).collect();
        if self.is_capped(&facts, add.base, &objects) || self.is_first_time(&facts, add.base, &objects) {
            return None;
        }
        if let AddKind::Keyed(key) | AddKind::Element(key) = add.kind
            && self.is_checked(key, &facts, add.base)
        {
            return None;
        }
        let removals = removals.get_or_insert_with(|| self.removals());
        let mut looked_at = Vec::new();
        let mut seen = Vec::new();
        let known = objects.iter().filter_map(|object| removals.get(object)).flatten().copied();
        for removal in known.chain(self.replacements(add, &objects)) {
            if seen.contains(&removal.at) || removal.at == add.at {
                continue;
            }
            seen.push(removal.at);
            match self.shortcoming(&removal, add, &objects) {
                None => return None,
                Some(why) => looked_at.push(self.looked_at(&removal, &why)),
            }
        }
        let stored = match add.value {
            Some(value) => self.stored(value).max(if self.is_records(value) { Stored::Records } else { Stored::Data }),
            None => Stored::Data,
        };
        Some(Growth { add: *add, holder, stored, spread, looked_at })
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

    fn is_queue(&self, holder: &Holder) -> bool {
        matches!(holder.kind, Kind::Queue { .. })
    }

    /// An object that is made again and again, and equals no other one.
    fn is_new_object(&self, at: ExprAt) -> bool {
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
        let mut best: Option<Holder> = None;
        let attribute = matches!(add.kind, AddKind::Keyed(_)) && matches!(self.program.expr(add.at).kind, ExprKind::Call { .. });
        for (id, object) in self.values.objects(add.base) {
            let bound = match object.kind {
                Kind::Container { kind, bound } => match kind {
                    Container::Weak | Container::Cache | Container::Lazy => continue,
                    // A tuple is replaced by a longer one.
                    Container::Tuple if add.at != add.base => continue,
                    _ => bound,
                },
                Kind::Queue { bound, .. } => bound,
                Kind::Buffer => Bound::Unbounded,
                Kind::Made(path) if matches!(self.text(path), "builtins.bytearray" | "array.array") => Bound::Unbounded,
                // `setattr(app.state, name, value)`, `local.__dict__`
                Kind::AppState | Kind::AppConfig | Kind::ThreadLocal if attribute => Bound::Unbounded,
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
            let lifetime = self.of(id);
            // What a closure of one request keeps is new for each of them; the closures are what grows.
            if lifetime.held_by == Some(HeldBy::Closure) && self.is_hot(object.scope) {
                continue;
            }
            if lifetime.life.is_long() && best.as_ref().is_none_or(|best| best.lifetime.life < lifetime.life) {
                let born = self.spot(object.born);
                best = Some(Holder { name: self.name_of(add.base), kind: object.kind, born, made: object.made, lifetime });
            }
        }
        best.or_else(|| self.text_holder(add)).or_else(|| self.loop_holder(add))
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
                        (crate::syntax::Compare::NotIn, true) | (crate::syntax::Compare::In, false)
                    );
                    let none = matches!(tree[one.right].kind, ExprKind::Const(crate::syntax::Const::None));
                    by_name || none && matches!((one.op, fact.holds), (crate::syntax::Compare::Is, true) | (crate::syntax::Compare::IsNot, false))
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
