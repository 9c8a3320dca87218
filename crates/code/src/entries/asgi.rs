//! FastAPI and Starlette: which routes the routers and applications of a wiring answer, once they are included and mounted.
//!
//! A router counts for what was added to it at any time (since FastAPI 0.115 inclusion is by reference). Routers that nothing includes are kept and marked.

use std::rc::Rc;

use plimsoll_model::Method;

use super::found::{Found, endpoint_methods};
use super::template;
use super::wiring::{Args, Deed, Object, Val, Wiring};
use super::{Framework, Verb};
use crate::program::ExprAt;

/// More routes than any application has.
const MOST: usize = 50_000;
/// Routers within routers.
const DEEPEST: usize = 24;

/// What an object is for the routing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    FastApi,
    Starlette,
    ApiRouter,
    Router,
    /// An object of a library that is not known, whose methods look like a router's.
    Maybe,
}

/// What holds on the way down to a router.
#[derive(Clone, Debug)]
struct Way {
    prefix: String,
    dependencies: Vec<Val>,
    in_schema: bool,
    conditional: bool,
    detached: bool,
    open: Vec<u32>,
}

/// Every route of every application and every router on its own.
pub(super) fn routes(wiring: &mut Wiring<'_>) -> Vec<Found> {
    let objects: Vec<Rc<Object>> =
        wiring.objects().iter().filter(|object| part(wiring, object).is_some()).cloned().collect();
    let mut all = All { wiring, found: Vec::new(), within: Vec::new() };
    let apps = |all: &All<'_, '_>, object: &Object| {
        matches!(part(all.wiring, object), Some(Part::FastApi | Part::Starlette)) && !object.assumed.get()
    };
    // Applications first, so that what they hold is known when routers are looked at.
    for object in &objects {
        if apps(&all, object) {
            all.object(object, &Way::new());
        }
    }
    // An application that another one mounts is not one by itself.
    let within = all.within.clone();
    all.found.retain(|found| found.from.is_none_or(|from| !within.contains(&from)));
    for object in &objects {
        if !apps(&all, object)
            && !all.within.contains(&object.id)
            && (part(all.wiring, object) != Some(Part::Maybe) || looks_routed(all.wiring, object))
        {
            let way = Way { detached: true, ..Way::new() };
            all.object(object, &way);
        }
    }
    all.found.into_iter().map(|found| found.found).collect()
}

impl Way {
    fn new() -> Self {
        Self {
            prefix: String::new(),
            dependencies: Vec::new(),
            in_schema: true,
            conditional: false,
            detached: false,
            open: Vec::new(),
        }
    }
}

/// What an object is for the routing, by the library classes that it comes from.
pub(super) fn part(wiring: &Wiring<'_>, object: &Object) -> Option<Part> {
    wiring.library_classes(&object.class).iter().find_map(|class| {
        let (root, last) = (class.split('.').next().unwrap_or_default(), class.rsplit('.').next().unwrap_or_default());
        match (root, last) {
            (
                "django"
                | "rest_framework"
                | "rest_framework_nested"
                | "ninja"
                | "ninja_extra"
                | "flask"
                | "builtins"
                | "celery",
                _,
            ) => None,
            (_, last) if last.ends_with("FastAPI") => Some(Part::FastApi),
            ("starlette", "Starlette") => Some(Part::Starlette),
            (_, last) if last.ends_with("APIRouter") => Some(Part::ApiRouter),
            ("starlette" | "fastapi", "Router") => Some(Part::Router),
            (_, last) if last.ends_with("Router") && last != "Router" => Some(Part::Maybe),
            _ => None,
        }
    })
}

/// Whether an object of an unknown library was used as a router: a decorator with a path stands on a function.
fn looks_routed(wiring: &Wiring<'_>, object: &Object) -> bool {
    object.deeds.borrow().iter().any(|deed| {
        let path = deed.args.pos.first().and_then(Val::as_text);
        Method::ALL.iter().any(|method| method.as_str().eq_ignore_ascii_case(wiring.text(deed.name)))
            && path.is_some_and(|path| path.starts_with('/') || path.is_empty())
            && !deed.applied.borrow().is_empty()
    })
}

struct From {
    from: Option<u32>,
    found: Found,
}

struct All<'w, 'p> {
    wiring: &'w mut Wiring<'p>,
    found: Vec<From>,
    within: Vec<u32>,
}

impl All<'_, '_> {
    fn keyword<'a>(&self, args: &'a Args, name: &str) -> Option<&'a Val> {
        args.keyword(|keyword| self.wiring.is(keyword, name))
    }

    fn object(&mut self, object: &Rc<Object>, way: &Way) {
        if way.open.contains(&object.id) || way.open.len() >= DEEPEST || self.found.len() >= MOST {
            return;
        }
        let kind = part(self.wiring, object);
        let mut way = way.clone();
        way.open.push(object.id);
        way.conditional |= object.conditional;
        let args = object.args.borrow().clone();
        if matches!(kind, Some(Part::ApiRouter | Part::Maybe)) {
            Self::lengthen(&mut way, self.keyword(&args, "prefix"));
        }
        way.dependencies.extend(self.keyword(&args, "dependencies").and_then(Val::items).into_iter().flatten());
        way.in_schema &= self.shown(&args);
        let routes = self.keyword(&args, "routes").or_else(|| args.pos.first().filter(|_| kind == Some(Part::Router)));
        let framework = if matches!(kind, Some(Part::FastApi | Part::ApiRouter)) {
            Framework::FastApi
        } else {
            Framework::Starlette
        };
        if let Some(routes) = routes.cloned() {
            self.list(&routes, &way, framework);
        }
        let deeds = object.deeds.borrow().clone();
        for deed in deeds {
            // `app.webhooks.post(…)` describes what the application sends, not what it answers.
            if matches!(deed.receiver, Val::Object(_)) {
                self.deed(object, kind, &deed, &way);
            }
        }
    }

    /// Remembers that something is part of something else, and not of itself.
    fn contain(&mut self, part: &Rc<Object>, way: &Way) {
        if !way.open.contains(&part.id) {
            self.within.push(part.id);
        }
    }

    /// A list of routes, or the routes of another router.
    fn list(&mut self, routes: &Val, way: &Way, framework: Framework) {
        if let Some(routes) = routes.items() {
            self.listed(&routes, way, framework);
        } else if let Some(router) = self.routes_of(routes) {
            self.contain(&router, way);
            self.object(&router, way);
        }
    }

    /// The router in `router.routes`.
    fn routes_of(&self, value: &Val) -> Option<Rc<Object>> {
        let Val::Member(member) = value else { return None };
        match &**member {
            (Val::Object(router), name) if self.wiring.is(*name, "routes") => Some(Rc::clone(router)),
            _ => None,
        }
    }

    fn deed(&mut self, object: &Rc<Object>, kind: Option<Part>, deed: &Rc<Deed>, way: &Way) {
        let fast = !matches!(kind, Some(Part::Starlette | Part::Router));
        let framework = if fast { Framework::FastApi } else { Framework::Starlette };
        let mut way = way.clone();
        way.conditional |= deed.conditional;
        let name = self.wiring.text(deed.name);
        let path = deed.args.take(0, |name| self.wiring.is(name, "path"));
        let second = |keyword: &str| deed.args.take(1, |name| self.wiring.is(name, keyword)).cloned();
        let applied = deed.applied.borrow().clone();
        let method = Method::ALL.iter().find(|method| {
            method.as_str().eq_ignore_ascii_case(name) && name.starts_with(|c: char| c.is_ascii_lowercase())
        });
        let (verbs, views): (Vec<Verb>, Vec<Val>) = match name {
            _ if let Some(method) = method => (vec![Verb::Http(*method)], applied),
            "api_route" | "route" => {
                (Self::methods(self.keyword(&deed.args, "methods").or(deed.args.pos.get(1))), applied)
            }
            "websocket" | "websocket_route" => (vec![Verb::WebSocket], applied),
            "add_api_route" => {
                (Self::methods(self.keyword(&deed.args, "methods")), second("endpoint").into_iter().collect())
            }
            "add_route" => {
                let view = second("route").or_else(|| second("endpoint"));
                (
                    Self::methods(self.keyword(&deed.args, "methods").or(deed.args.pos.get(2))),
                    view.into_iter().collect(),
                )
            }
            "add_websocket_route" | "add_api_websocket_route" => {
                let view = second("route").or_else(|| second("endpoint"));
                (vec![Verb::WebSocket], view.into_iter().collect())
            }
            "include_router" => return self.include(deed, &way),
            "mount" => {
                let app = second("app");
                let mut inner = Way { dependencies: Vec::new(), in_schema: true, ..way };
                Self::lengthen(&mut inner, path);
                inner.prefix.truncate(inner.prefix.trim_end_matches('/').len());
                return app.iter().for_each(|app| self.mounted(app, &inner));
            }
            "host" => {
                let app = second("app");
                return app.iter().for_each(|app| self.mounted(app, &way));
            }
            // A helper of ours that a subclass of a router defines is played; what is left are methods of the library.
            _ => return,
        };
        way.in_schema &= self.shown(&deed.args) && (fast && !matches!(name, "route" | "add_route"));
        way.dependencies.extend(self.keyword(&deed.args, "dependencies").and_then(Val::items).into_iter().flatten());
        // The router of a callback describes what the application asks of others.
        if let Some(described) = self.keyword(&deed.args, "callbacks").and_then(|callbacks| self.routes_of(callbacks)) {
            self.contain(&described, &way);
        }
        let template = Self::path(path);
        for view in views {
            self.add(&verbs, &template, view, deed.site, framework, &way, Some(object.id));
        }
    }

    fn include(&mut self, deed: &Deed, way: &Way) {
        let router = deed.args.take(0, |name| self.wiring.is(name, "router")).cloned();
        let mut inner = way.clone();
        Self::lengthen(&mut inner, self.keyword(&deed.args, "prefix"));
        inner.in_schema &= self.shown(&deed.args);
        inner.dependencies.extend(self.keyword(&deed.args, "dependencies").and_then(Val::items).into_iter().flatten());
        // `include_router(users)` of a module is a mistake that Python would report.
        if let Some(Val::Object(router)) = router {
            self.contain(&router, way);
            self.object(&router, &inner);
        }
    }

    fn mounted(&mut self, app: &Val, way: &Way) {
        match app {
            Val::Object(app) if part(self.wiring, app).is_some() => {
                self.contain(app, way);
                self.object(app, way);
            }
            Val::Object(wrapped) => {
                // `CORSMiddleware(app)` and the like.
                let inner = wrapped.args.borrow().take(0, |name| self.wiring.is(name, "app")).cloned();
                if let Some(inner @ Val::Object(_)) = inner
                    && way.open.len() < DEEPEST
                {
                    self.mounted(&inner, way);
                }
            }
            _ => {}
        }
    }

    /// Routes of a list: `Route(…)`, `Mount(…)`, `WebSocketRoute(…)`, `APIRoute(…)`.
    fn listed(&mut self, routes: &[Val], way: &Way, framework: Framework) {
        for route in routes {
            let Val::Object(route) = route else {
                self.list(route, way, framework);
                continue;
            };
            let class = self
                .wiring
                .library_classes(&route.class)
                .first()
                .map_or("", |class| class.rsplit('.').next().unwrap_or_default())
                .to_owned();
            let args = route.args.borrow().clone();
            let path = Self::path(args.take(0, |name| self.wiring.is(name, "path")));
            let view = args.take(1, |name| self.wiring.is(name, "endpoint")).cloned();
            let way = Way { conditional: way.conditional || route.conditional, ..way.clone() };
            match class.as_str() {
                "Route" | "APIRoute" => {
                    let methods = Self::methods(self.keyword(&args, "methods"));
                    let way = Way { in_schema: way.in_schema && class == "APIRoute" && self.shown(&args), ..way };
                    let framework = if class == "APIRoute" { Framework::FastApi } else { Framework::Starlette };
                    if let Some(view) = view {
                        self.add(&methods, &path, view, route.site, framework, &way, None);
                    }
                }
                "WebSocketRoute" | "APIWebSocketRoute" => {
                    if let Some(view) = view {
                        self.add(&[Verb::WebSocket], &path, view, route.site, framework, &way, None);
                    }
                }
                "Mount" | "Host" => {
                    let mut inner = way.clone();
                    if class == "Mount" {
                        Self::lengthen(&mut inner, args.take(0, |name| self.wiring.is(name, "path")));
                        inner.prefix.truncate(inner.prefix.trim_end_matches('/').len());
                    }
                    let app = args.take(1, |name| self.wiring.is(name, "app")).cloned();
                    if let Some(app) = app {
                        self.mounted(&app, &inner);
                    }
                    if let Some(routes) = self.keyword(&args, "routes").cloned() {
                        self.list(&routes, &inner, framework);
                    }
                }
                _ => {}
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one declaration")]
    fn add(
        &mut self,
        verbs: &[Verb],
        path: &str,
        view: Val,
        site: ExprAt,
        framework: Framework,
        way: &Way,
        from: Option<u32>,
    ) {
        let whole = template::rooted(template::from_braces(&template::join(&way.prefix, path)));
        // An endpoint class of Starlette answers the methods that it defines.
        let own = if let Val::Class(class) = &view { endpoint_methods(self.wiring, class.id) } else { Vec::new() };
        let own: Vec<Verb> = own.into_iter().map(Verb::Http).collect();
        let verbs = if own.is_empty() || verbs == [Verb::WebSocket] { verbs } else { &own };
        for &verb in verbs {
            if self.found.len() >= MOST {
                return;
            }
            let action = match (&view, verb) {
                (Val::Class(_), Verb::Http(method)) => self.wiring.program.names.find(&method.as_str().to_lowercase()),
                _ => None,
            };
            let found = Found {
                verb,
                template: whole.clone(),
                view: view.clone(),
                action,
                framework,
                site,
                dependencies: way.dependencies.clone(),
                in_schema: way.in_schema && verb != Verb::WebSocket,
                conditional: way.conditional,
                detached: way.detached,
                any_method: false,
            };
            // The outermost object, so that all routes of a mounted application can be taken back.
            let from = way.open.first().copied().or(from);
            self.found.push(From { from, found });
        }
    }

    fn shown(&self, args: &Args) -> bool {
        !matches!(self.keyword(args, "include_in_schema"), Some(Val::Bool(false)))
    }

    /// Adds a prefix. One that is not known is mostly empty or set by whoever deploys: the routes stay, but may be incomplete.
    fn lengthen(way: &mut Way, prefix: Option<&Val>) {
        match prefix {
            None | Some(Val::None | Val::Text(_)) => way.prefix.push_str(&Self::path(prefix)),
            Some(_) => way.detached = true,
        }
    }

    fn path(path: Option<&Val>) -> String {
        match path {
            None | Some(Val::None) => String::new(),
            Some(Val::Text(text)) => text.text.to_string(),
            Some(_) => "/{var}".to_owned(),
        }
    }

    fn methods(methods: Option<&Val>) -> Vec<Verb> {
        let named = methods.and_then(Val::items).into_iter().flatten();
        let mut verbs: Vec<Verb> = named.filter_map(|name| name.as_text()?.parse().ok()).map(Verb::Http).collect();
        if verbs.is_empty() {
            verbs.push(Verb::Http(Method::Get));
        }
        verbs
    }
}
