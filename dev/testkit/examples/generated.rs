//! Serves a generated API until standard input ends: `cargo run -p plimsoll-testkit --example generated -- 100`. Prints its URL.

#![expect(clippy::print_stdout, reason = "the URL is what the caller reads")]

use std::io::Read;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let operations = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(100);
    let address = plimsoll_testkit::generated::serve(operations).await?;
    println!("http://{address}");
    let _ = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await;
    Ok(())
}
