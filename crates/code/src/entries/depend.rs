//! Dependencies of FastAPI: what `Depends` makes run for a route, through chains, classes and objects that can be called.

use std::rc::Rc;

use super::callable::Callable;
use super::params::{self, RouteParam};
use super::wiring::{Env, Val, Wiring};
use crate::program::{ExprAt, FunctionId};

/// Dependencies of dependencies.
const DEEPEST: u8 = 24;

/// What a route's function and its dependencies come to.
#[derive(Debug, Default)]
pub(super) struct Needs {
    /// Functions that the framework calls for a request, the handler first.
    pub(super) functions: Vec<FunctionId>,
    /// What the request can say.
    pub(super) params: Vec<RouteParam>,
}

impl Needs {
    /// Adds what a callable runs and asks for, given the names in the route's path.
    pub(super) fn of_callable(&mut self, wiring: &mut Wiring<'_>, callable: &Callable, path: &[&str], depth: u8) {
        let program = wiring.program;
        if depth > DEEPEST {
            return;
        }
        match callable {
            Callable::Function { id, env, .. } => self.of_function(wiring, *id, env, path, depth),
            Callable::Class(value, class) => {
                let Val::Class(class_value) = value else { return };
                let init = program.names.find("__init__").and_then(|name| program.method(*class, name));
                match init {
                    Some(init) => {
                        let env = Rc::clone(&class_value.body);
                        self.of_function(wiring, init, &env, path, depth);
                    }
                    // A dataclass or model used as a dependency: its fields are parameters.
                    None => self.params.extend(params::fields(wiring, class_value, path)),
                }
            }
            Callable::Library(_) => {}
        }
    }

    fn of_function(&mut self, wiring: &mut Wiring<'_>, function: FunctionId, env: &Rc<Env>, path: &[&str], depth: u8) {
        if self.functions.contains(&function) {
            return;
        }
        self.functions.push(function);
        let skip = usize::from(wiring.program.class_of(function).is_some());
        for (n, param) in wiring.program.params(function).iter().enumerate().skip(skip) {
            let at = |expr| ExprAt { module: function.module, expr };
            let default = param.default.map(|default| wiring.expr(at(default), env));
            let annotation = param.annotation.map(|annotation| wiring.expr(at(annotation), env));
            match depends(wiring, default.as_ref(), annotation.as_ref()) {
                Some(Some(provider)) => self.of_value(wiring, &provider, path, depth + 1),
                // `Depends()` takes the class of the annotation.
                Some(None) => {
                    let class = annotation.map(|annotation| params::bare(wiring, &annotation));
                    if let Some(class) = class {
                        self.of_value(wiring, &class, path, depth + 1);
                    }
                }
                None => {
                    let found = params::param(wiring, function, n as u32, param, default, annotation, path);
                    self.params.extend(found);
                }
            }
        }
    }

    /// Adds what a provider, or a `Depends(…)` in a list, runs and asks for.
    pub(super) fn of_value(&mut self, wiring: &mut Wiring<'_>, value: &Val, path: &[&str], depth: u8) {
        let provider = match depends(wiring, Some(value), None) {
            Some(Some(provider)) => provider,
            Some(None) => return,
            None => value.clone(),
        };
        if let Some(callable) = wiring.callable(&provider) {
            self.of_callable(wiring, &callable, path, depth);
        }
    }
}

/// The provider of a `Depends`, as a default or within `Annotated`; `Some(None)` for `Depends()`.
#[expect(
    clippy::option_option,
    reason = "no dependency, a dependency by its annotation, and a named one are three things"
)]
fn depends(wiring: &Wiring<'_>, default: Option<&Val>, annotation: Option<&Val>) -> Option<Option<Val>> {
    if let Some(found) = default.and_then(|default| provider(wiring, default)) {
        return Some(found);
    }
    let Some(Val::Object(annotated)) = annotation else { return None };
    let args = annotated.args.borrow();
    args.pos.iter().skip(1).find_map(|part| provider(wiring, part))
}

#[expect(clippy::option_option, reason = "as above")]
fn provider(wiring: &Wiring<'_>, value: &Val) -> Option<Option<Val>> {
    let Val::Object(object) = value else {
        // `Annotated[Store, Depends]` without a call.
        return match value {
            Val::External(path) if is_depends(wiring.text(*path)) => Some(None),
            _ => None,
        };
    };
    let Val::External(path) = object.class else { return None };
    if !is_depends(wiring.text(path)) {
        return None;
    }
    Some(
        object
            .args
            .borrow()
            .take(0, |name| wiring.is(name, "dependency"))
            .cloned()
            .filter(|value| !matches!(value, Val::None)),
    )
}

fn is_depends(path: &str) -> bool {
    matches!(path.rsplit('.').next(), Some("Depends" | "Security" | "FromDishka" | "Provide"))
        && !path.starts_with("builtins.")
}
