//! Bytes as text: byte order marks, UTF-16 and Latin-1, which exporters on Windows still write. Refuses what is no text.

use std::borrow::Cow;

use crate::error::{Failure, Stop};
use crate::tree::Remark;

/// The text of a document without its byte order mark, and a remark where it is not in UTF-8.
pub(crate) fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, Option<Remark>), Stop> {
    let (text, remark) = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8_or_latin1(rest),
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => {
            return Err(stop(1, "the document is in UTF-32", "save it as UTF-8"));
        }
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        // Every document begins with an ASCII character, so a zero byte next to it gives UTF-16 away (as in RFC 4627 §3).
        [first, 0, ..] if first.is_ascii() && *first != 0 => utf16(bytes, u16::from_le_bytes)?,
        [0, second, ..] if second.is_ascii() && *second != 0 => utf16(bytes, u16::from_be_bytes)?,
        _ => utf8_or_latin1(bytes),
    };
    if let Some(at) = text.bytes().position(|b| b == 0) {
        return Err(stop(line_at(&text, at), "the document is binary, not text", "give the OpenAPI document itself"));
    }
    // Text holds next to no control characters; archives, images and compressed bodies begin with some.
    let strange =
        text.chars().take(4096).filter(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}')).count();
    if strange > 8 {
        return Err(stop(1, "the document is binary, not text", "give the OpenAPI document itself, unpacked"));
    }
    Ok((text, remark))
}

fn utf8_or_latin1(bytes: &[u8]) -> (Cow<'_, str>, Option<Remark>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), None),
        Err(error) => {
            let line = 1 + newlines(&bytes[..error.valid_up_to()]);
            let text = bytes.iter().map(|&b| char::from(b)).collect::<String>();
            let message = "the document is not in UTF-8; read as Latin-1".to_owned();
            (Cow::Owned(text), Some(Remark { line, message }))
        }
    }
}

fn utf16(bytes: &[u8], read: fn([u8; 2]) -> u16) -> Result<(Cow<'_, str>, Option<Remark>), Stop> {
    let units = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]]));
    let text = char::decode_utf16(units)
        .collect::<Result<String, _>>()
        .map_err(|_| stop(1, "the document is neither UTF-8 nor valid UTF-16", "save it as UTF-8"))?;
    let message = "the document is in UTF-16; RFC 8259 and YAML tools expect UTF-8".to_owned();
    Ok((Cow::Owned(text), Some(Remark { line: 1, message })))
}

fn line_at(text: &str, offset: usize) -> u32 {
    1 + newlines(&text.as_bytes()[..offset])
}

/// How many lines end in these bytes.
pub(crate) fn newlines(bytes: &[u8]) -> u32 {
    bytes.split(|&b| b == b'\n').count() as u32 - 1
}

fn stop(line: u32, what: &str, hint: &str) -> Stop {
    Stop { failure: Failure::Encoding, line, column: None, what: what.to_owned(), hint: hint.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_what_editors_write() {
        let text = "openapi: \"3.1.0\" # é";
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked = |mark: &[u8], body: &[u8]| [mark, body].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            marked(b"\xef\xbb\xbf", text.as_bytes()),
            utf16.clone(),
            marked(b"\xff\xfe", &utf16),
            big.clone(),
            marked(b"\xfe\xff", &big),
            text.chars().map(|c| c as u8).collect(),
        ] {
            assert_eq!(decode(&bytes).unwrap().0, text, "{bytes:?}");
        }
    }

    #[test]
    fn refuses_what_is_no_text() {
        for bytes in
            [b"PK\x03\x04\x14\0\0\0".as_slice(), b"\x1f\x8b\x08\x01\x02\x03\x04\x05\x06\x01\x02\x01", b"openapi: 3\n\0"]
        {
            assert!(decode(bytes).is_err(), "{bytes:?}");
        }
    }
}
