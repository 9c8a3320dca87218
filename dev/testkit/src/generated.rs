//! A sound API of any number of operations: for measuring how the cost of a scan grows.
//!
//! Every operation answers alike and quickly, pages its list, limits its input and names itself in the contract, so that what is measured is the
//! scanner.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// How many elements each list has.
const LENGTH: usize = 60;
/// The largest page.
const PAGE: usize = 50;

/// Serves `operations` operations (half of them lists, half of them details) on a free port of the loopback interface until the returned task is
/// dropped with its runtime.
///
/// # Errors
/// When no port can be listened on.
pub async fn serve(operations: usize) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let app = Router::new()
        .route("/openapi.json", get(contract))
        .route("/hello", get(|| async { "hello" }))
        .route("/{collection}", get(list))
        .route("/{collection}/{id}", get(detail))
        .with_state(operations);
    tokio::spawn(async move {
        // The server ends with the test or example that started it; there is nobody to tell.
        drop(axum::serve(listener, app).await);
    });
    Ok(address)
}

/// How many requests the server answers in a minute before it refuses: counted down in the headers, and out of reach of a scan.
const QUOTA: u64 = 1_000_000;
static SERVED: AtomicU64 = AtomicU64::new(0);

fn headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    let remaining = QUOTA - SERVED.fetch_add(1, Ordering::Relaxed) % QUOTA;
    headers.insert(HeaderName::from_static("ratelimit-remaining"), HeaderValue::from(remaining));
    headers.insert(HeaderName::from_static("ratelimit-limit"), HeaderValue::from(QUOTA));
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cache-control", "no-store"),
        ("ratelimit-reset", "60"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers
}

fn exists(collection: &str, operations: usize) -> bool {
    collection.strip_prefix("things").and_then(|n| n.parse::<usize>().ok()).is_some_and(|n| n < operations.div_ceil(2))
}

fn refusal(status: StatusCode) -> Response {
    (status, headers(), axum::Json(json!({"title": status.canonical_reason()}))).into_response()
}

async fn list(
    State(operations): State<usize>,
    Path(collection): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    if !exists(&collection, operations) {
        return refusal(StatusCode::NOT_FOUND);
    }
    let number = |name: &str, default: usize| query.get(name).map_or(Some(default), |text| text.parse().ok());
    let (Some(limit), Some(offset)) = (number("limit", 20), number("offset", 0)) else {
        return refusal(StatusCode::BAD_REQUEST);
    };
    if !(1..=PAGE).contains(&limit) || offset > 10_000 || query.values().any(|value| value.len() > 200) {
        return refusal(StatusCode::BAD_REQUEST);
    }
    let items: Vec<Value> = (offset..LENGTH.min(offset + limit)).map(|n| item(&collection, n)).collect();
    (headers(), axum::Json(json!({"items": items, "total": LENGTH}))).into_response()
}

async fn detail(
    State(operations): State<usize>,
    Path((collection, id)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let number = id.strip_prefix("t-").and_then(|n| n.parse::<usize>().ok()).filter(|n| *n < LENGTH);
    if query.values().any(|value| value.len() > 200) {
        return refusal(StatusCode::BAD_REQUEST);
    }
    match number.filter(|_| exists(&collection, operations)) {
        Some(number) => (headers(), axum::Json(item(&collection, number))).into_response(),
        None => refusal(StatusCode::NOT_FOUND),
    }
}

fn item(collection: &str, number: usize) -> Value {
    json!({"id": format!("t-{number}"), "name": format!("Thing {number} of {collection}"), "price": number * 3, "tags": ["a", "b"]})
}

async fn contract(State(operations): State<usize>) -> impl IntoResponse {
    let thing = json!({"type": "object", "properties": {
        "id": {"type": "string", "maxLength": 20}, "name": {"type": "string", "maxLength": 80}, "price": {"type": "integer"},
        "tags": {"type": "array", "maxItems": 5, "items": {"type": "string", "maxLength": 20}}}});
    let answer =
        |schema: Value| json!({"200": {"description": "ok", "content": {"application/json": {"schema": schema}}}});
    let mut paths = serde_json::Map::new();
    for n in 0..operations.div_ceil(2) {
        let envelope = json!({"type": "object", "properties": {"items": {"type": "array", "maxItems": PAGE, "items": {"$ref": "#/components/schemas/Thing"}}, "total": {"type": "integer"}}});
        let parameters = json!([
            {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": PAGE, "default": 20}},
            {"name": "offset", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 10_000}}]);
        paths.insert(format!("/things{n}"), json!({"get": {"operationId": format!("list_things{n}"), "parameters": parameters, "responses": answer(envelope)}}));
        if 2 * n + 1 < operations {
            let parameters =
                json!([{"name": "id", "in": "path", "required": true, "schema": {"type": "string", "maxLength": 20}}]);
            let schema = json!({"$ref": "#/components/schemas/Thing"});
            paths.insert(format!("/things{n}/{{id}}"), json!({"get": {"operationId": format!("read_thing{n}"), "parameters": parameters, "responses": answer(schema)}}));
        }
    }
    let document = json!({"openapi": "3.1.0", "info": {"title": "Generated", "version": "1"}, "paths": paths, "components": {"schemas": {"Thing": thing}}});
    (headers(), axum::Json(document))
}
