//! Links in answers: `Link` headers, links in JSON, links in HTML.

use plimsoll_http::Exchange;
use serde_json::Value;
use url::Url;

/// How many links are taken from one answer.
const MOST: usize = 60;
/// How many bytes of a text are looked through for paths.
const TEXT: usize = 16 << 10;

/// The targets on the same origin that an answer links to, as paths with queries, in order of appearance.
pub fn in_answer(exchange: &Exchange) -> Vec<String> {
    let Some(response) = exchange.response() else { return Vec::new() };
    let Ok(base) = Url::parse(&format!("{}{}", exchange.origin, exchange.request.target())) else { return Vec::new() };
    let mut raw: Vec<String> = Vec::new();
    for field in response.header_all("link") {
        raw.extend(
            field.split(',').filter_map(|link| Some(link.split_once('>')?.0.trim().trim_start_matches('<').to_owned())),
        );
    }
    if (300..400).contains(&response.status) {
        raw.extend(response.header("location").map(str::to_owned));
    }
    if let Some(value) = exchange.json() {
        in_json(value, false, &mut raw);
    } else if response.media_type() == "text/html" {
        in_html(&response.body.text(), &mut raw);
    }
    let mut out = Vec::new();
    for link in raw {
        let Ok(url) = base.join(&link) else { continue };
        let same = url.origin() == base.origin() && matches!(url.scheme(), "http" | "https");
        let target = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        if same && !is_static(url.path()) && !out.contains(&target) && out.len() < MOST {
            out.push(target);
        }
    }
    out
}

/// Paths that are written in the texts of an answer ("see /users/v1, /books/v1"), as start pages and help texts have them: at the beginning of a word, with letters in each
/// segment or an id. For where there is no contract and few links.
pub fn in_text(exchange: &Exchange) -> Vec<String> {
    let Some(response) = exchange.response() else { return Vec::new() };
    let text = response.body.text();
    let text = text.get(..text.floor_char_boundary(TEXT)).unwrap_or(&text);
    let mut out: Vec<String> = Vec::new();
    for (at, _) in text.match_indices('/') {
        let begins = text[..at].chars().next_back().is_none_or(|c| c.is_whitespace() || "\"'`(,;>[".contains(c));
        let end = text[at..].find(|c: char| !(c.is_ascii_alphanumeric() || "/-_.~".contains(c)));
        let word = &text[at..end.map_or(text.len(), |end| at + end)];
        let next = text[at + word.len()..].chars().next();
        // A template (`/users/{id}`, `/users/<id>`, `/users/:id`) is known up to its first parameter.
        let word = if matches!(next, Some('{' | '<' | ':')) {
            word.rsplit_once('/').map_or("", |(before, _)| before)
        } else {
            word.trim_end_matches(['.', '/', '-'])
        };
        let is_path = word.len() > 2
            && word.len() < 120
            && word[1..]
                .split('/')
                .all(|segment| is_id(segment) || segment.starts_with(|c: char| c.is_ascii_alphabetic()));
        if begins && is_path && !is_static(word) && !out.iter().any(|known| known == word) && out.len() < MOST {
            out.push(word.to_owned());
        }
    }
    out
}

/// Strings that are URLs or absolute paths, in fields that are called like links: `next`, `href`, `url`, `self`, `_links`, and the values of an
/// API root (an object of nothing but links, as Django REST framework has it).
fn in_json(value: &Value, linked: bool, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            let root = !map.is_empty() && map.values().all(|value| value.as_str().is_some_and(is_link));
            for (name, value) in map {
                let name = name.to_ascii_lowercase();
                let word = [
                    "next", "prev", "previous", "href", "url", "self", "link", "links", "_links", "first", "last",
                    "related",
                ];
                let linked = linked
                    || root
                    || word.contains(&name.as_str())
                    || name.ends_with("_url")
                    || name.ends_with("_link");
                in_json(value, linked, out);
            }
        }
        Value::Array(items) => items.iter().take(5).for_each(|item| in_json(item, linked, out)),
        Value::String(text) if linked && is_link(text) => out.push(text.clone()),
        _ => {}
    }
}

fn is_link(text: &str) -> bool {
    // A path with a colon is a list of folders, as in the PATH of an environment, or a template.
    (text.starts_with('/') && !text.contains(':') || text.starts_with("http://") || text.starts_with("https://"))
        && !text.contains(char::is_whitespace)
        && text.len() < 500
}

/// The values of `href`, `src` of frames, and `action` of forms that are sent by GET.
fn in_html(page: &str, out: &mut Vec<String>) {
    for (at, _) in page.match_indices("href=") {
        let rest = &page[at + 5..];
        let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else { continue };
        if let Some((value, _)) = rest[1..].split_once(quote)
            && !value.starts_with(['#', '{'])
            && !value.starts_with("javascript:")
            && !value.starts_with("mailto:")
        {
            out.push(value.replace("&amp;", "&"));
        }
    }
}

fn is_static(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    [".css", ".js", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".woff", ".woff2", ".ttf", ".map", ".webp"]
        .iter()
        .any(|end| path.ends_with(end))
}

/// The template that a concrete path is an instance of: segments that are ids become `{id}`, a second one `{id2}`.
pub fn template(path: &str) -> String {
    let mut count = 0;
    let segments: Vec<String> = path
        .split('/')
        .map(|segment| {
            if !is_id(segment) {
                return segment.to_owned();
            }
            count += 1;
            if count == 1 { "{id}".to_owned() } else { format!("{{id{count}}}") }
        })
        .collect();
    segments.join("/")
}

/// The template of a path: ids become parameters, and so does the one segment in which links of the same answer differ.
pub fn template_among(path: &str, siblings: &[String]) -> String {
    let mine: Vec<&str> = path.split('/').collect();
    let varies = siblings.iter().find_map(|sibling| {
        let theirs: Vec<&str> = sibling.split('/').collect();
        let mut different = (0..mine.len()).filter(|&at| theirs.get(at) != mine.get(at));
        let first = different.next().filter(|_| theirs.len() == mine.len())?;
        // The last segment alone may be the names of different collections, as in an API root.
        (different.next().is_none() && first + 1 < mine.len()).then_some(first)
    });
    let Some(at) = varies else { return template(path) };
    let mut segments = mine;
    segments[at] = "{id}";
    template(&segments.join("/"))
}

/// Whether a path segment is an id and not a word: all digits, a UUID, long hexadecimal, or letters and digits mixed. `v1` is a word.
fn is_id(segment: &str) -> bool {
    let is_version = segment
        .strip_prefix(['v', 'V'])
        .is_some_and(|rest| rest.len() <= 2 && rest.bytes().all(|b| b.is_ascii_digit()));
    if segment.is_empty() || is_version || segment.contains('.') {
        return false;
    }
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    let plain = segment.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'%' | b'~' | b':'));
    plain && digits > 0 && (digits == segment.len() || digits >= 2 || segment.len() >= 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_parameters() {
        assert_eq!(template("/products/prod-00001/reviews/7"), "/products/{id}/reviews/{id2}");
        assert_eq!(template("/api/v1/orders"), "/api/v1/orders");
        assert_eq!(template("/u/550e8400-e29b-41d4-a716-446655440000"), "/u/{id}");
        assert_eq!(template("/export/products.csv"), "/export/products.csv");
    }

    #[test]
    fn links_that_differ_in_one_segment_are_one_template() {
        let paths = ["/partners/lumo/status", "/partners/weave/status"].map(str::to_owned);
        assert_eq!(template_among(&paths[0], &paths), "/partners/{id}/status");
        let roots = ["/api/orders", "/api/products"].map(str::to_owned);
        assert_eq!(template_among(&roots[0], &roots), "/api/orders");
        assert_eq!(template_among("/orders/17/lines", &[]), "/orders/{id}/lines");
    }

    #[test]
    fn paths_in_texts() {
        let told = |body: &str| {
            let body = plimsoll_http::Body::whole(body.as_bytes().to_vec());
            let outcome = plimsoll_http::Outcome::Answer(plimsoll_http::Response {
                status: 200,
                version: "HTTP/1.1",
                headers: Vec::new(),
                body,
            });
            in_text(&Exchange {
                id: 0,
                origin: "http://a.test".into(),
                probe: plimsoll_http::Probe::of(plimsoll_http::OpId::NONE),
                request: plimsoll_http::Request::get("/"),
                outcome,
                timing: plimsoll_http::Timing::default(),
            })
        };
        assert_eq!(
            told(r#"{"help": "see /users/v1, /books/v1 and /posts/{id}/likes."}"#),
            ["/users/v1", "/books/v1", "/posts"]
        );
        assert_eq!(told("GET /api/orders/<int:id> or `/api/me`"), ["/api/orders", "/api/me"]);
        assert!(told("and/or 12/24 http://x.test/a //b.test/c </div> <br/> /style.css 3 / 4").is_empty());
    }

    #[test]
    fn links_in_json() {
        let mut out = Vec::new();
        let value = serde_json::json!({"next": "/a?page=2", "note": "/not/a/link", "first": "/usr/bin:/bin", "items": [{"href": "https://x.test/b"}], "_links": {"self": {"href": "/c"}}});
        in_json(&value, false, &mut out);
        out.sort();
        assert_eq!(out, ["/a?page=2", "/c", "https://x.test/b"]);
    }
}
