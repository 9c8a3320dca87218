//! How long instances live: as long as the places where they are made keep them.

use super::place::DEEPEST;
use super::{HeldBy, Life, Lifetime, Lifetimes};
use crate::program::{ClassId, Scope, StmtAt};
use crate::rules::Spot;
use crate::syntax::ExprKind;
use crate::values::Value;

impl Lifetimes<'_> {
    pub(super) fn class_life(&self, class: ClassId) -> Lifetime {
        let program = self.program;
        let here = Spot::class(program, class);
        if self.entries.is_middleware(class) {
            return Lifetime::held(Life::Process, HeldBy::Instance).because(here, "a middleware, built once");
        }
        let once = |path: &str| {
            matches!(
                path,
                "celery.Task"
                    | "celery.app.task.Task"
                    | "django.apps.AppConfig"
                    | "django.core.management.base.BaseCommand"
                    | "enum.Enum"
            ) || path.ends_with(".BaseHTTPMiddleware")
                || path.ends_with(".MiddlewareMixin")
        };
        if program.derives_from(class, once) {
            return Lifetime::held(Life::Process, HeldBy::Instance).because(here, "one instance for the process");
        }
        let mut longest = Lifetime::default();
        let mut all = vec![class];
        all.extend(program.descendants(class));
        let (mut long, mut short) = (0, 0);
        for class in all {
            if let Some(kept) = self.singleton(class) {
                return Lifetime::held(Life::Process, HeldBy::Instance).because(kept, "the one instance is kept here");
            }
            for site in program.calls_of(Some(program.class(class).name)) {
                let Some((callee, _)) = program.call(site.at) else { continue };
                if self.runs(site.scope) && self.values.eval(callee).contains(&Value::Class(class)) {
                    let found = self.placed(site.at, DEEPEST);
                    if found.life.is_long() {
                        long += 1;
                    } else {
                        short += 1;
                    }
                    if found.life > longest.life {
                        longest = Lifetime { held_by: Some(HeldBy::Instance), ..found };
                    }
                }
            }
            if self.entries.is_view(class) {
                longest = longest.longer(Lifetime::of(Life::Request));
            }
        }
        // One instance of a module among many that come and go says nothing of the others.
        if short > long { Lifetime::default() } else { longest }
    }

    /// Whether instances of a class are made again and again: in code that requests reach, by a framework, or out of a database.
    pub fn is_made_again(&self, class: ClassId) -> bool {
        let program = self.program;
        let mut all = vec![class];
        all.extend(program.descendants(class));
        all.into_iter().any(|class| {
            if program.derives_from(class, |path| {
                matches!(path, "django.db.models.Model" | "pydantic.BaseModel") || path.starts_with("pynamodb.models.")
            }) || self.entries.is_view(class)
            {
                return true;
            }
            program.calls_of(Some(program.class(class).name)).any(|site| {
                let made = program
                    .call(site.at)
                    .is_some_and(|(callee, _)| self.values.eval(callee).contains(&Value::Class(class)));
                let once = || {
                    let at = StmtAt { module: site.at.module, stmt: site.stmt };
                    self.is_behind_state(at, None)
                        || site.scope.function().is_some_and(|function| self.runs_once(function))
                };
                made && self.is_hot(site.scope) && !self.placed(site.at, DEEPEST).life.is_long() && !once()
            })
        })
    }

    /// `cls._instance = …` in `__new__` or a class method: one instance, kept by the class.
    pub(super) fn singleton(&self, class: ClassId) -> Option<Spot> {
        let program = self.program;
        program.methods(class).into_iter().find_map(|method| {
            let first = program.params(method).first()?.name;
            if !matches!(self.text(first), "cls" | "klass" | "mcs") {
                return None;
            }
            let tree = program.tree(method.module);
            let stores = &program.module(method.module).sites.attribute_stores;
            stores.iter().filter(|store| store.scope == Scope::Function(method)).find_map(|store| {
                let base = matches!(tree[store.base].kind, ExprKind::Name(name) if name == first);
                let made = store.value.is_some_and(|value| match tree[value].kind {
                    ExprKind::Call { callee, .. } => match tree[callee].kind {
                        ExprKind::Name(name) => name == first,
                        ExprKind::Attribute { name, .. } => self.text(name) == "__new__",
                        _ => false,
                    },
                    _ => false,
                });
                (base && made).then(|| self.spot(store.at))
            })
        })
    }

    pub(super) fn is_thread_local(&self, class: ClassId) -> bool {
        self.program
            .derives_from(class, |path| matches!(path, "threading.local" | "_thread._local" | "asgiref.local.Local"))
    }
}
