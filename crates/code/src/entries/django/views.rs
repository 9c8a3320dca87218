//! Views: functions and classes, with the methods that they answer.

use std::rc::Rc;

use plimsoll_model::Method;

use super::rest;
use super::urls::Way;
use crate::entries::found::{Found, endpoint_methods};
use crate::entries::template;
use crate::entries::wiring::{ClassVal, Deed, Env, Val, Wiring};
use crate::entries::{Framework, Verb};
use crate::names::Sym;
use crate::program::{ClassId, ExprAt, FunctionId};
use crate::syntax::{Compare, Const, ExprId, ExprKind, StmtId, Tree, Visit};

/// Methods that library classes answer by themselves, by the last part of their names.
const ANSWERED: &[(&str, &[Method])] = &[
    ("TemplateView", &[Method::Get]),
    ("ListView", &[Method::Get]),
    ("BaseListView", &[Method::Get]),
    ("DetailView", &[Method::Get]),
    ("BaseDetailView", &[Method::Get]),
    ("ArchiveIndexView", &[Method::Get]),
    ("YearArchiveView", &[Method::Get]),
    ("MonthArchiveView", &[Method::Get]),
    ("DayArchiveView", &[Method::Get]),
    ("DateDetailView", &[Method::Get]),
    ("FormView", &[Method::Get, Method::Post, Method::Put]),
    ("CreateView", &[Method::Get, Method::Post, Method::Put]),
    ("UpdateView", &[Method::Get, Method::Post, Method::Put]),
    ("DeleteView", &[Method::Get, Method::Post, Method::Delete]),
    ("RedirectView", &[Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete]),
    ("LoginView", &[Method::Get, Method::Post, Method::Put]),
    ("LogoutView", &[Method::Post]),
    ("CreateAPIView", &[Method::Post]),
    ("ListAPIView", &[Method::Get]),
    ("RetrieveAPIView", &[Method::Get]),
    ("DestroyAPIView", &[Method::Delete]),
    ("UpdateAPIView", &[Method::Put, Method::Patch]),
    ("ListCreateAPIView", &[Method::Get, Method::Post]),
    ("RetrieveUpdateAPIView", &[Method::Get, Method::Put, Method::Patch]),
    ("RetrieveDestroyAPIView", &[Method::Get, Method::Delete]),
    ("RetrieveUpdateDestroyAPIView", &[Method::Get, Method::Put, Method::Patch, Method::Delete]),
    ("SpectacularAPIView", &[Method::Get]),
];

/// What a function view answers.
struct Answers {
    methods: Vec<Method>,
    any: bool,
    rest: bool,
}

/// The routes of a pattern's view.
pub(super) fn routes(wiring: &mut Wiring<'_>, view: &Val, site: ExprAt, way: &Way) -> Vec<Found> {
    match view {
        Val::Deed(deed) if wiring.is(deed.name, "as_view") => class_routes(wiring, deed, site, way),
        Val::Function(function) => {
            let answers = function_methods(wiring, function.id, &function.env);
            function_routes(answers, view, site, way)
        }
        Val::Bound(bound) => {
            let answers = function_methods(wiring, bound.1.id, &bound.1.env);
            function_routes(answers, view, site, way)
        }
        Val::Object(object) => {
            // `login_required(view)`, `csrf_exempt(View.as_view())`: what is wrapped answers; wrappers may narrow the methods.
            let args = object.args.borrow().clone();
            match args
                .pos
                .iter()
                .find(|arg| matches!(arg, Val::Function(_) | Val::Bound(_) | Val::Deed(_) | Val::Object(_)))
            {
                Some(inner) => routes(wiring, inner, site, way),
                None => library(view, site, way),
            }
        }
        Val::External(_) => library(view, site, way),
        // A dotted text, as old versions allowed.
        Val::Text(text) => {
            let Some(symbol) = wiring.program.resolve_dotted(site.module, &text.text) else { return Vec::new() };
            let inner = wiring.symbol(symbol);
            if matches!(inner, Val::Function(_)) { routes(wiring, &inner, site, way) } else { Vec::new() }
        }
        _ => Vec::new(),
    }
}

fn library(view: &Val, site: ExprAt, way: &Way) -> Vec<Found> {
    vec![found(Method::Get, view.clone(), None, site, way, Framework::Django, true)]
}

fn function_routes(answers: Answers, view: &Val, site: ExprAt, way: &Way) -> Vec<Found> {
    let framework = if answers.rest { Framework::Rest } else { Framework::Django };
    let (any, rest) = (answers.any, answers.rest);
    answers
        .methods
        .into_iter()
        .map(|method| Found {
            in_schema: rest,
            any_method: any,
            ..found(method, view.clone(), None, site, way, framework, any)
        })
        .collect()
}

pub(super) fn found(
    method: Method,
    view: Val,
    action: Option<Sym>,
    site: ExprAt,
    way: &Way,
    framework: Framework,
    any: bool,
) -> Found {
    // Generators of OpenAPI documents name the key of a model what it is called in the model, which is `id` unless somebody says so.
    let prefix = if framework == Framework::Rest { way.prefix.replace("{pk}", "{id}") } else { way.prefix.clone() };
    Found {
        verb: Verb::Http(method),
        template: template::rooted(prefix),
        view,
        action,
        framework,
        site,
        dependencies: Vec::new(),
        in_schema: framework == Framework::Rest,
        conditional: way.conditional,
        detached: way.detached,
        any_method: any,
    }
}

fn class_routes(wiring: &mut Wiring<'_>, deed: &Deed, site: ExprAt, way: &Way) -> Vec<Found> {
    let view = deed.receiver.clone();
    let class = match &view {
        Val::Class(class) => Rc::clone(class),
        Val::External(path) => {
            let methods = answered(&[wiring.text(*path)]);
            let is_rest = wiring.text(*path).starts_with("rest_framework.");
            let framework = if is_rest { Framework::Rest } else { Framework::Django };
            let methods = if methods.is_empty() { vec![Method::Get] } else { methods };
            return methods
                .into_iter()
                .map(|method| found(method, view.clone(), None, site, way, framework, false))
                .collect();
        }
        _ => return Vec::new(),
    };
    let framework = framework_of(wiring, &class);
    let shown = framework == Framework::Rest && rest::is_shown(wiring, &class);
    let actions = deed.args.take(0, |name| wiring.is(name, "actions")).cloned();
    let make = |wiring: &Wiring<'_>, method: Method, action: &str| {
        let action = wiring.program.names.find(action);
        Found { in_schema: shown, ..found(method, view.clone(), action, site, way, framework, false) }
    };
    if let Some(Val::Dict(entries)) = actions {
        let entries = entries.borrow().clone();
        return entries
            .iter()
            .filter_map(|(method, action)| Some(make(wiring, method.as_text()?.parse().ok()?, &action.as_text()?)))
            .collect();
    }
    let own = deed.args.keyword(|name| wiring.is(name, "http_method_names")).cloned();
    let allowed = allowed(wiring, &class, own);
    let bases: Vec<String> = wiring.library_classes(&view).into_iter().map(str::to_owned).collect();
    let mut methods = endpoint_methods(wiring, class.id);
    methods.extend(answered(&bases.iter().map(String::as_str).collect::<Vec<_>>()));
    // `dispatch` alone answers whatever it likes.
    let dispatches = methods.is_empty()
        && wiring.program.names.find("dispatch").is_some_and(|name| wiring.program.method(class.id, name).is_some());
    if dispatches {
        let action = wiring.program.names.find("dispatch");
        return vec![Found {
            in_schema: shown,
            ..found(Method::Get, view.clone(), action, site, way, framework, true)
        }];
    }
    methods.sort_unstable();
    methods.dedup();
    methods.retain(|method| !matches!(method, Method::Options | Method::Trace) && allowed.contains(method));
    if methods.contains(&Method::Get) {
        methods.retain(|method| *method != Method::Head);
    }
    methods.into_iter().map(|method| make(wiring, method, &method.as_str().to_lowercase())).collect()
}

pub(super) fn framework_of(wiring: &Wiring<'_>, class: &Rc<ClassVal>) -> Framework {
    let bases = wiring.library_classes(&Val::Class(Rc::clone(class)));
    let is_rest = bases.iter().any(|base| {
        base.starts_with("rest_framework")
            || base.ends_with("APIView")
            || base.ends_with("ViewSet")
            || base.starts_with("drf_")
    });
    if is_rest { Framework::Rest } else { Framework::Django }
}

/// The methods that `http_method_names` lets through.
pub(super) fn allowed(wiring: &mut Wiring<'_>, class: &Rc<ClassVal>, own: Option<Val>) -> Vec<Method> {
    let named = own.or_else(|| {
        let name = wiring.program.names.find("http_method_names")?;
        wiring.class_attribute(class, name)
    });
    match named.and_then(|names| names.items()) {
        Some(names) => names.iter().filter_map(|name| name.as_text()?.parse().ok()).collect(),
        None => Method::ALL.to_vec(),
    }
}

fn answered(bases: &[&str]) -> Vec<Method> {
    let lasts: Vec<&str> = bases.iter().filter_map(|base| base.rsplit('.').next()).collect();
    ANSWERED.iter().filter(|(name, _)| lasts.contains(name)).flat_map(|(_, methods)| methods.iter().copied()).collect()
}

/// The methods that a function view answers, by its decorators, else by what it asks of the request.
fn function_methods(wiring: &mut Wiring<'_>, function: FunctionId, env: &Rc<Env>) -> Answers {
    let program = wiring.program;
    let tree = program.tree(function.module);
    for decorator in program.decorators_of(function) {
        let callee = program.call(decorator).map_or(decorator, |(callee, _)| callee);
        let (ExprKind::Name(name) | ExprKind::Attribute { name, .. }) = tree[callee.expr].kind else { continue };
        let methods = match wiring.text(name) {
            "require_GET" | "require_get" => vec![Method::Get],
            "require_POST" | "require_post" => vec![Method::Post],
            "require_safe" => vec![Method::Get, Method::Head],
            "require_http_methods" | "require_methods" | "allowed_methods" => listed(wiring, decorator, env),
            "api_view" => {
                let methods = listed(wiring, decorator, env);
                let methods = if methods.is_empty() { vec![Method::Get] } else { methods };
                return Answers { methods, any: false, rest: true };
            }
            _ => continue,
        };
        if !methods.is_empty() {
            return Answers { methods, any: false, rest: false };
        }
    }
    let mut asked = Asked { wiring, methods: Vec::new(), only: false };
    tree.walk(tree[function.ix].body, &mut asked);
    let Asked { mut methods, only, .. } = asked;
    if !only {
        methods.push(Method::Get);
    }
    methods.sort_unstable();
    methods.dedup();
    methods.retain(|method| *method != Method::Head);
    Answers { methods, any: !only, rest: false }
}

/// The methods in the list that is the first argument of a decorator.
fn listed(wiring: &mut Wiring<'_>, decorator: ExprAt, env: &Rc<Env>) -> Vec<Method> {
    let first = wiring
        .program
        .argument(decorator, 0, "http_method_names")
        .or_else(|| wiring.program.argument(decorator, 0, "request_method_list"));
    let Some(first) = first else { return Vec::new() };
    let value = wiring.expr(first, env);
    value.items().unwrap_or_default().iter().filter_map(|name| name.as_text()?.parse().ok()).collect()
}

/// Looks for `request.method == "POST"` and the like.
struct Asked<'w, 'p> {
    wiring: &'w Wiring<'p>,
    methods: Vec<Method>,
    /// Whether everything else is turned away.
    only: bool,
}

impl Visit for Asked<'_, '_> {
    fn stmt(&mut self, _: &Tree, _: StmtId) -> bool {
        true
    }

    fn expr(&mut self, tree: &Tree, expr: ExprId) -> bool {
        let ExprKind::Compare { left, rest } = tree[expr].kind else { return true };
        let ExprKind::Attribute { name, .. } = tree[left].kind else { return true };
        let [only] = tree[rest] else { return true };
        if !self.wiring.is(name, "method") {
            return true;
        }
        let text = |expr: ExprId| match tree[expr].kind {
            ExprKind::Const(Const::Str(text)) => self.wiring.text(text).parse::<Method>().ok(),
            _ => None,
        };
        let named: Vec<Method> = match tree[only.right].kind {
            ExprKind::List(parts) | ExprKind::Tuple(parts) | ExprKind::Set(parts) => {
                tree[parts].iter().filter_map(|&part| text(part)).collect()
            }
            _ => text(only.right).into_iter().collect(),
        };
        if matches!(only.op, Compare::NotEq | Compare::NotIn) && !named.is_empty() {
            self.only = true;
        }
        self.methods.extend(named);
        true
    }
}

/// A class of views that the program holds.
pub(super) fn class_of(value: &Val) -> Option<(Rc<ClassVal>, ClassId)> {
    if let Val::Class(class) = value { Some((Rc::clone(class), class.id)) } else { None }
}
