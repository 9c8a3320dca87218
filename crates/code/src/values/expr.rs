//! Expressions: one step each; what takes more than a step is asked as a question of its own.

use crate::program::{ExprAt, Scope};
use crate::syntax::{Const, ExprKind, Operator};

use super::Values;
use super::catalogue;
use super::kind::{Bound, Container, How, Kind, Literal, Value};
use super::sets::Gathered;
use super::target;

impl Values<'_> {
    pub(super) fn expr(&self, at: ExprAt) -> Gathered {
        let program = self.program;
        match program.expr(at).kind {
            ExprKind::Name(name) => self.objects_of_libraries(self.name(at, name), at),
            ExprKind::Attribute { base, name } => {
                self.objects_of_libraries(self.read_attribute(at, at.beside(base), name), at)
            }
            ExprKind::Call { callee, .. } => self.call(at, at.beside(callee)),
            ExprKind::Subscript { base, index } => self.subscript(at, at.beside(base), at.beside(index)),
            ExprKind::Const(value) => {
                literal(value).map(|value| Gathered::one(Value::Const(value))).unwrap_or_default()
            }
            ExprKind::List(_) => self.container(at, Container::List),
            ExprKind::Tuple(_) => self.container(at, Container::Tuple),
            ExprKind::Set(_) => self.container(at, Container::Set),
            ExprKind::Dict(_) => self.container(at, Container::Dict),
            ExprKind::Comprehension { kind, .. } => self.container(at, target::comprehension(kind)),
            ExprKind::Lambda(ix) => Gathered::one(Value::Function(at.module.function(ix))),
            ExprKind::Await(value) => self.awaited(at.beside(value)),
            ExprKind::Named { value, .. } => self.evaluated(at.beside(value)),
            ExprKind::IfElse { body, orelse, .. } => {
                let mut found = self.evaluated(at.beside(body));
                found.extend(self.eval(at.beside(orelse)));
                found
            }
            ExprKind::Bool { values, .. } => {
                let mut found = Gathered::default();
                for &value in program.tree(at.module)[values].iter().take(8) {
                    found.extend(self.eval(at.beside(value)));
                }
                found
            }
            ExprKind::Binary { op: Operator::Add | Operator::BitOr | Operator::Mul, left, right } => {
                let of = |side| self.eval(at.beside(side)).iter().find_map(|value| self.grown(*value));
                match of(left).or_else(|| of(right)) {
                    Some(kind) => self.container(at, kind),
                    None => Gathered::default(),
                }
            }
            ExprKind::Binary { .. }
            | ExprKind::Slice { .. }
            | ExprKind::Fstring(_)
            | ExprKind::Yield(_)
            | ExprKind::YieldFrom(_)
            | ExprKind::Starred(_)
            | ExprKind::Unary { .. }
            | ExprKind::Compare { .. }
            | ExprKind::Missing => Gathered::default(),
        }
    }

    fn container(&self, at: ExprAt, kind: Container) -> Gathered {
        Gathered::one(self.make(Kind::Container { kind, bound: Bound::Unbounded }, at))
    }

    /// Paths that are objects as they stand become objects.
    fn objects_of_libraries(&self, found: Gathered, at: ExprAt) -> Gathered {
        let kind_of = |value: &Value| match value {
            Value::External(path) => catalogue::object(self.program.text(*path)),
            _ => None,
        };
        if !found.values().iter().any(|value| kind_of(value).is_some()) {
            return found;
        }
        let mut objects = Gathered::default();
        for value in found.values() {
            match kind_of(value) {
                Some(kind) => objects.add(self.make_in(kind, at, Scope::Module(at.module), How::Library)),
                None => objects.add(*value),
            }
        }
        objects
    }

    /// The container that adding something to a value makes.
    fn grown(&self, value: Value) -> Option<Container> {
        let Value::Object(id) = value else { return None };
        match self.object(id).kind {
            Kind::Container { kind: kind @ (Container::List | Container::Dict | Container::Set), .. } => Some(kind),
            Kind::Items { .. } => Some(Container::List),
            _ => None,
        }
    }

    fn awaited(&self, at: ExprAt) -> Gathered {
        let mut found = Gathered::default();
        for value in self.eval(at) {
            match *value {
                Value::Object(id) => {
                    let object = *self.object(id);
                    match object.kind {
                        Kind::Coroutine(function) => {
                            let returned = self.arena.set(self.returns_set(function));
                            found.extend(self.reborn(returned, function, object.born).values());
                        }
                        Kind::Task | Kind::Future => {
                            if let Some(inner) = self.program.positional(object.made, 0)
                                && inner != at
                            {
                                found.extend(self.awaited_result(inner).values());
                            }
                        }
                        _ => found.add(*value),
                    }
                }
                other => found.add(other),
            }
        }
        found
    }

    /// What a coroutine gives that is handed to a task.
    pub(super) fn awaited_result(&self, coroutine: ExprAt) -> Gathered {
        let mut found = Gathered::default();
        for value in self.eval(coroutine) {
            if let Value::Object(id) = *value
                && let Kind::Coroutine(function) = self.object(id).kind
            {
                let returned = self.arena.set(self.returns_set(function));
                found.extend(self.reborn(returned, function, coroutine).values());
            } else {
                found.add(*value);
            }
        }
        found
    }

    fn subscript(&self, at: ExprAt, base: ExprAt, index: ExprAt) -> Gathered {
        let mut found = Gathered::default();
        let slice = matches!(self.program.expr(index).kind, ExprKind::Slice { .. });
        for value in self.eval(base) {
            if let Value::Object(id) = *value {
                self.subscript_object(id, at, index, slice, &mut found);
            } else if let Value::External(path) = value
                && self.program.text(*path) == "sys.modules"
            {
                if let ExprKind::Name(name) = self.program.expr(index).kind
                    && self.program.text(name) == "__name__"
                {
                    found.add(Value::Module(at.module));
                }
            } else if let Value::Class(_) | Value::External(_) = value {
                // A generic class with its arguments.
                found.add(*value);
            }
        }
        found
    }
}

/// A literal of a tree as a value.
pub(super) fn literal(value: Const) -> Option<Literal> {
    Some(match value {
        Const::None => Literal::None,
        Const::Bool(value) => Literal::Bool(value),
        Const::Int(value) => Literal::Int(value),
        Const::Float(_) => Literal::Float,
        Const::Str(text) => Literal::Str(text),
        Const::Bytes => Literal::Bytes,
        Const::Ellipsis => return None,
    })
}
