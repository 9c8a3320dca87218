//! Requests out of a HAR file (HTTP Archive 1.2), as browsers and proxies write it.
//!
//! Method, target and body are taken, and the headers that say what is sent and wanted. Credentials and cookies are not: a run sends those that it was given. Requests to
//! other hosts are left out.

use plimsoll_http::Request;
use plimsoll_http::request::Body;
use plimsoll_model::OperationKey;
use serde::Deserialize;

/// Headers that are taken over.
const HEADERS: &[&str] =
    &["accept", "accept-language", "if-none-match", "if-modified-since", "range", "x-requested-with"];
/// A file with more requests than this is cut; they come in turn anyway.
const MOST: usize = 20_000;

/// A HAR file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HarError {
    /// It is no HAR file.
    #[error("this is no HAR file: {0}")]
    Malformed(#[from] serde_json::Error),
    /// It holds no request to the target.
    #[error("the HAR file holds no request to {0}")]
    Elsewhere(String),
}

#[derive(Deserialize)]
struct File {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    request: Recorded,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recorded {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<Header>,
    post_data: Option<PostData>,
}

#[derive(Deserialize)]
struct Header {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostData {
    #[serde(default)]
    mime_type: String,
    #[serde(default)]
    text: String,
}

/// The requests of a HAR file to this host (`host` or `host:port`, as in the recorded URLs; None takes all), in order.
///
/// # Errors
/// The text is no HAR file, or holds no such request.
pub fn read(text: &str, host: Option<&str>) -> Result<Vec<Request>, HarError> {
    let file: File = serde_json::from_str(text.trim_start_matches('\u{feff}'))?;
    let requests: Vec<Request> =
        file.log.entries.into_iter().filter_map(|entry| entry.request.into_request(host)).take(MOST).collect();
    if requests.is_empty() {
        return Err(HarError::Elsewhere(host.unwrap_or("any host").to_owned()));
    }
    Ok(requests)
}

impl Recorded {
    fn into_request(self, host: Option<&str>) -> Option<Request> {
        let (_, rest) = self.url.split_once("://")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let authority = rest[..end].rsplit('@').next()?;
        if host.is_some_and(|host| !host.eq_ignore_ascii_case(authority)) {
            return None;
        }
        let target = rest[end..].split('#').next().unwrap_or("");
        let mut request = Request::get_target(
            if target.starts_with('/') { target.to_owned() } else { format!("/{target}") }.as_str(),
        );
        request.method = self.method.parse().ok()?;
        for header in self.headers {
            if HEADERS.contains(&header.name.to_ascii_lowercase().as_str()) {
                request.set_header(&header.name, &header.value);
            }
        }
        request.body = self
            .post_data
            .filter(|data| !data.text.is_empty())
            .map(|data| Body { media_type: data.mime_type, content: data.text });
        Some(request)
    }
}

/// Gives each request to the operation whose template it matches, the one with the fewest parameters first; requests that match none are left out.
pub fn assign(requests: Vec<Request>, operations: &[OperationKey], prefix: &str) -> Vec<Vec<Request>> {
    let mut out = vec![Vec::new(); operations.len()];
    for request in requests {
        let path = request.path.strip_prefix(prefix).unwrap_or(&request.path);
        let fitting =
            operations.iter().enumerate().filter(|(_, key)| key.method == request.method && matches(&key.path, path));
        if let Some((index, _)) = fitting.min_by_key(|(_, key)| key.path.matches('{').count()) {
            out[index].push(request);
        }
    }
    out
}

fn matches(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(&path).all(|(part, segment)| match part.split_once('{') {
            // `v{version}`, `{name}.csv`: what stands around the parameter must be there.
            Some((before, rest)) => {
                let after = rest.split_once('}').map_or("", |(_, after)| after);
                segment.len() > before.len() + after.len() && segment.starts_with(before) && segment.ends_with(after)
            }
            None => part == segment,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_model::Method;

    const HAR: &str = r##"{"log":{"version":"1.2","entries":[
        {"request":{"method":"GET","url":"https://shop.example/orders/7?expand=lines#top","headers":[{"name":"Accept","value":"text/csv"},{"name":"Cookie","value":"s=1"}]}},
        {"request":{"method":"POST","url":"https://shop.example/search","headers":[],"postData":{"mimeType":"application/json","text":"{\"q\":1}"}}},
        {"request":{"method":"GET","url":"https://cdn.example/logo.png","headers":[]}},
        {"request":{"method":"CONNECT","url":"https://shop.example/","headers":[]}}]}}"##;

    #[test]
    fn requests_to_the_host_are_taken_without_credentials() {
        let requests = read(HAR, Some("shop.example")).unwrap();
        assert_eq!(requests.iter().map(Request::target).collect::<Vec<_>>(), ["/orders/7?expand=lines", "/search"]);
        assert_eq!(requests[0].headers, [("accept".to_owned(), "text/csv".to_owned())]);
        assert_eq!(requests[1].body.as_ref().unwrap().content, r#"{"q":1}"#);
        assert!(matches!(read(HAR, Some("other.example")), Err(HarError::Elsewhere(_))));
        assert!(matches!(read("[]", None), Err(HarError::Malformed(_))));
    }

    #[test]
    fn each_goes_to_the_closest_template() {
        let key = |method, path: &str| OperationKey::new(method, path);
        let operations =
            [key(Method::Get, "/orders/{id}"), key(Method::Get, "/orders/new"), key(Method::Get, "/f/{name}.csv")];
        let requests =
            ["/v1/orders/7", "/v1/orders/new", "/v1/orders/7/lines", "/v1/f/a.csv"].map(Request::get).to_vec();
        let assigned = assign(requests, &operations, "/v1");
        assert_eq!(assigned.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 1]);
    }
}
