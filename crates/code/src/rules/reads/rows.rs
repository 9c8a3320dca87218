//! Where all rows of a read go: which names of a function hold them, which functions return them, and which expressions are made of them. Slices, counts
//! and single rows are not all rows.

use std::cell::RefCell;

use rustc_hash::FxHashMap;

use crate::program::{ExitKind, ExprAt, FunctionId, Program, Scope, Symbol};
use crate::rules::Cx;
use crate::rules::look::{self, Body, call_name, keyed, name};
use crate::rules::reads::pages::{Unit, source};
use crate::rules::reads::read::{self, Op};
use crate::syntax::{Comprehension, ExprId, ExprKind, StmtId, StmtKind, Sym};

/// Which read the rows come from.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// Which read.
    pub op: Op,
    /// The call that reads.
    pub read: ExprAt,
    /// Whether they are the rows of one answer only, at most a megabyte.
    pub one_page: bool,
}

/// The names of a function that hold all rows.
pub type Names = FxHashMap<Sym, Origin>;

/// Follows rows; keeps what it has found out about functions.
pub struct Rows<'c, 'a> {
    cx: &'c Cx<'a>,
    returned: RefCell<FxHashMap<FunctionId, Option<Origin>>>,
}

/// Calls that hand on all that they are given.
const KEEPERS: &[&str] = &[
    "list",
    "tuple",
    "sorted",
    "reversed",
    "jsonable_encoder",
    "jsonify",
    "Response",
    "JsonResponse",
    "JSONResponse",
    "ORJSONResponse",
    "UJSONResponse",
    "HttpResponse",
    "make_response",
    "dumps",
    "dict",
    "render",
    "TemplateResponse",
    "render_template",
    "map",
    "filter",
    "json_response",
    "deepcopy",
];

impl<'c, 'a> Rows<'c, 'a> {
    /// Knows nothing yet.
    pub fn new(cx: &'c Cx<'a>) -> Self {
        Self { cx, returned: RefCell::default() }
    }

    /// The names of a scope that hold all rows of a read, at its end or where it returns.
    pub fn names(&self, scope: Scope, body: &Body) -> Names {
        let program = self.cx.program;
        let module = scope.module();
        let tree = program.tree(module);
        let mut names = Names::default();
        for collected in self.cx.collected().iter().filter(|collected| collected.scope == scope) {
            if let Some(container) = collected.container {
                let origin = Origin { op: collected.source.op, read: collected.source.read, one_page: false };
                names.insert(container, origin);
            }
        }
        let mut collected: Vec<Sym> = names.keys().copied().collect();
        for &stmt in &body.stmts {
            if let StmtKind::For { iter, .. } = tree[stmt].kind
                && let Some(origin) = self.all_rows(module.expr(iter), &names)
            {
                // One element for each row: a list of all of them again.
                for container in self.appended(scope, stmt) {
                    names.entry(container).or_insert(origin);
                    collected.push(container);
                }
            }
            let StmtKind::Assign { targets, value: Some(value), .. } = tree[stmt].kind else { continue };
            let [target] = tree[targets] else { continue };
            let Some(target) = name(program, module.expr(target)) else { continue };
            if let Some(origin) = self.all_rows(module.expr(value), &names) {
                names.entry(target).or_insert(origin);
                continue;
            }
            let again = !is_conditional(program, module, stmt) && !collected.contains(&target);
            if again || cuts(program, module.expr(value), target) {
                names.remove(&target);
            }
        }
        names
    }

    /// The names that a loop appends to.
    fn appended(&self, scope: Scope, stmt: StmtId) -> Vec<Sym> {
        let program = self.cx.program;
        let tree = program.tree(scope.module());
        let inside =
            program.calls_in(scope).iter().filter(|site| look::spans(tree[stmt].span, tree[site.at.expr].span));
        inside
            .filter(|site| call_name(program, site.at) == Some("append"))
            .filter_map(|site| name(program, program.receiver(site.at)?))
            .collect()
    }

    /// The read whose rows an expression holds, all of them.
    pub fn all_rows(&self, at: ExprAt, names: &Names) -> Option<Origin> {
        let program = self.cx.program;
        let tree = program.tree(at.module);
        let one = |expr: ExprId| self.all_rows(at.beside(expr), names);
        if let Some((base, key, _)) = keyed(program, at) {
            return if matches!(key, "Items") { self.answer(base) } else { None };
        }
        match tree[at.expr].kind {
            ExprKind::Name(name) => names.get(&name).copied(),
            ExprKind::Await(inner) | ExprKind::Starred(inner) | ExprKind::Named { value: inner, .. } => one(inner),
            ExprKind::Dict(entries) => {
                let entries = &tree[entries];
                let pages =
                    entries.iter().filter_map(|entry| entry.key).any(|key| is_cursor_key(program, at.beside(key)));
                if pages { None } else { entries.iter().find_map(|entry| one(entry.value)) }
            }
            ExprKind::List(parts) | ExprKind::Tuple(parts) => tree[parts].iter().find_map(|&part| one(part)),
            ExprKind::IfElse { body, orelse, .. } => one(body).or_else(|| one(orelse)),
            ExprKind::Bool { or: true, values } => tree[values].iter().find_map(|&value| one(value)),
            ExprKind::Binary { op: crate::syntax::Operator::Add, left, right } => one(left).or_else(|| one(right)),
            ExprKind::Comprehension { kind, clauses, .. } => {
                let clause = tree[clauses].first()?;
                if kind == Comprehension::Set {
                    return None;
                }
                one(clause.iter).or_else(|| self.drained(at.beside(clause.iter)))
            }
            ExprKind::Call { args, .. } => self.call(at, &tree[args], names),
            _ => None,
        }
    }

    fn call(&self, at: ExprAt, args: &[crate::syntax::Arg], names: &Names) -> Option<Origin> {
        let program = self.cx.program;
        let given = || args.iter().find_map(|arg| self.all_rows(at.beside(arg.value), names));
        let called = call_name(program, at)?;
        if let Some(Symbol::Function(function)) = self.target(at) {
            return given().filter(|_| hands_on(program, function)).or_else(|| self.returned(function));
        }
        if called == "build_full_result" {
            return None;
        }
        if KEEPERS.contains(&called) || called.ends_with("Response") {
            let direct = given();
            return direct.or_else(|| {
                let first = program.positional(at, 0)?;
                if matches!(called, "list" | "tuple" | "sorted") { self.drained(first) } else { None }
            });
        }
        if called == "join" {
            return given().or_else(|| self.drained(program.positional(at, 0)?));
        }
        None
    }

    /// The function of the project that a call runs.
    fn target(&self, call: ExprAt) -> Option<Symbol> {
        use crate::values::Value;
        let (callee, _) = self.cx.program.call(call)?;
        if let Some(symbol @ Symbol::Function(_)) = self.cx.program.resolve(callee) {
            return Some(symbol);
        }
        self.cx.values.eval(callee).iter().find_map(|value| match value {
            Value::Function(function) | Value::Bound(function, _) => Some(Symbol::Function(*function)),
            _ => None,
        })
    }

    /// What draining a source gives, where nothing bounds it.
    fn drained(&self, at: ExprAt) -> Option<Origin> {
        let found = source(self.cx, at).filter(|found| !found.bounded && found.unit != Unit::Pages)?;
        Some(Origin { op: found.op, read: found.read, one_page: false })
    }

    /// The read that an expression is the answer of, where no `Limit` makes it a page: a scan, a full result.
    fn answer(&self, base: ExprAt) -> Option<Origin> {
        let program = self.cx.program;
        let base = look::unwrapped(program, base);
        match program.expr(base).kind {
            ExprKind::Call { .. } => {
                if call_name(program, base) == Some("build_full_result") {
                    let found = source(self.cx, program.receiver(base)?).filter(|found| !found.bounded)?;
                    return Some(Origin { op: found.op, read: found.read, one_page: false });
                }
                let scope = program.scope_of(base);
                let read = read::read_of(self.cx, base, scope)?;
                let limited =
                    read::option(self.cx, base, "Limit").is_some() || read::option(self.cx, base, "Select").is_some();
                (!limited && read.op == Op::Scan).then_some(Origin { op: read.op, read: base, one_page: true })
            }
            ExprKind::Name(name) => {
                let scope = program.binding_scope(program.scope_of(base), name)?;
                let values = Body::of(program, scope).values_of(program.tree(base.module), name);
                let [only] = values.as_slice() else { return None };
                let value = look::unwrapped(program, base.beside(*only));
                matches!(program.expr(value).kind, ExprKind::Call { .. }).then(|| self.answer(value))?
            }
            _ => None,
        }
    }

    /// The read whose rows a function of the project returns, all of them.
    pub fn returned(&self, function: FunctionId) -> Option<Origin> {
        if let Some(&known) = self.returned.borrow().get(&function) {
            return known;
        }
        // A function that calls itself learns nothing from itself.
        self.returned.borrow_mut().insert(function, None);
        let found = self.answers(function).map(|(_, origin)| origin);
        self.returned.borrow_mut().insert(function, found);
        found
    }

    /// The first `return` of a function that hands out all rows.
    pub fn answers(&self, function: FunctionId) -> Option<(ExprAt, Origin)> {
        let program = self.cx.program;
        if program.function(function).is_generator {
            return None;
        }
        let exits = program.exits(function);
        if exits.is_empty() {
            return None;
        }
        let scope = Scope::Function(function);
        let body = Body::of(program, scope);
        let names = self.names(scope, &body);
        exits.iter().filter(|exit| exit.kind == ExitKind::Return).find_map(|exit| {
            let value = function.module.expr(exit.value?);
            Some((value, self.all_rows(value, &names)?))
        })
    }
}

/// Whether a function returns what it is given, or an answer made of it.
fn hands_on(program: &Program, function: FunctionId) -> bool {
    let params: Vec<Sym> = program.params(function).iter().map(|param| param.name).collect();
    program.exits(function).iter().filter(|exit| exit.kind == ExitKind::Return).any(|exit| {
        exit.value.is_some_and(|value| {
            let value = function.module.expr(value);
            let counts = matches!(call_name(program, value), Some("len" | "sum" | "min" | "max"));
            !counts && look::mentions(program, value, |name| params.contains(&name))
        })
    })
}

/// Keys that tell of more pages.
fn is_cursor_key(program: &Program, key: ExprAt) -> bool {
    look::text(program, key).is_some_and(|key| {
        let key = key.to_ascii_lowercase();
        ["next", "cursor", "last", "token", "more", "page"].iter().any(|word| key.contains(word))
    })
}

/// `rows = rows[:n]`.
fn cuts(program: &Program, value: ExprAt, target: Sym) -> bool {
    match program.expr(value).kind {
        ExprKind::Subscript { base, index } => {
            matches!(program.expr(value.beside(index)).kind, ExprKind::Slice { .. })
                && name(program, value.beside(base)) == Some(target)
        }
        _ => false,
    }
}

fn is_conditional(program: &Program, module: crate::program::ModuleId, stmt: StmtId) -> bool {
    program.module(module).links.parent_stmt(stmt).is_some()
}
