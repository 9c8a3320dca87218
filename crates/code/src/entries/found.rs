//! Routes as they are found, before it is known what their views run; and which modules put routes together.

use plimsoll_model::Method;

use super::wiring::{Val, Wiring};
use super::{Framework, Verb};
use crate::names::Sym;
use crate::program::{ClassId, ExprAt, ModuleId};

/// A route before it is known what its view runs.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) verb: Verb,
    pub(super) template: String,
    pub(super) view: Val,
    /// A method of the view's class that answers, where the declaration names it.
    pub(super) action: Option<Sym>,
    pub(super) framework: Framework,
    pub(super) site: ExprAt,
    pub(super) dependencies: Vec<Val>,
    pub(super) in_schema: bool,
    pub(super) conditional: bool,
    pub(super) detached: bool,
    pub(super) any_method: bool,
}

/// The HTTP methods that a class of the project, or one of its bases in the project, defines.
pub(super) fn endpoint_methods(wiring: &Wiring<'_>, class: ClassId) -> Vec<Method> {
    let defines = |method: &Method| {
        let name = wiring.program.names.find(&method.as_str().to_lowercase());
        name.is_some_and(|name| wiring.program.method(class, name).is_some())
    };
    Method::ALL.iter().copied().filter(defines).collect()
}

/// Modules in which routes are put together, by the calls and decorators that they hold.
pub(super) fn modules(wiring: &Wiring<'_>) -> Vec<ModuleId> {
    const MAKERS: &[&str] = &[
        "FastAPI",
        "APIRouter",
        "Starlette",
        "Router",
        "Flask",
        "Quart",
        "Blueprint",
        "APIBlueprint",
        "OpenAPI",
        "NinjaAPI",
        "NinjaExtraAPI",
        "Chalice",
        "include_router",
        "register_blueprint",
        "APIGatewayRestResolver",
        "APIGatewayHttpResolver",
        "ALBResolver",
        "LambdaFunctionUrlResolver",
        "add_url_rule",
        "add_api_route",
    ];
    const DECORATORS: &[&str] = &[
        "get",
        "post",
        "put",
        "patch",
        "delete",
        "head",
        "options",
        "route",
        "api_route",
        "websocket",
        "api_operation",
    ];
    let calls = MAKERS.iter().flat_map(|name| wiring.program.calls_named(name)).map(|call| call.at.module);
    let decorators =
        DECORATORS.iter().flat_map(|name| wiring.program.decorators_named(name)).map(|decorator| decorator.at.module);
    // Classes that derive from a router or application make routes where they are instantiated.
    let derived = wiring.program.classes().filter(|(class, _)| {
        wiring
            .program
            .external_bases(*class)
            .any(|base| base.ends_with("APIRouter") || base.ends_with("FastAPI") || base.ends_with("Blueprint"))
    });
    let names = derived.flat_map(|(_, class)| {
        wiring.program.calls_of(Some(class.name)).map(|call| call.at.module).collect::<Vec<_>>()
    });
    let mut modules: Vec<ModuleId> = calls.chain(decorators).chain(names).collect();
    modules.sort_unstable();
    modules.dedup();
    modules
}
