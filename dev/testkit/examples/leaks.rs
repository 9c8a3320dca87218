//! A server that retains an exact number of bytes for each request and is no Python: what can be measured from outside only.
//! `cargo run -p plimsoll-testkit --example leaks -- BYTES` prints its port. GET /leak retains that many bytes, GET /idle nothing.

#![expect(clippy::print_stdout, reason = "it says its port")]

use std::sync::{Arc, Mutex, PoisonError};

use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

/// What the allocator adds to a block to know its size, on 64-bit glibc.
const HEADER: usize = 8;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bytes: usize = std::env::args().nth(1).ok_or("leaks BYTES")?.parse()?;
    // The container is made in advance, so that it does not grow in steps.
    let kept: Arc<Mutex<Vec<Box<[u8]>>>> = Arc::new(Mutex::new(Vec::with_capacity(2_000_000)));
    let leak = move || async move {
        kept.lock().unwrap_or_else(PoisonError::into_inner).push(vec![1; bytes.saturating_sub(HEADER)].into());
        "{}"
    };
    let router = Router::new()
        .route("/leak", get(leak))
        .route("/idle", get(|| async { "{}" }))
        .route("/openapi.json", get(|| async { Json(contract()) }));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("port {}", listener.local_addr()?.port());
    axum::serve(listener, router).await?;
    Ok(())
}

fn contract() -> serde_json::Value {
    let operation =
        |id: &str| json!({"get": {"operationId": id, "responses": {"200": {"description": "an empty object"}}}});
    json!({
        "openapi": "3.1.0",
        "info": {"title": "A known leak", "version": "1"},
        "paths": {"/leak": operation("leak"), "/idle": operation("idle")},
    })
}
