//! Frames: what a measurement saw of where bytes are stored and allocated, and which roots that points to.
//!
//! A statement that names the holder says more than one that leads to it, and where bytes are stored says more than where they were made.

use plimsoll_model::Finding;
use plimsoll_model::memory::OperationMemory;

use super::roots::{Fit, Root};

/// A line that allocates less of the growth is not taken for its cause.
const SHARE: f64 = 0.2;

/// What a measurement says of the roots that it could come from.
#[derive(Debug, Default)]
pub struct Pointed {
    /// The root that holds what was measured, with what shows it.
    pub first: Option<(usize, String)>,
    /// Roots that hold a part of it, too.
    pub others: Vec<(usize, String)>,
    /// Where the application stores the bytes, when that is no root that code knows.
    pub elsewhere: Option<String>,
}

/// How clearly something points to a root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    /// Bytes are allocated in its function.
    MadeInFunction,
    /// Bytes are allocated at its line, or at a line of its chain.
    MadeAtLine,
    /// The holder is filled in its function.
    StoredInFunction,
    /// A statement that leads to the holder is its line.
    StoredOnTheWay,
    /// The statement that fills the holder is its line.
    Stored,
}

/// What the frames of a measurement point to among roots that fit its finding.
pub fn pointed(finding: &Finding, memory: &OperationMemory, roots: &[Root]) -> Pointed {
    let mut signs: Vec<(Sign, std::cmp::Reverse<usize>, usize, String)> = Vec::new();
    let fitting =
        || roots.iter().enumerate().filter(|(_, root)| root.is_leak() && matches!(root.fits(finding), Fit::Yes { .. }));
    let held = memory.retained_by.iter().enumerate().filter(|(_, retainer)| retainer.own && retainer.named);
    for (order, retainer) in held {
        for at in &retainer.stored_at {
            for (number, root) in fitting() {
                let sign = if root.has_line(&at.file, at.line) {
                    if at.exact { Sign::Stored } else { Sign::StoredOnTheWay }
                } else if at.exact && at.function.as_deref().is_some_and(|function| root.is_in(&at.file, function)) {
                    Sign::StoredInFunction
                } else {
                    continue;
                };
                let holder = retainer.path.first().map_or("something", String::as_str);
                signs.push((
                    sign,
                    std::cmp::Reverse(order),
                    number,
                    format!("`{holder}` is filled at {}:{}", at.file, at.line),
                ));
            }
        }
    }
    let made = memory.allocated_at.iter().enumerate().filter(|(_, line)| line.own && line.share.value >= SHARE);
    for (order, line) in made {
        for (number, root) in fitting() {
            let sign = if root.has_line(&line.file, line.line) {
                Sign::MadeAtLine
            } else if line.function.as_deref().is_some_and(|function| root.is_in(&line.file, function)) {
                Sign::MadeInFunction
            } else {
                continue;
            };
            let share = line.share.value.min(1.0) * 100.0;
            signs.push((
                sign,
                std::cmp::Reverse(order),
                number,
                format!("{share:.0} % of it is allocated at {}:{}", line.file, line.line),
            ));
        }
    }
    let strength = |number: usize| (roots[number].weakness == finding.weakness, roots[number].severity);
    signs.sort_by(|a, b| {
        (b.0, strength(b.2), b.1)
            .cmp(&(a.0, strength(a.2), a.1))
            .then_with(|| a.2.cmp(&b.2))
            .then_with(|| a.3.cmp(&b.3))
    });
    let stored = memory
        .retained_by
        .iter()
        .filter(|retainer| retainer.own && retainer.named)
        .flat_map(|retainer| &retainer.stored_at);
    let elsewhere = stored.filter(|at| at.exact).map(|at| format!("{}:{}", at.file, at.line)).next();
    let mut signs = signs.into_iter();
    let Some((sign, _, number, why)) = signs.next() else { return Pointed { elsewhere, ..Pointed::default() } };
    // Where the holder is filled is known, and it is not where the bytes were made: what was made there is held by something else.
    if sign < Sign::StoredInFunction && elsewhere.is_some() {
        return Pointed { elsewhere, ..Pointed::default() };
    }
    let mut others: Vec<(usize, String)> = Vec::new();
    for (sign, _, other, why) in signs {
        if sign >= Sign::StoredOnTheWay && other != number && !others.iter().any(|(known, _)| *known == other) {
            others.push((other, why));
        }
    }
    Pointed { first: Some((number, why)), others, elsewhere: None }
}
