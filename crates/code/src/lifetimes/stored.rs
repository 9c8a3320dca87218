//! What kind of thing is put into something: what it drags along decides which rule speaks.

use super::{Life, Lifetimes};
use crate::program::{Binding, ExprAt, FunctionId, Scope};
use crate::syntax::{ExprKind, Parent};
use crate::values::{Kind, ObjectId, Value};

/// What is put somewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stored {
    /// Rows, texts, numbers: whatever has no other name.
    #[default]
    Data,
    /// Records of a stream, messages of a queue.
    Records,
    /// A function made for the occasion.
    Callback,
    /// A generator or another iterator that is read piece by piece.
    Iterator,
    /// A task or a future.
    Task,
    /// A client, session, executor or thread.
    Client,
    /// A request or a response of the framework.
    Request,
    /// An exception with its traceback.
    Exception,
}

impl Lifetimes<'_> {
    /// What an expression is, looking into tuples, lists and dicts.
    pub(super) fn stored(&self, at: ExprAt) -> Stored {
        self.stored_within(at, 6)
    }

    fn stored_within(&self, at: ExprAt, left: u8) -> Stored {
        let Some(left) = left.checked_sub(1) else { return Stored::Data };
        let tree = self.program.tree(at.module);
        let of = |expr| self.stored_within(at.beside(expr), left);
        let inside = match tree[at.expr].kind {
            ExprKind::Tuple(parts) | ExprKind::List(parts) | ExprKind::Set(parts) => {
                tree[parts].iter().map(|&part| of(part)).max()
            }
            ExprKind::Dict(entries) => tree[entries].iter().map(|entry| of(entry.value)).max(),
            ExprKind::Starred(value) | ExprKind::Await(value) => Some(of(value)),
            ExprKind::IfElse { body, orelse, .. } => Some(of(body).max(of(orelse))),
            ExprKind::Lambda(_) => Some(Stored::Callback),
            ExprKind::Name(name) => {
                let scope = self.program.binding_scope(self.program.scope_of(at), name);
                let caught = scope.is_some_and(|scope| {
                    self.program.bindings(scope, name).any(|binding| match binding {
                        Binding::Handler { .. } => true,
                        Binding::Param(n) => {
                            scope.function().is_some_and(|function| self.is_exception_param(function, n as usize))
                        }
                        _ => false,
                    })
                });
                let asked = self.text(name) == "request"
                    && scope.and_then(Scope::function).is_some_and(|function| {
                        self.entries.is_entry(function)
                            && self
                                .program
                                .params(function)
                                .iter()
                                .any(|param| param.name == name && param.annotation.is_none())
                    });
                if caught { Some(Stored::Exception) } else { asked.then_some(Stored::Request) }
            }
            ExprKind::Attribute { base, name } if self.text(name) == "__traceback__" => {
                Some(of(base).max(Stored::Exception))
            }
            ExprKind::Call { callee, .. } => {
                let callee = at.beside(callee);
                match self.values.path(callee) {
                    Some("sys.exc_info") => Some(Stored::Exception),
                    // What a type makes of the arguments that it holds: a named tuple, a dataclass.
                    _ if self.values.eval(callee).iter().any(|value| matches!(value, Value::Class(_))) => {
                        let (_, args) = self.program.call(at).unwrap_or((at, &[]));
                        args.iter().map(|arg| of(arg.value)).filter(|found| *found > Stored::Iterator).max()
                    }
                    _ => None,
                }
            }
            _ => None,
        };
        let value = self.values.eval(at).iter().map(|value| self.value_kind(*value, at)).max();
        inside.into_iter().chain(value).max().unwrap_or_default()
    }

    fn value_kind(&self, value: Value, at: ExprAt) -> Stored {
        match value {
            Value::Object(object) => self.object_kind(object),
            Value::Function(function) if self.is_made_for_it(function) => Stored::Callback,
            // A bound method of something that was made for the request holds that.
            Value::Bound(_, class) if self.is_method_of_instance(at) && !self.of_class(class).life.is_long() => {
                Stored::Callback
            }
            Value::Instance(class) if self.program.derives_from(class, is_request) => Stored::Request,
            Value::Instance(class) if self.program.derives_from(class, is_exception) => Stored::Exception,
            _ => Stored::Data,
        }
    }

    fn object_kind(&self, object: ObjectId) -> Stored {
        match self.values.object(object).kind {
            Kind::Exception => Stored::Exception,
            Kind::Request => Stored::Request,
            Kind::Task | Kind::Future | Kind::Coroutine(_) => Stored::Task,
            Kind::Generator(_) | Kind::PageIterator { .. } | Kind::PynamoResults { .. } => Stored::Iterator,
            Kind::Container { kind: crate::values::Container::Lazy, .. } => Stored::Iterator,
            Kind::Session(_)
            | Kind::Client { .. }
            | Kind::ClientContext { .. }
            | Kind::Resource { .. }
            | Kind::HttpClient { .. }
            | Kind::Executor { .. }
            | Kind::Thread
            | Kind::SqlEngine
            | Kind::SqlSession
            | Kind::Redis => Stored::Client,
            Kind::Partial if self.of(object).life != Life::Process || self.is_hot(self.values.object(object).scope) => {
                Stored::Callback
            }
            Kind::Records | Kind::Record => Stored::Records,
            Kind::Made(path) if is_request(self.text(path)) => Stored::Request,
            Kind::Instance(class) if self.program.derives_from(class, is_request) => Stored::Request,
            Kind::Instance(class) if self.program.derives_from(class, is_exception) => Stored::Exception,
            _ => Stored::Data,
        }
    }

    /// A function that is made again whenever the function around it runs.
    pub fn is_made_for_it(&self, function: FunctionId) -> bool {
        match self.program.function(function).parent {
            Parent::Function(outer) => self.is_hot(Scope::Function(function.module.function(outer))),
            _ => false,
        }
    }

    /// A parameter that is an exception by its type, or because a framework calls the function with one.
    fn is_exception_param(&self, function: FunctionId, n: usize) -> bool {
        let Some(param) = self.program.params(function).get(n) else { return false };
        if let Some(annotation) = param.annotation {
            let path = self.program.external(function.module.expr(annotation));
            return path.is_some_and(|path| path.ends_with("Error") || path.ends_with("Exception"));
        }
        self.entries.is_entry(function)
            && matches!(self.text(param.name), "e" | "ex" | "exc" | "exception" | "error" | "err")
            && n + 1 == self.program.params(function).len()
    }

    fn is_method_of_instance(&self, at: ExprAt) -> bool {
        matches!(self.program.expr(at).kind, ExprKind::Attribute { .. })
    }
}

fn is_request(path: &str) -> bool {
    matches!(
        path.rsplit('.').next(),
        Some(
            "Request"
                | "HttpRequest"
                | "WSGIRequest"
                | "ASGIRequest"
                | "HttpResponse"
                | "JsonResponse"
                | "JSONResponse"
                | "Response"
                | "StreamingResponse"
        )
    ) && ["django.", "starlette.", "fastapi.", "flask.", "werkzeug.", "rest_framework."]
        .iter()
        .any(|library| path.starts_with(library))
}

fn is_exception(path: &str) -> bool {
    matches!(path, "builtins.Exception" | "builtins.BaseException" | "botocore.exceptions.ClientError")
}
