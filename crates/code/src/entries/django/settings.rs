//! Settings: modules that set `ROOT_URLCONF` or `MIDDLEWARE`, and calls of `settings.configure`.

use crate::entries::wiring::{Val, Wiring};
use crate::program::{ModuleId, Role, Symbol};
use crate::syntax::Parent;

/// What one module of settings, or one call, says.
#[derive(Debug)]
pub(in crate::entries) struct Settings {
    /// The module.
    pub(in crate::entries) module: ModuleId,
    /// The urlconf.
    pub(in crate::entries) urlconf: Option<ModuleId>,
    /// Middleware, classes that REST framework applies to every view, context processors, as dotted texts.
    pub(in crate::entries) called: Vec<String>,
}

/// The settings of a program.
pub(in crate::entries) fn find(wiring: &mut Wiring<'_>) -> Vec<Settings> {
    let program = wiring.program;
    let mut all = Vec::new();
    for module in &program.modules {
        let sets = |name: &str| {
            program.names.find(name).is_some_and(|name| !module.bindings.of(Parent::Module, name).is_empty())
        };
        if matches!(module.role, Role::Test | Role::Stub)
            || !(sets("ROOT_URLCONF") || sets("MIDDLEWARE") || sets("MIDDLEWARE_CLASSES"))
        {
            continue;
        }
        let mut value = |name: &str| {
            let name = program.names.find(name)?;
            wiring.module_variable(module.id, name)
        };
        let values = [
            value("ROOT_URLCONF"),
            value("MIDDLEWARE").or_else(|| value("MIDDLEWARE_CLASSES")),
            value("REST_FRAMEWORK"),
            value("TEMPLATES"),
        ];
        all.push(read(wiring, module.id, values));
    }
    let calls: Vec<ModuleId> = program.calls_named("configure").map(|call| call.at.module).collect();
    for module in calls {
        if program.module(module).role != Role::Test {
            wiring.module_env(module);
        }
    }
    let configured: Vec<_> = wiring
        .objects()
        .iter()
        .filter(|object| matches!(object.class, Val::External(path) if wiring.text(path) == "django.conf.settings.configure"))
        .cloned()
        .collect();
    for object in configured {
        let args = object.args.borrow().clone();
        let value = |name: &str| args.keyword(|keyword| wiring.is(keyword, name)).cloned();
        let values = [value("ROOT_URLCONF"), value("MIDDLEWARE"), value("REST_FRAMEWORK"), value("TEMPLATES")];
        let module = object.site.module;
        all.push(read(wiring, module, values));
    }
    all
}

fn read(wiring: &Wiring<'_>, module: ModuleId, [urlconf, middleware, rest, templates]: [Option<Val>; 4]) -> Settings {
    let urlconf = urlconf.and_then(|value| match value {
        Val::Text(text) => module_named(wiring, module, &text.text),
        Val::Module(module) => Some(module),
        _ => None,
    });
    let mut called = Vec::new();
    for value in [middleware, rest, templates].into_iter().flatten() {
        texts(&value, &mut called, 6);
    }
    Settings { module, urlconf, called }
}

/// The module that a dotted text names. Where the folder that names begin at is not the one that Python is started in, the only module whose name ends so.
pub(in crate::entries) fn module_named(wiring: &Wiring<'_>, from: ModuleId, dotted: &str) -> Option<ModuleId> {
    let program = wiring.program;
    if let Some(Symbol::Module(module)) = program.resolve_dotted(from, dotted) {
        return Some(module);
    }
    let ends = |module: &&crate::program::Module| {
        program.text(module.name).strip_suffix(dotted).is_some_and(|before| before.ends_with('.'))
    };
    let mut found = program.modules.iter().filter(ends);
    let first = found.next()?;
    found.next().is_none().then_some(first.id)
}

/// Every text in a value that may be a dotted name.
fn texts(value: &Val, out: &mut Vec<String>, left: u8) {
    let Some(left) = left.checked_sub(1) else { return };
    match value {
        Val::Text(text) if text.text.contains('.') => out.push(text.text.to_string()),
        Val::List(items) => items.borrow().iter().for_each(|item| texts(item, out, left)),
        Val::Dict(entries) => entries.borrow().iter().for_each(|(_, value)| texts(value, out, left)),
        _ => {}
    }
}
