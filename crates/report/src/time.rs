//! When a run took place, for forms that ask for it. A renderer has no clock: a report without a time, such as that of a replay, gets the epoch,
//! which is valid everywhere and can be told from a real time.

use plimsoll_model::Report;

/// The time of a report that has none.
const EPOCH: &str = "1970-01-01T00:00:00Z";

/// Beginning and end, RFC 3339 in UTC.
pub(crate) fn both(report: &Report) -> (&str, &str) {
    let known = |text| if is_rfc3339(text) { text } else { EPOCH };
    report.time.as_ref().map_or((EPOCH, EPOCH), |time| (known(&time.started), known(&time.ended)))
}

/// The beginning.
pub(crate) fn started(report: &Report) -> &str {
    both(report).0
}

/// The same without its zone, as GitLab wants it: `2026-11-22T15:04:05`.
pub(crate) fn without_zone(time: &str) -> &str {
    time.get(..19).unwrap_or("1970-01-01T00:00:00")
}

/// Whether a text is a time in UTC with whole seconds.
fn is_rfc3339(text: &str) -> bool {
    text.len() == 20
        && text.bytes().zip("0000-00-00T00:00:00Z".bytes()).all(|(b, form)| match form {
            b'0' => b.is_ascii_digit(),
            form => b == form,
        })
}

#[cfg(test)]
mod tests {
    use plimsoll_model::report::RunTime;

    use super::*;

    #[test]
    fn what_is_no_time_is_the_epoch() {
        let mut report = Report::default();
        assert_eq!(started(&report), EPOCH);
        let time =
            |started: &str| Some(RunTime { started: started.to_owned(), ended: "2026-11-22T15:05:00Z".to_owned() });
        report.time = time("yesterday, 3 o'clock");
        assert_eq!(both(&report), (EPOCH, "2026-11-22T15:05:00Z"));
        report.time = time("2026-11-22T15:04:05Z");
        assert_eq!(without_zone(started(&report)), "2026-11-22T15:04:05");
    }
}
