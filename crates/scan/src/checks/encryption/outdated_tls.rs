//! `outdated-tls`: versions of TLS are accepted that must not be used any more.

use plimsoll_model::Severity;

use super::way;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::App;

check! {
    /// SSL 3.0, TLS 1.0 or TLS 1.1 is accepted.
    pub struct OutdatedTls {
        id: "outdated-tls", weakness: OutdatedTls, mode: Passive, since: "0.2.0", page: "http/outdated-tls.md",
    }
}

/// RFC 7568, RFC 8996.
const OLD: &[&str] = &["SSLv3", "TLSv1.0", "TLSv1.1"];

impl Check for OutdatedTls {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let Some(survey) = way::survey(app) else { return Vec::new() };
        let (old, sound): (Vec<&str>, Vec<&str>) =
            survey.versions.iter().map(String::as_str).partition(|version| OLD.contains(version));
        if old.is_empty() {
            return Vec::new();
        }
        let beside =
            if sound.is_empty() { "and nothing newer".to_owned() } else { format!("beside {}", sound.join(" and ")) };
        let severity = if sound.is_empty() || old.contains(&"SSLv3") { Severity::High } else { Severity::Medium };
        let draft = app
            .finding(format!("{} accepted {beside}.", said(&old)))
            .severity(severity)
            .cause("versions of TLS")
            .note(format!("A ClientHello up to {} was answered with a ServerHello.", old[old.len() - 1]));
        vec![draft]
    }
}

fn said(versions: &[&str]) -> String {
    match versions {
        [one] => format!("{one} is"),
        [before @ .., last] => format!("{} and {last} are", before.join(", ")),
        [] => String::new(),
    }
}
