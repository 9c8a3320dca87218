//! `limit-ignored`: a page size is accepted and changes nothing.

use plimsoll_http::Probe;
use plimsoll_model::PartKind;

use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::list::List;
use crate::view::Op;

check! {
    /// A declared page size that the answer does not follow.
    pub struct LimitIgnored {
        id: "limit-ignored", weakness: UnboundedRead, mode: Active, since: "0.1.0", page: "http/limit-ignored.md",
    }
}

/// Page sizes to ask for. Two different ones: a service may round one of them up to a smallest page, not both.
const ASKED: [u64; 2] = [1, 3];

fn asked(op: &Op<'_>) -> Option<[(u64, Probe); 2]> {
    let limit = op.paging().limit?;
    // A list that is shorter than what is asked for shows nothing.
    op.list().filter(|list| list.len() > ASKED[1])?;
    Some(ASKED.map(|size| (size, op.probe().query(&limit, &size.to_string()))))
}

impl Check for LimitIgnored {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        asked(op).into_iter().flatten().map(|(_, probe)| probe).collect()
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let (Some(limit), Some(asked)) = (op.paging().limit, asked(op)) else { return Vec::new() };
        let mut answers = Vec::new();
        for (size, probe) in &asked {
            let Some(list) = op.success(probe).and_then(List::in_answer) else { return Vec::new() };
            answers.push((*size, list));
        }
        if !answers.iter().all(|(size, list)| list.len() > *size) || answers[0].1.len() != answers[1].1.len() {
            return Vec::new();
        }
        let mut draft = op
            .finding(format!(
                "`{limit}` is accepted and ignored: asked for {} and {} elements, the answers have {} each.",
                ASKED[0],
                ASKED[1],
                answers[0].1.len(),
            ))
            .part(PartKind::Query, &limit);
        for (size, list) in &answers {
            draft = draft.outline(list.exchange, format!("with {limit}={size}: {} elements", list.len()));
        }
        vec![draft]
    }
}
