//! Content decoding while a body streams by, within limits.
//!
//! Every decoded byte is counted, hashed and tallied; only the head is kept. A body that inflates beyond what any sensible answer does is cut
//! off (CWE-409). Nested encodings are refused: no client needs them, and each layer multiplies.

use std::io::{self, Write};

use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use crate::tally::{Counter, Tally};

/// A body that inflates more than this, once [`RATIO_FROM`] decoded bytes are exceeded, is a bomb. Deflate cannot exceed 1,032.
const MAX_RATIO: u64 = 400;
/// Small bodies of equal rows inflate well and harm nobody.
const RATIO_FROM: u64 = 8 << 20;
/// Room for the output of one decoding step; also the granularity of the caps.
const BROTLI_BUFFER: usize = 16 << 10;

/// Where decoded bytes go.
#[derive(Debug)]
pub(crate) struct Sink {
    kept: Vec<u8>,
    keep: usize,
    decoded: u64,
    max_decoded: u64,
    wire: u64,
    counter: Counter,
    /// Only from where bytes are no longer kept: what is kept whole is hashed at the end.
    hasher: Option<Box<blake3::Hasher>>,
    cut: Option<String>,
}

impl Sink {
    /// Keeps the first `keep` bytes and takes at most `max_decoded`.
    pub(crate) fn new(keep: usize, max_decoded: u64) -> Self {
        Self {
            kept: Vec::new(),
            keep,
            decoded: 0,
            max_decoded,
            wire: 0,
            counter: Counter::default(),
            hasher: None,
            cut: None,
        }
    }

    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.cut.is_some() {
            // Decoders offer what was refused once more when they end.
            return Err(io::Error::other("cut"));
        }
        let room = usize::try_from(self.max_decoded - self.decoded).unwrap_or(usize::MAX);
        let bytes = if bytes.len() > room {
            self.cut = Some(format!("cut off at {} decoded bytes", self.max_decoded));
            &bytes[..room]
        } else {
            bytes
        };
        let wanted = self.keep.saturating_sub(self.kept.len()).min(bytes.len());
        if wanted < bytes.len() {
            let hasher = self.hasher.get_or_insert_with(|| {
                let mut hasher = Box::new(blake3::Hasher::new());
                hasher.update(&self.kept);
                hasher
            });
            hasher.update(bytes);
        }
        self.kept.extend_from_slice(&bytes[..wanted]);
        self.decoded += bytes.len() as u64;
        self.counter.push(bytes);
        if self.cut.is_none() && self.decoded > RATIO_FROM && self.decoded / self.wire.max(1) > MAX_RATIO {
            self.cut = Some(format!("cut off: {} bytes inflated to more than {} each", self.wire, MAX_RATIO));
        }
        match self.cut {
            Some(_) => Err(io::Error::other("cut")),
            None => Ok(()),
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.take(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Decodes a body as it arrives.
pub(crate) enum Decoder {
    Identity(Box<Sink>),
    Gzip(Box<MultiGzDecoder<Sink>>),
    /// RFC 9110 §8.4.1.2 means zlib; some servers send bare deflate. The first bytes tell.
    Deflate(Option<Box<Sink>>, Vec<u8>),
    Zlib(Box<ZlibDecoder<Sink>>),
    RawDeflate(Box<DeflateDecoder<Sink>>),
    Brotli(Option<Box<Sink>>),
    BrotliOpen(Box<brotli::DecompressorWriter<Sink>>),
}

/// What came out of a body.
pub(crate) struct Decoded {
    pub(crate) kept: Vec<u8>,
    pub(crate) decoded_len: u64,
    pub(crate) wire_len: u64,
    pub(crate) tally: Tally,
    pub(crate) digest: [u8; 16],
    /// Why decoding stopped early, where it did.
    pub(crate) cut: Option<String>,
}

impl Decoder {
    /// The decoder of a `content-encoding`.
    ///
    /// # Errors
    /// The encoding is not one that was asked for, or several; the sink is given back to take the body as it is.
    pub(crate) fn of(content_encoding: &str, sink: Sink) -> Result<Self, (String, Box<Sink>)> {
        let mut sink = Box::new(sink);
        let mut codings =
            content_encoding.split(',').map(str::trim).filter(|c| !c.is_empty() && !c.eq_ignore_ascii_case("identity"));
        let first = codings.next().unwrap_or("").to_ascii_lowercase();
        if codings.next().is_some() {
            return Err(("nested content encodings are not decoded".to_owned(), sink));
        }
        Ok(match first.as_str() {
            "" => Self::Identity(sink),
            "gzip" | "x-gzip" => Self::Gzip(Box::new(MultiGzDecoder::new(*sink))),
            "deflate" => Self::Deflate(Some(sink), Vec::new()),
            "br" => Self::Brotli(Some(sink)),
            other => {
                sink.cut = None;
                let name = plimsoll_model::redact::one_line(other, 40);
                return Err((format!("content encoding `{name}` was not asked for and is not decoded"), sink));
            }
        })
    }

    /// The body as it is.
    pub(crate) fn identity(sink: Box<Sink>) -> Self {
        Self::Identity(sink)
    }

    /// Takes bytes as they came over the wire. False: a cap or a decoding error ends the body.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> bool {
        self.sink_mut(|sink| sink.wire += bytes.len() as u64);
        let result = self.push_inner(bytes);
        if let Err(error) = result {
            self.sink_mut(|sink| {
                sink.cut.get_or_insert_with(|| format!("the content encoding is broken: {error}"));
            });
            return false;
        }
        true
    }

    fn push_inner(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        match self {
            Self::Identity(sink) => sink.take(bytes),
            Self::Gzip(decoder) => write_all(decoder, bytes),
            Self::Zlib(decoder) => write_all(decoder, bytes),
            Self::RawDeflate(decoder) => write_all(decoder, bytes),
            Self::BrotliOpen(decoder) => write_all(decoder, bytes),
            Self::Deflate(sink, head) => {
                head.extend_from_slice(bytes);
                if head.len() < 2 {
                    return Ok(());
                }
                let head = std::mem::take(head);
                // Only the first complete push gets here, so the sink is still there.
                if let Some(sink) = sink.take() {
                    let is_zlib = head[0] & 0x0f == 8 && (u16::from(head[0]) << 8 | u16::from(head[1])) % 31 == 0;
                    *self = if is_zlib {
                        Self::Zlib(Box::new(ZlibDecoder::new(*sink)))
                    } else {
                        Self::RawDeflate(Box::new(DeflateDecoder::new(*sink)))
                    };
                }
                self.push_inner(&head)
            }
            Self::Brotli(sink) => {
                // The large-window extension, which no browser takes either, would reserve up to 1 GiB.
                if bytes[0] & 0x7f == 0x11 {
                    return Err(io::Error::other("brotli window over 16 MiB"));
                }
                if let Some(sink) = sink.take() {
                    *self = Self::BrotliOpen(Box::new(brotli::DecompressorWriter::new(*sink, BROTLI_BUFFER)));
                }
                self.push_inner(bytes)
            }
        }
    }

    fn sink_mut(&mut self, act: impl FnOnce(&mut Sink)) {
        match self {
            Self::Identity(sink) => act(sink),
            Self::Gzip(decoder) => act(decoder.get_mut()),
            Self::Zlib(decoder) => act(decoder.get_mut()),
            Self::RawDeflate(decoder) => act(decoder.get_mut()),
            Self::BrotliOpen(decoder) => act(decoder.get_mut()),
            Self::Deflate(sink, _) | Self::Brotli(sink) => {
                if let Some(sink) = sink {
                    act(sink);
                }
            }
        }
    }

    /// Everything that was decoded. `ended` says that the peer ended the body.
    pub(crate) fn finish(mut self, ended: bool) -> Decoded {
        let flushed = self.flush();
        let mut out = None;
        self.sink_mut(|sink| {
            if ended && sink.wire > 0 && sink.cut.is_none() {
                sink.cut = flushed.as_ref().err().map(|error| format!("the content encoding is broken: {error}"));
            }
            let mut digest = [0; 16];
            match &sink.hasher {
                Some(hasher) => digest.copy_from_slice(&hasher.finalize().as_bytes()[..16]),
                None => digest = crate::exchange::digest_of(&sink.kept),
            }
            out = Some(Decoded {
                kept: std::mem::take(&mut sink.kept),
                decoded_len: sink.decoded,
                wire_len: sink.wire,
                tally: std::mem::take(&mut sink.counter).finish(),
                digest,
                cut: sink.cut.take(),
            });
        });
        // Every variant holds its sink: the two optional ones lose it only when they turn into another variant.
        out.expect("a decoder holds its sink")
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Identity(_) | Self::Deflate(_, _) | Self::Brotli(_) => Ok(()),
            Self::Gzip(decoder) => decoder.try_finish(),
            Self::Zlib(decoder) => decoder.try_finish(),
            Self::RawDeflate(decoder) => decoder.try_finish(),
            Self::BrotliOpen(decoder) => decoder.close(),
        }
    }
}

/// `write_all`, but bytes after the end of the stream are ignored as browsers do.
fn write_all(writer: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let taken = writer.write(bytes)?;
        if taken == 0 {
            return Ok(());
        }
        bytes = &bytes[taken..];
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    fn text() -> Vec<u8> {
        let rows: Vec<String> =
            (0..5_000).map(|n| format!("{{\"id\":{n},\"name\":\"row {}\"}}", n * 7_919 % 5_000)).collect();
        format!("[{}]", rows.join(",")).into_bytes()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn brotli_of(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        {
            let mut writer = brotli::CompressorWriter::new(&mut out, 4_096, 5, 22);
            writer.write_all(bytes).unwrap();
        }
        out
    }

    fn decode(encoding: &str, wire: &[u8], chunk: usize, max: u64) -> Decoded {
        let Ok(mut decoder) = Decoder::of(encoding, Sink::new(1_000, max)) else { panic!("{encoding}") };
        let mut all = true;
        for piece in wire.chunks(chunk) {
            all = decoder.push(piece);
            if !all {
                break;
            }
        }
        decoder.finish(all)
    }

    #[test]
    fn every_encoding_gives_the_same_body_in_chunks_of_any_size() {
        let plain = text();
        let zlib = {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&plain).unwrap();
            encoder.finish().unwrap()
        };
        let deflate = {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&plain).unwrap();
            encoder.finish().unwrap()
        };
        let members = [gzip(&plain[..9_000]), gzip(&plain[9_000..])].concat();
        for (encoding, wire) in [
            ("", plain.clone()),
            ("identity", plain.clone()),
            ("gzip", gzip(&plain)),
            ("x-gzip", gzip(&plain)),
            ("GZIP", members),
            ("deflate", zlib),
            ("deflate", deflate),
            ("br", brotli_of(&plain)),
        ] {
            for chunk in [1, 7, 1_460, usize::MAX] {
                let decoded = decode(encoding, &wire, chunk, 1 << 30);
                assert_eq!(decoded.cut, None, "{encoding}");
                assert_eq!(decoded.decoded_len, plain.len() as u64, "{encoding}");
                assert_eq!(decoded.wire_len, wire.len() as u64, "{encoding}");
                assert_eq!(decoded.kept, plain[..1_000], "{encoding}");
                assert_eq!(decoded.digest, crate::exchange::digest_of(&plain), "{encoding}");
                assert_eq!(decoded.tally.longest().map(|list| list.len), Some(5_000), "{encoding}");
            }
        }
    }

    #[test]
    fn a_bomb_is_cut_off_in_every_encoding() {
        let zeros = vec![b'0'; 64 << 20];
        for (encoding, wire) in [("gzip", gzip(&zeros)), ("br", brotli_of(&zeros))] {
            assert!(wire.len() < 100_000);
            let decoded = decode(encoding, &wire, 1_460, 1 << 30);
            assert!(decoded.cut.is_some(), "{encoding}");
            assert!(decoded.decoded_len <= RATIO_FROM + (1 << 20), "{encoding}: {}", decoded.decoded_len);
            assert_eq!(decoded.kept.len(), 1_000);
        }
    }

    #[test]
    fn the_cap_on_decoded_bytes_is_exact() {
        let plain = text();
        for (encoding, wire) in [("", plain.clone()), ("gzip", gzip(&plain)), ("br", brotli_of(&plain))] {
            let decoded = decode(encoding, &wire, 1_460, 10_000);
            assert_eq!(decoded.decoded_len, 10_000, "{encoding}");
            assert_eq!(decoded.cut.as_deref(), Some("cut off at 10000 decoded bytes"));
            assert_eq!(decoded.digest, crate::exchange::digest_of(&plain[..10_000]));
        }
        let whole = decode("", &plain, 1_460, plain.len() as u64);
        assert_eq!(whole.cut, None);
    }

    #[test]
    fn broken_and_truncated_encodings_are_said_to_be() {
        let plain = text();
        for (encoding, wire) in [
            ("gzip", b"not gzip at all, though it says so".to_vec()),
            ("deflate", vec![0xff; 100]),
            ("br", b"\xff\xff\xff\xff this is no brotli".to_vec()),
            ("gzip", gzip(&plain)[..2_000].to_vec()),
            ("br", brotli_of(&plain)[..2_000].to_vec()),
            ("br", vec![0x11, 0x1e, 0, 0, 0, 0]),
        ] {
            let decoded = decode(encoding, &wire, 1_460, 1 << 30);
            assert!(decoded.cut.is_some_and(|why| why.contains("broken")), "{encoding} {:?}", &wire[..4]);
        }
        // A HEAD answer and a 304 name an encoding and have no body.
        assert_eq!(decode("gzip", b"", 1, 10).cut, None);
    }

    #[test]
    fn nested_and_unknown_encodings_are_not_decoded() {
        for encoding in ["gzip, gzip", "gzip,br", "gzip, gzip, gzip", "zstd", "compress", "\u{1b}[31m"] {
            assert!(Decoder::of(encoding, Sink::new(10, 10)).is_err(), "{encoding}");
        }
        assert!(Decoder::of("identity, gzip", Sink::new(10, 10)).is_ok());
    }
}
