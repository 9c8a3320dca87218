//! OpenAPI documents in the tree, the one that most looks like the project's own first.

use super::Place;
use super::files::{Files, name};

/// A document is told by what is in it; these names say that it is meant to be one.
const TELLING: [&str; 3] = ["openapi", "swagger", "api"];
/// Documents in these folders belong to tests and examples.
const ASIDE: [&str; 7] = ["test", "tests", "example", "examples", "fixtures", "testdata", "third_party"];
/// So many files are looked into.
const MOST: usize = 400;

/// The documents.
pub(super) fn of(files: &Files) -> Vec<Place> {
    let is_document = |name: &str| {
        let end = name.rsplit('.').next().unwrap_or_default();
        matches!(end, "yaml" | "yml" | "json") && !name.ends_with("lock.json") && name != "package.json"
    };
    let mut found: Vec<(usize, &str, Place)> = Vec::new();
    for path in files.named(is_document).take(MOST) {
        let Some(bytes) = files.bytes(path).filter(|bytes| plimsoll_spec::probe(bytes)) else { continue };
        let lower = name(path).to_lowercase();
        let telling = TELLING.iter().position(|word| lower.contains(word)).unwrap_or(TELLING.len());
        let aside = path.split('/').any(|folder| ASIDE.contains(&folder));
        let text = String::from_utf8_lossy(&bytes);
        let line = text.lines().position(|line| line.contains("openapi") || line.contains("swagger")).unwrap_or(0);
        let place = Place { file: path.to_owned(), line: line as u32 + 1 };
        found.push((telling + usize::from(aside) * 10, path, place));
    }
    // Within a rank the shallow ones come first, as the files do.
    found.sort_by_key(|(rank, ..)| *rank);
    found.into_iter().map(|(.., place)| place).collect()
}
