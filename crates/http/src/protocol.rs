//! Requests that read although they are POSTs: GraphQL queries, and JSON-RPC calls of methods that only tell.
//!
//! GraphQL over HTTP and JSON-RPC send everything as POST, so the method says nothing about what a request does. Its body does: it is understood here in full, and what is
//! not understood is not a read. Nothing else is decided from a body.

use plimsoll_model::Method;
use serde_json::Value;

use crate::request::Request;

/// Methods of JSON-RPC services that only tell: of introspection (`OpenRPC`, XML-RPC's `system.*`) and of nodes of chains. None of a node's `personal_*`, `admin_*`, `debug_*`,
/// `miner_*`, and none that sends or signs.
const TELLING: &[&str] = &[
    "cosmos_status",
    "eth_blockNumber",
    "eth_chainId",
    "eth_protocolVersion",
    "eth_syncing",
    "getHealth",
    "getVersion",
    "net_listening",
    "net_peerCount",
    "net_version",
    "rpc.discover",
    "rpc_modules",
    "system.listMethods",
    "system.methodHelp",
    "system.methodSignature",
    "web3_clientVersion",
];

/// Requests of one batch that are understood.
const MOST: usize = 1_000;

/// Whether the request is a POST that its body makes a read.
pub fn is_read(request: &Request) -> bool {
    if request.method != Method::Post {
        return false;
    }
    let Some(body) = request.body.as_ref().filter(|body| body.media_type.starts_with("application/json")) else {
        return false;
    };
    match serde_json::from_str(&body.content) {
        Ok(Value::Array(parts)) => !parts.is_empty() && parts.len() <= MOST && parts.iter().all(reads),
        Ok(part) => reads(&part),
        Err(_) => false,
    }
}

fn reads(part: &Value) -> bool {
    let Some(map) = part.as_object() else { return false };
    match (map.get("query"), map.get("method")) {
        (Some(Value::String(query)), None) => {
            // A stored document (`extensions`, `id`) may be anything.
            map.keys().all(|key| matches!(key.as_str(), "query" | "variables" | "operationName")) && is_query(query)
        }
        (None, Some(Value::String(method))) => map.contains_key("jsonrpc") && TELLING.contains(&method.as_str()),
        _ => false,
    }
}

/// Whether a GraphQL document (October 2021 specification, §2.3) holds queries and fragments only, and at least one query.
pub fn is_query(document: &str) -> bool {
    let Some(tokens) = tokens(document) else { return false };
    let mut open: Vec<char> = Vec::new();
    let mut expects_definition = true;
    let mut queries = 0;
    for token in tokens {
        match token {
            Token::Open(bracket) => {
                if expects_definition {
                    // A selection set without a name is a query.
                    if bracket != '{' {
                        return false;
                    }
                    queries += 1;
                    expects_definition = false;
                }
                open.push(bracket);
            }
            Token::Close(bracket) => {
                let Some(opened) = open.pop() else { return false };
                if !matches!((opened, bracket), ('{', '}') | ('(', ')') | ('[', ']')) {
                    return false;
                }
                expects_definition = open.is_empty() && bracket == '}';
            }
            Token::Word(word) if expects_definition => {
                match word {
                    "query" => queries += 1,
                    "fragment" => {}
                    _ => return false,
                }
                expects_definition = false;
            }
            Token::Word(_) | Token::Other => {
                if expects_definition {
                    return false;
                }
            }
        }
    }
    open.is_empty() && expects_definition && queries > 0
}

enum Token<'a> {
    Word(&'a str),
    Open(char),
    Close(char),
    Other,
}

/// The tokens of a document; none where a string does not end. Comments, commas and white space are left out (§2.1.2 to §2.1.6).
fn tokens(document: &str) -> Option<Vec<Token<'_>>> {
    let mut out = Vec::new();
    let mut rest = document;
    while let Some(first) = rest.chars().next() {
        match first {
            '#' => rest = rest.split_once(['\n', '\r']).map_or("", |(_, after)| after),
            '"' => {
                rest = after_string(rest)?;
                out.push(Token::Other);
            }
            '{' | '(' | '[' => {
                out.push(Token::Open(first));
                rest = &rest[1..];
            }
            '}' | ')' | ']' => {
                out.push(Token::Close(first));
                rest = &rest[1..];
            }
            '_' | 'a'..='z' | 'A'..='Z' => {
                let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
                out.push(Token::Word(&rest[..end]));
                rest = &rest[end..];
            }
            ',' | '\u{feff}' => rest = &rest[first.len_utf8()..],
            white if white.is_ascii_whitespace() => rest = &rest[1..],
            _ => {
                out.push(Token::Other);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    Some(out)
}

/// What follows the string, or block string, that begins here.
fn after_string(text: &str) -> Option<&str> {
    if let Some(block) = text.strip_prefix("\"\"\"") {
        let mut from = 0;
        loop {
            let end = from + block.get(from..)?.find("\"\"\"")?;
            if !block[..end].ends_with('\\') {
                return Some(&block[end + 3..]);
            }
            from = end + 3;
        }
    }
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' | '\r' => return None,
            '"' if !escaped => return Some(&text[at + 1..]),
            _ => escaped = c == '\\' && !escaped,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Body;

    fn posted(content: &str) -> bool {
        let mut request = Request::get("/graphql");
        request.method = Method::Post;
        request.body = Some(Body { media_type: "application/json".to_owned(), content: content.to_owned() });
        is_read(&request)
    }

    #[test]
    fn queries_read() {
        for document in [
            "{ me { id } }",
            "query { me { id } }",
            "query Me($a: In = {x: [1, {y: \"}\"}]}) @live { me(a: $a) { id ...F } } fragment F on User { name }",
            "# mutation { no }\n{ me }",
            "{ search(text: \"mutation { x }\") { id } }",
            "{ a(t: \"\"\"mutation \\\"\"\" \"\"\") }",
            "\u{feff}{ mutation }",
        ] {
            assert!(is_query(document), "{document}");
        }
    }

    #[test]
    fn all_else_does_not() {
        for document in [
            "",
            "fragment F on User { name }",
            "mutation { closeTicket(id: 1) { id } }",
            "query { me } mutation { x }",
            "{ me } mutation M { x }",
            "subscription { tick }",
            "mutation\u{feff}{ x }",
            "{ me",
            "{ me } }",
            "{ a(t: \"x) }",
            "type Query { a: Int }",
            "{ a ]",
        ] {
            assert!(!is_query(document), "{document}");
        }
    }

    #[test]
    fn bodies_of_both_protocols() {
        assert!(posted(r#"{"query": "{ me { id } }", "variables": null}"#));
        assert!(posted(r#"[{"query": "{a}"}, {"query": "{b}"}]"#));
        assert!(posted(r#"{"jsonrpc": "2.0", "id": 1, "method": "system.listMethods"}"#));
        for other in [
            r#"{"query": "mutation { x }"}"#,
            r#"[{"query": "{a}"}, {"query": "mutation { x }"}]"#,
            r#"{"query": "{a}", "extensions": {"persistedQuery": {}}}"#,
            r#"{"query": "{a}", "method": "system.listMethods", "jsonrpc": "2.0"}"#,
            r#"{"jsonrpc": "2.0", "method": "eth_sendRawTransaction"}"#,
            r#"{"jsonrpc": "2.0", "method": "personal_listAccounts"}"#,
            r#"{"method": "system.listMethods"}"#,
            "[]",
            "{}",
            "not json",
        ] {
            assert!(!posted(other), "{other}");
        }
        let mut put = Request::get("/graphql");
        put.method = Method::Put;
        put.body = Some(Body { media_type: "application/json".to_owned(), content: r#"{"query": "{a}"}"#.to_owned() });
        assert!(!is_read(&put));
    }
}
