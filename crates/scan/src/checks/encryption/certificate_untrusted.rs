//! `certificate-untrusted`: the certificate is for another host, or leads to no root that clients trust.

use plimsoll_http::tls::Trust;
use plimsoll_model::Severity;

use super::way;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::App;

check! {
    /// A certificate for another host, or one that leads to no trusted root.
    pub struct CertificateUntrusted {
        id: "certificate-untrusted", weakness: UnverifiableCertificate, mode: Passive, since: "0.2.0",
        page: "http/certificate-untrusted.md",
    }
}

/// How many names of a certificate are shown.
const SHOWN: usize = 3;

impl Check for CertificateUntrusted {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let Some(survey) = way::survey(app) else { return Vec::new() };
        let Some(leaf) = survey.certificates.first() else { return Vec::new() };
        let local = way::is_local(app);
        let mut drafts = Vec::new();
        if survey.name_matches == Some(false) {
            let names: Vec<String> = leaf.names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
            let more = leaf.names.len().saturating_sub(SHOWN);
            let names = match (names.is_empty(), more) {
                (true, _) => "no host at all".to_owned(),
                (false, 0) => names.join(", "),
                (false, more) => format!("{} and {more} more", names.join(", ")),
            };
            drafts.push(
                app.finding(format!("The certificate is not for `{}`; it is for {names}.", survey.host))
                    .severity(if local { Severity::Low } else { Severity::High })
                    .cause("name"),
            );
        }
        let last = survey.certificates.last().unwrap_or(leaf);
        let trust = match &survey.trust {
            Trust::Unknown | Trust::Trusted => None,
            // Whoever tests on a machine of one's own signs for oneself.
            Trust::SelfSigned => {
                Some(("The certificate is signed by itself.".to_owned(), Severity::High, Severity::Info))
            }
            Trust::UntrustedRoot => {
                let root = if last.self_signed { &last.subject } else { &last.issuer };
                Some((format!("The chain leads to `{root}`, which is not trusted."), Severity::High, Severity::Info))
            }
            Trust::Incomplete => Some((
                format!(
                    "The chain ends at `{}`: the certificate of its issuer, `{}`, was not sent.",
                    last.subject, last.issuer
                ),
                Severity::Medium,
                Severity::Low,
            )),
            Trust::Invalid(why) => {
                Some((format!("The certificate cannot be verified: {why}."), Severity::Medium, Severity::Low))
            }
        };
        if let Some((message, public, at_home)) = trust {
            let subjects: Vec<String> =
                survey.certificates.iter().map(|certificate| format!("`{}`", certificate.subject)).collect();
            drafts.push(
                app.finding(message)
                    .severity(if local { at_home } else { public })
                    .cause("trust")
                    .note(format!("The chain as it was sent: {}.", subjects.join(" ← "))),
            );
        }
        drafts
    }
}
