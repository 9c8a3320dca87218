//! What a chain of certificates says of itself, and whether it leads to a root that is trusted.
//!
//! Each fact is found on its own: an expired certificate may also be one for another host. Whether that matters is for the checks to say.

use std::time::Duration;

use rustls::RootCertStore;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use serde::{Deserialize, Serialize};
use x509_parser::prelude::{FromDer, ParsedExtension, X509Certificate};
use x509_parser::public_key::PublicKey;

/// Certificates of a chain that are read.
const READ: usize = 12;

/// A certificate of a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Certificate {
    /// Its subject.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// When it begins to be valid, in seconds from 1970.
    pub not_before: i64,
    /// When it expires, in seconds from 1970.
    pub not_after: i64,
    /// The DNS names and addresses that it is for; at most 100.
    pub names: Vec<String>,
    /// `RSA`, `EC`, `Ed25519`, or what else the key is.
    pub key: String,
    /// The length of the key in bits; 0 where it is not known.
    pub bits: u32,
    /// What it is signed with, as in `SHA-256`; `SHA-1` and `MD5` are broken.
    pub signature: String,
    /// Whether subject and issuer are the same.
    pub self_signed: bool,
}

/// Whether a chain leads to a root that is trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// It was not found out.
    #[default]
    Unknown,
    /// It does.
    Trusted,
    /// The only certificate is signed by itself.
    SelfSigned,
    /// The root that was sent is not trusted here.
    UntrustedRoot,
    /// The certificate that signed the last one was not sent, and is not known here.
    Incomplete,
    /// It cannot be verified for another reason.
    Invalid(String),
}

/// The facts of a chain as it was sent, leaf first.
pub(crate) fn read(chain: &[Vec<u8>]) -> Vec<Certificate> {
    chain.iter().take(READ).map(|der| certificate(der)).collect()
}

fn certificate(der: &[u8]) -> Certificate {
    let line = |text: String| plimsoll_model::redact::one_line(&text, 300);
    let Ok((_, parsed)) = X509Certificate::from_der(der) else {
        return Certificate { subject: "unreadable".to_owned(), ..Certificate::default() };
    };
    let (key, bits) = key_of(&parsed);
    let names = match parsed.subject_alternative_name() {
        Ok(Some(alternative)) => {
            alternative.value.general_names.iter().filter_map(super::name_of).take(super::NAMES).collect()
        }
        _ => Vec::new(),
    };
    Certificate {
        subject: line(parsed.subject().to_string()),
        issuer: line(parsed.issuer().to_string()),
        not_before: parsed.validity().not_before.timestamp(),
        not_after: parsed.validity().not_after.timestamp(),
        names,
        key,
        bits,
        signature: digest_of(&parsed.signature_algorithm.algorithm.to_id_string()),
        self_signed: parsed.subject() == parsed.issuer(),
    }
}

fn key_of(certificate: &X509Certificate<'_>) -> (String, u32) {
    let info = certificate.public_key();
    match info.parsed() {
        Ok(PublicKey::RSA(rsa)) => {
            let modulus: Vec<u8> = rsa.modulus.iter().skip_while(|byte| **byte == 0).copied().collect();
            let bits = modulus.first().map_or(0, |first| modulus.len() as u32 * 8 - first.leading_zeros());
            ("RSA".to_owned(), bits)
        }
        Ok(PublicKey::EC(_)) => {
            // The curve is the algorithm's parameter (RFC 5480 §2.1.1).
            let curve = info.algorithm.parameters.as_ref().and_then(|any| any.as_oid().ok());
            let bits = match curve.map(|oid| oid.to_id_string()).as_deref() {
                Some("1.2.840.10045.3.1.1") => 192,
                Some("1.3.132.0.33") => 224,
                Some("1.2.840.10045.3.1.7" | "1.3.132.0.10") => 256,
                Some("1.3.132.0.34") => 384,
                Some("1.3.132.0.35") => 521,
                _ => 0,
            };
            ("EC".to_owned(), bits)
        }
        Ok(PublicKey::DSA(_)) => ("DSA".to_owned(), 0),
        _ => match info.algorithm.algorithm.to_id_string().as_str() {
            "1.3.101.112" => ("Ed25519".to_owned(), 256),
            "1.3.101.113" => ("Ed448".to_owned(), 456),
            other => (other.to_owned(), 0),
        },
    }
}

/// The digest of a signature algorithm.
fn digest_of(oid: &str) -> String {
    let name = match oid {
        "1.2.840.113549.1.1.2" => "MD2",
        "1.2.840.113549.1.1.4" => "MD5",
        "1.2.840.113549.1.1.5" | "1.2.840.10045.4.1" | "1.2.840.10040.4.3" | "1.3.14.3.2.29" => "SHA-1",
        "1.2.840.113549.1.1.11" | "1.2.840.10045.4.3.2" => "SHA-256",
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => "SHA-384",
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" => "SHA-512",
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        "1.3.101.112" | "1.3.101.113" => "EdDSA",
        other => other,
    };
    name.to_owned()
}

/// Whether the leaf is for this name; none where it cannot be read.
pub(crate) fn is_for(chain: &[Vec<u8>], name: &ServerName<'_>) -> Option<bool> {
    let leaf = CertificateDer::from(chain.first()?.as_slice());
    // What webpki cannot read may still name its hosts; a certificate of version 1 names none.
    match ParsedCertificate::try_from(&leaf) {
        Ok(leaf) => Some(verify_server_name(&leaf, name).is_ok()),
        Err(_) => X509Certificate::from_der(&leaf).is_ok().then_some(false),
    }
}

/// Whether the chain leads to a trusted root, whatever its dates.
pub(crate) fn trust(
    chain: &[Vec<u8>],
    roots: &RootCertStore,
    algorithms: &WebPkiSupportedAlgorithms,
    at: i64,
) -> Trust {
    let Some(leaf) = chain.first() else { return Trust::Unknown };
    let facts = read(chain);
    let ders: Vec<CertificateDer<'_>> = chain.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let leaf = CertificateDer::from(leaf.as_slice());
    let verdict = match ParsedCertificate::try_from(&leaf) {
        Err(error) => Err(error.to_string()),
        Ok(parsed) => {
            // Dates are facts of their own: the chain is also looked at when its leaf was valid.
            let middle = i64::midpoint(facts[0].not_before.max(0), facts[0].not_after);
            let mut verdict = Ok(());
            for time in [at, middle] {
                let time = UnixTime::since_unix_epoch(Duration::from_secs(time.max(0) as u64));
                let result =
                    verify_server_cert_signed_by_trust_anchor(&parsed, roots, &ders[1..], time, algorithms.all);
                verdict = result.map_err(|error| error.to_string());
                if verdict.is_ok() {
                    break;
                }
            }
            verdict
        }
    };
    let Err(why) = verdict else { return Trust::Trusted };
    if facts.len() == 1 && facts[0].self_signed {
        return Trust::SelfSigned;
    }
    // Roots of one name and different keys make a bad signature of what is an unknown issuer.
    let unknown = ["UnknownIssuer", "CaUsedAsEndEntity", "BadSignature"];
    if !unknown.iter().any(|kind| why.contains(kind)) {
        return Trust::Invalid(plimsoll_model::redact::one_line(&why, 200));
    }
    // Upwards from the leaf, through what was sent.
    let mut at = 0;
    for _ in 0..facts.len() {
        if facts[at].self_signed {
            return Trust::UntrustedRoot;
        }
        let above = facts.iter().position(|other| other.subject == facts[at].issuer);
        match above {
            Some(above) => at = above,
            // A root need not be sent. A public authority says where the certificate above lies; one that does not is private.
            None => {
                return if names_its_issuer(&chain[at]) || roots.is_empty() {
                    Trust::Incomplete
                } else {
                    Trust::UntrustedRoot
                };
            }
        }
    }
    Trust::UntrustedRoot
}

/// Whether the certificate says where its issuer's certificate is (RFC 5280 §4.2.2.1).
fn names_its_issuer(der: &[u8]) -> bool {
    let Ok((_, parsed)) = X509Certificate::from_der(der) else { return false };
    parsed.extensions().iter().any(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityInfoAccess(access) => {
            access.iter().any(|entry| entry.access_method.to_id_string() == "1.3.6.1.5.5.7.48.2")
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_said() {
        assert_eq!(read(&[vec![1, 2, 3]])[0].subject, "unreadable");
        let name = ServerName::try_from("a.example").unwrap();
        assert_eq!(is_for(&[vec![0x30, 0]], &name), None);
        let provider = rustls::crypto::ring::default_provider();
        let verdict = trust(&[vec![1]], &RootCertStore::empty(), &provider.signature_verification_algorithms, 0);
        assert!(matches!(verdict, Trust::Invalid(_)), "{verdict:?}");
    }

    #[test]
    fn digests() {
        assert_eq!(digest_of("1.2.840.113549.1.1.5"), "SHA-1");
        assert_eq!(digest_of("1.2.840.10045.4.3.2"), "SHA-256");
    }
}
