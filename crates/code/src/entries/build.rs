//! From a declaration to a route: which function answers, and what else of the project the framework calls for it.

use rustc_hash::FxHashSet;

use super::callable::Callable;
use super::depend::Needs;
use super::found::Found;
use super::params::{Bounds, Declared, Location, RouteParam};
use super::wiring::{Val, Wiring};
use super::{Framework, Route, Verb, template};
use crate::names::Sym;
use crate::program::{ClassId, FunctionId};

/// Methods of class-based views that a library calls while it answers a request, besides the handler.
const HOOKS: &[&str] = &[
    "__call__",
    "__init__",
    "check_object_permissions",
    "check_permissions",
    "check_throttles",
    "delete_success",
    "determine_version",
    "dispatch",
    "dispatch_request",
    "encode",
    "filter_queryset",
    "finalize_response",
    "form_invalid",
    "form_valid",
    "get_authenticators",
    "get_context_data",
    "get_exception_handler",
    "get_extra_context",
    "get_filterset",
    "get_filterset_class",
    "get_filterset_kwargs",
    "get_form",
    "get_form_class",
    "get_form_kwargs",
    "get_initial",
    "get_object",
    "get_ordering",
    "get_paginate_by",
    "get_paginated_response",
    "get_paginator",
    "get_parsers",
    "get_permission_required",
    "get_permissions",
    "get_queryset",
    "get_redirect_url",
    "get_renderers",
    "get_serializer",
    "get_serializer_class",
    "get_serializer_context",
    "get_slug_field",
    "get_success_url",
    "get_template_names",
    "get_throttles",
    "handle_exception",
    "handle_no_permission",
    "has_permission",
    "initial",
    "initialize_request",
    "on_connect",
    "on_disconnect",
    "on_receive",
    "paginate_queryset",
    "perform_authentication",
    "perform_create",
    "perform_destroy",
    "perform_update",
    "permission_denied",
    "prepare",
    "render_to_response",
    "setup",
    "test_func",
    "throttled",
];

/// Attributes of a view whose classes a library calls for a request.
const PARTS: &[&str] = &[
    "authentication_classes",
    "content_negotiation_class",
    "decorators",
    "filter_backends",
    "filterset_class",
    "form_class",
    "pagination_class",
    "paginator_class",
    "parser_classes",
    "permission_classes",
    "renderer_classes",
    "serializer_class",
    "throttle_classes",
    "versioning_class",
];

/// Makes a route of a declaration; none where nothing is known of what answers.
pub(super) fn route(wiring: &mut Wiring<'_>, found: Found) -> Option<Route> {
    let callable = wiring.callable(&found.view)?;
    let names: Vec<&str> = template::parameters(&found.template).collect();
    let mut needs = Needs::default();
    let (mut handler, mut class, mut library) = (None, None, None);
    match &callable {
        Callable::Function { id, .. } => {
            handler = Some(*id);
            if found.framework == Framework::FastApi {
                needs.of_callable(wiring, &callable, &names, 0);
            } else {
                needs.functions.push(*id);
            }
        }
        Callable::Class(_, of) => {
            class = Some(*of);
            handler = found.action.and_then(|action| wiring.program.method(*of, action));
            needs.functions.extend(handler);
            needs.functions.extend(hooks(wiring, *of));
            needs.functions.extend(parts(wiring, *of));
        }
        Callable::Library(path) => library = Some(*path),
    }
    for dependency in &found.dependencies {
        needs.of_value(wiring, dependency, &names, 0);
    }
    if found.framework != Framework::FastApi {
        needs.params.extend(names.iter().filter_map(|name| in_path(wiring, name)));
    }
    let mut seen = FxHashSet::default();
    needs.functions.retain(|function| seen.insert(*function));
    Some(Route {
        verb: found.verb,
        template: found.template,
        framework: found.framework,
        handler,
        class,
        library,
        enters: needs.functions,
        params: needs.params,
        declared: found.site,
        in_schema: found.in_schema,
        conditional: found.conditional,
        detached: found.detached,
        any_method: found.any_method,
    })
}

fn in_path(wiring: &Wiring<'_>, name: &str) -> Option<RouteParam> {
    let name = wiring.program.names.find(name)?;
    Some(RouteParam {
        name,
        function: None,
        location: Location::Path,
        declared: Declared::Anything,
        bounds: Bounds::default(),
        default: None,
        annotation: None,
    })
}

/// Methods of a view, in the project, that the library calls.
pub(super) fn hooks(wiring: &Wiring<'_>, class: ClassId) -> Vec<FunctionId> {
    let program = wiring.program;
    let names = HOOKS.iter().filter_map(|name| program.names.find(name));
    names.filter_map(|name| program.method(class, name)).collect()
}

/// Methods of the classes that a view hands its work to: permissions, serialisers, paginators.
fn parts(wiring: &mut Wiring<'_>, class: ClassId) -> Vec<FunctionId> {
    let value = wiring.class_value(class);
    let names: Vec<Sym> = PARTS.iter().filter_map(|name| wiring.program.names.find(name)).collect();
    let mut found = Vec::new();
    for name in names {
        let Some(value) = wiring.class_attribute(&value, name) else { continue };
        let classes = value.items().unwrap_or_else(|| vec![value]);
        for part in classes {
            match part {
                Val::Class(part) => found.extend(methods(wiring, part.id)),
                Val::Function(function) => found.push(function.id),
                _ => {}
            }
        }
    }
    found
}

/// All methods of a class and its bases in the project.
pub(super) fn methods(wiring: &Wiring<'_>, class: ClassId) -> Vec<FunctionId> {
    wiring.program.lookup_order(class).iter().flat_map(|&class| wiring.program.methods(class)).collect()
}

/// Sorts routes for people, and keeps each once.
pub(super) fn settle(mut routes: Vec<Route>) -> Vec<Route> {
    // What is declared by an application for certain says more than the same on a condition or on its own.
    routes.sort_by(|a, b| {
        let key = |route: &Route| (route.template.clone(), route.verb, route.detached, route.conditional);
        key(a).cmp(&key(b))
    });
    let mut seen = FxHashSet::default();
    routes.retain(|route| seen.insert((route.verb, route.template.clone(), route.handler, route.class)));
    let attached: FxHashSet<(Verb, Option<FunctionId>)> = routes
        .iter()
        .filter(|route| !route.detached && route.handler.is_some())
        .map(|route| (route.verb, route.handler))
        .collect();
    // The same handler as part of an application: the route on its own was seen from another side only.
    routes.retain(|route| !route.detached || !attached.contains(&(route.verb, route.handler)));
    routes
}
