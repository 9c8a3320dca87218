//! Attributes: of modules, classes, instances, libraries' objects. An attribute of an instance is what any method of its class, of the bases, and
//! (for an instance of unknown birth) of the derived classes puts there; objects of one class are not told apart.

use rustc_hash::FxHashMap;

use crate::program::{Binding, ClassId, ExprAt, FunctionId, ModuleId, Scope, Symbol};
use crate::syntax::{ExprKind, Parent, StmtKind, Sym};

use super::Values;
use super::kind::{Framework, Kind, Literal, Value};
use super::sets::Gathered;
use super::solve::Node;
use super::state::Store;

/// Stores to an attribute of something else than `self` that are looked at per name; common names are not followed beyond.
const FOREIGN: usize = 96;

/// Derived classes that are asked for an attribute that a class does not have itself.
const DERIVED: usize = 6;

/// A store to an attribute of an instance or class, by name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stored {
    /// The target, or the call of `setattr`.
    pub(super) at: ExprAt,
    /// What the attribute is of.
    pub(super) base: ExprAt,
}

/// The fields of a class, with their positions in the constructor.
pub(super) type Fields = FxHashMap<Sym, usize>;

/// All stores to attributes, by name.
#[derive(Debug, Default)]
pub(super) struct Stores {
    own: FxHashMap<(ClassId, Sym), Vec<Stored>>,
    foreign: FxHashMap<Sym, Vec<Stored>>,
}

impl Stores {
    /// Whether a method of exactly this class stores the attribute.
    pub(super) fn has(&self, class: ClassId, name: Sym) -> bool {
        self.own.contains_key(&(class, name))
    }
}

impl Values<'_> {
    pub(super) fn stores(&self) -> &Stores {
        self.lookups.attributes.get_or_init(|| {
            let mut stores = Stores::default();
            for module in &self.program.modules {
                for site in &module.sites.attribute_stores {
                    let stored = Stored { at: site.at, base: site.at.beside(site.base) };
                    self.file_store(&mut stores, stored, site.scope, site.name);
                }
            }
            for site in self.program.calls_named("setattr") {
                if let Some(name) = self.program.positional(site.at, 1)
                    && let ExprKind::Const(crate::syntax::Const::Str(name)) = self.program.expr(name).kind
                    && let Some(base) = self.program.positional(site.at, 0)
                {
                    self.file_store(&mut stores, Stored { at: site.at, base }, site.scope, name);
                }
            }
            stores
        })
    }

    fn file_store(&self, stores: &mut Stores, stored: Stored, scope: Scope, name: Sym) {
        match self.own_class(stored.base, scope) {
            Some(class) => stores.own.entry((class, name)).or_default().push(stored),
            None => stores.foreign.entry(name).or_default().push(stored),
        }
    }

    /// The class whose `self` or `cls` an expression is, by its name alone.
    pub(super) fn own_class(&self, base: ExprAt, scope: Scope) -> Option<ClassId> {
        let ExprKind::Name(name) = self.program.expr(base).kind else { return None };
        let mut at = scope;
        loop {
            let Scope::Function(function) = at else { return None };
            let class = self.program.class_of(function);
            if class.is_some() && self.program.params(function).first().is_some_and(|first| first.name == name) {
                let is_static = self.program.is_decorated(function, |path| path == "builtins.staticmethod");
                return class.filter(|_| !is_static);
            }
            // A nested function sees the instance of the method around it, unless it binds the name itself.
            if self.program.bindings(at, name).next().is_some() {
                return None;
            }
            at = match self.program.function(function).parent {
                Parent::Function(ix) => Scope::Function(function.module.function(ix)),
                Parent::Module | Parent::Class(_) => return None,
            };
        }
    }

    /// Stores of the name to something that is not the `self` of a method.
    pub(super) fn foreign_stores(&self, name: Sym) -> &[Stored] {
        let all = self.stores().foreign.get(&name).map(Vec::as_slice).unwrap_or_default();
        if all.len() > FOREIGN { &[] } else { all }
    }

    /// What a store puts there.
    pub(super) fn stored_value(&self, stored: Stored) -> Gathered {
        match self.program.call(stored.at) {
            Some(_) => self.program.positional(stored.at, 2).map(|value| self.evaluated(value)).unwrap_or_default(),
            None => self.target(stored.at),
        }
    }

    pub(super) fn read_attribute(&self, at: ExprAt, base: ExprAt, name: Sym) -> Gathered {
        if let Some(found) = self.super_attribute(base, name) {
            return found;
        }
        let mut found = Gathered::default();
        for value in self.eval(base) {
            self.attribute_of(*value, at, name, &mut found);
        }
        if found.is_empty() && self.eval(base).is_empty() {
            self.guessed_attribute(at, base, name, &mut found);
        }
        found
    }

    pub(super) fn attribute_of(&self, value: Value, at: ExprAt, name: Sym, found: &mut Gathered) {
        match value {
            Value::Module(module) => self.module_attribute(module, name, found),
            Value::External(path) => {
                if let Some(symbol) = self.program.member(Symbol::External(path), name) {
                    found.extend(self.symbol(symbol).values());
                }
            }
            Value::Class(class) => self.class_attribute(class, name, found),
            Value::Instance(class) if name == self.known.class => found.add(Value::Class(class)),
            Value::Instance(class) => {
                found.extend(self.arena.set(super::SetId(self.solve(Node::Attribute(class, name)))));
            }
            Value::Object(id) => {
                let object = *self.object(id);
                match object.kind {
                    Kind::Instance(class) if name == self.known.class => found.add(Value::Class(class)),
                    Kind::Instance(class) => {
                        found.extend(self.arena.set(super::SetId(self.solve(Node::Attribute(class, name)))));
                    }
                    _ => self.object_attribute(id, &object, at, name, found),
                }
            }
            Value::Function(function) | Value::Bound(function, _) => {
                if self.known.task_calls.contains(&name) {
                    found.add(value);
                } else {
                    let store = Store::Function(function);
                    found.extend(self.arena.set(super::SetId(self.solve(Node::State(store, name)))));
                }
            }
            Value::Inherited(..) | Value::Method(..) | Value::Const(_) => {}
        }
    }

    fn module_attribute(&self, module: ModuleId, name: Sym, found: &mut Gathered) {
        match self.program.member(Symbol::Module(module), name) {
            // All assignments of the module, not only the best one.
            Some(Symbol::Variable(owner, name)) => {
                found.extend(self.symbol(Symbol::Variable(owner, name)).values());
            }
            Some(symbol) => found.extend(self.symbol(symbol).values()),
            None => found.extend(self.arena.set(super::SetId(self.solve(Node::State(Store::Module(module), name))))),
        }
    }

    fn class_attribute(&self, class: ClassId, name: Sym, found: &mut Gathered) {
        match self.program.class_binding(class, name) {
            Some((_, Binding::Function(_))) => {
                if let Some(method) = self.program.method(class, name) {
                    let is_bound = self.program.is_decorated(method, |path| path == "builtins.classmethod");
                    found.add(if is_bound { Value::Bound(method, class) } else { Value::Function(method) });
                }
            }
            Some((owner, _)) => {
                found.extend(self.arena.set(self.name_set(Scope::Class(owner), name)));
                self.instance_stores(class, name, found);
            }
            None => {
                self.instance_stores(class, name, found);
                if found.is_empty() && self.program.external_bases(class).next().is_some() {
                    found.add(Value::Inherited(class, name));
                }
            }
        }
    }

    /// `super().name`.
    fn super_attribute(&self, base: ExprAt, name: Sym) -> Option<Gathered> {
        let (callee, _) = self.program.call(base)?;
        let ExprKind::Name(called) = self.program.expr(callee).kind else { return None };
        if called != self.known.super_ {
            return None;
        }
        let mut scope = self.program.scope_of(base);
        let class = loop {
            match scope {
                Scope::Module(_) => return None,
                Scope::Class(class) => break class,
                Scope::Function(function) => {
                    scope = self.program.module(function.module).scope(self.program.function(function).parent);
                }
            }
        };
        let mut found = Gathered::default();
        for &base in &self.program.lookup_order(class)[1..] {
            if let Some((_, Binding::Function(ix))) = self.own_binding(base, name) {
                found.add(Value::Bound(base.module.function(ix), class));
                return Some(found);
            }
        }
        if self.program.external_bases(class).next().is_some() {
            found.add(Value::Inherited(class, name));
        }
        Some(found)
    }

    fn own_binding(&self, class: ClassId, name: Sym) -> Option<(ClassId, Binding)> {
        self.program.bindings(Scope::Class(class), name).last().map(|binding| (class, binding))
    }

    /// What an attribute of an instance may be.
    pub(super) fn instance_attribute(&self, class: ClassId, name: Sym) -> Gathered {
        let mut found = Gathered::default();
        let mut is_method = false;
        match self.program.class_binding(class, name) {
            Some((_, Binding::Function(_))) => {
                if let Some(method) = self.program.method(class, name) {
                    is_method = true;
                    self.method_value(class, method, &mut found);
                }
            }
            Some((owner, _)) => {
                found.extend(self.arena.set(self.name_set(Scope::Class(owner), name)));
            }
            None => {}
        }
        self.instance_stores(class, name, &mut found);
        if !is_method {
            self.field(class, name, &mut found);
        }
        if found.is_empty() {
            for derived in self.program.nearest_descendants(class, DERIVED) {
                if let Some((owner, binding)) = self.own_binding(derived, name) {
                    match binding {
                        Binding::Function(ix) => self.method_value(derived, owner.module.function(ix), &mut found),
                        _ => found.extend(self.arena.set(self.name_set(Scope::Class(owner), name))),
                    }
                }
                self.own_stores(derived, name, &mut found);
            }
        }
        if found.is_empty() {
            self.delegated(class, name, &mut found);
        }
        if found.is_empty() && self.program.external_bases(class).next().is_some() {
            match self.framework_attribute(class, name) {
                Some(kind) => {
                    let at = self.program.class(class).bases;
                    let tree = self.program.tree(class.module);
                    if let Some(base) = tree[at].first() {
                        found.add(self.derive(kind, class.module.expr(base.value)));
                    }
                }
                None => found.add(Value::Inherited(class, name)),
            }
        }
        found
    }

    /// `def __getattr__(self, name): return getattr(self.inner, name)`.
    fn delegated(&self, class: ClassId, name: Sym, found: &mut Gathered) {
        let Some(method) = self.program.method(class, self.known.getattr) else { return };
        for exit in self.program.exits(method) {
            let Some(value) = exit.value.map(|value| method.module.expr(value)) else { continue };
            let Some((callee, _)) = self.program.call(value) else { continue };
            if self.program.external(callee) != Some("builtins.getattr") {
                continue;
            }
            if let Some(inner) = self.program.positional(value, 0) {
                for &of in self.eval(inner) {
                    let itself = matches!(of, Value::Instance(other) if other == class);
                    if !itself {
                        self.attribute_of(of, value, name, found);
                    }
                }
            }
        }
    }

    /// What a framework puts on an instance.
    fn framework_attribute(&self, class: ClassId, name: Sym) -> Option<Kind> {
        let is_view = || {
            self.program.derives_from(class, |path| {
                path.starts_with("django.views.")
                    || path.starts_with("rest_framework.")
                    || path.starts_with("starlette.endpoints.")
            })
        };
        match self.program.text(name) {
            "request" if is_view() => Some(Kind::Request),
            _ => None,
        }
    }

    fn method_value(&self, class: ClassId, method: FunctionId, found: &mut Gathered) {
        let mut property = false;
        let mut is_static = false;
        for decorator in self.program.decorators_of(method) {
            if let Some(Symbol::External(path)) = self.program.decorator(decorator) {
                let path = self.program.text(path);
                property |= super::catalogue::Known::is_property(path);
                is_static |= path == "builtins.staticmethod";
            } else {
                // `@name.setter` stands on the last definition of a property.
                let setter = matches!(self.program.expr(decorator).kind, ExprKind::Attribute { name, .. } if matches!(self.program.text(name), "setter" | "getter" | "deleter"));
                if setter {
                    let getter = self.getter(class, method);
                    found.extend(self.arena.set(self.returns_set(getter)));
                    return;
                }
            }
        }
        if property {
            found.extend(self.arena.set(self.returns_set(method)));
        } else if is_static {
            found.add(Value::Function(method));
        } else {
            found.add(Value::Bound(method, class));
        }
    }

    /// The first definition of a property.
    fn getter(&self, class: ClassId, setter: FunctionId) -> FunctionId {
        let name = self.program.function(setter).name;
        let owner = self.program.class_of(setter).unwrap_or(class);
        let first = self.program.bindings(Scope::Class(owner), name).next();
        if let Some(Binding::Function(ix)) = first { owner.module.function(ix) } else { setter }
    }

    /// What methods of a class and its bases store, and what others store into instances of it.
    fn instance_stores(&self, class: ClassId, name: Sym, found: &mut Gathered) {
        for &owner in self.program.lookup_order(class) {
            self.own_stores(owner, name, found);
        }
        for &stored in self.foreign_stores(name) {
            let order = self.program.lookup_order(class);
            let ours = self.eval(stored.base).iter().any(|value| match *value {
                Value::Class(of) | Value::Instance(of) => order.contains(&of),
                Value::Object(id) => matches!(self.object(id).kind, Kind::Instance(of) if order.contains(&of)),
                _ => false,
            });
            if ours {
                found.extend(self.stored_value(stored).values());
            }
        }
    }

    fn own_stores(&self, class: ClassId, name: Sym, found: &mut Gathered) {
        for &stored in self.stores().own.get(&(class, name)).into_iter().flatten().take(32) {
            found.extend(self.stored_value(stored).values());
        }
    }

    /// A declared field of a dataclass or model: what its constructor is given.
    fn field(&self, class: ClassId, name: Sym, found: &mut Gathered) {
        if self.program.method(class, self.known.init).is_some() {
            return;
        }
        let position = {
            let mut known = self.lookups.fields.borrow_mut();
            let fields = known.entry(class).or_insert_with(|| self.fields(class));
            fields.get(&name).copied()
        };
        let Some(n) = position else { return };
        let list = self.solve(Node::Callers(self.program.class(class).name));
        for caller in self.caller_list(list).of_class(class) {
            let argument = self.program.argument(caller, n, self.program.text(name));
            if let Some(argument) = argument {
                found.extend(self.eval(argument));
            }
        }
    }

    /// The annotated names of a class and its bases, with their places in the order in which a dataclass takes them.
    fn fields(&self, class: ClassId) -> Fields {
        let mut fields = Fields::default();
        for &owner in self.program.lookup_order(class).iter().rev() {
            let tree = self.program.tree(owner.module);
            for &stmt in &tree[self.program.class(owner).body] {
                if let StmtKind::Assign { targets, annotation: Some(_), .. } = tree[stmt].kind
                    && let [target] = tree[targets]
                    && let ExprKind::Name(name) = tree[target].kind
                {
                    let next = fields.len();
                    fields.entry(name).or_insert(next);
                }
            }
        }
        fields
    }

    /// Attributes of something unknown that are only ever used for one thing: `request.app.state`.
    fn guessed_attribute(&self, at: ExprAt, base: ExprAt, name: Sym, found: &mut Gathered) {
        let is_request = match self.program.expr(base).kind {
            ExprKind::Name(base) => matches!(self.program.text(base), "request" | "req" | "websocket" | "conn"),
            ExprKind::Attribute { name, .. } => self.program.text(name) == "request",
            _ => false,
        };
        match self.program.text(name) {
            "app" if is_request => found.add(self.derive(Kind::App(Framework::Starlette), at)),
            "state" if is_request => found.add(self.derive(Kind::RequestState, at)),
            "session" if is_request => found.add(self.derive(Kind::RequestSession, at)),
            "state" => {
                if let ExprKind::Name(base) = self.program.expr(base).kind
                    && matches!(self.program.text(base), "app" | "application")
                {
                    found.add(self.derive(Kind::AppState, at));
                }
            }
            _ => {}
        }
    }

    /// A literal text among what an expression may be.
    pub(super) fn first_text(&self, at: ExprAt) -> Option<Sym> {
        self.eval(at).iter().find_map(|value| match value {
            Value::Const(Literal::Str(text)) => Some(*text),
            _ => None,
        })
    }
}
