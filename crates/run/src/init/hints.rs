//! What files beside the code say about how a project is started: Procfile, compose files, Dockerfiles, scripts, tasks, Makefiles; and what it depends on.

use std::collections::BTreeMap;

use super::Place;
use super::files::{Files, folder, join, name};
use super::server::{self, Server};
use super::{shell, yaml};

/// A command that starts a server, as a file has it.
#[derive(Clone, Debug)]
pub(super) struct Hint {
    pub(super) server: Server,
    /// The folder that it runs in, relative to the top.
    pub(super) folder: String,
    pub(super) place: Place,
    /// How much the file is trusted; less is more.
    pub(super) rank: u8,
    /// Variables that are set for it.
    pub(super) env: Vec<(String, String)>,
}

/// What the files say.
#[derive(Debug, Default)]
pub(super) struct Hints {
    /// Commands, the most trusted first.
    pub(super) servers: Vec<Hint>,
    /// Images of DynamoDB for development.
    pub(super) emulators: Vec<(String, Place)>,
    /// Packages that the project depends on.
    pub(super) packages: BTreeMap<String, Place>,
    /// Values of variables that examples give, by name.
    pub(super) examples: BTreeMap<String, (String, Place)>,
}

/// Looks through the files.
pub(super) fn of(files: &Files) -> Hints {
    let mut hints = Hints::default();
    for path in files.paths.iter().map(String::as_str) {
        let read: fn(&str, &str, &mut Hints) = match name(path) {
            "Procfile" | "Procfile.dev" => procfile,
            "Makefile" | "makefile" | "GNUmakefile" => makefile,
            "pyproject.toml" => pyproject,
            "Pipfile" => pipfile,
            "gunicorn.conf.py" => gunicorn,
            ".env.example" | ".env.sample" | ".env.template" | "env.example" | "example.env" => environment,
            "render.yaml" | "render.yml" | "app.yaml" | "app.yml" => platform,
            "start" | "entrypoint" => script,
            name if name.ends_with(".sh") => script,
            name if is_compose(name) => compose,
            name if is_dockerfile(name) => dockerfile,
            name if name.starts_with("requirements") && has_end(name, &[".txt", ".in"]) => requirements,
            _ => continue,
        };
        if let Some(text) = files.text(path) {
            read(path, &text, &mut hints);
        }
    }
    // A walk leaves hidden files out.
    for hidden in [".env.example", ".env.sample", ".env.template"] {
        if let Some(text) = files.text(hidden) {
            environment(hidden, &text, &mut hints);
        }
    }
    hints.servers.sort_by_key(|hint| (hint.rank, hint.place.file.matches('/').count(), hint.place.clone()));
    hints
}

fn has_end(name: &str, ends: &[&str]) -> bool {
    ends.iter().any(|end| name.ends_with(end))
}

fn is_compose(name: &str) -> bool {
    (name.starts_with("docker-compose") || name.starts_with("compose")) && has_end(name, &[".yml", ".yaml"])
}

fn is_dockerfile(name: &str) -> bool {
    matches!(name, "Dockerfile" | "Containerfile") || name.starts_with("Dockerfile.") || name.ends_with(".Dockerfile")
}

fn procfile(path: &str, text: &str, hints: &mut Hints) {
    for (n, line) in text.lines().enumerate() {
        if let Some((process, command)) = line.split_once(':').filter(|(process, _)| !process.contains(' '))
            && let Some(server) = server::in_line(command)
        {
            let rank = u8::from(process != "web");
            hints.add(path, n as u32 + 1, folder(path), rank, server);
        }
    }
}

fn makefile(path: &str, text: &str, hints: &mut Hints) {
    for (n, line) in text.lines().enumerate().filter(|(_, line)| line.starts_with('\t')) {
        let line = line.trim_start().trim_start_matches(['@', '-', '+']).replace("$(", "${").replace(')', "}");
        if let Some(server) = server::in_line(&line) {
            hints.add(path, n as u32 + 1, folder(path), 8, server);
        }
    }
}

/// A shell script: what it starts last is what it is for.
fn script(path: &str, text: &str, hints: &mut Hints) {
    if name(path).ends_with(".sh")
        || text.lines().next().is_some_and(|line| line.starts_with("#!") && line.contains("sh"))
    {
        let servers = text.lines().enumerate().filter_map(|(n, line)| Some((n as u32 + 1, server::in_line(line)?)));
        if let Some((line, server)) = servers.last() {
            hints.add(path, line, folder(path), 5, server);
        }
    }
}

/// Files of hosting platforms, which have the command under a key.
fn platform(path: &str, text: &str, hints: &mut Hints) {
    for (n, line) in text.lines().enumerate() {
        let line = line.trim_start().trim_start_matches("- ");
        let command = ["startCommand:", "entrypoint:", "run_command:"].iter().find_map(|key| line.strip_prefix(key));
        if let Some(server) = command.and_then(|command| server::in_line(command.trim().trim_matches(['"', '\'']))) {
            hints.add(path, n as u32 + 1, folder(path), 3, server);
        }
    }
}

fn dockerfile(path: &str, text: &str, hints: &mut Hints) {
    let mut lines = text.lines().enumerate();
    let (mut entry, mut command): (Vec<String>, Option<(u32, Vec<String>)>) = (Vec::new(), None);
    while let Some((n, line)) = lines.next() {
        let mut whole = line.trim().to_owned();
        while whole.ends_with('\\') {
            whole.pop();
            let Some((_, more)) = lines.next() else { break };
            whole.push(' ');
            whole.push_str(more.trim());
        }
        let Some((word, rest)) = whole.split_once(char::is_whitespace) else { continue };
        let words = || match serde_json::from_str::<Vec<String>>(rest.trim()) {
            Ok(words) => words,
            Err(_) => vec!["sh".to_owned(), "-c".to_owned(), rest.trim().to_owned()],
        };
        match word.to_ascii_uppercase().as_str() {
            // Only the last stage is what runs.
            "FROM" => (entry, command) = (Vec::new(), None),
            "ENTRYPOINT" => {
                entry = words();
                command = command.or(Some((n as u32 + 1, Vec::new())));
            }
            "CMD" => command = Some((n as u32 + 1, words())),
            _ => {}
        }
    }
    let Some((line, command)) = command else { return };
    let whole: Vec<String> = entry.iter().chain(&command).cloned().collect();
    // An entry point that is a script of its own usually runs what follows it.
    if let Some(server) = server::of_words(&whole).or_else(|| server::of_words(&command)) {
        hints.add(path, line, folder(path), 4, server);
    }
}

fn compose(path: &str, text: &str, hints: &mut Hints) {
    const EMULATORS: [&str; 5] = ["dynamodb-local", "localstack", "dynalite", "motoserver", "scylla"];
    let Some(root) = yaml::read(text) else { return };
    let Some(services) = root.get("services") else { return };
    for (_, service) in services.entries() {
        let image = service.get("image").and_then(|image| Some((image.text()?, image.line)));
        if let Some((image, line)) = image
            && EMULATORS.iter().any(|name| image.contains(name))
        {
            hints.emulators.push((image.to_owned(), Place { file: path.to_owned(), line }));
            continue;
        }
        let build = service.get("build");
        let context = build.and_then(|build| build.text().or_else(|| build.get("context")?.text()));
        let context = context.unwrap_or(".").trim_start_matches("./").trim_matches('/');
        let context = if context == "." || context.starts_with("..") { "" } else { context };
        let home = join_clean(folder(path), context);
        let Some(command) = service.get("command").or_else(|| service.get("entrypoint")) else { continue };
        let server = match command.text() {
            Some(line) => server::in_line(line),
            None => server::of_words(
                &command.items().iter().filter_map(|item| item.text().map(str::to_owned)).collect::<Vec<_>>(),
            ),
        };
        let Some(server) = server else { continue };
        let line = command.line;
        hints.add(path, line, &home, 2, server);
        if let Some(hint) = hints.servers.last_mut() {
            hint.env.extend(service.get("environment").map(variables).unwrap_or_default());
        }
    }
}

fn join_clean(folder: &str, below: &str) -> String {
    if below.is_empty() { folder.to_owned() } else { join(folder, below) }
}

/// The variables of a service, as a map or as a list of `NAME=value`.
fn variables(node: &yaml::Node) -> Vec<(String, String)> {
    let map = node.entries().iter().filter_map(|(name, value)| Some((name.clone(), value.text()?.to_owned())));
    let list = node.items().iter().filter_map(|item| {
        let (name, value) = item.text()?.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    });
    map.chain(list).filter_map(|(name, value)| Some((name, shell::expanded(&value)?))).collect()
}

/// Tasks of poe, pdm, hatch, taskipy and the like, and dependencies.
fn pyproject(path: &str, text: &str, hints: &mut Hints) {
    let Ok(root) = text.parse::<toml::Table>() else { return };
    let line_of = |needle: &str| {
        let at = text.find(needle).unwrap_or(0);
        text[..at].matches('\n').count() as u32 + 1
    };
    if let Some(tools) = root.get("tool") {
        let mut commands = Vec::new();
        tasks(tools, 6, &mut commands);
        for command in commands {
            if let Some(server) = server::in_line(&command) {
                let first = command.lines().next().unwrap_or_default().trim();
                hints.add(path, line_of(first), folder(path), 6, server);
            }
        }
    }
    let mut names = Vec::new();
    let project = root.get("project");
    lists(project.and_then(|project| project.get("dependencies")), &mut names);
    lists(project.and_then(|project| project.get("optional-dependencies")), &mut names);
    lists(root.get("dependency-groups"), &mut names);
    let poetry = root.get("tool").and_then(|tool| tool.get("poetry"));
    let groups = poetry.and_then(|poetry| poetry.get("group")).and_then(toml::Value::as_table);
    let tables = groups.into_iter().flatten().map(|(_, group)| group).chain(poetry);
    for table in tables.filter_map(|table| table.get("dependencies")?.as_table()) {
        names.extend(table.keys().cloned());
        // `fastapi = { extras = ["standard"] }`
        let extras = table.iter().filter(|(_, value)| value.get("extras").is_some());
        names.extend(extras.map(|(name, value)| format!("{name}[{}]", value["extras"])));
    }
    for text in names {
        let bare = package(&text);
        let line = line_of(bare.split(['-', '.']).next().unwrap_or(&bare));
        hints.depend(&text, path, line);
    }
}

fn tasks(value: &toml::Value, left: u8, found: &mut Vec<String>) {
    let Some(left) = left.checked_sub(1) else { return };
    match value {
        toml::Value::String(text) => found.push(text.clone()),
        toml::Value::Array(items) => items.iter().for_each(|item| tasks(item, left, found)),
        toml::Value::Table(table) => table.iter().for_each(|(_, value)| tasks(value, left, found)),
        _ => {}
    }
}

fn lists(value: Option<&toml::Value>, found: &mut Vec<String>) {
    match value {
        Some(toml::Value::Array(items)) => {
            found.extend(items.iter().filter_map(|item| item.as_str().map(str::to_owned)));
        }
        Some(toml::Value::Table(table)) => table.iter().for_each(|(_, value)| lists(Some(value), found)),
        _ => {}
    }
}

fn pipfile(path: &str, text: &str, hints: &mut Hints) {
    let Ok(root) = text.parse::<toml::Table>() else { return };
    for table in ["packages", "dev-packages"].iter().filter_map(|name| root.get(*name)?.as_table()) {
        for name in table.keys() {
            let at = text.find(name.as_str()).unwrap_or(0);
            hints.depend(name, path, text[..at].matches('\n').count() as u32 + 1);
        }
    }
}

/// Who has settings for it uses it.
fn gunicorn(path: &str, _: &str, hints: &mut Hints) {
    hints.depend("gunicorn", path, 1);
}

fn requirements(path: &str, text: &str, hints: &mut Hints) {
    for (n, line) in text.lines().enumerate() {
        let line = line.trim();
        if !line.is_empty() && !line.starts_with(['#', '-']) {
            hints.depend(line, path, n as u32 + 1);
        }
    }
}

fn environment(path: &str, text: &str, hints: &mut Hints) {
    for (n, line) in text.lines().enumerate() {
        let line = line.trim().trim_start_matches("export ");
        if let Some((name, value)) = line.split_once('=').filter(|(name, _)| !name.is_empty() && !name.starts_with('#'))
        {
            let value = value.trim().trim_matches(['"', '\'']).to_owned();
            let place = Place { file: path.to_owned(), line: n as u32 + 1 };
            hints.examples.entry(name.trim().to_owned()).or_insert((value, place));
        }
    }
}

/// The name of a package in a requirement, as indexes compare names (PEP 503).
fn package(requirement: &str) -> String {
    let end = requirement.find(|char: char| !(char.is_ascii_alphanumeric() || "-_.".contains(char)));
    requirement[..end.unwrap_or(requirement.len())].to_ascii_lowercase().replace('_', "-")
}

impl Hints {
    fn add(&mut self, file: &str, line: u32, folder: &str, rank: u8, server: Server) {
        let place = Place { file: file.to_owned(), line };
        let env = server.env.clone();
        self.servers.push(Hint { server, folder: folder.to_owned(), place, rank, env });
    }

    fn depend(&mut self, requirement: &str, file: &str, line: u32) {
        let place = || Place { file: file.to_owned(), line };
        let name = package(requirement);
        // Its extra brings a server.
        if name == "fastapi" && (requirement.contains("standard") || requirement.contains("all")) {
            self.packages.entry("uvicorn".to_owned()).or_insert_with(place);
        }
        self.packages.entry(name).or_insert_with(place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(with: fn(&str, &str, &mut Hints), path: &str, text: &str) -> Hints {
        let mut hints = Hints::default();
        with(path, text, &mut hints);
        hints
    }

    #[test]
    fn dockerfiles_are_read_in_all_their_forms() {
        for (text, line) in [
            ("FROM python\nCMD [\"uvicorn\", \"shop:app\", \"--host\", \"0.0.0.0\"]\n", 2),
            ("FROM python\nCMD uvicorn shop:app \\\n  --host 0.0.0.0\n", 2),
            ("FROM python\nENTRYPOINT [\"/entrypoint.sh\"]\nCMD [\"uvicorn\", \"shop:app\"]\n", 3),
            ("FROM python\nENTRYPOINT [\"uvicorn\"]\nCMD [\"shop:app\"]\n", 3),
            ("FROM node\nCMD [\"gunicorn\", \"x:y\"]\nFROM python\nentrypoint [\"uvicorn\", \"shop:app\"]\n", 4),
        ] {
            let hints = read(dockerfile, "api/Dockerfile", text);
            let [hint] = &hints.servers[..] else { panic!("{text}") };
            assert_eq!(
                (hint.server.app.as_deref(), hint.place.line, hint.folder.as_str()),
                (Some("shop:app"), line, "api"),
                "{text}"
            );
        }
        assert!(read(dockerfile, "Dockerfile", "FROM x\nCMD [\"npm\", \"start\"]\n").servers.is_empty());
    }

    #[test]
    fn dependencies_and_tasks_of_a_project() {
        let text = "[project]\ndependencies = [\"fastapi[standard]>=0.110\", \"boto3\"]\n[dependency-groups]\ndev = [\"Moto_X>5\", {include-group = \"a\"}]\n\
                    [tool.poe.tasks]\nserve = { cmd = \"uvicorn shop:app --reload\" }\n[tool.pdm.scripts]\nx = \"pytest\"\n";
        let hints = read(pyproject, "pyproject.toml", text);
        let names: Vec<&str> = hints.packages.keys().map(String::as_str).collect();
        assert_eq!(names, ["boto3", "fastapi", "moto-x", "uvicorn"]);
        assert_eq!(hints.servers.len(), 1);
        assert_eq!(
            (hints.servers[0].place.line, hints.servers[0].server.left_out.as_slice()),
            (6, ["--reload".to_owned()].as_slice())
        );
    }
}
