//! `certificate-expired`: the dates of a certificate are wrong, or will be soon.

use plimsoll_http::tls::Certificate;
use plimsoll_model::Severity;

use super::way::{self, day, days};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::App;

check! {
    /// A certificate that has expired, is not yet valid, or expires soon.
    pub struct CertificateExpired {
        id: "certificate-expired", weakness: UnverifiableCertificate, mode: Passive, since: "0.2.0",
        page: "http/certificate-expired.md",
    }
}

/// A certificate that has fewer days left should have been renewed.
const SOON: i64 = 14;
/// Certificates for fewer days than this are renewed by a machine shortly before their end.
const SHORT_LIVED: i64 = 30;

/// What is wrong with the dates at this time, and how bad it is.
fn wrong(certificate: &Certificate, at: i64) -> Option<(String, Severity)> {
    let Certificate { not_before, not_after, .. } = certificate;
    if at > *not_after {
        let ago = days(*not_after, at);
        return Some((format!("expired on {}, {ago} days ago", day(*not_after)), Severity::High));
    }
    if at < *not_before {
        return Some((format!("is valid only from {}", day(*not_before)), Severity::High));
    }
    let (left, whole) = (days(at, *not_after), days(*not_before, *not_after));
    let soon = if whole < SHORT_LIVED { 1 } else { SOON };
    (left < soon).then(|| (format!("expires on {}, in {left} days", day(*not_after)), Severity::Low))
}

impl Check for CertificateExpired {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let Some(survey) = way::survey(app) else { return Vec::new() };
        let dated = survey.certificates.iter().enumerate().filter(|(_, certificate)| certificate.not_after != 0);
        let mut found: Vec<(usize, &Certificate, String, Severity)> = dated
            .filter_map(|(at, certificate)| {
                let (what, severity) = wrong(certificate, survey.at)?;
                Some((at, certificate, what, severity))
            })
            // A root that is sent is not looked at by anybody: clients have their own.
            .filter(|(at, certificate, _, _)| *at == 0 || !certificate.self_signed)
            .collect();
        found.sort_by_key(|(at, _, _, severity)| (std::cmp::Reverse(*severity), *at));
        let Some((at, certificate, what, severity)) = found.into_iter().next() else { return Vec::new() };
        let which = if at == 0 { "The certificate" } else { "A certificate of the chain" };
        // On a machine of one's own nobody is kept out by it.
        let severity = if way::is_local(app) { severity.min(Severity::Medium) } else { severity };
        let draft = app
            .finding(format!("{which} {what} (`{}`).", certificate.subject))
            .severity(severity)
            .cause("dates")
            .note(format!("Valid from {} to {}.", day(certificate.not_before), day(certificate.not_after)));
        vec![draft]
    }
}
