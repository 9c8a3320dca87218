//! What is started: one service of the project, chosen, with the command that starts it.
//!
//! A command that a file has is taken over; without one it is put together from the application that the code has and the servers that are installed.

use std::collections::BTreeMap;

use super::Place;
use super::code::{Application, Code, Kind, Run};
use super::files::{Files, folder, join};
use super::hints::{Hint, Hints};
use super::server::{Program, Server};

/// The port that everybody takes where none is said.
const PORT: u16 = 8000;

/// Something that can be started.
#[derive(Clone, Debug)]
pub(super) struct Service<'a> {
    pub(super) application: Option<&'a Application>,
    /// The `manage.py` of a Django project.
    pub(super) manage: Option<&'a Place>,
    hint: Option<(&'a Hint, Home)>,
}

/// Where a service runs, and where its modules begin; both relative to the top.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Home {
    cwd: String,
    base: String,
}

/// How a service is started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) command: Vec<String>,
    /// The folder that it starts in, relative to the top; empty for the top.
    pub(super) cwd: String,
    pub(super) env: BTreeMap<String, String>,
    pub(super) port: u16,
    /// Where the command was found; none where it was put together.
    pub(super) place: Option<Place>,
    /// What was left out of the command that was found.
    pub(super) left_out: Vec<String>,
    /// The program, where nothing shows that it is installed.
    pub(super) unseen: Option<String>,
}

/// The services of a project, the one to look at first first.
pub(super) fn all<'a>(files: &Files, code: &'a Code, hints: &'a Hints) -> Vec<Service<'a>> {
    let mut services: Vec<Service<'a>> = Vec::new();
    for application in &code.applications {
        let same = services.iter_mut().find(|service| service.is_same_django(application));
        match same {
            // Django has both; the older door is the one that everything works with.
            Some(service) if application.kind == Kind::DjangoWsgi => service.application = Some(application),
            Some(_) => {}
            None => services.push(Service { application: Some(application), manage: None, hint: None }),
        }
    }
    for manage in &code.manages {
        let home = folder(&manage.file);
        let django = |service: &&mut Service<'_>| {
            service.manage.is_none()
                && service
                    .application
                    .is_some_and(|application| application.kind.is_django() && application.root == home)
        };
        match services.iter_mut().find(django) {
            Some(service) => service.manage = Some(manage),
            None => services.push(Service { application: None, manage: Some(manage), hint: None }),
        }
    }
    for hint in &hints.servers {
        for service in &mut services {
            if service.hint.is_none()
                && let Some(home) = service.serves(hint, files, code)
            {
                service.hint = Some((hint, home));
            }
        }
    }
    services.sort_by_key(Service::rank);
    services
}

impl Service<'_> {
    fn is_same_django(&self, application: &Application) -> bool {
        let django = |mine: &&Application| mine.kind.is_django() && application.kind.is_django();
        self.application.as_ref().filter(|mine| django(mine)).is_some_and(|mine| mine.root == application.root)
    }

    fn rank(&self) -> impl Ord + use<> {
        let application = self.application;
        let operations = application.map_or(0, |application| application.operations);
        let telling =
            application.is_some_and(|application| matches!(application.name.as_str(), "app" | "application" | "api"));
        let file = application.map(|application| &application.place.file).or(self.manage.map(|place| &place.file));
        let file = file.cloned().unwrap_or_default();
        (
            application.is_some_and(|application| application.conditional),
            self.hint.is_none(),
            std::cmp::Reverse(operations),
            !telling,
            file.matches('/').count(),
            file,
        )
    }

    /// Where a command runs, if it starts this service.
    fn serves(&self, hint: &Hint, files: &Files, code: &Code) -> Option<Home> {
        let named = hint.server.app.as_deref();
        let own = |flag: &str| {
            let words = &hint.server.args;
            let at = words.iter().position(|word| word == flag)?;
            words.get(at + 1).map(|below| join_under(&hint.folder, below))
        };
        match hint.server.program {
            Program::Runserver => {
                let path = join_under(&hint.folder, named?);
                let manage = self.manage.filter(|manage| manage.file == path || ends_with(&manage.file, &path))?;
                let cwd = folder(&manage.file).to_owned();
                Some(Home { base: cwd.clone(), cwd })
            }
            Program::Script => {
                let application = self.application?;
                let named = named?;
                let path =
                    if named.ends_with(".py") { named.to_owned() } else { format!("{}.py", named.replace('.', "/")) };
                let whole = join_under(&hint.folder, &path);
                let main = whole.strip_suffix(".py").map(|module| format!("{module}/__main__.py"));
                let run =
                    code.runs.iter().find(|run| run.place.file == whole || Some(&run.place.file) == main.as_ref())?;
                let serves =
                    run.app.as_deref().is_none_or(|app| app == application.path() || same_tail(app, application));
                serves.then(|| Home { cwd: hint.folder.clone(), base: hint.folder.clone() })
            }
            Program::Fastapi => {
                let application = self.application.filter(|application| application.kind == Kind::FastApi)?;
                let whole = named.map(|path| join_under(&hint.folder, path));
                let same = whole.as_ref().is_none_or(|whole| *whole == application.place.file);
                same.then(|| Home { cwd: hint.folder.clone(), base: application.root.clone() })
            }
            _ => {
                let application = self.application?;
                let (module, name) = split(named?);
                let fits = name.is_none_or(|name| name == application.name || application.kind.is_django());
                if !fits {
                    return None;
                }
                let path = module.trim_end_matches(".py").replace('.', "/");
                let roots = [own("--chdir"), own("--app-dir"), own("--pythonpath")];
                let usual = [hint.folder.clone(), join(&hint.folder, "src"), application.root.clone(), String::new()];
                let base = roots.into_iter().flatten().chain(usual).find(|base| {
                    let whole = join(base, &path);
                    application.place.file == format!("{whole}.py")
                        || application.place.file == format!("{whole}/__init__.py")
                        || {
                            // Django's two doors stand beside each other; the command may name the other one.
                            application.kind.is_django()
                                && folder(&application.place.file) == folder(&whole)
                                && files.paths.iter().any(|path| *path == format!("{whole}.py"))
                        }
                })?;
                let inside = base.is_empty() && hint.folder.is_empty()
                    || base == hint.folder
                    || base.starts_with(&format!("{}/", hint.folder));
                let cwd = if inside || hint.folder.is_empty() { hint.folder.clone() } else { base.clone() };
                Some(Home { cwd, base })
            }
        }
    }

    /// The folder that everything of it lies in, as far as that is known; empty for the top.
    pub(super) fn folder(&self) -> &str {
        let application = self.application.map(|application| {
            let own = folder(&application.place.file);
            if application.root.is_empty() { own } else { application.root.as_str() }
        });
        let manage = self.manage.map(|manage| folder(&manage.file));
        manage.or(application).unwrap_or_default()
    }

    /// The command that starts it.
    pub(super) fn start(&self, files: &Files, code: &Code, hints: &Hints) -> Option<Start> {
        if let Some((hint, home)) = &self.hint {
            let run = code.runs.iter().find(|run| {
                hint.server.program == Program::Script
                    && ends_with(&run.place.file, hint.server.app.as_deref().unwrap_or_default())
            });
            let port = hint.server.port.or(run.and_then(|run| run.port)).unwrap_or(PORT);
            let mut start = finish(&hint.server, home, port, files);
            start.place = Some(hint.place.clone());
            start.left_out.clone_from(&hint.server.left_out);
            return Some(start);
        }
        let (server, home) = self.made_up(hints)?;
        let run = code.runs.iter().find(|run| self.application.is_some_and(|application| run.serves(application)));
        let port = run.and_then(|run| run.port).filter(|port| *port >= 1024).unwrap_or(PORT);
        Some(Start { place: run.map(|run| run.place.clone()), ..finish(&server, &home, port, files) })
    }

    /// A command for an application that no file starts.
    fn made_up(&self, hints: &Hints) -> Option<(Server, Home)> {
        let has = |name: &str| hints.packages.contains_key(name);
        let plain = |program, args: Vec<String>| Server {
            program,
            args,
            app: None,
            env: Vec::new(),
            port: None,
            left_out: Vec::new(),
        };
        let Some(application) = self.application else {
            let home = folder(&self.manage?.file).to_owned();
            let args = vec!["manage.py".to_owned(), "runserver".to_owned()];
            return Some((plain(Program::Runserver, args), Home { cwd: home.clone(), base: home }));
        };
        let cwd =
            application.root.strip_suffix("src").map_or(application.root.as_str(), |above| above.trim_end_matches('/'));
        let cwd = if application.root == "src" || application.root.ends_with("/src") { cwd } else { &application.root };
        let home = Home { cwd: cwd.to_owned(), base: application.root.clone() };
        let path = application.path();
        let called = if application.factory { format!("{path}()") } else { path.clone() };
        let (program, args) = match application.kind {
            Kind::DjangoWsgi | Kind::DjangoAsgi if self.manage.is_some() && !has("gunicorn") && !has("uvicorn") => {
                (Program::Runserver, vec!["manage.py".to_owned(), "runserver".to_owned()])
            }
            Kind::DjangoWsgi if has("uvicorn") && !has("gunicorn") => {
                (Program::Uvicorn, vec!["--interface".to_owned(), "wsgi".to_owned(), path])
            }
            Kind::DjangoWsgi | Kind::Flask if has("gunicorn") || application.kind == Kind::DjangoWsgi => {
                (Program::Gunicorn, vec![called])
            }
            Kind::Flask if has("waitress") => {
                let factory = application.factory.then(|| "--call".to_owned());
                (Program::Waitress, factory.into_iter().chain([path]).collect())
            }
            Kind::Flask => (Program::Flask, vec!["--app".to_owned(), path, "run".to_owned()]),
            _ if !has("uvicorn") && has("hypercorn") => (Program::Hypercorn, vec![called]),
            _ if !has("uvicorn") && has("daphne") && !application.factory => (Program::Daphne, vec![path]),
            _ if !has("uvicorn") && has("granian") => {
                let factory = application.factory.then(|| "--factory".to_owned());
                let words = ["--interface".to_owned(), "asgi".to_owned()];
                (Program::Granian, words.into_iter().chain(factory).chain([path]).collect())
            }
            _ => {
                let factory = application.factory.then(|| "--factory".to_owned());
                (Program::Uvicorn, factory.into_iter().chain([path]).collect())
            }
        };
        Some((plain(program, args), home))
    }
}

impl Run {
    fn serves(&self, application: &Application) -> bool {
        match &self.app {
            Some(app) => *app == application.path() || same_tail(app, application),
            None => self.place.file == application.place.file,
        }
    }
}

/// Whether `module:name` is an application's, seen from another folder.
fn same_tail(app: &str, application: &Application) -> bool {
    let (module, name) = split(app);
    let tail = application.module.strip_suffix(module).is_some_and(|before| before.is_empty() || before.ends_with('.'));
    tail && name.is_none_or(|name| name == application.name)
}

/// Module and name of `module:name` or `module:make()`.
fn split(app: &str) -> (&str, Option<&str>) {
    match app.split_once(':') {
        Some((module, name)) => (module, Some(name.split_once('(').map_or(name, |(name, _)| name))),
        None => (app, None),
    }
}

fn ends_with(path: &str, end: &str) -> bool {
    path.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

/// A path as it is written in a file of a folder.
fn join_under(home: &str, path: &str) -> String {
    let path = path.trim_start_matches("./").trim_end_matches('/');
    if path.is_empty() || path == "." { home.to_owned() } else { join(home, path) }
}

/// The whole command: the program where it is installed, its words, where modules are found, and where it listens.
fn finish(server: &Server, home: &Home, port: u16, files: &Files) -> Start {
    let mut start = Start { cwd: home.cwd.clone(), port, ..Start::default() };
    let (mut command, unseen) = installed(server.program.name(), &home.cwd, files);
    start.unseen = unseen;
    command.extend(server.args.iter().cloned());
    let below = below(&home.cwd, &home.base);
    let is_said = |flag: &str| server.args.iter().any(|word| word.split('=').next() == Some(flag));
    if !below.is_empty() {
        match server.program {
            Program::Uvicorn if is_said("--app-dir") => {}
            Program::Uvicorn => command.extend(["--app-dir".to_owned(), below]),
            Program::Gunicorn if is_said("--chdir") || is_said("--pythonpath") => {}
            Program::Gunicorn => command.extend(["--pythonpath".to_owned(), below]),
            Program::Fastapi => {}
            _ => drop(start.env.insert("PYTHONPATH".to_owned(), below)),
        }
    }
    command.extend(server.program.listen(port));
    start.command = command;
    start
}

/// The way from one folder down to another; empty where it is the same or does not lie below.
fn below(cwd: &str, base: &str) -> String {
    if cwd.is_empty() {
        return base.to_owned();
    }
    base.strip_prefix(cwd).and_then(|rest| rest.strip_prefix('/')).unwrap_or_default().to_owned()
}

/// The way from a folder up to the top, with a path below it.
fn from_top(cwd: &str, path: &str) -> String {
    if cwd.is_empty() {
        return path.to_owned();
    }
    if let Some(rest) = path.strip_prefix(cwd).and_then(|rest| rest.strip_prefix('/')) {
        return rest.to_owned();
    }
    format!("{}{path}", "../".repeat(cwd.split('/').count()))
}

/// How a program of the project is called from a folder: in its virtual environment, or by the tool that keeps one. With its name where neither is seen.
pub(super) fn installed(program: &str, cwd: &str, files: &Files) -> (Vec<String>, Option<String>) {
    // From a folder above, there is no way into this one that does not depend on its name.
    let homes = || [cwd, ""].into_iter().filter(|home| home == &cwd || !cwd.starts_with(".."));
    for home in homes() {
        for environment in [".venv", "venv", "env"] {
            let path = join(home, &format!("{environment}/bin/{program}"));
            if files.has(&path) {
                return (vec![from_top(cwd, &path)], None);
            }
        }
    }
    for home in homes() {
        for (lock, tool) in
            [("uv.lock", "uv"), ("poetry.lock", "poetry"), ("pdm.lock", "pdm"), ("Pipfile.lock", "pipenv")]
        {
            if files.has(&join(home, lock)) {
                return (vec![tool.to_owned(), "run".to_owned(), program.to_owned()], None);
            }
        }
    }
    // Outside of an environment, systems call it by its version.
    let program = if program == "python" { "python3" } else { program };
    (vec![program.to_owned()], Some(program.to_owned()))
}
