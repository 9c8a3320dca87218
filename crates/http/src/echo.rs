//! Secrets that a request carries or an answer echoes, taken out of what is recorded.
//!
//! This happens before anything else sees an exchange, so that what is judged now and what is judged from a recording is the same.

use std::sync::Arc;

use http::HeaderValue;
use serde_json::Value;

use crate::exchange::Body;
use crate::request::Request;
use crate::secrets::Secrets;
use crate::tally::Tally;

/// The request without secrets; none where there are no secrets at all.
pub(crate) fn without_secrets(secrets: &Secrets, request: &Request) -> Option<Request> {
    if secrets.is_empty() {
        return None;
    }
    let mut request = request.clone();
    request.path = secrets.redact(&request.path);
    for (_, value) in request.query.iter_mut().chain(&mut request.headers) {
        *value = secrets.redact(value);
    }
    if let Some(body) = &mut request.body {
        body.content = secrets.redact(&body.content);
    }
    Some(request)
}

/// A header value as text without secrets; bytes outside of ASCII are replaced.
pub(crate) fn header_text(secrets: &Secrets, value: &HeaderValue) -> String {
    let text = match value.to_str() {
        Ok(text) => text.to_owned(),
        Err(_) => value.as_bytes().iter().map(|b| if b.is_ascii() { char::from(*b) } else { '\u{fffd}' }).collect(),
    };
    if secrets.is_empty() { text } else { secrets.redact(&text) }
}

/// The body without secrets. Its size follows the text that is kept.
pub(crate) fn body_without_secrets(secrets: &Secrets, mut body: Body) -> Body {
    if secrets.is_empty() {
        return body;
    }
    let clean = match std::str::from_utf8(&body.kept) {
        Ok(text) => {
            let clean = secrets.redact(text);
            (clean != text).then(|| clean.into_bytes())
        }
        // A body that is cut off in the middle of a character is no less text.
        Err(_) => secrets.redact_bytes(&body.kept),
    };
    let whole = body.is_whole();
    let clean = if whole {
        clean
    } else {
        // A secret that the end of what is kept cuts in two is no longer recognised as a whole.
        let bytes = clean.as_deref().unwrap_or(&body.kept);
        match secrets.begun_at_end(bytes) {
            0 => clean,
            begun => Some(bytes[..bytes.len() - begun].to_vec()),
        }
    };
    if let Some(clean) = clean {
        body.kept = Arc::from(clean);
        if whole {
            body.decoded_len = body.kept.len() as u64;
            body.tally = Arc::new(Tally::of(&body.kept));
        }
    }
    // Beyond what is kept, the tally has seen more.
    if !whole
        && body
            .tally
            .scalars
            .iter()
            .any(|(_, value)| matches!(value, Value::String(text) if secrets.redact(text) != *text))
    {
        let mut tally = (*body.tally).clone();
        for (_, value) in &mut tally.scalars {
            if let Value::String(text) = value {
                *text = secrets.redact(text);
            }
        }
        body.tally = Arc::new(tally);
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        let mut secrets = Secrets::default();
        secrets.add("TOKEN", "hunter2hunter2");
        secrets
    }

    #[test]
    fn a_body_that_ends_within_a_character_is_cleaned_too() {
        let mut kept = b"{\"a\":\"hunter2hunter2\",\"b\":\"caf".to_vec();
        kept.push(0xc3);
        let body = body_without_secrets(&secrets(), Body::whole(kept).cut("cap"));
        assert!(!body.text().contains("hunter2"), "{}", body.text());
    }

    #[test]
    fn a_secret_that_is_cut_in_two_is_cut_off_before_it() {
        let body = body_without_secrets(&secrets(), Body::whole(b"[\"hunter2hunt".to_vec()).cut("cap"));
        assert_eq!(body.text(), "[\"");
    }

    #[test]
    fn scalars_beyond_what_is_kept_are_cleaned() {
        let text = b"{\"pad\":\"0123456789\",\"echo\":\"hunter2hunter2\"}";
        let mut body = Body::whole(text.to_vec());
        body.kept = Arc::from(&text[..10]);
        let body = body_without_secrets(&secrets(), body);
        assert_eq!(body.tally.scalar("echo"), Some(&Value::from("$TOKEN")));
        assert_eq!(body.decoded_len, text.len() as u64);
    }

    #[test]
    fn nothing_changes_where_nothing_is_secret() {
        let body = body_without_secrets(&secrets(), Body::whole(b"[1]".to_vec()));
        assert_eq!((&*body.kept, body.is_whole()), (&b"[1]"[..], true));
        assert_eq!(header_text(&secrets(), &HeaderValue::from_static("Bearer hunter2hunter2")), "Bearer $TOKEN");
    }
}
