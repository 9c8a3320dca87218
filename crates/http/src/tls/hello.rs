//! A ClientHello of our own, and what a server says to it: for versions and cipher suites that no sound library speaks any more.
//!
//! Only what a server sends before anything is encrypted is read: ServerHello, Certificate, ServerKeyExchange. No key is ever agreed on and no
//! data is ever sent. Written from RFC 5246 and RFC 8446 §4.1; it takes bytes and gives facts, and opens no socket.

/// A cipher suite by its number (IANA TLS parameters).
pub(crate) type SuiteId = u16;

/// SSL 3.0 to TLS 1.2, as they stand in a hello.
pub(crate) const SSL_3: u16 = 0x0300;
pub(crate) const TLS_10: u16 = 0x0301;
pub(crate) const TLS_11: u16 = 0x0302;
pub(crate) const TLS_12: u16 = 0x0303;

/// What a server may send before it is done; a chain of 10,000 certificates is not read to its end.
const LIMIT: usize = 192 << 10;
/// Certificates that are kept of a chain.
const CERTIFICATES: usize = 12;

/// What a server says of itself in the clear.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ServerHello {
    /// The version that it chose.
    pub(crate) version: u16,
    /// The suite that it chose.
    pub(crate) suite: SuiteId,
    /// Whether it chose to compress (CRIME).
    pub(crate) compressed: bool,
    /// The length of the prime of its Diffie-Hellman group in bits, where it chose one.
    pub(crate) dh_bits: Option<u32>,
    /// The certificates that it sent, as DER.
    pub(crate) chain: Vec<Vec<u8>>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// The server agrees.
    Hello(ServerHello),
    /// It does not, with this alert (RFC 8446 §6.2), or by closing the connection.
    Refused(Option<u8>),
    /// It does not speak TLS.
    NotTls,
}

/// The bytes of a ClientHello record that offers these suites up to this version.
pub(crate) fn client_hello(version: u16, suites: &[SuiteId], server_name: Option<&str>, random: &[u8; 32]) -> Vec<u8> {
    let mut body = Vec::with_capacity(512);
    body.extend(version.to_be_bytes());
    body.extend(random);
    body.push(0);
    // The signalling suite says that renegotiation is understood to be dangerous (RFC 5746 §3.3): some servers insist.
    body.extend(((suites.len() as u16 + 1) * 2).to_be_bytes());
    suites.iter().for_each(|suite| body.extend(suite.to_be_bytes()));
    body.extend(0x00ff_u16.to_be_bytes());
    body.extend([1, 0]);
    // SSL 3.0 has no extensions.
    if version > SSL_3 {
        let extensions = extensions(version, server_name);
        body.extend((extensions.len() as u16).to_be_bytes());
        body.extend(extensions);
    }
    let mut handshake = vec![1, 0];
    handshake.extend((body.len() as u16).to_be_bytes());
    handshake.extend(body);
    let mut record = vec![22];
    // Old servers refuse a record version above theirs, whatever the hello says.
    record.extend(version.min(TLS_10).to_be_bytes());
    record.extend((handshake.len() as u16).to_be_bytes());
    record.extend(handshake);
    record
}

fn extensions(version: u16, server_name: Option<&str>) -> Vec<u8> {
    let mut out = Vec::with_capacity(128);
    let mut add = |kind: u16, content: &[u8]| {
        out.extend(kind.to_be_bytes());
        out.extend((content.len() as u16).to_be_bytes());
        out.extend(content);
    };
    if let Some(name) = server_name.filter(|name| name.len() <= 253) {
        let length = name.len() as u16;
        let mut content = Vec::with_capacity(name.len() + 5);
        content.extend((length + 3).to_be_bytes());
        content.push(0);
        content.extend(length.to_be_bytes());
        content.extend(name.as_bytes());
        add(0, &content);
    }
    // Groups: x25519, P-256, P-384, P-521; points uncompressed (RFC 8422 §5.1).
    add(10, &[0, 8, 0, 29, 0, 23, 0, 24, 0, 25]);
    add(11, &[1, 0]);
    if version >= TLS_12 {
        // ECDSA and RSA with SHA-256, 384, 512, RSA-PSS, and at the end SHA-1: a server that has nothing else is to answer too.
        const ALGORITHMS: &[u16] =
            &[0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201, 0x0202];
        let mut content = ((ALGORITHMS.len() * 2) as u16).to_be_bytes().to_vec();
        ALGORITHMS.iter().for_each(|algorithm| content.extend(algorithm.to_be_bytes()));
        add(13, &content);
    }
    out
}

/// Reads what a server sends, as it arrives.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    records: Vec<u8>,
    messages: Vec<u8>,
    hello: Option<ServerHello>,
    taken: usize,
}

impl Reader {
    /// Takes what arrived. Some: nothing more has to be read.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Option<Reply> {
        self.taken += bytes.len();
        self.records.extend_from_slice(bytes);
        while let [kind, major, minor, high, low, ..] = *self.records.as_slice() {
            if !matches!(kind, 20..=23) || major != 3 || minor > 4 {
                return Some(Reply::NotTls);
            }
            let length = usize::from(u16::from_be_bytes([high, low]));
            if self.records.len() < 5 + length {
                break;
            }
            let record: Vec<u8> = self.records.drain(..5 + length).skip(5).collect();
            match kind {
                21 => return Some(self.hello.take().map_or(Reply::Refused(record.get(1).copied()), Reply::Hello)),
                22 => self.messages.extend(record),
                _ => {}
            }
            if self.read() {
                return Some(self.end());
            }
        }
        (self.taken > LIMIT).then(|| self.end())
    }

    /// The connection ended, or nothing more came.
    pub(crate) fn end(&mut self) -> Reply {
        self.hello.take().map_or(Reply::Refused(None), Reply::Hello)
    }

    /// Reads whole messages. True: the server is done.
    fn read(&mut self) -> bool {
        while let [kind, a, b, c, ..] = *self.messages.as_slice() {
            let length = u32::from_be_bytes([0, a, b, c]) as usize;
            if self.messages.len() < 4 + length {
                return false;
            }
            let message: Vec<u8> = self.messages.drain(..4 + length).skip(4).collect();
            match (kind, &mut self.hello) {
                (2, hello @ None) => *hello = server_hello(&message),
                (11, Some(hello)) => hello.chain = certificates(&message),
                (12, Some(hello)) if is_finite_field(hello.suite) => hello.dh_bits = prime_bits(&message),
                (14, Some(_)) => return true,
                _ => {}
            }
        }
        false
    }
}

fn server_hello(message: &[u8]) -> Option<ServerHello> {
    let version = u16::from_be_bytes([*message.first()?, *message.get(1)?]);
    let session = usize::from(*message.get(34)?);
    let at = 35 + session;
    let suite = u16::from_be_bytes([*message.get(at)?, *message.get(at + 1)?]);
    let compressed = *message.get(at + 2)? != 0;
    Some(ServerHello { version, suite, compressed, dh_bits: None, chain: Vec::new() })
}

fn certificates(message: &[u8]) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = message.get(3..).unwrap_or_default();
    while let [a, b, c, more @ ..] = rest {
        let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
        let Some(der) = more.get(..length).filter(|_| out.len() < CERTIFICATES) else { break };
        out.push(der.to_vec());
        rest = &more[length..];
    }
    out
}

/// The bits of the prime that a ServerKeyExchange of DHE begins with (RFC 5246 §7.4.3).
fn prime_bits(message: &[u8]) -> Option<u32> {
    let length = usize::from(u16::from_be_bytes([*message.first()?, *message.get(1)?]));
    let prime = message.get(2..2 + length)?;
    let zeros = prime.iter().take_while(|byte| **byte == 0).count();
    let first = prime.get(zeros)?;
    Some(((prime.len() - zeros) as u32) * 8 - first.leading_zeros())
}

/// Whether keys are exchanged by ephemeral Diffie-Hellman over a finite field.
fn is_finite_field(suite: SuiteId) -> bool {
    matches!(super::suites::exchange(suite), super::suites::Exchange::FiniteField)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u8, content: &[u8]) -> Vec<u8> {
        let mut out = vec![kind, 3, 3];
        out.extend((content.len() as u16).to_be_bytes());
        out.extend(content);
        out
    }

    fn message(kind: u8, content: &[u8]) -> Vec<u8> {
        let mut out = vec![kind, 0];
        out.extend((content.len() as u16).to_be_bytes());
        out.extend(content);
        out
    }

    fn hello(suite: u16) -> Vec<u8> {
        let mut content = vec![3, 1];
        content.extend([7; 32]);
        content.extend([2, 9, 9]);
        content.extend(suite.to_be_bytes());
        content.push(0);
        message(2, &content)
    }

    #[test]
    fn a_hello_says_what_it_offers() {
        let bytes = client_hello(TLS_11, &[0x0005, 0x000a], Some("api.example"), &[1; 32]);
        assert_eq!(bytes[..5], [22, 3, 1, 0, (bytes.len() - 5) as u8]);
        assert_eq!(bytes[5..11], [1, 0, 0, (bytes.len() - 9) as u8, 3, 2]);
        assert_eq!(bytes[43..52], [0, 0, 6, 0, 5, 0, 10, 0, 0xff]);
        assert!(bytes.windows(11).any(|window| window == b"api.example"));
        let old = client_hello(SSL_3, &[0x0005], Some("api.example"), &[1; 32]);
        assert_eq!((old.len(), &old[1..3]), (5 + 4 + 2 + 32 + 1 + 6 + 2, &[3, 0][..]));
    }

    #[test]
    fn a_server_is_read_in_any_pieces() {
        let mut messages = hello(0x0033);
        messages.extend(message(11, &[0, 0, 8, 0, 0, 2, 1, 2, 0, 0, 0]));
        let mut exchange = vec![0, 129, 0];
        exchange.extend([0x80; 128]);
        messages.extend(message(12, &exchange));
        messages.extend(message(14, &[]));
        let bytes: Vec<u8> = messages.chunks(50).flat_map(|piece| record(22, piece)).collect();
        for size in [1, 7, 4_096] {
            let mut reader = Reader::default();
            let reply = bytes.chunks(size).find_map(|piece| reader.take(piece));
            let Some(Reply::Hello(hello)) = reply else { panic!("{reply:?}") };
            assert_eq!((hello.version, hello.suite, hello.dh_bits), (TLS_10, 0x0033, Some(1_024)));
            assert_eq!(hello.chain, [vec![1, 2], vec![]]);
        }
    }

    #[test]
    fn alerts_and_other_protocols() {
        assert_eq!(Reader::default().take(&record(21, &[2, 70])), Some(Reply::Refused(Some(70))));
        assert_eq!(Reader::default().take(b"HTTP/1.1 400 Bad Request"), Some(Reply::NotTls));
        assert_eq!(Reader::default().end(), Reply::Refused(None));
        let mut reader = Reader::default();
        assert_eq!(reader.take(&record(22, &hello(0x0005))), None);
        assert!(matches!(reader.end(), Reply::Hello(hello) if hello.suite == 5));
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..Default::default() })]

        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(0u8.., 0..600), inner in proptest::collection::vec(0u8.., 0..300)) {
            let mut reader = Reader::default();
            let _ = reader.take(&bytes);
            let mut messages = hello(0x0033);
            messages.extend(&inner);
            let mut reader = Reader::default();
            let _ = reader.take(&record(22, &messages));
            proptest::prop_assert!(matches!(reader.end(), Reply::Hello(_) | Reply::Refused(_)));
        }
    }
}
