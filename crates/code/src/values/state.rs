//! Attributes and keys of things that are no instances of a class: modules, functions, `app.state`, `request.state`, Flask's `g` and `config`, Django's
//! settings, thread-locals. What is stored anywhere in the program under the name is joined.

use rustc_hash::FxHashMap;

use crate::program::{Binding, ExprAt, FunctionId, ModuleId, Role, Scope, Symbol};
use crate::syntax::{Const, ExprKind, StmtKind, Sym};

use super::Values;
use super::attribute::Stored;
use super::kind::{Framework, Kind, Literal, ObjectId, Value};
use super::sets::Gathered;

/// Stores under one key that are looked at.
const KEYED: usize = 64;

/// Something that attributes or keys are stored into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Store {
    /// A module, from outside of it.
    Module(ModuleId),
    /// A function.
    Function(FunctionId),
    /// `app.state`.
    AppState,
    /// `request.state`, `g`.
    RequestState,
    /// A request.
    Request,
    /// `request.session`, under constant keys.
    Session,
    /// Flask's `app.config` and `app.extensions`, aiohttp's application, under constant keys.
    AppConfig,
    /// Django's settings.
    Settings,
    /// Another object: a thread-local, a container under a constant key.
    Object(ObjectId),
}

impl Values<'_> {
    pub(super) fn stored(&self, store: Store, name: Sym) -> Gathered {
        let mut found = Gathered::default();
        if store == Store::Settings {
            self.setting(name, &mut found);
            return found;
        }
        for &stored in self.foreign_stores(name) {
            if self.goes_into(stored, store) {
                found.extend(self.stored_value(stored).values());
            }
        }
        match store {
            Store::AppConfig | Store::Session => self.keyed(store, name, &mut found),
            Store::RequestState | Store::AppState => self.lifespan_state(name, &mut found),
            Store::Object(id) => self.derived_class_state(id, name, &mut found),
            _ => {}
        }
        found
    }

    fn goes_into(&self, stored: Stored, store: Store) -> bool {
        self.eval(stored.base).iter().any(|value| match (*value, store) {
            (Value::Module(module), Store::Module(wanted)) => module == wanted,
            (Value::Function(function), Store::Function(wanted)) => function == wanted,
            (Value::Object(id), Store::Object(wanted)) => id == wanted,
            (Value::Object(id), _) => Self::store_of(self.object(id).kind) == Some(store),
            _ => false,
        })
    }

    /// The store that an object of a kind is.
    pub(super) fn store_of(kind: Kind) -> Option<Store> {
        match kind {
            Kind::AppState => Some(Store::AppState),
            Kind::RequestState => Some(Store::RequestState),
            Kind::AppConfig | Kind::App(Framework::Aiohttp) => Some(Store::AppConfig),
            Kind::Request => Some(Store::Request),
            Kind::RequestSession => Some(Store::Session),
            Kind::Settings => Some(Store::Settings),
            _ => None,
        }
    }

    /// `app.config["NAME"] = …`, `app.extensions["name"] = …`, `app.config.from_mapping(NAME=…)`.
    fn keyed(&self, store: Store, name: Sym, found: &mut Gathered) {
        let is_store = |kind: Kind| Self::store_of(kind) == Some(store);
        let keys = self.lookups.keys.get_or_init(|| self.constant_keys());
        for &(base, value) in keys.get(&name).into_iter().flatten().take(KEYED) {
            if self.is(base, is_store) || (store == Store::AppConfig && self.is_called_app(base)) {
                found.extend(self.eval(value));
            }
        }
        for method in ["from_mapping", "update", "setdefault"] {
            for site in self.program.calls_named(method) {
                let Some(base) = self.program.receiver(site.at) else { continue };
                let keyword = self.program.keyword(site.at, self.program.text(name));
                if let Some(value) = keyword
                    && self.is(base, is_store)
                {
                    found.extend(self.eval(value));
                }
            }
        }
    }

    /// Stores under constant texts: what is indexed, and the value.
    fn constant_keys(&self) -> FxHashMap<Sym, Vec<(ExprAt, ExprAt)>> {
        let mut keys: FxHashMap<Sym, Vec<(ExprAt, ExprAt)>> = FxHashMap::default();
        for site in self.program.subscript_stores() {
            let index = site.at.beside(site.index);
            let key = match self.program.expr(index).kind {
                ExprKind::Const(Const::Str(key)) => Some(key),
                ExprKind::Name(_) => self.named_text(index),
                _ => None,
            };
            if let (Some(key), Some(value)) = (key, site.value) {
                keys.entry(key).or_default().push((site.at.beside(site.base), site.at.beside(value)));
            }
        }
        keys
    }

    /// The text of a name that is a constant of a module, without asking what it is.
    fn named_text(&self, at: ExprAt) -> Option<Sym> {
        let Some(Symbol::Variable(module, name)) = self.program.resolve(at) else { return None };
        let mut bindings = self.program.bindings(Scope::Module(module), name);
        let (Some(Binding::Target(target)), None) = (bindings.next(), bindings.next()) else { return None };
        let stmt = self.program.module(module).links.stmt_of(target)?;
        match self.program.tree(module)[stmt].kind {
            StmtKind::Assign { value: Some(value), .. } => match self.program.tree(module)[value].kind {
                ExprKind::Const(Const::Str(text)) => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    /// Something unknown that is called `app`: a parameter of a function that a framework starts.
    fn is_called_app(&self, at: ExprAt) -> bool {
        let ExprKind::Name(name) = self.program.expr(at).kind else { return false };
        matches!(self.program.text(name), "app" | "application") && self.eval(at).is_empty()
    }

    /// A lifespan that yields a dict puts its entries on the state of requests.
    fn lifespan_state(&self, name: Sym, found: &mut Gathered) {
        let sites = ["FastAPI", "Starlette"].into_iter().flat_map(|app| self.program.calls_named(app));
        for site in sites {
            let Some(lifespan) = self.program.keyword(site.at, "lifespan") else { continue };
            for value in self.eval(lifespan) {
                let Value::Function(function) = *value else { continue };
                for exit in self.program.exits(function) {
                    let Some(value) = exit.value else { continue };
                    if let ExprKind::Dict(_) = self.program.expr(function.module.expr(value)).kind
                        && let Some(entry) = self.dict_entry(function.module.expr(value), Literal::Str(name))
                    {
                        found.extend(self.eval(entry));
                    }
                }
            }
        }
    }

    /// A thread-local of a class of its own holds what the class says.
    fn derived_class_state(&self, id: ObjectId, name: Sym, found: &mut Gathered) {
        if let Kind::Instance(class) = self.object(id).kind {
            found.extend(self.attribute(class, name));
        }
    }

    /// The entry of a dict literal or of a call of `dict` under a constant key.
    pub(super) fn dict_entry(&self, dict: ExprAt, key: Literal) -> Option<ExprAt> {
        match self.program.expr(dict).kind {
            ExprKind::Dict(entries) => {
                let tree = self.program.tree(dict.module);
                let entry = tree[entries].iter().rev().find(|entry| {
                    entry.key.is_some_and(|at| match tree[at].kind {
                        ExprKind::Const(value) => super::expr::literal(value) == Some(key),
                        _ => false,
                    })
                })?;
                Some(dict.beside(entry.value))
            }
            ExprKind::Call { .. } => match key {
                Literal::Str(name) => self.program.keyword(dict, self.program.text(name)),
                _ => None,
            },
            _ => None,
        }
    }

    /// A setting of Django: from the modules that hold settings, or from `settings.configure(NAME=…)`.
    fn setting(&self, name: Sym, found: &mut Gathered) {
        for &module in self.settings_modules() {
            if self.program.member(Symbol::Module(module), name).is_some() {
                found.extend(self.arena.set(self.name_set(Scope::Module(module), name)));
                if found.is_empty()
                    && let Some(symbol) = self.program.member(Symbol::Module(module), name)
                {
                    found.extend(self.symbol(symbol).values());
                }
            }
        }
        for site in self.program.calls_named("configure") {
            if let Some(value) = self.program.keyword(site.at, self.program.text(name))
                && let Some(base) = self.program.receiver(site.at)
                && self.is(base, |kind| kind == Kind::Settings)
            {
                found.extend(self.eval(value));
            }
        }
    }

    /// The modules that hold Django's settings: what `DJANGO_SETTINGS_MODULE` is set to, else those that are called so.
    pub fn settings_modules(&self) -> &[ModuleId] {
        self.lookups.settings.get_or_init(|| {
            let mut found: Vec<ModuleId> = Vec::new();
            let named = |at: ExprAt| {
                let text = match self.program.expr(at).kind {
                    ExprKind::Const(Const::Str(text)) => self.program.text(text),
                    _ => return None,
                };
                self.program.find_module(at.module, text)
            };
            let is_key = |at: ExprAt| match self.program.expr(at).kind {
                ExprKind::Const(Const::Str(text)) => self.program.text(text) == "DJANGO_SETTINGS_MODULE",
                _ => false,
            };
            for site in self.program.calls_named("setdefault") {
                if let (Some(key), Some(value)) =
                    (self.program.positional(site.at, 0), self.program.positional(site.at, 1))
                    && is_key(key)
                {
                    found.extend(named(value));
                }
            }
            for site in self.program.subscript_stores() {
                if let Some(value) = site.value
                    && is_key(site.at.beside(site.index))
                {
                    found.extend(named(site.at.beside(value)));
                }
            }
            if found.is_empty() {
                let is_settings = |name: &str| {
                    name == "settings"
                        || name.ends_with(".settings")
                        || name.contains(".settings.")
                        || name.starts_with("settings.")
                };
                let modules = self.program.modules.iter().filter(|module| module.role != Role::Test);
                found.extend(
                    modules.filter(|module| is_settings(self.program.text(module.name))).map(|module| module.id),
                );
            }
            found.sort_unstable();
            found.dedup();
            found
        })
    }
}
