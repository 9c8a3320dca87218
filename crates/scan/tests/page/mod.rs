//! The language of the examples in check pages.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use plimsoll_http::curl::Shown;
use plimsoll_http::{Body, Exchange, Failure, Outcome, Probe, Request, Response, Stage, Timing, Who};
use plimsoll_http::{InboundCall, Place, Survey};
use plimsoll_model::{Confidence, Finding, Method};
use plimsoll_scan::token::{self, TokenFacts};
use plimsoll_scan::{Active, Forged, Forgery, SeenIdentity};
use plimsoll_spec::{Api, Operation, Options, Source};

/// One `## Example: …` section.
pub struct Example {
    pub title: String,
    openapi: String,
    /// Those of the `identities` block; the first of them sends what has no `> as:`.
    pub identities: Vec<SeenIdentity>,
    /// What is tried, and the calls of the `collaborator` block.
    pub active: Active,
    /// Tokens forged of theirs.
    pub forged: Vec<Forged>,
    /// What is known of their tokens.
    pub tokens: Vec<TokenFacts>,
    pub exchanges: Vec<Recorded>,
    /// Sorted lines.
    pub expected: Vec<String>,
}

/// One exchange of an example.
pub struct Recorded {
    pub request: Request,
    pub who: Who,
    /// How many times it occurs.
    pub repeat: u16,
    /// Which occurrence this entry is, among entries with an equal request.
    occurrence: u16,
    status: Option<u16>,
    headers: Vec<(String, String)>,
    /// Milliseconds: a constant and what each repetition adds.
    time: (f64, f64),
    failure: Option<String>,
    body: String,
    origin: &'static str,
}

/// The examples of a page.
pub fn examples(page: &str) -> Vec<Example> {
    let mut out = Vec::new();
    let page = with_tokens(page);
    for section in page.split("\n## ").skip(1).filter(|section| section.starts_with("Example: ")) {
        let (title, rest) = section.split_once('\n').unwrap();
        let mut example = Example {
            title: title.trim_start_matches("Example: ").to_owned(),
            openapi: String::new(),
            identities: Vec::new(),
            forged: Vec::new(),
            tokens: Vec::new(),
            active: Active { injection: true, ..Active::default() },
            exchanges: Vec::new(),
            expected: Vec::new(),
        };
        let mut blocks = rest.split("\n```");
        blocks.next();
        let mut has_findings = false;
        while let Some(block) = blocks.next() {
            let (kind, content) = block.split_once('\n').unwrap_or((block, ""));
            match kind.trim() {
                "openapi" => content.clone_into(&mut example.openapi),
                "identities" => identities(content, &mut example),
                "collaborator" => {
                    example.active.collaborator = Some(place());
                    example.active.calls = calls(content);
                }
                "tls" => {
                    let mut survey: Survey = serde_json::from_str(content).unwrap_or_else(|e| panic!("{title}: {e}"));
                    survey.https = !content.contains("\"https\": false");
                    example.active.survey = Some(survey);
                }
                "http" => example.exchanges.extend(exchanges(content, &example.identities, &example.forged)),
                "findings" => {
                    has_findings = true;
                    example.expected = content
                        .lines()
                        .map(str::trim)
                        .filter(|l| !l.is_empty() && *l != "none")
                        .map(str::to_owned)
                        .collect();
                    example.expected.sort();
                }
                other => panic!(
                    "{title}: unknown block {other:?}; known are openapi, identities, collaborator, tls, http, findings"
                ),
            }
            // The text between this block's closing fence and the next opening fence.
            blocks.next();
        }
        assert!(has_findings, "{title}: says nothing about findings");
        let mut earlier: Vec<(Request, Who, u16)> = Vec::new();
        let https = example.active.survey.as_ref().is_some_and(|survey| survey.https);
        for exchange in &mut example.exchanges {
            if https {
                exchange.origin = "https://api.example";
            }
            let equal = earlier.iter().filter(|(request, who, _)| *request == exchange.request && *who == exchange.who);
            exchange.occurrence = equal.map(|(_, _, repeat)| repeat).sum();
            earlier.push((exchange.request.clone(), exchange.who, exchange.repeat));
        }
        out.push(example);
    }
    out
}

/// Where the collaborator of every example listens.
fn place() -> Place {
    Place { address: ([127, 0, 0, 1], 9900).into(), seed: "0".repeat(32) }
}

/// The page with the token of each `@token(QUESTION)` and the text of each `@mark(QUESTION)`.
fn with_tokens(page: &str) -> String {
    let mut out = page.to_owned();
    for (directive, is_mark) in [("@token(", false), ("@mark(", true)] {
        while let Some(at) = out.find(directive) {
            let begin = at + directive.len();
            let end = begin + out[begin..].find(')').unwrap_or_else(|| panic!("unclosed {directive}"));
            let token = place().token(&out[begin..end]);
            let text = if is_mark { place().mark(&token) } else { token };
            out.replace_range(at..=end, &text);
        }
    }
    out
}

/// The calls of a `collaborator` block: `> METHOD target` begins one, `> name: value` is a header field of it.
fn calls(text: &str) -> Vec<InboundCall> {
    let mut out: Vec<InboundCall> = Vec::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("> ")) {
        if let Some((name, value)) = line.split_once(':').filter(|(name, _)| !name.contains(' ')) {
            let call = out.last_mut().unwrap_or_else(|| panic!("{line:?} belongs to no call"));
            call.headers.push(name.to_owned());
            if name == "user-agent" {
                value.trim().clone_into(&mut call.user_agent);
            }
            continue;
        }
        let (method, target) = line.split_once(' ').unwrap();
        out.push(InboundCall {
            token: target.split(['/', '?']).find(|part| part.len() == 24).unwrap().to_owned(),
            at_ms: 40.0,
            method: method.to_owned(),
            target: target.to_owned(),
            source: [127, 0, 0, 1].into(),
            user_agent: String::new(),
            headers: Vec::new(),
        });
    }
    out
}

impl Example {
    /// The contract of the example.
    pub fn api(&self) -> Api {
        let mut text = self.openapi.clone();
        if text.trim().is_empty() {
            "paths: {}\n".clone_into(&mut text);
        }
        if !text.contains("openapi:") && !text.contains("swagger:") {
            text = format!("openapi: 3.1.0\ninfo: {{title: example, version: '1'}}\n{text}");
        }
        let source = Source::Bytes { name: "example".to_owned(), bytes: text.into_bytes() };
        match plimsoll_spec::load(&source, &Options::default()) {
            Ok(api) => api,
            Err(error) => panic!("{}: {error}", self.title),
        }
    }
}

/// `alice`, or `alice: admin 5` with a role and a rank; below it `forged: alg-none` for a token made of the first one's, and `token: {claims}` for what its own
/// token says.
fn identities(text: &str, example: &mut Example) {
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (name, rest) = line.split_once(':').unwrap_or((line, ""));
        if name == "forged" {
            let how: Forgery = serde_json::from_value(rest.trim().into()).unwrap();
            example.forged.push(Forged { of: Who::Given, how, shown: Shown::default() });
            continue;
        }
        if name == "token" {
            let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
            let token = format!("{}.{}.c2lnbmF0dXJl", part(r#"{"alg":"RS256"}"#), part(rest.trim()));
            let origin = format!("${}", example.identities.last().unwrap().name.to_uppercase());
            example.tokens.extend(token::facts(&origin, &token, 0));
            continue;
        }
        let mut identity = SeenIdentity::named(name.trim());
        let mut words = rest.split_whitespace();
        identity.role = words.next().map(str::to_owned);
        identity.rank = words.next().map(|rank| rank.parse().unwrap());
        let shown = format!("Bearer ${}", name.trim().to_uppercase());
        identity.shown = Shown::headers(vec![("authorization".to_owned(), shown)]);
        example.identities.push(identity);
    }
}

/// Whom `> as:` names: `anonymous`, an identity of the example, of which the first is who sends everything else, or a forged token.
fn who(name: &str, identities: &[SeenIdentity], forged: &[Forged]) -> Who {
    let forged = forged.iter().position(|forged| serde_json::to_value(forged.how).unwrap() == name);
    match identities.iter().position(|identity| identity.name == name).or(forged.map(|at| identities.len() + at)) {
        Some(0) => Who::Given,
        Some(n) => Who::As(u8::try_from(n).unwrap()),
        None if name == "anonymous" => Who::Anonymous,
        None => panic!("`> as: {name}` is in no `identities` block before it"),
    }
}

fn exchanges(text: &str, identities: &[SeenIdentity], forged: &[Forged]) -> Vec<Recorded> {
    let mut out: Vec<Recorded> = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line.trim().is_empty() {
            continue;
        }
        let request_line =
            line.strip_prefix("> ").unwrap_or_else(|| panic!("expected `> METHOD target`, found {line:?}"));
        let (method, target) = request_line.split_once(' ').unwrap();
        let mut request = Request::get_target(&expand(target.trim(), 0));
        request.method = method.parse::<Method>().unwrap();
        let mut recorded = Recorded {
            request,
            who: Who::Given,
            repeat: 1,
            occurrence: 0,
            status: None,
            headers: Vec::new(),
            time: (5.0, 0.0),
            failure: None,
            body: String::new(),
            origin: "http://api.example",
        };
        while let Some(line) = lines.next_if(|line| line.starts_with("> ")) {
            let (name, value) = line[2..].split_once(':').unwrap();
            let value = expand(value.trim(), 0);
            match name {
                "as" => recorded.who = who(&value, identities, forged),
                "repeat" => recorded.repeat = value.parse().unwrap(),
                "body" => {
                    recorded.request.body = Some(plimsoll_http::request::Body {
                        media_type: "application/json".to_owned(),
                        content: value,
                    });
                }
                _ => recorded.request.set_header(name, &value),
            }
        }
        while let Some(line) = lines.next_if(|line| line.starts_with("< ")) {
            let line = &line[2..];
            if let Ok(status) = line.trim().parse() {
                recorded.status = Some(status);
                continue;
            }
            let (name, value) =
                line.split_once(':').unwrap_or_else(|| panic!("expected a status or a header, found {line:?}"));
            match name {
                "time" => recorded.time = time(value.trim()),
                "failed" => recorded.failure = Some(value.trim().to_owned()),
                _ => recorded.headers.push((name.to_ascii_lowercase(), value.trim().to_owned())),
            }
        }
        let mut body = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with("> ")) {
            body.push(line);
        }
        body.join("\n").trim_end().clone_into(&mut recorded.body);
        out.push(recorded);
    }
    out
}

/// `12`, `12ms`, or `12+3r` where each repetition is 3 ms slower.
fn time(text: &str) -> (f64, f64) {
    let text = text.trim_end_matches("ms").trim();
    match text.split_once('+') {
        Some((base, slope)) => (base.trim().parse().unwrap(), slope.trim().trim_end_matches('r').parse().unwrap()),
        None => (text.parse().unwrap(), 0.0),
    }
}

/// Expands `@list(COUNT, TEMPLATE)` (a JSON array, `{n}` is the 0-based index, `{n+K}` the index plus K), `@join(COUNT, TEMPLATE)` (the same with
/// commas and no brackets), `@lines(COUNT, TEMPLATE)` (one a line) and `@fill(CHARACTER, COUNT)`; `{r}` is the repetition, also in COUNT as
/// `@list(10+5r, …)`.
fn expand(text: &str, repetition: u16) -> String {
    let mut out = String::new();
    let mut rest = text;
    loop {
        let directives = ["@list(", "@join(", "@lines(", "@fill("];
        let found = directives.iter().filter_map(|name| Some((rest.find(name)?, *name))).min();
        let Some((at, directive)) = found else {
            out.push_str(rest);
            return out.replace("{r}", &repetition.to_string());
        };
        out.push_str(&rest[..at]);
        let inner = &rest[at + directive.len()..];
        let mut depth = 1;
        let end = inner
            .char_indices()
            .find(|(_, c)| {
                depth += i32::from(*c == '(') - i32::from(*c == ')');
                depth == 0
            })
            .map_or_else(|| panic!("unclosed directive in {text:?}"), |(index, _)| index);
        let (first, second) = inner[..end].split_once(',').unwrap();
        let items = || -> Vec<String> { (0..count(first, repetition)).map(|n| numbered(second.trim(), n)).collect() };
        match directive {
            "@list(" => out.push_str(&format!("[{}]", items().join(","))),
            "@join(" => out.push_str(&items().join(",")),
            "@lines(" => out.push_str(&items().join("\n")),
            _ => out.push_str(&first.trim().repeat(count(second, repetition))),
        }
        rest = &inner[end + 1..];
    }
}

fn count(text: &str, repetition: u16) -> usize {
    let (base, slope) = text.trim().split_once('+').unwrap_or((text.trim(), "0r"));
    base.trim().parse::<usize>().unwrap()
        + slope.trim().trim_end_matches('r').parse::<usize>().unwrap() * usize::from(repetition)
}

fn numbered(template: &str, n: usize) -> String {
    let mut out = template.replace("{n}", &n.to_string());
    while let Some(at) = out.find("{n+") {
        let end = at + out[at..].find('}').unwrap();
        let plus: usize = out[at + 3..end].parse().unwrap();
        out.replace_range(at..=end, &(n + plus).to_string());
    }
    out
}

impl Recorded {
    /// Whether the exchange could be the base of this operation: method and template match, sent as given.
    pub fn is_base_of(&self, operation: &Operation) -> bool {
        self.request.method == operation.key.method && self.belongs_to(operation) && self.who == Who::Given
    }

    /// Whether the path is one of this operation's.
    pub fn belongs_to(&self, operation: &Operation) -> bool {
        let template: Vec<&str> = operation.key.path.split('/').collect();
        let path: Vec<&str> = self.request.path.split('/').collect();
        template.len() == path.len()
            && template.iter().zip(&path).all(|(t, p)| t == p || (t.contains('{') && !p.is_empty()))
    }

    /// Whether this is the page's answer to a request that the check asks for.
    pub fn answers(&self, request: &Request, probe: &Probe) -> bool {
        let sorted = |headers: &[(String, String)]| {
            let mut headers = headers.to_vec();
            headers.sort();
            headers
        };
        let (mine, theirs) = (sorted(&self.request.headers), sorted(&request.headers));
        self.who == probe.who
            && self.request.method == request.method
            && self.request.target() == request.target()
            && mine == theirs
            && self.request.body == request.body
            && (self.occurrence..self.occurrence + self.repeat).contains(&probe.repeat)
    }

    /// The exchange as it would have been recorded.
    pub fn record(&self, id: u32, probe: Probe) -> Exchange {
        self.record_nth(id, probe, 0)
    }

    /// The exchange of this repetition.
    pub fn record_nth(&self, id: u32, probe: Probe, repetition: u16) -> Exchange {
        let total_ms = self.time.0 + self.time.1 * f64::from(repetition);
        let outcome = match (&self.failure, self.status) {
            (None, Some(status)) => Outcome::Answer(Response {
                status,
                version: "HTTP/1.1",
                headers: self.headers.iter().map(|(name, value)| (name.clone(), expand(value, repetition))).collect(),
                body: Body::whole(expand(&self.body, repetition).into_bytes()),
            }),
            (failure, _) => Outcome::Failed(Failure {
                stage: Stage::FirstByte,
                message: failure.clone().unwrap_or_else(|| panic!("an exchange needs a status or `failed`")),
            }),
        };
        Exchange {
            id,
            origin: Arc::from(self.origin),
            request: self.request.clone(),
            probe,
            outcome,
            timing: Timing { sent_ms: f64::from(id) * 10.0, first_byte_ms: total_ms * 0.8, total_ms },
        }
    }
}

/// A finding as the page writes it: `severity operation[, operation …] [part] [confidence]`.
pub fn line(finding: &Finding) -> String {
    let operations: Vec<String> = finding.operations().map(ToString::to_string).collect();
    let mut out = format!(
        "{} {}",
        finding.severity,
        if operations.is_empty() { "application".to_owned() } else { operations.join(", ") }
    );
    if let Some(part) = &finding.part {
        out.push_str(&format!(" {}:{}", part.kind.as_str(), part.name));
    }
    if finding.confidence != Confidence::Observed {
        out.push_str(&format!(" {}", finding.confidence));
    }
    out
}
