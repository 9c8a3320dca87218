//! Values that a caller of the service chooses: followed backwards from where they are used to where they enter, with what limits them on the way.
//! What goes through a function of the project that is not looked into counts as checked.

use plimsoll_model::Part;

use crate::program::{Binding, ExprAt, FunctionId, Symbol};
use crate::rules::look::limits::{is_limited, is_marker, is_measure, limits};
use crate::rules::look::{Body, call_name};
use crate::rules::{Cx, Spot};
use crate::syntax::{Const, ExprId, ExprKind, StmtKind, Sym};
use crate::values::{Kind, Value};

/// A value of the caller's, without a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input {
    /// Where it enters.
    pub spot: Spot,
    /// The function in which it enters.
    pub entry: FunctionId,
    /// What the caller calls it: the parameter's name, or the key of the query string.
    pub name: Option<Sym>,
}

impl Input {
    /// The parameter, as the caller knows it.
    pub fn part(&self, cx: &Cx<'_>) -> Option<Part> {
        self.name.map(|name| cx.part(self.entry, name))
    }
}

/// How far values are followed.
const DEPTH: u8 = 8;

/// Attributes of a request that hold what the caller sends.
const PARTS: &[&str] = &[
    "GET",
    "POST",
    "args",
    "form",
    "values",
    "query_params",
    "data",
    "json",
    "query_string",
    "path_params",
    "headers",
    "cookies",
    "body",
];

/// Calls whose result is as free as what they are given.
const PLAIN: &[&str] = &[
    "int",
    "float",
    "str",
    "abs",
    "list",
    "set",
    "tuple",
    "sorted",
    "max",
    "loads",
    "range",
    "enumerate",
    "dict",
    "len",
];

/// Methods whose result is as free as what they are called on.
const METHODS: &[&str] = &[
    "split",
    "strip",
    "lower",
    "upper",
    "get",
    "getlist",
    "pop",
    "replace",
    "values",
    "items",
    "keys",
    "dict",
    "json",
    "get_json",
    "model_dump",
    "splitlines",
    "rsplit",
    "lstrip",
    "rstrip",
    "removesuffix",
    "removeprefix",
];

/// Where a caller's value enters that the expression holds, unless something limits it.
pub fn input(cx: &Cx<'_>, at: ExprAt) -> Option<Input> {
    Trace { cx }.follow(at, DEPTH)
}

struct Trace<'c, 'a> {
    cx: &'c Cx<'a>,
}

impl Trace<'_, '_> {
    fn follow(&self, at: ExprAt, left: u8) -> Option<Input> {
        let left = left.checked_sub(1)?;
        let program = self.cx.program;
        let tree = program.tree(at.module);
        let one = |expr: ExprId| self.follow(at.beside(expr), left);
        match tree[at.expr].kind {
            ExprKind::Name(name) => self.name(at, name, left),
            ExprKind::Await(inner) | ExprKind::Starred(inner) | ExprKind::Named { value: inner, .. } => one(inner),
            ExprKind::IfElse { test, body, orelse } => {
                if is_measure(program, at.beside(test), None) {
                    None
                } else {
                    one(body).or_else(|| one(orelse))
                }
            }
            ExprKind::Bool { values, .. } => tree[values].iter().find_map(|&value| one(value)),
            ExprKind::Binary { left: a, right: b, .. } => one(a).or_else(|| one(b)),
            ExprKind::Unary { value, not: false } => one(value),
            ExprKind::Attribute { base, name } => {
                if self.is_request(at.beside(base)) && PARTS.contains(&program.text(name)) {
                    return self.enters(at);
                }
                self.field(at.beside(base), name, left)
            }
            ExprKind::Subscript { base, index } => {
                if let ExprKind::Slice { upper: Some(upper), .. } = tree[index].kind {
                    return one(upper);
                }
                let found = one(base)?;
                Some(if self.is_part(at.beside(base)) { self.keyed(at, at.beside(index), found) } else { found })
            }
            ExprKind::Call { args, .. } => {
                let name = call_name(program, at)?;
                if let Some(receiver) = program.receiver(at) {
                    let plural = matches!(name, "items" | "keys" | "values") && !args.is_empty();
                    if !METHODS.contains(&name) || plural {
                        return None;
                    }
                    let found = self.follow(receiver, left)?;
                    let key = program.positional(at, 0).filter(|_| self.is_part(receiver));
                    return Some(key.map_or(found, |key| self.keyed(at, key, found)));
                }
                let is_builtin =
                    PLAIN.contains(&name) && !matches!(program.resolve(program.call(at)?.0), Some(Symbol::Function(_)));
                if is_builtin { tree[args].iter().find_map(|arg| one(arg.value)) } else { None }
            }
            ExprKind::Comprehension { clauses, .. } => tree[clauses].first().and_then(|clause| one(clause.iter)),
            ExprKind::List(parts) | ExprKind::Tuple(parts) => {
                tree[parts].iter().find_map(|&part| match tree[part].kind {
                    ExprKind::Starred(inner) => one(inner),
                    _ => None,
                })
            }
            _ => None,
        }
    }

    fn enters(&self, at: ExprAt) -> Option<Input> {
        let entry = self.cx.program.scope_of(at).function()?;
        Some(Input { spot: Spot::expr(self.cx.program, at), entry, name: None })
    }

    /// A value of a request's part by its key.
    fn keyed(&self, at: ExprAt, key: ExprAt, found: Input) -> Input {
        let name = match self.cx.program.expr(key).kind {
            ExprKind::Const(Const::Str(key)) => Some(key),
            _ => None,
        };
        Input { spot: Spot::expr(self.cx.program, at), name, ..found }
    }

    fn is_part(&self, at: ExprAt) -> bool {
        match self.cx.program.expr(at).kind {
            ExprKind::Attribute { base, name } => {
                PARTS.contains(&self.cx.program.text(name)) && self.is_request(at.beside(base))
            }
            _ => false,
        }
    }

    fn is_request(&self, at: ExprAt) -> bool {
        let named = match self.cx.program.expr(at).kind {
            ExprKind::Name(name) | ExprKind::Attribute { name, .. } => self.cx.program.text(name) == "request",
            _ => false,
        };
        named || self.cx.values.objects(at).any(|(_, object)| object.kind == Kind::Request)
    }

    fn name(&self, at: ExprAt, name: Sym, left: u8) -> Option<Input> {
        let program = self.cx.program;
        if program.comprehension_target(at, name).is_some() {
            return None;
        }
        let scope = program.binding_scope(program.scope_of(at), name)?;
        let function = scope.function()?;
        let body = Body::of(program, scope);
        if is_limited(program, &body, function, name) {
            return None;
        }
        let tree = program.tree(function.module);
        let assigned = body.values_of(tree, name);
        let before =
            |value: &&ExprId| tree[**value].span.start < tree[at.expr].span.start || at.module != function.module;
        let local = assigned.iter().filter(before).find_map(|&value| {
            let value = function.module.expr(value);
            // `limit = max(1, min(limit, most))` must not lead to itself.
            if super::mentions(program, value, |other| other == name) { None } else { self.follow(value, left) }
        });
        if local.is_some() {
            return local;
        }
        let param = program.bindings(scope, name).find_map(|binding| match binding {
            Binding::Param(n) => Some(n as usize),
            _ => None,
        })?;
        self.param(function, param, left)
    }

    fn param(&self, function: FunctionId, n: usize, left: u8) -> Option<Input> {
        let program = self.cx.program;
        let param = program.params(function)[n];
        if self.cx.entries.takes_input(function) {
            let limits = [param.annotation, param.default].into_iter().flatten().any(|expr| {
                let at = function.module.expr(expr);
                limits(program, at, 4) || is_marker(program, at, 3)
            });
            if limits || self.is_no_input(function, param.annotation, param.default) {
                return None;
            }
            return Some(Input {
                spot: Spot { module: function.module, span: param.span },
                entry: function,
                name: Some(param.name),
            });
        }
        self.cx.values.callers(function).into_iter().filter(|caller| !caller.handed).find_map(|caller| {
            let n = n.checked_sub(usize::from(caller.bound))?;
            let given = program.argument(caller.call, n, program.text(param.name))?;
            self.follow(given, left)
        })
    }

    /// Parameters that a framework fills with its own things, and those of kinds that are limited by themselves.
    fn is_no_input(&self, function: FunctionId, annotation: Option<ExprId>, default: Option<ExprId>) -> bool {
        let program = self.cx.program;
        let depends = default.is_some_and(|default| {
            matches!(call_name(program, function.module.expr(default)), Some("Depends" | "Security"))
        });
        let Some(annotation) = annotation else { return depends };
        let at = function.module.expr(annotation);
        let own = match program.expr(at).kind {
            ExprKind::Name(name) | ExprKind::Attribute { name, .. } => {
                matches!(
                    program.text(name),
                    "Request"
                        | "HttpRequest"
                        | "Response"
                        | "BackgroundTasks"
                        | "WebSocket"
                        | "bool"
                        | "UUID"
                        | "date"
                        | "datetime"
                ) || matches!(program.resolve(at), Some(Symbol::Class(class)) if program.derives_from(class, |base| base.ends_with("Enum")))
            }
            ExprKind::Subscript { base, .. } => {
                matches!(program.expr(at.beside(base)).kind, ExprKind::Name(name) if program.text(name) == "Literal")
            }
            _ => false,
        };
        depends || own
    }

    /// A field of a body: nothing where the base is no body, or the field is limited.
    fn field(&self, base: ExprAt, name: Sym, left: u8) -> Option<Input> {
        let program = self.cx.program;
        let class = self.cx.values.eval(base).iter().find_map(|value| match value {
            Value::Instance(class) => Some(*class),
            Value::Object(id) => match self.cx.values.object(*id).kind {
                Kind::Instance(class) => Some(class),
                _ => None,
            },
            _ => None,
        });
        if let Some(class) = class {
            let is_body =
                program.derives_from(class, |path| path.starts_with("pydantic.") || path.starts_with("sqlmodel."));
            let (owner, _) = program.class_binding(class, name)?;
            let tree = program.tree(owner.module);
            let declared = tree[tree[owner.ix].body].iter().find_map(|&stmt| match tree[stmt].kind {
                StmtKind::Assign { targets, value, annotation } => {
                    let own = tree[targets]
                        .iter()
                        .any(|&target| matches!(tree[target].kind, ExprKind::Name(found) if found == name));
                    own.then_some((annotation, value))
                }
                _ => None,
            })?;
            let limited =
                [declared.0, declared.1].into_iter().flatten().any(|expr| limits(program, owner.module.expr(expr), 4));
            if !is_body || limited {
                return None;
            }
        }
        self.follow(base, left)
    }
}
