//! A server of which a test says what it answers, and which remembers what it was asked. It ends with the value.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub headers: HeaderMap,
}

/// What to answer.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    pub after: Duration,
}

impl Answer {
    pub fn json(value: &Value) -> Self {
        Self::new(200, "application/json", value.to_string())
    }

    pub fn new(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type", media_type.to_owned())];
        Self { status, headers, body: body.into(), after: Duration::ZERO }
    }

    pub fn missing() -> Self {
        Self::new(404, "application/json", r#"{"detail":"Not Found"}"#)
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

type Reply = dyn Fn(&Asked) -> Answer + Send + Sync;

#[derive(Clone)]
struct Shared {
    reply: Arc<Reply>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// A running server.
pub struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    _runtime: Runtime,
}

impl Server {
    pub fn start(reply: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let shared = Shared { reply: Arc::new(reply), asked: Arc::default() };
        let asked = Arc::clone(&shared.asked);
        let runtime = runtime();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().fallback(answer).with_state(shared);
        runtime.spawn(async move { axum::serve(listener, app).await });
        Self { address, asked, _runtime: runtime }
    }

    /// The sound server of the testkit with this many operations. It does not remember what it was asked.
    pub fn sound(operations: usize) -> Self {
        let runtime = runtime();
        let address = runtime.block_on(plimsoll_testkit::generated::serve(operations)).unwrap();
        Self { address, asked: Arc::default(), _runtime: runtime }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

async fn answer(State(shared): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    drop(to_bytes(body, 1 << 20).await);
    let asked = Asked { method: parts.method.to_string(), path: parts.uri.path().to_owned(), headers: parts.headers };
    shared.asked.lock().unwrap().push(asked.clone());
    let answer = (shared.reply)(&asked);
    tokio::time::sleep(answer.after).await;
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).unwrap()
}

/// A contract in OpenAPI 3.1 with these paths.
pub fn contract(paths: &Value) -> Value {
    json!({"openapi": "3.1.0", "info": {"title": "Yard", "version": "1"}, "paths": paths})
}

/// The contract of [`faulty`].
pub fn faulty_contract() -> Value {
    let answer =
        |schema: Value| json!({"200": {"description": "ok", "content": {"application/json": {"schema": schema}}}});
    let order = json!({"type": "object", "properties": {"id": {"type": "integer"}, "note": {"type": "string"}}});
    let id = json!([{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}]);
    contract(&json!({
        "/orders": {
            "get": {"operationId": "list_orders", "responses": answer(json!({"type": "array", "items": order}))},
            "post": {"operationId": "add_order", "responses": {"201": {"description": "made"}}},
        },
        "/orders/{id}": {
            "get": {"operationId": "read_order", "parameters": id, "responses": answer(order)},
            "delete": {"operationId": "delete_order", "parameters": id, "responses": {"204": {"description": "gone"}}},
        },
        "/cache/flush": {"get": {"operationId": "flush_cache", "responses": {"200": {"description": "ok"}}}},
        "/report": {"get": {"summary": "Wipe and rebuild the report", "responses": {"200": {"description": "ok"}}}},
    }))
}

/// A small shop whose list of orders has no end.
pub fn faulty(asked: &Asked) -> Answer {
    let order =
        |id: u32| json!({"id": id, "note": format!("Order {id}, to be delivered to the back door before noon")});
    match (asked.method.as_str(), asked.path.as_str()) {
        (_, "/openapi.json") => Answer::json(&faulty_contract()),
        ("GET" | "HEAD", "/orders") => Answer::json(&(1..=400).map(order).collect()),
        ("GET" | "HEAD", path) => match path.strip_prefix("/orders/").and_then(|id| id.parse().ok()) {
            Some(id @ 1..=400) => Answer::json(&order(id)),
            _ => Answer::missing(),
        },
        _ => Answer::new(405, "application/json", r#"{"detail":"Method Not Allowed"}"#),
    }
}
