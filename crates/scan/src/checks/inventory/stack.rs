//! What a target is built with, as far as its first answers tell: which paths are likely.

use plimsoll_http::Exchange;
use serde::Deserialize;

use crate::view::App;

/// A family of languages and frameworks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stack {
    /// FastAPI, Django, Flask.
    Python,
    /// Express, NestJS, Next.js.
    Node,
    /// Laravel, Symfony, plain PHP.
    Php,
    /// Spring, Quarkus, servlets.
    Java,
    /// Rails, Sinatra.
    Ruby,
    /// net/http, Gin, Echo.
    Go,
    /// ASP.NET.
    Dotnet,
}

/// How many of the first exchanges are looked at. They are the same in every round, so that the choice of paths does not change.
const FIRST: usize = 6;

/// Texts of headers and bodies that tell. A header is `name: value` in lower case.
const HEADERS: &[(&str, Stack)] = &[
    ("server: uvicorn", Stack::Python),
    ("server: hypercorn", Stack::Python),
    ("server: daphne", Stack::Python),
    ("server: gunicorn", Stack::Python),
    ("server: granian", Stack::Python),
    ("server: waitress", Stack::Python),
    ("server: werkzeug", Stack::Python),
    ("server: wsgiserver", Stack::Python),
    ("server: cherrypy", Stack::Python),
    ("server: tornadoserver", Stack::Python),
    ("set-cookie: csrftoken", Stack::Python),
    ("x-powered-by: express", Stack::Node),
    ("x-powered-by: next.js", Stack::Node),
    ("set-cookie: connect.sid", Stack::Node),
    ("x-powered-by: php", Stack::Php),
    ("set-cookie: phpsessid", Stack::Php),
    ("set-cookie: laravel_session", Stack::Php),
    ("set-cookie: jsessionid", Stack::Java),
    ("x-application-context:", Stack::Java),
    ("server: jetty", Stack::Java),
    ("server: apache-coyote", Stack::Java),
    ("x-powered-by: servlet", Stack::Java),
    ("x-runtime:", Stack::Ruby),
    ("server: puma", Stack::Ruby),
    ("server: webrick", Stack::Ruby),
    ("x-powered-by: phusion", Stack::Ruby),
    ("x-powered-by: asp.net", Stack::Dotnet),
    ("x-aspnet-version:", Stack::Dotnet),
    ("server: kestrel", Stack::Dotnet),
    ("server: microsoft-iis", Stack::Dotnet),
];
const BODIES: &[(&str, Stack)] = &[
    ("{\"detail\":\"not found\"}", Stack::Python),
    ("if you entered the url manually please check your spelling", Stack::Python),
    ("you're seeing this error because you have <code>debug = true</code>", Stack::Python),
    ("<h1>not found</h1><p>the requested resource was not found on this server.</p>", Stack::Python),
    ("cannot get /", Stack::Node),
    ("whitelabel error page", Stack::Java),
    ("\"status\":404,\"error\":\"not found\",\"path\":", Stack::Java),
    ("no route matches [get]", Stack::Ruby),
    ("404 page not found", Stack::Go),
    ("https://tools.ietf.org/html/rfc9110#section-15.5.5", Stack::Dotnet),
];

impl Stack {
    /// The stack of the target, where it shows.
    pub fn of(app: &App<'_>) -> Option<Self> {
        app.seen.all().iter().take(FIRST).find_map(of_answer)
    }
}

fn of_answer(exchange: &Exchange) -> Option<Stack> {
    let response = exchange.response()?;
    let of_header = response.headers.iter().find_map(|(name, value)| {
        let line = format!("{name}: {}", value.to_ascii_lowercase());
        HEADERS.iter().find(|(mark, _)| line.starts_with(mark)).map(|(_, stack)| *stack)
    });
    if of_header.is_some() || response.status < 400 {
        return of_header;
    }
    let body = response.body.text();
    let body: String = body.chars().take(2_000).collect::<String>().to_ascii_lowercase();
    let squeezed = body.replace(": ", ":").replace(", ", ",");
    BODIES.iter().find(|(mark, _)| body.contains(mark) || squeezed.contains(mark)).map(|(_, stack)| *stack)
}
