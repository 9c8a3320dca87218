//! Whether what an expression makes is made anew for each request: followed from the expression to who keeps it. What is returned belongs to the callers, and what
//! an instance keeps belongs to whoever makes the instance.

use rustc_hash::FxHashSet;

use crate::program::{ExprAt, FunctionId, Program, Scope};
use crate::rules::Cx;
use crate::rules::look::{Body, Reach, call_name, is_none, name, reach, root_name};
use crate::syntax::{Compare, ExprId, ExprKind, Parent, StmtId, StmtKind, Sym};

/// Where something is made over and over.
#[derive(Clone, Copy, Debug)]
pub struct Rebuilt {
    /// Who gets there.
    pub reach: Reach,
    /// The function that the requests go through on their way, where it is not the one that builds.
    pub through: Option<ExprAt>,
}

/// How many calls away who keeps something is looked for.
const DEPTH: u8 = 5;

/// Decorators that keep what a function returns.
const CACHES: &[&str] = &[
    "lru_cache",
    "cache",
    "cached",
    "cached_property",
    "memoize",
    "memoized",
    "singleton",
    "once",
    "ttl_cache",
    "cachedmethod",
    "alru_cache",
    "threaded_cached_property",
    "cache_resource",
    "lazy_property",
];

/// Whether what an expression makes is made anew each time that a request, message or task gets there.
pub fn rebuilt(cx: &Cx<'_>, value: ExprAt) -> Option<Rebuilt> {
    let mut seen = FxHashSet::default();
    follow(cx, value, DEPTH, &mut seen)
}

fn follow(cx: &Cx<'_>, value: ExprAt, left: u8, seen: &mut FxHashSet<ExprAt>) -> Option<Rebuilt> {
    let left = left.checked_sub(1)?;
    if !seen.insert(value) {
        return None;
    }
    let program = cx.program;
    let scope = program.scope_of(value);
    let function = scope.function()?;
    let on_self = is_attribute_of_self(program, function, value);
    let guarded = is_guarded(program, value);
    if is_cached(program, function) || is_kept(cx, function, value) || guarded && !on_self {
        return None;
    }
    let who = reach(cx, scope);
    if who == Reach::Rare {
        return None;
    }
    let own = who.is_hot().then_some(Rebuilt { reach: who, through: None });
    let name = program.text(program.function(function).name);
    let constructor = matches!(name, "__init__" | "__post_init__" | "__new__" | "__aenter__");
    let leaves: Vec<ExprAt> = if on_self {
        // The instance keeps it: what matters is how often instances are made.
        match program.class_of(function) {
            Some(class) if constructor || guarded => instances(cx, class),
            _ => return own,
        }
    } else if is_returned(program, function, value) {
        cx.values.callers(function).into_iter().map(|caller| caller.call).collect()
    } else {
        return own;
    };
    if guarded && leaves.is_empty() {
        return None;
    }
    let mut hot = 0;
    for caller in leaves {
        if !reach(cx, program.scope_of(caller)).is_hot() {
            continue;
        }
        hot += 1;
        if let Some(found) = follow(cx, caller, left, seen) {
            return Some(Rebuilt { through: Some(found.through.unwrap_or(caller)), ..found });
        }
    }
    // Frameworks call it themselves: a dependency, a view class.
    if hot == 0 && !guarded || cx.entries.is_entry(function) { own } else { None }
}

/// The calls that make instances of a class or of one that derives from it.
fn instances(cx: &Cx<'_>, class: crate::program::ClassId) -> Vec<ExprAt> {
    let program = cx.program;
    let mut classes = vec![class];
    classes.extend(program.descendants(class));
    let mut found = Vec::new();
    for class in classes {
        let named = program.calls_of(Some(program.class(class).name));
        found.extend(named.map(|site| site.at).filter(|&at| {
            program.call(at).and_then(|(callee, _)| program.resolve(callee))
                == Some(crate::program::Symbol::Class(class))
        }));
    }
    found
}

/// Whether a decorator keeps what the function, or the one around it, returns.
pub fn is_cached(program: &Program, function: FunctionId) -> bool {
    let mut at = function;
    loop {
        let cached = program.decorators_of(at).any(|decorator| {
            let callee = program.call(decorator).map_or(decorator, |(callee, _)| callee);
            match program.expr(callee).kind {
                ExprKind::Name(name) | ExprKind::Attribute { name, .. } => {
                    let text = program.text(name);
                    CACHES.contains(&text) || text.contains("cache") || text.contains("singleton")
                }
                _ => false,
            }
        });
        if cached {
            return true;
        }
        match program.function(at).parent {
            Parent::Function(ix) => at = function.module.function(ix),
            _ => return false,
        }
    }
}

/// Whether the value is stored into something that outlives the call, other than an attribute of `self`.
fn is_kept(cx: &Cx<'_>, function: FunctionId, value: ExprAt) -> bool {
    let program = cx.program;
    let module = program.module(value.module);
    let Some(stmt) = module.links.stmt_of(value.expr) else { return false };
    match module.tree[stmt].kind {
        StmtKind::Assign { targets, .. } => {
            module.tree[targets].iter().any(|&target| keeps(cx, function, value.beside(target)))
        }
        StmtKind::Expr(call) => {
            // `_clients.setdefault(name, boto3.client(name))`
            let call = value.beside(call);
            call_name(program, call) == Some("setdefault")
                && program.receiver(call).is_some_and(|receiver| is_shared(cx, function, receiver))
        }
        _ => false,
    }
}

fn keeps(cx: &Cx<'_>, function: FunctionId, target: ExprAt) -> bool {
    let program = cx.program;
    match program.expr(target).kind {
        ExprKind::Name(name) => {
            let bindings = &program.module(target.module).bindings;
            let parent = Parent::Function(function.ix);
            bindings.is_global(parent, name)
                || bindings.is_nonlocal(parent, name)
                || is_passed_on(cx, function, target, name)
        }
        ExprKind::Attribute { base, .. } => {
            let base = target.beside(base);
            !is_self(program, function, base) && is_shared(cx, function, base)
        }
        ExprKind::Subscript { base, .. } => is_shared(cx, function, target.beside(base)),
        _ => false,
    }
}

/// `client = boto3.client(…)`, and then `_clients[name] = client` or `self.client = client` under a guard.
fn is_passed_on(cx: &Cx<'_>, function: FunctionId, target: ExprAt, local: Sym) -> bool {
    let program = cx.program;
    let body = Body::of(program, Scope::Function(function));
    let tree = program.tree(function.module);
    body.stmts.iter().any(|&stmt| match tree[stmt].kind {
        StmtKind::Assign { targets, value: Some(value), .. } => {
            name(program, target.beside(value)) == Some(local)
                && tree[targets].iter().any(|&other| match tree[other].kind {
                    ExprKind::Name(other) => {
                        program.module(function.module).bindings.is_global(Parent::Function(function.ix), other)
                    }
                    ExprKind::Subscript { base, .. } => is_shared(cx, function, target.beside(base)),
                    ExprKind::Attribute { base, .. } => {
                        !is_self(program, function, target.beside(base)) && is_shared(cx, function, target.beside(base))
                    }
                    _ => false,
                })
        }
        _ => false,
    })
}

/// Whether an expression is something that outlives the call: a global, a class, the state of an application, a thread's own.
fn is_shared(cx: &Cx<'_>, function: FunctionId, at: ExprAt) -> bool {
    use crate::values::Kind;
    let program = cx.program;
    if cx.values.is(at, |kind| {
        matches!(
            kind,
            Kind::AppState | Kind::App(_) | Kind::AppConfig | Kind::ThreadLocal | Kind::ContextVar | Kind::Settings
        )
    }) {
        return true;
    }
    let Some(root) = root_name(program, at) else { return false };
    match program.binding_scope(Scope::Function(function), root) {
        Some(Scope::Module(_)) => true,
        // `self._clients[name]`, `cls._client`
        Some(Scope::Function(_)) => {
            matches!(program.text(root), "self" | "cls") && program.class_of(function).is_some()
        }
        Some(Scope::Class(_)) => true,
        None => false,
    }
}

fn is_self(program: &Program, function: FunctionId, at: ExprAt) -> bool {
    let first = program.params(function).first().map(|param| param.name);
    program.class_of(function).is_some()
        && first.is_some()
        && name(program, at) == first
        && !program.is_decorated(function, |path| path.ends_with("classmethod"))
}

/// Whether the value becomes an attribute of the instance.
fn is_attribute_of_self(program: &Program, function: FunctionId, value: ExprAt) -> bool {
    let module = program.module(value.module);
    let Some(stmt) = module.links.stmt_of(value.expr) else { return false };
    match module.tree[stmt].kind {
        StmtKind::Assign { targets, .. } => module.tree[targets].iter().any(|&target| match module.tree[target].kind {
            ExprKind::Attribute { base, .. } => is_self(program, function, value.beside(base)),
            _ => false,
        }),
        _ => false,
    }
}

/// Whether the function returns the value, or something that it is part of.
fn is_returned(program: &Program, function: FunctionId, value: ExprAt) -> bool {
    let module = program.module(value.module);
    let Some(stmt) = module.links.stmt_of(value.expr) else { return false };
    if let StmtKind::Return(_) = module.tree[stmt].kind {
        return true;
    }
    if matches!(module.tree[stmt].kind, StmtKind::Expr(_))
        && module.tree[program.function(function).body].len() == 1
        && program.text(program.function(function).name) == "<lambda>"
    {
        return true;
    }
    let StmtKind::Assign { targets, .. } = module.tree[stmt].kind else { return false };
    let names: Vec<Sym> =
        module.tree[targets].iter().filter_map(|&target| name(program, value.beside(target))).collect();
    program.exits(function).iter().any(|exit| {
        exit.value.is_some_and(|exit| {
            let at = value.beside(exit);
            // `return client`, `return resource.Table(name)`: not `return client.get_item(…)["Item"]`.
            let whole = name(program, at).is_some_and(|name| names.contains(&name));
            let made_of =
                matches!(call_name(program, at), Some("Table" | "client" | "resource" | "Bucket" | "Queue" | "Topic"))
                    && root_name(program, at).is_some_and(|name| names.contains(&name));
            whole || made_of
        })
    })
}

/// Whether the expression runs only while something is not there yet: `if _client is None`, `if name not in _clients`, `if not hasattr(local, "client")`.
pub fn is_guarded(program: &Program, value: ExprAt) -> bool {
    let module = program.module(value.module);
    let Some(mut stmt) = module.links.stmt_of(value.expr) else { return false };
    // `self._client = self._client or boto3.client(…)`
    if let StmtKind::Assign { targets, value: Some(whole), .. } = module.tree[stmt].kind
        && let ExprKind::Bool { or: true, .. } = module.tree[whole].kind
        && let [target] = module.tree[targets]
        && !matches!(module.tree[target].kind, ExprKind::Name(_))
    {
        return true;
    }
    let targets = targets_of(program, value, stmt);
    while let Some((parent, _)) = module.links.parent_stmt(stmt) {
        if let StmtKind::If { test, .. } = module.tree[parent].kind
            && tests_absence(program, value.beside(test), &targets)
        {
            return true;
        }
        if let StmtKind::Try { .. } = module.tree[parent].kind
            && targets.iter().any(|target| {
                matches!(program.expr(*target).kind, ExprKind::Attribute { .. } | ExprKind::Subscript { .. })
            })
            && module.links.parent_stmt(stmt).is_some_and(|(_, part)| part == crate::program::Part::Handler)
        {
            return true;
        }
        stmt = parent;
    }
    false
}

/// What the statement of a value assigns to, where that may outlive the call.
fn targets_of(program: &Program, value: ExprAt, stmt: StmtId) -> Vec<ExprAt> {
    let tree = program.tree(value.module);
    match tree[stmt].kind {
        StmtKind::Assign { targets, .. } => tree[targets].iter().map(|&target| value.beside(target)).collect(),
        _ => Vec::new(),
    }
}

/// Whether a condition asks whether a target, or the entry of a mapping, is missing.
fn tests_absence(program: &Program, test: ExprAt, targets: &[ExprAt]) -> bool {
    let tree = program.tree(test.module);
    let about = |expr: ExprId| {
        let at = test.beside(expr);
        targets.iter().any(|&target| {
            same(program, at, target)
                || root_name(program, at).is_some_and(|name| root_name(program, target) == Some(name))
                    && !matches!(program.expr(target).kind, ExprKind::Name(_))
        }) || targets.iter().any(|&target| {
            name(program, at).is_some() && name(program, at) == name(program, target) && is_outer(program, target)
        })
    };
    match tree[test.expr].kind {
        ExprKind::Unary { not: true, value } => {
            about(value)
                || matches!(call_name(program, test.beside(value)), Some("hasattr"))
                    && matches!(tree[value].kind, ExprKind::Call { .. })
        }
        ExprKind::Compare { left, rest } => tree[rest].iter().any(|comparison| match comparison.op {
            Compare::Is | Compare::Eq => is_none(program, test.beside(comparison.right)) && about(left),
            Compare::NotIn => about(comparison.right) || targets.is_empty(),
            _ => false,
        }),
        ExprKind::Bool { values, .. } => {
            tree[values].iter().any(|&value| tests_absence(program, test.beside(value), targets))
        }
        _ => false,
    }
}

/// Whether a name is bound outside of the function that assigns it (`global`, `nonlocal`).
fn is_outer(program: &Program, target: ExprAt) -> bool {
    let scope = program.scope_of(target);
    let (Some(name), Some(function)) = (name(program, target), scope.function()) else { return false };
    let bindings = &program.module(target.module).bindings;
    let parent = Parent::Function(function.ix);
    bindings.is_global(parent, name) || bindings.is_nonlocal(parent, name)
}

/// Whether two expressions read the same name, attribute or entry, by the text.
fn same(program: &Program, a: ExprAt, b: ExprAt) -> bool {
    match (program.expr(a).kind, program.expr(b).kind) {
        (ExprKind::Name(one), ExprKind::Name(other)) => one == other && is_outer(program, b),
        (ExprKind::Attribute { base: one, name: first }, ExprKind::Attribute { base: other, name: second }) => {
            first == second && root_name(program, a.beside(one)) == root_name(program, b.beside(other))
        }
        (ExprKind::Subscript { base: one, .. }, ExprKind::Subscript { base: other, .. }) => {
            root_name(program, a.beside(one)) == root_name(program, b.beside(other))
        }
        _ => false,
    }
}
