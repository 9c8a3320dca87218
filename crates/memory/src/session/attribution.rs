//! Attribution: for operations that leak, the lines that allocate and the path that retains. Dear, and so for these only.

use plimsoll_http::Transport;
use plimsoll_model::memory::{AllocationLine, Interval, Retainer, StoredAt, TypeGrowth, Verdict};

use super::case::Case;
use super::measure::affordable;
use super::{Progress, Sense, Session, Stop};
use crate::agent::client::{AgentError, Agents};
use crate::attribute::{Share, allocation_lines, retaining_holders, type_table};
use crate::drive::Load;
use crate::estimate::{Course, LEVEL};

/// Requests between two marks, and how long they may take in milliseconds.
const REQUESTS: u64 = 60;
const ROUND_MS: f64 = 1_500.0;
/// Rounds of tracing, and the part of the other rounds' requests in each. A traced request costs twenty to thirty others, so few of them keep the whole
/// attribution within three times what its requests would take alone (bench/memory.sh).
const ROUNDS: u32 = 3;
const TRACED_PART: u64 = 20;
/// Frames of each allocation: deep enough to get through a framework and a client library to the application. Each costs.
const FRAMES: u16 = 40;
/// How much the application may grow in one round, in bytes.
const MOST_GROWTH: u64 = 8 << 20;
/// Leaks that are asked for although the time is spent.
const LATE: usize = 1;
/// Above this share of the growth, a holder explains it.
const EXPLAINS: f64 = 0.3;
/// Elements per request of a holder that gets one with each.
const EACH_TIME: f64 = 0.9;
/// Below this share of the growth, what the interpreter allocated does not explain it.
const NATIVE: f64 = 0.3;

impl<T: Transport, S: Sense> Session<'_, T, S> {
    /// Asks the agents what holds the memory of every leak.
    pub(super) async fn attribute(&mut self) -> Result<(), Stop> {
        if !self.options.attribute || self.sense.agents().is_none() {
            return Ok(());
        }
        if let (Some(case), Some(agents)) = (&mut self.control_case, self.sense.agents()) {
            let asked = attribute_one(&mut self.load, agents, case).await;
            if asked.is_err() {
                drop(agents.trace_stop().await);
            }
            self.note(asked, "what every request leaves behind");
            self.look().await?;
        }
        let leaks: Vec<usize> = (0..self.cases.len()).filter(|&index| self.is_leak(index)).collect();
        for (done, &index) in leaks.iter().enumerate() {
            if self.left().is_zero() && done >= LATE {
                let rest = leaks.len() - done;
                self.notes.push(format!("what holds the memory of {rest} leaks was not asked: the time is spent"));
                break;
            }
            let operation = self.cases[index].driven.key.clone();
            self.doing = Some(operation.clone());
            self.tell(Progress::Attribute { operation: operation.clone() });
            let Some(agents) = self.sense.agents() else { break };
            let asked = attribute_one(&mut self.load, agents, &mut self.cases[index]).await;
            if asked.is_err() {
                // Tracing must not go on.
                drop(agents.trace_stop().await);
            }
            self.note(asked, &format!("the memory of {operation}"));
            // Also notices a target that died of it.
            self.look().await?;
        }
        self.doing = None;
        Ok(())
    }

    /// Says what could not be found out, or only in a part of the heap.
    fn note(&mut self, asked: Result<Option<String>, AgentError>, what: &str) {
        match asked {
            Ok(None) => {}
            Ok(Some(why)) => self.notes.push(format!("what holds {what} was looked for in a part of the heap: {why}")),
            Err(error) => self.notes.push(format!("what holds {what} could not be found out: {error}")),
        }
    }

    fn is_leak(&self, index: usize) -> bool {
        let case = &self.cases[index];
        // What every request leaves behind is asked for once.
        case.barred.is_none()
            && self.common(case).is_none()
            && case.judgement().is_some_and(|judgement| judgement.verdict == Verdict::Leak)
    }
}

/// Asks for one operation. What it returns is why only a part of the heap was looked at, where that is so.
async fn attribute_one<T: Transport>(
    load: &mut Load<T>,
    agents: &mut Agents,
    case: &mut Case,
) -> Result<Option<String>, AgentError> {
    let slope = case.judgement().map(|judgement| judgement.slope.value);
    let count = case.count_for(ROUND_MS, 6, REQUESTS).min(affordable(slope.unwrap_or(0.0), MOST_GROWTH).max(3));
    agents.retention_mark().await?;
    for round in 0..2 {
        let answers = load.send(case.block(count, 1, false)).await;
        case.took(&answers);
        if round == 0 {
            agents.retention_mark().await?;
        }
    }
    let retainers = agents.retention_diff(count).await?;
    case.types = type_table(&retainers, 2)
        .into_iter()
        .map(|one| TypeGrowth {
            name: one.name,
            objects: signed(one.count),
            bytes: signed(one.bytes),
            per_request: one.per_request,
        })
        .collect();
    case.retained_by = retaining_holders(&retainers, slope)
        .into_iter()
        .map(|holder| Retainer {
            path: holder.path,
            text: holder.text,
            entries: holder.grown,
            entries_per_request: holder.per_request,
            bytes_per_request: holder.bytes_per_request,
            explains: holder.explains,
            own: holder.app,
            named: holder.named,
            bound: None,
            stored_at: holder.stored_at.into_iter().map(stored_at).collect(),
        })
        .collect();
    let rises = case.judgement().is_some_and(|judgement| judgement.course == Course::Rising);
    let explained = case.retained_by.iter().any(|holder| explains(holder, rises));
    if case.provisional && !explained {
        // Fewer requests than a bounded structure may take to fill, and nothing without a bound grows: the agent leaves out what is bounded.
        if let Some(judgement) = &mut case.measured {
            judgement.verdict = Verdict::Inconclusive;
        }
        return Ok(retainers.cut_short);
    }
    let requests = (count / TRACED_PART).max(1);
    agents.trace_start(FRAMES).await?;
    // What the first traced request allocates for good is no growth.
    case.took(&load.send(case.block(1, 1, false)).await);
    agents.trace_mark().await?;
    for _ in 0..ROUNDS {
        let answers = load.send(case.block(requests, 1, false)).await;
        case.took(&answers);
        agents.trace_mark().await?;
    }
    let allocations = agents.trace_stop().await?;
    if let (Some(slope), [first, .., last]) = (slope, &allocations.totals[..]) {
        // Live bytes include what native code took from malloc; tracing sees the interpreter's own allocations only.
        let per_request = last.saturating_sub(*first) as f64 / (f64::from(ROUNDS) * requests as f64);
        case.native = per_request < NATIVE * slope && !explained;
    }
    let some = |text: String| (!text.is_empty()).then_some(text);
    case.allocated_at = allocation_lines(&allocations, requests)
        .into_iter()
        .map(|line| AllocationLine {
            file: line.file,
            line: line.line,
            function: some(line.function),
            text: some(line.text),
            own: line.app,
            bytes_per_request: line.bytes_per_request,
            share: share(line.share),
            through: some(line.via).into_iter().collect(),
        })
        .collect();
    Ok(retainers.cut_short)
}

/// Whether a holder explains a growth. One that gets an element with every request explains growth that rises, whatever its new elements weigh: what they draw into
/// the older ones, as handlers that all write down what happens, is not counted as theirs. What fills a bounded structure does not rise.
fn explains(holder: &Retainer, rises: bool) -> bool {
    let each_time = holder.own && holder.named && holder.entries_per_request >= EACH_TIME;
    holder.explains.is_none_or(|part| part >= EXPLAINS) || rises && each_time
}

fn stored_at(at: crate::agent::protocol::StoredAt) -> StoredAt {
    let some = |text: String| (!text.is_empty()).then_some(text);
    StoredAt { file: at.file, line: at.line, function: some(at.function), text: some(at.text), exact: at.exact }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn share(share: Share) -> Interval {
    let (low, high) = share.interval.unwrap_or((share.value, share.value));
    Interval { value: share.value, low, high, level: if share.interval.is_some() { LEVEL } else { 0.0 } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(entries_per_request: f64, explains: f64) -> Retainer {
        Retainer {
            path: Vec::new(),
            text: String::new(),
            entries: 120,
            entries_per_request,
            bytes_per_request: 600.0,
            explains: Some(explains),
            own: true,
            named: true,
            bound: None,
            stored_at: Vec::new(),
        }
    }

    #[test]
    fn growth_that_rises_is_explained_by_who_gets_an_element_each_time() {
        assert!(explains(&holder(1.0, 0.5), false));
        assert!(explains(&holder(1.0, 0.01), true));
        // Steady growth has to be found in the elements themselves.
        assert!(!explains(&holder(1.0, 0.01), false));
        assert!(!explains(&holder(0.2, 0.01), true));
        assert!(!explains(&Retainer { own: false, ..holder(1.0, 0.01) }, true));
        assert!(!explains(&Retainer { named: false, ..holder(1.0, 0.01) }, true));
    }
}
