//! What is driven: the operations that exploration reached, each with the requests that its user wrote down, that were recorded, or that vary around the
//! one that was answered.

use std::collections::BTreeMap;
use std::path::Path;

use plimsoll_http::plan::{self, Permit};
use plimsoll_http::{OpId, Settings};
use plimsoll_memory::drive::har::{self, HarError};
use plimsoll_memory::drive::requests::Written;
use plimsoll_memory::drive::vary::{Known, Levers};
use plimsoll_memory::drive::{Driven, Source, TemplateError};
use plimsoll_model::{Method, OperationKey};
use plimsoll_scan::harvest::Harvest;
use plimsoll_scan::paging::{self, Role};
use plimsoll_scan::{Seen, values};
use plimsoll_spec::{Api, Location, Operation};

use crate::config::{self, memory};
use crate::only::{Only, shape};

/// Sets of path values, and values of one query parameter, that requests take in turn.
const SETS: usize = 60;
const VALUES: usize = 20;
/// The page size that is tried where the contract sets no maximum.
const PAGE: u64 = 1_000;

/// What a user says about requests.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The operations to measure; all where none is named.
    pub only: Vec<OperationKey>,
    /// Requests that were written down.
    pub written: BTreeMap<String, memory::Written>,
    /// Of the operations that would be measured only these, where not all are asked for.
    pub of: Option<Only>,
    /// Recorded traffic: where it was read, and its text.
    pub har: Option<(String, String)>,
}

/// Why what a user says cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WantedError {
    /// There is no such operation.
    #[error("there is no operation {0}{1}")]
    Unknown(String, String),
    /// It is no operation.
    #[error("{0:?} is no operation: write it as in `GET /orders`")]
    NoOperation(String),
    /// A placeholder cannot be read.
    #[error("the request of {0}: {1}")]
    Template(String, TemplateError),
    /// A recording cannot be read.
    #[error("cannot read {0}: {1}")]
    Unreadable(String, std::io::Error),
    /// A recording cannot be used.
    #[error("{0}: {1}")]
    Har(String, HarError),
}

impl Wanted {
    /// Reads what is named on the command line and in the configuration.
    ///
    /// # Errors
    /// A name that is no operation, a request whose placeholders cannot be read, or a recording that cannot be.
    pub fn read(
        only: &[String],
        written: &BTreeMap<String, memory::Written>,
        har: Option<&Path>,
    ) -> Result<Self, WantedError> {
        let key = |text: &String| text.parse().map_err(|_| WantedError::NoOperation(text.clone()));
        let only = only.iter().map(key).collect::<Result<_, _>>()?;
        for (name, request) in written {
            self::written(name, request)?;
        }
        let har = har.map(|path| {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(path).map_err(|error| WantedError::Unreadable(name.clone(), error))?;
            Ok((name, text))
        });
        Ok(Self { only, written: written.clone(), of: None, har: har.transpose()? })
    }
}

impl Wanted {
    /// Whether an operation is asked for, be it by naming none.
    pub(super) fn asks_for(&self, key: &OperationKey) -> bool {
        self.only.is_empty() || self.only.contains(key)
    }
}

/// The operation and the request of one entry of `[memory.requests]`.
fn written(name: &str, request: &memory::Written) -> Result<(OperationKey, Written), WantedError> {
    let key: OperationKey = name.parse().map_err(|_| WantedError::NoOperation(name.to_owned()))?;
    let (target, body) = request.parts();
    let template = |error| WantedError::Template(name.to_owned(), error);
    let written = Written::new(key.method, target, body).map_err(template)?;
    Ok((key, written))
}

/// The operations to drive, and what is left out with the reason.
pub(crate) struct Plan {
    pub driven: Vec<Driven>,
    pub left_out: Vec<(OperationKey, String)>,
}

/// Plans what is driven, from what exploration has seen.
pub(crate) fn plan(api: &Api, seen: &Seen, settings: &Settings, wanted: &Wanted) -> Result<Plan, WantedError> {
    let mut out = Plan { driven: Vec::new(), left_out: Vec::new() };
    let harvest = harvest(api, seen);
    let mut written_down: BTreeMap<OperationKey, Written> = BTreeMap::new();
    for (name, request) in &wanted.written {
        let (key, request) = written(name, request)?;
        // One that nothing else knows is an operation by being written down; another name for a known one is a slip.
        if api.operations.iter().any(|operation| shape(&operation.key) == shape(&key)) {
            known(api, &key)?;
        }
        written_down.insert(key, request);
    }
    for key in wanted.only.iter().filter(|key| !written_down.contains_key(*key)) {
        known(api, key)?;
    }
    let keys: Vec<OperationKey> = api.operations.iter().map(|operation| operation.key.clone()).collect();
    let mut recorded = match &wanted.har {
        Some((name, text)) => {
            // Recorded through a proxy or on another host, the paths are what counts.
            let requests = har::read(text, None).map_err(|error| WantedError::Har(name.clone(), error))?;
            har::assign(requests, &keys, &api.prefix)
        }
        None => Vec::new(),
    };
    for (index, operation) in api.operations.iter().enumerate() {
        let key = &operation.key;
        if !wanted.asks_for(key) {
            continue;
        }
        let Ok(permit) = permit(operation, settings) else { continue };
        if let Some(of) = wanted.of.as_ref().filter(|of| !of.has(key)) {
            written_down.remove(key);
            out.left_out.push((key.clone(), of.why.clone()));
            continue;
        }
        let op = OpId(index as u32);
        let from_traffic = recorded.get_mut(index).map(std::mem::take).filter(|requests| !requests.is_empty());
        let source = match (written_down.remove(key), from_traffic) {
            (Some(request), _) => Source::Written(request),
            (None, Some(requests)) => Source::Recorded(requests),
            (None, None) => {
                let reached = seen.of(op).any(plimsoll_http::Exchange::is_success);
                let Some(base) = seen.base(op).filter(|_| reached) else { continue };
                // HEAD and OPTIONS do nothing that GET does not; they are measured when they are asked for by name.
                if matches!(key.method, Method::Head | Method::Options) && wanted.only.is_empty() {
                    let why = "does what GET does; measured where it is named with --operation".to_owned();
                    out.left_out.push((key.clone(), why));
                    continue;
                }
                Source::Base(base.clone(), Levers::of(base, Some(operation), &api.prefix, &of(operation, &harvest)))
            }
        };
        out.driven.push(Driven { key: key.clone(), permit, source, sizes: sizes(operation) });
    }
    for (key, request) in written_down {
        let known = api.operations.iter().any(|operation| operation.key == key);
        if known || !wanted.asks_for(&key) {
            continue;
        }
        if let Some(of) = wanted.of.as_ref().filter(|of| !of.has(&key)) {
            out.left_out.push((key, of.why.clone()));
            continue;
        }
        match plan::permit(&key, None, "", false, settings) {
            Ok(permit) => out.driven.push(Driven { key, permit, source: Source::Written(request), sizes: None }),
            Err(why) => out.left_out.push((key, why)),
        }
    }
    Ok(out)
}

/// What an operation may do; as in a scan.
pub(crate) fn permit(operation: &Operation, settings: &Settings) -> Result<Permit, String> {
    plan::permit(&operation.key, operation.id.as_deref(), &operation.summary, operation.marked_safe, settings)
}

fn known(api: &Api, key: &OperationKey) -> Result<(), WantedError> {
    if api.operations.iter().any(|operation| operation.key == *key) {
        return Ok(());
    }
    let names: Vec<String> = api.operations.iter().map(|operation| operation.key.to_string()).collect();
    let meant = config::closest(&key.to_string(), names.iter().map(String::as_str));
    let meant = meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
    Err(WantedError::Unknown(key.to_string(), meant))
}

fn harvest(api: &Api, seen: &Seen) -> Harvest {
    let mut harvest = Harvest::default();
    for (index, operation) in api.operations.iter().enumerate() {
        for exchange in seen.of(OpId(index as u32)) {
            harvest.take(&operation.key.path, exchange);
        }
    }
    harvest
}

/// What other answers tell about the values of an operation's parameters.
fn of(operation: &Operation, harvest: &Harvest) -> Known {
    let fits = |set: &Vec<(String, String)>| {
        set.iter().all(|(name, value)| {
            operation.parameter(Location::Path, name).is_none_or(|parameter| values::fits(value, &parameter.schema))
        })
    };
    let queries = operation.parameters_in(Location::Query).map(|parameter| {
        let found = harvest.values(&parameter.name, VALUES).into_iter();
        let found = found.filter(|value| values::fits(value, &parameter.schema)).map(str::to_owned).collect();
        (parameter.name.clone(), found)
    });
    Known {
        paths: harvest.path_values(&operation.key.path, SETS).into_iter().filter(fits).collect(),
        queries: queries.filter(|(_, values): &(String, Vec<String>)| values.len() > 1).collect(),
    }
}

/// The parameter that says how many items are asked for, with page sizes that the contract allows.
fn sizes(operation: &Operation) -> Option<(String, Vec<u64>)> {
    let parameter = operation
        .parameters_in(Location::Query)
        .find(|parameter| paging::role(&parameter.name) == Some(Role::Limit))?;
    let most = (1..=PAGE).rev().find(|size| values::fits(&size.to_string(), &parameter.schema))?;
    let mut sizes: Vec<u64> = [most / 16, most / 4, most / 2, most].to_vec();
    sizes.retain(|size| *size > 0 && values::fits(&size.to_string(), &parameter.schema));
    sizes.dedup();
    (sizes.len() > 1).then(|| (parameter.name.clone(), sizes))
}

#[cfg(test)]
mod tests {
    use plimsoll_http::Target;
    use plimsoll_spec::Options;

    use super::*;

    const CONTRACT: &str = r#"{"openapi": "3.1.0", "info": {"title": "Yard", "version": "1"}, "paths": {
        "/boats": {"get": {"parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}}], "responses": {}},
                   "post": {"responses": {}}},
        "/boats/{id}": {"get": {"parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}], "responses": {}}}}}"#;

    fn api() -> Api {
        let source = plimsoll_spec::Source::Bytes { name: "/openapi.json".into(), bytes: CONTRACT.into() };
        plimsoll_spec::load(&source, &Options::default()).unwrap()
    }

    fn settings() -> Settings {
        Settings::new(Target::parse("http://127.0.0.1").unwrap())
    }

    fn planned(wanted: &Wanted) -> Result<Vec<String>, String> {
        let seen = Seen::given(Vec::new(), Vec::new());
        let plan = plan(&api(), &seen, &settings(), wanted).map_err(|error| error.to_string())?;
        Ok(plan.driven.iter().map(|driven| driven.key.to_string()).collect())
    }

    fn requests(name: &str, target: &str) -> BTreeMap<String, memory::Written> {
        BTreeMap::from([(name.to_owned(), memory::Written::Target(target.to_owned()))])
    }

    #[test]
    fn what_was_not_reached_is_driven_where_its_requests_are_written_down() {
        assert_eq!(planned(&Wanted::default()), Ok(Vec::new()));
        let wanted = Wanted { written: requests("GET /boats/{id}", "/boats/b-{n%50}"), ..Wanted::default() };
        assert_eq!(planned(&wanted), Ok(vec!["GET /boats/{id}".to_owned()]));
        // The plan of the engine stays what it is: nothing writes without a word.
        let wanted = Wanted { written: requests("POST /boats", "/boats"), ..Wanted::default() };
        assert_eq!(planned(&wanted), Ok(Vec::new()));
    }

    #[test]
    fn what_is_written_down_is_an_operation_that_no_contract_needs_to_name() {
        let wanted = Wanted { written: requests("GET /wharves/{id}", "/wharves/{n%9}"), ..Wanted::default() };
        assert_eq!(planned(&wanted), Ok(vec!["GET /wharves/{id}".to_owned()]));
        let wanted = Wanted { written: requests("GET /boats/{boat}", "/boats/b-{n%50}"), ..Wanted::default() };
        let said = "there is no operation GET /boats/{boat}; did you mean `GET /boats/{id}`?";
        assert_eq!(planned(&wanted), Err(said.to_owned()));
        // The same guard holds for them.
        let wanted = Wanted { written: requests("DELETE /wharves/{id}", "/wharves/{n}"), ..Wanted::default() };
        assert_eq!(planned(&wanted), Ok(Vec::new()));
    }

    #[test]
    fn a_name_that_is_not_known_is_refused_with_a_suggestion() {
        let wanted = Wanted::read(&["GET /boat".to_owned()], &BTreeMap::new(), None).unwrap();
        assert_eq!(planned(&wanted), Err("there is no operation GET /boat; did you mean `GET /boats`?".to_owned()));
        assert!(Wanted::read(&["boats".to_owned()], &BTreeMap::new(), None).is_err());
        let error = Wanted::read(&[], &requests("GET /boats", "/boats?n={m}"), None).unwrap_err().to_string();
        assert!(error.starts_with("the request of GET /boats: `{m}`"), "{error}");
    }

    #[test]
    fn page_sizes_keep_to_the_contract() {
        let api = api();
        assert_eq!(sizes(&api.operations[0]), Some(("limit".to_owned(), vec![6, 25, 50, 100])));
        assert_eq!(sizes(&api.operations[2]), None);
    }

    #[test]
    fn recorded_traffic_is_replayed_in_turn() {
        let entry = |path: &str| {
            format!(r#"{{"request": {{"method": "GET", "url": "http://other:9/{path}", "headers": []}}}}"#)
        };
        let text = format!(r#"{{"log": {{"entries": [{}, {}]}}}}"#, entry("boats/1"), entry("boats/2"));
        let wanted = Wanted { har: Some(("a.har".to_owned(), text)), ..Wanted::default() };
        assert_eq!(planned(&wanted), Ok(vec!["GET /boats/{id}".to_owned()]));
        let wanted = Wanted { har: Some(("a.har".to_owned(), "{}".to_owned())), ..Wanted::default() };
        assert!(planned(&wanted).unwrap_err().starts_with("a.har: this is no HAR file"));
    }
}
