//! `plimsoll code PATH…`.

use std::fmt::Write;

use plimsoll_model::{Report, exit, redact};
use plimsoll_report::{diagnostics, secrets};
use plimsoll_run::code::{self, Outcome, Request, RouteFact};

use crate::args::{Code, Format, When};
use crate::commands::{repair, scan, watch};
use crate::environment;
use crate::fault::Fault;
use crate::output;
use crate::requests;
use crate::terms::Terms;

/// Reads and reports.
///
/// # Errors
/// Arguments or configuration cannot be used, a path cannot be read, or nothing can be written.
pub fn run(args: &Code, color: When) -> Result<u8, Fault> {
    let (config, folder) = scan::configuration(args.config.as_deref())?;
    let terms = Terms::read(&args.output.gate, &config, &folder)?;
    output::possible(&args.output)?;
    let request = requests::code::request(args, &config, &folder)?;
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
        let mut outcome = repair::run(&request, args.fix.unsafe_fixes, show, color)?;
        let code = terms.settle(&mut outcome.report);
        if !show {
            write(&outcome, &request, args, color)?;
        }
        return Ok(code);
    }
    let mut outcome = code::code(&request).map_err(Fault::usage)?;
    if let Some(name) = &args.stdin_filename {
        let shown = code::shown(name, &request.options.base);
        outcome.report = code::only(outcome.report, &shown);
    }
    if args.routes {
        return routes(&outcome, args.output.format);
    }
    let code = terms.settle(&mut outcome.report);
    write(&outcome, &request, args, color)?;
    Ok(code)
}

/// Writes the report: diagnostics with their lines on a terminal, everything else as other commands do.
fn write(outcome: &Outcome, request: &Request, args: &Code, color: When) -> Result<(), Fault> {
    let source = |file: &str| {
        let overlaid = request.options.overlay.get(file).cloned();
        let text = overlaid.or_else(|| code::text(file, &request.paths, &request.options.base))?;
        Some(secrets::veil(&text).into_owned())
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
