//! TLS: rustls with ring, and what a handshake shows about a target.
//!
//! The certificate of a public target must verify unless the user says otherwise. On loopback and private addresses self-signed certificates are
//! the rule; the run goes on and the fact is recorded. Signatures of the handshake are verified in any case.
//!
//! What else the target's TLS offers is found out by the [`survey`], before the first request.

mod chain;
mod hello;
mod suites;
pub mod survey;

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use serde::{Deserialize, Serialize};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

pub use chain::{Certificate, Trust};
pub use suites::Weak;
pub use survey::{Plain, Suite, Survey};

/// Names that are kept of a certificate.
const NAMES: usize = 100;

/// What the first handshake with a target showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsFacts {
    /// `TLSv1.3` or `TLSv1.2`.
    pub version: String,
    /// The protocol agreed on by ALPN (RFC 7301), as in `h2`.
    pub alpn: Option<String>,
    /// The subject of the leaf certificate.
    pub subject: String,
    /// Its issuer.
    pub issuer: String,
    /// When it begins to be valid, in seconds from 1970.
    pub not_before: i64,
    /// When it expires, in seconds from 1970.
    pub not_after: i64,
    /// The DNS names and addresses that it is for; at most 100.
    pub names: Vec<String>,
    /// Whether subject and issuer are the same.
    pub self_signed: bool,
    /// How many certificates were sent.
    pub chain: usize,
    /// Why it does not verify against the roots of this machine; none where it does.
    pub unverified: Option<String>,
}

/// What the verifier saw.
#[derive(Clone, Debug)]
struct Seen {
    subject: String,
    issuer: String,
    not_before: i64,
    not_after: i64,
    names: Vec<String>,
    chain: usize,
    unverified: Option<String>,
}

/// Verifies as webpki does, and writes down what it saw.
#[derive(Debug)]
struct Recorder {
    inner: Option<Arc<WebPkiServerVerifier>>,
    lenient: bool,
    algorithms: WebPkiSupportedAlgorithms,
    seen: Mutex<Option<Seen>>,
}

/// A client configuration and what its first handshake showed.
#[derive(Clone)]
pub(crate) struct Setup {
    config: Arc<ClientConfig>,
    recorder: Arc<Recorder>,
    name: ServerName<'static>,
}

impl Setup {
    /// For this server name. `lenient`: a certificate that does not verify is a fact, not an error. `authorities` are trusted besides the roots of
    /// this machine.
    ///
    /// # Errors
    /// The name cannot stand in a certificate.
    pub(crate) fn new(host: &url::Host<String>, lenient: bool, authorities: &[Vec<u8>]) -> Result<Self, String> {
        let name = server_name(host)?;
        let provider = provider();
        let algorithms = provider.signature_verification_algorithms;
        let roots = Arc::new(roots(authorities));
        let inner = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider)).build().ok();
        let recorder = Arc::new(Recorder { inner, lenient, algorithms, seen: Mutex::new(None) });
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&recorder) as Arc<dyn ServerCertVerifier>)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { config: Arc::new(config), recorder, name })
    }

    pub(crate) fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.config)
    }

    pub(crate) fn name(&self) -> ServerName<'static> {
        self.name.clone()
    }

    /// The facts, once a handshake has come to its end.
    pub(crate) fn facts(&self, connection: &rustls::ClientConnection) -> Option<TlsFacts> {
        let seen = self.recorder.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let version = connection.protocol_version().map_or("unknown", |version| match version {
            rustls::ProtocolVersion::TLSv1_2 => "TLSv1.2",
            rustls::ProtocolVersion::TLSv1_3 => "TLSv1.3",
            _ => "unknown",
        });
        Some(TlsFacts {
            version: version.to_owned(),
            alpn: connection.alpn_protocol().map(|alpn| String::from_utf8_lossy(alpn).into_owned()),
            self_signed: seen.subject == seen.issuer,
            subject: seen.subject,
            issuer: seen.issuer,
            not_before: seen.not_before,
            not_after: seen.not_after,
            names: seen.names,
            chain: seen.chain,
            unverified: seen.unverified,
        })
    }
}

impl Recorder {
    fn record(&self, leaf: &CertificateDer<'_>, chain: usize, unverified: Option<String>) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.is_some() {
            return;
        }
        let line = |text: String| plimsoll_model::redact::one_line(&text, 300);
        let mut facts = Seen {
            subject: "unreadable".to_owned(),
            issuer: String::new(),
            not_before: 0,
            not_after: 0,
            names: Vec::new(),
            chain,
            unverified,
        };
        if let Ok((_, certificate)) = X509Certificate::from_der(leaf) {
            facts.subject = line(certificate.subject().to_string());
            facts.issuer = line(certificate.issuer().to_string());
            facts.not_before = certificate.validity().not_before.timestamp();
            facts.not_after = certificate.validity().not_after.timestamp();
            if let Ok(Some(alternative)) = certificate.subject_alternative_name() {
                facts.names = alternative.value.general_names.iter().filter_map(name_of).take(NAMES).collect();
            }
        }
        *seen = Some(facts);
    }
}

fn name_of(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(plimsoll_model::redact::one_line(name, 260)),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes).ok().map(|octets| std::net::Ipv4Addr::from(octets).to_string()),
            16 => <[u8; 16]>::try_from(*bytes).ok().map(|octets| std::net::Ipv6Addr::from(octets).to_string()),
            _ => None,
        },
        _ => None,
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let result = match &self.inner {
            Some(inner) => inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now),
            None => Err(rustls::Error::General("there are no root certificates on this machine".to_owned())),
        };
        self.record(end_entity, 1 + intermediates.len(), result.as_ref().err().map(ToString::to_string));
        if self.lenient { Ok(ServerCertVerified::assertion()) } else { result }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// The bundles of the usual systems: Debian, Fedora, SUSE, Alpine and macOS, FreeBSD.
const BUNDLES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
];

/// The certificates in a PEM file, as DER; none where there is none, or one that cannot be read.
pub fn certificates(pem: &[u8]) -> Option<Vec<Vec<u8>>> {
    let all: Result<Vec<CertificateDer<'_>>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let all: Vec<Vec<u8>> = all.ok()?.iter().map(|der| der.to_vec()).collect();
    (!all.is_empty()).then_some(all)
}

/// ring's algorithms.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// The name that a certificate must be for.
fn server_name(host: &url::Host<String>) -> Result<ServerName<'static>, String> {
    Ok(match host {
        url::Host::Domain(name) => ServerName::try_from(name.clone()).map_err(|error| error.to_string())?,
        url::Host::Ipv4(address) => ServerName::from(std::net::IpAddr::from(*address)),
        url::Host::Ipv6(address) => ServerName::from(std::net::IpAddr::from(*address)),
    })
}

/// The root certificates of this machine, from the first bundle that has any, and these authorities (DER).
fn roots(authorities: &[Vec<u8>]) -> RootCertStore {
    let mut store = RootCertStore::empty();
    for bundle in BUNDLES {
        if let Ok(certificates) = CertificateDer::pem_file_iter(bundle) {
            store.add_parsable_certificates(certificates.flatten());
        }
        if !store.is_empty() {
            break;
        }
    }
    store.add_parsable_certificates(authorities.iter().map(|der| CertificateDer::from(der.as_slice())));
    store
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn handshake(name: &str, lenient: bool) -> std::io::Result<Option<TlsFacts>> {
        let hostile = plimsoll_testkit::hostile::ALL.iter().find(|hostile| hostile.name == name).unwrap();
        let running = hostile.start().await.unwrap();
        let setup = Setup::new(&url::Host::Ipv4([127, 0, 0, 1].into()), lenient, &[]).unwrap();
        #[expect(clippy::disallowed_methods, reason = "the target is the server beside it")]
        let tcp = tokio::net::TcpStream::connect(running.address).await.unwrap();
        let stream = tokio_rustls::TlsConnector::from(setup.config()).connect(setup.name(), tcp).await?;
        Ok(setup.facts(stream.get_ref().1))
    }

    #[tokio::test]
    async fn a_certificate_that_does_not_verify_is_an_error_unless_lenient() {
        for name in ["certificate-expired", "certificate-of-another-host", "certificate-self-signed"] {
            assert!(handshake(name, false).await.is_err(), "{name}");
            let facts = handshake(name, true).await.unwrap().unwrap();
            assert!(facts.unverified.is_some(), "{name}");
        }
    }

    #[test]
    fn a_name_that_no_certificate_can_hold_is_refused() {
        assert!(Setup::new(&url::Host::Domain("a b".to_owned()), true, &[]).is_err());
        assert!(Setup::new(&url::Host::Domain("api.example.org".to_owned()), true, &[]).is_ok());
    }
}
