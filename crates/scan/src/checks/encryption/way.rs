//! The way to the target: what the survey found, whether it is local, and dates for people.

use std::net::IpAddr;

use plimsoll_http::{Survey, guard};
use url::{Host, Url};

use crate::view::App;

/// What the survey found, where the target is on https and was looked at.
pub fn survey<'a>(app: &App<'a>) -> Option<&'a Survey> {
    let survey = app.seen.active.survey.as_ref()?;
    (survey.https && !(survey.versions.is_empty() && survey.certificates.is_empty())).then_some(survey)
}

/// The origin that was asked, as in `https://api.example`.
pub fn origin<'a>(app: &App<'a>) -> Option<&'a str> {
    app.seen.all().first().map(|exchange| &*exchange.origin)
}

/// Whether the target is on https.
pub fn is_https(app: &App<'_>) -> bool {
    origin(app).map_or_else(
        || app.seen.active.survey.as_ref().is_some_and(|survey| survey.https),
        |origin| origin.starts_with("https://"),
    )
}

/// Whether nothing between caller and target is public: a machine's own addresses and private networks. On these, certificates that nobody
/// outside trusts and plain http are how people work.
pub fn is_local(app: &App<'_>) -> bool {
    if let Some(survey) = &app.seen.active.survey {
        return survey.local;
    }
    let url = origin(app).and_then(|origin| Url::parse(origin).ok());
    match url.as_ref().and_then(Url::host) {
        Some(Host::Ipv4(address)) => guard::is_local(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => guard::is_local(IpAddr::V6(address)),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// The day of a time in seconds from 1970, as in `2026-11-22`.
pub fn day(seconds: i64) -> String {
    // Civil from days, with years that begin in March.
    let days = seconds.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Whole days between two times.
pub const fn days(from: i64, to: i64) -> i64 {
    (to - from).div_euclid(86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_for_people() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(1_835_438_400), "2028-02-29");
        assert_eq!(day(4_102_444_799), "2099-12-31");
        assert_eq!(days(0, 86_399), 0);
        assert_eq!(days(86_400, 0), -1);
    }
}
