//! What is known of libraries: what their functions make, what methods of what they make return. Facts only, each from the library's documentation;
//! where a library is not known, a call gives [`Kind::Made`] with its path.

mod external;
mod methods;
mod paths;

use rustc_hash::FxHashSet;

use crate::names::Names;
use crate::syntax::Sym;

use super::Values;
use super::annotation;
use super::kind::{Bound, Flavour, Kind, Sdk};
use paths::{ANNOTATED, MADE, Make, OBJECTS};

/// Names that are looked for often, found once.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) init: Sym,
    pub(super) post_init: Sym,
    pub(super) new: Sym,
    pub(super) call: Sym,
    pub(super) enter: Sym,
    pub(super) aenter: Sym,
    pub(super) getitem: Sym,
    pub(super) getattr: Sym,
    pub(super) class: Sym,
    pub(super) super_: Sym,
    /// `__iter__`, `__aiter__`.
    pub(super) iterators: [Sym; 2],
    /// Attributes of a task function that stand for calling it.
    pub(super) task_calls: FxHashSet<Sym>,
    /// Methods that keep what they are given.
    pub(super) keeping: FxHashSet<Sym>,
    /// Callees that a function may be handed to.
    pub(super) handing: FxHashSet<Sym>,
}

impl Known {
    pub(super) fn new(names: &Names) -> Self {
        let all = |texts: &[&str]| texts.iter().map(|text| names.intern(text)).collect();
        Self {
            init: names.intern("__init__"),
            post_init: names.intern("__post_init__"),
            new: names.intern("__new__"),
            call: names.intern("__call__"),
            enter: names.intern("__enter__"),
            aenter: names.intern("__aenter__"),
            getitem: names.intern("__getitem__"),
            getattr: names.intern("__getattr__"),
            class: names.intern("__class__"),
            super_: names.intern("super"),
            iterators: [names.intern("__iter__"), names.intern("__aiter__")],
            task_calls: all(&["delay", "apply_async", "apply", "s", "si", "__wrapped__", "func", "original_func"]),
            keeping: all(&[
                "append",
                "appendleft",
                "add",
                "insert",
                "put",
                "put_nowait",
                "setdefault",
                "push",
                "register",
                "set",
                "update",
                "extend",
            ]),
            handing: Values::handing_names().map(|name| names.intern(name)).collect(),
        }
    }

    pub(super) fn is_property(path: &str) -> bool {
        matches!(
            path,
            "builtins.property"
                | "functools.cached_property"
                | "django.utils.functional.cached_property"
                | "werkzeug.utils.cached_property"
                | "cached_property.cached_property"
                | "pydantic.computed_field"
                | "abc.abstractproperty"
        )
    }
}

/// What calling a path makes. Other constructors of a class make what the class makes.
fn made(path: &str) -> Option<Make> {
    let find = |path: &str| MADE.binary_search_by_key(&path, |entry| entry.0).ok().map(|at| MADE[at].1);
    find(path).or_else(|| match path.rsplit_once('.') {
        Some((class, "from_url" | "from_pool" | "from_env")) => find(class),
        _ => None,
    })
}

/// The object that a path is as it stands.
pub(super) fn object(path: &str) -> Option<Kind> {
    OBJECTS.binary_search_by_key(&path, |entry| entry.0).ok().map(|at| OBJECTS[at].1)
}

/// What an annotation that names a path says.
pub(super) fn annotated(path: &str, intern: impl Fn(&str) -> Sym) -> Option<Kind> {
    if let Some(kind) = stub(path, intern) {
        return Some(kind);
    }
    if let Ok(at) = ANNOTATED.binary_search_by_key(&path, |entry| entry.0) {
        return Some(ANNOTATED[at].1);
    }
    if let Some(kind) = annotation::container(path) {
        return Some(kind);
    }
    match made(path)? {
        // A function is no annotation.
        Make::Is(kind) if path.rsplit('.').next().is_some_and(|last| last.starts_with(char::is_uppercase)) => {
            Some(kind)
        }
        Make::Queue(flavour @ (Flavour::Thread | Flavour::Async | Flavour::Process)) => {
            Some(Kind::Queue { flavour, bound: Bound::Given })
        }
        Make::Bounded(kind, ..) => Some(Kind::Container { kind, bound: Bound::Given }),
        _ => None,
    }
}

/// Types of `mypy_boto3_*`, `types_boto3_*`, `types_aiobotocore_*`.
fn stub(path: &str, intern: impl Fn(&str) -> Sym) -> Option<Kind> {
    let (package, rest) = path.split_once('.')?;
    let (sdk, service) = if let Some(service) = package.strip_prefix("mypy_boto3_") {
        (Sdk::Boto3, service)
    } else if let Some(service) = package.strip_prefix("types_boto3_") {
        (Sdk::Boto3, service)
    } else {
        (Sdk::Aioboto3, package.strip_prefix("types_aiobotocore_")?)
    };
    let service = Some(intern(service));
    let name = rest.rsplit('.').next()?;
    Some(match name {
        "ServiceResource" => Kind::Resource { sdk, service },
        "Table" => Kind::Table(sdk),
        _ if name.ends_with("ServiceResource") => Kind::Resource { sdk, service },
        _ if name.ends_with("Client") => Kind::Client { sdk, service },
        _ if name.ends_with("Paginator") => {
            Kind::Paginator { sdk, operation: Some(intern(&snake(name.trim_end_matches("Paginator")))) }
        }
        _ => return None,
    })
}

/// `ListTables` as `list_tables`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
