//! How many different values an expression can have over the life of a process: a few that the program decides, or as many as callers and data bring.
//! What is not known stays unknown, and nothing is reported of it.

use super::Lifetimes;
use super::stored::Stored;
use crate::program::{Binding, Decorated, ExitKind, ExprAt, FunctionId, Scope, Symbol};
use crate::syntax::{Compare, Const, ExprId, ExprKind, Operator, Param, ParamKind, Parent, StmtKind, Sym};
use crate::values::{Kind, Literal, Value};

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
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Open, _) | (_, Self::Open) => Self::Open,
            (Self::Calendar, _) | (_, Self::Calendar) => Self::Calendar,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            _ => Self::Few,
        }
    }
}

/// Ranges of integers up to this size are a few.
const SMALL: i64 = 10_000;

const DEEPEST: u8 = 10;

/// What gives another value every time.
fn is_fresh(path: &str) -> bool {
    const MODULES: &[&str] = &["uuid.", "secrets.", "random.", "time.", "ulid.", "nanoid.", "shortuuid."];
    MODULES.iter().any(|module| path.starts_with(module))
        || matches!(
            path,
            "os.urandom" | "builtins.object" | "datetime.datetime.now" | "datetime.datetime.utcnow"
                | "datetime.datetime.today" | "django.utils.timezone.now" | "django.utils.crypto.get_random_string"
                | "datetime.now" | "itertools.count" | "asyncio.current_task" | "tempfile.mkstemp" | "tempfile.mkdtemp"
        )
}

fn is_calendar(path: &str) -> bool {
    matches!(path, "datetime.date.today" | "django.utils.timezone.localdate" | "time.strftime")
}

/// What gives one of a few values, whatever it is given.
fn is_few(path: &str) -> bool {
    matches!(
        path,
        "builtins.len" | "builtins.bool" | "builtins.type" | "builtins.isinstance" | "builtins.callable" | "builtins.any" | "builtins.all"
            | "threading.get_ident" | "threading.current_thread" | "os.getpid" | "asyncio.get_running_loop"
            | "asyncio.get_event_loop" | "socket.gethostname" | "os.getenv" | "os.environ.get" | "inspect.currentframe"
            | "django.utils.translation.get_language" | "django.contrib.contenttypes.models.ContentType.objects.get_for_model"
    )
}

/// What a request says that there are only a few of: its method, the route's template, the name of the view, the status.
fn says_few(name: &str) -> bool {
    matches!(
        name,
        "method" | "scheme" | "route" | "endpoint" | "url_rule" | "resolver_match" | "view_name" | "url_name" | "status" | "status_code"
            | "http_version" | "REQUEST_METHOD" | "asgi" | "type" | "is_ajax" | "is_secure" | "blueprint" | "view_args_names"
    )
}

/// Words that name a day, an hour or the like.
fn names_a_date(name: &str) -> bool {
    name.to_ascii_lowercase().split('_').any(|word| matches!(word, "today" | "date" | "day" | "week" | "month" | "hour" | "minute" | "timestamp"))
}

impl Lifetimes<'_> {
    /// How many different values an expression can have.
    pub fn spread(&self, at: ExprAt) -> Spread {
        self.spread_within(at, DEEPEST)
    }

    fn spread_within(&self, at: ExprAt, left: u8) -> Spread {
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

    fn find_spread(&self, at: ExprAt, left: u8) -> Spread {
        let tree = self.program.tree(at.module);
        let of = |expr: ExprId| self.spread_within(at.beside(expr), left);
        match tree[at.expr].kind {
            ExprKind::Const(_) | ExprKind::Compare { .. } | ExprKind::Lambda(_) | ExprKind::Unary { not: true, .. } => Spread::Few,
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

    fn name_spread(&self, at: ExprAt, name: Sym, left: u8) -> Spread {
        if let Some(target) = self.program.comprehension_target(at, name) {
            return self.comprehension_spread(at, target, left);
        }
        let Some(scope) = self.program.binding_scope(self.program.scope_of(at), name) else { return self.symbol_spread(at) };
        let bindings: Vec<Binding> = self.program.bindings(scope, name).collect();
        if bindings.is_empty() {
            return self.symbol_spread(at);
        }
        let all = bindings.into_iter().map(|binding| match binding {
            Binding::Param(n) => scope.function().map(|function| self.param_spread(function, n as usize, left)).unwrap_or_default(),
            Binding::Target(target) => self.target_spread(at.beside(target), left),
            Binding::Function(_) | Binding::Class(_) => Spread::Few,
            Binding::Import(_) => self.symbol_spread(at),
            Binding::Handler { .. } => Spread::Unknown,
            Binding::Capture { subject, .. } => self.spread_within(at.beside(subject), left),
        });
        all.reduce(Spread::and).unwrap_or_default()
    }

    /// What an imported name or a dotted path stands for.
    fn symbol_spread(&self, at: ExprAt) -> Spread {
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
    fn target_spread(&self, target: ExprAt, left: u8) -> Spread {
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

    fn unpacked_spread(&self, target: ExprAt, value: ExprId, left: u8) -> Spread {
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

    fn comprehension_spread(&self, at: ExprAt, target: ExprId, left: u8) -> Spread {
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
    fn elements_spread(&self, iter: ExprAt, left: u8) -> Spread {
        let from_values = self.values.objects(iter).any(|(_, object)| self.is_data(object.kind));
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
                "builtins.enumerate" | "builtins.zip" | "builtins.sorted" | "builtins.list" | "builtins.set" | "builtins.reversed" => {
                    return self.program.positional(iter, 0).map(|of| self.elements_spread(of, left)).unwrap_or_default();
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

    /// What data is made of.
    fn is_data(&self, kind: Kind) -> bool {
        matches!(
            kind,
            Kind::Items { .. } | Kind::Item { .. } | Kind::Records | Kind::Record | Kind::PageIterator { .. } | Kind::PynamoResults { .. } | Kind::Cursor
        )
    }

    fn attribute_spread(&self, at: ExprAt, base: ExprAt, name: Sym, left: u8) -> Spread {
        let text = self.text(name);
        if matches!(text, "__name__" | "__class__" | "__qualname__" | "__module__") || says_few(text) && text != "type" {
            return Spread::Few;
        }
        if text == "path" && self.is_route(base) {
            return Spread::Few;
        }
        if self.is_of_request(base) {
            return Spread::Open;
        }
        for value in self.values.eval(at) {
            match value {
                Value::Const(Literal::Str(_) | Literal::Int(_) | Literal::Bool(_)) => {
                    return if names_a_date(text) { Spread::Calendar } else { Spread::Few };
                }
                Value::Class(_) | Value::Function(_) | Value::Module(_) => return Spread::Few,
                _ => {}
            }
        }
        for (_, object) in self.values.objects(base) {
            match object.kind {
                Kind::Settings | Kind::AppConfig => {
                    return if names_a_date(text) { Spread::Calendar } else { Spread::Few };
                }
                Kind::Session(_) | Kind::Client { .. } | Kind::ClientMeta(_) => return Spread::Few,
                Kind::HttpResponse { .. } => return Spread::Unknown,
                kind if self.is_data(kind) => return Spread::Open,
                _ => {}
            }
        }
        match self.program.resolve(at) {
            Some(Symbol::Variable(..)) => return if names_a_date(text) { Spread::Calendar } else { self.symbol_spread(at) },
            Some(Symbol::External(path)) if self.text(path).starts_with("django.conf.settings") => {
                return if names_a_date(text) { Spread::Calendar } else { Spread::Few };
            }
            Some(_) => return Spread::Few,
            None => {}
        }
        for value in self.values.eval(base) {
            let class = match *value {
                Value::Instance(class) | Value::Class(class) => Some(class),
                Value::Object(id) => match self.values.object(id).kind {
                    Kind::Instance(class) => Some(class),
                    _ => None,
                },
                _ => None,
            };
            if let Some(class) = class {
                if self.is_enum(class) {
                    return Spread::Few;
                }
                let stores = self.program.attribute_stores_of(Some(name)).filter(|store| {
                    let of_self = |at: ExprAt| self.values.eval(at).iter().any(|value| match *value {
                        Value::Instance(other) | Value::Class(other) => self.related(class, other),
                        Value::Object(id) => matches!(self.values.object(id).kind, Kind::Instance(other) if self.related(class, other)),
                        _ => false,
                    });
                    of_self(store.at.beside(store.base))
                });
                let all = stores.map(|store| match store.value {
                    Some(value) => self.spread_within(store.at.beside(value), left),
                    None => Spread::Unknown,
                });
                if let Some(found) = all.reduce(Spread::and) {
                    return found;
                }
                // A field of a request's body, as pydantic and dataclasses declare them.
                if let Some((holder, Binding::Target(target))) = self.program.class_binding(class, name) {
                    let module = self.program.module(holder.module);
                    if let Some(stmt) = module.links.stmt_of(target)
                        && let StmtKind::Assign { annotation: Some(annotation), .. } = module.tree[stmt].kind
                        && self.is_few_type(holder.module.expr(annotation))
                    {
                        return Spread::Few;
                    }
                }
            }
        }
        match self.spread_within(base, left) {
            Spread::Open => Spread::Open,
            _ => Spread::Unknown,
        }
    }

    fn related(&self, a: crate::program::ClassId, b: crate::program::ClassId) -> bool {
        self.program.lookup_order(a).contains(&b) || self.program.lookup_order(b).contains(&a)
    }

    fn is_enum(&self, class: crate::program::ClassId) -> bool {
        self.program.derives_from(class, |path| path.starts_with("enum.") || path.ends_with(".TextChoices") || path.ends_with(".IntegerChoices"))
    }

    /// The route that a framework found for a request: `request.scope["route"]`.
    fn is_route(&self, at: ExprAt) -> bool {
        let named = |at: ExprAt| self.values.strings(at).any(says_few);
        match self.program.expr(at).kind {
            ExprKind::Attribute { name, .. } => says_few(self.text(name)),
            ExprKind::Subscript { index, .. } => named(at.beside(index)),
            ExprKind::Call { callee, .. } => match self.program.expr(at.beside(callee)).kind {
                ExprKind::Attribute { name, .. } if self.text(name) == "get" => self.program.positional(at, 0).is_some_and(named),
                ExprKind::Name(name) if self.text(name) == "getattr" => {
                    self.program.positional(at, 1).is_some_and(named) || self.program.positional(at, 0).is_some_and(|of| self.is_route(of))
                }
                _ => false,
            },
            ExprKind::Name(name) => {
                let scope = self.program.binding_scope(self.program.scope_of(at), name);
                scope.is_some_and(|scope| {
                    let mut bindings = self.program.bindings(scope, name);
                    let (Some(Binding::Target(target)), None) = (bindings.next(), bindings.next()) else { return false };
                    let module = self.program.module(scope.module());
                    match module.links.stmt_of(target).map(|stmt| module.tree[stmt].kind) {
                        Some(StmtKind::Assign { value: Some(value), .. }) if value != at.expr => self.is_route(module.id.expr(value)),
                        _ => false,
                    }
                })
            }
            _ => false,
        }
    }

    fn subscript_spread(&self, at: ExprAt, base: ExprAt, index: ExprAt, left: u8) -> Spread {
        if self.is_route(at) {
            return Spread::Few;
        }
        if self.is_of_request(base) {
            return Spread::Open;
        }
        if let Some(Symbol::External(path)) = self.program.resolve(base)
            && self.text(path) == "os.environ"
        {
            return Spread::Few;
        }
        for (_, object) in self.values.objects(base) {
            if self.is_data(object.kind) {
                return Spread::Open;
            }
            if let Kind::Response { .. } = object.kind {
                // The answer to a listing is known too little; what comes with every answer (request ids, rows) does not repeat.
                return match self.values.strings(index).next() {
                    Some("ResponseMetadata" | "Items" | "Item" | "Records" | "Messages" | "Attributes" | "LastEvaluatedKey") => Spread::Open,
                    _ => Spread::Unknown,
                };
            }
        }
        let whole = self.spread_within(base, left);
        match self.program.expr(index).kind {
            // The first letter, the first two.
            ExprKind::Slice { lower: None, upper: Some(upper), .. } if whole == Spread::Open => {
                if self.values.int(at.beside(upper)).is_some_and(|n| (0..=2).contains(&n)) { Spread::Few } else { Spread::Open }
            }
            _ => whole,
        }
    }

    fn call_spread(&self, at: ExprAt, callee: ExprAt, left: u8) -> Spread {
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
                    Some(of) if self.is_new_object(of) || matches!(self.stored(of), Stored::Exception | Stored::Request | Stored::Task) => Spread::Open,
                    _ => Spread::Unknown,
                };
            }
            if path == "builtins.next" {
                return Spread::Open;
            }
            if path == "builtins.min" && program.call(at).is_some_and(|(_, args)| args.iter().any(|arg| self.values.int(at.beside(arg.value)).is_some_and(|n| n <= SMALL))) {
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
        let functions: Vec<FunctionId> = self.values.eval(callee).iter().filter_map(|value| match *value {
            Value::Function(function) | Value::Bound(function, _) => Some(function),
            _ => None,
        }).collect();
        if !functions.is_empty() {
            let all = functions.into_iter().map(|function| self.returned_spread(function, left));
            return all.reduce(Spread::and).unwrap_or_default();
        }
        match program.expr(callee).kind {
            ExprKind::Attribute { base, name } if self.values.path(callee).is_none() => {
                let of = self.spread_within(callee.beside(base), left);
                match self.text(name) {
                    "hexdigest" | "digest" | "isoformat" | "strip" | "lower" | "upper" | "casefold" | "title" | "encode" | "decode"
                    | "replace" | "split" | "rsplit" | "partition" | "format" | "join" | "removeprefix" | "removesuffix" | "copy"
                    | "strftime" | "date" | "timestamp" | "total_seconds" | "get" | "items" | "keys" | "values" | "json" | "pop"
                    | "model_dump" | "model_dump_json" | "dict" => match of {
                        Spread::Few | Spread::Unknown if self.text(name) != "get" => of.and(arguments().unwrap_or(Spread::Few)),
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

    fn returned_spread(&self, function: FunctionId, left: u8) -> Spread {
        let exits = self.program.exits(function).iter().filter(|exit| exit.kind != ExitKind::Yield);
        let all = exits.filter_map(|exit| exit.value).map(|value| self.spread_within(function.module.expr(value), left));
        all.reduce(Spread::and).unwrap_or_default()
    }

    /// What a parameter may be given.
    pub(super) fn param_spread(&self, function: FunctionId, n: usize, left: u8) -> Spread {
        let Some(left) = left.checked_sub(1) else { return Spread::Unknown };
        let Some(&param) = self.program.params(function).get(n) else { return Spread::Unknown };
        if param.annotation.is_some_and(|annotation| self.is_few_type(function.module.expr(annotation))) {
            return Spread::Few;
        }
        if self.entries.is_entry(function) {
            return self.entry_param(function, n, param, left);
        }
        let is_method = self.program.class_of(function).is_some();
        if n == 0 && is_method && matches!(self.text(param.name), "self" | "cls") {
            return Spread::Unknown;
        }
        if matches!(param.kind, ParamKind::Args | ParamKind::Kwargs) {
            return self.gathered_spread(function, n, left);
        }
        let mut found: Option<Spread> = None;
        for caller in self.values.callers(function) {
            let spread = match self.values.argument_of(&caller, function, n) {
                Some(argument) => self.spread_within(argument, left),
                None if param.default.is_some() => Spread::Few,
                None => continue,
            };
            found = Some(match found {
                // One caller that brings anything is enough.
                Some(known) => known.and(spread),
                None => spread,
            });
            if found == Some(Spread::Open) {
                break;
            }
        }
        found.unwrap_or_default()
    }

    /// `*args` of a wrapper: what the functions that it wraps are given.
    fn gathered_spread(&self, function: FunctionId, n: usize, left: u8) -> Spread {
        let program = self.program;
        let mut found: Option<Spread> = None;
        let mut outer = function;
        while let Parent::Function(ix) = program.function(outer).parent {
            outer = function.module.function(ix);
            let name = program.text(program.function(outer).name);
            for site in program.decorators_named(name) {
                let Decorated::Function(on) = site.on else { continue };
                if program.decorator(site.at) != Some(Symbol::Function(outer)) {
                    continue;
                }
                let first = usize::from(program.class_of(on).is_some());
                for n in first..program.params(on).len() {
                    let spread = self.param_spread(on, n, left);
                    found = Some(found.map_or(spread, |known| known.and(spread)));
                }
                // The wrapper takes the place of what it wraps: its calls may be known under either name.
                for call in program.calls_of(Some(program.function(on).name)) {
                    let Some((callee, args)) = program.call(call.at) else { continue };
                    if program.resolve(callee) != Some(Symbol::Function(on)) {
                        continue;
                    }
                    let spread = args.iter().map(|arg| self.spread_within(call.at.beside(arg.value), left)).fold(Spread::Few, Spread::and);
                    found = Some(found.map_or(spread, |known| known.and(spread)));
                }
            }
        }
        for caller in self.values.callers(function) {
            let Some((_, args)) = program.call(caller.call) else { continue };
            let spread = args.iter().skip(n).map(|arg| self.spread_within(caller.call.beside(arg.value), left)).fold(Spread::Few, Spread::and);
            found = Some(found.map_or(spread, |known| known.and(spread)));
        }
        found.unwrap_or_default()
    }

    /// A parameter of an entry point: what its type and its declared bounds leave open.
    fn entry_param(&self, function: FunctionId, n: usize, param: Param, left: u8) -> Spread {
        let module = function.module;
        if n == 0 && self.program.class_of(function).is_some() {
            return Spread::Unknown;
        }
        for declared in [param.default, param.annotation].into_iter().flatten() {
            let found = self.declared_spread(module.expr(declared), left);
            if let Some(found) = found {
                return found;
            }
        }
        Spread::Open
    }

    /// What `Depends(…)`, `Query(ge=…, le=…)` and the like say, also within `Annotated`.
    fn declared_spread(&self, at: ExprAt, left: u8) -> Option<Spread> {
        let program = self.program;
        let tree = program.tree(at.module);
        match tree[at.expr].kind {
            ExprKind::Subscript { index, .. } => match tree[index].kind {
                ExprKind::Tuple(parts) => tree[parts].iter().skip(1).find_map(|&part| self.declared_spread(at.beside(part), left)),
                _ => None,
            },
            ExprKind::Call { callee, .. } => {
                let name = match tree[callee].kind {
                    ExprKind::Name(name) | ExprKind::Attribute { name, .. } => self.text(name),
                    _ => return None,
                };
                match name {
                    "Depends" | "Security" => {
                        let provider = program.positional(at, 0)?;
                        let all = self.values.eval(provider).iter().filter_map(|value| match *value {
                            Value::Function(function) | Value::Bound(function, _) => Some(self.returned_spread(function, left)),
                            Value::Class(_) => Some(Spread::Unknown),
                            _ => None,
                        });
                        Some(all.reduce(Spread::and).unwrap_or_default())
                    }
                    _ => {
                        let bound = |names: [&str; 2]| names.into_iter().find_map(|name| self.values.int(program.keyword(at, name)?));
                        let (low, high) = (bound(["ge", "gt"])?, bound(["le", "lt"])?);
                        (high - low <= SMALL).then_some(Spread::Few)
                    }
                }
            }
            _ => None,
        }
    }

    /// Whether a type has a fixed set of values: an enum, `Literal[…]`, `bool`.
    fn is_few_type(&self, annotation: ExprAt) -> bool {
        let tree = self.program.tree(annotation.module);
        let of = |expr: ExprId| self.is_few_type(annotation.beside(expr));
        match tree[annotation.expr].kind {
            ExprKind::Name(_) | ExprKind::Attribute { .. } => match self.program.resolve(annotation) {
                Some(Symbol::Class(class)) => self.is_enum(class),
                Some(Symbol::External(path)) => matches!(self.text(path), "builtins.bool" | "builtins.type"),
                _ => false,
            },
            ExprKind::Subscript { base, index } => match self.program.external(annotation.beside(base)) {
                Some("typing.Literal" | "typing_extensions.Literal" | "typing.Type" | "builtins.type") => true,
                Some("typing.Optional") => of(index),
                Some("typing.Annotated" | "typing_extensions.Annotated" | "typing.Union") => match tree[index].kind {
                    ExprKind::Tuple(parts) => tree[parts].first().is_some_and(|&first| of(first)),
                    _ => false,
                },
                _ => false,
            },
            ExprKind::Binary { op: Operator::BitOr, left, right } => {
                let none = |expr: ExprId| matches!(tree[expr].kind, ExprKind::Const(Const::None));
                of(left) && (none(right) || of(right)) || none(left) && of(right)
            }
            _ => false,
        }
    }

    /// Whether an expression is a request or read from one; the method and the scheme are a few, everything else is not.
    pub(super) fn is_of_request(&self, at: ExprAt) -> bool {
        if self.is_route(at) {
            return false;
        }
        let mut at = at;
        for _ in 0..12 {
            if self.values.is(at, |kind| matches!(kind, Kind::Request | Kind::RequestSession)) {
                return true;
            }
            at = match self.program.expr(at).kind {
                ExprKind::Attribute { base, name } if !matches!(self.text(name), "method" | "scheme" | "app" | "state" | "resolver_match") => at.beside(base),
                ExprKind::Subscript { base, .. } => at.beside(base),
                ExprKind::Call { callee, .. } => at.beside(callee),
                ExprKind::Await(value) => at.beside(value),
                _ => return false,
            };
        }
        false
    }

    /// Whether a value was checked against a fixed set before: `if kind not in KINDS: raise …`.
    pub(super) fn is_checked(&self, key: ExprAt, facts: &[super::guard::Fact], holder: ExprAt) -> bool {
        let tree = self.program.tree(key.module);
        facts.iter().any(|fact| {
            let ExprKind::Compare { left, rest } = tree[fact.test.expr].kind else { return false };
            let [comparison] = tree[rest] else { return false };
            let inside = matches!((comparison.op, fact.holds), (Compare::In, true) | (Compare::NotIn, false));
            inside
                && super::add::same(tree, left, key.expr)
                && !super::add::same(tree, comparison.right, holder.expr)
                && self.spread(key.beside(comparison.right)) == Spread::Few
        })
    }
}
