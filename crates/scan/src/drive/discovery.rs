//! Asking what [`crate::discover`] knows to ask, and making an [`Api`] of the answers.

use std::collections::HashSet;

use plimsoll_http::{Exchange, Transport};
use plimsoll_model::Method;
use plimsoll_spec::{Api, Location, Operation, Options, Origin, Parameter, Source};

use super::Driver;
use crate::discover::{self, Soft404, documents, links};
use crate::explore::fill;
use crate::list::List;

/// How many operations are taken from links where there is no contract.
const FOUND: usize = 60;
/// How many lists are asked for one of their elements where there is no contract.
const ELEMENTS: usize = 20;
/// How much of a document is kept until it is read.
const DOCUMENT: usize = 64 << 20;
/// How much of it stays in the recording.
const KEPT: usize = 16 << 10;

impl<T: Transport> Driver<'_, T> {
    pub(super) async fn discover(&mut self, prefix: &str, given: Option<Api>) -> Api {
        let mut soft404 = Soft404::default();
        let mut first: Vec<&str> = discover::soft404::PATHS.to_vec();
        first.push("/");
        let answers = self.fetch(prefix, &first, None).await;
        for (path, exchange) in first.iter().zip(&answers) {
            if *path != "/" {
                soft404.learn(exchange);
            }
        }
        let contract = match given {
            Some(api) => Some(api),
            None => self.find_contract(prefix, &soft404).await,
        };
        let mut api = contract.unwrap_or_default();
        if api.prefix.is_empty() {
            prefix.clone_into(&mut api.prefix);
        }
        let contracted = api.document.is_some();
        let mut elements = Vec::new();
        let mut found = self.conventional(prefix, discover::CONVENTIONAL, &soft404, Origin::Convention).await;
        if !contracted {
            found.extend(self.conventional(prefix, discover::RESOURCES, &soft404, Origin::Convention).await);
            found.extend(self.follow_links(prefix, &soft404).await);
            elements = self.elements(prefix, &found, &soft404).await;
        }
        let found = found.into_iter().map(|(path, origin)| (links::template(&path), path, origin));
        for (template, path, origin) in found.chain(elements) {
            if contracted || api.operations.len() < FOUND {
                add(&mut api, &path, &template, origin);
            }
        }
        api
    }

    /// Looks for a contract in the customary places, then where documentation pages say it is.
    async fn find_contract(&mut self, prefix: &str, soft404: &Soft404) -> Option<Api> {
        // The most common places alone first: a hit there saves thirty requests.
        let (common, rare) = documents::LOCATIONS.split_at(4);
        for locations in [common, rare] {
            let paths: Vec<&str> = locations.iter().map(|(path, _)| *path).collect();
            let answers = self.fetch(prefix, &paths, Some(DOCUMENT)).await;
            if let Some(api) = self.read_first(answers, soft404) {
                return Some(api);
            }
            if locations.len() == common.len() {
                let pages = self.fetch(prefix, &documents::PAGES[..3], None).await;
                if let Some(api) = self.read_named(pages, soft404).await {
                    return Some(api);
                }
            }
        }
        let pages = self.fetch(prefix, &documents::PAGES[3..], None).await;
        self.read_named(pages, soft404).await
    }

    async fn read_named(&mut self, pages: Vec<Exchange>, soft404: &Soft404) -> Option<Api> {
        let mut named: Vec<String> = Vec::new();
        for page in pages.iter().filter(|page| page.is_success()) {
            let text = page.text();
            let base = url::Url::parse(&format!("{}{}", page.origin, page.request.target())).ok()?;
            for location in documents::named_in(&text) {
                if let Ok(url) = base.join(&location)
                    && url.origin() == base.origin()
                {
                    let target =
                        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
                    if !named.contains(&target) {
                        named.push(target);
                    }
                }
            }
        }
        let paths: Vec<&str> = named.iter().take(12).map(String::as_str).collect();
        let answers = self.fetch("", &paths, Some(DOCUMENT)).await;
        self.read_first(answers, soft404)
    }

    /// The first answer that is a contract. What is kept of each document is cut afterwards.
    fn read_first(&mut self, answers: Vec<Exchange>, soft404: &Soft404) -> Option<Api> {
        let mut found = None;
        for exchange in answers {
            let Some(response) = exchange.response().filter(|_| exchange.is_success() && !soft404.matches(&exchange))
            else {
                continue;
            };
            if found.is_none() && plimsoll_spec::probe(&response.body.kept) {
                let name = exchange.request.target();
                let source =
                    Source::Bytes { name: format!("{}{name}", exchange.origin), bytes: response.body.kept.to_vec() };
                if let Ok(mut api) = plimsoll_spec::load(&source, &Options::default()) {
                    api.document = Some(name);
                    found = Some(api);
                }
            }
            self.seen.cut(&exchange.probe, KEPT);
        }
        found
    }

    /// Conventional paths at which something is.
    async fn conventional(
        &mut self,
        prefix: &str,
        paths: &[&str],
        soft404: &Soft404,
        origin: Origin,
    ) -> Vec<(String, Origin)> {
        let answers = self.fetch(prefix, paths, None).await;
        let mut out = Vec::new();
        for exchange in &answers {
            if let Some(protocol) = discover::protocol(exchange).filter(|_| !soft404.matches(exchange)) {
                self.protocols.push(format!("{} at {}", protocol.as_str(), exchange.request.path));
            } else if discover::exists(exchange, soft404) {
                out.push((exchange.request.path.clone(), origin));
            }
        }
        out
    }

    /// Elements of the lists that were found: `/users/7` below `/users`, as nearly every API has it. Template, path, origin.
    async fn elements(
        &mut self,
        prefix: &str,
        found: &[(String, Origin)],
        soft404: &Soft404,
    ) -> Vec<(String, String, Origin)> {
        let mut targets: Vec<(String, String)> = Vec::new();
        for exchange in self.seen.all().iter().filter(|exchange| exchange.is_success()) {
            let path = exchange.request.path.trim_end_matches('/');
            let known = found.iter().any(|(known, _)| known.trim_end_matches('/') == path);
            if known
                && path.starts_with(prefix)
                && targets.len() < ELEMENTS
                && let Some(name) = element_name(exchange)
            {
                let template = format!("{}/{{id}}", links::template(path));
                let target = fill(&format!("{path}/{{id}}"), &[("id".to_owned(), name)]);
                if !targets.iter().any(|(known, _)| *known == template) {
                    targets.push((template, target));
                }
            }
        }
        let paths: Vec<&str> = targets.iter().map(|(_, target)| target.as_str()).collect();
        let answers = self.fetch("", &paths, None).await;
        let is_there = |path: &str| {
            answers.iter().any(|exchange| exchange.request.path == path && discover::exists(exchange, soft404))
        };
        targets
            .into_iter()
            .filter(|(_, path)| is_there(path))
            .map(|(template, path)| (template, path, Origin::Link))
            .collect()
    }

    /// Follows links from what was seen so far, two steps deep.
    async fn follow_links(&mut self, prefix: &str, soft404: &Soft404) -> Vec<(String, Origin)> {
        let mut out: Vec<(String, Origin)> = Vec::new();
        let mut followed: HashSet<String> = HashSet::new();
        for _ in 0..2 {
            let mut targets: Vec<String> = Vec::new();
            for exchange in self.seen.all() {
                let mut linked = links::in_answer(exchange);
                if exchange.is_success() {
                    let told = links::in_text(exchange).into_iter();
                    linked.extend(
                        told.map(|path| if path.starts_with(prefix) { path } else { format!("{prefix}{path}") }),
                    );
                }
                for target in linked {
                    let path = target.split('?').next().unwrap_or("");
                    if path.starts_with(prefix) && followed.insert(links::template(path)) && targets.len() < FOUND {
                        targets.push(target);
                    }
                }
            }
            let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
            if targets.is_empty() {
                break;
            }
            for exchange in self.fetch("", &targets, None).await {
                if discover::exists(&exchange, soft404) {
                    out.push((exchange.request.path.clone(), Origin::Link));
                }
            }
        }
        out
    }
}

/// The value of the first element of a list that most likely names it in a path.
fn element_name(exchange: &Exchange) -> Option<String> {
    const NAMES: [&str; 10] = ["id", "_id", "uuid", "guid", "key", "slug", "code", "username", "name", "title"];
    let list = List::in_answer(exchange)?;
    let item = list.items().first()?.as_object()?;
    let value = NAMES.iter().find_map(|name| {
        // `book_title` names a book as `title` does.
        let of = |(key, _): &(&String, &serde_json::Value)| key == name || key.ends_with(&format!("_{name}"));
        item.iter().find(of).map(|(_, value)| value)
    })?;
    match value {
        serde_json::Value::String(text) if !text.is_empty() && text.len() < 100 => Some(text.clone()),
        serde_json::Value::Number(number) if number.is_u64() => Some(number.to_string()),
        _ => None,
    }
}

/// Adds an operation that was found at this path, unless a known template already covers it.
pub(super) fn add(api: &mut Api, path: &str, template: &str, origin: Origin) {
    let below = |text: &str| {
        let below = text.strip_prefix(api.prefix.as_str()).unwrap_or(text);
        if below.is_empty() { "/".to_owned() } else { below.to_owned() }
    };
    let (path, template) = (below(path), below(template));
    let covered = api.operations.iter().any(|operation| {
        operation.key.method == Method::Get && (covers(&operation.key.path, &path) || operation.key.path == template)
    });
    let is_document = api.document.as_deref().is_some_and(|document| document.split('?').next() == Some(&path));
    if covered || is_document {
        return;
    }
    let mut operation = Operation::found(Method::Get, template.clone(), origin);
    // The ids of the link are the examples of the template's parameters.
    let ids = template.split('/').zip(path.split('/')).filter(|(t, _)| t.starts_with('{'));
    operation.parameters =
        ids.map(|(name, id)| Parameter::found(Location::Path, name.trim_matches(['{', '}']), id)).collect();
    api.operations.push(operation);
}

/// Whether a path (or template) is an instance of a template.
fn covers(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) =
        (template.trim_end_matches('/').split('/').collect(), path.trim_end_matches('/').split('/').collect());
    template.len() == path.len() && template.iter().zip(&path).all(|(t, p)| t == p || t.contains('{'))
}
