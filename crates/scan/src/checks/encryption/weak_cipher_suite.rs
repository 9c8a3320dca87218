//! `weak-cipher-suite`: suites are accepted that do not protect, and groups that are too small.

use plimsoll_http::tls::Weak;
use plimsoll_model::Severity;

use super::way;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::App;

check! {
    /// Weak cipher suites, or a small Diffie-Hellman group.
    pub struct WeakCipherSuite {
        id: "weak-cipher-suite", weakness: WeakCipherSuite, mode: Passive, since: "0.2.0", page: "http/weak-cipher-suite.md",
    }
}

/// The least prime of a Diffie-Hellman group in bits (RFC 9325 §4.1), and what can be broken by many (Logjam).
const PRIME: u32 = 2_048;
const BROKEN_PRIME: u32 = 1_024;

impl Check for WeakCipherSuite {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let Some(survey) = way::survey(app) else { return Vec::new() };
        let mut drafts = Vec::new();
        if let Some(worst) = survey.weak_suites.iter().map(|suite| suite.weak).min() {
            let listed: Vec<String> =
                survey.weak_suites.iter().map(|suite| format!("{} (`{}`)", suite.weak.as_str(), suite.name)).collect();
            let severity = match worst {
                Weak::Null | Weak::Anonymous | Weak::Export => Severity::High,
                Weak::Rc4 | Weak::SmallBlock => Severity::Medium,
            };
            drafts.push(
                app.finding(format!("Weak cipher suites are accepted: {}.", listed.join("; ")))
                    .severity(severity)
                    .cause("suites")
                    .note("A ClientHello that offers nothing else was answered with a ServerHello."),
            );
        }
        if let Some(bits) = survey.dh_bits.filter(|bits| *bits < PRIME) {
            let severity = if bits < BROKEN_PRIME { Severity::High } else { Severity::Medium };
            drafts.push(
                app.finding(format!(
                    "Keys are exchanged over a Diffie-Hellman group of {bits} bits; {PRIME} are the least."
                ))
                .severity(severity)
                .cause("group"),
            );
        }
        // An old version is a finding of its own; these say what even the newest lacks.
        let modern = survey.versions.iter().any(|version| matches!(version.as_str(), "TLSv1.2" | "TLSv1.3"));
        if modern && survey.forward_secrecy == Some(false) {
            let message = "No suite with ephemeral keys is accepted: whoever records the traffic can read it once the certificate's key is known.";
            drafts.push(app.finding(message).severity(Severity::Low).cause("forward secrecy"));
        } else if modern && survey.aead == Some(false) {
            let message = "Only suites in CBC mode are accepted, none that encrypts and authenticates at once (GCM, ChaCha20-Poly1305).";
            drafts.push(app.finding(message).severity(Severity::Info).cause("aead"));
        }
        drafts
    }
}
