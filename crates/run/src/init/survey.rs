//! What was found and what is not known, in sentences; and from it the configuration.

use std::collections::BTreeMap;

use super::Place;
use super::code::{Code, Variable};
use super::files::Files;
use super::hints::Hints;
use super::service::{Service, Start, installed};
use super::write;

/// A statement about the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is about: `framework`, `command`.
    pub about: &'static str,
    /// What was found.
    pub what: String,
    /// Where.
    pub place: Option<Place>,
}

/// What a project says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// What was found.
    pub found: Vec<Fact>,
    /// What could not be known, each with what to do about it.
    pub unknown: Vec<String>,
    /// The configuration.
    pub config: String,
}

/// What goes into the configuration.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) contract: Option<String>,
    pub(super) start: Option<Start>,
    /// What asks for credentials, with its place.
    pub(super) guard: Option<(String, Place)>,
    /// Variables that must be set, with where they are read.
    pub(super) wanted: Vec<(String, Place)>,
    /// Values of such variables that examples give.
    pub(super) env: BTreeMap<String, String>,
    pub(super) emulation: Option<Emulation>,
}

/// DynamoDB on this machine.
#[derive(Debug, Default)]
pub(super) struct Emulation {
    /// Why it is written down.
    pub(super) why: String,
    /// Whether something says that the project is meant to run against one.
    pub(super) sure: bool,
    pub(super) seed: Vec<String>,
    pub(super) endpoint_variable: Option<String>,
}

/// Places that are named in one sentence.
const SHOWN: usize = 4;

struct Gathering {
    found: Vec<Fact>,
    unknown: Vec<String>,
}

impl Gathering {
    fn found(&mut self, about: &'static str, what: impl Into<String>, place: Option<Place>) {
        let what = plimsoll_model::redact::one_line(&what.into(), 300);
        self.found.push(Fact { about, what, place });
    }

    fn unknown(&mut self, what: impl Into<String>) {
        self.unknown.push(plimsoll_model::redact::one_line(&what.into(), 400));
    }
}

/// Puts it together.
pub(super) fn of(files: &Files, code: &Code, hints: &Hints, contracts: &[Place], services: &[Service<'_>]) -> Survey {
    let mut say = Gathering { found: Vec::new(), unknown: Vec::new() };
    let mut known = Known::default();
    let service = services.first();
    let scope = Scope::of(services);
    framework(&mut say, code, service, &scope);
    known.start = service.and_then(|service| service.start(files, code, hints));
    started(&mut say, &known, code, hints, services);
    known.contract = contract(&mut say, code, contracts, service, &scope);
    known.guard = guard(&mut say, code, &scope);
    known.emulation = dynamodb(&mut say, files, code, hints, &scope);
    environment(&mut say, code, hints, &mut known, &scope);
    for note in code.notes.iter().chain(&files.unreadable).take(SHOWN) {
        say.unknown(format!("{note}: what is in there was not looked at"));
    }
    if files.cut {
        say.unknown("the tree has more than 200,000 entries; the rest was not looked at".to_owned());
    }
    Survey { config: write::config(&known), found: say.found, unknown: say.unknown }
}

/// What of the code belongs to the service that was chosen: everything but what lies in the folders of others.
struct Scope {
    others: Vec<String>,
}

impl Scope {
    fn of(services: &[Service<'_>]) -> Self {
        let Some((first, others)) = services.split_first() else { return Self { others: Vec::new() } };
        let own = first.folder();
        let mut others: Vec<String> = others.iter().map(|other| format!("{}/", other.folder())).collect();
        // What lies around the chosen one belongs to it as well.
        others.retain(|other| other != "/" && !format!("{own}/").starts_with(other.as_str()));
        Self { others }
    }

    fn holds(&self, file: &str) -> bool {
        !self.others.iter().any(|other| file.starts_with(other.as_str()))
    }
}

fn framework(say: &mut Gathering, code: &Code, service: Option<&Service<'_>>, scope: &Scope) {
    let mut frameworks: BTreeMap<&str, u32> = BTreeMap::new();
    for (name, count) in code.operations.iter().filter(|(file, _)| scope.holds(file)).flat_map(|(_, counts)| counts) {
        *frameworks.entry(name).or_default() += count;
    }
    let operations: u32 = frameworks.values().sum();
    let mut names: Vec<(&str, u32)> = frameworks.into_iter().collect();
    names.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let application = service.and_then(|service| service.application);
    if names.is_empty() {
        match application {
            Some(application) => {
                say.found("framework", application.kind.as_str(), Some(application.place.clone()));
                say.unknown("which operations there are: no route was found in the code; a scan will look for them");
            }
            None if code.files > 0 => say.unknown(
                "which framework answers: no application of FastAPI, Starlette, Flask, Quart or Django was found in the code",
            ),
            None => {}
        }
        return;
    }
    let shown: Vec<String> =
        names.iter().map(|(name, count)| format!("{name}, {count} {}", operation(*count))).collect();
    let total = if names.len() > 1 { format!(" ({operations} together)") } else { String::new() };
    let place = application.map(|application| application.place.clone());
    say.found("framework", format!("{}{total}", shown.join("; ")), place);
}

fn operation(count: u32) -> &'static str {
    if count == 1 { "operation" } else { "operations" }
}

fn started(say: &mut Gathering, known: &Known, code: &Code, hints: &Hints, services: &[Service<'_>]) {
    let Some(service) = services.first() else {
        for (place, why) in code.hidden.iter().take(SHOWN) {
            say.unknown(format!("how the application at {place} is served: {why}; write memory.command"));
        }
        if let Some(hint) = hints.servers.first() {
            let app = hint.server.app.as_deref().unwrap_or("something");
            say.unknown(format!("what {} starts: {app} was not found in the code; write memory.command", hint.place));
        } else if code.hidden.is_empty() {
            say.unknown("how the application is started: write memory.command, and target.url for where it answers");
        }
        return;
    };
    if let Some(application) = service.application {
        let factory = if application.factory { ", a function that makes it" } else { "" };
        say.found("application", format!("{}{factory}", application.path()), Some(application.place.clone()));
    }
    if let Some(manage) = service.manage {
        let of_it = |settings: &&super::code::Settings| settings.place.file == manage.file;
        let settings =
            code.settings.iter().find(of_it).map(|settings| (settings.module.clone(), settings.place.clone()));
        let (module, place) = settings.unzip();
        match module {
            Some(module) => say.found("settings", module, place),
            None => say.unknown(format!("which settings {manage} uses: set DJANGO_SETTINGS_MODULE")),
        }
    }
    if let Some(start) = &known.start {
        let line = shown(&start.command);
        let folder = if start.cwd.is_empty() { String::new() } else { format!(", in {}", start.cwd) };
        say.found("command", format!("{line}{folder}"), start.place.clone());
        if start.place.is_none() {
            say.unknown("how the application is really started: no Procfile, compose file, Dockerfile, script, task or Makefile says it; the command is a guess");
        }
        if !start.left_out.is_empty() {
            let left = start.left_out.join(", ");
            say.found("left out", format!("{left}: unfit for measuring, or not known here"), start.place.clone());
        }
        if let Some(program) = &start.unseen {
            say.unknown(format!("where {program} is installed: no virtual environment was found below the folder, so it is taken from PATH"));
        }
    }
    let others: Vec<String> = services[1..].iter().filter_map(named).collect();
    if !others.is_empty() {
        let more = others.len().saturating_sub(SHOWN);
        let list = others.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        say.unknown(format!(
            "which application is meant: there {} also {list}{more}; run plimsoll init in the folder of the other one",
            if others.len() == 1 { "is" } else { "are" }
        ));
    }
}

fn named(service: &Service<'_>) -> Option<String> {
    match (service.application, service.manage) {
        (Some(application), _) => Some(format!("{} ({})", application.path(), application.place)),
        (None, Some(manage)) => Some(manage.file.clone()),
        (None, None) => None,
    }
}

/// A command for people.
fn shown(words: &[String]) -> String {
    let quoted = words.iter().map(|word| {
        if word.contains(|char: char| char.is_whitespace() || "()$&;|".contains(char)) {
            format!("'{word}'")
        } else {
            word.clone()
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

fn contract(
    say: &mut Gathering,
    code: &Code,
    contracts: &[Place],
    service: Option<&Service<'_>>,
    scope: &Scope,
) -> Option<String> {
    let contracts: Vec<&Place> = contracts.iter().filter(|place| scope.holds(&place.file)).collect();
    if let Some(first) = contracts.first() {
        say.found("contract", first.file.clone(), Some((*first).clone()));
        if contracts.len() > 1 {
            let others: Vec<String> = contracts[1..].iter().take(SHOWN).map(|place| place.file.clone()).collect();
            let more = contracts.len() - 1 - others.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            say.unknown(format!(
                "which contract is meant: there are also {}{more}; see target.contract",
                others.join(", ")
            ));
        }
        return Some(first.file.clone());
    }
    let application = service.and_then(|service| service.application);
    let own = application.and_then(|application| Some((application.contract.clone()?, application.place.clone())));
    match own.or_else(|| code.served.iter().find(|(_, place)| scope.holds(&place.file)).cloned()) {
        Some((path, place)) => say.found("contract", format!("served by the application at {path}"), Some(place)),
        None => say.unknown(
            "where the contract is: no OpenAPI document is in the tree, and none is seen to be served; a scan then follows links, and `plimsoll audit` has nothing to read",
        ),
    }
    None
}

fn guard(say: &mut Gathering, code: &Code, scope: &Scope) -> Option<(String, Place)> {
    let (what, place) = code.guards.iter().find(|(_, place)| scope.holds(&place.file))?;
    say.found("credentials", format!("{what} asks for them"), Some(place.clone()));
    say.unknown("who requests are sent as: set target.headers, or [identity.NAME] tables for several users; without them only what is public is tested");
    Some((what.clone(), place.clone()))
}

fn dynamodb(say: &mut Gathering, files: &Files, code: &Code, hints: &Hints, scope: &Scope) -> Option<Emulation> {
    let used = &code.dynamodb.within(&|file| scope.holds(file));
    let (first, library) = used.used.first()?;
    let mut libraries: Vec<&str> = used.used.iter().map(|(_, library)| *library).collect();
    libraries.sort_unstable();
    libraries.dedup();
    if libraries.len() > 1 {
        libraries.retain(|library| *library != "a session");
    }
    let library = if libraries.is_empty() { (*library).to_owned() } else { libraries.join(", ") };
    let mut tables: Vec<&str> = used.tables.iter().map(|table| table.name.as_str()).collect();
    tables.dedup();
    let named = match tables.len() {
        0 => String::new(),
        1..=6 => format!(", tables {}", tables.join(", ")),
        more => format!(", tables {} and {} more", tables[..6].join(", "), more - 6),
    };
    say.found("store", format!("DynamoDB through {library}{named}"), Some(first.clone()));
    let mut emulation = Emulation::default();
    // Where no client shows it, the name of a variable does.
    let named = code.variables.iter().find(|variable| variable.names_dynamodb() && scope.holds(&variable.place.file));
    let named = named.map(|variable| (variable.name.clone(), variable.place.clone()));
    if let Some((name, place)) = used.endpoints.first().cloned().or(named) {
        say.found("endpoint", format!("${name}"), Some(place.clone()));
        emulation.sure = true;
        emulation.why = format!("{place} takes its endpoint from ${name}");
        emulation.endpoint_variable = Some(name);
    }
    if let Some((image, place)) = hints.emulators.first() {
        say.found("emulator", image.clone(), Some(place.clone()));
        emulation.sure = true;
        emulation.why = format!("{place} starts {}", plimsoll_model::redact::one_line(image, 60));
    }
    if emulation.endpoint_variable.is_none() {
        if let Some((endpoint, place)) = used.fixed.first() {
            // No variable leads an endpoint elsewhere that is written in the source.
            emulation.sure = false;
            say.unknown(format!("how DynamoDB can be led elsewhere: {place} has its endpoint in the source ({endpoint}); read it from a variable"));
        } else if !emulation.sure {
            say.unknown("whether the application may run against a DynamoDB emulator: nothing in the tree says so; see [emulator]");
        }
    }
    if let Some(seeder) = used.seeders.first() {
        // It runs in the folder of the configuration.
        let (mut command, _) = installed("python", "", files);
        if seeder.is_command {
            let manage = code.manages.first().map_or("manage.py", |manage| manage.file.as_str());
            let name = super::files::name(&seeder.file).trim_end_matches(".py").to_owned();
            command.extend([manage.to_owned(), name]);
        } else if let Some(module) = &seeder.module {
            command.extend(["-m".to_owned(), module.clone()]);
        } else {
            command.push(seeder.file.clone());
        }
        say.found("seed", shown(&command), Some(seeder.place.clone()));
        emulation.seed = command;
    } else {
        say.unknown("how the tables are made: no program that calls create_table was found; name one in emulator.seed");
    }
    Some(emulation)
}

/// Variables that the application does not start without.
fn environment(say: &mut Gathering, code: &Code, hints: &Hints, known: &mut Known, scope: &Scope) {
    let endpoint = known.emulation.as_ref().and_then(|emulation| emulation.endpoint_variable.clone());
    let set_elsewhere = |name: &str| {
        name.starts_with("AWS_")
            || name == "PORT"
            || name == "DJANGO_SETTINGS_MODULE"
            || endpoint.as_deref() == Some(name)
    };
    let mut wanted: BTreeMap<&str, &Variable> = BTreeMap::new();
    let required = code.variables.iter().filter(|variable| variable.required && scope.holds(&variable.place.file));
    for variable in required.filter(|variable| !set_elsewhere(&variable.name)) {
        wanted.entry(&variable.name).or_insert(variable);
    }
    let from_service = hints
        .servers
        .iter()
        .find(|hint| known.start.as_ref().is_some_and(|start| start.place.as_ref() == Some(&hint.place)));
    for (name, variable) in wanted {
        let service = from_service.and_then(|hint| hint.env.iter().find(|(other, _)| other == name));
        let value = service.map(|(_, value)| value).or_else(|| hints.examples.get(name).map(|(value, _)| value));
        match value.filter(|value| is_plain(name, value)) {
            Some(value) => drop(known.env.insert(name.to_owned(), value.clone())),
            None => known.wanted.push((name.to_owned(), variable.place.clone())),
        }
    }
    if !known.wanted.is_empty() {
        let names: Vec<String> =
            known.wanted.iter().take(SHOWN * 2).map(|(name, place)| format!("{name} ({place})")).collect();
        let more = known.wanted.len() - names.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        say.unknown(format!(
            "what the application finds in {}{more}: it does not start without; set them, or write memory.env",
            names.join(", ")
        ));
    }
}

/// Whether a value may stand in a file that is committed: no secret, and no address in another network.
fn is_plain(name: &str, value: &str) -> bool {
    const SECRET: [&str; 8] = ["SECRET", "KEY", "TOKEN", "PASS", "PWD", "CREDENTIAL", "PRIVATE", "DSN"];
    let name = name.to_uppercase();
    !value.is_empty()
        && value.len() <= 60
        && !SECRET.iter().any(|word| name.contains(word))
        && !value.contains("://")
        && value.chars().all(|char| char.is_ascii_alphanumeric() || "-_., /".contains(char))
}
