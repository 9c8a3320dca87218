//! What runs when a framework calls a value: through partials, wrappers, bound methods and objects that can be called.

use std::rc::Rc;

use super::wiring::{Env, Val, Wiring};
use crate::names::Sym;
use crate::program::{ClassId, FunctionId};

/// Wrappers around wrappers.
const DEEPEST: u8 = 12;

/// What runs.
#[derive(Clone, Debug)]
pub(super) enum Callable {
    /// A function, with the scope that its defaults and annotations belong to.
    Function {
        /// The function.
        id: FunctionId,
        /// The class that it is called on.
        class: Option<ClassId>,
        /// The scope.
        env: Rc<Env>,
    },
    /// A class of the project.
    Class(Val, ClassId),
    /// Something of a library.
    Library(Sym),
}

impl Wiring<'_> {
    /// What calling the value runs.
    pub(super) fn callable(&mut self, value: &Val) -> Option<Callable> {
        self.callable_within(value, DEEPEST)
    }

    fn callable_within(&mut self, value: &Val, left: u8) -> Option<Callable> {
        let left = left.checked_sub(1)?;
        match value {
            Val::Function(function) => {
                Some(Callable::Function { id: function.id, class: None, env: Rc::clone(&function.env) })
            }
            Val::Bound(bound) => {
                let class = match &bound.0 {
                    Val::Object(object) => class_of(&object.class),
                    class => class_of(class),
                };
                Some(Callable::Function { id: bound.1.id, class, env: Rc::clone(&bound.1.env) })
            }
            Val::Class(class) => Some(Callable::Class(value.clone(), class.id)),
            Val::External(path) => Some(Callable::Library(*path)),
            Val::Object(object) => match &object.class {
                Val::Class(class) => {
                    let call = self.program.names.find("__call__")?;
                    let Some(Val::Function(function)) = self.class_attribute(class, call) else {
                        return self.wrapped(value, left);
                    };
                    Some(Callable::Function { id: function.id, class: Some(class.id), env: Rc::clone(&function.env) })
                }
                Val::External(path) => self.wrapped(value, left).or(Some(Callable::Library(*path))),
                _ => None,
            },
            Val::Deed(deed) => {
                let inner = deed.applied.borrow().first().cloned();
                match inner {
                    Some(inner) => self.callable_within(&inner, left),
                    None => None,
                }
            }
            _ => None,
        }
    }

    /// `csrf_exempt(view)`, `partial(view, …)`, `cache_page(60)(view)`: what is wrapped is what runs.
    fn wrapped(&mut self, value: &Val, left: u8) -> Option<Callable> {
        let Val::Object(object) = value else { return None };
        let args = object.args.borrow().clone();
        let first = args
            .pos
            .first()
            .or_else(|| args.keyword(|name| matches!(self.text(name), "func" | "function" | "view" | "dependency")));
        let first = first?.clone();
        if matches!(first, Val::External(_)) {
            return None;
        }
        self.callable_within(&first, left)
    }
}

fn class_of(value: &Val) -> Option<ClassId> {
    if let Val::Class(class) = value { Some(class.id) } else { None }
}
