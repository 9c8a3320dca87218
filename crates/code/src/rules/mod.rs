//! The rules, one file each, and what they have in common.
//!
//! A rule is registered by one line in its family's list. Its page, `checks/code/<id>.md`, is its documentation and its test.

pub mod churn;
mod cx;
mod draft;
pub mod dynamodb;
pub mod framework;
pub mod look;
pub mod reads;
pub mod retention;
mod rule;
pub mod unclosed;

use plimsoll_model::{Finding, Kind};

use crate::entries;
use crate::lifetimes::Lifetimes;
use crate::program::Program;
use crate::values::Values;

pub use cx::{Cx, Shared};
pub use draft::{Draft, Drafts, Excerpts, Spot, Step};
pub(crate) use rule::rule;
pub use rule::{Meta, Rule};

/// Every family of rules, in the order of the handbook.
const FAMILIES: &[&[&dyn Rule]] =
    &[retention::RULES, reads::RULES, churn::RULES, unclosed::RULES, dynamodb::RULES, framework::RULES];

/// Every rule, in the order of the handbook.
pub fn all() -> impl Iterator<Item = &'static dyn Rule> {
    FAMILIES.iter().flat_map(|family| family.iter().copied())
}

/// The rule with this name.
pub fn find(id: &str) -> Option<&'static dyn Rule> {
    all().find(|rule| rule.meta().id == id)
}

/// Runs the rules that are wanted over a program, with an evaluator and lifetimes of its own.
pub fn check(program: &Program, wanted: impl Fn(&Meta) -> bool, lines: &dyn Excerpts) -> Vec<Finding> {
    let values = Values::new(program);
    let entries = entries::find(program, &values);
    let lifetimes = Lifetimes::new(program, &values, &entries);
    let shared = Shared::default();
    run(&Cx::new(program, &values, &entries, &lifetimes, &shared), wanted, lines)
}

/// Runs the rules that are wanted; findings come in the order of files and lines, one for each rule, place and cause.
pub fn run(cx: &Cx<'_>, wanted: impl Fn(&Meta) -> bool, lines: &dyn Excerpts) -> Vec<Finding> {
    let mut out = Drafts::default();
    for rule in all() {
        if wanted(rule.meta()) {
            rule.check(cx, &mut out);
        }
    }
    out.finish(cx, lines)
}

/// Whether a finding of this kind speaks of memory that is kept, which the rules of retention tell apart from everything else.
pub const fn is_leak(kind: Kind) -> bool {
    matches!(kind, Kind::Leak)
}
