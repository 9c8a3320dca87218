//! The survey: a few connections before the first request that find out what the target's TLS offers.
//!
//! Every connection goes to the judged addresses, is paid for as a request and waits for its turn like one. None carries a credential, and but for one
//! plain `GET` to the port of http, none carries a request at all. What cannot be found out is left open, never guessed.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::chain::{self, Certificate, Trust};
use super::hello::{self, Reader, Reply, ServerHello, SuiteId, TLS_10, TLS_11, TLS_12};
use super::suites::{self, Exchange, Weak};
use super::{provider, server_name};
use crate::connect::Connector;
use crate::limit::Limiter;
use crate::plan::Planned;
use crate::probe::{OpId, Probe, Who};
use crate::request::Request;
use crate::scope::Target;
use crate::wire::{Wire, wall_clock};

/// A run with fewer requests than this has none to spare.
const LEAST: u64 = 40;
/// Connections that come to nothing before the survey is given up.
const FRUITLESS: u32 = 2;

/// What is known of the way to the target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Survey {
    /// Whether every address of the target is a loopback or private one.
    pub local: bool,
    /// Whether the target is reached over https. All that follows is empty where it is not.
    pub https: bool,
    /// When it was looked at, in seconds from 1970.
    pub at: i64,
    /// The host that certificates must name.
    pub host: String,
    /// The versions that are accepted, from the oldest: `SSLv3`, `TLSv1.0` and so on.
    pub versions: Vec<String>,
    /// Weak suites that are accepted, one of each class.
    pub weak_suites: Vec<Suite>,
    /// Whether a suite of TLS 1.2 or later is accepted that encrypts and authenticates at once.
    pub aead: Option<bool>,
    /// Whether a suite is accepted whose keys are ephemeral.
    pub forward_secrecy: Option<bool>,
    /// The bits of the prime of ephemeral Diffie-Hellman, where it is accepted.
    pub dh_bits: Option<u32>,
    /// The certificates as they were sent, leaf first.
    pub certificates: Vec<Certificate>,
    /// Whether the leaf is for the host.
    pub name_matches: Option<bool>,
    /// Whether the chain leads to a trusted root.
    pub trust: Trust,
    /// What the port of http answers.
    pub plain: Option<Plain>,
    /// How many connections it took.
    pub connections: u32,
    /// What could not be found out, and why.
    pub open: Vec<String>,
}

/// A suite that is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suite {
    /// Its name (IANA).
    pub name: String,
    /// What is wrong with it.
    pub weak: Weak,
}

/// What the port of http answers to `GET` of the target's path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Plain {
    /// The port.
    pub port: u16,
    /// The status; none where nothing answers.
    pub status: Option<u16>,
    /// Where it leads.
    pub location: Option<String>,
}

/// The port of http that belongs to a port of https by custom.
fn plain_port(port: u16) -> Option<u16> {
    match port {
        443 => Some(80),
        8443 => Some(8080),
        _ => None,
    }
}

/// Takes the survey.
pub(crate) async fn run(wire: &Wire, limiter: &mut Limiter, stop: watch::Receiver<bool>, local: bool) -> Survey {
    let settings = &wire.settings;
    let mut survey = Survey { local, https: settings.target.is_tls(), at: now(), ..Survey::default() };
    survey.host = settings.target.host().to_string();
    let Ok(name) = server_name(settings.target.host()) else { return survey };
    if !survey.https {
        return survey;
    }
    if settings.budgets.max_requests < LEAST {
        survey.open.push(format!("a budget of {} requests has none to spare for it", settings.budgets.max_requests));
        return survey;
    }
    let mut surveyor = Surveyor { wire, limiter, stop, name, survey, fruitless: 0 };
    surveyor.take().await;
    surveyor.survey
}

fn now() -> i64 {
    let since = wall_clock().duration_since(std::time::UNIX_EPOCH);
    since.ok().and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or(0)
}

struct Surveyor<'a> {
    wire: &'a Wire,
    limiter: &'a mut Limiter,
    stop: watch::Receiver<bool>,
    name: ServerName<'static>,
    survey: Survey,
    fruitless: u32,
}

impl Surveyor<'_> {
    async fn take(&mut self) {
        let (modern, mut chain) = self.modern().await;
        if let Some(version) = modern {
            self.accepted(version);
            (self.survey.aead, self.survey.forward_secrecy) = (Some(true), Some(true));
        }
        let all = [suites::AEAD, suites::CBC_EPHEMERAL, suites::CBC_STATIC].concat();
        if modern != Some("TLSv1.2")
            && let Some(hello) = self.hello(TLS_12, &all).await
        {
            self.accepted(version_name(hello.version));
            if chain.is_empty() {
                chain.clone_from(&hello.chain);
            }
            self.qualities(&hello).await;
        }
        let old: Vec<SuiteId> = [suites::CBC_EPHEMERAL, suites::CBC_STATIC].concat();
        let old: Vec<SuiteId> =
            old.into_iter().chain(Weak::ALL.iter().rev().flat_map(|class| class.suites()).map(|(id, _)| *id)).collect();
        let mut limit = TLS_11;
        while let Some(hello) = self.hello(limit, &old).await {
            self.accepted(version_name(hello.version));
            if chain.is_empty() {
                chain.clone_from(&hello.chain);
            }
            // Whoever takes 1.1 may take 1.0 as well; down to SSL 3.0.
            limit = hello.version.min(limit).saturating_sub(1);
            if limit < hello::SSL_3 {
                break;
            }
        }
        self.weak_suites().await;
        if let Some(hello) = self.hello(TLS_12, suites::FINITE_FIELD).await {
            self.survey.dh_bits = hello.dh_bits;
        }
        self.survey.certificates = chain::read(&chain);
        self.survey.name_matches = chain::is_for(&chain, &self.name);
        let roots = super::roots(&self.wire.settings.authorities);
        let algorithms = provider().signature_verification_algorithms;
        self.survey.trust = chain::trust(&chain, &roots, &algorithms, self.survey.at);
        self.plain().await;
        let order =
            |version: &String| ["SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"].iter().position(|v| v == version);
        self.survey.versions.sort_by_key(order);
    }

    fn accepted(&mut self, version: &str) {
        if !self.survey.versions.iter().any(|known| known == version) {
            self.survey.versions.push(version.to_owned());
        }
    }

    /// Whether more than the most common is missing where TLS 1.2 or older chose this.
    async fn qualities(&mut self, hello: &ServerHello) {
        if self.survey.aead.is_none() {
            self.survey.aead = Some(suites::AEAD.contains(&hello.suite));
        }
        if self.survey.forward_secrecy.is_none() {
            let ephemeral: Vec<SuiteId> = suites::AEAD.iter().chain(suites::CBC_EPHEMERAL).copied().collect();
            let ephemeral: Vec<SuiteId> =
                ephemeral.into_iter().filter(|suite| suites::exchange(*suite) != Exchange::Static).collect();
            let has =
                suites::exchange(hello.suite) != Exchange::Static || self.hello(TLS_12, &ephemeral).await.is_some();
            self.survey.forward_secrecy = Some(has);
        }
    }

    /// Weak suites, one of each class: what is accepted is left out of the next question.
    async fn weak_suites(&mut self) {
        let oldest = self.survey.versions.iter().any(|version| matches!(version.as_str(), "TLSv1.0" | "TLSv1.1"));
        // Where an old version is accepted, some suites are only with it.
        for version in [Some(TLS_12), oldest.then_some(TLS_10)].into_iter().flatten() {
            loop {
                let asked = Weak::ALL.iter().filter(|class| !self.survey.weak_suites.iter().any(|s| s.weak == **class));
                let offer: Vec<SuiteId> = asked.flat_map(|class| class.suites()).map(|(id, _)| *id).collect();
                if offer.is_empty() {
                    break;
                }
                let Some(hello) = self.hello(version, &offer).await else { break };
                let Some((weak, name)) = suites::weak(hello.suite) else { break };
                if self.survey.weak_suites.iter().any(|suite| suite.weak == weak) {
                    break;
                }
                self.survey.weak_suites.push(Suite { name: name.to_owned(), weak });
            }
        }
        self.survey.weak_suites.sort_by_key(|suite| suite.weak);
    }

    /// Pays for a connection and waits for its turn. False: the run is over.
    async fn turn(&mut self) -> bool {
        if self.fruitless >= FRUITLESS {
            return false;
        }
        let deadline = self.wire.spent.deadline();
        while let Err(at) = self.limiter.admit(Instant::now()) {
            tokio::select! {
                _ = self.stop.wait_for(|stop| *stop) => return false,
                () = sleep_until(at.min(deadline)) => {}
            }
            if Instant::now() >= deadline {
                return false;
            }
        }
        if *self.stop.borrow() || Instant::now() >= deadline || !self.wire.spent.take_request() {
            return false;
        }
        self.survey.connections += 1;
        true
    }

    /// The version that a sound client and the target agree on, and the target's certificates.
    async fn modern(&mut self) -> (Option<&'static str>, Vec<Vec<u8>>) {
        if !self.turn().await {
            return (None, Vec::new());
        }
        let collector = Arc::new(Collector::default());
        let mut config = match ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions() {
            Ok(builder) => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::clone(&collector) as Arc<dyn ServerCertVerifier>)
                .with_no_client_auth(),
            Err(error) => {
                self.survey.open.push(error.to_string());
                return (None, Vec::new());
            }
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let deadline = Instant::now() + self.wire.settings.deadlines.connect;
        let handshake = async {
            let tcp = self.wire.connector.tcp(deadline).await.map_err(|failure| failure.message)?;
            let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
            connector.connect(self.name.clone(), tcp).await.map_err(|error| error.to_string())
        };
        let mut stop = self.stop.clone();
        let outcome = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => Err("interrupted".to_owned()),
            outcome = timeout_at(deadline, handshake) => outcome.unwrap_or_else(|_| {
                self.fruitless += 1;
                Err("no handshake in time".to_owned())
            }),
        };
        let chain = collector.chain();
        match outcome {
            Ok(stream) => {
                let version = match stream.get_ref().1.protocol_version() {
                    Some(rustls::ProtocolVersion::TLSv1_3) => "TLSv1.3",
                    _ => "TLSv1.2",
                };
                (Some(version), chain)
            }
            Err(why) => {
                let why = plimsoll_model::redact::one_line(&why, 200);
                self.survey.open.push(format!("no handshake with a sound client: {why}"));
                (None, chain)
            }
        }
    }

    /// What the target says to a hello that offers these suites up to this version; none where it refuses.
    async fn hello(&mut self, version: u16, suites: &[SuiteId]) -> Option<ServerHello> {
        if !self.turn().await {
            return None;
        }
        let mut random = [0; 32];
        provider().secure_random.fill(&mut random).ok()?;
        let name = match self.wire.settings.target.host() {
            url::Host::Domain(name) => Some(name.as_str()),
            _ => None,
        };
        let bytes = hello::client_hello(version, suites, name, &random);
        let deadline = Instant::now() + self.wire.settings.deadlines.connect;
        let mut reader = Reader::default();
        let mut stop = self.stop.clone();
        let ended = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => None,
            reply = timeout_at(deadline, ask(&self.wire.connector, deadline, &bytes, &mut reader)) => reply.ok(),
        };
        let reply = match ended {
            Some(Some(reply)) => reply,
            Some(None) => {
                self.fruitless += 1;
                return None;
            }
            // Time is up: what was read until then counts.
            None => {
                let reply = reader.end();
                if !matches!(reply, Reply::Hello(_)) {
                    self.fruitless += 1;
                }
                reply
            }
        };
        match reply {
            // A server that answers with a suite that was not offered agrees to nothing.
            Reply::Hello(hello) if suites.contains(&hello.suite) && hello.version <= version => Some(hello),
            Reply::NotTls => {
                self.fruitless = FRUITLESS;
                None
            }
            Reply::Hello(_) | Reply::Refused(_) => None,
        }
    }

    /// Asks the port of http for the target's path, without credentials.
    async fn plain(&mut self) {
        let settings = &self.wire.settings;
        let Some(port) = settings.plain_port.or_else(|| plain_port(settings.target.port())) else { return };
        let url = format!("http://{}:{port}{}/", settings.target.host(), settings.target.prefix());
        let Ok(target) = Target::parse(&url) else { return };
        if !self.turn().await {
            return;
        }
        let mut settings = self.wire.settings.clone();
        settings.target = target;
        settings.credentials.clear();
        settings.identities.clear();
        let connector =
            Connector::new(self.wire.connector.on_port(port), None, settings.deadlines.connect, settings.caps);
        let path = format!("{}/", settings.target.prefix());
        let Ok(wire) = Wire::new(settings, connector) else { return };
        let planned = Planned::new(0, Probe::of(OpId::NONE).who(Who::Anonymous), Request::get(&path));
        let mut stop = self.stop.clone();
        let done = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            done = wire.exchange(planned) => done,
        };
        let answer = match done.outcome {
            crate::exchange::Outcome::Answer(response) => {
                let location = response.header("location").map(|to| plimsoll_model::redact::one_line(to, 300));
                (Some(response.status), location)
            }
            crate::exchange::Outcome::Failed(_) => (None, None),
        };
        self.survey.plain = Some(Plain { port, status: answer.0, location: answer.1 });
    }
}

/// Sends a hello and reads the reply. None: there was no connection.
async fn ask(connector: &Connector, deadline: Instant, hello: &[u8], reader: &mut Reader) -> Option<Reply> {
    let mut tcp = connector.tcp(deadline).await.ok()?;
    if tcp.write_all(hello).await.is_err() {
        return Some(Reply::Refused(None));
    }
    let mut buffer = vec![0; 16 << 10];
    loop {
        match tcp.read(&mut buffer).await {
            Ok(0) | Err(_) => return Some(reader.end()),
            Ok(n) => {
                if let Some(reply) = reader.take(&buffer[..n]) {
                    return Some(reply);
                }
            }
        }
    }
}

fn version_name(version: u16) -> &'static str {
    match version {
        hello::SSL_3 => "SSLv3",
        TLS_10 => "TLSv1.0",
        TLS_11 => "TLSv1.1",
        _ => "TLSv1.2",
    }
}

/// Takes every certificate and writes it down: nothing is sent over a connection that it lets pass.
#[derive(Debug, Default)]
struct Collector(Mutex<Vec<Vec<u8>>>);

impl Collector {
    fn chain(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ServerCertVerifier for Collector {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let chain = std::iter::once(end_entity).chain(intermediates.iter().take(11)).map(|der| der.to_vec()).collect();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = chain;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        use SignatureScheme as S;
        // Also what is too weak to be trusted: the target is to show what it has.
        vec![
            S::ECDSA_NISTP256_SHA256,
            S::ECDSA_NISTP384_SHA384,
            S::ECDSA_NISTP521_SHA512,
            S::ED25519,
            S::RSA_PSS_SHA256,
            S::RSA_PSS_SHA384,
            S::RSA_PSS_SHA512,
            S::RSA_PKCS1_SHA256,
            S::RSA_PKCS1_SHA384,
            S::RSA_PKCS1_SHA512,
            S::RSA_PKCS1_SHA1,
            S::ECDSA_SHA1_Legacy,
        ]
    }
}
