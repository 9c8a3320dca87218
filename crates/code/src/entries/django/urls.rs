//! Patterns of urlconfs, through `include`, lists, tuples and routers, to one template per route.

use rustc_hash::FxHashSet;

use super::settings::module_named;
use super::views;
use super::{Settings, ninja, rest};
use crate::entries::found::Found;
use crate::entries::template;
use crate::entries::wiring::{Object, Val, Wiring};
use crate::program::{ModuleId, Role};
use crate::syntax::Parent;

/// More routes than any site has.
const MOST: usize = 50_000;
/// Includes within includes.
const DEEPEST: usize = 24;

/// What holds on the way down to a pattern.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub(super) prefix: String,
    pub(super) conditional: bool,
    pub(super) detached: bool,
    pub(super) open: Vec<ModuleId>,
}

impl Way {
    pub(super) fn further(&self, part: &str) -> Self {
        Self { prefix: format!("{}{part}", self.prefix), ..self.clone() }
    }
}

/// Every route of the urlconfs that settings name, and of those that nothing includes.
pub(in crate::entries) fn routes(wiring: &mut Wiring<'_>, settings: &[Settings]) -> Vec<Found> {
    let mut urls = Urls { found: Vec::new(), seen: FxHashSet::default() };
    let mut roots: Vec<ModuleId> = settings.iter().filter_map(|settings| settings.urlconf).collect();
    roots.sort_unstable();
    roots.dedup();
    let way = Way { prefix: String::new(), conditional: false, detached: false, open: Vec::new() };
    for &root in &roots {
        urls.module(wiring, root, &way);
    }
    let program = wiring.program;
    let Some(name) = program.names.find("urlpatterns") else { return urls.found };
    let rest: Vec<ModuleId> = program
        .modules
        .iter()
        .filter(|module| {
            !matches!(module.role, Role::Test | Role::Stub) && !module.bindings.of(Parent::Module, name).is_empty()
        })
        .map(|module| module.id)
        .collect();
    // Those that others include are reached from them.
    let before = urls.seen.clone();
    let mut alone: Vec<(ModuleId, Urls)> = Vec::new();
    for &module in rest.iter().filter(|module| !before.contains(module)) {
        let mut own = Urls { found: Vec::new(), seen: FxHashSet::default() };
        own.module(wiring, module, &Way { detached: true, ..way.clone() });
        own.seen.remove(&module);
        alone.push((module, own));
    }
    let included: FxHashSet<ModuleId> = alone.iter().flat_map(|(_, own)| own.seen.iter().copied()).collect();
    for (module, own) in alone {
        if !included.contains(&module) {
            urls.found.extend(own.found);
        }
    }
    urls.found
}

struct Urls {
    found: Vec<Found>,
    seen: FxHashSet<ModuleId>,
}

impl Urls {
    fn module(&mut self, wiring: &mut Wiring<'_>, module: ModuleId, way: &Way) {
        if way.open.contains(&module) || way.open.len() >= DEEPEST || self.found.len() >= MOST {
            return;
        }
        self.seen.insert(module);
        let mut way = way.clone();
        way.open.push(module);
        let Some(name) = wiring.program.names.find("urlpatterns") else { return };
        if let Some(patterns) = wiring.module_variable(module, name) {
            self.patterns(wiring, &patterns, &way);
        }
    }

    fn patterns(&mut self, wiring: &mut Wiring<'_>, patterns: &Val, way: &Way) {
        if self.found.len() >= MOST {
            return;
        }
        match patterns {
            Val::List(items) => {
                let items = items.borrow().clone();
                for item in &items {
                    self.patterns(wiring, item, way);
                }
            }
            Val::Object(object) => self.pattern(wiring, object, way),
            // `urlpatterns = router.urls`
            Val::Member(member) => {
                let (of, name) = &**member;
                if let Val::Object(router) = of
                    && wiring.is(*name, "urls")
                {
                    self.found.extend(rest::router(wiring, router, way));
                }
            }
            _ => {}
        }
    }

    fn pattern(&mut self, wiring: &mut Wiring<'_>, object: &Object, way: &Way) {
        let Val::External(path) = object.class else { return };
        let args = object.args.borrow().clone();
        let way = Way { conditional: way.conditional || object.conditional, ..way.clone() };
        let is_regex = match wiring.text(path).rsplit('.').next().unwrap_or_default() {
            "path" => false,
            "re_path" | "url" => true,
            "i18n_patterns" => {
                let way = way.further("{language_code}/");
                return args.pos.iter().for_each(|pattern| self.patterns(wiring, pattern, &way));
            }
            "format_suffix_patterns" | "decorator_include" | "include" => {
                return args.pos.first().into_iter().for_each(|pattern| self.patterns(wiring, pattern, &way));
            }
            _ => return,
        };
        let route = match args.take(0, |name| matches!(wiring.text(name), "route" | "regex")) {
            Some(Val::Text(text)) => text.text.to_string(),
            // A translated route is what it says in the source; anything else is not known.
            Some(Val::Object(lazy)) => match lazy.args.borrow().pos.first().and_then(Val::as_text) {
                Some(text) => text.to_string(),
                None => "{var}".to_owned(),
            },
            Some(_) => "{var}".to_owned(),
            None => return,
        };
        let Some(view) = args.take(1, |name| wiring.is(name, "view")).cloned() else { return };
        let templates = if is_regex { template::from_regex(&route) } else { vec![template::from_angles(&route)] };
        for template in templates {
            let way = way.further(&template);
            if !self.included(wiring, &view, object, &way) {
                self.found.extend(views::routes(wiring, &view, object.site, &way));
            }
        }
    }

    /// Whether the view is something that holds patterns.
    fn included(&mut self, wiring: &mut Wiring<'_>, view: &Val, pattern: &Object, way: &Way) -> bool {
        match view {
            Val::Object(include) => {
                let Val::External(path) = include.class else { return false };
                if !matches!(wiring.text(path).rsplit('.').next(), Some("include" | "decorator_include")) {
                    return false;
                }
                let args = include.args.borrow().clone();
                let what = args
                    .pos
                    .iter()
                    .find(|arg| !matches!(arg, Val::Function(_)))
                    .or_else(|| args.keyword(|name| wiring.is(name, "arg")))
                    .cloned();
                if let Some(what) = what {
                    self.include(wiring, &what, pattern, way);
                }
                true
            }
            // `(patterns, app_name, namespace)` without `include`, as `admin.site.urls` gives it.
            Val::List(_) => {
                self.include(wiring, view, pattern, way);
                true
            }
            Val::Member(member) => {
                let (of, name) = &**member;
                match of {
                    Val::Object(api) if wiring.is(*name, "urls") => {
                        let found = ninja::routes(wiring, api, way);
                        self.found.extend(found.into_iter().flatten());
                        true
                    }
                    _ => wiring.is(*name, "urls"),
                }
            }
            Val::External(path) => wiring.text(*path).ends_with(".urls"),
            _ => false,
        }
    }

    fn include(&mut self, wiring: &mut Wiring<'_>, what: &Val, pattern: &Object, way: &Way) {
        match what {
            Val::Text(dotted) => {
                if let Some(module) = module_named(wiring, pattern.site.module, &dotted.text) {
                    self.module(wiring, module, way);
                }
            }
            Val::Module(module) => self.module(wiring, *module, way),
            Val::List(items) => {
                let items = items.borrow().clone();
                match items.as_slice() {
                    // `(patterns, app_name)`
                    [first @ (Val::List(_) | Val::Member(_) | Val::Module(_)), Val::Text(_), ..] => {
                        self.include(wiring, first, pattern, way);
                    }
                    [Val::Text(dotted), Val::Text(_)] => self.include(wiring, &Val::Text(dotted.clone()), pattern, way),
                    _ => self.patterns(wiring, what, way),
                }
            }
            other => self.patterns(wiring, other, way),
        }
    }
}
