//! Path templates: their segments, and whether one request fits two of them.

use std::fmt::Write as _;

/// The template with its parameters unnamed.
pub(super) fn anonymous(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, after)) = after.split_once('}') else { break };
        let _ = write!(out, "{before}{{}}");
        rest = after;
    }
    out.push_str(rest);
    out
}

/// How two templates of the same length relate, segment by segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    /// No request fits both.
    Apart,
    /// Every request of the first fits the second as well.
    Within,
    /// The other way round.
    Around,
    /// Some requests fit both, and neither is more special.
    Crossing,
}

/// How the first relates to the second. A segment that is partly a parameter is taken for one.
pub(super) fn relation(first: &[&str], second: &[&str]) -> Relation {
    if first.len() != second.len() {
        return Relation::Apart;
    }
    let (mut narrower, mut wider) = (false, false);
    for (a, b) in first.iter().zip(second) {
        match (is_open(a), is_open(b)) {
            (false, false) if a != b => return Relation::Apart,
            (false, true) if fits(a, b) => narrower = true,
            (true, false) if fits(b, a) => wider = true,
            (false, true) | (true, false) => return Relation::Apart,
            // Two segments that are partly open may have fixed parts that exclude each other.
            (true, true) if (!whole(a) || !whole(b)) && (prefix(a) != prefix(b) || suffix(a) != suffix(b)) => {
                return Relation::Apart;
            }
            _ => {}
        }
    }
    match (narrower, wider) {
        (true, true) => Relation::Crossing,
        (true, false) => Relation::Within,
        (false, true) => Relation::Around,
        (false, false) => Relation::Apart,
    }
}

pub(super) fn is_open(segment: &str) -> bool {
    segment.contains('{')
}

fn whole(segment: &str) -> bool {
    segment.starts_with('{') && segment.ends_with('}') && segment.matches('{').count() == 1
}

fn prefix(segment: &str) -> &str {
    segment.split('{').next().unwrap_or_default()
}

fn suffix(segment: &str) -> &str {
    segment.rsplit('}').next().unwrap_or_default()
}

/// Whether a fixed segment could be a value of an open one.
fn fits(fixed: &str, open: &str) -> bool {
    whole(open)
        || fixed.starts_with(prefix(open))
            && fixed.ends_with(suffix(open))
            && fixed.len() > prefix(open).len() + suffix(open).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(a: &str, b: &str) -> Relation {
        relation(&a.split('/').collect::<Vec<_>>(), &b.split('/').collect::<Vec<_>>())
    }

    #[test]
    fn relations_of_templates() {
        assert_eq!(of("/users/me", "/users/{id}"), Relation::Within);
        assert_eq!(of("/users/{id}", "/users/me"), Relation::Around);
        assert_eq!(of("/a/{x}/c", "/a/b/{y}"), Relation::Crossing);
        assert_eq!(of("/a/{x}/c", "/a/{y}/d"), Relation::Apart);
        assert_eq!(of("/a/{x}", "/a/{y}/d"), Relation::Apart);
        assert_eq!(of("/files/{name}.json", "/files/list"), Relation::Apart);
        assert_eq!(of("/a/{x}:run", "/a/{x}:stop"), Relation::Apart);
        assert_eq!(anonymous("/a/{x}/b{y}.json"), "/a/{}/b{}.json");
    }
}
