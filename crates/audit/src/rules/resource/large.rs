//! What requests and answers have in common whose bound is large.

use plimsoll_model::Severity;

use crate::draft::Draft;
use crate::rules::tally;
use crate::size::{OperationSizes, human};
use crate::view::{OpView, View};

/// From here on a size is worth a word.
const LARGE: u128 = 10 << 20;
/// From here on it fills the memory of a worker.
const HUGE: u128 = 100 << 20;

/// One draft for each operation above the threshold; where there are many, one for all. `say` gets the largest size and the number of
/// operations.
pub(super) fn drafts(
    view: &View<'_>,
    cause: &str,
    size_of: impl Fn(&OperationSizes) -> Option<u128>,
    say: impl Fn(&str, usize) -> String,
) -> Vec<Draft> {
    let size = |op: &OpView<'_>| view.sizes().operation(op.index as usize).and_then(&size_of).unwrap_or(0);
    let mut large: Vec<OpView<'_>> = view.operations().filter(|op| size(op) > LARGE).collect();
    large.sort_by_key(|op| u128::MAX - size(op));
    let severity = |bytes: u128| if bytes > HUGE { Severity::Medium } else { Severity::Low };
    let one = |op: &OpView<'_>| Draft::about(op, say(&human(size(op)), 1)).severity(severity(size(op)));
    let all = |ops: &[OpView<'_>]| {
        let most = ops.first().map_or(0, size);
        Draft::about(&ops[0], say(&human(most), ops.len())).severity(severity(most))
    };
    tally::each(&large, cause, one, all)
}
