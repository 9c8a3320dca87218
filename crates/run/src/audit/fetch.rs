//! Documents from URLs: only on request, through the engine's guards, and references only within the document's own origin.

use std::cell::RefCell;
use std::collections::BTreeMap;

use plimsoll_http::engine::{Engine, SetupError};
use plimsoll_http::plan::Planned;
use plimsoll_http::scope::{BadTarget, Target};
use plimsoll_http::settings::Settings;
use plimsoll_http::{OpId, Probe, Request as HttpRequest, Transport};
use plimsoll_model::{Report, redact};
use plimsoll_spec::{Description, LoadError, Options, Source};
use url::Url;

use super::Request;

/// Bytes of one document.
const DOCUMENT: usize = 64 << 20;
/// Documents that references may bring in.
const DOCUMENTS: usize = 128;
/// How often a newly read document may name another.
const ROUNDS: usize = 16;

/// Why a URL could not be audited.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The URL cannot be used.
    #[error(transparent)]
    Target(#[from] BadTarget),
    /// The host may not be asked, or does not answer.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// There was no document in the answer.
    #[error("{url}: {why}")]
    Answer {
        /// The URL.
        url: String,
        /// Why.
        why: String,
    },
    /// The document cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
}

/// Whether a text is a URL of a document, not a path.
pub fn is_url(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// Audits documents of which some are at URLs.
///
/// # Errors
/// The first document that cannot be fetched or read.
pub async fn audit(urls: &[String], request: &Request) -> Result<Report, FetchError> {
    let mut descriptions = Vec::new();
    for url in urls {
        descriptions.push(description(url).await?);
    }
    let options = Options::default();
    for source in &request.documents {
        descriptions.push(Description::read(source, &options)?);
    }
    Ok(super::of(descriptions.into_iter().map(Ok), request)?)
}

/// A description with everything that it refers to on its own origin.
async fn description(url: &str) -> Result<Description, FetchError> {
    let settings = Settings::new(Target::parse(url)?);
    let origin = settings.target.origin().clone();
    let mut engine = Engine::new(settings).await?;
    let whole = Url::parse(url).map_err(|error| FetchError::Answer { url: shown(url), why: error.to_string() })?;
    let bytes = get(&mut engine, &whole).await?;
    let source = Source::Bytes { name: url.to_owned(), bytes };
    let mut fetched: BTreeMap<Url, Result<Vec<u8>, String>> = BTreeMap::new();
    for _ in 0..ROUNDS {
        let missing: RefCell<Vec<Url>> = RefCell::new(Vec::new());
        let fetch = |wanted: &Url| {
            if let Some(known) = fetched.get(wanted) {
                known.clone()
            } else {
                missing.borrow_mut().push(wanted.clone());
                Err("it was not fetched".to_owned())
            }
        };
        let description = Description::read(&source, &Options { fetch: Some(&fetch), ..Options::default() });
        let missing = missing.take();
        if missing.is_empty() || fetched.len() >= DOCUMENTS {
            return Ok(description?);
        }
        for wanted in missing {
            let same = wanted.origin().ascii_serialization() == origin;
            let answer = if same {
                get(&mut engine, &wanted).await.map_err(|error| error.to_string())
            } else {
                Err("references to other hosts are not followed".to_owned())
            };
            fetched.insert(wanted, answer);
        }
    }
    let fetch =
        |wanted: &Url| fetched.get(wanted).cloned().unwrap_or_else(|| Err("references lead too far".to_owned()));
    Ok(Description::read(&source, &Options { fetch: Some(&fetch), ..Options::default() })?)
}

/// The document at a URL of the engine's target. Redirects are told, not followed.
async fn get(engine: &mut Engine, url: &Url) -> Result<Vec<u8>, FetchError> {
    let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let mut request = HttpRequest::get_target(&target);
    request.set_header("accept", "application/json, application/yaml, */*");
    let mut planned = Planned::new(0, Probe::of(OpId::NONE), request);
    planned.keep = Some(DOCUMENT);
    let answers = engine.send(&mut std::iter::once(planned)).await;
    let refused = |why: String| FetchError::Answer { url: shown(url.as_str()), why };
    let Some(exchange) = answers.into_iter().next() else {
        let stopped = engine.status().stopped.map_or_else(|| "nothing was sent".to_owned(), |why| why.to_string());
        return Err(refused(stopped));
    };
    let Some(response) = exchange.response() else { return Err(refused("there was no answer".to_owned())) };
    match response.status {
        200..=299 if response.body.decoded_len > DOCUMENT as u64 => {
            Err(refused("the document is larger than 64 MiB".to_owned()))
        }
        200..=299 => Ok(response.body.kept.to_vec()),
        300..=399 => {
            let to = response.header("location").map(|to| format!(" to {}", redact::one_line(to, 200)));
            Err(refused(format!("answered with a redirect{}; name that URL", to.unwrap_or_default())))
        }
        status => Err(refused(format!("answered with status {status}"))),
    }
}

fn shown(url: &str) -> String {
    redact::one_line(url, 200)
}
