//! How many different values parameters are given, by callers, frameworks and types.

use super::Lifetimes;
use super::spread::{SMALL, Spread};
use crate::program::{Decorated, ExitKind, ExprAt, FunctionId, Symbol};
use crate::syntax::{Const, ExprId, ExprKind, Operator, Param, ParamKind, Parent};
use crate::values::Value;

impl Lifetimes<'_> {
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
    pub(super) fn gathered_spread(&self, function: FunctionId, n: usize, left: u8) -> Spread {
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
                    let spread = args
                        .iter()
                        .map(|arg| self.spread_within(call.at.beside(arg.value), left))
                        .fold(Spread::Few, Spread::and);
                    found = Some(found.map_or(spread, |known| known.and(spread)));
                }
            }
        }
        for caller in self.values.callers(function) {
            let Some((_, args)) = program.call(caller.call) else { continue };
            let spread = args
                .iter()
                .skip(n)
                .map(|arg| self.spread_within(caller.call.beside(arg.value), left))
                .fold(Spread::Few, Spread::and);
            found = Some(found.map_or(spread, |known| known.and(spread)));
        }
        found.unwrap_or_default()
    }

    /// A parameter of an entry point: what its type and its declared bounds leave open.
    pub(super) fn entry_param(&self, function: FunctionId, n: usize, param: Param, left: u8) -> Spread {
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
    pub(super) fn declared_spread(&self, at: ExprAt, left: u8) -> Option<Spread> {
        let program = self.program;
        let tree = program.tree(at.module);
        match tree[at.expr].kind {
            ExprKind::Subscript { index, .. } => match tree[index].kind {
                ExprKind::Tuple(parts) => {
                    tree[parts].iter().skip(1).find_map(|&part| self.declared_spread(at.beside(part), left))
                }
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
                            Value::Function(function) | Value::Bound(function, _) => {
                                Some(self.returned_spread(function, left))
                            }
                            Value::Class(_) => Some(Spread::Unknown),
                            _ => None,
                        });
                        Some(all.reduce(Spread::and).unwrap_or_default())
                    }
                    _ => {
                        let bound = |names: [&str; 2]| {
                            names.into_iter().find_map(|name| self.values.int(program.keyword(at, name)?))
                        };
                        let (low, high) = (bound(["ge", "gt"])?, bound(["le", "lt"])?);
                        (high - low <= SMALL).then_some(Spread::Few)
                    }
                }
            }
            _ => None,
        }
    }

    /// Whether a type has a fixed set of values: an enum, `Literal[…]`, `bool`.
    pub(super) fn is_few_type(&self, annotation: ExprAt) -> bool {
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

    pub(super) fn returned_spread(&self, function: FunctionId, left: u8) -> Spread {
        let exits = self.program.exits(function).iter().filter(|exit| exit.kind != ExitKind::Yield);
        let all =
            exits.filter_map(|exit| exit.value).map(|value| self.spread_within(function.module.expr(value), left));
        all.reduce(Spread::and).unwrap_or_default()
    }
}
