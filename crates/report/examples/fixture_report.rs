//! Writes a report as HTML to standard output: one of the reports of the tests by its name, or a JSON report by its path.
//!
//!     cargo run -q -p plimsoll-report --example fixture_report -- shop|clean|incomplete|hostile|memory|hostile-memory|joined|partial|hostile-joined|large|huge|report.json

use std::error::Error;
use std::io::Write;

#[path = "../tests/fixture/mod.rs"]
mod fixture;

fn main() -> Result<(), Box<dyn Error>> {
    let name = std::env::args()
        .nth(1)
        .ok_or("name a report: shop, clean, incomplete, hostile, memory, hostile-memory, joined, partial, hostile-joined, large, huge, or a JSON file")?;
    let report = match name.as_str() {
        "shop" => fixture::shop(),
        "clean" => fixture::clean(),
        "incomplete" => fixture::incomplete(),
        "hostile" => fixture::hostile(),
        "memory" => fixture::memory(),
        "hostile-memory" => fixture::hostile_memory(),
        "joined" => fixture::joined(),
        "partial" => fixture::partial(),
        "hostile-joined" => fixture::hostile_joined(),
        "large" => fixture::large(1_000, 500),
        "huge" => fixture::large(3_000, 30_000),
        path => serde_json::from_str(&std::fs::read_to_string(path)?)?,
    };
    std::io::stdout().write_all(plimsoll_report::html::render(&report)?.as_bytes())?;
    Ok(())
}
