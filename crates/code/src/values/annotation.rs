//! What an annotation says of a value. `born` of what comes of it is the annotation; nothing is made there.

use crate::program::{ExprAt, Scope, Symbol};
use crate::syntax::{Const, ExprKind, Operator};

use super::Values;
use super::catalogue;
use super::kind::{Bound, Container, How, Kind, Value};
use super::sets::Gathered;

/// How deep annotations are followed.
const DEEPEST: u8 = 6;

impl Values<'_> {
    pub(super) fn annotated(&self, at: ExprAt) -> Gathered {
        let mut found = Gathered::default();
        self.annotation(at, DEEPEST, &mut found);
        found
    }

    fn annotation(&self, at: ExprAt, left: u8, found: &mut Gathered) {
        let Some(left) = left.checked_sub(1) else { return };
        let program = self.program;
        match program.expr(at).kind {
            ExprKind::Name(_) | ExprKind::Attribute { .. } => match program.resolve(at) {
                Some(Symbol::Variable(..)) => {
                    if let Some(alias) = self.aliased(at)
                        && alias != at
                    {
                        self.annotation(alias, left, found);
                    }
                }
                Some(symbol) => self.typed(symbol, at, found),
                None => {}
            },
            ExprKind::Const(Const::Str(text)) => self.written(program.text(text), at, found),
            ExprKind::Binary { op: Operator::BitOr, left: a, right: b } => {
                self.annotation(at.beside(a), left, found);
                self.annotation(at.beside(b), left, found);
            }
            ExprKind::Subscript { base, index } => self.generic(at, at.beside(base), at.beside(index), left, found),
            _ => {}
        }
    }

    fn generic(&self, at: ExprAt, base: ExprAt, index: ExprAt, left: u8, found: &mut Gathered) {
        let program = self.program;
        let arguments: Vec<ExprAt> = match program.expr(index).kind {
            ExprKind::Tuple(parts) => program.tree(at.module)[parts].iter().map(|&part| at.beside(part)).collect(),
            _ => vec![index],
        };
        let name = match program.expr(base).kind {
            ExprKind::Name(name) | ExprKind::Attribute { name, .. } => program.text(name),
            _ => return,
        };
        match name {
            "Optional" | "Annotated" | "Final" | "ClassVar" | "Required" | "NotRequired" | "Awaitable"
            | "Coroutine" => {
                let argument = if name == "Coroutine" { arguments.last() } else { arguments.first() };
                argument.into_iter().for_each(|&argument| self.annotation(argument, left, found));
            }
            "Union" => arguments.iter().for_each(|&argument| self.annotation(argument, left, found)),
            "Type" | "type" => {
                let mut inner = Gathered::default();
                arguments.first().into_iter().for_each(|&argument| self.annotation(argument, left, &mut inner));
                for value in inner.values() {
                    if let Value::Instance(class) = value {
                        found.add(Value::Class(*class));
                    }
                }
            }
            _ => match program.resolve(base) {
                Some(symbol @ Symbol::External(_)) => {
                    let mut kinds = Gathered::default();
                    self.typed(symbol, at, &mut kinds);
                    found.extend(kinds.values());
                }
                Some(symbol @ Symbol::Class(_)) => self.typed(symbol, at, found),
                _ => {}
            },
        }
    }

    /// An instance of what a symbol names.
    fn typed(&self, symbol: Symbol, at: ExprAt, found: &mut Gathered) {
        match symbol {
            Symbol::Class(class) => match self.constructed_kind(class) {
                Some(kind) => found.add(self.declared(kind, at)),
                None => found.add(Value::Instance(class)),
            },
            Symbol::External(path) => {
                if let Some(kind) =
                    catalogue::annotated(self.program.text(path), |text| self.program.names.intern(text))
                {
                    found.add(self.declared(kind, at));
                }
            }
            _ => {}
        }
    }

    fn declared(&self, kind: Kind, at: ExprAt) -> Value {
        self.make_in(kind, at, self.program.scope_of(at), How::Declared)
    }

    /// An annotation in quotes: dotted names, joined by `|`, maybe in `Optional[…]`.
    fn written(&self, text: &str, at: ExprAt, found: &mut Gathered) {
        for part in text.split('|').take(4) {
            let mut part = part.trim();
            for wrapper in ["Optional[", "typing.Optional[", "Annotated["] {
                part = part.strip_prefix(wrapper).unwrap_or(part);
            }
            let end = part.find(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != '.');
            let part = &part[..end.unwrap_or(part.len())];
            if let Some(symbol) = self.written_symbol(part, self.program.scope_of(at)) {
                self.typed(symbol, at, found);
            }
        }
    }

    fn written_symbol(&self, dotted: &str, scope: Scope) -> Option<Symbol> {
        let mut parts = dotted.split('.');
        let first = self.program.names.find(parts.next()?)?;
        let symbol = self.program.resolve_name(scope, first)?;
        parts.try_fold(symbol, |symbol, part| self.program.member(symbol, self.program.names.find(part)?))
    }

    /// Elements of a container that an annotation declares: the last argument that says something.
    pub(super) fn declared_elements(&self, at: ExprAt, found: &mut Gathered) {
        let ExprKind::Subscript { index, .. } = self.program.expr(at).kind else { return };
        let index = at.beside(index);
        match self.program.expr(index).kind {
            ExprKind::Tuple(parts) => {
                let parts = &self.program.tree(at.module)[parts];
                // `dict[K, V]` gives values, `Generator[Y, S, R]` what it yields.
                let wanted = if parts.len() == 2 { parts.last() } else { parts.first() };
                wanted.into_iter().for_each(|&part| found.extend(self.annotated(at.beside(part)).values()));
            }
            _ => found.extend(self.annotated(index).values()),
        }
    }
}

/// The container that an annotation of a builtin or abstract class declares.
pub(super) fn container(path: &str) -> Option<Kind> {
    let kind = match path {
        "builtins.list" | "typing.List" | "collections.abc.MutableSequence" | "typing.MutableSequence" => {
            Container::List
        }
        "builtins.dict"
        | "typing.Dict"
        | "collections.abc.MutableMapping"
        | "typing.MutableMapping"
        | "collections.OrderedDict"
        | "typing.OrderedDict"
        | "collections.defaultdict"
        | "typing.DefaultDict" => Container::Dict,
        "builtins.set" | "typing.Set" | "collections.abc.MutableSet" => Container::Set,
        "builtins.tuple" | "typing.Tuple" | "builtins.frozenset" => Container::Tuple,
        "collections.deque" | "typing.Deque" => Container::Deque,
        "collections.Counter" | "typing.Counter" => Container::Counter,
        "typing.Iterator"
        | "typing.Iterable"
        | "typing.Generator"
        | "typing.AsyncIterator"
        | "typing.AsyncIterable"
        | "typing.AsyncGenerator"
        | "collections.abc.Iterator"
        | "collections.abc.Iterable"
        | "collections.abc.Generator"
        | "collections.abc.AsyncIterator"
        | "collections.abc.AsyncIterable"
        | "collections.abc.AsyncGenerator" => Container::Lazy,
        "typing.Sequence" | "collections.abc.Sequence" => Container::Tuple,
        _ => return None,
    };
    Some(Kind::Container { kind, bound: Bound::Unbounded })
}
