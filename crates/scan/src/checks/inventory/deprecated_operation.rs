//! `deprecated-operation`: an operation that the contract calls deprecated still answers.

use plimsoll_http::Response;
use plimsoll_model::Severity;

use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// A deprecated operation that answers with a 2xx.
    pub struct DeprecatedOperation {
        id: "deprecated-operation", weakness: DeprecatedOperation, mode: Passive, since: "0.1.0",
        page: "http/deprecated-operation.md",
    }
}

/// What the answer says of the operation's end, by its `Sunset` header (RFC 8594).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sunset {
    /// Nothing.
    Unknown,
    /// It is still to come.
    Announced,
    /// It is past.
    Passed,
}

fn sunset(response: &Response) -> Sunset {
    let Some(end) = response.header("sunset").and_then(moment) else { return Sunset::Unknown };
    // The server's own clock decides: that of the scanner is no part of the recording.
    match response.header("date").and_then(moment) {
        Some(now) if now >= end => Sunset::Passed,
        _ => Sunset::Announced,
    }
}

/// An IMF-fixdate (RFC 9110 §5.6.7), `Sun, 06 Nov 1994 08:49:37 GMT`, as something that sorts.
fn moment(text: &str) -> Option<(u16, usize, u8, &str)> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = text.split_once(", ")?.1.split(' ');
    let (day, month, year, time) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|name| *name == month)?;
    Some((year.parse().ok()?, month, day.parse().ok()?, time))
}

impl Check for DeprecatedOperation {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let Some(exchange) = op.baseline().filter(|_| op.spec.deprecated) else { return Vec::new() };
        let Some(response) = exchange.response() else { return Vec::new() };
        let status = response.status;
        let (message, severity) = match sunset(response) {
            Sunset::Unknown => (
                format!(
                    "The contract calls this operation deprecated; it answers {status}, and nothing says when it ends."
                ),
                Severity::Low,
            ),
            Sunset::Passed => (
                format!(
                    "This deprecated operation answers {status} although the end that its `Sunset` header announces is past."
                ),
                Severity::Low,
            ),
            Sunset::Announced => (
                format!("This deprecated operation answers {status}; its `Sunset` header announces when it ends."),
                Severity::Info,
            ),
        };
        vec![
            op.finding(message)
                .severity(severity)
                .contract(&op.spec.place, format!("{}: deprecated: true", op.key()))
                .exchange(exchange, "still answered")
                .headers(exchange, &["sunset", "deprecation", "date"]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn moments_sort() {
        let early = moment("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let late = moment("Mon, 07 Nov 1994 08:49:36 GMT").unwrap();
        assert!(early < late);
        assert!(moment("Thu, 01 Jan 2026 00:00:00 GMT").unwrap() > moment("Wed, 31 Dec 2025 23:59:59 GMT").unwrap());
        assert_eq!(moment("@1688169599"), None);
    }
}
