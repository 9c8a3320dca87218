//! Any request as a curl command: the words that a POSIX shell would make of it are those that were meant.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_http::curl;
use plimsoll_http::request::{Body, Request};
use plimsoll_model::Method;

fuzz_target!(|input: (&str, Vec<(String, String)>, Option<String>)| {
    let (value, query, content) = input;
    let mut request = Request { query, ..Request::get("/a") };
    request.method = Method::Post;
    request.headers.push(("x-value".to_owned(), value.to_owned()));
    request.body = content.clone().map(|content| Body { media_type: "text/plain".to_owned(), content });
    let words = words(&curl::of_request("http://a.test", &request, &[]));
    assert_eq!(words.last(), Some(&format!("http://a.test{}", request.target())));
    if !value.trim_matches(['\'', ' ', '\t']).is_empty() {
        assert!(words.contains(&format!("x-value: {value}")));
    }
    if let Some(content) = content {
        let at = words.iter().position(|word| word == "--data-raw").expect("a body is given with this option");
        assert_eq!(words[at + 1], content);
    }
});

/// Splits a command as a shell does (POSIX.1-2017 section 2.2): single quotes, backslashes, blanks; anything else that a shell acts on must be quoted.
fn words(command: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = command.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' => word.get_or_insert_default().extend(chars.by_ref().take_while(|&c| c != '\'')),
            '\\' => word.get_or_insert_default().extend(chars.next()),
            ' ' => out.extend(word.take()),
            c => {
                assert!(c.is_ascii_alphanumeric() || "-_".contains(c), "{c:?} is not quoted: {command}");
                word.get_or_insert_default().push(c);
            }
        }
    }
    out.extend(word);
    out
}
