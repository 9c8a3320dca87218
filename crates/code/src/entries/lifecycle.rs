//! What applications call besides routes: middleware, start-up and shutdown, exception handlers, hooks around requests. Read from what was asked of the
//! application objects, and from Django's settings.

use super::build::methods;
use super::callable::Callable;
use super::django::Settings;
use super::wiring::{Object, Val, Wiring};
use super::{Entry, EntryKind};
use crate::program::{ClassId, FunctionId, Symbol};
use crate::syntax::ExprKind;
use std::rc::Rc;

/// Where entries are gathered.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) entries: Vec<Entry>,
    pub(super) middleware: Vec<ClassId>,
}

impl Gathered {
    pub(super) fn add(&mut self, kind: EntryKind, function: FunctionId) {
        self.entries.push(Entry { kind, function });
    }

    fn value(&mut self, wiring: &mut Wiring<'_>, kind: EntryKind, value: &Val) {
        match wiring.callable(value) {
            Some(Callable::Function { id, class, .. }) => {
                self.add(kind, id);
                if kind == EntryKind::Middleware {
                    self.middleware.extend(class);
                }
            }
            Some(Callable::Class(_, class)) => self.class(wiring, kind, class),
            Some(Callable::Library(_)) | None => {}
        }
    }

    fn class(&mut self, wiring: &Wiring<'_>, kind: EntryKind, class: ClassId) {
        if kind == EntryKind::Middleware {
            self.middleware.push(class);
        }
        for function in methods(wiring, class) {
            let name = wiring.text(wiring.program.function(function).name);
            // A middleware is made once, when the application is put together.
            let kind = if kind == EntryKind::Middleware && name == "__init__" { EntryKind::Startup } else { kind };
            let called = match kind {
                EntryKind::Middleware => {
                    name == "__call__" || name == "dispatch" || name == "__acall__" || name.starts_with("process_")
                }
                _ => true,
            };
            if called {
                self.add(kind, function);
            }
        }
    }

    fn list(&mut self, wiring: &mut Wiring<'_>, kind: EntryKind, value: Option<&Val>) {
        for value in value.and_then(Val::items).into_iter().flatten() {
            self.value(wiring, kind, &value);
        }
    }
}

/// Everything that application objects were told to call.
pub(super) fn of_objects(wiring: &mut Wiring<'_>, out: &mut Gathered) {
    let objects: Vec<Rc<Object>> =
        wiring.objects().iter().filter(|object| !wiring.library_classes(&object.class).is_empty()).cloned().collect();
    for object in objects {
        let args = object.args.borrow().clone();
        for (name, value) in &args.kw {
            match wiring.text(*name) {
                "lifespan" => out.value(wiring, EntryKind::Lifespan, value),
                "on_startup" => out.list(wiring, EntryKind::Startup, Some(value)),
                "on_shutdown" => out.list(wiring, EntryKind::Shutdown, Some(value)),
                "middleware" => {
                    for middleware in value.items().into_iter().flatten() {
                        let class = match &middleware {
                            Val::Object(object) => object.args.borrow().take(0, |name| wiring.is(name, "cls")).cloned(),
                            other => Some(other.clone()),
                        };
                        if let Some(class) = class {
                            out.value(wiring, EntryKind::Middleware, &class);
                        }
                    }
                }
                "exception_handlers" => {
                    if let Val::Dict(entries) = value {
                        let handlers: Vec<Val> = entries.borrow().iter().map(|(_, handler)| handler.clone()).collect();
                        for handler in &handlers {
                            out.value(wiring, EntryKind::ErrorHandler, handler);
                        }
                    }
                }
                _ => {}
            }
        }
        let deeds = object.deeds.borrow().clone();
        for deed in deeds {
            let applied = deed.applied.borrow().clone();
            let first = deed.args.pos.first().cloned();
            match wiring.text(deed.name) {
                "on_event" | "add_event_handler" => {
                    let event = first
                        .as_ref()
                        .or_else(|| deed.args.keyword(|name| wiring.is(name, "event_type")))
                        .and_then(Val::as_text);
                    let kind =
                        if event.as_deref() == Some("shutdown") { EntryKind::Shutdown } else { EntryKind::Startup };
                    let functions = if applied.is_empty() {
                        deed.args.take(1, |name| wiring.is(name, "func")).cloned().into_iter().collect()
                    } else {
                        applied
                    };
                    for function in &functions {
                        out.value(wiring, kind, function);
                    }
                }
                "middleware" => {
                    for function in &applied {
                        out.value(wiring, EntryKind::Middleware, function);
                    }
                }
                "add_middleware" => {
                    if let Some(class) = deed.args.take(0, |name| wiring.is(name, "middleware_class")).cloned() {
                        out.value(wiring, EntryKind::Middleware, &class);
                    }
                }
                "exception_handler" | "errorhandler" | "app_errorhandler" => {
                    for function in &applied {
                        out.value(wiring, EntryKind::ErrorHandler, function);
                    }
                }
                "add_exception_handler" | "register_error_handler" => {
                    if let Some(handler) =
                        deed.args.take(1, |name| matches!(wiring.text(name), "handler" | "f")).cloned()
                    {
                        out.value(wiring, EntryKind::ErrorHandler, &handler);
                    }
                }
                "before_request"
                | "after_request"
                | "teardown_request"
                | "teardown_appcontext"
                | "before_app_request"
                | "after_app_request"
                | "teardown_app_request"
                | "context_processor"
                | "app_context_processor"
                | "url_value_preprocessor"
                | "template_filter"
                | "app_template_filter"
                | "user_loader"
                | "request_loader" => {
                    let functions = if applied.is_empty() { first.into_iter().collect() } else { applied };
                    for function in &functions {
                        out.value(wiring, EntryKind::Middleware, function);
                    }
                }
                "before_first_request" | "before_serving" | "while_serving" => {
                    let functions = if applied.is_empty() { first.into_iter().collect() } else { applied };
                    for function in &functions {
                        out.value(wiring, EntryKind::Startup, function);
                    }
                }
                "after_serving" => {
                    let functions = if applied.is_empty() { first.into_iter().collect() } else { applied };
                    for function in &functions {
                        out.value(wiring, EntryKind::Shutdown, function);
                    }
                }
                _ => {}
            }
        }
    }
}

/// What Django's settings name: middleware, and classes of REST framework for all views; and what applications do when they are ready.
pub(super) fn of_settings(wiring: &mut Wiring<'_>, settings: &[Settings], out: &mut Gathered) {
    let program = wiring.program;
    for settings in settings {
        for dotted in &settings.called {
            match program.resolve_dotted(settings.module, dotted) {
                Some(Symbol::Class(class)) => out.class(wiring, EntryKind::Middleware, class),
                // A factory: what it returns is called.
                Some(Symbol::Function(function)) => {
                    out.add(EntryKind::Middleware, function);
                    let tree = program.tree(function.module);
                    for exit in program.exits(function) {
                        let Some(value) = exit.value else { continue };
                        if let ExprKind::Name(name) = tree[value].kind {
                            let inner = tree.functions().find(|(_, inner)| {
                                inner.name == name && inner.parent == crate::syntax::Parent::Function(function.ix)
                            });
                            if let Some((inner, _)) = inner {
                                out.add(EntryKind::Middleware, function.module.function(inner));
                            }
                        }
                    }
                }
                _ => {}
            }
        }
    }
    // Those that settings name, and those that Django finds in `apps.py` by itself.
    for class in program.classes().map(|(class, _)| class).collect::<Vec<_>>() {
        if program.derives_from(class, |base| base == "django.apps.AppConfig" || base == "django.apps.config.AppConfig")
            && let Some(ready) = program.names.find("ready").and_then(|name| program.method(class, name))
        {
            out.add(EntryKind::Startup, ready);
        }
    }
    // Middleware of the old kind, and of tests' settings, by what it derives from.
    for class in program.classes().map(|(class, _)| class).collect::<Vec<_>>() {
        let is_middleware = program
            .derives_from(class, |base| base.ends_with(".MiddlewareMixin") || base.ends_with(".BaseHTTPMiddleware"));
        if is_middleware && !out.middleware.contains(&class) {
            out.class(wiring, EntryKind::Middleware, class);
        }
    }
}
