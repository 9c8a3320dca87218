//! Recordings: a run's exchanges in a file, to be judged again offline.
//!
//! A recording is text, one JSON object a line: a header, then bodies (each once, named by its hash) and exchanges. Credentials were replaced by
//! `$NAME` before an exchange was made, so a recording never holds them; it does hold what the target answered.

use std::collections::{HashMap, HashSet};
use std::io::{self, BufRead, Write};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::exchange::{Body, Exchange, Failure, Outcome, Response, Timing};
use crate::probe::Probe;
use crate::request::Request;
use crate::tally::Tally;

/// The format of recordings that this version writes and reads.
pub const FORMAT: &str = "plimsoll.recording/1";

#[derive(Serialize, Deserialize)]
struct Head<H> {
    format: String,
    header: H,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    Body {
        digest: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        base64: Option<String>,
        tally: Tally,
    },
    Exchange(Box<Entry>),
}

#[derive(Serialize, Deserialize)]
struct Entry {
    id: u32,
    origin: Arc<str>,
    probe: Probe,
    request: Request,
    timing: Timing,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failed: Option<Failure>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<Answer>,
}

#[derive(Serialize, Deserialize)]
struct Answer {
    status: u16,
    version: String,
    headers: Vec<(String, String)>,
    body: String,
    digest: String,
    decoded_len: u64,
    wire_len: u64,
    complete: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stopped: Option<String>,
}

/// Why a recording could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file could not be read.
    #[error("cannot read the recording: {0}")]
    Io(#[from] io::Error),
    /// The file is no recording, or one of another version.
    #[error("this is no recording that this version reads: expected {FORMAT:?} in line 1")]
    Format,
    /// A line is broken.
    #[error("line {line} of the recording is broken: {message}")]
    Line {
        /// 1-based.
        line: usize,
        /// What is wrong with it.
        message: String,
    },
}

/// Writes a recording.
///
/// # Errors
/// When the writer fails.
pub fn write<H: Serialize>(out: &mut dyn Write, header: &H, exchanges: &[Exchange]) -> io::Result<()> {
    let mut line = |value: &dyn erased::Line| -> io::Result<()> {
        value.write(out)?;
        out.write_all(b"\n")
    };
    line(&Head { format: FORMAT.to_owned(), header })?;
    let mut written: HashSet<String> = HashSet::new();
    for exchange in exchanges {
        let (failed, answer) = match &exchange.outcome {
            Outcome::Failed(failure) => (Some(failure.clone()), None),
            Outcome::Answer(response) => {
                let body = &response.body;
                let name = hex(&crate::exchange::digest_of(&body.kept)) + if body.is_whole() { "" } else { "-head" };
                if written.insert(name.clone()) {
                    let text = std::str::from_utf8(&body.kept).ok().map(str::to_owned);
                    let base64 = text.is_none().then(|| STANDARD.encode(&body.kept));
                    line(&Line::Body { digest: name.clone(), text, base64, tally: (*body.tally).clone() })?;
                }
                let answer = Answer {
                    status: response.status,
                    version: response.version.to_owned(),
                    headers: response.headers.clone(),
                    body: name,
                    digest: hex(&body.digest),
                    decoded_len: body.decoded_len,
                    wire_len: body.wire_len,
                    complete: body.complete,
                    stopped: body.stopped.clone(),
                };
                (None, Some(answer))
            }
        };
        line(&Line::Exchange(Box::new(Entry {
            id: exchange.id,
            origin: exchange.origin.clone(),
            probe: exchange.probe.clone(),
            request: exchange.request.clone(),
            timing: exchange.timing,
            failed,
            answer,
        })))?;
    }
    Ok(())
}

/// Reads a recording.
///
/// # Errors
/// [`RecordingError`] when the file cannot be read, is no recording, or is broken; the message names the line.
pub fn read<H: DeserializeOwned>(input: &mut dyn BufRead) -> Result<(H, Vec<Exchange>), RecordingError> {
    let mut lines = input.lines();
    let first = lines.next().ok_or(RecordingError::Format)?.map_err(|_| RecordingError::Format)?;
    let format: Option<serde_json::Value> = serde_json::from_str(&first).ok();
    if format.as_ref().and_then(|value| value.get("format")?.as_str()) != Some(FORMAT) {
        return Err(RecordingError::Format);
    }
    let head: Head<H> =
        serde_json::from_str(&first).map_err(|error| RecordingError::Line { line: 1, message: error.to_string() })?;
    let mut bodies: HashMap<String, (Arc<[u8]>, Arc<Tally>)> = HashMap::new();
    let mut exchanges = Vec::new();
    for (index, text) in lines.enumerate() {
        let broken = |message: String| RecordingError::Line { line: index + 2, message };
        let text = text?;
        if text.trim().is_empty() {
            continue;
        }
        match serde_json::from_str(&text).map_err(|error| broken(error.to_string()))? {
            Line::Body { digest, text, base64, tally } => {
                let bytes = match (text, base64) {
                    (Some(text), _) => text.into_bytes(),
                    (None, Some(encoded)) => STANDARD.decode(encoded).map_err(|error| broken(error.to_string()))?,
                    (None, None) => return Err(broken("a body without content".to_owned())),
                };
                bodies.insert(digest, (bytes.into(), Arc::new(tally)));
            }
            Line::Exchange(entry) => exchanges.push(exchange(*entry, &bodies).map_err(broken)?),
        }
    }
    Ok((head.header, exchanges))
}

fn exchange(entry: Entry, bodies: &HashMap<String, (Arc<[u8]>, Arc<Tally>)>) -> Result<Exchange, String> {
    let outcome = match (entry.failed, entry.answer) {
        (Some(failure), _) => Outcome::Failed(failure),
        (None, None) => return Err("an exchange without an outcome".to_owned()),
        (None, Some(answer)) => {
            let (kept, tally) =
                bodies.get(&answer.body).ok_or_else(|| format!("body {} is missing", answer.body))?.clone();
            let digest = unhex(&answer.digest).ok_or("a digest is 32 hexadecimal digits")?;
            let mut body = Body::new(kept, answer.decoded_len, answer.wire_len, tally, digest);
            body.complete = answer.complete;
            body.stopped = answer.stopped;
            let version = match answer.version.as_str() {
                "HTTP/2" => "HTTP/2",
                "HTTP/1.0" => "HTTP/1.0",
                "HTTP/0.9" => "HTTP/0.9",
                "HTTP/3" => "HTTP/3",
                _ => "HTTP/1.1",
            };
            Outcome::Answer(Response { status: answer.status, version, headers: answer.headers, body })
        }
    };
    let Entry { id, origin, probe, request, timing, .. } = entry;
    Ok(Exchange { id, origin, probe, request, outcome, timing })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |out, byte| out + &format!("{byte:02x}"))
}

fn unhex(text: &str) -> Option<[u8; 16]> {
    let mut out = [0; 16];
    if text.len() != 32 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(out)
}

/// Lines of different types through one closure.
mod erased {
    use std::io::{self, Write};

    pub(super) trait Line {
        fn write(&self, out: &mut dyn Write) -> io::Result<()>;
    }

    impl<T: serde::Serialize> Line for T {
        fn write(&self, out: &mut dyn Write) -> io::Result<()> {
            serde_json::to_writer(out, self).map_err(io::Error::from)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::OpId;

    fn sample() -> Vec<Exchange> {
        let answer = |body: Body| {
            Outcome::Answer(Response {
                status: 200,
                version: "HTTP/1.1",
                headers: vec![("a".into(), "b".into())],
                body,
            })
        };
        let failed = Outcome::Failed(Failure { stage: crate::Stage::Connect, message: "refused".into() });
        let outcomes = [
            answer(Body::whole(&b"[1,2]"[..])),
            answer(Body::whole(&b"[1,2]"[..])),
            answer(Body::whole(&[0xff, 0][..])),
            failed,
        ];
        outcomes
            .into_iter()
            .enumerate()
            .map(|(id, outcome)| Exchange {
                id: id as u32,
                origin: Arc::from("http://a.test"),
                probe: Probe::of(OpId(1)).query("n", &id.to_string()),
                request: Request::get_target(&format!("/a?n={id}")),
                outcome,
                timing: Timing { sent_ms: 1.5, first_byte_ms: 2.0, total_ms: 3.0 },
            })
            .collect()
    }

    #[test]
    fn what_is_written_is_read() {
        let mut file = Vec::new();
        write(&mut file, &"head", &sample()).unwrap();
        let text = String::from_utf8(file.clone()).unwrap();
        assert_eq!(text.matches("[1,2]").count(), 1, "a body is written once");
        let (header, exchanges) = read::<String>(&mut file.as_slice()).unwrap();
        assert_eq!(header, "head");
        let mut again = Vec::new();
        write(&mut again, &header, &exchanges).unwrap();
        assert_eq!(text, String::from_utf8(again).unwrap());
    }

    #[test]
    fn what_is_broken_is_named() {
        let mut file = Vec::new();
        write(&mut file, &"head", &sample()).unwrap();
        let text = String::from_utf8(file).unwrap();
        let cut = &text[..text.len() - 20];
        let lines = text.lines().count();
        match read::<String>(&mut cut.as_bytes()) {
            Err(RecordingError::Line { line, .. }) => assert_eq!(line, lines),
            other => panic!("{other:?}"),
        }
        for other in ["", "{}", "not json", "{\"format\":\"plimsoll.recording/9\",\"header\":\"\"}"] {
            assert!(matches!(read::<String>(&mut other.as_bytes()), Err(RecordingError::Format)), "{other}");
        }
    }
}
