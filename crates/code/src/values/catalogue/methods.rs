//! Methods and attributes of libraries' objects.

use crate::program::ExprAt;
use crate::syntax::{Const, ExprKind, Sym};

use crate::values::Values;
use crate::values::kind::{Bound, Container, Framework, HttpLib, Kind, Literal, Object, ObjectId, Sdk, Value};
use crate::values::sets::{Gathered, SetId};
use crate::values::solve::Node;
use crate::values::state::Store;

impl Values<'_> {
    /// What an attribute of an object is.
    pub(in crate::values) fn object_attribute(
        &self,
        id: ObjectId,
        object: &Object,
        at: ExprAt,
        name: Sym,
        found: &mut Gathered,
    ) {
        let text = self.program.text(name);
        let derived = |kind| self.derive(kind, at);
        match (object.kind, text) {
            (Kind::Client { sdk, .. } | Kind::Resource { sdk, .. } | Kind::Table(sdk), "meta") => {
                found.add(derived(Kind::ClientMeta(sdk)));
            }
            (Kind::Session(_) | Kind::ClientMeta(_), "events") => found.add(derived(Kind::Emitter)),
            (Kind::ClientMeta(sdk), "client") => found.add(derived(Kind::Client { sdk, service: None })),
            (Kind::Client { .. }, "exceptions") => found.add(derived(Kind::ClientExceptions)),
            (Kind::App(Framework::FastApi | Framework::Starlette), "state") => found.add(derived(Kind::AppState)),
            (Kind::App(Framework::Flask), "config" | "extensions") => found.add(derived(Kind::AppConfig)),
            (Kind::Request, "app") => found.add(self.app(Framework::Starlette, at)),
            (Kind::Request, "state") => found.add(derived(Kind::RequestState)),
            (Kind::Request, "session") => found.add(derived(Kind::RequestSession)),
            (Kind::Request, _) => {
                found.extend(self.arena.set(SetId(self.solve(Node::State(Store::Request, name)))));
                if found.is_empty() {
                    found.add(Value::Method(id, name));
                }
            }
            (Kind::Settings | Kind::AppState | Kind::RequestState, _) => {
                if let Some(store) = Self::store_of(object.kind) {
                    found.extend(self.arena.set(SetId(self.solve(Node::State(store, name)))));
                }
                if found.is_empty() {
                    found.add(Value::Method(id, name));
                }
            }
            (Kind::ThreadLocal | Kind::Made(_) | Kind::Thread | Kind::Router(_) | Kind::App(_), _) => {
                if let Kind::Made(path) = object.kind
                    && matches!(self.program.text(path), "types.SimpleNamespace" | "starlette.datastructures.State")
                    && let Some(value) = self.program.keyword(object.made, text)
                {
                    found.extend(self.eval(value));
                }
                found.extend(self.arena.set(SetId(self.solve(Node::State(Store::Object(id), name)))));
                if found.is_empty() {
                    found.add(Value::Method(id, name));
                }
            }
            (Kind::Partial, "func") => {
                if let Some(function) = self.program.positional(object.made, 0) {
                    found.extend(self.eval(function));
                }
            }
            _ => found.add(Value::Method(id, name)),
        }
    }

    /// What calling a method of an object gives.
    pub(in crate::values) fn call_method(&self, id: ObjectId, name: Sym, at: ExprAt, found: &mut Gathered) {
        let object = *self.object(id);
        let text = self.program.text(name);
        let first = || self.program.positional(at, 0);
        match (object.kind, text) {
            // Amazon's SDKs.
            (Kind::Session(sdk), "client" | "create_client") => found.add(self.make(self.client(sdk, at, false), at)),
            (Kind::Session(sdk), "resource") => found.add(self.make(self.client(sdk, at, true), at)),
            (Kind::ClientContext { .. }, "__aenter__" | "__enter__") => self.enter(Value::Object(id), at, found),
            (Kind::Client { sdk, .. }, "get_paginator") => {
                let operation = self.program.argument(at, 0, "operation_name").and_then(|name| self.first_text(name));
                found.add(self.make(Kind::Paginator { sdk, operation }, at));
            }
            (Kind::Client { .. }, "get_waiter") => found.add(self.make(Kind::Waiter, at)),
            (Kind::Client { .. } | Kind::Table(_), "can_paginate" | "close" | "generate_presigned_url") => {}
            (Kind::Table(sdk), "batch_writer") => found.add(self.make(Kind::BatchWriter(sdk), at)),
            (Kind::Client { .. } | Kind::Table(_), _) => {
                found.add(self.make(Kind::Response { operation: Some(name), page: false, full: false }, at));
            }
            (Kind::Resource { sdk, .. }, "Table" | "create_table") => found.add(self.make(Kind::Table(sdk), at)),
            (Kind::Resource { .. }, "batch_get_item" | "batch_write_item") => {
                found.add(self.make(Kind::Response { operation: Some(name), page: false, full: false }, at));
            }
            (Kind::Resource { sdk, .. } | Kind::ResourceItem(sdk), _) if text.starts_with(char::is_uppercase) => {
                found.add(self.make(Kind::ResourceItem(sdk), at));
            }
            (Kind::Paginator { sdk, operation }, "paginate") => {
                found.add(self.make(Kind::PageIterator { sdk, operation }, at));
            }
            (Kind::PageIterator { operation, .. }, "build_full_result") => {
                found.add(self.make(Kind::Response { operation, page: false, full: true }, at));
            }
            (Kind::PageIterator { .. }, "search") => {
                found.add(self.make(Kind::Container { kind: Container::Lazy, bound: Bound::Unbounded }, at));
            }
            (Kind::Response { .. } | Kind::Item { .. }, "get" | "pop" | "setdefault") => {
                if let Some(key) = first().and_then(|key| self.text_of(key)) {
                    self.response_key(object.kind, key, at, found);
                }
            }
            (Kind::Items { .. } | Kind::Records, "copy") => found.add(Value::Object(id)),
            (Kind::Items { operation, .. }, "pop") => found.add(self.derive(Kind::Item { operation }, at)),
            // HTTP clients.
            (Kind::HttpClient { lib, .. }, "stream") => {
                found.add(self.make(Kind::HttpResponse { lib, stream: true }, at));
            }
            (
                Kind::HttpClient { lib, .. },
                "get" | "post" | "put" | "patch" | "delete" | "head" | "options" | "request" | "send" | "ws_connect",
            ) => {
                let asks = self
                    .program
                    .keyword(at, "stream")
                    .is_some_and(|stream| matches!(self.program.expr(stream).kind, ExprKind::Const(Const::Bool(true))));
                let stream = asks || lib == HttpLib::Aiohttp;
                found.add(self.make(Kind::HttpResponse { lib, stream }, at));
            }
            // Threads, tasks, futures.
            (Kind::Executor { .. }, "submit") => found.add(self.make(Kind::Future, at)),
            (Kind::Executor { .. }, "map" | "imap" | "imap_unordered" | "starmap") => {
                found.add(self.make(Kind::Container { kind: Container::Lazy, bound: Bound::Unbounded }, at));
            }
            (Kind::EventLoop | Kind::TaskGroup, "create_task") => found.add(self.make(Kind::Task, at)),
            (Kind::EventLoop, "run_until_complete") => {
                if let Some(first) = first() {
                    found.extend(self.awaited_result(first).values());
                }
            }
            (Kind::EventLoop, "run_in_executor") => {
                if let Some(function) = self.program.positional(at, 1) {
                    found.extend(self.called_result(function, at).values());
                }
            }
            (Kind::EventLoop, "create_future") => found.add(self.make(Kind::Future, at)),
            (Kind::Task | Kind::Future, "result") => self.future_result(&object, found),
            // Context managers.
            (Kind::ExitStack { .. }, "enter_context" | "enter_async_context") => {
                if let Some(context) = first() {
                    found.extend(self.entered(context).values());
                }
            }
            (Kind::ExitStack { .. }, "push" | "push_async_exit") => {
                if let Some(context) = first() {
                    found.extend(self.eval(context));
                }
            }
            (_, "__enter__" | "__aenter__") => self.enter(Value::Object(id), at, found),
            // Containers.
            (Kind::Container { .. }, "get" | "pop" | "setdefault") => self.element_by_key(&object, id, at, found),
            (Kind::Container { .. }, "popleft" | "popitem") | (Kind::Queue { .. }, "get" | "get_nowait") => {
                found.extend(self.arena.set(SetId(self.solve(Node::Elements(id)))));
            }
            (Kind::Container { kind, bound }, "copy") => found.add(self.make(Kind::Container { kind, bound }, at)),
            (Kind::Container { .. } | Kind::Response { .. } | Kind::Item { .. }, "values" | "items" | "keys") => {
                found.add(self.make(Kind::Container { kind: Container::Lazy, bound: Bound::Unbounded }, at));
            }
            (Kind::RequestSession, "get" | "setdefault" | "pop") => {
                if let Some(key) = first().and_then(|key| self.text_of(key)) {
                    found.extend(self.arena.set(SetId(self.solve(Node::State(Store::Session, key)))));
                }
                if let Some(default) = self.program.positional(at, 1) {
                    found.extend(self.eval(default));
                }
            }
            (Kind::ContextVar, "get") => {
                if let Some(default) = self.program.keyword(object.made, "default") {
                    found.extend(self.eval(default));
                }
                self.context_values(id, found);
            }
            (Kind::AppConfig, "get" | "setdefault" | "pop") => {
                if let Some(key) = first().and_then(|key| self.text_of(key)) {
                    found.extend(self.arena.set(SetId(self.solve(Node::State(Store::AppConfig, key)))));
                }
            }
            (Kind::SqlEngine, "connect" | "begin" | "raw_connection") => found.add(self.make(Kind::SqlSession, at)),
            (Kind::App(_), "test_request_context") => {}
            (Kind::Generator(function), "__next__" | "__anext__" | "send" | "asend") => {
                found.extend(self.yields(function));
            }
            _ => {}
        }
    }

    fn element_by_key(&self, object: &Object, id: ObjectId, at: ExprAt, found: &mut Gathered) {
        let key = self.program.positional(at, 0).and_then(|key| self.constant_key(key));
        let entry = key.and_then(|key: Literal| self.dict_entry(object.made, key));
        match entry {
            Some(entry) => found.extend(self.eval(entry)),
            None => self.elements_by_key(id, key, found),
        }
        if let Some(default) = self.program.positional(at, 1) {
            found.extend(self.eval(default));
        }
    }

    /// What a future of an executor, or a task, gives.
    fn future_result(&self, object: &Object, found: &mut Gathered) {
        let Some(first) = self.program.positional(object.made, 0) else { return };
        if object.kind == Kind::Task {
            found.extend(self.awaited_result(first).values());
            return;
        }
        for value in self.called_result(first, object.made).values() {
            self.task_result(*value, found);
        }
    }

    /// What is set on a context variable.
    fn context_values(&self, id: ObjectId, found: &mut Gathered) {
        for site in self.program.calls_named("set").take(200) {
            if let (Some(base), Some(value)) = (self.program.receiver(site.at), self.program.positional(site.at, 0))
                && self.eval(base).contains(&Value::Object(id))
            {
                found.extend(self.eval(value));
            }
        }
    }

    /// What stands under a key of an answer.
    pub(in crate::values) fn response_key(&self, kind: Kind, key: Sym, at: ExprAt, found: &mut Gathered) {
        let Kind::Response { operation, full, .. } = kind else { return };
        let derived = |kind| self.derive(kind, at);
        match self.program.text(key) {
            "Items" | "Responses" | "Contents" | "Versions" | "Messages" | "Users" | "Functions" | "events"
            | "CommonPrefixes" | "logGroups" | "Metrics" | "Parameters" | "Objects" => {
                found.add(derived(Kind::Items { operation, full }));
            }
            "Item" | "Attributes" => found.add(derived(Kind::Item { operation })),
            "LastEvaluatedKey" | "NextToken" | "nextToken" | "NextMarker" | "NextContinuationToken" => {
                found.add(derived(Kind::Cursor));
            }
            "Records" => found.add(derived(Kind::Records)),
            "Body" | "Payload" => found.add(derived(Kind::Body)),
            _ => {}
        }
    }

    /// Whether an SDK is asynchronous, for those who hold a kind only.
    pub fn is_async_sdk(kind: Kind) -> bool {
        match kind {
            Kind::Session(sdk)
            | Kind::Client { sdk, .. }
            | Kind::ClientContext { sdk, .. }
            | Kind::Resource { sdk, .. }
            | Kind::Table(sdk)
            | Kind::Paginator { sdk, .. }
            | Kind::PageIterator { sdk, .. } => matches!(sdk, Sdk::Aioboto3 | Sdk::Aiobotocore),
            _ => false,
        }
    }
}
