//! `mixed-content`: answers over https lead back to http.

use plimsoll_http::{Exchange, OpId};
use plimsoll_model::{PartKind, Severity};
use serde_json::Value;
use url::Url;

use super::way;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::App;

check! {
    /// Scripts, forms, links and redirects over http in answers over https.
    pub struct MixedContent {
        id: "mixed-content", weakness: MixedContent, mode: Passive, since: "0.2.0", page: "http/mixed-content.md",
    }
}

/// Elements that run or send something, with the attribute that says where.
const ACTIVE: &[(&str, &str)] =
    &[("<script", "src"), ("<iframe", "src"), ("<link", "href"), ("<form", "action"), ("<object", "data")];
/// How many operations one kind may name.
const MOST: usize = 40;

/// What leads back to http in one answer: the kind, where it is, and how bad it is.
fn in_answer(exchange: &Exchange) -> Option<(&'static str, String, Severity)> {
    let response = exchange.response()?;
    let own = Url::parse(&exchange.origin).ok()?;
    let leads_home = |text: &str| {
        text.len() < 2_000
            && text.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
            && Url::parse(text).is_ok_and(|url| url.host_str() == own.host_str())
    };
    if (300..400).contains(&response.status)
        && let Some(to) = response.header("location").filter(|to| leads_home(to))
    {
        // What the caller sent may come back.
        return (!exchange.request.target().contains(to))
            .then(|| ("a redirect to http", "location".to_owned(), Severity::Medium));
    }
    if response.media_type() == "text/html" {
        let page = response.body.text();
        let element = ACTIVE.iter().find(|(element, attribute)| runs_over_http(&page, element, attribute))?;
        return Some(("a page with parts over http", element.0.trim_start_matches('<').to_owned(), Severity::Medium));
    }
    if !exchange.is_success() {
        return None;
    }
    let mut field = None;
    find(exchange.json()?, "", &leads_home, &mut field);
    field.map(|field| ("links to itself over http", field, Severity::Low))
}

/// Whether the page has such an element whose attribute begins with `http://`.
fn runs_over_http(page: &str, element: &str, attribute: &str) -> bool {
    page.match_indices(element).any(|(at, _)| {
        let tag = page[at..].split('>').next().unwrap_or("");
        let stylesheet = element != "<link" || tag.contains("stylesheet");
        stylesheet
            && tag.split_once(&format!("{attribute}=")).is_some_and(|(_, value)| {
                value
                    .trim_start_matches(['"', '\''])
                    .get(..7)
                    .is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
            })
    })
}

/// The first field with a text that is wanted.
fn find(value: &Value, path: &str, wanted: &impl Fn(&str) -> bool, out: &mut Option<String>) {
    match value {
        _ if out.is_some() => {}
        Value::String(text) if wanted(text) => *out = Some(path.to_owned()),
        Value::Array(items) => items.iter().take(20).for_each(|item| find(item, path, wanted, out)),
        Value::Object(map) => map.iter().filter(|(name, _)| !name.starts_with(['$', '@'])).for_each(|(name, value)| {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            find(value, &path, wanted, out);
        }),
        _ => {}
    }
}

impl Check for MixedContent {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        if !way::is_https(app) {
            return Vec::new();
        }
        let mut drafts: Vec<Draft> = Vec::new();
        for exchange in app.seen.all().iter().filter(|exchange| exchange.probe.repeat == 0) {
            let Some((kind, part, severity)) = in_answer(exchange) else { continue };
            let key = if exchange.probe.op == OpId::NONE {
                None
            } else {
                app.op(exchange.probe.op).map(|op| op.key().clone())
            };
            let place = if part == "location" { PartKind::ResponseHeader } else { PartKind::ResponseBody };
            let draft = Draft::new(key, format!("Answers over https lead back to http: {kind} (`{part}`)."))
                .severity(severity)
                .part(place, part)
                .cause(kind)
                .exchange_excerpt(exchange, kind, "");
            drafts.push(draft);
            if drafts.len() >= MOST {
                break;
            }
        }
        drafts
    }
}

#[cfg(test)]
mod tests {
    use super::runs_over_http;

    #[test]
    fn what_runs() {
        assert!(runs_over_http("<script defer src='http://cdn.test/a.js'></script>", "<script", "src"));
        assert!(!runs_over_http("<script src=\"https://cdn.test/a.js\"></script>", "<script", "src"));
        assert!(!runs_over_http("<link rel=\"canonical\" href=\"http://a.test/\">", "<link", "href"));
        assert!(runs_over_http("<link rel=stylesheet href=http://a.test/a.css>", "<link", "href"));
    }
}
