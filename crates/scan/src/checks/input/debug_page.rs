//! `debug-page`: an error page that was made for developers.

use plimsoll_http::{Exchange, OpId, Probe, Response};
use plimsoll_model::{PartKind, Severity};

use crate::check::{Check, Meta, check};
use crate::discover::soft404::NOWHERE;
use crate::draft::Draft;
use crate::view::App;

check! {
    /// The debug mode of a framework, seen by its pages.
    pub struct DebugPage {
        id: "debug-page", weakness: DebugMode, mode: Active, since: "0.1.0", page: "http/debug-page.md",
    }
}

/// What a debug page has and nothing else does: all of these in one answer.
struct Page {
    framework: &'static str,
    marks: &'static [&'static str],
}

const PAGES: &[Page] = &[
    Page { framework: "Django", marks: &["<title>", "DEBUG = True", "Django settings file"] },
    Page { framework: "Django", marks: &["Request Method:", "Django Version:", "Python Executable:"] },
    Page {
        framework: "Werkzeug",
        marks: &["Werkzeug Debugger", "The debugger caught an exception in your WSGI application"],
    },
    Page { framework: "Starlette", marks: &["<title>Starlette Debugger</title>", "Traceback"] },
    Page {
        framework: "ASP.NET Core",
        marks: &[
            "<title>Internal Server Error</title>",
            "An unhandled exception occurred while processing the request.",
        ],
    },
    Page { framework: "Rails", marks: &["<title>Action Controller: Exception caught</title>", "Rails.root"] },
    Page { framework: "Laravel", marks: &["Whoops! There was an error", "Stack trace"] },
    Page { framework: "Symfony", marks: &["exception-message-wrapper", "Stack Trace", "symfony"] },
];

/// The console of Werkzeug's debugger runs Python for whoever knows its PIN.
const CONSOLE: &str = "EVALEX = true";

/// How many failing operations are asked for a page.
const FAILING: usize = 2;

impl Check for DebugPage {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes_app(&self, app: &App<'_>) -> Vec<Probe> {
        let nowhere = Probe::of(OpId::NONE).path(&format!("{}{NOWHERE}", app.api.prefix));
        let mut probes = vec![nowhere.header("accept", "text/html")];
        // A request that failed is asked again as a browser asks, because debug pages are shown to browsers.
        let failing = app.seen.all().iter().filter(|exchange| {
            exchange.status() == Some(500)
                && exchange.probe.op != OpId::NONE
                && exchange.probe.repeat == 0
                && exchange.request.method.is_safe()
                && !exchange.request.headers.iter().any(|(name, _)| name == "accept")
        });
        probes.extend(failing.take(FAILING).map(|exchange| exchange.probe.clone().header("accept", "text/html")));
        probes
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let pages: Vec<(&Exchange, &'static str)> =
            app.seen.all().iter().filter_map(|exchange| Some((exchange, framework(exchange.response()?)?))).collect();
        let Some((first, framework)) = pages.first() else { return Vec::new() };
        let console = pages.iter().find(|(exchange, _)| exchange.text().contains(CONSOLE));
        let said = match console {
            Some(_) => format!(
                "Errors are answered with the debugger of {framework}, whose console runs Python for whoever finds its PIN."
            ),
            None => {
                format!("Errors are answered with the debug page of {framework}, which shows code, settings or routes.")
            }
        };
        let mut draft = app
            .finding(said)
            .severity(if console.is_some() { Severity::Critical } else { Severity::High })
            .part(PartKind::ResponseBody, "debug page")
            .cause("debug");
        let shown = console.map_or(*first, |(exchange, _)| *exchange);
        let status = shown.status().unwrap_or(500);
        draft = draft.exchange_excerpt(shown, "a debug page", format!("{status}, the debug page of {framework}"));
        vec![draft]
    }
}

/// The framework whose debug page an answer is. Only errors are looked at: an article about Django is none.
pub fn framework(response: &Response) -> Option<&'static str> {
    if response.status < 400 || !matches!(response.media_type().as_str(), "text/html" | "text/plain") {
        return None;
    }
    let text = response.body.text();
    // To a client that does not ask for HTML, Starlette in debug mode answers with nothing but the trace (starlette.middleware.errors).
    if response.status == 500
        && response.media_type() == "text/plain"
        && text.starts_with("Traceback (most recent call last)")
    {
        return Some("Starlette");
    }
    PAGES.iter().find(|page| page.marks.iter().all(|mark| text.contains(mark))).map(|page| page.framework)
}
