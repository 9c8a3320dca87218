//! Applications in the code: what a server is told to serve, and by which name.

use plimsoll_code::program::{Binding, CallSite, ExitKind, ExprAt, FunctionId, ModuleId, Scope, Symbol};
use plimsoll_code::syntax::{Const, ExprId, ExprKind, ParamKind, Parent, StmtId, StmtKind};

use super::super::Place;
use super::{Code, Reader};

/// Which kind of application it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::init) enum Kind {
    FastApi,
    Starlette,
    Flask,
    Quart,
    /// What `get_wsgi_application` returns.
    DjangoWsgi,
    /// What `get_asgi_application` returns.
    DjangoAsgi,
}

/// An application that a server can serve.
#[derive(Clone, Debug)]
pub(in crate::init) struct Application {
    pub(in crate::init) kind: Kind,
    /// The module as it is imported.
    pub(in crate::init) module: String,
    /// The folder that the module's name begins at, relative to the top of the project.
    pub(in crate::init) root: String,
    /// The name in the module.
    pub(in crate::init) name: String,
    /// Whether the name is that of a function that makes the application.
    pub(in crate::init) factory: bool,
    pub(in crate::init) place: Place,
    /// Operations that are declared in its folder or below.
    pub(in crate::init) operations: u32,
    /// Whether it is made on a condition.
    pub(in crate::init) conditional: bool,
    /// Where it says that its contract is served; none where it says that it is not.
    pub(in crate::init) contract: Option<String>,
}

/// A call that starts a server: `uvicorn.run("shop:app", port=8000)`, `app.run()`.
#[derive(Clone, Debug)]
pub(in crate::init) struct Run {
    /// `module:name`, where it is said.
    pub(in crate::init) app: Option<String>,
    pub(in crate::init) port: Option<u16>,
    pub(in crate::init) place: Place,
}

/// Settings of Django that a program names.
#[derive(Clone, Debug)]
pub(in crate::init) struct Settings {
    pub(in crate::init) module: String,
    pub(in crate::init) place: Place,
}

/// What makes an application, by the last part of its name.
const MAKERS: &[(&str, &[&str], Kind)] = &[
    ("FastAPI", &["fastapi.FastAPI", "fastapi.applications.FastAPI"], Kind::FastApi),
    ("Starlette", &["starlette.applications.Starlette"], Kind::Starlette),
    ("Flask", &["flask.Flask", "flask.app.Flask"], Kind::Flask),
    ("Quart", &["quart.Quart", "quart.app.Quart"], Kind::Quart),
    ("get_wsgi_application", &["django.core.wsgi.get_wsgi_application"], Kind::DjangoWsgi),
    ("get_asgi_application", &["django.core.asgi.get_asgi_application"], Kind::DjangoAsgi),
];

impl Kind {
    /// The framework, as people call it.
    pub(in crate::init) fn as_str(self) -> &'static str {
        match self {
            Self::FastApi => "FastAPI",
            Self::Starlette => "Starlette",
            Self::Flask => "Flask",
            Self::Quart => "Quart",
            Self::DjangoWsgi | Self::DjangoAsgi => "Django",
        }
    }

    pub(in crate::init) fn is_django(self) -> bool {
        matches!(self, Self::DjangoWsgi | Self::DjangoAsgi)
    }
}

impl Application {
    /// `module:name`, as servers take it.
    pub(in crate::init) fn path(&self) -> String {
        format!("{}:{}", self.module, self.name)
    }
}

impl<'p> Reader<'p> {
    pub(super) fn applications(self, code: &mut Code) {
        let mut found = Vec::new();
        for (name, paths, kind) in MAKERS {
            for call in self.program.calls_named(name) {
                let path = self.program.call(call.at).and_then(|(callee, _)| self.program.external(callee));
                if path.is_some_and(|path| paths.contains(&path)) {
                    self.made(call, *kind, &mut found, code);
                }
            }
        }
        for (class, base) in self.program.classes() {
            let kind =
                MAKERS.iter().find(|(_, paths, _)| self.program.derives_from(class, |path| paths.contains(&path)));
            let Some((.., kind)) = kind else { continue };
            for call in self.program.calls_of(Some(base.name)) {
                let symbol = self.program.call(call.at).and_then(|(callee, _)| self.program.resolve(callee));
                if symbol == Some(Symbol::Class(class)) {
                    self.made(call, *kind, &mut found, code);
                }
            }
        }
        let mounted = self.mounted();
        found.retain(|(_, symbol)| symbol.is_none_or(|symbol| !mounted.contains(&symbol)));
        code.applications.extend(found.into_iter().map(|(application, _)| application));
        self.runs(code);
        self.settings(code);
    }

    /// What becomes of an application where it is made.
    fn made(self, call: &CallSite, kind: Kind, found: &mut Vec<(Application, Option<Symbol>)>, code: &mut Code) {
        if !self.counts(call.at) {
            return;
        }
        match call.scope {
            Scope::Module(module) => match self.target(call) {
                Some(name) => {
                    let symbol = self.program.names.find(name).map(|name| Symbol::Variable(module, name));
                    found.push((self.application(call, kind, name, false), symbol));
                }
                None => code.hidden.push((self.place(call.at), "it is kept under no name of its module")),
            },
            Scope::Function(function) => self.factory(call, function, kind, found, code),
            Scope::Class(_) => code.hidden.push((self.place(call.at), "it is an attribute of a class")),
        }
    }

    /// An application that a function makes: served by the function's name, or by what a module keeps of it.
    fn factory(
        self,
        call: &CallSite,
        function: FunctionId,
        kind: Kind,
        found: &mut Vec<(Application, Option<Symbol>)>,
        code: &mut Code,
    ) {
        let of = self.program.function(function);
        if of.parent != Parent::Module || !self.returns(function, call) {
            return code.hidden.push((self.place(call.at), "the function that makes it does not hand it out"));
        }
        let kept = self.program.calls_of(Some(of.name)).filter(|caller| {
            let symbol = self.program.call(caller.at).and_then(|(callee, _)| self.program.resolve(callee));
            symbol == Some(Symbol::Function(function)) && self.counts(caller.at)
        });
        let mut named = false;
        for caller in kept {
            if let (Scope::Module(module), Some(name)) = (caller.scope, self.target(caller))
                && !caller.around.conditional
            {
                named = true;
                let symbol = self.program.names.find(name).map(|name| Symbol::Variable(module, name));
                let contract = self.contract(call.at, kind);
                found.push((Application { contract, ..self.application(caller, kind, name, false) }, symbol));
            }
        }
        if named {
            return;
        }
        let needs = self
            .program
            .params(function)
            .iter()
            .any(|param| param.default.is_none() && !matches!(param.kind, ParamKind::Args | ParamKind::Kwargs));
        if needs {
            return code.hidden.push((self.place(call.at), "the function that makes it wants arguments"));
        }
        found.push((self.application(call, kind, self.text(of.name), true), None));
    }

    fn application(self, call: &CallSite, kind: Kind, name: &str, factory: bool) -> Application {
        let (module, root) = self.module(call.at.module);
        Application {
            kind,
            module,
            root,
            name: name.to_owned(),
            factory,
            place: self.place(call.at),
            operations: 0,
            conditional: call.around.conditional && !factory,
            contract: self.contract(call.at, kind),
        }
    }

    /// The dotted name of a module, and the folder that it begins at.
    pub(super) fn module(self, module: ModuleId) -> (String, String) {
        let file = self.files[module.0 as usize];
        let path = file.path.strip_suffix(".py").or_else(|| file.path.strip_suffix(".pyw")).unwrap_or(&file.path);
        let path =
            if file.is_package { path.strip_suffix("__init__").unwrap_or(path).trim_end_matches('/') } else { path };
        let folders: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let name = self.text(self.program.module(module).name);
        let parts = name.split('.').count();
        let root = match folders.len().checked_sub(parts) {
            Some(above) => folders[..above].join("/"),
            // The project's own folder is the package.
            None => vec![".."; parts - folders.len()].join("/"),
        };
        (name.to_owned(), root)
    }

    /// The name that a statement gives to what it makes.
    fn target(self, call: &CallSite) -> Option<&'p str> {
        let tree = self.program.tree(call.at.module);
        let StmtKind::Assign { targets, .. } = tree[call.stmt].kind else { return None };
        let [target] = &tree[targets] else { return None };
        if let ExprKind::Name(name) = tree[*target].kind { Some(self.text(name)) } else { None }
    }

    /// Whether a function returns what a call in it makes.
    fn returns(self, function: FunctionId, call: &CallSite) -> bool {
        let target = self.target(call);
        let tree = self.program.tree(function.module);
        self.program.exits(function).iter().filter(|exit| exit.kind == ExitKind::Return).any(|exit| {
            let Some(value) = exit.value else { return false };
            let same = value == call.at.expr || exit.stmt == call.stmt;
            same || matches!(tree[value].kind, ExprKind::Name(name) if target == Some(self.text(name)))
        })
    }

    /// Where FastAPI serves the contract.
    fn contract(self, at: ExprAt, kind: Kind) -> Option<String> {
        if kind != Kind::FastApi {
            return None;
        }
        let Some(said) = self.program.keyword(at, "openapi_url") else { return Some("/openapi.json".to_owned()) };
        // What is computed is served somewhere; where, a scan finds out.
        self.literal(said).map(str::to_owned)
    }

    /// Applications that another one answers for.
    fn mounted(self) -> Vec<Symbol> {
        let calls = self.program.calls_named("mount").chain(self.program.calls_named("Mount"));
        calls
            .filter_map(|call| {
                let app = self.program.argument(call.at, 1, "app")?;
                self.program.resolve(app)
            })
            .collect()
    }

    /// Calls that start a server.
    fn runs(self, code: &mut Code) {
        for call in self.program.calls_named("run").filter(|call| self.counts(call.at)) {
            let Some((callee, _)) = self.program.call(call.at) else { continue };
            let path = self.program.external(callee);
            let is_server = path.is_some_and(|path| matches!(path, "uvicorn.run" | "uvicorn.main.run" | "granian.run"));
            let app = if is_server {
                let app = self.program.argument(call.at, 0, "app");
                app.and_then(|app| self.served(app))
            } else {
                // `app.run()` of Flask and Quart.
                match self.program.receiver(call.at).and_then(|app| Some((app, self.program.resolve(app)?))) {
                    Some((_, symbol @ Symbol::Variable(..))) if self.is_flask(symbol, code) => self.named(symbol),
                    _ => continue,
                }
            };
            let port = self.program.keyword(call.at, "port").and_then(|port| self.number(port));
            code.runs.push(Run { app, port, place: self.place(call.at) });
        }
    }

    fn is_flask(self, symbol: Symbol, code: &Code) -> bool {
        let Some(path) = self.named(symbol) else { return false };
        let flask = |application: &&Application| matches!(application.kind, Kind::Flask | Kind::Quart);
        code.applications.iter().filter(flask).any(|application| application.path() == path)
    }

    /// What the first argument of `uvicorn.run` serves.
    fn served(self, at: ExprAt) -> Option<String> {
        if let Some(text) = self.literal(at) {
            return Some(text.to_owned());
        }
        self.named(self.program.resolve(at)?)
    }

    fn named(self, symbol: Symbol) -> Option<String> {
        let Symbol::Variable(module, name) = symbol else { return None };
        Some(format!("{}:{}", self.text(self.program.module(module).name), self.text(name)))
    }

    /// A number as it is written, or the one that stands in for a variable of the environment.
    fn number(self, at: ExprAt) -> Option<u16> {
        match self.program.expr(at).kind {
            ExprKind::Const(Const::Int(number)) => u16::try_from(number).ok(),
            ExprKind::Const(Const::Str(text)) => self.text(text).parse().ok(),
            ExprKind::Call { args, .. } => {
                let args = &self.program.tree(at.module)[args];
                args.iter().rev().find_map(|arg| self.number(at.beside(arg.value)))
            }
            _ => None,
        }
    }

    /// `os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")`, and the `manage.py`s that say so.
    fn settings(self, code: &mut Code) {
        for call in self.program.calls_named("setdefault").filter(|call| self.counts(call.at)) {
            let text = |n: usize| self.program.positional(call.at, n).and_then(|at| self.literal(at));
            if text(0) != Some("DJANGO_SETTINGS_MODULE") {
                continue;
            }
            let place = self.place(call.at);
            if super::super::files::name(&place.file) == "manage.py" {
                code.manages.push(Place { line: 1, ..place.clone() });
            }
            if let Some(module) = text(1) {
                code.settings.push(Settings { module: module.to_owned(), place });
            }
        }
    }

    /// The statement that gives a name its value, where one assignment does.
    pub(super) fn assigned(self, at: ExprAt) -> Option<ExprAt> {
        let module = self.program.module(at.module);
        let stmt: StmtId = module.links.stmt_of(at.expr)?;
        match module.tree[stmt].kind {
            StmtKind::Assign { value: Some(value), .. } => Some(at.beside(value)),
            _ => None,
        }
    }

    /// The expressions that a name of a scope is given.
    pub(super) fn given(self, scope: Scope, name: plimsoll_code::names::Sym) -> Vec<ExprAt> {
        let module = scope.module();
        let value = |binding: Binding| -> Option<ExprAt> {
            match binding {
                Binding::Target(target) => self.assigned(module.expr(target)),
                Binding::Param(n) => {
                    let function = scope.function()?;
                    let default: ExprId = self.program.params(function).get(n as usize)?.default?;
                    Some(module.expr(default))
                }
                _ => None,
            }
        };
        self.program.bindings(scope, name).filter_map(value).collect()
    }
}
