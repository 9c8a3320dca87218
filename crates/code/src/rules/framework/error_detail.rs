//! The text of an error that nobody foresaw is part of an answer, or the frames of any.

use plimsoll_model::{Severity, Weakness};

use crate::program::{ExprAt, Program, Scope, Symbol};
use crate::rules::dynamodb::sdk_error_answered::{is_any_error, is_of_sdk, uses_sdk};
use crate::rules::look::told::{self, Told};
use crate::rules::look::{Body, call_name, int, text};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::{Entry, ExprKind};

rule! {
    /// The text of an error that nobody foresaw is part of an answer, or the frames of any.
    ErrorDetail { id: "error-detail", weakness: InternalDetailExposed, kind: Exposure, severity: Medium, since: "0.1.0" }
}

impl Rule for ErrorDetail {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let program = cx.program;
        for scope in told::scopes(cx) {
            let module = scope.module();
            let body = Body::of(program, scope);
            for (stmt, handler) in told::caught(program, scope, &body) {
                let stmts = told::inside(program, module, &body, &handler);
                let found = told::answers(program, module, &stmts, handler.name);
                if found.is_empty() {
                    continue;
                }
                // The store's errors have a rule of their own, but for their frames.
                let of_store = is_of_sdk(cx, scope, stmt, &handler);
                let foreseen = Foreseen::of(program, handler.exceptions.map(|expr| module.expr(expr)));
                let spot = Spot { module, span: handler.span };
                for told in found {
                    if !(of_store && told.text) {
                        say(cx, &told, foreseen, scope, spot, out);
                    }
                }
            }
        }
        for (about, function) in told::registered(cx) {
            let any = is_any_error(program, about) && !uses_sdk(program);
            for told in told::of_registered(program, function) {
                let spot = Spot::function(program, function);
                if any || !told.text {
                    say(cx, &told, Foreseen::Nothing, Scope::Function(function), spot, out);
                }
            }
        }
    }
}

/// What the writer of a handler knew of the errors that it catches.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Foreseen {
    /// Anything may come.
    Nothing,
    /// Errors of a library, whose texts are the library's.
    Library,
    /// Errors of the project, whose texts somebody wrote for this.
    Own,
}

impl Foreseen {
    fn of(program: &Program, exceptions: Option<ExprAt>) -> Self {
        let Some(at) = exceptions else { return Self::Nothing };
        if let ExprKind::Tuple(parts) = program.expr(at).kind {
            let parts = program.tree(at.module)[parts].iter().map(|&part| Self::of(program, Some(at.beside(part))));
            let parts: Vec<Self> = parts.collect();
            return [Self::Nothing, Self::Own].into_iter().find(|one| parts.contains(one)).unwrap_or(Self::Library);
        }
        if is_any_error(program, at) {
            return Self::Nothing;
        }
        match program.resolve(at) {
            Some(Symbol::External(_)) => Self::Library,
            _ => Self::Own,
        }
    }
}

/// Whose mistake an answer says that it was.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    /// None is given.
    Plain,
    Client,
    Server,
    Unknown,
}

fn say(cx: &Cx<'_>, told: &Told, foreseen: Foreseen, scope: Scope, handler: Spot, out: &mut Drafts) {
    let program = cx.program;
    let status = status(program, told.answer);
    let (weakness, severity, what) = match (foreseen, status) {
        _ if told.trace => (
            Weakness::StackTraceExposed,
            Severity::Medium,
            "the frames of the error are part of the answer: they name files, lines and libraries to whoever asks",
        ),
        (Foreseen::Nothing, Status::Server | Status::Plain) => (
            Weakness::InternalDetailExposed,
            Severity::Medium,
            "the text of any error is part of the answer: it names paths, hosts and statements of the inside to whoever asks",
        ),
        (Foreseen::Library, Status::Server) => (
            Weakness::InternalDetailExposed,
            Severity::Low,
            "a library's text about an error of the server is part of the answer: it is written for who runs it, not for who asks",
        ),
        _ => return,
    };
    let draft = Draft::new(&ErrorDetail::META, Spot::expr(program, told.part), scope, what)
        .weakness(weakness)
        .severity(severity)
        .step(handler, "caught here")
        .step(Spot::expr(program, told.part), "and told to the caller");
    out.push(draft);
}

/// The status that an answer gives.
fn status(program: &Program, answer: ExprAt) -> Status {
    let tree = program.tree(answer.module);
    match tree[answer.expr].kind {
        // As functions behind a gateway answer.
        ExprKind::Dict(entries) => {
            let is_status = |entry: &&Entry| {
                entry.key.and_then(|key| text(program, answer.beside(key))).is_some_and(|key| key == "statusCode")
            };
            let status = tree[entries].iter().find(is_status);
            status.map_or(Status::Plain, |entry| class(program, answer.beside(entry.value)))
        }
        ExprKind::Tuple(parts) => match tree[parts] {
            [_, status, ..] => class(program, answer.beside(status)),
            _ => Status::Plain,
        },
        ExprKind::Call { .. } => {
            let name = call_name(program, answer).unwrap_or_default();
            let place = match name {
                "HttpResponseServerError" => return Status::Server,
                "HttpResponseBadRequest" | "HttpResponseNotFound" => return Status::Client,
                "HTTPException" | "abort" => 0,
                _ => 1,
            };
            let named = program.keyword(answer, "status_code").or_else(|| program.keyword(answer, "status"));
            let given =
                named.or_else(|| program.positional(answer, place).filter(|&at| class(program, at) != Status::Unknown));
            match given {
                Some(at) => class(program, at),
                // The framework's own exceptions have a status.
                None if matches!(name, "HTTPException" | "abort" | "APIException") => Status::Unknown,
                None => Status::Plain,
            }
        }
        _ => Status::Plain,
    }
}

fn class(program: &Program, at: ExprAt) -> Status {
    let number = int(program, at).or_else(|| match program.expr(at).kind {
        // `status.HTTP_500_INTERNAL_SERVER_ERROR`
        ExprKind::Attribute { name, .. } | ExprKind::Name(name) => {
            program.text(name).strip_prefix("HTTP_").and_then(|rest| rest.get(..3)).and_then(|code| code.parse().ok())
        }
        _ => None,
    });
    match number {
        Some(400..=499) => return Status::Client,
        Some(500..=599) => return Status::Server,
        _ => {}
    }
    match program.expr(at).kind {
        ExprKind::Attribute { name, .. } => match program.text(name) {
            // `http.HTTPStatus`
            "INTERNAL_SERVER_ERROR" | "BAD_GATEWAY" | "SERVICE_UNAVAILABLE" | "GATEWAY_TIMEOUT" => Status::Server,
            "BAD_REQUEST"
            | "UNAUTHORIZED"
            | "PAYMENT_REQUIRED"
            | "FORBIDDEN"
            | "NOT_FOUND"
            | "METHOD_NOT_ALLOWED"
            | "NOT_ACCEPTABLE"
            | "CONFLICT"
            | "GONE"
            | "LENGTH_REQUIRED"
            | "PRECONDITION_FAILED"
            | "REQUEST_ENTITY_TOO_LARGE"
            | "CONTENT_TOO_LARGE"
            | "UNSUPPORTED_MEDIA_TYPE"
            | "UNPROCESSABLE_ENTITY"
            | "UNPROCESSABLE_CONTENT"
            | "LOCKED"
            | "FAILED_DEPENDENCY"
            | "TOO_MANY_REQUESTS" => Status::Client,
            _ => Status::Unknown,
        },
        _ => Status::Unknown,
    }
}
