//! Values of the wiring: what names hold while an application is put together. Library objects are known by their class's dotted name and by what was
//! asked of them; what that means is decided by the frameworks' files, not here.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::names::Sym;
use crate::program::{ClassId, ExprAt, FunctionId, ModuleId, Scope};

/// A value.
#[derive(Clone, Debug)]
pub(in crate::entries) enum Val {
    /// Anything.
    Unknown,
    /// `None`.
    None,
    /// `True`, `False`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// Text.
    Text(Text),
    /// A list, tuple or set.
    List(Rc<RefCell<Vec<Val>>>),
    /// A dict, in the order of insertion.
    Dict(Rc<RefCell<Vec<(Val, Val)>>>),
    /// A module of the project.
    Module(ModuleId),
    /// Something of a library, by its dotted name.
    External(Sym),
    /// A class of the project.
    Class(Rc<ClassVal>),
    /// A function of the project.
    Function(Rc<FunctionVal>),
    /// A method with what it is bound to.
    Bound(Rc<(Val, Rc<FunctionVal>)>),
    /// What calling a class gives; also what calling a library's function gives.
    Object(Rc<Object>),
    /// An attribute of which only the library knows what it is.
    Member(Rc<(Val, Sym)>),
    /// What calling such an attribute gives.
    Deed(Rc<Deed>),
    /// `super()` for an object, in a method of the class.
    Super(Rc<(Val, ClassId)>),
}

/// Text, and whether it holds in every environment.
#[derive(Clone, Debug)]
pub(in crate::entries) struct Text {
    /// The text.
    pub(in crate::entries) text: Rc<str>,
    /// Not a default that the environment may replace.
    pub(in crate::entries) sure: bool,
}

/// A class with what its name meant where it was written.
#[derive(Debug)]
pub(in crate::entries) struct ClassVal {
    /// The class.
    pub(in crate::entries) id: ClassId,
    /// What its body binds.
    pub(in crate::entries) body: Rc<Env>,
}

/// A function with the names around it.
#[derive(Debug)]
pub(in crate::entries) struct FunctionVal {
    /// The function.
    pub(in crate::entries) id: FunctionId,
    /// The scope that it was written in; never a class's.
    pub(in crate::entries) env: Rc<Env>,
    /// The class that it is a method of.
    pub(in crate::entries) class: Option<ClassId>,
}

/// An object.
#[derive(Debug)]
pub(in crate::entries) struct Object {
    /// Its class, or the library's function that made it.
    pub(in crate::entries) class: Val,
    /// What the library's initialiser got.
    pub(in crate::entries) args: RefCell<Args>,
    /// Attributes that the project set.
    pub(in crate::entries) attrs: RefCell<FxHashMap<Sym, Val>>,
    /// What was asked of the library, in order.
    pub(in crate::entries) deeds: RefCell<Vec<Rc<Deed>>>,
    /// The call that made it.
    pub(in crate::entries) site: ExprAt,
    /// Where the arguments of that call mean what they mean.
    pub(in crate::entries) env: Rc<Env>,
    /// The n-th object.
    pub(in crate::entries) id: u32,
    /// Whether making it depends on a condition that the source does not decide.
    pub(in crate::entries) conditional: bool,
    /// Made up for a parameter that nobody was seen to fill.
    pub(in crate::entries) assumed: Cell<bool>,
}

/// A call of a library's method on a receiver.
#[derive(Debug)]
pub(in crate::entries) struct Deed {
    /// On what.
    pub(in crate::entries) receiver: Val,
    /// The method.
    pub(in crate::entries) name: Sym,
    /// With what.
    pub(in crate::entries) args: Args,
    /// What the result was applied to, as a decorator.
    pub(in crate::entries) applied: RefCell<Vec<Val>>,
    /// The call.
    pub(in crate::entries) site: ExprAt,
    /// Whether it depends on a condition that the source does not decide.
    pub(in crate::entries) conditional: bool,
}

/// Arguments.
#[derive(Clone, Debug, Default)]
pub(in crate::entries) struct Args {
    /// Positional ones.
    pub(in crate::entries) pos: Vec<Val>,
    /// Keywords.
    pub(in crate::entries) kw: Vec<(Sym, Val)>,
}

/// Names of a scope.
#[derive(Debug)]
pub(in crate::entries) struct Env {
    /// Which scope.
    pub(in crate::entries) scope: Scope,
    /// What its names hold.
    pub(in crate::entries) vars: RefCell<FxHashMap<Sym, Val>>,
    /// The scope around it.
    pub(in crate::entries) outer: Option<Rc<Env>>,
    /// The object and class of the method that runs here.
    pub(in crate::entries) method: Option<(Val, ClassId)>,
}

impl Env {
    pub(in crate::entries) fn new(scope: Scope, outer: Option<Rc<Env>>, method: Option<(Val, ClassId)>) -> Rc<Self> {
        Rc::new(Self { scope, vars: RefCell::default(), outer, method })
    }
}

impl Val {
    pub(in crate::entries) fn text(text: &str) -> Self {
        Self::Text(Text { text: text.into(), sure: true })
    }

    pub(in crate::entries) fn assumed(text: &str) -> Self {
        Self::Text(Text { text: text.into(), sure: false })
    }

    pub(in crate::entries) fn list(items: Vec<Val>) -> Self {
        Self::List(Rc::new(RefCell::new(items)))
    }

    pub(in crate::entries) fn dict(entries: Vec<(Val, Val)>) -> Self {
        Self::Dict(Rc::new(RefCell::new(entries)))
    }

    pub(in crate::entries) fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    pub(in crate::entries) fn as_text(&self) -> Option<Rc<str>> {
        if let Self::Text(text) = self { Some(Rc::clone(&text.text)) } else { None }
    }

    /// The items of a list; none for anything else.
    pub(in crate::entries) fn items(&self) -> Option<Vec<Val>> {
        if let Self::List(items) = self { Some(items.borrow().clone()) } else { None }
    }

    /// Whether it holds, where the source decides that.
    pub(in crate::entries) fn truth(&self) -> Option<bool> {
        match self {
            Self::None => Some(false),
            Self::Bool(value) => Some(*value),
            Self::Int(value) => Some(*value != 0),
            Self::Text(text) if text.sure => Some(!text.text.is_empty()),
            Self::List(items) => Some(!items.borrow().is_empty()),
            Self::Dict(entries) => Some(!entries.borrow().is_empty()),
            Self::Class(_) | Self::Function(_) | Self::Bound(_) | Self::Module(_) => Some(true),
            _ => None,
        }
    }

    /// Whether two values are equal, where the source decides that.
    pub(in crate::entries) fn same(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) if a.sure && b.sure => Some(a.text == b.text),
            (Self::Int(a), Self::Int(b)) => Some(a == b),
            (Self::Bool(a), Self::Bool(b)) => Some(a == b),
            (Self::None, Self::None) => Some(true),
            (Self::Text(a), Self::None | Self::Int(_) | Self::Bool(_))
            | (Self::None | Self::Int(_) | Self::Bool(_), Self::Text(a))
                if a.sure =>
            {
                Some(false)
            }
            (
                Self::None,
                Self::List(_)
                | Self::Dict(_)
                | Self::Function(_)
                | Self::Class(_)
                | Self::Object(_)
                | Self::Int(_)
                | Self::Bool(_),
            )
            | (
                Self::List(_)
                | Self::Dict(_)
                | Self::Function(_)
                | Self::Class(_)
                | Self::Object(_)
                | Self::Int(_)
                | Self::Bool(_),
                Self::None,
            ) => Some(false),
            _ => None,
        }
    }

    /// The value under a key of a dict.
    pub(in crate::entries) fn entry(&self, key: &Val) -> Option<Val> {
        let Self::Dict(entries) = self else { return None };
        entries.borrow().iter().rev().find(|(other, _)| key.same(other) == Some(true)).map(|(_, value)| value.clone())
    }
}

impl Args {
    /// The n-th positional argument or the keyword.
    pub(in crate::entries) fn take(&self, n: usize, is: impl Fn(Sym) -> bool) -> Option<&Val> {
        self.pos.get(n).or_else(|| self.keyword(is))
    }

    /// A keyword argument.
    pub(in crate::entries) fn keyword(&self, is: impl Fn(Sym) -> bool) -> Option<&Val> {
        self.kw.iter().rev().find(|(name, _)| is(*name)).map(|(_, value)| value)
    }
}
