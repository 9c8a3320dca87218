//! What the Python files of a project say about how it is started: by the code lane's program and route map, not by patterns.

mod applications;
mod dynamodb;
mod variables;

use std::collections::BTreeMap;
use std::path::Path;

use plimsoll_code::analysis::on_large_stacks;
use plimsoll_code::entries::{self, Entries, Framework};
use plimsoll_code::names::Sym;
use plimsoll_code::program::{ExprAt, Program, Role};
use plimsoll_code::project::walk::{self, WalkError};
use plimsoll_code::project::{File, Project};
use plimsoll_code::source::Lines;
use plimsoll_code::syntax::{Const, ExprKind};
use plimsoll_code::values::Values;

pub(super) use applications::{Application, Kind, Run, Settings};
pub(super) use dynamodb::Dynamodb;
pub(super) use variables::Variable;

use super::Place;

/// What the code says.
#[derive(Debug, Default)]
pub(super) struct Code {
    /// How many files were found.
    pub(super) files: usize,
    /// The paths of the files with what they are for, in their order.
    pub(super) paths: Vec<(String, Role)>,
    /// What could not be read.
    pub(super) notes: Vec<String>,
    /// Applications that a server can serve.
    pub(super) applications: Vec<Application>,
    /// Applications that no server can name, with why.
    pub(super) hidden: Vec<(Place, &'static str)>,
    /// Calls that start a server.
    pub(super) runs: Vec<Run>,
    /// Settings of Django that `manage.py` and the like name.
    pub(super) settings: Vec<Settings>,
    /// The `manage.py`s.
    pub(super) manages: Vec<Place>,
    /// How many operations a file declares, by framework.
    pub(super) operations: BTreeMap<String, BTreeMap<&'static str, u32>>,
    /// Where a running application shows its contract.
    pub(super) served: Vec<(String, Place)>,
    /// What asks for credentials.
    pub(super) guards: Vec<(String, Place)>,
    /// Variables of the environment that are read.
    pub(super) variables: Vec<Variable>,
    /// How DynamoDB is used.
    pub(super) dynamodb: Dynamodb,
}

impl Code {
    /// Reads everything below a folder.
    pub(super) fn below(top: &Path) -> Result<Self, WalkError> {
        let base = top.canonicalize().unwrap_or_else(|_| top.to_owned());
        let walked = walk::walk(std::slice::from_ref(&base), &base)?;
        Ok(on_large_stacks(|| Self::of(&Project::of(walked))))
    }

    fn of(project: &Project) -> Self {
        let mut code = Self { files: project.files.len(), ..Self::default() };
        code.paths = project.files.iter().map(|file| (file.path.clone(), file.role)).collect();
        code.notes = project.notes.iter().map(ToString::to_string).collect();
        for group in &project.groups {
            let loaded = project.load(group);
            code.notes.extend(loaded.notes.iter().map(ToString::to_string));
            let program = Program::build(loaded.names, loaded.modules);
            let values = Values::new(&program);
            let entries = entries::find(&program, &values);
            let files = project.members(group);
            Reader { program: &program, files: &files, lines: &loaded.lines }.read(&entries, &mut code);
        }
        code.settle();
        code
    }

    /// Puts what the groups said into one order.
    fn settle(&mut self) {
        self.notes.sort();
        self.notes.dedup();
        self.manages.sort();
        self.manages.dedup();
        self.variables.sort();
        self.variables.dedup();
        self.guards.sort_by(|a, b| a.1.cmp(&b.1));
        self.dynamodb.settle();
        let operations = &self.operations;
        for application in &mut self.applications {
            let folder = super::files::folder(&application.place.file);
            let mine =
                operations.iter().filter(|(file, _)| folder.is_empty() || file.starts_with(&format!("{folder}/")));
            application.operations = mine.flat_map(|(_, counts)| counts.values()).sum();
        }
    }
}

/// A group of files that are looked at together.
#[derive(Clone, Copy)]
struct Reader<'p> {
    program: &'p Program,
    files: &'p [&'p File],
    lines: &'p [Lines],
}

impl<'p> Reader<'p> {
    fn read(self, entries: &Entries, code: &mut Code) {
        self.routes(entries, code);
        self.applications(code);
        self.guards(code);
        code.variables.extend(self.variables());
        self.dynamodb(&mut code.dynamodb);
    }

    fn place(self, at: ExprAt) -> Place {
        let module = at.module.0 as usize;
        let line = self.lines[module].line(self.program.expr(at).span.start);
        Place { file: self.files[module].path.clone(), line }
    }

    /// Whether a module belongs to the application: no test, no migration, nothing generated.
    fn counts(self, at: ExprAt) -> bool {
        matches!(self.program.module(at.module).role, Role::Source | Role::Script)
    }

    fn text(self, name: Sym) -> &'p str {
        self.program.text(name)
    }

    /// The text that an expression is written as.
    fn literal(self, at: ExprAt) -> Option<&'p str> {
        match self.program.expr(at).kind {
            ExprKind::Const(Const::Str(text)) => Some(self.text(text)),
            _ => None,
        }
    }

    fn routes(self, entries: &Entries, code: &mut Code) {
        for route in entries.routes.iter().filter(|route| self.counts(route.declared)) {
            let place = self.place(route.declared);
            if let Some(library) = route.library.map(|library| self.text(library)) {
                const SCHEMAS: &[&str] =
                    &["SpectacularAPIView", "SpectacularJSONAPIView", "get_schema_view", "SchemaView"];
                if SCHEMAS.iter().any(|name| library.contains(name)) {
                    code.served.push((route.template.clone(), place));
                    continue;
                }
            }
            let framework = match route.framework {
                Framework::FastApi => "FastAPI",
                Framework::Starlette => "Starlette",
                Framework::Flask => "Flask",
                Framework::Django => "Django",
                Framework::Rest => "Django REST framework",
                Framework::Ninja => "django-ninja",
                Framework::Lambda => "AWS Lambda",
            };
            *code.operations.entry(place.file).or_default().entry(framework).or_default() += 1;
        }
    }

    /// What asks for credentials: the security schemes of FastAPI, the authentication of REST framework.
    fn guards(self, code: &mut Code) {
        const SCHEMES: &[&str] = &[
            "OAuth2PasswordBearer",
            "OAuth2AuthorizationCodeBearer",
            "HTTPBearer",
            "HTTPBasic",
            "HTTPDigest",
            "APIKeyHeader",
            "APIKeyCookie",
            "APIKeyQuery",
            "OpenIdConnect",
        ];
        for name in SCHEMES {
            for call in self.program.calls_named(name).filter(|call| self.counts(call.at)) {
                let Some((callee, _)) = self.program.call(call.at) else { continue };
                if self.program.external(callee).is_some_and(|path| path.starts_with("fastapi.")) {
                    code.guards.push(((*name).to_owned(), self.place(call.at)));
                }
            }
        }
        for (class, facts) in self.program.classes() {
            let own =
                |path: &str| path.starts_with("rest_framework.authentication.") || path == "ninja.security.HttpBearer";
            if self.program.derives_from(class, own) && self.program.module(class.module).role == Role::Source {
                let module = class.module.0 as usize;
                let line = self.lines[module].line(facts.name_span.start);
                let place = Place { file: self.files[module].path.clone(), line };
                code.guards.push((self.text(facts.name).to_owned(), place));
            }
        }
        for module in &self.program.modules {
            for n in 0..module.tree.expr_count() {
                let at = module.id.expr(plimsoll_code::syntax::ExprId(n as u32));
                let Some(text) = self.literal(at).filter(|text| text.contains("uthentication")) else { continue };
                if text.starts_with("rest_framework") && text.ends_with("Authentication") && self.counts(at) {
                    let name = text.rsplit('.').next().unwrap_or(text);
                    code.guards.push((name.to_owned(), self.place(at)));
                }
            }
        }
    }
}
