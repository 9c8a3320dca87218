//! Calling: functions and classes of the project are played, methods of texts, lists and dicts are computed, and what belongs to a library is noted.

use std::cell::RefCell;
use std::rc::Rc;

use super::stmts::Flow;
use super::{Args, ClassVal, DEPTH, Deed, Env, FunctionVal, Object, Val, Wiring};
use crate::names::Sym;
use crate::program::{ExprAt, Scope, Symbol};
use crate::syntax::{ExprKind, ParamKind, StmtKind};

impl Wiring<'_> {
    /// Calls a value. The site is the whole call.
    pub(in crate::entries) fn call(&mut self, function: &Val, args: Args, site: ExprAt, env: &Rc<Env>) -> Val {
        match function {
            Val::Function(function) => self.play(function, None, args),
            Val::Bound(bound) => {
                let (receiver, function) = &**bound;
                self.play(function, Some(receiver.clone()), args)
            }
            Val::Class(class) => self.instantiate(class, args, site, env),
            Val::External(path) => self.library_call(*path, args, site, env),
            Val::Member(member) => {
                let (receiver, name) = &**member;
                self.member_call(receiver, *name, args, site)
            }
            Val::Object(_) | Val::Deed(_) => match args.pos.first() {
                Some(value) if args.pos.len() == 1 => {
                    let value = value.clone();
                    self.apply(function, &value, site, env)
                }
                _ => Val::Unknown,
            },
            _ => Val::Unknown,
        }
    }

    /// Applies what a decorator names to a function or class.
    pub(super) fn apply(&mut self, decorator: &Val, value: &Val, site: ExprAt, env: &Rc<Env>) -> Val {
        match decorator {
            Val::Deed(deed) => {
                deed.applied.borrow_mut().push(value.clone());
                value.clone()
            }
            Val::Object(object) => {
                if let Val::Class(class) = &object.class
                    && let Some(Val::Function(function)) = self.class_attribute(class, self.known.call)
                {
                    let args = Args { pos: vec![value.clone()], kw: Vec::new() };
                    return self.play(&function, Some(decorator.clone()), args);
                }
                value.clone()
            }
            Val::External(path) if matches!(self.text(*path).rsplit('.').next(), Some("partial")) => {
                let args = Args { pos: vec![value.clone()], kw: Vec::new() };
                self.library_call(*path, args, site, env)
            }
            Val::External(_) | Val::Unknown => value.clone(),
            other => {
                let args = Args { pos: vec![value.clone()], kw: Vec::new() };
                self.call(other, args, site, env)
            }
        }
    }

    /// Plays the body of a function.
    fn play(&mut self, function: &Rc<FunctionVal>, receiver: Option<Val>, args: Args) -> Val {
        let program = self.program;
        let definition = program.function(function.id);
        if self.depth >= DEPTH || definition.is_generator || !self.step() {
            return Val::Unknown;
        }
        let method = match (&receiver, function.class) {
            (Some(receiver), Some(class)) => Some((receiver.clone(), class)),
            _ => None,
        };
        let env = Env::new(Scope::Function(function.id), Some(Rc::clone(&function.env)), method);
        self.scopes.push(Rc::clone(&env));
        self.bind(function, receiver, args, &env);
        self.executed.insert(function.id);
        self.depth += 1;
        // No call may use up what the rest of its caller needs.
        let share = (self.steps / 3).max(400).min(self.steps);
        let rest = self.steps - share;
        self.steps = share;
        let flow = self.block(definition.body, &env);
        self.steps += rest;
        self.depth -= 1;
        match flow {
            Flow::Return(value) => value,
            Flow::Next => Val::None,
            _ => Val::Unknown,
        }
    }

    fn bind(&mut self, function: &Rc<FunctionVal>, receiver: Option<Val>, args: Args, env: &Rc<Env>) {
        let module = function.id.module;
        let mut positional = receiver.into_iter().chain(args.pos);
        let mut keywords = args.kw;
        for param in self.program.params(function.id) {
            let value = match param.kind {
                ParamKind::Args => Val::list(positional.by_ref().collect()),
                ParamKind::Kwargs => {
                    let rest = std::mem::take(&mut keywords);
                    Val::dict(rest.into_iter().map(|(name, value)| (Val::text(self.text(name)), value)).collect())
                }
                kind => {
                    let given = if kind == ParamKind::KeywordOnly { None } else { positional.next() };
                    let given = given.or_else(|| {
                        let n = keywords.iter().position(|(name, _)| *name == param.name)?;
                        Some(keywords.remove(n).1)
                    });
                    match (given, param.default) {
                        (Some(value), _) => value,
                        (None, Some(default)) => self.expr(ExprAt { module, expr: default }, &function.env),
                        (None, None) => Val::Unknown,
                    }
                }
            };
            env.vars.borrow_mut().insert(param.name, value);
        }
    }

    /// A default in the declaration of a field, as pydantic and dataclasses write it.
    pub(super) fn field_default(&self, value: Val) -> Val {
        let Val::Object(object) = &value else { return value };
        let Val::External(path) = object.class else { return value };
        if !matches!(self.text(path).rsplit('.').next(), Some("Field" | "field" | "config" | "ib" | "env")) {
            return value;
        }
        let args = object.args.borrow();
        match args.take(0, |name| self.is(name, "default")) {
            Some(Val::Text(text)) => Val::assumed(&text.text),
            Some(other) => other.clone(),
            None => Val::Unknown,
        }
    }

    fn instantiate(&mut self, class: &Rc<ClassVal>, args: Args, site: ExprAt, env: &Rc<Env>) -> Val {
        let object = self.make(Val::Class(Rc::clone(class)), args.clone(), site, env);
        let value = Val::Object(Rc::clone(&object));
        if let Some(Val::Function(init)) = self.class_attribute(class, self.known.init) {
            self.play(&init, Some(value.clone()), args);
            return value;
        }
        // A dataclass, a model, a class of attrs: its fields are its parameters.
        self.fields(class, &object, args);
        for after in [self.known.post_init, self.known.attrs_post_init] {
            if let Some(Val::Function(after)) = self.class_attribute(class, after) {
                self.play(&after, Some(value.clone()), Args::default());
            }
        }
        value
    }

    /// Sets the annotated fields of a class from arguments and from factories.
    fn fields(&mut self, class: &Rc<ClassVal>, object: &Rc<Object>, args: Args) {
        let program = self.program;
        let mut positional = args.pos.into_iter();
        for &owner in program.lookup_order(class.id).iter().rev() {
            let tree = program.tree(owner.module);
            for &stmt in &tree[tree[owner.ix].body] {
                let StmtKind::Assign { targets, annotation: Some(_), .. } = tree[stmt].kind else { continue };
                let [target] = tree[targets] else { continue };
                let ExprKind::Name(name) = tree[target].kind else { continue };
                let given = args
                    .kw
                    .iter()
                    .find(|(keyword, _)| *keyword == name)
                    .map(|(_, value)| value.clone())
                    .or_else(|| positional.next());
                let value = given.or_else(|| {
                    let default = self.class_attribute(class, name)?;
                    self.made_by_factory(&default)
                });
                if let Some(value) = value {
                    object.attrs.borrow_mut().insert(name, value);
                }
            }
        }
    }

    /// What `field(default_factory=APIRouter)` makes.
    fn made_by_factory(&mut self, default: &Val) -> Option<Val> {
        let Val::Object(field) = default else { return None };
        let args = field.args.borrow().clone();
        let factory = args.keyword(|name| matches!(self.text(name), "default_factory" | "factory")).cloned();
        let factory = factory.or_else(|| match field.class {
            Val::External(path) if self.text(path).ends_with(".Factory") => args.pos.first().cloned(),
            _ => None,
        })?;
        Some(self.call(&factory, Args::default(), field.site, &field.env))
    }

    /// A generic type with its arguments, kept as an object.
    pub(super) fn generic(&mut self, base: &Val, args: Args) -> Val {
        if let Val::External(path) = base
            && matches!(self.text(*path), "typing.Optional" | "typing.ClassVar" | "typing.Final")
            && let Some(inner) = args.pos.first()
        {
            return inner.clone();
        }
        let env = Env::new(Scope::Module(crate::program::ModuleId(0)), None, None);
        Val::Object(Rc::new(Object {
            class: base.clone(),
            args: RefCell::new(args),
            attrs: RefCell::default(),
            deeds: RefCell::default(),
            site: ExprAt { module: crate::program::ModuleId(0), expr: crate::syntax::ExprId(0) },
            env,
            id: u32::MAX,
            conditional: false,
            assumed: false.into(),
        }))
    }

    fn library_call(&mut self, path: Sym, args: Args, site: ExprAt, env: &Rc<Env>) -> Val {
        let first = args.pos.first().cloned();
        match self.text(path) {
            "builtins.super" => {
                let mut at = Some(env);
                while let Some(scope) = at {
                    if let Some((receiver, class)) = &scope.method {
                        return Val::Super(Rc::new((receiver.clone(), *class)));
                    }
                    at = scope.outer.as_ref();
                }
                Val::Unknown
            }
            "builtins.list" | "builtins.tuple" | "builtins.set" | "builtins.sorted" | "builtins.iter"
            | "builtins.frozenset" => match first {
                None => Val::list(Vec::new()),
                Some(value) => self.iterate(&value).map_or(value, Val::list),
            },
            "builtins.reversed" => match first.and_then(|value| self.iterate(&value)) {
                Some(mut items) => {
                    items.reverse();
                    Val::list(items)
                }
                None => Val::Unknown,
            },
            "builtins.dict" => {
                let mut entries = match &first {
                    Some(Val::Dict(entries)) => entries.borrow().clone(),
                    _ => Vec::new(),
                };
                entries.extend(args.kw.into_iter().map(|(name, value)| (Val::text(self.text(name)), value)));
                Val::dict(entries)
            }
            "builtins.enumerate" => match first.and_then(|value| self.iterate(&value)) {
                Some(items) => Val::list(
                    items
                        .into_iter()
                        .enumerate()
                        .map(|(n, item)| Val::list(vec![Val::Int(i64::try_from(n).unwrap_or(i64::MAX)), item]))
                        .collect(),
                ),
                None => Val::Unknown,
            },
            "builtins.zip" => {
                let columns: Option<Vec<Vec<Val>>> = args.pos.iter().map(|column| self.iterate(column)).collect();
                let Some(columns) = columns else { return Val::Unknown };
                let rows = columns.iter().map(Vec::len).min().unwrap_or_default();
                Val::list(
                    (0..rows)
                        .map(|row| Val::list(columns.iter().map(|column| column[row].clone()).collect()))
                        .collect(),
                )
            }
            "builtins.str" => match first {
                Some(value @ Val::Text(_)) => value,
                Some(Val::Int(value)) => Val::text(&value.to_string()),
                _ => Val::Unknown,
            },
            "builtins.getattr" => match (first, args.pos.get(1).and_then(Val::as_text)) {
                (Some(of), Some(name)) => match self.program.names.find(&name) {
                    Some(name) => {
                        let value = self.attribute(&of, name);
                        if value.is_unknown() { args.pos.get(2).cloned().unwrap_or(value) } else { value }
                    }
                    None => args.pos.get(2).cloned().unwrap_or(Val::Unknown),
                },
                _ => Val::Unknown,
            },
            "builtins.setattr" => {
                if let (Some(Val::Object(object)), Some(name), Some(value)) =
                    (&first, args.pos.get(1).and_then(Val::as_text), args.pos.get(2))
                    && let Some(name) = self.program.names.find(&name)
                {
                    object.attrs.borrow_mut().insert(name, value.clone());
                }
                Val::None
            }
            "builtins.print"
            | "builtins.isinstance"
            | "builtins.len"
            | "builtins.hasattr"
            | "builtins.open"
            | "builtins.int"
            | "builtins.bool" => Val::Unknown,
            "os.getenv" | "os.environ.get" | "decouple.config" => match args.take(1, |name| self.is(name, "default")) {
                Some(Val::Text(text)) => Val::assumed(&text.text),
                _ => Val::Unknown,
            },
            "importlib.import_module" | "builtins.__import__" => {
                let module = first.and_then(|name| name.as_text()).and_then(|name| {
                    let here = env.scope.module();
                    let dotted = match name.strip_prefix('.') {
                        Some(rest) => {
                            let package = args.take(1, |name| self.is(name, "package")).and_then(Val::as_text)?;
                            format!("{package}.{rest}")
                        }
                        None => name.to_string(),
                    };
                    self.program.resolve_dotted(here, &dotted)
                });
                match module {
                    Some(Symbol::Module(module)) => Val::Module(module),
                    _ => Val::Unknown,
                }
            }
            _ => Val::Object(self.make(Val::External(path), args, site, env)),
        }
    }

    fn member_call(&mut self, receiver: &Val, name: Sym, args: Args, site: ExprAt) -> Val {
        match receiver {
            Val::Text(of) => self.text_method(&of.text, of.sure, name, &args),
            Val::List(items) => {
                let items = Rc::clone(items);
                self.list_method(&items, name, args)
            }
            Val::Dict(_) => self.dict_method(receiver, name, args),
            _ => {
                if let Val::Object(object) = receiver
                    && name == self.known.init
                {
                    object.args.replace(args);
                    return Val::None;
                }
                let conditional = self.conditional > 0;
                let deed = Rc::new(Deed {
                    receiver: receiver.clone(),
                    name,
                    args,
                    applied: RefCell::default(),
                    site,
                    conditional,
                });
                // What is asked of `router.api_route` of a sub-object still belongs to the object.
                let mut of = receiver;
                let object = loop {
                    match of {
                        Val::Object(object) => break Some(object),
                        Val::Member(member) => of = &member.0,
                        Val::Deed(deed) => of = &deed.receiver,
                        _ => break None,
                    }
                };
                if let Some(object) = object {
                    object.deeds.borrow_mut().push(Rc::clone(&deed));
                }
                Val::Deed(deed)
            }
        }
    }
}
