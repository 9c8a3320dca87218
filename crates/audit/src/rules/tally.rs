//! Sentences about many places: a few are named, the rest is counted. What hardly any contract does right is said once for the document.

use std::fmt::Display;

use plimsoll_spec::Place;

use crate::draft::Draft;
use crate::view::OpView;

/// How many places are named.
const NAMED: usize = 3;
/// Findings of one kind about single operations; if there are more, they are one.
const SINGLE: usize = 5;

/// The first of them in backticks, and how many more there are.
pub(crate) fn names<T: Display>(all: impl IntoIterator<Item = T>) -> String {
    let mut all = all.into_iter();
    let first: Vec<String> = all.by_ref().take(NAMED).map(|one| format!("`{one}`")).collect();
    match all.count() {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// `1 operation`, `12 operations`.
pub(crate) fn count(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// A draft about the document as a whole: a habit, with the first places that show it.
pub(crate) fn habit<'a>(
    cause: &str,
    message: impl Into<String>,
    shown: impl IntoIterator<Item = (&'a Place, String)>,
) -> Draft {
    let draft = Draft::at(&Place::default(), message).cause(cause);
    shown.into_iter().take(NAMED).fold(draft, |draft, (place, excerpt)| draft.contract(place, excerpt))
}

/// Operations as places that show a habit.
pub(crate) fn shown<'a>(ops: &[OpView<'a>]) -> Vec<(&'a Place, String)> {
    ops.iter().take(NAMED).map(|op| (&op.spec.place, op.key().to_string())).collect()
}

/// One draft for each operation; where there are many, one for all of them.
pub(crate) fn each<'a>(
    ops: &[OpView<'a>],
    cause: &str,
    one: impl Fn(&OpView<'a>) -> Draft,
    all: impl Fn(&[OpView<'a>]) -> Draft,
) -> Vec<Draft> {
    if ops.len() <= SINGLE {
        return ops.iter().map(one).collect();
    }
    let places = shown(ops);
    let draft = all(ops).cause(cause).operations(ops.iter().map(|op| op.index));
    vec![places.into_iter().fold(draft, |draft, (place, excerpt)| draft.contract(place, excerpt))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_are_named_and_the_rest_is_counted() {
        assert_eq!(names(["a"]), "`a`");
        assert_eq!(names(["a", "b", "c", "d", "e"]), "`a`, `b`, `c` and 2 more");
        assert_eq!(
            (count(1, "operation"), count(2, "operation")),
            ("1 operation".to_owned(), "2 operations".to_owned())
        );
    }
}
