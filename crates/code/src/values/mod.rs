//! What an expression may be: an evaluator that is asked, never run over a program. It follows names through assignments, imports, closures and
//! globals, attributes through classes, parameters through callers, annotations and dependency injection, calls through what functions return or
//! what is known of libraries, and elements through containers.
//!
//! It knows *may*, not *must*: values of all paths are joined, except that an assignment hides earlier ones where it is certain to come between. A
//! set that is empty means unknown. Nothing here depends on the order of questions as long as circles are small; see `solve` for the rest.

mod annotation;
mod attribute;
mod call;
mod catalogue;
mod element;
mod expr;
mod graph;
mod inject;
mod kind;
mod name;
mod param;
mod sets;
mod solve;
mod state;
mod target;
#[cfg(test)]
mod tests;

use std::cell::{OnceCell, RefCell};

use rustc_hash::FxHashMap;

pub use graph::Caller;
pub use kind::{Bound, Container, Flavour, Framework, How, HttpLib, Kind, Literal, Object, ObjectId, Sdk, Value};

use crate::program::{ClassId, ExprAt, FunctionId, ModuleId, Program, Scope};
use crate::syntax::Sym;
use graph::CallerLists;
use sets::{Arena, Gathered, SetId};
use solve::{Answer, Node, Solving};

/// The evaluator of a program. It keeps its answers, and is to be used by one thread at a time.
#[derive(Debug)]
pub struct Values<'p> {
    program: &'p Program,
    arena: Arena,
    memo: RefCell<FxHashMap<Node, Answer>>,
    solving: RefCell<Solving>,
    callers: CallerLists,
    known: catalogue::Known,
    lookups: Lookups,
}

/// Indexes that are built when they are first needed.
#[derive(Debug, Default)]
struct Lookups {
    aliases: OnceCell<graph::Aliases>,
    growth: OnceCell<element::Growth>,
    attributes: OnceCell<attribute::Stores>,
    kept: RefCell<FxHashMap<ModuleId, call::KeptNames>>,
    fields: RefCell<FxHashMap<ClassId, attribute::Fields>>,
    keys: OnceCell<FxHashMap<Sym, Vec<(ExprAt, ExprAt)>>>,
    lambdas: OnceCell<FxHashMap<Scope, Vec<FunctionId>>>,
    overrides: OnceCell<Vec<(ExprAt, ExprAt)>>,
    settings: OnceCell<Vec<ModuleId>>,
}

impl<'p> Values<'p> {
    /// An evaluator that knows nothing yet.
    pub fn new(program: &'p Program) -> Self {
        Self {
            program,
            arena: Arena::new(),
            memo: RefCell::default(),
            solving: RefCell::default(),
            callers: CallerLists::default(),
            known: catalogue::Known::new(&program.names),
            lookups: Lookups::default(),
        }
    }

    /// The program.
    pub fn program(&self) -> &'p Program {
        self.program
    }

    /// What an expression may be: at most six values; none where that is unknown.
    pub fn eval(&self, at: ExprAt) -> &[Value] {
        self.arena.set(self.eval_set(at))
    }

    /// The objects that an expression may be, with what they are.
    pub fn objects(&self, at: ExprAt) -> impl Iterator<Item = (ObjectId, &Object)> {
        self.eval(at).iter().filter_map(|value| match value {
            Value::Object(id) => Some((*id, self.object(*id))),
            _ => None,
        })
    }

    /// Whether an expression may be an object of such a kind.
    pub fn is(&self, at: ExprAt, kind: impl Fn(Kind) -> bool) -> bool {
        self.objects(at).any(|(_, object)| kind(object.kind))
    }

    /// An object.
    pub fn object(&self, id: ObjectId) -> &Object {
        self.arena.object(id)
    }

    /// All objects that were met so far.
    pub fn known_objects(&self) -> impl Iterator<Item = ObjectId> {
        (0..self.arena.object_count() as u32).map(ObjectId)
    }

    /// What a function's n-th parameter may be given.
    pub fn param(&self, function: FunctionId, n: usize) -> &[Value] {
        self.arena.set(SetId(self.solve(Node::Param(function, n as u32))))
    }

    /// What a function may return; for a coroutine function what awaiting it gives.
    pub fn returns(&self, function: FunctionId) -> &[Value] {
        self.arena.set(self.returns_set(function))
    }

    /// What a generator function may yield.
    pub fn yields(&self, function: FunctionId) -> &[Value] {
        self.arena.set(self.yields_set(function))
    }

    /// What an attribute of an instance of a class may be, methods included.
    pub fn attribute(&self, class: ClassId, name: Sym) -> &[Value] {
        self.arena.set(SetId(self.solve(Node::Attribute(class, name))))
    }

    /// What a name may be in the scope that binds it, all assignments together.
    pub fn variable(&self, scope: Scope, name: Sym) -> &[Value] {
        self.arena.set(self.name_set(scope, name))
    }

    /// What the elements of an object may be: of a container, a page iterator, the items of an answer.
    pub fn elements(&self, object: ObjectId) -> &[Value] {
        self.arena.set(self.elements_set(Value::Object(object), self.object(object).born))
    }

    /// The text that an expression may be, where it is constant.
    pub fn strings(&self, at: ExprAt) -> impl Iterator<Item = &'p str> {
        self.eval(at).iter().filter_map(|value| match value {
            Value::Const(Literal::Str(text)) => Some(self.program.text(*text)),
            _ => None,
        })
    }

    /// The integer that an expression is, where it is constant and only one.
    pub fn int(&self, at: ExprAt) -> Option<i64> {
        let mut ints = self.eval(at).iter().filter_map(|value| match value {
            Value::Const(Literal::Int(value)) => Some(*value),
            _ => None,
        });
        let first = ints.next()?;
        ints.next().is_none().then_some(first)
    }

    /// The dotted path outside of the program that an expression names, also through renamings and values: `functools.lru_cache`.
    pub fn path(&self, at: ExprAt) -> Option<&'p str> {
        self.eval(at).iter().find_map(|value| match value {
            Value::External(path) => Some(self.program.text(*path)),
            _ => None,
        })
    }

    fn eval_set(&self, at: ExprAt) -> SetId {
        SetId(self.solve(Node::Expr(at)))
    }

    fn name_set(&self, scope: Scope, name: Sym) -> SetId {
        SetId(self.solve(Node::Name(scope, name)))
    }

    fn returns_set(&self, function: FunctionId) -> SetId {
        SetId(self.solve(Node::Returns(function)))
    }

    fn yields_set(&self, function: FunctionId) -> SetId {
        SetId(self.solve(Node::Yields(function)))
    }

    fn keep(&self, gathered: Gathered) -> u32 {
        self.arena.keep(gathered).0
    }

    fn compute(&self, node: Node) -> u32 {
        match node {
            Node::Expr(at) => self.keep(self.expr(at)),
            Node::Name(scope, name) => self.keep(self.all_bindings(scope, name)),
            Node::Param(function, n) => self.keep(self.parameter(function, n)),
            Node::Returns(function) => self.keep(self.returned(function)),
            Node::Yields(function) => self.keep(self.yielded(function)),
            Node::Attribute(class, name) => self.keep(self.instance_attribute(class, name)),
            Node::State(store, name) => self.keep(self.stored(store, name)),
            Node::Applied(partial, at) => self.keep(self.applied(partial, at)),
            Node::Elements(object) => self.keep(self.container_elements(object)),
            Node::Callers(name) => self.callers_by_name(name),
            Node::Handed => self.handed_functions(),
        }
    }

    /// An object that the expression makes, executed in its own scope.
    fn make(&self, kind: Kind, at: ExprAt) -> Value {
        self.make_in(kind, at, self.program.scope_of(at), How::Made)
    }

    fn derive(&self, kind: Kind, at: ExprAt) -> Value {
        self.make_in(kind, at, self.program.scope_of(at), How::Derived)
    }

    fn make_in(&self, kind: Kind, at: ExprAt, scope: Scope, how: How) -> Value {
        Value::Object(self.arena.intern(Object { kind, born: at, scope, made: at, how }))
    }
}
