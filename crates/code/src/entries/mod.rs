//! Entry points: where the outside gets into a program, and which functions that makes run when.
//!
//! [`find`] gives the route map (METHOD and template → handler, with what its parameters allow), the other ways in (start-up and shutdown, tasks, consumers,
//! commands, threads, middleware, signal receivers) and, per function, the heat: at import, at start-up, per request, in loops without end, in
//! commands, in tests. The route map follows the newest released versions of the frameworks. What cannot be known (a router found by scanning a folder, a
//! prefix that is computed) is left open: a route keeps `{var}` for the unknown part, or is marked detached.

mod asgi;
mod build;
mod callable;
mod depend;
mod django;
mod flask;
mod found;
pub mod heat;
mod lifecycle;
mod params;
mod reach;
pub mod template;
mod wiring;
mod workers;

use std::fmt;

use plimsoll_model::{Method, OperationKey};

use crate::names::Sym;
use crate::program::{ClassId, ExprAt, FunctionId, Program};
use crate::values::Values;
pub use heat::Heat;
pub use params::{Bounds, Declared, Location, RouteParam};
use reach::Reach;

/// What requests a route answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Requests with this method.
    Http(Method),
    /// Connections that become a web socket.
    WebSocket,
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(method) => method.fmt(f),
            Self::WebSocket => f.pad("WEBSOCKET"),
        }
    }
}

/// What a route was declared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Framework {
    /// FastAPI.
    FastApi,
    /// Starlette.
    Starlette,
    /// Flask or Quart.
    Flask,
    /// Django.
    Django,
    /// Django REST framework.
    Rest,
    /// django-ninja.
    Ninja,
    /// AWS Chalice or a resolver of Powertools.
    Lambda,
}

/// METHOD and template with what answers it.
#[derive(Clone, Debug)]
pub struct Route {
    /// The method.
    pub verb: Verb,
    /// The path template in the form of OpenAPI. `{var}` is a part that has no name or is not known.
    pub template: String,
    /// What it was declared with.
    pub framework: Framework,
    /// The function that answers; none where only a library's code does.
    pub handler: Option<FunctionId>,
    /// The class of a class-based view.
    pub class: Option<ClassId>,
    /// The library's class or function that answers where the project has none.
    pub library: Option<Sym>,
    /// Everything of the project that the framework calls for this operation: the handler, its dependencies, the methods of its view that the library calls.
    pub enters: Vec<FunctionId>,
    /// What the request can say, as far as it is declared.
    pub params: Vec<RouteParam>,
    /// Where it is declared.
    pub declared: ExprAt,
    /// Whether the generated OpenAPI document is meant to name it.
    pub in_schema: bool,
    /// Whether it is only there on a condition that the source does not decide.
    pub conditional: bool,
    /// Whether nothing was seen that puts it into an application; its prefix may be incomplete.
    pub detached: bool,
    /// Whether other methods get to the same handler.
    pub any_method: bool,
}

impl Route {
    /// The operation; none for a web socket.
    pub fn operation(&self) -> Option<OperationKey> {
        match self.verb {
            Verb::Http(method) => Some(OperationKey::new(method, self.template.clone())),
            Verb::WebSocket => None,
        }
    }
}

/// How the outside gets to a function that is no route's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// Around every request.
    Middleware,
    /// When a request fails.
    ErrorHandler,
    /// When the application starts; what follows its `yield` when it stops.
    Lifespan,
    /// When the application starts.
    Startup,
    /// When it stops.
    Shutdown,
    /// A task of Celery and the like.
    Task,
    /// For each message, record or event of a queue, stream or socket.
    Consumer,
    /// A handler of AWS Lambda.
    Lambda,
    /// A receiver of signals that requests send.
    SignalReceiver,
    /// In a thread or process of its own.
    Thread,
    /// A loop without end.
    Loop,
    /// A command that somebody starts.
    Command,
    /// A resolver of GraphQL, a template tag, a web socket's consumer: for requests, but not by a route of its own.
    Resolver,
}

impl EntryKind {
    /// When such an entry runs.
    pub fn heat(self) -> Heat {
        match self {
            Self::Middleware | Self::ErrorHandler | Self::SignalReceiver | Self::Resolver => Heat::REQUEST,
            Self::Lifespan => Heat::STARTUP | Heat::SHUTDOWN,
            Self::Startup => Heat::STARTUP,
            Self::Shutdown => Heat::SHUTDOWN,
            Self::Task | Self::Consumer | Self::Lambda | Self::Thread | Self::Loop => Heat::MESSAGE,
            Self::Command => Heat::COMMAND,
        }
    }
}

/// A function that something outside calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// How.
    pub kind: EntryKind,
    /// The function.
    pub function: FunctionId,
}

/// The ways into a program.
#[derive(Debug, Default)]
pub struct Entries {
    /// The route map, by template and method.
    pub routes: Vec<Route>,
    /// The other ways in.
    pub others: Vec<Entry>,
    middleware: Vec<ClassId>,
    reach: Reach,
}

/// Finds the ways into a program.
pub fn find(program: &Program, values: &Values<'_>) -> Entries {
    let mut wiring = wiring::Wiring::new(program);
    let modules = found::modules(&wiring);
    wiring.play_modules(&modules);
    let settings = django::settings(&mut wiring);
    let mut found = django::routes(&mut wiring, &settings);
    found.extend(asgi::routes(&mut wiring));
    found.extend(flask::routes(&mut wiring));
    let routes = found.into_iter().filter_map(|found| build::route(&mut wiring, found)).collect();
    let routes = build::settle(routes);
    let mut gathered = lifecycle::Gathered::default();
    lifecycle::of_objects(&mut wiring, &mut gathered);
    lifecycle::of_settings(&mut wiring, &settings, &mut gathered);
    workers::find(program, values, &mut gathered);
    let lifecycle::Gathered { entries: mut others, mut middleware } = gathered;
    others.sort_unstable();
    others.dedup();
    middleware.sort_unstable();
    middleware.dedup();
    let reach = Reach::new(program, values, &routes, &others);
    Entries { routes, others, middleware, reach }
}

impl Entries {
    /// When a function runs; empty where nothing is known to run it.
    pub fn heat(&self, function: FunctionId) -> Heat {
        self.reach.heat(function)
    }

    /// When an expression is evaluated: as its function, but what follows the `yield` of a lifespan runs at shutdown only.
    pub fn heat_at(&self, program: &Program, at: ExprAt) -> Heat {
        self.reach.heat_at(program, at)
    }

    /// The routes whose operations reach a function, in the order of the route map; a middleware's are all of them.
    pub fn routes_reaching(&self, function: FunctionId) -> impl Iterator<Item = &Route> {
        self.reach.routes_reaching(function).map(|n| &self.routes[n as usize])
    }

    /// Every function that runs for a route, in no order; what runs around all routes is left out.
    pub fn reached_by(&self, program: &Program, route: &Route) -> Vec<FunctionId> {
        self.reach.reached(program, &route.enters)
    }

    /// Every function that runs around all routes, in no order.
    pub fn reached_by_all(&self, program: &Program) -> Vec<FunctionId> {
        self.reach.reached(program, &self.reach.around_all(program))
    }

    /// The operations that reach a function, in the order of the route map; at most so many.
    pub fn operations_reaching(&self, function: FunctionId, most: usize) -> Vec<OperationKey> {
        let mut found: Vec<OperationKey> = Vec::new();
        for operation in self.routes_reaching(function).filter_map(Route::operation) {
            if found.len() >= most {
                break;
            }
            if found.last() != Some(&operation) {
                found.push(operation);
            }
        }
        found
    }

    /// The calls between functions as far as operations reach, in the names that findings use.
    pub fn reach(&self, program: &Program, symbol: impl Fn(FunctionId) -> crate::reach::Symbol) -> crate::reach::Reach {
        self.reach.named(program, &self.routes, symbol)
    }

    /// Whether a framework, not the program, calls a function.
    pub fn is_entry(&self, function: FunctionId) -> bool {
        self.reach.is_entry(function)
    }

    /// Whether the parameters of a function are what a request or event says: a handler, a dependency, a Lambda's handler.
    pub fn takes_input(&self, function: FunctionId) -> bool {
        self.reach.takes_input(function)
    }

    /// Whether a class is a middleware: made once, called for every request.
    pub fn is_middleware(&self, class: ClassId) -> bool {
        self.middleware.binary_search(&class).is_ok()
    }

    /// Whether a class is a view: made for every request.
    pub fn is_view(&self, class: ClassId) -> bool {
        self.routes.iter().any(|route| route.class == Some(class))
    }
}
