//! Answering questions once, also where they go round in circles.
//!
//! Every question ([`Node`]) is answered on demand and its answer kept. Questions depend on each other in circles: a parameter is what its callers pass,
//! which may be the parameter itself. A question that is met again while it is being answered gets what is known so far; whatever was built on
//! such an unfinished answer is *provisional*. The outermost question of a circle (the root of a strongly connected component, found by low links as in
//! Tarjan's algorithm) is answered again, with the provisional answers as the starting point, until nothing changes, at most [`ROUNDS`] times;
//! then all of the circle is final. Within a round a provisional answer is not computed twice, and inner questions of a circle never begin rounds of
//! their own, so every question is answered at most [`ROUNDS`] times: the cost is linear in the number of questions, whatever the circles look like.

use crate::program::{ClassId, ExprAt, FunctionId, Scope};
use crate::syntax::Sym;

use super::Values;
use super::kind::ObjectId;
use super::state::Store;

/// How often a circle is gone through.
const ROUNDS: u8 = 3;

/// How many questions may wait for each other. Real programs stay far below; beyond, the answer is "unknown".
const DEEPEST: u32 = 6_000;

/// A question. Its answer is a number: of a set, or of a list of callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Node {
    /// What is the expression?
    Expr(ExprAt),
    /// What is the name bound to in the scope, all assignments together?
    Name(Scope, Sym),
    /// What is the n-th parameter given?
    Param(FunctionId, u32),
    /// What does the function return?
    Returns(FunctionId),
    /// What does the generator function yield?
    Yields(FunctionId),
    /// What is the attribute of an instance?
    Attribute(ClassId, Sym),
    /// What was stored under the name in something that is no instance?
    State(Store, Sym),
    /// What does calling the partial there give?
    Applied(ObjectId, ExprAt),
    /// What are the elements?
    Elements(ObjectId),
    /// Who calls functions by this name? A list of callers.
    Callers(Sym),
    /// Which functions are handed to something that will call them? A list of callers.
    Handed,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    status: Status,
    result: u32,
}

#[derive(Clone, Copy, Debug)]
enum Status {
    Final,
    /// Being answered; its depth.
    Open(u32),
    /// Built on the unfinished answer at this depth.
    Provisional(u32),
    /// Provisional in the round before.
    Stale,
}

/// Where answering stands.
#[derive(Debug, Default)]
pub(super) struct Solving {
    depth: u32,
    /// The smallest depth that the current question was built on.
    low: u32,
    provisional: Vec<Node>,
    /// How often a question was worked on.
    worked: u64,
}

impl Values<'_> {
    /// How often questions were worked on so far, circles counted as often as they were gone through: what the evaluator's cost grows with.
    pub fn worked(&self) -> u64 {
        self.solving.borrow().worked
    }

    /// The answer to a question.
    pub(super) fn solve(&self, node: Node) -> u32 {
        let mut known = 0;
        let mut met = None;
        if let Some(answer) = self.memo.borrow().get(&node) {
            match answer.status {
                Status::Final => return answer.result,
                Status::Open(depth) | Status::Provisional(depth) => met = Some((depth, answer.result)),
                Status::Stale => known = answer.result,
            }
        }
        if let Some((depth, result)) = met {
            let mut solving = self.solving.borrow_mut();
            solving.low = solving.low.min(depth);
            return result;
        }
        let depth = self.solving.borrow().depth + 1;
        if depth > DEEPEST {
            return 0;
        }
        stacker::maybe_grow(128 << 10, 4 << 20, || self.answer(node, known, depth))
    }

    fn answer(&self, node: Node, mut known: u32, depth: u32) -> u32 {
        let mut round = 1;
        let (outer_low, mark) = {
            let mut solving = self.solving.borrow_mut();
            solving.depth = depth;
            (solving.low, solving.provisional.len())
        };
        loop {
            self.memo.borrow_mut().insert(node, Answer { status: Status::Open(depth), result: known });
            {
                let mut solving = self.solving.borrow_mut();
                solving.low = u32::MAX;
                solving.worked += 1;
            }
            let result = self.compute(node);
            let mut solving = self.solving.borrow_mut();
            let low = solving.low;
            let mut memo = self.memo.borrow_mut();
            if low < depth {
                memo.insert(node, Answer { status: Status::Provisional(low), result });
                solving.provisional.push(node);
                solving.low = outer_low.min(low);
                solving.depth = depth - 1;
                return result;
            }
            let again = low == depth && result != known && round < ROUNDS;
            let status = if again { Status::Stale } else { Status::Final };
            for member in solving.provisional.drain(mark..) {
                if let Some(answer) = memo.get_mut(&member) {
                    answer.status = status;
                }
            }
            if again {
                known = result;
                round += 1;
                continue;
            }
            memo.insert(node, Answer { status: Status::Final, result });
            solving.low = outer_low;
            solving.depth = depth - 1;
            return result;
        }
    }
}
