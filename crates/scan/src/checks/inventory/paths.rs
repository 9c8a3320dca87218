//! The list of paths at which something customarily lies that is for nobody: which of them are asked for, and what was found there.
//!
//! The list is data (`data/paths.toml`). What an answer is, its content decides; a sibling that cannot exist is asked beside every hit, so that a folder
//! that answers everything alike is not taken for what it was asked for.

use std::sync::LazyLock;

use plimsoll_http::{Exchange, OpId, Probe, Request, Response, Who};
use plimsoll_model::Severity;
use regex::Regex;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::recognise;
use super::stack::Stack;
use crate::view::App;

/// How many paths are asked for where not all are.
const ASKED: usize = 60;
/// A file is asked for no further than this, also because an engine reads no further.
const RANGE: &str = "bytes=0-2047";
/// How many source maps are asked for.
const MAPS: usize = 4;
/// The name of a sibling that no folder has.
const NOBODY: &str = "plimsoll-no-such-7f3a";
/// How much of an answer is looked at.
const LOOKED_AT: usize = 16 << 10;

/// What lies at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Passwords, keys, tokens.
    Secrets,
    /// Sources, and what tools leave beside them.
    Source,
    /// Archives, dumps, databases.
    Backup,
    /// Logs and histories.
    Log,
    /// Manifests, recipes, settings.
    Config,
    /// A panel of administration.
    Admin,
    /// A profiler, a trace, a dump.
    Debug,
    /// Something that runs what it is told.
    Console,
    /// Metrics, which `metrics-exposed` recognises.
    Metrics,
    /// Documentation, which `documentation-exposed` recognises.
    Documentation,
}

impl Kind {
    /// What comes first among the equally likely: what opens most.
    const fn order(self) -> u8 {
        match self {
            Self::Secrets | Self::Admin | Self::Debug | Self::Console | Self::Metrics => 0,
            Self::Source | Self::Backup | Self::Documentation => 1,
            Self::Log | Self::Config => 2,
        }
    }

    /// Whether it is a file on a disk.
    pub const fn is_file(self) -> bool {
        matches!(self, Self::Secrets | Self::Source | Self::Backup | Self::Log | Self::Config)
    }
}

/// A path, and how what lies there is recognised. The members are described at the head of the data.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The path.
    pub path: String,
    /// What lies there.
    pub kind: Kind,
    /// What it is called in a message.
    pub what: String,
    /// How bad it is that it is served.
    pub severity: Severity,
    rank: u8,
    #[serde(default)]
    stack: Vec<Stack>,
    #[serde(default)]
    starts: Vec<String>,
    #[serde(default)]
    all: Vec<String>,
    #[serde(default)]
    any: Vec<String>,
    #[serde(default)]
    none: Vec<String>,
    lines: Option<String>,
    #[serde(default)]
    json: Vec<String>,
    #[serde(default)]
    html: bool,
    #[serde(default)]
    headers: Vec<String>,
    #[serde(skip)]
    line: Option<Regex>,
}

#[derive(Deserialize)]
struct List {
    paths: Vec<Entry>,
}

/// The list, in the order of the data. A unit test reads it, so that it cannot be broken in a release.
pub static LIST: LazyLock<Vec<Entry>> =
    LazyLock::new(|| read(include_str!("../../../data/paths.toml")).unwrap_or_default());

fn read(text: &str) -> Result<Vec<Entry>, String> {
    let mut list: List = toml::from_str(text).map_err(|error| error.to_string())?;
    for entry in &mut list.paths {
        entry.line = match &entry.lines {
            Some(form) => Some(Regex::new(&format!("(?m){form}")).map_err(|error| format!("{}: {error}", entry.path))?),
            None => None,
        };
    }
    Ok(list.paths)
}

/// The entries that this run asks for, the likely first.
pub fn chosen(app: &App<'_>) -> Vec<&'static Entry> {
    let stack = Stack::of(app);
    let mut ranked: Vec<(u8, &'static Entry)> = LIST
        .iter()
        .map(|entry| {
            let likely = match stack {
                _ if entry.stack.is_empty() => 1,
                Some(stack) if entry.stack.contains(&stack) => 0,
                // What is for another stack comes last; where none is known, after what is for any.
                Some(_) => 4,
                None if entry.stack.contains(&Stack::Python) => 1,
                None => 2,
            };
            (entry.rank + likely, entry)
        })
        .collect();
    ranked.sort_by_key(|(rank, entry)| (*rank, entry.kind.order()));
    let mut paths: Vec<&str> = Vec::new();
    ranked.retain(|(_, entry)| {
        if !paths.contains(&entry.path.as_str()) {
            paths.push(&entry.path);
        }
        app.seen.active.inventory || paths.iter().position(|path| *path == entry.path).is_some_and(|at| at < ASKED)
    });
    ranked.into_iter().map(|(_, entry)| entry).collect()
}

/// The plain question for an entry, and the same as nobody.
fn questions(app: &App<'_>, entry: &Entry) -> (Probe, Probe) {
    let plain =
        if entry.kind.is_file() { at_root(&entry.path).header("range", RANGE) } else { below(app, &entry.path) };
    let anonymous = if app.seen.has_credentials { plain.clone().who(Who::Anonymous) } else { plain.clone() };
    (plain, anonymous)
}

fn at_root(target: &str) -> Probe {
    with_query(Probe::of(OpId::NONE), target, "")
}

fn below(app: &App<'_>, target: &str) -> Probe {
    let prefix = app.seen.base(OpId::NONE).map_or("", |base| base.path.trim_end_matches('/'));
    with_query(Probe::of(OpId::NONE), target, prefix)
}

/// Written as discovery writes its questions, so that equal ones are asked once.
fn with_query(probe: Probe, target: &str, prefix: &str) -> Probe {
    let request = Request::get_target(&format!("{prefix}{target}"));
    let probe = probe.path(&request.path);
    request.query.iter().fold(probe, |probe, (name, value)| probe.query(name, value))
}

/// A sibling of a path that cannot exist: in the same folder, with the same ending.
fn sibling(probe: &Probe, app: &App<'_>) -> Option<Probe> {
    let path = probe.build(app.seen.base(OpId::NONE)?).path;
    let (stem, slash) = path.strip_suffix('/').map_or((path.as_str(), ""), |stem| (stem, "/"));
    let (folder, name) = stem.rsplit_once('/')?;
    let ending = name.rfind('.').filter(|at| *at > 0).map_or("", |at| &name[at..]);
    let dot = if name.starts_with('.') { "." } else { "" };
    Some(probe.clone().path(&format!("{folder}/{dot}{NOBODY}{ending}{slash}")))
}

/// What the run is to ask for the entries of these kinds: the paths, then a sibling beside every hit.
pub fn probes(app: &App<'_>, wanted: impl Fn(Kind) -> bool) -> Vec<Probe> {
    let mut out = Vec::new();
    for entry in chosen(app).into_iter().filter(|entry| wanted(entry.kind)) {
        let (plain, anonymous) = questions(app, entry);
        match app.seen.reply(&plain) {
            // Discovery, or another check, asked with credentials: nobody has to be asked where it is not.
            Some(exchange) if plain != anonymous && !is_there(entry, exchange) => continue,
            _ => {}
        }
        if app.seen.reply(&anonymous).is_some_and(|exchange| is_there(entry, exchange)) {
            out.extend(sibling(&anonymous, app));
        }
        out.push(anonymous);
    }
    for (entry, probe) in maps(app).into_iter().filter(|(entry, _)| wanted(entry.kind)) {
        if app.seen.reply(&probe).is_some_and(|exchange| is_there(entry, exchange)) {
            out.extend(sibling(&probe, app));
        }
        out.push(probe);
    }
    out
}

/// The source maps of scripts that the pages of the run name: how they are recognised, and the questions for them.
fn maps(app: &App<'_>) -> Vec<(&'static Entry, Probe)> {
    let Some(entry) = LIST.iter().find(|entry| entry.path.ends_with(".js.map")) else { return Vec::new() };
    let mut paths: Vec<String> = Vec::new();
    for exchange in app.seen.all().iter().filter(|exchange| exchange.is_success()) {
        let Some(response) = exchange.response().filter(|response| response.media_type() == "text/html") else {
            continue;
        };
        let Ok(base) = Url::parse(&format!("{}{}", exchange.origin, exchange.request.path)) else { continue };
        let page = response.body.text();
        for (at, _) in page.match_indices("<script") {
            let tag = page[at..].split('>').next().unwrap_or("");
            let source = tag.split_once("src=").map(|(_, rest)| rest.trim_start_matches(['"', '\'']));
            let source = source.and_then(|rest| rest.split(['"', '\'', ' ']).next());
            let Some(url) = source.and_then(|source| base.join(source).ok()) else { continue };
            let path = format!("{}.map", url.path());
            // What others host is none of this target's files.
            if url.origin() == base.origin()
                && url.path().ends_with(".js")
                && !paths.contains(&path)
                && paths.len() < MAPS
            {
                paths.push(path);
            }
        }
    }
    let probe = |path: &String| {
        let probe = Probe::of(OpId::NONE).path(path).header("range", RANGE);
        if app.seen.has_credentials { probe.who(Who::Anonymous) } else { probe }
    };
    paths.iter().map(|path| (entry, probe(path))).collect()
}

/// Something that was found.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// What it is.
    pub entry: &'static Entry,
    /// The answer, to a request without credentials.
    pub exchange: &'a Exchange,
    /// Whether a sibling was asked for, and is another thing.
    pub compared: bool,
}

/// What was found of these kinds.
pub fn found<'a>(app: &App<'a>, wanted: impl Fn(Kind) -> bool) -> Vec<Found<'a>> {
    let mut out: Vec<Found<'a>> = Vec::new();
    let listed = LIST.iter().map(|entry| (entry, questions(app, entry).1));
    for (entry, anonymous) in listed.chain(maps(app)).filter(|(entry, _)| wanted(entry.kind)) {
        let Some(exchange) = app.seen.reply(&anonymous).filter(|exchange| is_there(entry, exchange)) else { continue };
        let beside = sibling(&anonymous, app).and_then(|probe| app.seen.reply(&probe));
        let same = beside.is_some_and(|beside| is_there(entry, beside) || is_same(beside, exchange));
        if !same && !out.iter().any(|other| other.exchange.id == exchange.id) {
            out.push(Found { entry, exchange, compared: beside.is_some() });
        }
    }
    out
}

fn is_same(a: &Exchange, b: &Exchange) -> bool {
    a.is_success() && a.response().map(|r| r.body.digest) == b.response().map(|r| r.body.digest)
}

/// Whether an answer is what the entry describes.
pub fn is_there(entry: &Entry, exchange: &Exchange) -> bool {
    exchange.is_success() && exchange.response().is_some_and(|response| holds(entry, response))
}

fn holds(entry: &Entry, response: &Response) -> bool {
    let body = &response.body.kept[..response.body.kept.len().min(LOOKED_AT)];
    let has_rule = !(entry.starts.is_empty() && entry.all.is_empty() && entry.any.is_empty() && entry.json.is_empty())
        || entry.line.is_some()
        || !entry.headers.is_empty();
    if !has_rule || body.is_empty() || is_page(response, body) != entry.html {
        return false;
    }
    let text = String::from_utf8_lossy(body);
    // A line of JSON that happens to look like an assignment is none.
    let is_data = entry.line.is_some() && entry.json.is_empty() && response.is_json();
    let begins = |start: &String| body.starts_with(&unescaped(start));
    let has = |wanted: &String| text.contains(wanted.as_str());
    !is_data
        && (entry.starts.is_empty() || entry.starts.iter().any(begins))
        && entry.all.iter().all(has)
        && (entry.any.is_empty() || entry.any.iter().any(has))
        && !entry.none.iter().any(has)
        && entry.line.as_ref().is_none_or(|line| line.is_match(&text))
        && entry.headers.iter().all(|name| response.header(name).is_some())
        && (entry.json.is_empty()
            || response.body.json().is_some_and(|value| entry.json.iter().all(|path| at(value, path))))
}

fn is_page(response: &Response, body: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&body[..body.len().min(200)]).trim_start().to_ascii_lowercase();
    response.media_type() == "text/html" && !head.is_empty() && head.starts_with('<')
        || head.starts_with("<!doctype html")
        || head.starts_with("<html")
}

fn at(value: &Value, path: &str) -> bool {
    path.split('.').try_fold(value, |value, name| value.get(name)).is_some()
}

/// The bytes of a text with `\xNN` for some of them.
fn unescaped(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("\\x") {
        out.extend(rest[..at].bytes());
        let code = rest.get(at + 2..at + 4).and_then(|code| u8::from_str_radix(code, 16).ok());
        out.extend(code);
        rest = rest.get(at + 4..).unwrap_or("");
    }
    out.extend(rest.bytes());
    out
}

/// What an evidence shows of it: the names of what is assigned, never a value.
pub fn shown(found: &Found<'_>) -> String {
    let Some(response) = found.exchange.response() else { return String::new() };
    let size = match response.header("content-range").and_then(|range| range.rsplit_once('/')?.1.parse::<u64>().ok()) {
        Some(whole) => format!("{whole} bytes"),
        None => format!("{} bytes", response.body.decoded_len),
    };
    if found.entry.kind != Kind::Secrets {
        return format!("{size} of {}", found.entry.what);
    }
    let text = response.body.text();
    let names: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim_start_matches("export ").split_once(['=', ':']))
        .map(|(name, _)| name.trim().trim_matches('"'))
        .filter(|name| {
            !name.is_empty() && name.len() <= 40 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        })
        .take(8)
        .collect();
    if names.is_empty() { size } else { format!("{size}: {}, …", names.join("=…, ") + "=…") }
}

/// The probe that asks the target for an entry's path, for tests and for `recognise`.
pub fn of_kind(app: &App<'_>, kind: Kind) -> Vec<Probe> {
    let chosen = chosen(app).into_iter().filter(|entry| entry.kind == kind);
    chosen.map(|entry| recognise::path_probe(app, &entry.path)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use plimsoll_http::Body;

    use super::*;

    fn answer(media_type: &str, body: &[u8]) -> Response {
        let headers = vec![("content-type".to_owned(), media_type.to_owned())];
        Response { status: 200, version: "HTTP/1.1", headers, body: Body::whole(body) }
    }

    fn entry(path: &str) -> &'static Entry {
        LIST.iter().find(|entry| entry.path == path).unwrap()
    }

    #[test]
    fn the_list_is_read_and_long_enough() {
        let list = read(include_str!("../../../data/paths.toml")).unwrap();
        let paths: HashSet<&str> = list.iter().map(|entry| entry.path.as_str()).collect();
        assert!(paths.len() >= 150, "{}", paths.len());
        for entry in &list {
            assert!(entry.path.starts_with('/') && (1..=3).contains(&entry.rank), "{}", entry.path);
            let recognised = matches!(entry.kind, Kind::Metrics | Kind::Documentation);
            // Whatever a page that answers everything says, it is nothing of this.
            for page in [
                answer("text/html", b"<!doctype html><title>Shop</title><div id=app>Welcome, please sign in</div>"),
                answer("application/json", b"{\"detail\":\"Not Found\",\"status\":\"ok\",\"id\":1,\"name\":\"x\"}"),
                answer("text/plain", b"ok\nNot found\n"),
                answer("text/plain", b""),
            ] {
                assert!(recognised || !holds(entry, &page), "{}: {page:?}", entry.path);
            }
        }
    }

    #[test]
    fn what_is_there_is_recognised() {
        for (path, media_type, body) in [
            ("/.env", "text/plain", &b"# local\nSECRET_KEY=abc\nDEBUG=1\n"[..]),
            ("/.git/HEAD", "application/octet-stream", b"ref: refs/heads/main\n"),
            ("/.git/config", "text/plain", b"[core]\n\trepositoryformatversion = 0\n"),
            ("/backup.zip", "application/zip", b"PK\x03\x04\x14\0"),
            ("/.DS_Store", "application/octet-stream", b"\0\0\0\x01Bud1\0"),
            ("/dump.sql", "application/sql", b"-- PostgreSQL database dump\nCREATE TABLE users (id int);"),
            ("/db.sqlite3", "application/octet-stream", b"SQLite format 3\0"),
            ("/main.py", "text/x-python", b"from fastapi import FastAPI\napp = FastAPI()\n"),
            ("/requirements.txt", "text/plain", b"fastapi==0.115.0\n"),
            ("/.aws/credentials", "text/plain", b"[default]\naws_access_key_id = AKIA\n"),
            ("/nginx_status", "text/plain", b"Active connections: 2 \nserver accepts handled requests\n"),
            ("/actuator/mappings", "application/json", b"{\"contexts\":{\"a\":{\"mappings\":{\"dispatcherServlets\":{}}}}}"),
            ("/console", "text/html", b"<!doctype html><title>Console // Werkzeug Debugger</title><script src=\"?__debugger__=yes&cmd=resource&f=debugger.js\"></script><h1>Interactive Console</h1>"),
        ] {
            assert!(holds(entry(path), &answer(media_type, body)), "{path}");
        }
        assert!(!holds(entry("/.env"), &answer("text/html", b"<html>SECRET_KEY=abc</html>")), "a page");
        assert!(!holds(entry("/.env"), &answer("application/json", b"{\n\"a\": 1,\nSECRET_KEY=abc}")), "data");
        assert!(!holds(entry("/backup.zip"), &answer("application/zip", b"not a zip")), "says what it is not");
    }

    #[test]
    fn bytes() {
        assert_eq!(unescaped("PK\\x03\\x04"), b"PK\x03\x04");
        assert_eq!(unescaped("DIRC"), b"DIRC");
    }
}
