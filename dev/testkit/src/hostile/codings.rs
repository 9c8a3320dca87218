//! Servers whose content codings inflate, nest, or are not what they say.

use std::io::Write;
use std::sync::OnceLock;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{act, answer, pieces};

/// 1 GiB of zeros in about 1 MiB: members of 8 MiB, one after the other (RFC 1952 §2.2).
fn bomb() -> &'static [u8] {
    static BOMB: OnceLock<Vec<u8>> = OnceLock::new();
    BOMB.get_or_init(|| gzip(&vec![b'0'; 8 << 20]).repeat(128))
}

/// 64 MiB of zeros in a few hundred bytes.
fn small_bomb() -> &'static [u8] {
    static BOMB: OnceLock<Vec<u8>> = OnceLock::new();
    BOMB.get_or_init(|| brotli_of(&vec![b'0'; 1 << 20], 64))
}

/// Makes the bombs, which takes longer than a client waits.
pub(super) fn prepare() {
    bomb();
    small_bomb();
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory cannot fail; a shorter bomb would be no worse.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

fn brotli_of(bytes: &[u8], times: usize) -> Vec<u8> {
    let mut out = Vec::new();
    {
        let mut writer = brotli::CompressorWriter::new(&mut out, 4_096, 3, 22);
        for _ in 0..times {
            let _ = writer.write_all(bytes);
        }
    }
    out
}

act! {
    /// 1 MiB that becomes 1 GiB.
    gzip_bomb(stream, _) { answer(stream, "200 OK", "content-type: application/json\r\ncontent-encoding: gzip\r\n", bomb()).await }
}

act! {
    /// gzip in gzip in gzip.
    nested_gzip(stream, _) {
        let body = gzip(&gzip(&gzip(&vec![b'0'; 1 << 20])));
        answer(stream, "200 OK", "content-encoding: gzip, gzip, gzip\r\n", &body).await
    }
}

act! {
    /// A few hundred bytes that become 64 MiB.
    brotli_bomb(stream, _) {
        answer(stream, "200 OK", "content-type: application/json\r\ncontent-encoding: br\r\n", small_bomb()).await
    }
}

act! {
    /// The large-window extension with a window of 1 GiB.
    brotli_huge_window(stream, _) { answer(stream, "200 OK", "content-encoding: br\r\n", &[0x11, 0x1e, 0xa0, 0xff, 0xff, 0xff, 0xff, 0x03]).await }
}

act! {
    /// A zstd frame with a window of 2 GiB that nobody asked for.
    zstd_unasked(stream, _) { answer(stream, "200 OK", "content-encoding: zstd\r\n", &[0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00]).await }
}

act! {
    /// A coding that nobody knows.
    unknown(stream, _) { answer(stream, "200 OK", "content-encoding: sdch\r\n", b"{}").await }
}

act! {
    /// Says gzip and is plain.
    wrong(stream, _) { answer(stream, "200 OK", "content-encoding: gzip\r\n", b"{\"plain\":true}").await }
}

act! {
    /// gzip that ends in the middle.
    truncated(stream, _) {
        let rows = pieces(0..2_000, |n| format!("{{\"id\":{n}}},"));
        let body = gzip(rows.as_bytes());
        answer(stream, "200 OK", "content-encoding: gzip\r\n", &body[..body.len() / 2]).await
    }
}
