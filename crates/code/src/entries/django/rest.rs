//! Django REST framework: routers with their view sets, extra actions, and nested routers.

use std::rc::Rc;

use plimsoll_model::Method;

use super::urls::Way;
use super::views::{self, found};
use crate::entries::found::Found;
use crate::entries::template;
use crate::entries::wiring::{Args, ClassVal, Env, Object, Val, Wiring};
use crate::entries::{Framework, Verb};
use crate::names::Sym;
use crate::program::FunctionId;
use crate::syntax::{ExprKind, Parent};

/// Routers within routers.
const DEEPEST: u8 = 8;

/// Actions of the standard routes: for the collection and for one member.
const COLLECTION: [(Method, &str); 2] = [(Method::Get, "list"), (Method::Post, "create")];
const MEMBER: [(Method, &str); 4] = [
    (Method::Get, "retrieve"),
    (Method::Put, "update"),
    (Method::Patch, "partial_update"),
    (Method::Delete, "destroy"),
];

/// An extra action of a view set.
struct Action {
    function: Sym,
    methods: Vec<(Method, Sym)>,
    detail: bool,
    paths: Vec<String>,
    shown: bool,
}

/// The routes of a router at a prefix.
pub(super) fn router(wiring: &mut Wiring<'_>, router: &Object, way: &Way) -> Vec<Found> {
    let mut out = Vec::new();
    registered(wiring, router, way, &mut out, DEEPEST);
    out
}

fn registered(wiring: &mut Wiring<'_>, router: &Object, way: &Way, out: &mut Vec<Found>, left: u8) {
    let Some(left) = left.checked_sub(1) else { return };
    let args = router.args.borrow().clone();
    let way = match nested_prefix(wiring, &args, left) {
        Some(prefix) => way.further(&prefix),
        None => way.clone(),
    };
    let slash = if trailing_slash(wiring, router, &args) { "/" } else { "" };
    let deeds = router.deeds.borrow().clone();
    for deed in deeds {
        let name = wiring.text(deed.name);
        // `router.registry.extend(other.registry)`
        if name == "extend" {
            if let Some(Val::Member(member)) = deed.args.pos.first()
                && let (Val::Object(other), registry) = &**member
                && wiring.is(*registry, "registry")
                && other.id != router.id
            {
                registered(wiring, other, &way, out, left);
            }
            continue;
        }
        if name != "register" {
            continue;
        }
        let way = Way { conditional: way.conditional || deed.conditional, ..way.clone() };
        let prefix = deed.args.take(0, |name| wiring.is(name, "prefix")).cloned();
        let view = deed.args.take(1, |name| wiring.is(name, "viewset")).cloned();
        let prefixes = match &prefix {
            Some(Val::Text(text)) => template::from_regex(&text.text),
            _ => vec!["{var}".to_owned()],
        };
        let Some((class, _)) = view.as_ref().and_then(views::class_of) else { continue };
        for prefix in prefixes {
            let base = way.further(&prefix);
            view_set(wiring, &class, deed.site, &base, slash, prefix.is_empty(), out);
        }
    }
}

/// `NestedSimpleRouter(parent, "domains", lookup="domain")`: the part of the path that the parent's member takes.
fn nested_prefix(wiring: &mut Wiring<'_>, args: &Args, left: u8) -> Option<String> {
    let parent = args.take(0, |name| wiring.is(name, "parent_router")).cloned()?;
    let prefix = args.take(1, |name| wiring.is(name, "parent_prefix")).and_then(Val::as_text)?;
    let lookup = args.take(2, |name| wiring.is(name, "lookup")).and_then(Val::as_text);
    let lookup = lookup.map_or("nested_1_".to_owned(), |lookup| format!("{lookup}_"));
    let Val::Object(parent) = parent else { return None };
    let above = parent.args.borrow().clone();
    let above = left.checked_sub(1).and_then(|left| nested_prefix(wiring, &above, left)).unwrap_or_default();
    let deeds = parent.deeds.borrow().clone();
    let registered = deeds.iter().find(|deed| {
        wiring.is(deed.name, "register") && deed.args.pos.first().and_then(Val::as_text).as_deref() == Some(&*prefix)
    });
    let class =
        registered.and_then(|deed| deed.args.take(1, |name| wiring.is(name, "viewset"))).and_then(views::class_of);
    let field = class.map_or("pk".to_owned(), |(class, _)| lookup_name(wiring, &class));
    Some(format!("{above}{prefix}/{{{lookup}{field}}}/"))
}

fn trailing_slash(wiring: &mut Wiring<'_>, router: &Object, args: &Args) -> bool {
    let name = wiring.program.names.find("trailing_slash");
    let given = args
        .keyword(|keyword| Some(keyword) == name)
        .or_else(|| args.pos.first().filter(|value| matches!(value, Val::Bool(_))))
        .cloned();
    let set = given.or_else(|| router.attrs.borrow().get(&name?).cloned()).or_else(|| match &router.class {
        Val::Class(class) => wiring.class_attribute(class, name?),
        _ => None,
    });
    match set {
        Some(Val::Bool(value)) => value,
        Some(Val::Text(text)) => !text.text.is_empty(),
        _ => true,
    }
}

fn attribute(wiring: &mut Wiring<'_>, class: &Rc<ClassVal>, name: &str) -> Option<Val> {
    let name = wiring.program.names.find(name)?;
    wiring.class_attribute(class, name)
}

fn lookup_name(wiring: &mut Wiring<'_>, class: &Rc<ClassVal>) -> String {
    let named = attribute(wiring, class, "lookup_url_kwarg").and_then(|value| value.as_text());
    let named = named.or_else(|| attribute(wiring, class, "lookup_field").and_then(|value| value.as_text()));
    named.map_or("pk".to_owned(), |name| name.to_string())
}

/// Whether a view takes part in generated documents.
pub(super) fn is_shown(wiring: &mut Wiring<'_>, class: &Rc<ClassVal>) -> bool {
    !matches!(attribute(wiring, class, "schema"), Some(Val::None))
        && !matches!(attribute(wiring, class, "swagger_schema"), Some(Val::None))
}

fn view_set(
    wiring: &mut Wiring<'_>,
    class: &Rc<ClassVal>,
    site: crate::program::ExprAt,
    base: &Way,
    slash: &str,
    bare: bool,
    out: &mut Vec<Found>,
) {
    let shown = is_shown(wiring, class);
    let allowed = views::allowed(wiring, class, None);
    let view = Val::Class(Rc::clone(class));
    // A router without a prefix of its own begins with the member's name, not with a slash.
    let joint = if bare { "" } else { "/" };
    let lookup = format!("{joint}{{{}}}", lookup_name(wiring, class));
    let own_slash = if bare { "" } else { slash };
    let make = |method: Method, action: Sym, way: &Way| Found {
        in_schema: shown,
        verb: Verb::Http(method),
        ..found(method, view.clone(), Some(action), site, way, Framework::Rest, false)
    };
    for (routes, way) in
        [(&COLLECTION[..], base.further(own_slash)), (&MEMBER[..], base.further(&format!("{lookup}{slash}")))]
    {
        for &(method, action) in routes {
            if allowed.contains(&method) && has_action(wiring, class, action) {
                out.push(make(method, wiring.program.names.intern(action), &way));
            }
        }
    }
    for action in actions(wiring, class) {
        for path in &action.paths {
            let below = if action.detail { format!("{lookup}/{path}{slash}") } else { format!("{joint}{path}{slash}") };
            let way = base.further(&below);
            for &(method, function) in action.methods.iter().filter(|(method, _)| allowed.contains(method)) {
                out.push(Found { in_schema: shown && action.shown, ..make(method, function, &way) });
            }
        }
    }
}

fn has_action(wiring: &Wiring<'_>, class: &Rc<ClassVal>, action: &str) -> bool {
    let program = wiring.program;
    if program.names.find(action).is_some_and(|name| program.method(class.id, name).is_some()) {
        return true;
    }
    program.external_bases(class.id).filter_map(|base| base.rsplit('.').next()).any(|base| match base {
        "ModelViewSet" => true,
        "ReadOnlyModelViewSet" => matches!(action, "list" | "retrieve"),
        "ListModelMixin" => action == "list",
        "CreateModelMixin" => action == "create",
        "RetrieveModelMixin" => action == "retrieve",
        "UpdateModelMixin" => matches!(action, "update" | "partial_update"),
        "DestroyModelMixin" => action == "destroy",
        _ => false,
    })
}

/// The methods of a view set that `@action` marks, with those that `@name.mapping.put` adds.
fn actions(wiring: &mut Wiring<'_>, class: &Rc<ClassVal>) -> Vec<Action> {
    let program = wiring.program;
    let mut found: Vec<Action> = Vec::new();
    let mut added: Vec<(Sym, Method, Sym)> = Vec::new();
    for &owner in program.lookup_order(class.id) {
        let env = wiring.class_value(owner).body.clone();
        for function in program.methods(owner) {
            let name = program.function(function).name;
            // A method that a subclass replaces is the subclass's.
            if program.method(class.id, name) != Some(function) {
                continue;
            }
            if let Some(action) = action(wiring, function, &env) {
                found.push(action);
            }
            added.extend(mapping(wiring, function));
        }
    }
    for (to, method, function) in added {
        if let Some(action) = found.iter_mut().find(|action| action.function == to) {
            action.methods.push((method, function));
        }
    }
    found
}

fn action(wiring: &mut Wiring<'_>, function: FunctionId, env: &Rc<Env>) -> Option<Action> {
    let program = wiring.program;
    let tree = program.tree(function.module);
    let name = program.function(function).name;
    for decorator in program.decorators_of(function) {
        let (callee, _) = program.call(decorator).unwrap_or((decorator, &[]));
        let (ExprKind::Name(called) | ExprKind::Attribute { name: called, .. }) = tree[callee.expr].kind else {
            continue;
        };
        let old = match wiring.text(called) {
            "action" => None,
            "detail_route" => Some(true),
            "list_route" => Some(false),
            _ => continue,
        };
        let mut value = |keyword: &str| {
            let at = program.keyword(decorator, keyword)?;
            Some(wiring.expr(at, env))
        };
        let methods = value("methods").or_else(|| {
            let at = program.positional(decorator, 0)?;
            Some(wiring.expr(at, env))
        });
        let mut value = |keyword: &str| {
            let at = program.keyword(decorator, keyword)?;
            Some(wiring.expr(at, env))
        };
        let path = value("url_path").and_then(|value| value.as_text());
        let detail = old.unwrap_or_else(|| value("detail").is_some_and(|value| value.truth() == Some(true)));
        let shown = !matches!(value("schema"), Some(Val::None));
        let methods: Vec<Method> = methods
            .and_then(|value| value.items())
            .into_iter()
            .flatten()
            .filter_map(|name| name.as_text()?.parse().ok())
            .collect();
        let methods = if methods.is_empty() { vec![Method::Get] } else { methods };
        let paths = path.map_or_else(|| vec![wiring.text(name).to_owned()], |path| template::from_regex(&path));
        return Some(Action {
            function: name,
            methods: methods.into_iter().map(|method| (method, name)).collect(),
            detail,
            paths,
            shown,
        });
    }
    None
}

/// `@name.mapping.put`.
fn mapping(wiring: &Wiring<'_>, function: FunctionId) -> Option<(Sym, Method, Sym)> {
    let program = wiring.program;
    let tree = program.tree(function.module);
    if !matches!(tree[function.ix].parent, Parent::Class(_)) {
        return None;
    }
    program.decorators_of(function).find_map(|decorator| {
        let ExprKind::Attribute { base, name: method } = tree[decorator.expr].kind else { return None };
        let ExprKind::Attribute { base, name: mapping } = tree[base].kind else { return None };
        let ExprKind::Name(action) = tree[base].kind else { return None };
        let method = wiring.text(method).parse().ok()?;
        wiring.is(mapping, "mapping").then_some((action, method, program.function(function).name))
    })
}
