//! Peaks: what one request takes while it is served, and how that grows with the number of items asked for.

use std::pin::pin;
use std::time::Duration;

use plimsoll_http::{Request, Transport};

use super::case::Case;
use super::{Progress, Sense, Session, Stop};
use crate::drive::{Answers, Load};
use crate::estimate::peak::{InFlight, against_items, peak};
use crate::sample::Collect;

/// How often the agent looks while a request is served.
const EVERY: Duration = Duration::from_millis(1);
/// Requests for one size.
const TIMES: usize = 4;
/// Milliseconds that the requests of one operation may take.
const MOST_MS: f64 = 2_500.0;
/// Sizes that are tried.
const SIZES: usize = 4;

impl<T: Transport, S: Sense> Session<'_, T, S> {
    /// Measures the peak of every operation that answers.
    pub(super) async fn measure_peaks(&mut self) -> Result<(), Stop> {
        self.tell(Progress::Peaks);
        let (held, limit) = (self.base_bytes as f64, self.options.limit as f64);
        for case in &mut self.cases {
            if case.barred.is_some() || !case.answers.are_good() {
                continue;
            }
            self.doing = Some(case.driven.key.clone());
            let mut observed = Vec::new();
            let times = ((MOST_MS / case.latency_ms.max(1.0)) as usize).clamp(2, TIMES);
            for (size, request) in requests(case) {
                for _ in 0..times {
                    let Some((bytes, answers)) = one(&mut self.load, self.sense, case, request.clone()).await? else {
                        break;
                    };
                    case.took(&answers);
                    if answers.are_good() {
                        observed.push(InFlight { items: answers.items.or(size), bytes, answer: answers.largest });
                    }
                }
            }
            case.peak = peak(&observed, held, limit);
            case.peak_points = against_items(&observed);
        }
        self.doing = None;
        self.look().await.map(drop)
    }
}

/// The requests to try: the operation's own, and the same with other numbers of items.
fn requests(case: &Case) -> Vec<(Option<u64>, Request)> {
    let own = case.driven.source.nth(0, true);
    let mut out = Vec::new();
    if let Some((name, sizes)) = &case.driven.sizes {
        let step = sizes.len().div_ceil(SIZES).max(1);
        for size in sizes.iter().rev().step_by(step) {
            let mut request = own.clone();
            request.set_query(name, &size.to_string());
            out.push((Some(*size), request));
        }
        out.reverse();
    }
    if out.is_empty() {
        out.push((None, own));
    }
    out
}

/// Sends one request and says how many bytes it took at most above what was in use before. None where that cannot be seen.
async fn one<T: Transport, S: Sense>(
    load: &mut Load<T>,
    sense: &mut S,
    case: &Case,
    request: Request,
) -> Result<Option<(f64, Answers)>, Stop> {
    if let Some(agents) = sense.agents() {
        if agents.peak_start(EVERY).await.is_err() {
            return Ok(None);
        }
        let answers = load.send_one(case.op, &case.driven, request).await;
        let Ok(seen) = agents.peak_stop().await else { return Ok(None) };
        // What is still there when the request is over was not in use for it alone: cycles that wait for the collector are churn, not a peak.
        return Ok(Some((seen.peak.saturating_sub(seen.base.max(seen.after)) as f64, answers)));
    }
    let held = |reading: &crate::sample::Reading| reading.uss.unwrap_or(reading.rss);
    let base = held(&sense.read(Collect::Nothing).await?);
    let mut most = base;
    let mut sending = pin!(load.send_one(case.op, &case.driven, request));
    loop {
        tokio::select! {
            biased;
            answers = &mut sending => return Ok(Some((most.saturating_sub(base) as f64, answers))),
            () = tokio::time::sleep(EVERY) => most = most.max(held(&sense.read(Collect::Nothing).await?)),
        }
    }
}
