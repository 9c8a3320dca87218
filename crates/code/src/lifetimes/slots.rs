//! Places of their own kind: arguments of calls, defaults of parameters and context variables, attributes of the application.

use super::place::PUTS;
use super::{Life, Lifetime, Lifetimes};
use crate::program::{ExprAt, FunctionId};
use crate::syntax::{ExprKind, StmtKind};
use crate::values::{Kind, Value};

impl Lifetimes<'_> {
    /// How long an argument lives by what it is given to.
    pub(super) fn argument_life(&self, call: ExprAt, argument: ExprAt, left: u8) -> Lifetime {
        let program = self.program;
        let Some((callee, args)) = program.call(call) else { return Lifetime::default() };
        if let ExprKind::Attribute { base, name } = program.expr(callee).kind
            && PUTS.contains(&self.text(name))
        {
            let held = self.holder(call.beside(base), left);
            if held.life.is_long() {
                return held;
            }
        }
        let position = args.iter().position(|arg| arg.value == argument.expr);
        let mut longest = Lifetime::of(Life::Call);
        for value in self.values.eval(callee) {
            let found = match *value {
                // What a constructor is given lives as long as the instance.
                Value::Class(_) => self.placed(call, left),
                Value::External(path) => match self.text(path) {
                    "builtins.setattr" => match program.positional(call, 0) {
                        Some(base) => self.attribute_life(base, left),
                        None => Lifetime::default(),
                    },
                    // What only wraps: the list of an iterator, a partial of a function.
                    "functools.partial" | "builtins.iter" | "weakref.proxy" | "types.MappingProxyType" => {
                        self.placed(call, left)
                    }
                    _ => Lifetime::default(),
                },
                Value::Function(function) | Value::Bound(function, _) => {
                    let bound = usize::from(matches!(value, Value::Bound(..)));
                    let keyword = position.and_then(|n| args[n].keyword);
                    let params = program.params(function);
                    let param = match keyword {
                        Some(keyword) => params.iter().find(|param| param.name == keyword),
                        None => position.and_then(|n| params.get(n + bound)),
                    };
                    param.map(|param| self.named(function, param.name, left)).unwrap_or_default()
                }
                _ => Lifetime::default(),
            };
            longest = longest.longer(found);
        }
        longest
    }

    /// The function whose default an expression is, alone or within a call that marks it.
    pub(super) fn default_of(&self, at: ExprAt) -> Option<FunctionId> {
        let module = self.program.module(at.module);
        let stmt = module.links.stmt_of(at.expr)?;
        let StmtKind::Function(ix) = module.tree[stmt].kind else { return None };
        let function = &module.tree[ix];
        module.tree[function.params].iter().any(|param| param.default == Some(at.expr)).then(|| at.module.function(ix))
    }

    pub(super) fn in_context_var(&self, at: ExprAt) -> bool {
        let module = self.program.module(at.module);
        let Some(parent) = module.links.parent(at.expr) else { return false };
        match module.tree[parent].kind {
            ExprKind::Call { callee, .. } => match module.tree[callee].kind {
                ExprKind::Name(name) => self.text(name) == "ContextVar",
                ExprKind::Attribute { name, base } => {
                    self.text(name) == "ContextVar"
                        || self.text(name) == "set" && self.values.is(at.beside(base), |kind| kind == Kind::ContextVar)
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether a value is assigned to something on the application: `app.state.x = …`, `app.extensions["x"] = …`.
    pub(super) fn on_app(&self, at: ExprAt) -> bool {
        let module = self.program.module(at.module);
        let Some(stmt) = module.links.stmt_of(at.expr) else { return false };
        let StmtKind::Assign { targets, .. } = module.tree[stmt].kind else { return false };
        module.tree[targets].iter().any(|&target| match module.tree[target].kind {
            ExprKind::Attribute { base, .. } | ExprKind::Subscript { base, .. } => {
                self.values.is(at.beside(base), |kind| {
                    matches!(kind, Kind::AppState | Kind::AppConfig | Kind::App(_) | Kind::Settings)
                })
            }
            _ => false,
        })
    }
}
