//! Where a value is put, and how long that lives.

use super::names::Escape;
use super::{HeldBy, Life, Lifetime, Lifetimes};
use crate::program::{ClassId, Decorated, ExitKind, ExprAt, FunctionId, Owner, Program, Scope, StmtAt, Symbol};
use crate::rules::Spot;
use crate::syntax::{ExprId, ExprKind, Parent, StmtKind, Sym};
use crate::values::{How, Kind, ObjectId, Value};

/// How many holders are followed from the inside out. Deeper nesting is unknown.
pub(super) const DEEPEST: u8 = 12;

/// Methods that put their argument into what they are called on.
pub(super) const PUTS: &[&str] = &[
    "append",
    "appendleft",
    "add",
    "insert",
    "extend",
    "extendleft",
    "update",
    "setdefault",
    "put",
    "put_nowait",
    "push",
];

/// Whether the defaults in a class's body are copied for each instance: models of pydantic and the like.
fn program_copies(program: &Program, class: ClassId) -> bool {
    program.derives_from(class, |path| {
        path.starts_with("pydantic")
            || matches!(
                path.rsplit('.').next(),
                Some("BaseModel" | "SQLModel" | "BaseSettings" | "Struct" | "TypedDict" | "NamedTuple")
            )
    })
}

impl Lifetimes<'_> {
    pub(super) fn object_life(&self, object: ObjectId) -> Lifetime {
        let object = *self.values.object(object);
        match object.kind {
            Kind::AppState | Kind::AppConfig | Kind::App(_) | Kind::Router(_) | Kind::Settings => {
                return Lifetime::held(Life::Process, HeldBy::App);
            }
            Kind::Request | Kind::RequestState | Kind::RequestSession => return Lifetime::of(Life::Request),
            _ => {}
        }
        match object.how {
            // What entering a context gives.
            How::Derived
                if matches!(
                    object.kind,
                    Kind::Client { .. } | Kind::Resource { .. } | Kind::HttpClient { .. } | Kind::SqlSession
                ) =>
            {
                self.placed(object.born, DEEPEST)
            }
            How::Declared | How::Derived | How::Library => Lifetime::default(),
            How::Injected => Lifetime::of(Life::Request),
            How::Field => match self.class_around(object.made) {
                Some(class) => self.of_class(class),
                None => Lifetime::default(),
            },
            How::Made => self.placed(object.born, DEEPEST),
        }
    }

    /// The class whose body an expression stands in.
    pub(super) fn class_around(&self, at: ExprAt) -> Option<ClassId> {
        if let Scope::Class(class) = self.program.scope_of(at) { Some(class) } else { None }
    }

    /// How long the value of an expression lives, by where it is put.
    pub(super) fn placed(&self, at: ExprAt, left: u8) -> Lifetime {
        let Some(left) = left.checked_sub(1) else { return Lifetime::default() };
        let module = self.program.module(at.module);
        let scope = self.program.scope_of(at);
        let here = self.spot(at);
        if let Some(function) = self.default_of(at) {
            return match self.outer_life(self.program.function(function).parent, at) {
                Life::Process => Lifetime::held(Life::Process, HeldBy::Default)
                    .because(here, "the default is made once, when the function is defined"),
                life => Lifetime::of(life),
            };
        }
        match scope {
            Scope::Module(_) if self.in_context_var(at) => {
                return Lifetime::held(Life::Process, HeldBy::ContextVar)
                    .because(here, "the default of the variable, one for all requests");
            }
            Scope::Module(_) if self.on_app(at) => {
                return Lifetime::held(Life::Process, HeldBy::App).because(here, "put on the application object");
            }
            Scope::Module(_) => {
                return Lifetime::held(Life::Process, HeldBy::Module).because(here, "made once, at import");
            }
            // Such classes copy their defaults for each instance.
            Scope::Class(class) if program_copies(self.program, class) => return self.of_class(class),
            Scope::Class(class) => {
                return match self.outer_life(self.program.class(class).parent, at) {
                    Life::Process if self.is_thread_local(class) => {
                        Lifetime::held(Life::Thread, HeldBy::ThreadLocal).because(here, "one for each thread")
                    }
                    Life::Process => Lifetime::held(Life::Process, HeldBy::Class)
                        .because(here, "made once, with the class, and shared by all instances"),
                    life => Lifetime::of(life),
                };
            }
            Scope::Function(_) => {}
        }
        let Scope::Function(function) = scope else { return Lifetime::default() };
        // Upwards to where the value ends up.
        let mut child = at.expr;
        loop {
            match module.links.owner(child) {
                Some(Owner::Expr(parent)) => match module.tree[parent].kind {
                    ExprKind::Await(_)
                    | ExprKind::IfElse { .. }
                    | ExprKind::Bool { .. }
                    | ExprKind::Starred(_)
                    | ExprKind::List(_)
                    | ExprKind::Tuple(_)
                    | ExprKind::Set(_)
                    | ExprKind::Dict(_)
                    | ExprKind::Yield(_) => child = parent,
                    ExprKind::Named { target, value } if value == child => {
                        return self
                            .target(function, at.beside(target), left)
                            .longer(self.placed(at.beside(parent), left));
                    }
                    ExprKind::Call { callee, .. } if callee != child => {
                        return self.argument_life(at.beside(parent), at.beside(child), left);
                    }
                    _ => return Lifetime::of(Life::Call),
                },
                Some(Owner::Stmt(stmt)) => {
                    return match module.tree[stmt].kind {
                        StmtKind::Assign { targets, value: Some(value), .. } if value == child => {
                            let all = module.tree[targets].iter().map(|&target| {
                                let target = self.unpacked(at, value, target);
                                self.target(function, at.beside(target), left)
                            });
                            all.fold(Lifetime::of(Life::Call), Lifetime::longer)
                        }
                        StmtKind::AugAssign { target, .. } if target != child => self.holder(at.beside(target), left),
                        StmtKind::Return(_) => self.returned(function, left),
                        StmtKind::Expr(_) => self.yielded(function, at.module.stmt(stmt)),
                        StmtKind::With { items, .. } => {
                            let item = module.tree[items].iter().find(|item| item.context == child);
                            match item.and_then(|item| item.target) {
                                Some(target) => self.target(function, at.beside(target), left),
                                None => Lifetime::of(Life::Call),
                            }
                        }
                        _ => Lifetime::of(Life::Call),
                    };
                }
                None => return Lifetime::default(),
            }
        }
    }

    /// In `a.x, a.y = x, y` the target of this value.
    pub(super) fn unpacked(&self, at: ExprAt, value: ExprId, target: ExprId) -> ExprId {
        let tree = self.program.tree(at.module);
        if let (ExprKind::Tuple(values), ExprKind::Tuple(targets)) = (tree[value].kind, tree[target].kind)
            && let Some(n) = tree[values].iter().position(|&value| value == at.expr)
            && let Some(&target) = tree[targets].get(n)
        {
            return target;
        }
        target
    }

    /// How long what is assigned to a target lives.
    pub(super) fn target(&self, function: FunctionId, target: ExprAt, left: u8) -> Lifetime {
        let module = self.program.module(target.module);
        let here = self.spot(target);
        match module.tree[target.expr].kind {
            ExprKind::Name(name) => {
                let parent = Parent::Function(function.ix);
                if module.bindings.is_global(parent, name) {
                    return Lifetime::held(Life::Process, HeldBy::Module)
                        .because(here, "put into a variable of the module");
                }
                if module.bindings.is_nonlocal(parent, name)
                    && let Some(Scope::Function(outer)) = self.program.binding_scope(Scope::Function(function), name)
                {
                    return self.named(outer, name, left);
                }
                self.named(function, name, left)
            }
            ExprKind::Attribute { base, .. } => {
                self.attribute_life(target.beside(base), left).because(here, "put here")
            }
            ExprKind::Subscript { base, .. } => self.holder(target.beside(base), left),
            _ => Lifetime::of(Life::Call),
        }
    }

    /// How long what a container expression may be lives.
    pub(super) fn holder(&self, at: ExprAt, left: u8) -> Lifetime {
        if left == 0 {
            return Lifetime::default();
        }
        let lives = self.values.objects(at).map(|(id, _)| self.of(id));
        let found = lives.fold(Lifetime::of(Life::Call), Lifetime::longer);
        if found.life.is_long() {
            Lifetime { among_many: true, ..found.because(self.spot(at), "put in here") }
        } else {
            found
        }
    }

    /// How long an attribute of what an expression may be lives.
    pub(super) fn attribute_life(&self, base: ExprAt, left: u8) -> Lifetime {
        if left == 0 {
            return Lifetime::default();
        }
        let all = self.values.eval(base).iter().map(|value| match *value {
            Value::Class(_) => Lifetime::held(Life::Process, HeldBy::Class),
            Value::Module(_) => Lifetime::held(Life::Process, HeldBy::Module),
            Value::Function(_) => Lifetime::held(Life::Process, HeldBy::Module),
            Value::Instance(class) => self.instance_life(class),
            Value::Object(id) => match self.values.object(id).kind {
                Kind::ThreadLocal => Lifetime::held(Life::Thread, HeldBy::ThreadLocal),
                Kind::Instance(class) if self.is_thread_local(class) => self.instance_life(class),
                _ => self.of(id),
            },
            _ => Lifetime::default(),
        });
        all.fold(Lifetime::of(Life::Call), Lifetime::longer)
    }

    /// How long `self` lives, for a class of which nothing more is known than its name.
    pub(super) fn instance_life(&self, class: ClassId) -> Lifetime {
        if self.is_thread_local(class) {
            return Lifetime::held(Life::Thread, HeldBy::ThreadLocal)
                .because(Spot::class(self.program, class), "one for each thread");
        }
        self.of_class(class)
    }

    /// How long the value of a local name lives.
    pub(super) fn named(&self, function: FunctionId, name: Sym, left: u8) -> Lifetime {
        let Some(left) = left.checked_sub(1) else { return Lifetime::default() };
        let escapes = self.escapes(function);
        let mut longest = Lifetime::of(Life::Call);
        for escape in escapes.of(name) {
            let found = match *escape {
                Escape::Use(at) => self.placed(at, left),
                Escape::Captured(inner) => self.captured(inner, left),
            };
            longest = longest.longer(found);
            if longest.life == Life::Process {
                break;
            }
        }
        longest
    }

    /// How long what an inner function closes over lives: as long as the inner function.
    pub(super) fn captured(&self, inner: FunctionId, left: u8) -> Lifetime {
        let Some(left) = left.checked_sub(1) else { return Lifetime::default() };
        let found = self.function_life(inner, left);
        if found.life.is_long() {
            Lifetime { held_by: Some(HeldBy::Closure), ..found }
                .because(Spot::function(self.program, inner), "kept by this function, which uses it")
        } else {
            found
        }
    }

    /// How long a function object that is made inside of another function lives.
    pub(super) fn function_life(&self, inner: FunctionId, left: u8) -> Lifetime {
        let Some(left) = left.checked_sub(1) else { return Lifetime::default() };
        let program = self.program;
        let parent = program.function(inner).parent;
        let Parent::Function(outer) = parent else {
            return Lifetime::of(self.outer_life(parent, inner.module.expr(ExprId(0))));
        };
        let outer = inner.module.function(outer);
        if self.entries.is_entry(inner) {
            // A route inside of a factory lives as long as the application that the factory makes; a thread's function as long as the thread.
            let heat = self.entries.heat(outer);
            let route = self.entries.routes.iter().any(|route| route.enters.contains(&inner));
            let once = self.is_factory(Scope::Function(outer))
                || !heat.is_hot() && (route || heat.is_startup() || heat.is_import());
            return if once { Lifetime::held(Life::Process, HeldBy::Closure) } else { Lifetime::of(Life::Call) };
        }
        let tree = program.tree(inner.module);
        if program.text(program.function(inner).name) == "<lambda>" {
            let whole = program.function(inner).name_span;
            let lambda = (0..tree.expr_count() as u32).map(ExprId).find(|&expr| {
                tree[expr].span == whole && matches!(tree[expr].kind, ExprKind::Lambda(ix) if ix == inner.ix)
            });
            return lambda.map(|lambda| self.placed(inner.module.expr(lambda), left)).unwrap_or_default();
        }
        self.named(outer, program.function(inner).name, left)
    }

    /// How long what a function returns lives.
    pub(super) fn returned(&self, function: FunctionId, left: u8) -> Lifetime {
        let Some(left) = left.checked_sub(1) else { return Lifetime::default() };
        let program = self.program;
        let here = Spot::function(program, function);
        if self.is_cached(function) {
            return Lifetime::held(Life::Process, HeldBy::Module).because(here, "kept by the cache of this function");
        }
        if program.is_decorated(function, |path| {
            matches!(path, "functools.cached_property" | "django.utils.functional.cached_property")
        }) && let Some(class) = program.class_of(function)
        {
            return self.of_class(class);
        }
        let mut longest = Lifetime::of(Life::Call);
        let name = program.function(function).name;
        for site in program.decorators_named(program.text(name)) {
            if program.decorator(site.at) == Some(Symbol::Function(function)) {
                let life = match site.on {
                    Decorated::Function(on) => self.outer_life(program.function(on).parent, site.at),
                    Decorated::Class(on) => self.outer_life(program.class(on).parent, site.at),
                };
                if life == Life::Process {
                    return Lifetime::held(life, HeldBy::Closure)
                        .because(self.spot(site.at), "kept by what it decorates");
                }
            }
        }
        for caller in self.values.callers(function) {
            longest = longest.longer(self.placed(caller.call, left));
            if longest.life == Life::Process {
                return longest;
            }
        }
        // `def memo(size): def decorate(function): def wrapper(…)`: what the inner one returns is returned by the decorator.
        if let Parent::Function(outer) = program.function(function).parent {
            longest = longest.longer(self.named(function.module.function(outer), name, left));
        }
        longest
    }

    pub(super) fn yielded(&self, function: FunctionId, stmt: StmtAt) -> Lifetime {
        let yields =
            self.program.exits(function).iter().any(|exit| exit.kind == ExitKind::Yield && exit.stmt == stmt.stmt);
        if yields && self.entries.heat(function).is_startup() {
            return Lifetime::held(Life::Process, HeldBy::App);
        }
        Lifetime::of(if yields { Life::Request } else { Life::Call })
    }

    /// Whether the results of a function are kept by a cache in front of it.
    pub fn is_cached(&self, function: FunctionId) -> bool {
        self.program.is_decorated(function, |path| {
            matches!(
                path,
                "functools.cache"
                    | "functools.lru_cache"
                    | "async_lru.alru_cache"
                    | "cachetools.cached"
                    | "cachetools.func.lru_cache"
            )
        })
    }

    /// How long what is defined in a scope lives: as long as the process, unless a request executes one of the functions around it.
    pub(super) fn outer_life(&self, mut parent: Parent, at: ExprAt) -> Life {
        let tree = self.program.tree(at.module);
        loop {
            parent = match parent {
                Parent::Module => return Life::Process,
                Parent::Class(ix) => tree[ix].parent,
                Parent::Function(ix) => {
                    let function = at.module.function(ix);
                    let heat = self.entries.heat(function);
                    if heat.is_hot() || !heat.is_startup() && !heat.is_import() {
                        return Life::Call;
                    }
                    tree[ix].parent
                }
            };
        }
    }
}
