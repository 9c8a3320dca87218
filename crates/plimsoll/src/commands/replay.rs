//! `plimsoll replay FILE [--send ISSUE]`.

use std::fs::File;
use std::io::BufReader;
use std::sync::Arc;

use plimsoll_http::scope::Target;
use plimsoll_http::settings::Settings;
use plimsoll_model::{Report, exit, redact};
use plimsoll_report::Colour;
use plimsoll_run::credentials::Credentials;
use plimsoll_run::identities::Identities;
use plimsoll_run::replay::{self, Resent, Verdict};
use plimsoll_run::{Record, assemble};

use crate::args::{Replay, When};
use crate::commands::scan;
use crate::environment;
use crate::fault::Fault;
use crate::output;
use crate::terms::Terms;

/// Judges a recording again, or repeats an issue's requests.
///
/// # Errors
/// The recording cannot be read, the issue is unknown, or the target is refused.
pub async fn run(args: Replay, color: When) -> Result<u8, Fault> {
    let (config, folder) = scan::configuration(None)?;
    let terms = Terms::read(&args.output.gate, &config, &folder)?;
    let path = args.file.display();
    let file = File::open(&args.file).map_err(|error| Fault::say(format!("cannot read {path}: {error}")))?;
    let mut record = Record::read(&mut BufReader::new(file)).map_err(|error| Fault::say(format!("{path}: {error}")))?;
    let mut report = assemble::report(&mut record);
    let code = terms.settle(&mut report);
    let Some(id) = &args.send else {
        output::write_again(&report, &args.output, color)?;
        return Ok(code);
    };
    send(&args, &record, &report, id, color).await
}

async fn send(args: &Replay, record: &Record, report: &Report, id: &str, color: When) -> Result<u8, Fault> {
    let issue = replay::find(report, id).map_err(Fault::say)?;
    let url = args.url.as_deref().unwrap_or(&record.header.url);
    let mut settings = Settings::new(Target::parse(url).map_err(Fault::usage)?);
    let headers = if args.headers.is_empty() {
        // The recording knows what the headers are called; the environment knows what they hold.
        record.header.credentials.iter().map(|(name, shown)| format!("{name}: {shown}")).collect()
    } else {
        args.headers.clone()
    };
    let credentials = Credentials::read(&headers, &environment::variable).map_err(Fault::usage)?;
    let (identities, missing) =
        Identities::again(&record.header.identities, &args.identity.identities, &environment::variable)
            .map_err(Fault::usage)?;
    settings.credentials.clone_from(&credentials.headers);
    settings.identities.clone_from(&identities.sent);
    let mut secrets = credentials.secrets.clone();
    secrets.extend(&identities.secrets);
    settings.secrets = Arc::new(secrets);
    let callers = replay::Callers { credentials, identities, missing };
    let resent = replay::resend(record, report, issue, settings, &callers).await.map_err(|error| {
        let code = error.exit_code();
        Fault::usage(error).code(code)
    })?;
    output::print(&said(issue, &resent, environment::paint(color)))?;
    Ok(match resent.verdict {
        Verdict::Gone => exit::PASSED,
        Verdict::StillThere => exit::FINDINGS,
        Verdict::Changed => exit::INCOMPLETE,
    })
}

fn said(issue: &plimsoll_model::Issue, resent: &Resent, paint: plimsoll_report::Paint) -> String {
    let colour = match resent.verdict {
        Verdict::Gone => Colour::Green,
        Verdict::StillThere => Colour::Red,
        Verdict::Changed => Colour::Yellow,
    };
    let mut out = format!("{} {}: {}\n", issue.id, issue.title, paint.paint(colour, resent.verdict.as_str()));
    out.push_str(&format!("{} requests repeated\n", resent.requests));
    for difference in &resent.differences {
        out.push_str(&format!("  {}\n", redact::one_line(difference, 300)));
    }
    for finding in &resent.findings {
        out.push_str(&format!("  now: {}\n", redact::one_line(&finding.message, 300)));
    }
    out
}
