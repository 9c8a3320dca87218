//! The wiring of an application, played through.
//!
//! Routers are objects that are made, filled and put together while modules are imported: in loops, by factories, through classes, with prefixes from
//! settings. So the modules that do this are played as Python would run them, with exact values where the source gives them and "anything" where it does
//! not. Library objects only note what is asked of them ([`Deed`]); the frameworks' files read that afterwards.
//!
//! Both sides of an undecided condition are played and what they do is marked. Every run has a budget of steps and a depth, so that no project makes this
//! run for long; what lies beyond is "anything". Nothing is computed but texts, lists, dicts and attributes.

mod calls;
mod exprs;
mod methods;
mod names;
mod stmts;
mod value;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

pub(in crate::entries) use value::{Args, ClassVal, Deed, Env, FunctionVal, Object, Val};

use crate::names::Sym;
use crate::program::{ClassId, Decorated, ExprAt, FunctionId, ModuleId, Program, Role, Scope};
use crate::syntax::{ExprId, Parent};

/// Steps for playing one module or function that was asked for.
const STEPS: u32 = 150_000;
/// Steps for the whole program.
const ALL_STEPS: u32 = 4_000_000;
/// Calls that make an application.
const APPLICATIONS: &[&str] = &["FastAPI", "Starlette", "Flask", "Quart", "NinjaAPI", "Chalice", "OpenAPI"];
/// Calls that make a part of one.
const ROUTERS: &[&str] = &["APIRouter", "Blueprint", "APIBlueprint"];
/// Calls that fill one.
const FILLERS: &[&str] = &["include_router", "add_api_route", "register_blueprint", "add_url_rule"];
/// Decorators that fill one.
const DECORATORS: &[&str] = &["get", "post", "put", "patch", "delete", "route", "api_route", "websocket"];
/// Classes derived from one that are made in its place.
const LEAVES: usize = 8;
/// Calls within calls.
const DEPTH: u32 = 24;

/// A module's state.
#[derive(Debug, Default)]
struct Played {
    env: Option<Rc<Env>>,
    started: bool,
}

/// Plays modules and functions.
pub(in crate::entries) struct Wiring<'p> {
    pub(in crate::entries) program: &'p Program,
    modules: Vec<Played>,
    classes: FxHashMap<ClassId, Rc<ClassVal>>,
    executed: FxHashSet<FunctionId>,
    objects: Vec<Rc<Object>>,
    /// Scopes of calls, so that they can be emptied in the end.
    scopes: Vec<Rc<Env>>,
    known: Known,
    steps: u32,
    all_steps: u32,
    depth: u32,
    conditional: u32,
    object_ids: Cell<u32>,
}

/// Names that the machine itself looks for.
#[derive(Clone, Copy)]
struct Known {
    init: Sym,
    post_init: Sym,
    attrs_post_init: Sym,
    call: Sym,
}

impl<'p> Wiring<'p> {
    pub(in crate::entries) fn new(program: &'p Program) -> Self {
        let modules = program.modules.iter().map(|_| Played::default()).collect();
        let name = |text: &str| program.names.intern(text);
        let known = Known {
            init: name("__init__"),
            post_init: name("__post_init__"),
            attrs_post_init: name("__attrs_post_init__"),
            call: name("__call__"),
        };
        Self {
            program,
            modules,
            classes: FxHashMap::default(),
            executed: FxHashSet::default(),
            objects: Vec::new(),
            scopes: Vec::new(),
            known,
            steps: STEPS,
            all_steps: ALL_STEPS,
            depth: 0,
            conditional: 0,
            object_ids: Cell::new(0),
        }
    }

    /// Library objects, and objects of classes that derive from a library's, in the order in which they were made.
    pub(in crate::entries) fn objects(&self) -> &[Rc<Object>] {
        &self.objects
    }

    /// Whether a function's body was played.
    pub(in crate::entries) fn was_played(&self, function: FunctionId) -> bool {
        self.executed.contains(&function)
    }

    pub(in crate::entries) fn text(&self, sym: Sym) -> &'p str {
        self.program.text(sym)
    }

    pub(in crate::entries) fn is(&self, sym: Sym, text: &str) -> bool {
        self.program.text(sym) == text
    }

    /// The scope of a module, played.
    pub(in crate::entries) fn module_env(&mut self, module: ModuleId) -> Rc<Env> {
        let played = &mut self.modules[module.0 as usize];
        let env = played.env.get_or_insert_with(|| Env::new(Scope::Module(module), None, None)).clone();
        if !std::mem::replace(&mut played.started, true) {
            let body = self.program.tree(module).body;
            self.apart(|wiring| {
                wiring.block(body, &env);
            });
        }
        env
    }

    /// Plays modules, and then what of their functions makes applications and routes but was not called: a factory that a server's command line names, or
    /// a class that another process instantiates.
    pub(in crate::entries) fn play_modules(&mut self, modules: &[ModuleId]) {
        for &module in modules {
            if self.is_application(module) {
                self.module_env(module);
            }
        }
        // Functions that make an application come first: they call those that only fill one.
        for makers in [APPLICATIONS, ROUTERS, FILLERS] {
            let mut functions: Vec<FunctionId> = Vec::new();
            for name in makers {
                let calls = self.program.calls_named(name).filter_map(|call| call.scope.function());
                functions.extend(calls.filter(|function| self.is_application(function.module)));
            }
            if makers == FILLERS {
                functions.extend(self.decorated_inside());
            }
            // What nobody calls calls the others.
            let is_called = |function: &FunctionId| {
                let name = self.program.function(*function).name;
                self.program.calls_of(Some(name)).len() > 0
            };
            functions.sort_by_cached_key(|function| (is_called(function), *function));
            functions.dedup();
            // A function within a function is made by playing the outer one.
            for function in functions {
                let outer = self.outermost(function);
                if !self.was_played(function) && !self.was_played(outer) {
                    self.play_function(outer);
                }
            }
        }
    }

    fn is_application(&self, module: ModuleId) -> bool {
        !matches!(self.program.module(module).role, Role::Test | Role::Stub | Role::Migration | Role::Generated)
    }

    fn outermost(&self, function: FunctionId) -> FunctionId {
        let mut at = function;
        while let Parent::Function(outer) = self.program.function(at).parent {
            at = function.module.function(outer);
        }
        at
    }

    /// Functions in which other functions are decorated as routes.
    fn decorated_inside(&self) -> Vec<FunctionId> {
        let decorators = DECORATORS.iter().flat_map(|name| self.program.decorators_named(name));
        let inside = decorators.filter_map(|decorator| match decorator.on {
            Decorated::Function(function) => match self.program.function(function).parent {
                Parent::Function(outer) => Some(function.module.function(outer)),
                _ => None,
            },
            Decorated::Class(_) => None,
        });
        inside.filter(|function| self.is_application(function.module)).collect()
    }

    /// Plays a function that nobody was seen to call. What it gives back is lost; what it makes is not.
    pub(in crate::entries) fn play_function(&mut self, function: FunctionId) {
        let site = ExprAt { module: function.module, expr: ExprId(0) };
        let env = Env::new(Scope::Module(function.module), None, None);
        let args = self.assumed_arguments(function);
        let Some(class) = self.program.class_of(function) else {
            let value = Val::Function(Rc::new(self.function_value(function, None)));
            self.apart(|wiring| {
                wiring.call(&value, args, site, &env);
            });
            return;
        };
        // What an abstract class leaves open, those that derive from it fill in.
        let derived = self.program.descendants(class);
        let leaves: Vec<ClassId> =
            derived.into_iter().filter(|class| self.program.children(*class).is_empty()).take(LEAVES).collect();
        let classes = if leaves.is_empty() { vec![class] } else { leaves };
        let several = classes.len() > 1;
        for class in classes {
            let class = Val::Class(self.class_value(class));
            let object = self.apart(|wiring| wiring.call(&class, Args::default(), site, &env));
            if self.was_played(function) && !several {
                return;
            }
            let name = self.program.function(function).name;
            let value = self.attribute(&object, name);
            if matches!(value, Val::Function(_) | Val::Bound(_)) {
                let args = args.clone();
                self.apart(|wiring| {
                    wiring.call(&value, args, site, &env);
                });
            }
        }
    }

    /// Arguments for the parameters without a default: objects of their annotated library class.
    fn assumed_arguments(&mut self, function: FunctionId) -> Args {
        let program = self.program;
        let env = Env::new(Scope::Module(function.module), None, None);
        let mut args = Args::default();
        let method = program.class_of(function).is_some();
        for param in program.params(function).iter().skip(usize::from(method)) {
            let (Some(annotation), None) = (param.annotation, param.default) else { continue };
            let class = self.apart(|wiring| wiring.expr(ExprAt { module: function.module, expr: annotation }, &env));
            let library = match &class {
                Val::External(name) => !self.text(*name).starts_with("builtins."),
                Val::Class(class) => program.external_bases(class.id).next().is_some(),
                _ => false,
            };
            if library {
                let site = ExprAt { module: function.module, expr: annotation };
                let object = self.make(class, Args::default(), site, &env);
                object.assumed.set(true);
                args.kw.push((param.name, Val::Object(object)));
            }
        }
        args
    }

    /// With a budget of its own, outside of what is being played.
    fn apart<T>(&mut self, play: impl FnOnce(&mut Self) -> T) -> T {
        let steps = std::mem::replace(&mut self.steps, STEPS.min(self.all_steps));
        let conditional = std::mem::replace(&mut self.conditional, 0);
        let before = self.steps;
        let value = play(self);
        self.all_steps = self.all_steps.saturating_sub(before - self.steps);
        self.steps = steps;
        self.conditional = conditional;
        value
    }

    /// Whether there is budget for one more step.
    fn step(&mut self) -> bool {
        let left = self.steps > 0;
        self.steps = self.steps.saturating_sub(1);
        left
    }

    /// Plays what may or may not happen.
    fn perhaps<T>(&mut self, play: impl FnOnce(&mut Self) -> T) -> T {
        self.conditional += 1;
        let value = play(self);
        self.conditional -= 1;
        value
    }

    fn make(&mut self, class: Val, args: Args, site: ExprAt, env: &Rc<Env>) -> Rc<Object> {
        let id = self.object_ids.get();
        self.object_ids.set(id + 1);
        let object = Rc::new(Object {
            class,
            args: args.into(),
            attrs: RefCell::default(),
            deeds: RefCell::default(),
            site,
            env: Rc::clone(env),
            id,
            assumed: Cell::new(false),
            conditional: self.conditional > 0,
        });
        self.objects.push(Rc::clone(&object));
        object
    }
}

/// Scopes and objects refer to each other; a process that analyses again and again must not keep them.
impl Drop for Wiring<'_> {
    fn drop(&mut self) {
        let modules = self.modules.iter().filter_map(|played| played.env.as_ref());
        let classes = self.classes.values().map(|class| &class.body);
        for env in modules.chain(classes).chain(&self.scopes) {
            env.vars.take();
        }
        for object in &self.objects {
            object.attrs.take();
            object.deeds.take();
            object.args.take();
        }
    }
}
