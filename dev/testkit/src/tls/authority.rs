//! Certificates that are sound, and certificates with one fault each.

use std::io;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PublicKeyData, SignatureAlgorithm, SigningKey,
};
use rustls::pki_types::CertificateDer;

const DAY: i64 = 86_400;

/// A chain as it is sent, and the key of its leaf.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Leaf first.
    pub certificates: Vec<CertificateDer<'static>>,
    /// PKCS #8; empty where nobody has the key.
    pub key: Vec<u8>,
}

impl Chain {
    /// The same with only the first certificates.
    pub fn first(mut self, count: usize) -> Self {
        self.certificates.truncate(count);
        self
    }
}

/// What a leaf is like: sound unless changed.
#[derive(Clone, Copy, Debug)]
pub struct Leaf {
    /// Its names.
    pub names: &'static [&'static str],
    /// From when it is valid, in days from now.
    pub from: i64,
    /// Until when, in days from now.
    pub until: i64,
    /// Where its issuer's certificate is, for clients that did not get it.
    pub issuer_at: Option<&'static str>,
    /// The bits of an RSA key that nobody has; none for a real key on P-256.
    pub rsa: Option<usize>,
    /// Whether it says that it is signed over SHA-1. Only with [`Self::rsa`]: nobody checks that signature.
    pub sha1: bool,
}

impl Leaf {
    /// For 127.0.0.1 and localhost, from yesterday, for 90 days.
    pub const SOUND: Self =
        Self { names: &["localhost", "127.0.0.1"], from: -1, until: 89, issuer_at: None, rsa: None, sha1: false };
}

/// A root with one intermediate below it.
pub struct Authority {
    root: CertificateDer<'static>,
    intermediate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// A new one.
    ///
    /// # Errors
    /// No key could be made.
    pub fn new() -> io::Result<Self> {
        let authority = |name: &str| -> io::Result<CertificateParams> {
            let mut parameters = CertificateParams::new(Vec::new()).map_err(io::Error::other)?;
            parameters.distinguished_name.push(DnType::CommonName, name);
            parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
            dated(&mut parameters, -400, 3_000)?;
            Ok(parameters)
        };
        let root_key = KeyPair::generate().map_err(io::Error::other)?;
        let root_parameters = authority("Testkit root")?;
        let root = root_parameters.self_signed(&root_key).map_err(io::Error::other)?.der().clone();
        let root_issuer = Issuer::new(root_parameters, root_key);
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let parameters = authority("Testkit intermediate")?;
        let intermediate = parameters.signed_by(&key, &root_issuer).map_err(io::Error::other)?.der().clone();
        Ok(Self { root, intermediate, issuer: Issuer::new(parameters, key) })
    }

    /// The root, for those who are to trust it.
    pub fn root(&self) -> &CertificateDer<'static> {
        &self.root
    }

    /// A leaf, the intermediate and the root.
    ///
    /// # Errors
    /// No certificate could be made of this.
    pub fn issue(&self, leaf: Leaf) -> io::Result<Chain> {
        let parameters = parameters(leaf)?;
        if let Some(bits) = leaf.rsa {
            let der = parameters.signed_by(&Claimed::of(bits), &Issuer::from_params(&foreign()?, Claimed::of(2_048)));
            let der = der.map_err(io::Error::other)?.der().to_vec();
            let der = if leaf.sha1 { over_sha1(der) } else { der };
            return Ok(Chain { certificates: vec![der.into(), self.root.clone()], key: Vec::new() });
        }
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let der = parameters.signed_by(&key, &self.issuer).map_err(io::Error::other)?.der().clone();
        let certificates = vec![der, self.intermediate.clone(), self.root.clone()];
        Ok(Chain { certificates, key: key.serialize_der() })
    }
}

impl Chain {
    /// A leaf that is signed by itself.
    ///
    /// # Errors
    /// No certificate could be made of this.
    pub fn self_signed(leaf: Leaf) -> io::Result<Self> {
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let der = parameters(leaf)?.self_signed(&key).map_err(io::Error::other)?.der().clone();
        Ok(Self { certificates: vec![der], key: key.serialize_der() })
    }
}

fn parameters(leaf: Leaf) -> io::Result<CertificateParams> {
    let names: Vec<String> = leaf.names.iter().map(|name| (*name).to_owned()).collect();
    let mut parameters = CertificateParams::new(names).map_err(io::Error::other)?;
    parameters.distinguished_name.push(DnType::CommonName, "testkit.invalid");
    dated(&mut parameters, leaf.from, leaf.until)?;
    if let Some(url) = leaf.issuer_at {
        // AuthorityInfoAccess (RFC 5280 §4.2.2.1) with one caIssuers: SEQUENCE { SEQUENCE { OID, [6] url } }.
        let mut access = vec![6, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 2, 0x86, url.len() as u8];
        access.extend(url.as_bytes());
        let mut content = vec![0x30, access.len() as u8 + 2, 0x30, access.len() as u8];
        content.extend(access);
        let extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], content);
        parameters.custom_extensions.push(extension);
    }
    Ok(parameters)
}

/// Somebody else's authority, for leaves with claimed keys.
fn foreign() -> io::Result<CertificateParams> {
    let mut parameters = CertificateParams::new(Vec::new()).map_err(io::Error::other)?;
    parameters.distinguished_name.push(DnType::CommonName, "Testkit root");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Ok(parameters)
}

/// Days, counted from now, in seconds from 1970.
#[expect(clippy::disallowed_methods, reason = "a certificate is valid or not at the time of the test")]
fn since_1970(days: i64) -> io::Result<Duration> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_err(io::Error::other)?;
    let seconds = now.as_secs().checked_add_signed(days * DAY).ok_or_else(|| io::Error::other("before 1970"))?;
    Ok(Duration::from_secs(seconds))
}

/// Sets the dates of a certificate, in days from now.
fn dated(parameters: &mut CertificateParams, from: i64, until: i64) -> io::Result<()> {
    let begin = rcgen::date_time_ymd(1970, 1, 1);
    parameters.not_before = begin + since_1970(from)?;
    parameters.not_after = begin + since_1970(until)?;
    Ok(())
}

/// A key that says that it is of RSA, and signs with nothing.
struct Claimed(Vec<u8>);

impl Claimed {
    /// RSAPublicKey with a modulus of this many bits: SEQUENCE { INTEGER, INTEGER 65537 }.
    fn of(bits: usize) -> Self {
        let mut modulus = vec![0];
        modulus.extend(std::iter::repeat_n(0xc5, bits / 8));
        let mut content = vec![2];
        content.extend(length(modulus.len()));
        content.extend(modulus);
        content.extend([2, 3, 1, 0, 1]);
        let mut der = vec![0x30];
        der.extend(length(content.len()));
        der.extend(content);
        Self(der)
    }
}

fn length(bytes: usize) -> Vec<u8> {
    match bytes {
        0..=127 => vec![bytes as u8],
        128..=255 => vec![0x81, bytes as u8],
        _ => vec![0x82, (bytes >> 8) as u8, bytes as u8],
    }
}

impl PublicKeyData for Claimed {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &rcgen::PKCS_RSA_SHA256
    }
}

impl SigningKey for Claimed {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(vec![0x5a; 256])
    }
}

/// The same certificate, with sha1WithRSAEncryption for sha256WithRSAEncryption wherever it stands.
fn over_sha1(mut der: Vec<u8>) -> Vec<u8> {
    const SHA256: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x0b];
    for at in 0..der.len().saturating_sub(SHA256.len()) {
        if der[at..].starts_with(&SHA256) {
            der[at + 8] = 5;
        }
    }
    der
}
