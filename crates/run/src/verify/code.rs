//! The rules again, at the places where they found something.

use std::collections::HashSet;

use plimsoll_code::python::{FileKind, parse_only};
use plimsoll_model::verification::Again;
use plimsoll_model::{Finding, Fingerprint, Report, Vantage};

use super::{blind, looked};
use crate::code::{self, Request};

/// What the code lane says now.
pub(super) struct Look<'a> {
    /// Its report, or why there is none.
    pub(super) outcome: Result<Report, String>,
    request: Option<&'a Request>,
}

/// Reads the code again. What the source accepts is told as well: an acceptance makes nothing better.
pub(super) async fn look<'a>(request: Option<&'a Request>, lack: &str) -> Look<'a> {
    let Some(request) = request else { return Look { outcome: Err(lack.to_owned()), request: None } };
    let mut whole = Request { changed: None, ..request.clone() };
    whole.options.accepted = true;
    let reading = tokio::task::spawn_blocking(move || code::code(&whole).map(|outcome| outcome.report));
    let outcome = match reading.await {
        Ok(read) => read.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    Look { outcome, request: Some(request) }
}

/// Whether the rules still report these findings of an earlier report.
pub(super) fn again(before: &Report, findings: &[&Finding], look: &Look<'_>) -> Again {
    let report = match &look.outcome {
        Ok(report) => report,
        Err(why) => return blind(Vantage::Code, why),
    };
    let known: HashSet<&Fingerprint> = before.findings.iter().map(|finding| &finding.fingerprint).collect();
    for finding in findings {
        let same = report.findings.iter().find(|now| now.fingerprint == finding.fingerprint);
        let moved = || report.findings.iter().find(|now| !known.contains(&now.fingerprint) && is_moved(finding, now));
        if let Some(now) = same.or_else(moved) {
            return looked(Vantage::Code, true, format!("`{}` still fires at {}", now.check, place(now)));
        }
    }
    let unseen = findings.iter().find_map(|finding| unseen(finding, look.request));
    if let Some(why) = unseen {
        return blind(Vantage::Code, why);
    }
    let mut rules: Vec<String> = findings.iter().map(|finding| format!("`{}`", finding.check)).collect();
    rules.sort();
    rules.dedup();
    let at = findings.first().map(|finding| format!(" at {}", place(finding))).unwrap_or_default();
    let verb = if rules.len() == 1 { "is" } else { "are" };
    looked(Vantage::Code, false, format!("{} {verb} silent{at}", rules.join(", ")))
}

/// Whether a finding that is new is the old one under another name: the same rule in the same file, or in a function of the same name.
fn is_moved(old: &Finding, new: &Finding) -> bool {
    let (Some(was), Some(is)) = (&old.source, &new.source) else { return false };
    let same_symbol = was.symbol.is_some() && was.symbol == is.symbol;
    old.check == new.check && (was.file == is.file || same_symbol)
}

/// Why a rule cannot have reported a finding, whatever the code is.
fn unseen(finding: &Finding, request: Option<&Request>) -> Option<String> {
    let (request, source) = (request?, finding.source.as_ref()?);
    let select = &request.options.select;
    let rule = plimsoll_code::rules::find(&finding.check);
    let Some(rule) = rule else { return Some(format!("this version has no rule `{}`", finding.check)) };
    if !select.wants(rule.meta()) || !select.keeps(finding) {
        return Some(format!("the configuration leaves out `{}` at {}", finding.check, source.file));
    }
    let text = code::text(&source.file, &request.paths, &request.options.base)?;
    let broken = source.file.ends_with(".py") && parse_only(&text, FileKind::Source) > 0;
    broken.then(|| format!("{} does not parse", source.file))
}

fn place(finding: &Finding) -> String {
    finding.source.as_ref().map_or_else(|| "no known line".to_owned(), |at| format!("{}:{}", at.file, at.line))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use plimsoll_code::Options;

    use super::*;

    const LEAK: &str = "from fastapi import FastAPI\n\napp = FastAPI()\nSEEN = []\n\n\n@app.get('/x/{y}')\ndef x(y: str):\n    SEEN.append(y)\n    return y\n";

    fn request(top: &Path) -> Request {
        let options = Options { base: top.to_owned(), ..Options::default() };
        Request { paths: vec![top.to_owned()], options, ..Request::default() }
    }

    /// What is said of the leak after its file was written anew.
    fn after(text: &str, config: impl FnOnce(&mut Request)) -> Again {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        std::fs::write(top.join("app.py"), LEAK).unwrap();
        let before = code::code(&request(&top)).unwrap().report;
        assert_eq!(before.findings.len(), 1, "{:?}", before.findings);
        std::fs::write(top.join("app.py"), text).unwrap();
        let mut now = request(&top);
        config(&mut now);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let look = runtime.block_on(look(Some(&now), ""));
        again(&before, &[&before.findings[0]], &look)
    }

    #[test]
    fn silence_counts_where_the_rule_could_speak() {
        let clean =
            "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/x/{y}')\ndef x(y: str):\n    return y\n";
        let gone = after(clean, |_| {});
        assert_eq!((gone.ran, gone.still), (true, false), "{gone:?}");
        let still = after(LEAK, |_| {});
        assert!(still.ran && still.still && still.why.contains("app.py:9"), "{still:?}");
        // Another name for the same thing, and a line that says that it is accepted.
        let renamed = after(&LEAK.replace("SEEN", "KEPT").replace("def x(", "def other("), |_| {});
        assert!(renamed.ran && renamed.still, "{renamed:?}");
        let rule = renamed.why.split('`').nth(1).unwrap().to_owned();
        let append = "SEEN.append(y)";
        let accepted = format!("{append}  # plimsoll: ignore[{rule}] reason=\"known\"");
        let accepted = after(&LEAK.replace(append, &accepted), |_| {});
        assert!(accepted.ran && accepted.still, "{accepted:?}");
        // Nobody looked.
        for blind in [
            after("def x(:\n", |_| {}),
            after(clean, |now| {
                now.options.select = code::Code::default().select(&[], std::slice::from_ref(&rule), &[]).unwrap();
            }),
        ] {
            assert!(!blind.ran, "{blind:?}");
        }
    }
}
