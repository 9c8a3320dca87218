//! How many different values an expression can have over the life of a process: a few that the program decides, or as many as callers and data bring.
//! What is not known stays unknown, and nothing is reported of it.

use super::Lifetimes;
use super::stored::Stored;
use crate::program::{Binding, ExprAt, FunctionId, Scope, Symbol};
use crate::syntax::{Const, ExprId, ExprKind, Operator, StmtKind, Sym};
use crate::values::{Kind, Value};

/// How many different values there can be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spread {
    /// Not known.
    #[default]
    Unknown,
    /// A fixed set.
    Few,
    /// One for each day or hour: many, in time.
    Calendar,
    /// As many as requests, callers or data bring.
    Open,
}

impl Spread {
    /// The spread of something made of both.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Open, _) | (_, Self::Open) => Self::Open,
            (Self::Calendar, _) | (_, Self::Calendar) => Self::Calendar,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            _ => Self::Few,
        }
    }
}

/// Ranges of integers up to this size are a few.
pub(super) const SMALL: i64 = 10_000;

const DEEPEST: u8 = 10;

/// What gives another value every time.
fn is_fresh(path: &str) -> bool {
    const MODULES: &[&str] = &["uuid.", "secrets.", "random.", "time.", "ulid.", "nanoid.", "shortuuid."];
    MODULES.iter().any(|module| path.starts_with(module))
        || matches!(
            path,
            "os.urandom"
                | "builtins.object"
                | "datetime.datetime.now"
                | "datetime.datetime.utcnow"
                | "datetime.datetime.today"
                | "django.utils.timezone.now"
                | "django.utils.crypto.get_random_string"
                | "datetime.now"
                | "itertools.count"
                | "asyncio.current_task"
                | "tempfile.mkstemp"
                | "tempfile.mkdtemp"
        )
}

fn is_calendar(path: &str) -> bool {
    matches!(path, "datetime.date.today" | "django.utils.timezone.localdate" | "time.strftime")
}

/// What gives one of a few values, whatever it is given.
fn is_few(path: &str) -> bool {
    matches!(
        path,
        "builtins.len"
            | "builtins.bool"
            | "builtins.type"
            | "builtins.isinstance"
            | "builtins.callable"
            | "builtins.any"
            | "builtins.all"
            | "threading.get_ident"
            | "threading.current_thread"
            | "os.getpid"
            | "asyncio.get_running_loop"
            | "asyncio.get_event_loop"
            | "socket.gethostname"
            | "os.getenv"
            | "os.environ.get"
            | "inspect.currentframe"
            | "django.utils.translation.get_language"
            | "django.contrib.contenttypes.models.ContentType.objects.get_for_model"
    )
}

/// Words that name a day, an hour or the like.
pub(super) fn names_a_date(name: &str) -> bool {
    name.to_ascii_lowercase()
        .split('_')
        .any(|word| matches!(word, "today" | "date" | "day" | "week" | "month" | "hour" | "minute" | "timestamp"))
}

impl Lifetimes<'_> {
    /// How many different values an expression can have.
    pub fn spread(&self, at: ExprAt) -> Spread {
        self.spread_within(at, DEEPEST)
    }

    pub(super) fn spread_within(&self, at: ExprAt, left: u8) -> Spread {
        if let Some(&known) = self.spreads.borrow().get(&at) {
            return known;
        }
        let Some(left) = left.checked_sub(1) else { return Spread::Unknown };
        // In a circle (`n = n + 1`) the rest decides.
        self.spreads.borrow_mut().insert(at, Spread::Few);
        let found = self.find_spread(at, left);
        self.spreads.borrow_mut().insert(at, found);
        found
    }

    pub(super) fn find_spread(&self, at: ExprAt, left: u8) -> Spread {
        let tree = self.program.tree(at.module);
        let of = |expr: ExprId| self.spread_within(at.beside(expr), left);
        match tree[at.expr].kind {
            ExprKind::Const(_) | ExprKind::Compare { .. } | ExprKind::Lambda(_) | ExprKind::Unary { not: true, .. } => {
                Spread::Few
            }
            ExprKind::Fstring(parts) | ExprKind::Tuple(parts) | ExprKind::List(parts) | ExprKind::Set(parts) => {
                tree[parts].iter().map(|&part| of(part)).fold(Spread::Few, Spread::and)
            }
            ExprKind::Dict(entries) => {
                tree[entries].iter().map(|entry| entry.key.map_or(Spread::Unknown, of)).fold(Spread::Few, Spread::and)
            }
            ExprKind::Await(value)
            | ExprKind::Starred(value)
            | ExprKind::Unary { value, .. }
            | ExprKind::Named { value, .. } => of(value),
            ExprKind::IfElse { body, orelse, .. } => of(body).and(of(orelse)),
            ExprKind::Bool { values, .. } => tree[values].iter().map(|&value| of(value)).fold(Spread::Few, Spread::and),
            ExprKind::Binary { op: Operator::Mod, left: text, right } => match tree[text].kind {
                ExprKind::Const(Const::Str(_)) => of(right),
                _ if self.values.int(at.beside(right)).is_some_and(|n| n <= SMALL) => Spread::Few,
                _ => of(right).and(of(text)),
            },
            ExprKind::Binary { left: a, right: b, .. } => of(a).and(of(b)),
            ExprKind::Comprehension { element, clauses, .. } => {
                let sources = tree[clauses].iter().map(|clause| of(clause.iter)).fold(Spread::Few, Spread::and);
                of(element).and(sources)
            }
            ExprKind::Name(name) => self.name_spread(at, name, left),
            ExprKind::Attribute { base, name } => self.attribute_spread(at, at.beside(base), name, left),
            ExprKind::Subscript { base, index } => self.subscript_spread(at, at.beside(base), at.beside(index), left),
            ExprKind::Call { callee, .. } => self.call_spread(at, at.beside(callee), left),
            _ => Spread::Unknown,
        }
    }

    pub(super) fn name_spread(&self, at: ExprAt, name: Sym, left: u8) -> Spread {
        if let Some(target) = self.program.comprehension_target(at, name) {
            return self.comprehension_spread(at, target, left);
        }
        let Some(scope) = self.program.binding_scope(self.program.scope_of(at), name) else {
            return self.symbol_spread(at);
        };
        let bindings: Vec<Binding> = self.program.bindings(scope, name).collect();
        if bindings.is_empty() {
            return self.symbol_spread(at);
        }
        let all = bindings.into_iter().map(|binding| match binding {
            Binding::Param(n) => {
                scope.function().map(|function| self.param_spread(function, n as usize, left)).unwrap_or_default()
            }
            Binding::Target(target) => self.target_spread(at.beside(target), left),
            Binding::Function(_) | Binding::Class(_) => Spread::Few,
            Binding::Import(_) => self.symbol_spread(at),
            Binding::Handler { .. } => Spread::Unknown,
            Binding::Capture { subject, .. } => self.spread_within(at.beside(subject), left),
        });
        all.reduce(Spread::and).unwrap_or_default()
    }

    /// What an imported name or a dotted path stands for.
    pub(super) fn symbol_spread(&self, at: ExprAt) -> Spread {
        match self.program.resolve(at) {
            Some(Symbol::Function(_) | Symbol::Class(_) | Symbol::Module(_)) => Spread::Few,
            Some(Symbol::Variable(module, name)) => {
                let all = self.program.bindings(Scope::Module(module), name).map(|binding| match binding {
                    Binding::Target(target) => self.target_spread(module.expr(target), 4),
                    _ => Spread::Unknown,
                });
                all.reduce(Spread::and).unwrap_or_default()
            }
            Some(Symbol::External(_)) => Spread::Few,
            None => Spread::Unknown,
        }
    }

    /// A name as the target of an assignment or a loop.
    pub(super) fn target_spread(&self, target: ExprAt, left: u8) -> Spread {
        let module = self.program.module(target.module);
        let Some(stmt) = module.links.stmt_of(target.expr) else { return Spread::Unknown };
        match module.tree[stmt].kind {
            StmtKind::Assign { value: Some(value), .. } => match module.links.parent(target.expr) {
                // Unpacking: any part of the value.
                Some(_) => self.unpacked_spread(target, value, left),
                None => self.spread_within(target.beside(value), left),
            },
            StmtKind::Assign { value: None, .. } => Spread::Few,
            StmtKind::AugAssign { value, op, .. } => match module.tree[value].kind {
                ExprKind::Const(Const::Int(_)) if matches!(op, Operator::Add | Operator::Sub) => Spread::Open,
                _ => self.spread_within(target.beside(value), left),
            },
            StmtKind::For { iter, .. } => self.elements_spread(target.beside(iter), left),
            StmtKind::With { .. } => Spread::Unknown,
            _ => module.links.parent(target.expr).map_or(Spread::Unknown, |parent| match module.tree[parent].kind {
                ExprKind::Named { value, .. } => self.spread_within(target.beside(value), left),
                _ => Spread::Unknown,
            }),
        }
    }

    pub(super) fn unpacked_spread(&self, target: ExprAt, value: ExprId, left: u8) -> Spread {
        let module = self.program.module(target.module);
        let tree = &module.tree;
        if let (Some(parent), ExprKind::Tuple(values)) = (module.links.parent(target.expr), tree[value].kind)
            && let ExprKind::Tuple(targets) = tree[parent].kind
            && targets.len() == values.len()
            && let Some(n) = tree[targets].iter().position(|&other| other == target.expr)
        {
            return self.spread_within(target.beside(tree[values][n]), left);
        }
        match module.links.parent(target.expr).map(|parent| tree[parent].kind) {
            Some(ExprKind::Named { value, .. }) => self.spread_within(target.beside(value), left),
            _ => self.spread_within(target.beside(value), left),
        }
    }

    pub(super) fn comprehension_spread(&self, at: ExprAt, target: ExprId, left: u8) -> Spread {
        let module = self.program.module(at.module);
        let mut child = target;
        while let Some(parent) = module.links.parent(child) {
            if let ExprKind::Comprehension { clauses, .. } = module.tree[parent].kind {
                let clauses = &module.tree[clauses];
                let clause = clauses.iter().find(|clause| {
                    let (outer, inner) = (module.tree[clause.target].span, module.tree[target].span);
                    outer.start <= inner.start && inner.end <= outer.end
                });
                return clause.map(|clause| self.elements_spread(at.beside(clause.iter), left)).unwrap_or_default();
            }
            child = parent;
        }
        Spread::Unknown
    }

    /// The elements of something that is iterated.
    pub(super) fn elements_spread(&self, iter: ExprAt, left: u8) -> Spread {
        let from_values = self.values.objects(iter).any(|(_, object)| is_data(object.kind));
        if from_values {
            return Spread::Open;
        }
        if let Some((callee, _)) = self.program.call(iter)
            && let Some(path) = self.values.path(callee)
        {
            match path {
                "builtins.range" => {
                    let end = self.program.positional(iter, 1).or(self.program.positional(iter, 0));
                    return match end.and_then(|end| self.values.int(end)) {
                        Some(end) if end <= SMALL => Spread::Few,
                        _ => end.map(|end| self.spread_within(end, left)).unwrap_or_default(),
                    };
                }
                "builtins.enumerate" | "builtins.zip" | "builtins.sorted" | "builtins.list" | "builtins.set"
                | "builtins.reversed" => {
                    return self
                        .program
                        .positional(iter, 0)
                        .map(|of| self.elements_spread(of, left))
                        .unwrap_or_default();
                }
                _ => {}
            }
        }
        match self.program.expr(iter).kind {
            ExprKind::Call { callee, .. } => match self.program.expr(iter.beside(callee)).kind {
                ExprKind::Attribute { base, name } if matches!(self.text(name), "items" | "keys" | "values") => {
                    self.elements_spread(iter.beside(base), left)
                }
                _ => self.spread_within(iter, left),
            },
            _ => self.spread_within(iter, left),
        }
    }

    pub(super) fn call_spread(&self, at: ExprAt, callee: ExprAt, left: u8) -> Spread {
        let program = self.program;
        if let Some(path) = self.values.path(callee) {
            if is_fresh(path) {
                return if path == "time.strftime" { Spread::Calendar } else { Spread::Open };
            }
            if is_calendar(path) {
                return Spread::Calendar;
            }
            if is_few(path) {
                return Spread::Few;
            }
            if path == "builtins.id" {
                return match program.positional(at, 0) {
                    Some(of)
                        if self.is_new_object(of)
                            || matches!(self.stored(of), Stored::Exception | Stored::Request | Stored::Task) =>
                    {
                        Spread::Open
                    }
                    _ => Spread::Unknown,
                };
            }
            if path == "builtins.next" {
                return Spread::Open;
            }
            if path == "builtins.min"
                && program.call(at).is_some_and(|(_, args)| {
                    args.iter().any(|arg| self.values.int(at.beside(arg.value)).is_some_and(|n| n <= SMALL))
                })
            {
                return Spread::Few;
            }
        }
        if self.is_route(at) {
            return Spread::Few;
        }
        if self.is_of_request(at) {
            return Spread::Open;
        }
        let arguments = || {
            let (_, args) = program.call(at)?;
            Some(args.iter().map(|arg| self.spread_within(at.beside(arg.value), left)).fold(Spread::Few, Spread::and))
        };
        let functions: Vec<FunctionId> = self
            .values
            .eval(callee)
            .iter()
            .filter_map(|value| match *value {
                Value::Function(function) | Value::Bound(function, _) => Some(function),
                _ => None,
            })
            .collect();
        if !functions.is_empty() {
            let all = functions.into_iter().map(|function| self.returned_spread(function, left));
            return all.reduce(Spread::and).unwrap_or_default();
        }
        match program.expr(callee).kind {
            ExprKind::Attribute { base, name } if self.values.path(callee).is_none() => {
                let of = self.spread_within(callee.beside(base), left);
                match self.text(name) {
                    "hexdigest" | "digest" | "isoformat" | "strip" | "lower" | "upper" | "casefold" | "title"
                    | "encode" | "decode" | "replace" | "split" | "rsplit" | "partition" | "format" | "join"
                    | "removeprefix" | "removesuffix" | "copy" | "strftime" | "date" | "timestamp"
                    | "total_seconds" | "get" | "items" | "keys" | "values" | "json" | "pop" | "model_dump"
                    | "model_dump_json" | "dict" => match of {
                        Spread::Few | Spread::Unknown if self.text(name) != "get" => {
                            of.and(arguments().unwrap_or(Spread::Few))
                        }
                        other => other,
                    },
                    _ if of == Spread::Open => Spread::Open,
                    _ => Spread::Unknown,
                }
            }
            _ => match (self.values.path(callee), arguments()) {
                // What a library makes of what callers bring differs as that does.
                (Some(_), Some(Spread::Open)) => Spread::Open,
                (Some(path), Some(found)) if path.starts_with("builtins.") => found,
                _ => Spread::Unknown,
            },
        }
    }
}

/// What data is made of.
pub(super) fn is_data(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Items { .. }
            | Kind::Item { .. }
            | Kind::Records
            | Kind::Record
            | Kind::PageIterator { .. }
            | Kind::PynamoResults { .. }
            | Kind::Cursor
    )
}
