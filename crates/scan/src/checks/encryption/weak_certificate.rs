//! `weak-certificate`: a key that is too short, a broken signature, a validity of many years.

use plimsoll_http::tls::{Certificate, Trust};
use plimsoll_model::Severity;

use super::way::{self, days};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::App;

check! {
    /// A certificate with a short key, a broken signature or a validity of many years.
    pub struct WeakCertificate {
        id: "weak-certificate", weakness: WeakCertificate, mode: Passive, since: "0.2.0", page: "http/weak-certificate.md",
    }
}

/// The least lengths of keys in bits (NIST SP 800-57 part 1, table 2: 112 bits of security).
const RSA: u32 = 2_048;
const RSA_BROKEN: u32 = 1_024;
const CURVE: u32 = 224;
/// The most days that browsers accept: of public authorities (CA/Browser Forum ballot SC-022, from 2020-09-01), and of any.
const PUBLIC_DAYS: i64 = 398;
const ANY_DAYS: i64 = 825;
/// 2020-09-01.
const SINCE: i64 = 1_598_918_400;

fn key(certificate: &Certificate) -> Option<(String, Severity)> {
    let Certificate { key, bits, .. } = certificate;
    match key.as_str() {
        "RSA" if *bits > 0 && *bits < RSA => {
            let severity = if *bits < RSA_BROKEN { Severity::High } else { Severity::Medium };
            Some((format!("has an RSA key of {bits} bits; {RSA} are the least"), severity))
        }
        "EC" if *bits > 0 && *bits < CURVE => {
            Some((format!("has a key on a curve of {bits} bits; {CURVE} are the least"), Severity::Medium))
        }
        "DSA" => Some(("has a DSA key, which no client accepts any more".to_owned(), Severity::Medium)),
        _ => None,
    }
}

fn signature(certificate: &Certificate) -> Option<(String, Severity)> {
    // Nobody verifies the signature of a root on itself.
    if certificate.self_signed {
        return None;
    }
    match certificate.signature.as_str() {
        "MD2" | "MD5" => Some((format!("is signed over {}", certificate.signature), Severity::High)),
        "SHA-1" => Some(("is signed over SHA-1".to_owned(), Severity::Medium)),
        _ => None,
    }
}

/// Only the leaf: authorities live for decades.
fn validity(leaf: &Certificate, public: bool) -> Option<(String, Severity)> {
    let whole = days(leaf.not_before, leaf.not_after);
    if public && leaf.not_before >= SINCE && whole > PUBLIC_DAYS {
        return Some((
            format!("is valid for {whole} days; {PUBLIC_DAYS} are the most that browsers accept"),
            Severity::Low,
        ));
    }
    (whole > ANY_DAYS && leaf.not_before >= SINCE).then(|| {
        (format!("is valid for {whole} days, longer than any client accepts without being told to"), Severity::Info)
    })
}

impl Check for WeakCertificate {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let Some(survey) = way::survey(app) else { return Vec::new() };
        let mut drafts = Vec::new();
        for (at, certificate) in survey.certificates.iter().enumerate() {
            let public = survey.trust == Trust::Trusted && !way::is_local(app);
            let lasting = (at == 0).then(|| validity(certificate, public)).flatten();
            let found = [("key", key(certificate)), ("signature", signature(certificate)), ("validity", lasting)];
            for (cause, (what, severity)) in found.into_iter().filter_map(|(cause, found)| Some((cause, found?))) {
                let which = if at == 0 { "The certificate" } else { "A certificate of the chain" };
                drafts.push(app.finding(format!("{which} {what}.")).severity(severity).cause(cause).note(format!(
                    "`{}`: {} of {} bits, signed by `{}` over {}.",
                    certificate.subject, certificate.key, certificate.bits, certificate.issuer, certificate.signature
                )));
            }
        }
        drafts
    }
}
