//! Where a finding is, for readers that want a path and a line: GitHub and GitLab show a finding at a file of the repository, and refuse a whole
//! report for one path that leads out of it. So every path is relative to the repository, without a scheme and without `..`.
//!
//! A finding of the wire has no file. Where its issue knows the root line, it stands there; else at the function that answers its operation, where the
//! code is known, which is a place to look and not the cause; else its path is the target's name and the path of the operation, which no file has: such an
//! alert is listed without a preview of the source.

use plimsoll_model::{Finding, Issue, Report};

/// Where the repository begins, and the folder in it that a report names files from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Root {
    repository: String,
    folder: String,
}

impl Root {
    /// Of two absolute paths. Without them ([`Root::default`]) names are taken as they are.
    pub fn new(repository: impl Into<String>, folder: impl Into<String>) -> Self {
        Self { repository: repository.into(), folder: folder.into() }
    }

    /// The path of a file from the root of the repository; none for a file outside of it.
    pub fn file(&self, name: &str) -> Option<String> {
        let whole = if name.starts_with('/') { name.to_owned() } else { format!("{}/{name}", self.folder) };
        let whole = components(&whole)?;
        let rest = whole.strip_prefix(components(&self.repository)?.as_slice())?;
        (!rest.is_empty()).then(|| rest.join("/"))
    }

    /// Whether nothing is known of a repository.
    fn is_unknown(&self) -> bool {
        self.repository.is_empty()
    }
}

/// The parts of a path without `.` and `..`; none where it leads above its top.
fn components(path: &str) -> Option<Vec<&str>> {
    let mut out = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                out.pop()?;
            }
            part => out.push(part),
        }
    }
    Some(out)
}

/// A place in the repository, or what stands for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The path, relative to the repository, with `/`, not encoded; never empty.
    pub path: String,
    /// 1-based line, where known.
    pub line: Option<u32>,
    /// The columns in the line, from 1, in characters, end excluded.
    pub columns: Option<[u32; 2]>,
    /// Whether it is a file of the repository.
    pub is_file: bool,
}

impl Place {
    /// Of a finding: its line of code, its place in the contract, the root line of its issue, the function that answers, or its operation on the target.
    pub fn of(report: &Report, finding: &Finding, issue: Option<&Issue>, root: &Root) -> Self {
        let own = finding.source.as_ref();
        let source = own.and_then(|source| Some((source, root.file(&source.file)?)));
        if let Some((source, path)) = source {
            return Self { path, line: line(Some(source.line)), columns: source.columns, is_file: true };
        }
        if let Some(spec) = &finding.spec {
            let named = spec.file.as_deref().or(report.target.contract.as_deref());
            if let Some(path) = named.and_then(|name| document(report, name, root)) {
                return Self { path, line: line(spec.line), columns: None, is_file: true };
            }
        }
        let known = issue.and_then(|issue| issue.source.as_ref().or_else(|| issue.place_to_look(finding)));
        if let Some((source, path)) = known.and_then(|source| Some((source, root.file(&source.file)?))) {
            return Self { path, line: line(Some(source.line)), columns: source.columns, is_file: true };
        }
        Self { path: on_target(report, finding), line: None, columns: None, is_file: false }
    }

    /// The line, 1 where none is known: readers of CI formats want one.
    pub fn line_or_first(&self) -> u32 {
        self.line.unwrap_or(1)
    }

    /// The path as a relative reference (RFC 3986 §4.2), percent-encoded. A colon in the first segment would make it a scheme.
    pub fn uri(&self) -> String {
        uri(&self.path)
    }
}

/// Line numbers begin at 1; a 0 stands for one that is not known.
fn line(line: Option<u32>) -> Option<u32> {
    line.filter(|line| *line > 0)
}

/// A relative reference of a path: everything but unreserved characters and slashes is percent-encoded (RFC 3986 §2.1).
pub fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The file of a contract; none where it was fetched, be it from the target.
fn document(report: &Report, name: &str, root: &Root) -> Option<String> {
    let fetched = name == "-" || name.contains("://");
    // A scan names what it found on the target by its path there.
    let on_target = name.starts_with('/') && report.target.url.contains("://") && root.is_unknown();
    if fetched || on_target { None } else { root.file(name) }
}

/// The name of the target without scheme, credentials, port and path: a port changes from run to run, and a colon would look like a scheme.
pub fn host(report: &Report) -> String {
    let url = report.target.url.as_str();
    let Some((_, rest)) = url.split_once("://") else { return "application".to_owned() };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let name = match host.strip_prefix('[').and_then(|v6| v6.split_once(']')) {
        Some((address, _)) => address.replace(':', "-"),
        None => host.split(':').next().unwrap_or("").to_owned(),
    };
    let clean: String = name.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '_')).collect();
    if clean.chars().all(|c| c == '.') { "application".to_owned() } else { clean }
}

fn on_target(report: &Report, finding: &Finding) -> String {
    let path = finding.operation.as_ref().map_or("", |operation| operation.path.as_str());
    let below = components(path).unwrap_or_default().join("/");
    let host = host(report);
    if below.is_empty() { host } else { format!("{host}/{below}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_the_root_of_the_repository() {
        let root = Root::new("/home/ci/repo", "/home/ci/repo/services/shop");
        assert_eq!(root.file("app/main.py").as_deref(), Some("services/shop/app/main.py"));
        assert_eq!(root.file("./app/../main.py").as_deref(), Some("services/shop/main.py"));
        assert_eq!(root.file("../api/openapi.yaml").as_deref(), Some("services/api/openapi.yaml"));
        assert_eq!(root.file("/home/ci/repo/x.yaml").as_deref(), Some("x.yaml"));
        for outside in ["/home/ci/repository/x.yaml", "../../../x.yaml", "/x", "../..", "../../../../../../x"] {
            assert_eq!(root.file(outside), None, "{outside}");
        }
        assert_eq!(Root::default().file("./a/b.py").as_deref(), Some("a/b.py"));
        assert_eq!(Root::default().file("../b.py"), None);
    }

    #[test]
    fn what_only_the_wire_shows_stands_at_the_function_that_answers() {
        use plimsoll_model::{
            AnsweredBy, Confidence, Fingerprint, Method, OperationKey, Severity, SourcePlace, Vantage, Weakness,
        };
        let operation = |path: &str| OperationKey::new(Method::Get, path);
        let finding = Finding {
            fingerprint: Fingerprint::of(["x"]),
            check: "pii-exposed".to_owned(),
            weakness: Weakness::PiiExposed,
            kind: Weakness::PiiExposed.facts().kind,
            vantage: Vantage::Wire,
            severity: Severity::Medium,
            confidence: Confidence::Observed,
            operation: Some(operation("/b")),
            also: Vec::new(),
            part: None,
            source: None,
            spec: None,
            message: String::new(),
            evidence: Vec::new(),
        };
        let at = |file: &str, line| SourcePlace { file: file.to_owned(), line, symbol: None, columns: None };
        let by = |path: &str, line| AnsweredBy { operation: operation(path), place: at("app.py", line) };
        let mut issue = Issue::of(Fingerprint::of(["y"]), &finding, &[]);
        let place = |issue: &Issue| {
            let place = Place::of(&Report::default(), &finding, Some(issue), &Root::default());
            (place.path, place.line, place.is_file)
        };
        assert_eq!(place(&issue), ("application/b".to_owned(), None, false));
        // Another operation's function answers nothing here.
        issue.answered_by = vec![by("/a", 7)];
        assert_eq!(place(&issue), ("application/b".to_owned(), None, false));
        issue.answered_by = vec![by("/a", 7), by("/b", 9)];
        assert_eq!(place(&issue), ("app.py".to_owned(), Some(9), true));
        // The root line goes first.
        issue.source = Some(at("store.py", 3));
        assert_eq!(place(&issue), ("store.py".to_owned(), Some(3), true));
    }

    #[test]
    fn references_hold_no_scheme() {
        assert_eq!(uri("localhost:80/a b/{id}/ü"), "localhost%3A80/a%20b/%7Bid%7D/%C3%BC");
        let mut report = Report::default();
        for (url, name) in [
            ("http://user:pa@127.0.0.1:8000/api", "127.0.0.1"),
            ("https://[::1]:8443", "--1"),
            ("https://shop.example.com/v1", "shop.example.com"),
            ("src tests", "application"),
            ("http://..", "application"),
        ] {
            url.clone_into(&mut report.target.url);
            assert_eq!(host(&report), name, "{url}");
        }
    }
}
