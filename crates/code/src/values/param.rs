//! Parameters: what callers pass, what an annotation says, what a framework injects, what stands as default.

use crate::program::{Decorated, ExprAt, FunctionId, Scope, Symbol};
use crate::syntax::{ExprKind, Param, ParamKind};

use super::Values;
use super::graph::Caller;
use super::kind::{Bound, Container, Framework, How, Kind, Value};
use super::sets::Gathered;
use super::solve::Node;

/// Callers that are looked at.
const CALLERS: usize = 200;

impl Values<'_> {
    pub(super) fn parameter(&self, function: FunctionId, n: u32) -> Gathered {
        let program = self.program;
        let Some(param) = program.params(function).get(n as usize) else { return Gathered::default() };
        let mut found = Gathered::default();
        if n == 0 && (self.is_self(function, &mut found) || self.is_bound_task(function, &mut found)) {
            return found;
        }
        if n <= 1 {
            self.decorated_by(function, n, &mut found);
        }
        if self.injected(function, param, &mut found) {
            return found;
        }
        match param.kind {
            ParamKind::Args => {
                self.rest(function, param, Container::Tuple, &mut found);
                return found;
            }
            ParamKind::Kwargs => {
                self.rest(function, param, Container::Dict, &mut found);
                return found;
            }
            _ => {}
        }
        self.passed(function, n as usize, param, &mut found);
        if let Some(default) = param.default {
            found.extend(self.eval(function.module.expr(default)));
        }
        if let Some(annotation) = param.annotation
            && found.values().iter().all(|value| matches!(value, Value::Const(_)))
        {
            found.extend(self.annotated(function.module.expr(annotation)).values());
        }
        if found.is_empty() && param.annotation.is_none() && program.text(param.name) == "request" {
            self.request(function, &mut found);
        }
        found
    }

    /// A parameter called `request` that nobody in the program passes.
    fn request(&self, function: FunctionId, found: &mut Gathered) {
        let tree = self.program.tree(function.module);
        // Born at the first thing that the function does, for want of an expression of its own.
        let Some(&stmt) = tree[self.program.function(function).body].first() else { return };
        let mut first = None;
        tree.exprs_of(stmt, &mut |expr| {
            first.get_or_insert(expr);
        });
        if let Some(expr) = first {
            let at = function.module.expr(expr);
            found.add(self.make_in(Kind::Request, at, Scope::Function(function), How::Declared));
        }
    }

    /// What `*args` and `**kwargs` are.
    fn rest(&self, function: FunctionId, param: &Param, kind: Container, found: &mut Gathered) {
        if let Some(annotation) = param.annotation {
            let kind = Kind::Container { kind, bound: Bound::Unbounded };
            found.add(self.make_in(kind, function.module.expr(annotation), Scope::Function(function), How::Declared));
        }
    }

    fn is_self(&self, function: FunctionId, found: &mut Gathered) -> bool {
        let Some(class) = self.program.class_of(function) else { return false };
        if self.program.is_decorated(function, |path| path == "builtins.staticmethod") {
            return false;
        }
        let name = self.program.text(self.program.function(function).name);
        let of_class = matches!(name, "__new__" | "__init_subclass__" | "__class_getitem__")
            || self.program.is_decorated(function, |path| path == "builtins.classmethod")
            || self.program.text(self.program.params(function)[0].name) == "cls";
        found.add(if of_class { Value::Class(class) } else { Value::Instance(class) });
        true
    }

    /// `@app.task(bind=True, base=DatabaseTask)`: the first parameter is the task.
    fn is_bound_task(&self, function: FunctionId, found: &mut Gathered) -> bool {
        let program = self.program;
        program.decorators_of(function).any(|decorator| {
            let bound = program.keyword(decorator, "bind").is_some_and(|bind| {
                matches!(program.expr(bind).kind, ExprKind::Const(crate::syntax::Const::Bool(true)))
            });
            if bound && let Some(base) = program.keyword(decorator, "base") {
                for value in self.eval(base) {
                    if let Value::Class(class) = *value {
                        found.add(Value::Instance(class));
                    }
                }
            }
            bound
        })
    }

    /// What stands under a decorator of the program is what the decorator's function, or the function that it returns, is given.
    fn decorated_by(&self, function: FunctionId, n: u32, found: &mut Gathered) {
        let program = self.program;
        let declared = program.function(function);
        // `class Memo: def __init__(self, function)`
        if n == 1 {
            if declared.name == self.known.init
                && let Some(class) = program.class_of(function)
            {
                self.stands_under(program.class(class).name, Symbol::Class(class), false, found);
            }
            return;
        }
        self.stands_under(declared.name, Symbol::Function(function), false, found);
        if let crate::syntax::Parent::Function(outer) = declared.parent {
            let outer = function.module.function(outer);
            let returns_it = program.exits(outer).iter().any(|exit| {
                exit.value.is_some_and(|value| {
                    matches!(program.tree(outer.module)[value].kind, ExprKind::Name(name) if name == declared.name)
                })
            });
            if returns_it {
                self.stands_under(program.function(outer).name, Symbol::Function(outer), true, found);
            }
        }
    }

    fn stands_under(&self, name: crate::syntax::Sym, decorator: Symbol, called: bool, found: &mut Gathered) {
        let program = self.program;
        for site in program.decorators_named(program.text(name)) {
            if program.call(site.at).is_some() == called && program.decorator(site.at) == Some(decorator) {
                found.add(match site.on {
                    Decorated::Function(function) => Value::Function(function),
                    Decorated::Class(class) => Value::Class(class),
                });
            }
        }
    }

    fn passed(&self, function: FunctionId, n: usize, param: &Param, found: &mut Gathered) {
        for caller in self.callers_of(function).into_iter().take(CALLERS) {
            if let Some(argument) = self.passed_by(n, param, &caller) {
                if caller.each {
                    found.extend(self.iterated(argument).values());
                } else {
                    found.extend(self.eval(argument));
                }
            }
        }
    }

    /// The argument that a caller gives for the n-th parameter of a function; none where it leaves it out, or passes each element of something.
    pub fn argument_of(&self, caller: &Caller, function: FunctionId, n: usize) -> Option<ExprAt> {
        let param = self.program.params(function).get(n)?;
        self.passed_by(n, param, caller).filter(|_| !caller.each)
    }

    /// The argument that a caller gives for the n-th parameter.
    fn passed_by(&self, n: usize, param: &Param, caller: &Caller) -> Option<ExprAt> {
        let program = self.program;
        if let Some(tuple) = caller.args {
            let (ExprKind::Tuple(parts) | ExprKind::List(parts)) = program.expr(tuple).kind else { return None };
            let n = n.checked_sub(usize::from(caller.bound))?;
            return program.tree(tuple.module)[parts].get(n).map(|&part| tuple.beside(part));
        }
        let name = program.text(param.name);
        if param.kind != ParamKind::PositionalOnly
            && let Some(found) = program.keyword(caller.call, name)
        {
            return Some(found);
        }
        if param.kind == ParamKind::KeywordOnly {
            return self.unpacked(caller.call, param);
        }
        let n = n.checked_sub(usize::from(caller.bound))?;
        program.positional(caller.call, n + usize::from(caller.skip)).or_else(|| self.unpacked(caller.call, param))
    }

    /// The argument among `**{"name": value}`.
    fn unpacked(&self, call: ExprAt, param: &Param) -> Option<ExprAt> {
        let (_, args) = self.program.call(call)?;
        args.iter().filter(|arg| arg.double_star).find_map(|arg| {
            self.objects(call.beside(arg.value))
                .find_map(|(_, object)| self.dict_entry(object.made, super::Literal::Str(param.name)))
        })
    }

    /// Callers of exactly this function.
    pub(super) fn callers_of(&self, function: FunctionId) -> Vec<Caller> {
        let program = self.program;
        let declared = program.function(function);
        let mut names = vec![declared.name];
        if declared.name == self.known.init
            && let Some(class) = program.class_of(function)
        {
            names.push(program.class(class).name);
            names.extend(program.nearest_descendants(class, 32).into_iter().map(|class| program.class(class).name));
        }
        let mut all = Vec::new();
        for name in names {
            let list = self.solve(Node::Callers(name));
            all.extend(self.caller_list(list).of_function(function));
        }
        let list = self.solve(Node::Handed);
        all.extend(self.caller_list(list).of_function(function));
        all.sort_unstable_by_key(|caller| (caller.call, caller.skip));
        all.dedup();
        all
    }

    pub(super) fn app(&self, framework: Framework, at: ExprAt) -> Value {
        self.derive(Kind::App(framework), at)
    }
}
