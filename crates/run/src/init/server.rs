//! Commands that start a web server: which server it is, what it serves and where, and the same command as it is fit for being measured.
//!
//! Fit means: on loopback, in the foreground, without a reloader that would start the application twice, and without variables that nobody fills in.

use super::shell;

/// A web server for Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Program {
    Uvicorn,
    Gunicorn,
    Hypercorn,
    Daphne,
    Granian,
    Fastapi,
    Flask,
    Waitress,
    /// `manage.py runserver`.
    Runserver,
    /// A Python file or module that starts a server by itself.
    Script,
}

/// A command that starts a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) program: Program,
    /// What follows the program's name, without addresses and reloaders.
    pub(super) args: Vec<String>,
    /// What is served as it is written: `shop.main:app`, `shop.wsgi`, `app/main.py`; the path of a script or of `manage.py`.
    pub(super) app: Option<String>,
    /// Variables set before the command.
    pub(super) env: Vec<(String, String)>,
    pub(super) port: Option<u16>,
    /// What was left out of the command, as it is written.
    pub(super) left_out: Vec<String>,
}

/// Options that decide where a server listens, with a value.
const ADDRESS: &[&str] = &[
    "--host",
    "--port",
    "--bind",
    "-b",
    "--uds",
    "--fd",
    "--listen",
    "--unix-socket",
    "--endpoint",
    "--insecure-bind",
];
/// Options that start an application twice, in the background, or with TLS, with a value.
const UNFIT: &[&str] = &[
    "--reload-dir",
    "--reload-include",
    "--reload-exclude",
    "--reload-delay",
    "--reload-engine",
    "--reload-extra-file",
    "--reload-paths",
    "--reload-ignore-dirs",
    "--ssl-keyfile",
    "--ssl-certfile",
    "--ssl-certificate",
    "--certfile",
    "--keyfile",
    "--ca-certs",
    "--pid",
];
/// The same without a value.
const UNFIT_FLAGS: &[&str] = &["--reload", "--daemon", "-D", "--debug"];

impl Program {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "uvicorn" => Self::Uvicorn,
            "gunicorn" => Self::Gunicorn,
            "hypercorn" => Self::Hypercorn,
            "daphne" => Self::Daphne,
            "granian" => Self::Granian,
            "fastapi" => Self::Fastapi,
            "flask" => Self::Flask,
            "waitress-serve" => Self::Waitress,
            _ => return None,
        })
    }

    /// The name of the program; scripts are run by `python`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Uvicorn => "uvicorn",
            Self::Gunicorn => "gunicorn",
            Self::Hypercorn => "hypercorn",
            Self::Daphne => "daphne",
            Self::Granian => "granian",
            Self::Fastapi => "fastapi",
            Self::Flask => "flask",
            Self::Waitress => "waitress-serve",
            Self::Runserver | Self::Script => "python",
        }
    }

    /// Options that name a port or an address for this program only.
    fn address(self, option: &str) -> bool {
        let short = match self {
            Self::Daphne => option == "-p" || option == "-u" || option == "-e",
            Self::Flask => option == "-p" || option == "-h",
            _ => false,
        };
        short || ADDRESS.contains(&option)
    }

    /// The words that make it listen on a port of loopback.
    pub(super) fn listen(self, port: u16) -> Vec<String> {
        let words: &[&str] = match self {
            Self::Uvicorn => &["--port", "{port}"],
            Self::Gunicorn | Self::Hypercorn => &["--bind", "127.0.0.1:{port}"],
            Self::Daphne => &["-b", "127.0.0.1", "-p", "{port}"],
            Self::Granian | Self::Fastapi | Self::Flask => &["--host", "127.0.0.1", "--port", "{port}"],
            Self::Waitress => &["--listen=127.0.0.1:{port}"],
            Self::Runserver => &["127.0.0.1:{port}", "--noreload"],
            Self::Script => &[],
        };
        words.iter().map(|word| word.replace("{port}", &port.to_string())).collect()
    }
}

/// The server that a line starts, if it starts one: the last command in it that does.
pub(super) fn in_line(line: &str) -> Option<Server> {
    shell::commands(line).iter().rev().find_map(|words| in_words(words, 3))
}

/// The server that a command starts.
pub(super) fn of_words(words: &[String]) -> Option<Server> {
    in_words(words, 3)
}

fn in_words(words: &[String], nested: u8) -> Option<Server> {
    let mut env = Vec::new();
    let mut rest = words;
    loop {
        let (first, after) = rest.split_first()?;
        let next = after.first().map(String::as_str);
        rest = match (base(first), next) {
            ("sh" | "bash" | "ash" | "dash", Some("-c" | "-lc" | "-ec" | "-euxc")) => {
                let line = after.get(1)?;
                let found =
                    shell::commands(line).iter().rev().find_map(|words| in_words(words, nested.checked_sub(1)?));
                return found;
            }
            ("exec" | "env" | "time" | "nohup" | "ddtrace-run" | "opentelemetry-instrument", _) => after,
            ("tini" | "dumb-init" | "chpst" | "gosu", _) => behind_options(after),
            ("uv" | "poetry" | "pipenv" | "pdm" | "hatch" | "rye", Some("run")) => behind_options(&after[1..]),
            ("newrelic-admin", Some("run-program")) => &after[1..],
            ("coverage", Some("run")) => behind_options(&after[1..]),
            (name, _) if is_python(name) => return python(after, env),
            ("manage.py", Some("runserver")) => return Some(runserver(first, &after[1..], env)),
            ("django-admin", Some("runserver")) => return Some(runserver("manage.py", &after[1..], env)),
            (name, _) => {
                if let Some((name, value)) = assignment(first) {
                    env.push((name, value));
                    after
                } else {
                    return server(Program::of(name)?, after, env);
                }
            }
        };
    }
}

fn base(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

fn is_python(name: &str) -> bool {
    let version = name.strip_prefix("python").or_else(|| name.strip_prefix("pypy"));
    version.is_some_and(|version| version.chars().all(|char| char.is_ascii_digit() || char == '.'))
}

/// `NAME=value`.
fn assignment(word: &str) -> Option<(String, String)> {
    let (name, value) = word.split_once('=')?;
    let is_name = name.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
        && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
    is_name.then(|| (name.to_owned(), value.to_owned()))
}

fn behind_options(words: &[String]) -> &[String] {
    let options = words.iter().take_while(|word| word.starts_with('-')).count();
    &words[options..]
}

/// What follows `python`: `-m uvicorn …`, `manage.py runserver`, `-m shop`, `main.py`.
fn python(words: &[String], env: Vec<(String, String)>) -> Option<Server> {
    let flags = words.iter().take_while(|word| word.starts_with('-') && *word != "-m" && *word != "-c").count();
    let words = &words[flags..];
    let (first, after) = words.split_first()?;
    if first == "-m" {
        let (module, after) = after.split_first()?;
        if let Some(program) = Program::of(module) {
            return server(program, after, env);
        }
        if module == "waitress" {
            return server(Program::Waitress, after, env);
        }
        let args = [first.clone(), module.clone()].into_iter().chain(after.iter().cloned()).collect();
        return Some(script(module, args, env));
    }
    if base(first) == "manage.py" {
        return (after.first().map(String::as_str) == Some("runserver")).then(|| runserver(first, &after[1..], env));
    }
    first.ends_with(".py").then(|| script(first, words.to_vec(), env))
}

fn script(app: &str, args: Vec<String>, env: Vec<(String, String)>) -> Server {
    let port = args.iter().find_map(|word| word.strip_prefix("--port=")?.parse().ok());
    Server { program: Program::Script, args, app: Some(app.to_owned()), env, port, left_out: Vec::new() }
}

fn runserver(manage: &str, words: &[String], env: Vec<(String, String)>) -> Server {
    let place = words.iter().find(|word| !word.starts_with('-'));
    let port = place.and_then(|place| port_of(&shell::expanded(place)?));
    let kept = words.iter().filter(|word| word.starts_with('-') && *word != "--noreload").cloned();
    let args = [manage.to_owned(), "runserver".to_owned()].into_iter().chain(kept).collect();
    Server { program: Program::Runserver, args, app: Some(manage.to_owned()), env, port, left_out: Vec::new() }
}

fn server(program: Program, words: &[String], env: Vec<(String, String)>) -> Option<Server> {
    let mut made = Server { program, args: Vec::new(), app: None, env, port: None, left_out: Vec::new() };
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        let (option, inline) = match word.split_once('=') {
            Some((option, value)) if word.starts_with('-') => (option, Some(value)),
            _ => (word.as_str(), None),
        };
        let takes = |at: usize| inline.is_none() && words.get(at).is_some_and(|next| !next.starts_with("--"));
        if program.address(option) {
            let value = if takes(at) { words.get(at).map(String::as_str) } else { inline };
            at += usize::from(takes(at));
            let known = value.and_then(shell::expanded).and_then(|value| port_of(&value));
            made.port = made.port.or(known);
        } else if UNFIT.contains(&option) || (option == "-p" && program == Program::Gunicorn) {
            let value = words.get(at).filter(|_| takes(at));
            at += usize::from(value.is_some());
            made.left_out.push(std::iter::once(word).chain(value).cloned().collect::<Vec<_>>().join(" "));
        } else if UNFIT_FLAGS.contains(&option) {
            made.left_out.push(word.clone());
        } else if let Some(word) = shell::expanded(word) {
            made.args.push(word);
        } else {
            // Nobody fills the variable in; an option goes with its value.
            let option = made.args.pop_if(|before| before.starts_with('-') && !before.contains('='));
            made.left_out.push(option.into_iter().chain([word.clone()]).collect::<Vec<_>>().join(" "));
        }
    }
    if program == Program::Fastapi {
        // `fastapi dev` reloads.
        let first = made.args.first_mut()?;
        if first != "dev" && first != "run" {
            return None;
        }
        "run".clone_into(first);
    }
    if program == Program::Flask && !made.args.iter().any(|word| word == "run") {
        return None;
    }
    made.app = app(&made);
    Some(made)
}

/// What is served.
fn app(server: &Server) -> Option<String> {
    let after = |names: [&str; 2]| {
        let words = server.args.windows(2).find(|pair| names.contains(&pair[0].as_str()));
        words.map(|pair| pair[1].clone()).or_else(|| {
            let inline = server.args.iter().find_map(|word| word.strip_prefix("--app=").map(str::to_owned));
            inline.filter(|_| names.contains(&"--app"))
        })
    };
    match server.program {
        Program::Flask => after(["--app", "-A"]).or_else(|| {
            let set = server.env.iter().find(|(name, _)| name == "FLASK_APP");
            set.map(|(_, value)| value.clone())
        }),
        Program::Fastapi => server.args.iter().skip(1).find(|word| word.ends_with(".py")).cloned(),
        _ => {
            let named =
                server.args.iter().enumerate().filter(|(_, word)| is_app(word)).map(|(n, word)| (n, word.as_str()));
            let whole = named.clone().find(|(_, word)| word.contains(':'));
            // `gunicorn shop.wsgi`: a module alone, and no value of an option such as `-k uvicorn.workers.UvicornWorker`.
            let bare = || {
                let free = |&(n, _): &(usize, &str)| n == 0 || !server.args[n - 1].starts_with('-');
                let telling = |&(_, word): &(usize, &str)| word.contains("wsgi") || word.contains("asgi");
                named.clone().find(telling).or_else(|| named.clone().find(free))
            };
            whole.or_else(bare).map(|(_, word)| word.to_owned())
        }
    }
}

/// Whether a word can name an application: `shop.main:app`, `shop:create_app()`, `shop.wsgi`.
fn is_app(word: &str) -> bool {
    let (module, attribute) = word.split_once(':').unwrap_or((word, "app"));
    let dotted = |text: &str| {
        text.split('.').all(|part| {
            part.starts_with(|char: char| char.is_alphabetic() || char == '_')
                && part.chars().all(|char| char.is_alphanumeric() || char == '_')
        })
    };
    let attribute = attribute.split_once('(').map_or(attribute, |(name, _)| name);
    dotted(module) && dotted(attribute)
}

/// The port in `8000`, `0.0.0.0:8000`, `[::]:8000`; ports that only root may listen on are none.
fn port_of(place: &str) -> Option<u16> {
    let last = place.rsplit(':').next()?;
    last.trim_end_matches('/').parse().ok().filter(|port| *port >= 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> (Program, String, Option<String>, Option<u16>) {
        let server = in_line(text).unwrap_or_else(|| panic!("{text}"));
        (server.program, server.args.join(" "), server.app, server.port)
    }

    #[test]
    fn servers_are_found_behind_wrappers_and_shells() {
        let app = |name: &str| Some(name.to_owned());
        for (text, wanted) in [
            (
                "uvicorn shop.main:app --reload --host 0.0.0.0 --port 80",
                (Program::Uvicorn, "shop.main:app", app("shop.main:app"), None),
            ),
            (
                "exec uv run --frozen uvicorn shop:app --port=8080",
                (Program::Uvicorn, "shop:app", app("shop:app"), Some(8080)),
            ),
            (
                "python3.12 -m uvicorn --factory shop:create_app",
                (Program::Uvicorn, "--factory shop:create_app", app("shop:create_app"), None),
            ),
            (
                "python manage.py migrate && gunicorn -k uvicorn.workers.UvicornWorker -w 4 shop.asgi --bind=:${PORT:-9000} --reload",
                (Program::Gunicorn, "-k uvicorn.workers.UvicornWorker -w 4 shop.asgi", app("shop.asgi"), Some(9000)),
            ),
            (
                "sh -c 'gunicorn shop.wsgi -b unix:/run/shop.sock -p /run/pid'",
                (Program::Gunicorn, "shop.wsgi", app("shop.wsgi"), None),
            ),
            ("gunicorn --workers $WEB_CONCURRENCY shop:app", (Program::Gunicorn, "shop:app", app("shop:app"), None)),
            (
                "./manage.py runserver 0.0.0.0:8001 --settings=shop.dev",
                (Program::Runserver, "./manage.py runserver --settings=shop.dev", app("./manage.py"), Some(8001)),
            ),
            ("FLASK_APP=shop flask run -p 5001 -h 0.0.0.0 --debug", (Program::Flask, "run", app("shop"), Some(5001))),
            ("fastapi dev app/main.py", (Program::Fastapi, "run app/main.py", app("app/main.py"), None)),
            (
                "daphne -b 0.0.0.0 -p 8002 shop.asgi:application",
                (Program::Daphne, "shop.asgi:application", app("shop.asgi:application"), Some(8002)),
            ),
            ("python -u main.py --verbose", (Program::Script, "main.py --verbose", app("main.py"), None)),
        ] {
            let (program, args, served, port) = line(text);
            assert_eq!((program, args.as_str(), served, port), wanted, "{text}");
        }
    }

    #[test]
    fn what_starts_no_server_is_none() {
        for text in [
            "celery -A shop worker",
            "python manage.py migrate",
            "flask db upgrade",
            "fastapi --help",
            "npm start",
            "",
            "python -c 'x'",
        ] {
            assert_eq!(in_line(text), None, "{text}");
        }
        let server = in_line("uvicorn shop:app --reload --reload-dir src --ssl-keyfile key.pem").unwrap();
        assert_eq!(server.left_out, ["--reload", "--reload-dir src", "--ssl-keyfile key.pem"]);
    }
}
