//! Whether anything on the way to an answer may ask who wants to know it. Anything that only looks like it counts: a rule that cries over a door with a lock
//! is worse than one that misses an open one.

use std::cell::{OnceCell, RefCell};

use rustc_hash::{FxHashMap, FxHashSet};

use super::asks::asks;
use crate::entries::Route;
use crate::program::{ExprAt, FunctionId, ModuleId, Program, Scope};
use crate::rules::Cx;
use crate::rules::look::{call_name, is_aside, kinds, spans, texts};
use crate::syntax::{Const, ExprId, ExprKind, StmtId, StmtKind, Sym, Tree, Visit};
use crate::values::Kind;

/// Calls that put applications together.
const WIRING: &[&str] = &[
    "FastAPI",
    "Starlette",
    "APIRouter",
    "Router",
    "Flask",
    "Quart",
    "Blueprint",
    "NinjaAPI",
    "include_router",
    "include",
    "add_middleware",
    "Middleware",
    "mount",
    "Mount",
    "register_blueprint",
    "before_request",
    "add_router",
];

/// Of these, what joins parts whose names say nothing of the others.
const JOINS: &[&str] = &["include_router", "include", "register_blueprint", "add_router", "mount"];

/// Keywords that name a part.
const LABELS: &[&str] = &["router", "prefix", "tags", "name", "namespace", "url_prefix"];

/// Django's own middleware that sounds like a guard and keeps nobody out: it knows who somebody is, or sets headers.
const ONLY_KNOWS: &[&str] = &[
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
];

/// What keeps people out of a program's routes; what holds for all of them is found out once.
pub(super) struct Guards<'a> {
    cx: &'a Cx<'a>,
    /// Whether settings, or what runs around every route, ask.
    all: OnceCell<bool>,
    wired: OnceCell<Wired>,
    /// The functions that were looked through.
    functions: RefCell<FxHashMap<FunctionId, bool>>,
}

/// What puts the application together and asks.
#[derive(Default)]
struct Wired {
    /// Whether one such call stands for all routes.
    all: bool,
    /// The declarations of single routes that such calls stand in.
    own: FxHashSet<ExprAt>,
}

impl<'a> Guards<'a> {
    pub(super) fn new(cx: &'a Cx<'a>) -> Self {
        Self { cx, all: OnceCell::new(), wired: OnceCell::new(), functions: RefCell::default() }
    }

    /// Whether anything from the route to its answer, or around all routes, may ask who somebody is.
    pub(super) fn of(&self, route: &Route) -> bool {
        let program = self.cx.program;
        asks(&route.template)
            || says(program, route.declared)
            || route.class.is_some_and(|class| {
                program.lookup_order(class).iter().any(|&class| of_class(program, class))
                    || program.external_bases(class).any(asks)
            })
            || route.library.is_some()
            || self.any(self.cx.entries.reached_by(program, route))
            || self.around()
            || self.wired(route)
    }

    fn around(&self) -> bool {
        let program = self.cx.program;
        *self.all.get_or_init(|| settings(program) || self.any(self.cx.entries.reached_by_all(program)))
    }

    fn any(&self, functions: Vec<FunctionId>) -> bool {
        let mut known = self.functions.borrow_mut();
        functions
            .into_iter()
            .any(|function| *known.entry(function).or_insert_with(|| of_function(self.cx.program, function)))
    }

    /// Whether what puts the application together speaks of it: `FastAPI(dependencies=[…])`, `app.add_middleware(…)`, `AuthMiddleware(app)`. What stands in
    /// the declaration of another route is that route's.
    fn wired(&self, route: &Route) -> bool {
        let wired = self.wired.get_or_init(|| wired(self.cx));
        wired.all || wired.own.contains(&route.declared)
    }
}

fn wired(cx: &Cx<'_>) -> Wired {
    let program = cx.program;
    let mut declared: FxHashMap<ModuleId, FxHashSet<ExprAt>> = FxHashMap::default();
    for route in &cx.entries.routes {
        declared.entry(route.declared.module).or_default().insert(route.declared);
    }
    let mut found = Wired::default();
    for module in program.modules.iter().filter(|module| !is_aside(module.role)) {
        let scopes = std::iter::once(Scope::Module(module.id))
            .chain(module.tree.functions().map(|(ix, _)| Scope::Function(module.id.function(ix))));
        for site in scopes.flat_map(|scope| program.calls_in(scope)) {
            // What stands before a function, or in its parameters, is that function's.
            let of_function = matches!(module.tree[site.stmt].kind, StmtKind::Function(_));
            if of_function || !wires_a_guard(program, site.at) || !is_wiring(cx, site.at) {
                continue;
            }
            let around = declared.get(&module.id).into_iter().flatten();
            let mut around =
                around.filter(|other| spans(program.expr(**other).span, program.expr(site.at).span)).copied();
            match (around.next(), around.next()) {
                (None, _) => found.all = true,
                (Some(only), None) => {
                    found.own.insert(only);
                }
                _ => {}
            }
        }
        if found.all {
            break;
        }
    }
    found
}

fn of_function(program: &Program, function: FunctionId) -> bool {
    let tree = program.tree(function.module);
    let at = |expr: ExprId| function.module.expr(expr);
    let mut find = Find { program, module: function.module, declares: false, found: false };
    tree.walk(program.function(function).body, &mut find);
    find.found
        || asks(program.text(program.function(function).name))
        || program.decorators_of(function).any(|decorator| says(program, decorator))
        || program.params(function).iter().any(|param| {
            asks(program.text(param.name))
                || [param.annotation, param.default].into_iter().flatten().any(|expr| says(program, at(expr)))
                || param.default.zip(param.annotation).is_some_and(|(default, annotation)| {
                    // `Depends()` takes what the annotation names.
                    is_dependency(program, at(default))
                        && program.positional(at(default), 0).is_none()
                        && is_foreign(program, at(annotation))
                })
        })
}

/// Whether an expression is `Depends(…)` or `Security(…)`.
fn is_dependency(program: &Program, at: ExprAt) -> bool {
    matches!(call_name(program, at), Some("Depends" | "Security"))
}

/// Whether a dependency is something of a library or of a package that is not here: nobody can read what it asks.
fn depends_on_foreign(program: &Program, call: ExprAt) -> bool {
    let on = program.argument(call, 0, "dependency");
    is_dependency(program, call) && on.is_some_and(|on| is_foreign(program, on))
}

fn is_foreign(program: &Program, at: ExprAt) -> bool {
    let at = program.call(at).map_or(at, |(callee, _)| callee);
    program.external(at).is_some_and(|path| !path.starts_with("builtins."))
}

/// What a class says besides its methods: `permission_classes = […]`, decorators, bases.
fn of_class(program: &Program, class: crate::program::ClassId) -> bool {
    let tree = program.tree(class.module);
    let mut find = Find { program, module: class.module, declares: true, found: false };
    for &stmt in &tree[program.class(class).body] {
        if !matches!(tree[stmt].kind, StmtKind::Function(_)) {
            tree.exprs_of(stmt, &mut |expr| tree.walk_expr(expr, &mut find));
        }
    }
    find.found || asks(program.text(program.class(class).name))
}

/// Whether a declaration has a name or text that speaks of who somebody is, be it by where it comes from, or depends on what cannot be read.
fn says(program: &Program, at: ExprAt) -> bool {
    let mut find = Find { program, module: at.module, declares: true, found: false };
    program.tree(at.module).walk_expr(at.expr, &mut find);
    find.found
}

struct Find<'p> {
    program: &'p Program,
    module: ModuleId,
    /// Whether it is a decorator, a default, an annotation or the like, and no code that runs for a request.
    declares: bool,
    found: bool,
}

impl Visit for Find<'_> {
    fn stmt(&mut self, _: &Tree, _: StmtId) -> bool {
        !self.found
    }

    fn expr(&mut self, tree: &Tree, expr: ExprId) -> bool {
        self.found |= match tree[expr].kind {
            ExprKind::Name(name) | ExprKind::Const(Const::Str(name)) => asks(self.program.text(name)),
            ExprKind::Attribute { base, name } => {
                // `request.user`
                let of_request = matches!(tree[base].kind, ExprKind::Name(name) | ExprKind::Attribute { name, .. } if self.program.text(name) == "request");
                asks(self.program.text(name)) || of_request && self.program.text(name) == "user"
            }
            ExprKind::Call { .. } => self.declares && depends_on_foreign(self.program, self.module.expr(expr)),
            _ => false,
        };
        if self.declares && matches!(tree[expr].kind, ExprKind::Name(_) | ExprKind::Attribute { .. }) {
            self.found |= self.program.external(self.module.expr(expr)).is_some_and(asks);
        }
        !self.found
    }
}

/// Whether a call that puts the application together speaks of it. That a router for signing in is included guards nothing else: of what is included only
/// what is said beside its name counts.
fn wires_a_guard(program: &Program, call: ExprAt) -> bool {
    let name = call_name(program, call).unwrap_or_default();
    if !JOINS.contains(&name) {
        return says(program, call);
    }
    let Some((_, args)) = program.call(call) else { return false };
    let is_name = |keyword: Sym| LABELS.contains(&program.text(keyword));
    args.iter()
        .skip_while(|arg| arg.keyword.is_none())
        .filter(|arg| !arg.keyword.is_some_and(is_name))
        .any(|arg| says(program, call.beside(arg.value)))
}

fn is_wiring(cx: &Cx<'_>, call: ExprAt) -> bool {
    let program = cx.program;
    let named = call_name(program, call).is_some_and(|name| WIRING.contains(&name) || name.contains("include"));
    let is_app =
        |at: ExprAt| kinds::objects(cx, at).any(|object| matches!(object.kind, Kind::App(_) | Kind::Router(_)));
    named || program.call(call).is_some_and(|(_, args)| args.iter().any(|arg| is_app(call.beside(arg.value))))
}

/// Whether Django's settings keep people out of every view, or give REST framework a rule for all.
fn settings(program: &Program) -> bool {
    let keeps_out = |name: &str, value: ExprAt| match name {
        "MIDDLEWARE" | "MIDDLEWARE_CLASSES" => {
            texts(program, value).into_iter().any(|text| !ONLY_KNOWS.contains(&text) && asks(text))
        }
        "REST_FRAMEWORK" => texts(program, value)
            .into_iter()
            .any(|text| matches!(text, "DEFAULT_PERMISSION_CLASSES" | "DEFAULT_AUTHENTICATION_CLASSES")),
        _ => false,
    };
    program.modules.iter().filter(|module| !is_aside(module.role)).any(|module| {
        let tree = &module.tree;
        let assigned = tree[tree.body].iter().any(|&stmt| match tree[stmt].kind {
            StmtKind::Assign { targets, value: Some(value), .. } => tree[targets].iter().any(|&target| {
                matches!(tree[target].kind, ExprKind::Name(name) if keeps_out(program.text(name), module.id.expr(value)))
            }),
            StmtKind::AugAssign { target, value, .. } => {
                matches!(tree[target].kind, ExprKind::Name(name) if keeps_out(program.text(name), module.id.expr(value)))
            }
            _ => false,
        });
        assigned
            || program.calls_in(Scope::Module(module.id)).iter().any(|site| {
                call_name(program, site.at) == Some("configure")
                    && program.call(site.at).is_some_and(|(_, args)| {
                        args.iter().any(|arg| {
                            arg.keyword.is_some_and(|name| keeps_out(program.text(name), site.at.beside(arg.value)))
                        })
                    })
            })
    })
}
