//! Variables of the environment: which are read, which must be set, and what an expression takes from them.

use plimsoll_code::names::Sym;
use plimsoll_code::program::{Binding, ClassId, ExprAt, Role, Scope, Symbol};
use plimsoll_code::syntax::{Const, ExprId, ExprKind, Parent, StmtKind};

use super::super::Place;
use super::Reader;

/// A variable that the code reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::init) struct Variable {
    pub(in crate::init) name: String,
    /// Whether the application does not start or answer without it.
    pub(in crate::init) required: bool,
    pub(in crate::init) place: Place,
}

impl Variable {
    /// Whether its name says that it holds the address of DynamoDB.
    pub(in crate::init) fn names_dynamodb(&self) -> bool {
        let has = |words: &[&str]| words.iter().any(|word| self.name.contains(word));
        has(&["DYNAMO", "DDB"]) && has(&["ENDPOINT", "URL", "HOST"])
    }
}

/// Where a text comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::init) enum Origin {
    /// A variable of the environment.
    Variable(String),
    /// The source.
    Text(String),
}

/// Names and calls that are followed in a row.
const LONGEST: u8 = 8;

/// Bases of classes whose fields are read from the environment.
const SETTINGS: &[&str] =
    &["pydantic_settings.BaseSettings", "pydantic_settings.main.BaseSettings", "pydantic.BaseSettings"];

/// Whether a text is the name of a variable, as POSIX has it (IEEE 1003.1, section 8.1): anything else cannot be set, nor be written down as one.
fn is_name(name: &str) -> bool {
    !name.starts_with(|first: char| first.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
}

impl<'p> Reader<'p> {
    /// Everything that the application reads from the environment.
    pub(super) fn variables(self) -> Vec<Variable> {
        let mut found = Vec::new();
        for module in self.program.modules.iter().filter(|module| module.role == Role::Source) {
            for n in 0..module.tree.expr_count() {
                let at = module.id.expr(ExprId(n as u32));
                if let Some((name, required)) = self.variable(at).filter(|(name, _)| is_name(name)) {
                    found.push(Variable { name: name.to_owned(), required, place: self.place(at) });
                }
            }
        }
        for (class, facts) in self.program.classes() {
            if self.is_settings(class) && self.program.module(class.module).role == Role::Source {
                let tree = self.program.tree(class.module);
                for stmt in &tree[facts.body] {
                    let StmtKind::Assign { targets, value: None, annotation: Some(_) } = tree[*stmt].kind else {
                        continue;
                    };
                    let [target] = &tree[targets] else { continue };
                    if let ExprKind::Name(name) = tree[*target].kind {
                        let place = self.place(class.module.expr(*target));
                        found.push(Variable { name: self.field(class, name), required: true, place });
                    }
                }
            }
        }
        found
    }

    /// The variable that an expression reads, and whether it fails where that is not set.
    fn variable(self, at: ExprAt) -> Option<(&'p str, bool)> {
        match self.program.expr(at).kind {
            ExprKind::Subscript { base, index } => {
                let is_environment = self.program.external(at.beside(base)) == Some("os.environ");
                let name = self.literal(at.beside(index)).filter(|_| is_environment)?;
                Some((name, true))
            }
            ExprKind::Call { callee, .. } => {
                let has_default =
                    || self.program.positional(at, 1).is_some() || self.program.keyword(at, "default").is_some();
                let name = || self.program.positional(at, 0).and_then(|name| self.literal(name));
                match self.program.external(at.beside(callee)) {
                    Some("os.getenv" | "os.environ.get" | "os.environ.pop") => Some((name()?, false)),
                    Some("decouple.config" | "starlette.config.Config") => Some((name()?, !has_default())),
                    _ => {
                        // `env("X")`, `env.str("X")`, `config("X")` of django-environ, environs and Starlette: objects that somebody made.
                        let root = match self.program.expr(at.beside(callee)).kind {
                            ExprKind::Name(root) => root,
                            ExprKind::Attribute { base, .. } => match self.program.expr(at.beside(base)).kind {
                                ExprKind::Name(root) => root,
                                _ => return None,
                            },
                            _ => return None,
                        };
                        let name = name().filter(|_| matches!(self.text(root), "env" | "config"))?;
                        let is_name = |char: char| char.is_ascii_uppercase() || char.is_ascii_digit() || char == '_';
                        (name.len() > 2 && name.chars().all(is_name)).then(|| (name, !has_default()))
                    }
                }
            }
            _ => None,
        }
    }

    /// Where the value of an expression comes from.
    pub(super) fn origins(self, at: ExprAt) -> Vec<Origin> {
        let mut found = Vec::new();
        self.follow(at, LONGEST, &mut found);
        found.sort();
        found.dedup();
        found
    }

    fn follow(self, at: ExprAt, left: u8, found: &mut Vec<Origin>) {
        let Some(left) = left.checked_sub(1) else { return };
        if let Some((name, _)) = self.variable(at) {
            return found.push(Origin::Variable(name.to_owned()));
        }
        let tree = self.program.tree(at.module);
        match tree[at.expr].kind {
            ExprKind::Const(Const::Str(text)) => found.push(Origin::Text(self.text(text).to_owned())),
            ExprKind::Bool { values, .. } => {
                tree[values].iter().for_each(|&value| self.follow(at.beside(value), left, found));
            }
            ExprKind::IfElse { body, orelse, .. } => {
                [body, orelse].into_iter().for_each(|value| self.follow(at.beside(value), left, found));
            }
            // `str(x)`, `AnyUrl(x)`.
            ExprKind::Call { args, .. } if args.len() == 1 => {
                tree[args].iter().for_each(|arg| self.follow(at.beside(arg.value), left, found));
            }
            ExprKind::Name(name) => self.follow_name(at, name, left, found),
            ExprKind::Attribute { name, .. } => self.follow_attribute(at, name, left, found),
            _ => {}
        }
    }

    fn follow_name(self, at: ExprAt, name: Sym, left: u8, found: &mut Vec<Origin>) {
        if let Some(scope) = self.program.binding_scope(self.program.scope_of(at), name) {
            let given = self.given(scope, name);
            if !given.is_empty() {
                return given.into_iter().for_each(|value| self.follow(value, left, found));
            }
        }
        self.follow_symbol(self.program.resolve(at), left, found);
    }

    fn follow_symbol(self, symbol: Option<Symbol>, left: u8, found: &mut Vec<Origin>) {
        if let Some(Symbol::Variable(module, name)) = symbol {
            self.given(Scope::Module(module), name).into_iter().for_each(|value| self.follow(value, left, found));
        }
    }

    /// `config.ENDPOINT`, `django.conf.settings.ENDPOINT`, `get_settings().endpoint`.
    fn follow_attribute(self, at: ExprAt, name: Sym, left: u8, found: &mut Vec<Origin>) {
        if let symbol @ Some(Symbol::Variable(..)) = self.program.resolve(at) {
            return self.follow_symbol(symbol, left, found);
        }
        if self.program.external(at).is_some_and(|path| path.starts_with("django.conf.settings.")) {
            self.follow_settings(name, left, found);
            return;
        }
        for (class, _) in self.program.classes() {
            if self.program.bindings(Scope::Class(class), name).next().is_none() {
                continue;
            }
            if self.is_settings(class) {
                found.push(Origin::Variable(self.field(class, name)));
            } else {
                self.given(Scope::Class(class), name).into_iter().for_each(|value| self.follow(value, left, found));
            }
        }
    }

    /// What a module of settings, or a call of `settings.configure`, sets a name to.
    fn follow_settings(self, name: Sym, left: u8, found: &mut Vec<Origin>) {
        let apps = self.program.names.find("INSTALLED_APPS").or_else(|| self.program.names.find("ROOT_URLCONF"));
        for module in self.program.modules.iter().filter(|module| module.role != Role::Test) {
            if apps.is_some_and(|apps| !module.bindings.of(Parent::Module, apps).is_empty()) {
                let given = self.given(Scope::Module(module.id), name);
                given.into_iter().for_each(|value| self.follow(value, left, found));
            }
        }
        for call in self.program.calls_named("configure") {
            let path = self.program.call(call.at).and_then(|(callee, _)| self.program.external(callee));
            if path == Some("django.conf.settings.configure")
                && let Some(value) = self.program.keyword(call.at, self.text(name))
            {
                self.follow(value, left, found);
            }
        }
    }

    fn is_settings(self, class: ClassId) -> bool {
        self.program.derives_from(class, |base| SETTINGS.contains(&base))
    }

    /// The variable that a field of pydantic's settings is read from.
    fn field(self, class: ClassId, name: Sym) -> String {
        let calls = self.program.calls_in(Scope::Class(class)).iter();
        let prefix =
            calls.filter_map(|call| self.program.keyword(call.at, "env_prefix")).find_map(|at| self.literal(at));
        format!("{}{}", prefix.unwrap_or_default(), self.text(name)).to_uppercase()
    }

    /// What a class sets a name to, in its own body.
    pub(super) fn class_value(self, class: ClassId, name: &str) -> Option<ExprAt> {
        let name = self.program.names.find(name)?;
        let mut bound = self.program.bindings(Scope::Class(class), name);
        bound.find_map(|binding| match binding {
            Binding::Target(target) => self.assigned(class.module.expr(target)),
            _ => None,
        })
    }
}
