//! Looking names and attributes up: in the scopes that are played first, then by what the program says of imports and definitions.

use std::rc::Rc;

use super::{ClassVal, Env, FunctionVal, Object, Val, Wiring};
use crate::names::Sym;
use crate::program::{ClassId, FunctionId, ModuleId, Scope, Symbol};
use crate::syntax::{Const, ExprKind};

impl Wiring<'_> {
    /// What a name holds where it is read.
    pub(super) fn name(&mut self, name: Sym, env: &Rc<Env>) -> Val {
        let mut at = Some(Rc::clone(env));
        let mut module = None;
        while let Some(scope) = at {
            // Names of a class's body are seen by the body only.
            if (Rc::ptr_eq(&scope, env) || !matches!(scope.scope, Scope::Class(_)))
                && let Some(value) = scope.vars.borrow().get(&name)
            {
                return value.clone();
            }
            if let Scope::Module(id) = scope.scope {
                module = Some(id);
            }
            at = scope.outer.as_ref().map(Rc::clone);
        }
        if let Some(value) = module.and_then(|module| self.module_variable(module, name)) {
            return value;
        }
        match self.program.resolve_name(env.scope, name) {
            Some(symbol) => self.symbol(symbol),
            None if self.is(name, "__name__") => Val::assumed(self.text(self.program.module(env.scope.module()).name)),
            None => Val::Unknown,
        }
    }

    /// What a module's variable holds once the module is played.
    pub(in crate::entries) fn module_variable(&mut self, module: ModuleId, name: Sym) -> Option<Val> {
        let env = self.module_env(module);
        let vars = env.vars.borrow();
        vars.get(&name).cloned()
    }

    /// The value that a symbol stands for.
    pub(in crate::entries) fn symbol(&mut self, symbol: Symbol) -> Val {
        match symbol {
            Symbol::Module(module) => Val::Module(module),
            Symbol::Class(class) => Val::Class(self.class_value(class)),
            Symbol::Function(function) => Val::Function(Rc::new(self.function_value(function, None))),
            Symbol::Variable(module, name) => self.module_variable(module, name).unwrap_or(Val::Unknown),
            Symbol::External(path) => self.external(path),
        }
    }

    fn external(&self, path: Sym) -> Val {
        match self.text(path) {
            "builtins.None" => Val::None,
            _ => Val::External(path),
        }
    }

    pub(super) fn function_value(&mut self, id: FunctionId, env: Option<&Rc<Env>>) -> FunctionVal {
        let class = self.program.class_of(id);
        let env = match env {
            Some(env) => Rc::clone(env),
            None => self.quiet_env(id.module),
        };
        FunctionVal { id, env, class }
    }

    /// The scope of a module, without playing it: reading a name from it does that.
    fn quiet_env(&mut self, module: ModuleId) -> Rc<Env> {
        let env =
            self.modules[module.0 as usize].env.get_or_insert_with(|| Env::new(Scope::Module(module), None, None));
        Rc::clone(env)
    }

    pub(in crate::entries) fn class_value(&mut self, id: ClassId) -> Rc<ClassVal> {
        if let Some(class) = self.classes.get(&id) {
            return Rc::clone(class);
        }
        let outer = self.quiet_env(id.module);
        let class = Self::fresh_class(id, &outer);
        self.classes.insert(id, Rc::clone(&class));
        self.class_body(&class);
        class
    }

    pub(super) fn fresh_class(id: ClassId, outer: &Rc<Env>) -> Rc<ClassVal> {
        Rc::new(ClassVal { id, body: Env::new(Scope::Class(id), Some(Rc::clone(outer)), None) })
    }

    pub(super) fn class_body(&mut self, class: &Rc<ClassVal>) {
        let body = self.program.class(class.id).body;
        let env = Rc::clone(&class.body);
        self.apart(|wiring| {
            wiring.block(body, &env);
        });
    }

    /// An attribute that the body of a class or of its bases binds.
    pub(in crate::entries) fn class_attribute(&mut self, class: &Rc<ClassVal>, name: Sym) -> Option<Val> {
        self.class_attribute_after(class, name, None)
    }

    fn class_attribute_after(&mut self, class: &Rc<ClassVal>, name: Sym, after: Option<ClassId>) -> Option<Val> {
        let mut skip = after.is_some();
        for &id in self.program.lookup_order(class.id) {
            if skip {
                skip = Some(id) != after;
                continue;
            }
            let found = if id == class.id { Rc::clone(class) } else { self.class_value(id) };
            let value = found.body.vars.borrow().get(&name).cloned();
            if value.is_some() {
                return value;
            }
        }
        None
    }

    /// The library classes that a value's class is or derives from, as dotted names.
    pub(in crate::entries) fn library_classes(&self, class: &Val) -> Vec<&str> {
        match class {
            Val::External(path) => vec![self.text(*path)],
            Val::Class(class) => {
                let bases = self.program.external_bases(class.id);
                bases
                    .filter(|base| {
                        !base.starts_with("builtins.") && !base.starts_with("typing.") && !base.starts_with("abc.")
                    })
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// An attribute of a value.
    pub(in crate::entries) fn attribute(&mut self, of: &Val, name: Sym) -> Val {
        match of {
            Val::Module(module) => match self.program.member(Symbol::Module(*module), name) {
                Some(Symbol::Variable(at, name)) => self.module_variable(at, name).unwrap_or(Val::Unknown),
                Some(symbol) => self.symbol(symbol),
                None => self.module_variable(*module, name).unwrap_or(Val::Unknown),
            },
            Val::External(path) => match self.program.member(Symbol::External(*path), name) {
                Some(symbol) => self.symbol(symbol),
                None => Val::Unknown,
            },
            Val::Object(object) => self.object_attribute(object, name),
            Val::Class(class) => match self.class_attribute(class, name) {
                Some(Val::Function(function)) if self.is_class_method(function.id) => {
                    Val::Bound(Rc::new((of.clone(), function)))
                }
                Some(value) => value,
                None if !self.library_classes(of).is_empty() => Val::Member(Rc::new((of.clone(), name))),
                None => Val::Unknown,
            },
            Val::Super(at) => {
                let (object, after) = &**at;
                let class = match object {
                    Val::Object(object) => object.class.clone(),
                    class => class.clone(),
                };
                let Val::Class(class) = class else { return Val::Unknown };
                match self.class_attribute_after(&class, name, Some(*after)) {
                    Some(Val::Function(function)) => Val::Bound(Rc::new((object.clone(), function))),
                    Some(value) => value,
                    None => Val::Member(Rc::new((object.clone(), name))),
                }
            }
            // A member of an enumeration of texts is the text.
            Val::Text(_) if self.is(name, "value") => of.clone(),
            Val::Text(_) | Val::List(_) | Val::Dict(_) | Val::Member(_) | Val::Deed(_) | Val::Function(_) => {
                Val::Member(Rc::new((of.clone(), name)))
            }
            Val::Bound(bound) if self.is(name, "__func__") => Val::Function(Rc::clone(&bound.1)),
            Val::Unknown | Val::None | Val::Bool(_) | Val::Int(_) | Val::Bound(_) => Val::Unknown,
        }
    }

    fn object_attribute(&mut self, object: &Rc<Object>, name: Sym) -> Val {
        if let Some(value) = object.attrs.borrow().get(&name) {
            return value.clone();
        }
        let this = Val::Object(Rc::clone(object));
        if let Val::Class(class) = &object.class {
            match self.class_attribute(class, name) {
                Some(Val::Function(function)) => {
                    if self.is_property(function.id) {
                        let bound = Val::Bound(Rc::new((this, function)));
                        return self.call(&bound, super::Args::default(), object.site, &object.env);
                    }
                    if self.is_static(function.id) {
                        return Val::Function(function);
                    }
                    let receiver = if self.is_class_method(function.id) { object.class.clone() } else { this };
                    return Val::Bound(Rc::new((receiver, function)));
                }
                Some(value) => return self.field_default(value),
                None => {}
            }
        }
        // An application's router is where its routes are; for us that is the application.
        if self.is(name, "router")
            && self
                .library_classes(&object.class)
                .iter()
                .any(|class| class.ends_with("FastAPI") || class.ends_with("Starlette"))
        {
            return this;
        }
        if self.library_classes(&object.class).is_empty() { Val::Unknown } else { Val::Member(Rc::new((this, name))) }
    }

    fn has_decorator(&self, function: FunctionId, is: impl Fn(&str) -> bool) -> bool {
        let module = self.program.tree(function.module);
        self.program.decorators_of(function).any(|at| match module[at.expr].kind {
            ExprKind::Name(name) | ExprKind::Attribute { name, .. } => is(self.text(name)),
            _ => false,
        })
    }

    fn is_property(&self, function: FunctionId) -> bool {
        self.has_decorator(function, |name| matches!(name, "property" | "cached_property"))
    }

    fn is_static(&self, function: FunctionId) -> bool {
        self.has_decorator(function, |name| name == "staticmethod")
    }

    pub(super) fn is_class_method(&self, function: FunctionId) -> bool {
        self.has_decorator(function, |name| name == "classmethod")
    }

    pub(super) fn constant(&self, constant: Const) -> Val {
        match constant {
            Const::None => Val::None,
            Const::Bool(value) => Val::Bool(value),
            Const::Int(value) => Val::Int(value),
            Const::Str(text) => Val::text(self.text(text)),
            Const::Float(_) | Const::Bytes | Const::Ellipsis => Val::Unknown,
        }
    }
}
