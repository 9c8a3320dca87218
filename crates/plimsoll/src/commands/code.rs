//! `plimsoll code PATH…`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::Read;
use std::path::{Path, PathBuf};

use plimsoll_model::{Report, exit, redact};
use plimsoll_report::diagnostics;
use plimsoll_run::code::{self, Changed, Options, Outcome, Request, RouteFact};
use plimsoll_run::config::Config;

use crate::args::{Code, Format, When};
use crate::commands::{fix, scan, watch};
use crate::environment;
use crate::fault::Fault;
use crate::output;

/// The longest text that is taken from standard input.
const LONGEST: u64 = 64 << 20;

/// Reads and reports.
///
/// # Errors
/// Arguments or configuration cannot be used, a path cannot be read, or nothing can be written.
pub fn run(args: &Code, color: When) -> Result<u8, Fault> {
    let (config, folder) = scan::configuration(args.config.as_deref())?;
    let gate = scan::gate(&args.output, config.gate.fail_on.as_deref())?;
    output::possible(&args.output)?;
    let request = request(args, &config, &folder)?;
    if args.parse_only {
        let errors = code::parse_only(&request.paths).map_err(Fault::usage)?;
        output::print(&format!("{errors} errors\n"))?;
        return Ok(exit::PASSED);
    }
    if args.watch {
        return watch::run(&request, options(args, color));
    }
    let show = args.choice.diff.as_deref() == Some("");
    if args.fix.fix || args.fix.unsafe_fixes || show {
        let outcome = fix::run(&request, args.fix.unsafe_fixes, show, color)?;
        if !show {
            write(&outcome, &request, args, color)?;
        }
        return Ok(gate.exit_code(&outcome.report));
    }
    let mut outcome = code::code(&request).map_err(Fault::usage)?;
    if let Some(name) = &args.stdin_filename {
        let shown = code::shown(name, &request.options.base);
        outcome.report = code::only(outcome.report, &shown);
    }
    if args.routes {
        return routes(&outcome, args.output.format);
    }
    write(&outcome, &request, args, color)?;
    Ok(gate.exit_code(&outcome.report))
}

/// What the arguments and the configuration ask for.
fn request(args: &Code, config: &Config, folder: &Path) -> Result<Request, Fault> {
    let base =
        environment::folder().map_err(|error| Fault::say(format!("cannot tell which folder this is: {error}")))?;
    let configured: Vec<PathBuf> = config.code.paths.iter().map(|path| folder.join(path)).collect();
    let mut overlay = BTreeMap::new();
    let paths = match &args.stdin_filename {
        Some(name) => {
            let mut text = Vec::new();
            let read = std::io::stdin().lock().take(LONGEST).read_to_end(&mut text);
            read.map_err(|error| Fault::say(format!("cannot read standard input: {error}")))?;
            overlay.insert(code::shown(name, &base), String::from_utf8_lossy(&text).into_owned());
            if args.paths.is_empty() { code::surroundings(name, &base) } else { args.paths.clone() }
        }
        None if !args.paths.is_empty() => args.paths.clone(),
        None if !configured.is_empty() => configured,
        None => vec![PathBuf::from(".")],
    };
    let choice = &args.choice;
    let select = config.code.select(&choice.select, &choice.ignore, &choice.exclude).map_err(Fault::say)?;
    let changed = match choice.diff.as_deref().filter(|base| !base.is_empty()) {
        Some(revision) => Some(Changed::since(revision, &base).map_err(Fault::usage)?),
        None => None,
    };
    let shown: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let options = Options { base, select, today: Some(environment::today()), overlay };
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Ok(Request { paths, options, changed, version, shown: shown.join(" ") })
}

/// Writes the report: diagnostics with their lines on a terminal, everything else as other commands do.
fn write(outcome: &Outcome, request: &Request, args: &Code, color: When) -> Result<(), Fault> {
    let source = |file: &str| {
        request.options.overlay.get(file).cloned().or_else(|| code::text(file, &request.paths, &request.options.base))
    };
    let plain = diagnostics::Options { info: true, ..diagnostics::Options::PLAIN };
    let shown = |report: &Report| diagnostics::render(report, options(args, color), &source);
    let plain = |report: &Report| diagnostics::render(report, plain, &source);
    output::write_with(&outcome.report, &args.output, &output::Screen { shown: &shown, plain: &plain })
}

fn options(args: &Code, color: When) -> diagnostics::Options {
    diagnostics::Options { paint: environment::paint(color), width: environment::width(), info: args.output.all }
}

/// The route map.
fn routes(outcome: &Outcome, format: Format) -> Result<u8, Fault> {
    let text = match format {
        Format::Json => {
            let routes: Vec<_> = outcome.routes.iter().map(json).collect();
            let mut text = serde_json::to_string_pretty(&routes).map_err(Fault::usage)?;
            text.push('\n');
            text
        }
        _ => table(&outcome.routes),
    };
    output::print(&text)?;
    Ok(if outcome.report.complete { exit::PASSED } else { exit::INCOMPLETE })
}

fn json(route: &RouteFact) -> serde_json::Value {
    serde_json::json!({
        "method": route.method,
        "path": route.template,
        "handler": route.handler,
        "file": route.file,
        "line": route.line,
        "detached": route.detached,
    })
}

fn table(routes: &[RouteFact]) -> String {
    let width = |of: fn(&RouteFact) -> usize| routes.iter().map(of).max().unwrap_or(0);
    let method = width(|route| route.method.len());
    let path = width(|route| route.template.chars().count()).min(60);
    let mut out = String::new();
    for route in routes {
        let clean = |text: &str| redact::one_line(text, 200);
        let template = clean(&route.template);
        let handler = clean(route.handler.as_deref().unwrap_or("(library)"));
        let detached = if route.detached { "  not seen to be put into an application" } else { "" };
        let file = clean(&route.file);
        let _ =
            writeln!(out, "{:<method$}  {template:<path$}  {handler}  {file}:{}{detached}", route.method, route.line);
    }
    if routes.is_empty() {
        out.push_str("no operation was found\n");
    }
    out
}
