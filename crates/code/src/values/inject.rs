//! What FastAPI's `Depends` gives: the provider's value, with `yield`, classes, `Annotated` and overrides.

use crate::program::{ExprAt, FunctionId, Role, Scope, Symbol};
use crate::syntax::{ExprKind, Param, StmtKind};

use super::Values;
use super::kind::{How, Kind, Value};
use super::sets::Gathered;

impl Values<'_> {
    /// Adds what is injected for a parameter; whether anything is.
    pub(super) fn injected(&self, function: FunctionId, param: &Param, found: &mut Gathered) -> bool {
        let module = function.module;
        let default = param.default.map(|default| module.expr(default));
        let annotation = param.annotation.map(|annotation| module.expr(annotation));
        let depends = default
            .and_then(|default| self.depends(default))
            .or_else(|| annotation.and_then(|annotation| self.annotated_depends(annotation)));
        let Some(depends) = depends else { return false };
        let provider = self.program.argument(depends, 0, "dependency");
        match provider {
            Some(provider) => {
                for value in self.eval(provider) {
                    self.provided(*value, depends, function, found);
                }
                self.overridden(provider, depends, function, found);
            }
            // `Depends()` takes the annotation for the provider.
            None => {
                if let Some(annotation) = annotation {
                    for value in self.annotated(annotation).values() {
                        match value {
                            Value::Instance(class) => self.provided(Value::Class(*class), depends, function, found),
                            other => found.add(*other),
                        }
                    }
                }
            }
        }
        if found.is_empty()
            && let Some(annotation) = annotation
        {
            found.extend(self.annotated(annotation).values());
        }
        true
    }

    /// The call of `Depends` or `Security` that an expression is.
    pub(super) fn depends(&self, at: ExprAt) -> Option<ExprAt> {
        let (callee, _) = self.program.call(at)?;
        let (ExprKind::Name(name) | ExprKind::Attribute { name, .. }) = self.program.expr(callee).kind else {
            return None;
        };
        if !matches!(self.program.text(name), "Depends" | "Security" | "Provide" | "FromDishka") {
            return None;
        }
        match self.program.resolve(callee) {
            Some(Symbol::External(path)) => {
                let path = self.program.text(path);
                (path.ends_with(".Depends") || path.ends_with(".Security") || path.ends_with(".Provide")).then_some(at)
            }
            _ => None,
        }
    }

    /// The `Depends(…)` in `Annotated[T, Depends(…)]`, also behind an alias.
    pub(super) fn annotated_depends(&self, annotation: ExprAt) -> Option<ExprAt> {
        let subscript = self.aliased(annotation)?;
        let ExprKind::Subscript { base, index } = self.program.expr(subscript).kind else { return None };
        let (ExprKind::Name(name) | ExprKind::Attribute { name, .. }) = self.program.expr(subscript.beside(base)).kind
        else {
            return None;
        };
        if self.program.text(name) != "Annotated" {
            return None;
        }
        let ExprKind::Tuple(parts) = self.program.expr(subscript.beside(index)).kind else { return None };
        let parts = &self.program.tree(subscript.module)[parts];
        parts.iter().skip(1).find_map(|&part| self.depends(subscript.beside(part)))
    }

    /// What an annotation that is a name of an annotation stands for.
    pub(super) fn aliased(&self, annotation: ExprAt) -> Option<ExprAt> {
        let program = self.program;
        match program.expr(annotation).kind {
            ExprKind::Name(_) | ExprKind::Attribute { .. } => {
                let Some(Symbol::Variable(module, name)) = program.resolve(annotation) else { return Some(annotation) };
                let mut targets = program.bindings(Scope::Module(module), name);
                let Some(crate::program::Binding::Target(target)) = targets.next() else { return None };
                let owner = program.module(module).links.stmt_of(target)?;
                match program.tree(module)[owner].kind {
                    StmtKind::Assign { value: Some(value), .. } => Some(module.expr(value)),
                    _ => None,
                }
            }
            _ => Some(annotation),
        }
    }

    fn provided(&self, provider: Value, depends: ExprAt, into: FunctionId, found: &mut Gathered) {
        match provider {
            Value::Function(function) | Value::Bound(function, _) => {
                let is_generator = self.program.function(function).is_generator;
                let values = if is_generator { self.yields(function) } else { self.returns(function) };
                found.extend(values);
            }
            Value::Class(class) => {
                let kind = self.constructed_kind(class).unwrap_or(Kind::Instance(class));
                found.add(self.make_in(kind, depends, Scope::Function(into), How::Injected));
            }
            Value::External(_) => {
                let mut made = Gathered::default();
                self.call_value(provider, depends, &mut made);
                for value in made.values() {
                    match *value {
                        Value::Object(id) => {
                            let kind = self.object(id).kind;
                            found.add(self.make_in(kind, depends, Scope::Function(into), How::Injected));
                        }
                        other => found.add(other),
                    }
                }
            }
            Value::Instance(_) | Value::Object(_) => {
                self.call_value(provider, depends, found);
            }
            _ => {}
        }
    }

    /// `app.dependency_overrides[provider] = other`, outside of tests.
    fn overridden(&self, provider: ExprAt, depends: ExprAt, into: FunctionId, found: &mut Gathered) {
        let overrides = self.lookups.overrides.get_or_init(|| {
            let sites = self.program.subscript_stores().filter(|site| {
                self.program.module(site.at.module).role != Role::Test
                    && matches!(self.program.expr(site.at.beside(site.base)).kind, ExprKind::Attribute { name, .. } if self.program.text(name) == "dependency_overrides")
            });
            sites.filter_map(|site| Some((site.at.beside(site.index), site.at.beside(site.value?)))).collect()
        });
        if overrides.is_empty() {
            return;
        }
        let wanted = self.eval(provider);
        for &(index, value) in overrides {
            if self.eval(index).iter().any(|key| wanted.contains(key)) {
                for value in self.eval(value) {
                    self.provided(*value, depends, into, found);
                }
            }
        }
    }
}
