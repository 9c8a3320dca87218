//! Elements of containers: what a literal or constructor puts in, and what is put in later under the name that the container is kept by.

use std::mem::discriminant;

use rustc_hash::FxHashMap;

use crate::program::{ClassId, ExprAt, FunctionId, Owner, Scope, Symbol};
use crate::syntax::{ExprKind, Sym};

use super::SetId;
use super::Values;
use super::kind::{How, Kind, Literal, Object, ObjectId, Value};
use super::sets::Gathered;
use super::solve::Node;
use super::state::Store;

/// Elements of a literal, and additions, that are looked at.
const LOOKED_AT: usize = 24;

/// What a container is kept by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Handle {
    Name(Scope, Sym),
    Own(ClassId, Sym),
}

#[derive(Clone, Copy, Debug)]
enum Addition {
    /// One element.
    One(ExprAt),
    /// All elements of another.
    All(ExprAt),
}

/// What is added where, by the name that the container has there.
#[derive(Debug, Default)]
pub(super) struct Growth {
    by_handle: FxHashMap<Handle, Vec<Addition>>,
}

impl Values<'_> {
    pub(super) fn elements_set(&self, value: Value, at: ExprAt) -> SetId {
        let mut found = Gathered::default();
        match value {
            Value::Object(id) => {
                let object = *self.object(id);
                match object.kind {
                    Kind::Container { .. } | Kind::Queue { .. } => return SetId(self.solve(Node::Elements(id))),
                    Kind::PageIterator { operation, .. } => {
                        found.add(self.derive(Kind::Response { operation, page: true, full: false }, at));
                    }
                    Kind::Items { operation, .. } => found.add(self.derive(Kind::Item { operation }, at)),
                    Kind::Records => found.add(self.derive(Kind::Record, at)),
                    Kind::PynamoResults { model, .. } => found.add(Value::Instance(model)),
                    Kind::Generator(function) | Kind::ContextManager(function) => return self.yields_set(function),
                    Kind::Instance(class) => return self.instance_elements(class),
                    _ => {}
                }
            }
            Value::Instance(class) => return self.instance_elements(class),
            _ => {}
        }
        SetId(self.keep(found))
    }

    fn instance_elements(&self, class: ClassId) -> SetId {
        let method = self.known.iterators.iter().find_map(|&name| self.program.method(class, name));
        let Some(method) = method else { return SetId(0) };
        if self.program.function(method).is_generator {
            return self.yields_set(method);
        }
        let mut found = Gathered::default();
        for value in self.returns(method) {
            if let Value::Object(id) = value
                && !matches!(self.object(*id).kind, Kind::Instance(_))
            {
                found.extend(self.arena.set(self.elements_set(*value, self.object(*id).born)));
            }
        }
        SetId(self.keep(found))
    }

    pub(super) fn container_elements(&self, id: ObjectId) -> Gathered {
        let object = *self.object(id);
        let mut found = Gathered::default();
        self.initial_elements(&object, &mut found);
        self.added_elements(&object, &mut found);
        found
    }

    fn initial_elements(&self, object: &Object, found: &mut Gathered) {
        let made = object.made;
        let tree = self.program.tree(made.module);
        if object.how == How::Declared {
            self.declared_elements(made, found);
            return;
        }
        match tree[made.expr].kind {
            ExprKind::List(parts) | ExprKind::Tuple(parts) | ExprKind::Set(parts) => {
                for &part in tree[parts].iter().take(LOOKED_AT) {
                    match tree[part].kind {
                        ExprKind::Starred(inner) => found.extend(self.iterated(made.beside(inner)).values()),
                        _ => found.extend(self.eval(made.beside(part))),
                    }
                }
            }
            ExprKind::Dict(entries) => {
                for entry in tree[entries].iter().take(LOOKED_AT) {
                    match entry.key {
                        Some(_) => found.extend(self.eval(made.beside(entry.value))),
                        None => found.extend(self.iterated(made.beside(entry.value)).values()),
                    }
                }
            }
            ExprKind::Comprehension { element, value, .. } => {
                found.extend(self.eval(made.beside(value.unwrap_or(element))));
            }
            ExprKind::Binary { left, right, .. } => {
                found.extend(self.iterated(made.beside(left)).values());
                found.extend(self.iterated(made.beside(right)).values());
            }
            ExprKind::Call { callee, .. } => self.constructed_elements(made, made.beside(callee), found),
            ExprKind::Subscript { base, .. } => found.extend(self.iterated(made.beside(base)).values()),
            _ => {}
        }
    }

    /// Elements of what `list(x)`, `map(f, x)`, `asyncio.gather(a, b)` and the like make.
    fn constructed_elements(&self, call: ExprAt, callee: ExprAt, found: &mut Gathered) {
        let name = match self.program.expr(callee).kind {
            ExprKind::Name(name) | ExprKind::Attribute { name, .. } => self.program.text(name),
            _ => return,
        };
        let first = self.program.positional(call, 0);
        match name {
            "map" | "imap" | "imap_unordered" | "starmap" => {
                if let Some(function) = first {
                    found.extend(self.called_result(function, call).values());
                }
            }
            "gather" | "wait" => {
                let (_, args) = self.program.call(call).unwrap_or((call, &[]));
                for arg in args.iter().filter(|arg| arg.keyword.is_none()).take(LOOKED_AT) {
                    match self.program.expr(call.beside(arg.value)).kind {
                        ExprKind::Starred(inner) => {
                            for value in self.iterated(call.beside(inner)).values() {
                                self.task_result(*value, found);
                            }
                        }
                        _ => found.extend(self.awaited_result(call.beside(arg.value)).values()),
                    }
                }
            }
            "filter" => {
                if let Some(of) = self.program.positional(call, 1) {
                    found.extend(self.iterated(of).values());
                }
            }
            "search" => {
                // `pages.search("Items[]")`
                if let Some(receiver) = self.program.receiver(call) {
                    for (_, object) in self.objects(receiver) {
                        if let Kind::PageIterator { operation, .. } = object.kind {
                            found.add(self.derive(Kind::Item { operation }, call));
                        }
                    }
                }
            }
            "copy" if first.is_none() => {
                if let Some(receiver) = self.program.receiver(call) {
                    found.extend(self.iterated(receiver).values());
                }
            }
            "from_iterable" => {
                for outer in first.map(|of| self.iterated(of)).unwrap_or_default().values() {
                    found.extend(self.arena.set(self.elements_set(*outer, call)));
                }
            }
            "dict" => {
                let (_, args) = self.program.call(call).unwrap_or((call, &[]));
                for arg in args.iter().filter(|arg| arg.keyword.is_some()).take(LOOKED_AT) {
                    found.extend(self.eval(call.beside(arg.value)));
                }
                if let Some(of) = first {
                    found.extend(self.iterated(of).values());
                }
            }
            "defaultdict" => {
                if let Some(factory) = first {
                    found.extend(self.called_result(factory, call).values());
                }
            }
            "fromkeys" => {
                if let Some(value) = self.program.positional(call, 1) {
                    found.extend(self.eval(value));
                }
            }
            _ => {
                if let Some(of) = first {
                    found.extend(self.iterated(of).values());
                }
            }
        }
    }

    /// What awaiting a value gives.
    pub(super) fn task_result(&self, value: Value, found: &mut Gathered) {
        match value {
            Value::Object(id) => match self.object(id).kind {
                Kind::Coroutine(function) => found.extend(self.arena.set(self.returns_set(function))),
                Kind::Task | Kind::Future => {
                    if let Some(inner) = self.program.positional(self.object(id).made, 0) {
                        found.extend(self.awaited_result(inner).values());
                    }
                }
                _ => found.add(value),
            },
            other => found.add(other),
        }
    }

    fn added_elements(&self, object: &Object, found: &mut Gathered) {
        for at in [object.made, object.born] {
            for handle in self.handles(at) {
                let growth = self.lookups.growth.get_or_init(|| self.find_growth());
                for addition in growth.by_handle.get(&handle).into_iter().flatten().take(LOOKED_AT) {
                    match *addition {
                        Addition::One(value) => found.extend(self.eval(value)),
                        Addition::All(value) => found.extend(self.iterated(value).values()),
                    }
                }
            }
            if object.made == object.born {
                break;
            }
        }
    }

    /// The names that what an expression makes is directly assigned to.
    fn handles(&self, at: ExprAt) -> Vec<Handle> {
        let module = self.program.module(at.module);
        let mut expr = at.expr;
        // `x = x or []`, `x = [] if x is None else x`
        while let Some(parent) = module.links.parent(expr)
            && let ExprKind::Bool { .. } | ExprKind::IfElse { .. } = module.tree[parent].kind
        {
            expr = parent;
        }
        let Some(Owner::Stmt(stmt)) = module.links.owner(expr) else { return Vec::new() };
        let crate::syntax::StmtKind::Assign { targets, .. } = module.tree[stmt].kind else { return Vec::new() };
        let scope = module.scope(module.links.scope(stmt));
        module.tree[targets].iter().filter_map(|&target| self.handle(at.beside(target), scope)).collect()
    }

    fn handle(&self, at: ExprAt, scope: Scope) -> Option<Handle> {
        match self.program.expr(at).kind {
            ExprKind::Name(name) => match self.program.binding_scope(scope, name) {
                Some(owner) => match self.program.resolve_name(owner, name) {
                    Some(Symbol::Variable(module, name)) => Some(Handle::Name(Scope::Module(module), name)),
                    _ => Some(match owner {
                        Scope::Class(class) => Handle::Own(class, name),
                        _ => Handle::Name(owner, name),
                    }),
                },
                None => None,
            },
            ExprKind::Attribute { base, name } => {
                let base = at.beside(base);
                if let Some(class) = self.own_class(base, scope) {
                    return Some(Handle::Own(self.defining(class, name), name));
                }
                match self.program.resolve(at) {
                    Some(Symbol::Variable(module, name)) => Some(Handle::Name(Scope::Module(module), name)),
                    _ => match self.program.resolve(base) {
                        Some(Symbol::Class(class)) => Some(Handle::Own(self.defining(class, name), name)),
                        _ => None,
                    },
                }
            }
            _ => None,
        }
    }

    /// The furthest base that knows an attribute, so that all methods of a family name it alike.
    fn defining(&self, class: ClassId, name: Sym) -> ClassId {
        let knows = |class: &&ClassId| {
            self.program.bindings(Scope::Class(**class), name).next().is_some() || self.stores().has(**class, name)
        };
        self.program.lookup_order(class).iter().rfind(knows).copied().unwrap_or(class)
    }

    fn find_growth(&self) -> Growth {
        let mut growth = Growth::default();
        let mut add = |target: ExprAt, scope: Scope, addition: Addition| {
            if let Some(handle) = self.handle(target, scope) {
                growth.by_handle.entry(handle).or_default().push(addition);
            }
        };
        for (name, position, all) in ADDING {
            for site in self.program.calls_named(name) {
                let (Some(base), Some(value)) =
                    (self.program.receiver(site.at), self.program.positional(site.at, *position))
                else {
                    continue;
                };
                add(base, site.scope, if *all { Addition::All(value) } else { Addition::One(value) });
            }
        }
        for site in self.program.subscript_stores() {
            if let Some(value) = site.value {
                add(site.at.beside(site.base), site.scope, Addition::One(site.at.beside(value)));
            }
        }
        for site in self.program.aug_assigns() {
            add(site.at, site.scope, Addition::All(site.at.beside(site.value)));
        }
        growth
    }

    /// The elements under a key that no literal shows. A dict that holds different things under different names is a record: what stands under a name
    /// in it is not known from what stands under the others.
    pub(super) fn elements_by_key(&self, id: ObjectId, key: Option<Literal>, found: &mut Gathered) {
        let elements = self.arena.set(SetId(self.solve(Node::Elements(id))));
        if let Some(Literal::Str(_)) = key {
            let sort = |value: &Value| match value {
                Value::Object(id) => (discriminant(value), Some(discriminant(&self.object(*id).kind))),
                _ => (discriminant(value), None),
            };
            let mut sorts = elements.iter().filter(|value| !matches!(value, Value::Const(Literal::None))).map(sort);
            if let Some(first) = sorts.next()
                && sorts.any(|other| other != first)
            {
                return;
            }
        }
        found.extend(elements);
    }

    pub(super) fn subscript_object(&self, id: ObjectId, at: ExprAt, index: ExprAt, slice: bool, found: &mut Gathered) {
        let object = *self.object(id);
        match object.kind {
            Kind::Container { .. } => {
                if slice {
                    // A slice is a new list.
                    found.add(self.make(object.kind, at));
                    return;
                }
                let key = self.constant_key(index);
                if let Some(key) = key {
                    if let Some(entry) = self.dict_entry(object.made, key) {
                        found.extend(self.eval(entry));
                        return;
                    }
                    if let Literal::Int(n @ 0..1024) = key
                        && let Some(part) = self.literal_part(object.made, n as u32)
                    {
                        found.extend(self.eval(part));
                        return;
                    }
                }
                self.elements_by_key(id, key, found);
            }
            Kind::Items { operation, .. } => {
                if slice {
                    found.add(Value::Object(id));
                } else {
                    found.add(self.derive(Kind::Item { operation }, at));
                }
            }
            Kind::Records if slice => found.add(Value::Object(id)),
            Kind::Records => found.add(self.derive(Kind::Record, at)),
            Kind::AppConfig | Kind::Settings | Kind::RequestSession | Kind::App(_) => {
                let store = match object.kind {
                    // Whose application a request names is not known.
                    Kind::App(_) => Some(Store::AppConfig),
                    kind => Self::store_of(kind),
                };
                if let (Some(store), Some(key)) = (store, self.text_of(index)) {
                    found.extend(self.arena.set(SetId(self.solve(Node::State(store, key)))));
                }
            }
            Kind::Response { .. } => {
                if let Some(key) = self.text_of(index) {
                    self.response_key(object.kind, key, at, found);
                }
            }
            Kind::Instance(class) => {
                if let Some(method) = self.program.method(class, self.known.getitem) {
                    found.extend(self.returns(method));
                }
            }
            _ => {}
        }
    }
}

/// Methods that add to what they are called on, with the position of what is added, and whether all of its elements are.
const ADDING: &[(&str, usize, bool)] = &[
    ("append", 0, false),
    ("appendleft", 0, false),
    ("add", 0, false),
    ("insert", 1, false),
    ("put", 0, false),
    ("put_nowait", 0, false),
    ("setdefault", 1, false),
    ("extend", 0, true),
    ("extendleft", 0, true),
    ("update", 0, true),
];

impl Values<'_> {
    /// What calling the functions that an expression may be gives.
    pub(super) fn called_result(&self, function: ExprAt, call: ExprAt) -> Gathered {
        let mut found = Gathered::default();
        for value in self.eval(function) {
            self.call_value(*value, call, &mut found);
        }
        found
    }

    pub(super) fn return_of(&self, function: FunctionId, at: ExprAt) -> Gathered {
        let returned = self.arena.set(self.returns_set(function));
        self.reborn(returned, function, at)
    }
}
