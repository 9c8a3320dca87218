//! What a request can say, by the declarations of a route: name, location, bounds and default of each parameter. Only declarations are read; what a
//! handler checks by hand is not.

use super::wiring::{ClassVal, Val, Wiring};
use crate::names::Sym;
use crate::program::{ClassId, ExprAt, FunctionId};
use crate::syntax::{Param, ParamKind};
use std::rc::Rc;

/// Where a parameter travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// In the path.
    Path,
    /// In the query string.
    Query,
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
    /// In the body.
    Body,
    /// In a form.
    Form,
    /// As a file.
    File,
    /// The framework's own object: a request, a response, background tasks.
    Framework,
}

/// What a declaration allows of a value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bounds {
    /// The smallest number.
    pub least: Option<i64>,
    /// The largest number.
    pub most: Option<i64>,
    /// The longest text or list, in characters or items.
    pub longest: Option<i64>,
    /// How many different values there are: members of an enumeration or literal, two for truth values.
    pub choices: Option<u32>,
    /// Whether a pattern restricts it.
    pub pattern: bool,
}

impl Bounds {
    /// Whether the declaration allows only so many different values, at most.
    pub fn distinct(&self) -> Option<u64> {
        if let Some(choices) = self.choices {
            return Some(u64::from(choices));
        }
        let (least, most) = (self.least?, self.most?);
        u64::try_from(most.checked_sub(least)?).ok()?.checked_add(1)
    }
}

/// What a value is declared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared {
    /// Nothing is said.
    Anything,
    /// A whole number.
    Int,
    /// Another number.
    Number,
    /// Text.
    Text,
    /// A truth value.
    Bool,
    /// A list or set.
    List,
    /// A class of the project.
    Class(ClassId),
    /// A type of a library or of Python.
    Library(Sym),
}

/// A parameter of a route.
#[derive(Clone, Debug)]
pub struct RouteParam {
    /// Its name in the source.
    pub name: Sym,
    /// The function that declares it: the handler or one of its dependencies. None for fields of a class.
    pub function: Option<(FunctionId, u32)>,
    /// Where it travels.
    pub location: Location,
    /// What it is declared as.
    pub declared: Declared,
    /// What it may be.
    pub bounds: Bounds,
    /// Its default, where there is one; `Query(…)` itself for such.
    pub default: Option<ExprAt>,
    /// Its annotation.
    pub annotation: Option<ExprAt>,
}

/// The parameter that a function of a route declares; none for what is no parameter of the operation.
pub(super) fn param(
    wiring: &mut Wiring<'_>,
    function: FunctionId,
    n: u32,
    param: &Param,
    default: Option<Val>,
    annotation: Option<Val>,
    path: &[&str],
) -> Option<RouteParam> {
    if matches!(param.kind, ParamKind::Args | ParamKind::Kwargs) {
        return None;
    }
    let at = |expr| ExprAt { module: function.module, expr };
    let mut bounds = Bounds::default();
    let mut location = None;
    if let Some(default) = &default {
        location = marker(wiring, default, &mut bounds);
    }
    if let Some(Val::Object(annotated)) = &annotation
        && annotated_type(wiring, annotated).is_some()
    {
        let parts = annotated.args.borrow().pos.clone();
        for part in parts.iter().skip(1) {
            location = location.or(marker(wiring, part, &mut bounds));
        }
    }
    let bare = annotation.as_ref().map(|annotation| bare(wiring, annotation));
    let declared = bare.as_ref().map_or(Declared::Anything, |bare| declared(wiring, bare, &mut bounds));
    let name = wiring.text(param.name);
    let location = location.unwrap_or_else(|| {
        if path.contains(&name) {
            return Location::Path;
        }
        match declared {
            Declared::Class(class) if !is_scalar_class(wiring, class) => Location::Body,
            Declared::Library(path) => match wiring.text(path).rsplit('.').next().unwrap_or_default() {
                "Request" | "Response" | "WebSocket" | "HTTPConnection" | "BackgroundTasks" | "SecurityScopes" => {
                    Location::Framework
                }
                "UploadFile" => Location::File,
                "dict" | "Dict" | "Mapping" | "BaseModel" => Location::Body,
                _ => Location::Query,
            },
            Declared::List => Location::Body,
            _ => Location::Query,
        }
    });
    Some(RouteParam {
        name: param.name,
        function: Some((function, n)),
        location,
        declared,
        bounds,
        default: param.default.map(at),
        annotation: param.annotation.map(at),
    })
}

/// The fields of a model or dataclass that is used as a group of parameters.
pub(super) fn fields(wiring: &mut Wiring<'_>, class: &Rc<ClassVal>, path: &[&str]) -> Vec<RouteParam> {
    let mut found = Vec::new();
    for &id in wiring.program.lookup_order(class.id) {
        let tree = wiring.program.tree(id.module);
        let body = tree[id.ix].body;
        for &stmt in &tree[body] {
            let crate::syntax::StmtKind::Assign { targets, value, annotation: Some(annotation) } = tree[stmt].kind
            else {
                continue;
            };
            let [target] = tree[targets] else { continue };
            let crate::syntax::ExprKind::Name(name) = tree[target].kind else { continue };
            let at = |expr| ExprAt { module: id.module, expr };
            let env = wiring.class_value(id).body.clone();
            let mut bounds = Bounds::default();
            let kind = wiring.expr(at(annotation), &env);
            if let Some(value) = value {
                let value = wiring.expr(at(value), &env);
                marker(wiring, &value, &mut bounds);
            }
            if let Val::Object(annotated) = &kind {
                let parts = annotated.args.borrow().pos.clone();
                parts.iter().skip(1).for_each(|part| {
                    marker(wiring, part, &mut bounds);
                });
            }
            let bare = bare(wiring, &kind);
            let declared = declared(wiring, &bare, &mut bounds);
            let location = if path.contains(&wiring.text(name)) { Location::Path } else { Location::Query };
            found.push(RouteParam {
                name,
                function: None,
                location,
                declared,
                bounds,
                default: value.map(at),
                annotation: Some(at(annotation)),
            });
        }
    }
    found
}

/// What `Query(…)`, `Path(…)`, `Field(…)` and the like say; gives the location that they name.
fn marker(wiring: &Wiring<'_>, value: &Val, bounds: &mut Bounds) -> Option<Location> {
    let Val::Object(object) = value else { return None };
    let Val::External(path) = object.class else { return None };
    let last = wiring.text(path).rsplit('.').next()?;
    let location = match last {
        "Query" => Some(Location::Query),
        "Path" => Some(Location::Path),
        "Header" => Some(Location::Header),
        "Cookie" => Some(Location::Cookie),
        "Body" => Some(Location::Body),
        "Form" => Some(Location::Form),
        "File" => Some(Location::File),
        "Field" | "StringConstraints" | "Len" | "MaxLen" | "Le" | "Lt" | "Ge" | "Gt" | "Interval" => None,
        _ => return None,
    };
    limits(wiring, last, &object.args.borrow(), bounds);
    location
}

fn limits(wiring: &Wiring<'_>, last: &str, args: &super::wiring::Args, bounds: &mut Bounds) {
    let int = |name: &str| match args.keyword(|keyword| wiring.is(keyword, name)) {
        Some(Val::Int(value)) => Some(*value),
        _ => None,
    };
    let only = |is: &str| match args.pos.first() {
        Some(Val::Int(value)) if last == is => Some(*value),
        _ => None,
    };
    bounds.most = bounds
        .most
        .or(int("le"))
        .or(int("lt").map(|value| value - 1))
        .or(only("Le"))
        .or(only("Lt").map(|value| value - 1));
    bounds.most = bounds.most.or(int("max_value"));
    bounds.least = bounds
        .least
        .or(int("ge"))
        .or(int("gt").map(|value| value + 1))
        .or(only("Ge"))
        .or(only("Gt").map(|value| value + 1));
    bounds.least = bounds.least.or(int("min_value"));
    bounds.longest = bounds.longest.or(int("max_length")).or(only("MaxLen")).or(int("max_items"));
    let pattern = args.keyword(|keyword| matches!(wiring.text(keyword), "pattern" | "regex"));
    bounds.pattern |= pattern.is_some_and(|pattern| matches!(pattern, Val::Text(_)));
}

/// The type within `Annotated[…]`, `Optional[…]` and unions with `None`.
pub(super) fn bare(wiring: &Wiring<'_>, annotation: &Val) -> Val {
    match annotation {
        Val::Object(object) => match annotated_type(wiring, object) {
            Some(inner) => bare(wiring, &inner),
            None => annotation.clone(),
        },
        other => other.clone(),
    }
}

fn annotated_type(wiring: &Wiring<'_>, object: &super::wiring::Object) -> Option<Val> {
    let Val::External(path) = object.class else { return None };
    let first = object.args.borrow().pos.first().cloned();
    match wiring.text(path).rsplit('.').next()? {
        "Annotated" => first,
        "Union" => object.args.borrow().pos.iter().find(|part| !matches!(part, Val::None)).cloned(),
        _ => None,
    }
}

fn declared(wiring: &Wiring<'_>, bare: &Val, bounds: &mut Bounds) -> Declared {
    match bare {
        Val::External(path) => match wiring.text(*path) {
            "builtins.int" => Declared::Int,
            "builtins.float" | "decimal.Decimal" => Declared::Number,
            "builtins.str" => Declared::Text,
            "builtins.bool" => {
                bounds.choices = Some(2);
                Declared::Bool
            }
            "builtins.list" | "builtins.set" | "builtins.tuple" | "builtins.frozenset" | "typing.List"
            | "typing.Set" => Declared::List,
            "pydantic.PositiveInt" => {
                bounds.least = bounds.least.or(Some(1));
                Declared::Int
            }
            "pydantic.NonNegativeInt" => {
                bounds.least = bounds.least.or(Some(0));
                Declared::Int
            }
            _ => Declared::Library(*path),
        },
        Val::Class(class) => {
            if is_enumeration(wiring, class.id) {
                let members = class
                    .body
                    .vars
                    .borrow()
                    .iter()
                    .filter(|(name, value)| !wiring.text(**name).starts_with('_') && !matches!(value, Val::Function(_)))
                    .count();
                bounds.choices = Some(members as u32);
            }
            Declared::Class(class.id)
        }
        Val::Object(object) => {
            let Val::External(path) = object.class else { return Declared::Anything };
            match wiring.text(path) {
                "typing.Literal" | "typing_extensions.Literal" => {
                    bounds.choices = Some(object.args.borrow().pos.len() as u32);
                    Declared::Text
                }
                "builtins.list" | "builtins.set" | "builtins.tuple" | "builtins.frozenset" | "typing.List"
                | "typing.Set" | "typing.Sequence" => Declared::List,
                "pydantic.conint" => {
                    limits(wiring, "conint", &object.args.borrow(), bounds);
                    Declared::Int
                }
                "pydantic.constr" => {
                    limits(wiring, "constr", &object.args.borrow(), bounds);
                    Declared::Text
                }
                _ => Declared::Library(path),
            }
        }
        _ => Declared::Anything,
    }
}

fn is_enumeration(wiring: &Wiring<'_>, class: ClassId) -> bool {
    wiring.program.derives_from(class, |base| matches!(base.rsplit('.').next(), Some("Enum" | "StrEnum" | "IntEnum")))
}

/// Whether FastAPI reads a class from the query: an enumeration, or a class that derives from a scalar.
fn is_scalar_class(wiring: &Wiring<'_>, class: ClassId) -> bool {
    is_enumeration(wiring, class)
        || wiring.program.derives_from(class, |base| matches!(base, "builtins.str" | "builtins.int" | "builtins.float"))
}
