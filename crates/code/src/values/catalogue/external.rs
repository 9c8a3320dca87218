//! Calls of functions and classes outside of the program.

use crate::program::{ClassId, ExprAt};
use crate::syntax::{ExprKind, Sym};

use super::{Make, made};
use crate::values::Values;
use crate::values::kind::{Bound, How, Kind, Literal, Sdk, Value};
use crate::values::sets::Gathered;

impl Values<'_> {
    pub(in crate::values) fn call_external(&self, path: Sym, at: ExprAt, found: &mut Gathered) {
        let text = self.program.text(path);
        let first = self.program.positional(at, 0);
        match text {
            "builtins.getattr" => {
                if let (Some(base), Some(name)) = (first, self.program.positional(at, 1)) {
                    if let Some(name) = self.first_text(name) {
                        for value in self.eval(base) {
                            self.attribute_of(*value, at, name, found);
                        }
                    }
                    if let Some(default) = self.program.positional(at, 2) {
                        found.extend(self.eval(default));
                    }
                }
                return;
            }
            "copy.copy" | "copy.deepcopy" => {
                // A copy of a container is a new one; a copy of anything else is as good as it.
                for value in first.map(|first| self.eval(first)).unwrap_or_default() {
                    match *value {
                        Value::Object(id) if matches!(self.object(id).kind, Kind::Container { .. }) => {
                            found.add(self.make(self.object(id).kind, at));
                        }
                        other => found.add(other),
                    }
                }
                return;
            }
            "builtins.type" => {
                for value in first.map(|first| self.eval(first)).unwrap_or_default() {
                    match *value {
                        Value::Instance(class) => found.add(Value::Class(class)),
                        Value::Object(id) => {
                            if let Kind::Instance(class) = self.object(id).kind {
                                found.add(Value::Class(class));
                            }
                        }
                        _ => {}
                    }
                }
                return;
            }
            "typing.cast" => {
                if let Some(value) = self.program.positional(at, 1) {
                    found.extend(self.eval(value));
                }
                return;
            }
            "dataclasses.field"
            | "attr.ib"
            | "attrs.field"
            | "pydantic.Field"
            | "pydantic.fields.Field"
            | "pydantic.PrivateAttr" => {
                self.field_default(at, found);
                return;
            }
            "importlib.import_module" => {
                if let Some(name) = first.and_then(|first| self.first_text(first))
                    && let Some(module) = self.program.find_module(at.module, self.program.text(name))
                {
                    found.add(Value::Module(module));
                }
                return;
            }
            "django.apps.apps.get_app_config" => {
                if let Some(label) = first.and_then(|first| self.first_text(first)) {
                    self.app_config(self.program.text(label), found);
                }
                return;
            }
            _ => {}
        }
        match made(text) {
            Some(make) => self.make_external(make, at, first, found),
            None if text.starts_with("builtins.") => {}
            None => found.add(self.make(Kind::Made(path), at)),
        }
    }

    fn make_external(&self, make: Make, at: ExprAt, first: Option<ExprAt>, found: &mut Gathered) {
        match make {
            Make::Is(kind) => found.add(self.make(kind, at)),
            Make::Client(sdk) => found.add(self.make(self.client(sdk, at, false), at)),
            Make::Resource(sdk) => found.add(self.make(self.client(sdk, at, true), at)),
            Make::Container(kind) => found.add(self.make(Kind::Container { kind, bound: Bound::Unbounded }, at)),
            Make::Bounded(kind, position, keyword) => {
                let bound = self.bound_by(self.program.argument(at, usize::from(position), keyword));
                found.add(self.make(Kind::Container { kind, bound }, at));
            }
            Make::Queue(flavour) => {
                let bound = self.bound_by(self.program.argument(at, 0, "maxsize"));
                // Zero and less mean no bound.
                let bound = if bound == Bound::AtMost(0) { Bound::Unbounded } else { bound };
                found.add(self.make(Kind::Queue { flavour, bound }, at));
            }
            Make::Same | Make::Closing => {
                if let Some(first) = first {
                    found.extend(self.eval(first));
                }
            }
            Make::Awaited => {
                if let Some(first) = first {
                    found.extend(self.awaited_result(first).values());
                }
            }
            Make::Element => {
                if let Some(first) = first {
                    found.extend(self.iterated(first).values());
                }
            }
            Make::Called => {
                if let Some(first) = first {
                    for value in self.called_result(first, at).values() {
                        self.task_result(*value, found);
                    }
                }
            }
            Make::Wrapped => {
                if let Some(first) = first {
                    found.extend(self.eval(first));
                }
            }
            Make::Data => {}
        }
    }

    /// A client or resource; of an asynchronous SDK what becomes one when entered.
    pub(in crate::values) fn client(&self, sdk: Sdk, call: ExprAt, resource: bool) -> Kind {
        let service = self.program.argument(call, 0, "service_name").and_then(|service| self.first_text(service));
        match (sdk.is_async(), resource) {
            (true, _) => Kind::ClientContext { sdk, service, resource },
            (false, true) => Kind::Resource { sdk, service },
            (false, false) => Kind::Client { sdk, service },
        }
    }

    fn bound_by(&self, argument: Option<ExprAt>) -> Bound {
        let Some(argument) = argument else { return Bound::Unbounded };
        let mut bound = Bound::Given;
        for value in self.eval(argument) {
            match *value {
                Value::Const(Literal::None) => return Bound::Unbounded,
                Value::Const(Literal::Int(n)) => bound = Bound::AtMost(n.max(0) as u64),
                _ => {}
            }
        }
        // A negative literal is an expression, not a constant.
        if let ExprKind::Unary { not: false, .. } = self.program.expr(argument).kind {
            return Bound::Unbounded;
        }
        bound
    }

    /// `field(default_factory=dict)` makes one for each instance.
    fn field_default(&self, at: ExprAt, found: &mut Gathered) {
        let keyword = |name| self.program.keyword(at, name);
        if let Some(factory) = keyword("default_factory").or_else(|| keyword("factory")) {
            for value in self.called_result(factory, at).values() {
                match *value {
                    Value::Object(id) => {
                        let object = *self.object(id);
                        found.add(self.make_in(object.kind, at, object.scope, How::Field));
                    }
                    other => found.add(other),
                }
            }
        }
        if let Some(default) = keyword("default") {
            found.extend(self.eval(default));
        }
    }

    /// `apps.get_app_config(label)`: the configuration whose label or name ends so.
    fn app_config(&self, label: &str, found: &mut Gathered) {
        for path in ["django.apps.AppConfig", "django.apps.config.AppConfig"] {
            for class in self.program.subclasses_of(path) {
                let text = |name: &str| {
                    let name = self.program.names.find(name)?;
                    self.variable(crate::program::Scope::Class(class), name).iter().find_map(|value| match value {
                        Value::Const(Literal::Str(text)) => Some(self.program.text(*text)),
                        _ => None,
                    })
                };
                let own = text("label").or_else(|| text("name").and_then(|name| name.rsplit('.').next()));
                if own == Some(label) {
                    found.add(Value::Instance(class));
                }
            }
        }
    }

    /// The kind of an instance of a class whose meaning is its base's: an application, a router, a signal.
    pub(in crate::values) fn constructed_kind(&self, class: ClassId) -> Option<Kind> {
        self.program.external_bases(class).find_map(|path| match made(path)? {
            Make::Is(
                kind @ (Kind::App(_)
                | Kind::Router(_)
                | Kind::Signal
                | Kind::Celery
                | Kind::HttpClient { .. }
                | Kind::Executor { .. }
                | Kind::LogHandler),
            ) => Some(kind),
            _ => None,
        })
    }

    /// Methods that a class of the program has from a library.
    pub(in crate::values) fn call_inherited(&self, class: ClassId, name: Sym, at: ExprAt, found: &mut Gathered) {
        let text = self.program.text(name);
        if !self.program.derives_from(class, |path| path.starts_with("pynamodb.")) {
            return;
        }
        match text {
            "scan" | "query" | "batch_get" | "rate_limited_scan" => {
                found.add(self.make(Kind::PynamoResults { model: class, operation: name }, at));
            }
            "get" | "from_raw_data" => found.add(Value::Instance(class)),
            "batch_write" => found.add(self.make(Kind::BatchWriter(Sdk::Boto3), at)),
            _ => {}
        }
    }

    /// Calls on something unknown whose name and arguments only DynamoDB has.
    pub(in crate::values) fn guessed_call(&self, at: ExprAt, callee: ExprAt, found: &mut Gathered) {
        let ExprKind::Attribute { name, .. } = self.program.expr(callee).kind else { return };
        let sdk = Sdk::Boto3;
        match self.program.text(name) {
            "get_paginator" => {
                let operation = self.program.argument(at, 0, "operation_name").and_then(|name| self.first_text(name));
                found.add(self.make(Kind::Paginator { sdk, operation }, at));
            }
            "scan" | "query" | "get_item" | "batch_get_item" | "put_item" | "update_item" | "delete_item"
            | "batch_write_item" | "transact_get_items" => {
                let telling = [
                    "TableName",
                    "KeyConditionExpression",
                    "ExclusiveStartKey",
                    "ExpressionAttributeValues",
                    "ProjectionExpression",
                    "FilterExpression",
                    "IndexName",
                    "RequestItems",
                    "TransactItems",
                    "ConsistentRead",
                    "Key",
                ];
                let (_, args) = self.program.call(at).unwrap_or((at, &[]));
                let tells =
                    args.iter().filter_map(|arg| arg.keyword).any(|name| telling.contains(&self.program.text(name)));
                if tells {
                    found.add(self.make(Kind::Response { operation: Some(name), page: false, full: false }, at));
                }
            }
            "get_shard_iterator" | "get_records" | "describe_stream" => {
                found.add(self.make(Kind::Response { operation: Some(name), page: false, full: false }, at));
            }
            "batch_writer" => found.add(self.make(Kind::BatchWriter(sdk), at)),
            _ => {}
        }
    }
}
