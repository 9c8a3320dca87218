//! Measuring suspects alone: one at a time first, then with the same request repeated, then many at once.

use std::time::Duration;

use plimsoll_http::Transport;
use plimsoll_model::memory::{AtConcurrency, Curve, Fit, HandleGrowth, Signal, Verdict};

use super::case::Handles;
use super::report::widened;
use super::screen::OWN;
use super::{Progress, Sense, Session, Stop};
use crate::estimate::{Course, Interval, Judgement, Next, Plan, Rules, Watch, judge};
use crate::sample::Reading;

/// Milliseconds of a block, short against a series, and how long it may become where a collection takes long.
const BLOCK_MS: f64 = 330.0;
const LONGEST_BLOCK_MS: f64 = 1_000.0;
/// Requests of a control series, and its time.
const CONTROL_REQUESTS: f64 = 700.0;
const CONTROL_TIME: Duration = Duration::from_secs(3);
/// The share of an operation's time that its first series, and the one that confirms, may take where requests are not all that is wanting.
const SHARE: f64 = 0.6;
/// Growth with a fixed input, against that with varied inputs: below, the growth is keyed by input; above the other, it is not.
const KEYED: f64 = 0.35;
const NOT_KEYED: f64 = 0.5;
/// Growth many at once, against that of one at a time before: below, most of that was a bounded structure that filled.
const SHRUNK: f64 = 0.5;
/// Blocks that a series should have at least in its time.
const BLOCKS: u32 = 12;
/// How many times as long a series may take that shows growth.
const PATIENCE: u32 = 2;
/// Requests before an operation is called clean by live bytes, and by memory from outside.
const LEAST: f64 = 600.0;
const LEAST_OUTSIDE: f64 = 1_500.0;
/// One block in so many may be left out because threads ended or connections were closed in it.
const LEFT_OUT: usize = 4;
/// Requests that a suspicion needs at least, or what they must surely have left behind.
const HURRIED: f64 = 80.0;
const HURRIED_BYTES: f64 = 4e6;
/// The share of the whole time that is kept for attribution.
const RESERVE: f64 = 0.15;
/// The share of a growth, or of one that matters, by which glances may overstate it.
const OVERSTATED: f64 = 0.02;
/// What must be left of the time for another series.
const WORTH: Duration = Duration::from_secs(3);

/// A finished series.
pub(super) struct Series {
    pub judgement: Option<Judgement>,
    /// Whether a leak rests on fewer requests than it should.
    pub provisional: bool,
    pub curve: Curve,
    pub requests: u64,
    pub handles: Vec<HandleGrowth>,
}

impl<T: Transport, S: Sense> Session<'_, T, S> {
    /// Measures every suspect, those that surely grow first.
    pub(super) async fn measure(&mut self) -> Result<(), Stop> {
        let mut suspects: Vec<usize> = (0..self.cases.len()).filter(|&index| self.is_suspect(index)).collect();
        let least = |index: &usize| self.cases[*index].screened.as_ref().map_or(0.0, |judgement| judgement.slope.low);
        suspects.sort_by(|a, b| least(b).total_cmp(&least(a)));
        for (at, &index) in suspects.iter().enumerate() {
            if !self.is_time_for_another() && at > 0 {
                let unmeasured = suspects.len() - at;
                self.notes
                    .push(format!("{unmeasured} operations that may grow were not measured alone: the time is spent"));
                break;
            }
            self.measure_one(index, suspects.len() - at - 1).await?;
        }
        self.doing = None;
        Ok(())
    }

    fn is_suspect(&self, index: usize) -> bool {
        let case = &self.cases[index];
        let grows = case
            .screened
            .as_ref()
            .is_none_or(|judgement| matches!(judgement.verdict, Verdict::Leak | Verdict::Inconclusive));
        case.barred.is_none() && (grows || case.handles.iter().any(|handle| handle.verdict == Verdict::Leak))
    }

    async fn measure_one(&mut self, index: usize, after: usize) -> Result<(), Stop> {
        let time = self.options.operation_time;
        let most = self.options.most_requests as f64;
        let control = Rules { total: 0.0, steady: 0.0, ..self.rules };
        let first = Rules { total: self.rules.steady, ..self.rules };
        let plan = Plan { rules: first, most, least: self.least() };
        let alone = self.series(index, 1, false, plan, time.mul_f64(SHARE), after).await?;
        let leaks_alone = is_leak(alone.judgement.as_ref());
        self.cases[index].handles.clone_from(&alone.handles);
        self.cases[index].provisional = alone.provisional;
        self.keep(index, 1, alone);
        if leaks_alone && self.may_be_as_everywhere(index) && self.worth_it(index) {
            // What is bounded may have been filling yet, and a few requests say little of so small a difference.
            let again = self.series(index, 1, false, plan, time.mul_f64(SHARE), after).await?;
            if is_leak(again.judgement.as_ref()) {
                self.cases[index].concurrency.retain(|at| at.concurrency != 1);
                self.keep(index, 1, again);
            }
        }
        if leaks_alone && self.is_as_everywhere(index) {
            // It is the leak of every request, which the control showed: nothing more is to be learned from this operation.
            self.cases[index].as_everywhere = true;
            return Ok(());
        }
        if leaks_alone {
            if self.cases[index].driven.source.varies() && self.worth_it(index) {
                let plan = Plan { rules: control, most: CONTROL_REQUESTS, least: 200.0 };
                let fixed = self.series(index, 1, true, plan, CONTROL_TIME, after).await?;
                self.compare_fixed(index, &fixed);
                self.cases[index].curves.push(fixed.curve);
            }
            return self.confirm(index, after).await;
        }
        if is_leak(self.cases[index].screened.as_ref()) && self.options.concurrency > 1 && self.worth_it(index) {
            // It grew when many came at once, and not alone: that is a leak of threads' making, or was warm-up.
            let plan = Plan { rules: self.rules_left(index), most, least: self.least() };
            let many = self.series(index, self.options.concurrency, false, plan, time, after).await?;
            self.keep(index, self.options.concurrency, many);
        }
        Ok(())
    }

    /// Goes on, many at once, until bounded structures of the usual sizes would be full: growth that ends by then was no leak.
    async fn confirm(&mut self, index: usize, after: usize) -> Result<(), Stop> {
        let most = self.options.most_requests as f64;
        let control = Rules { total: 0.0, steady: 0.0, ..self.rules };
        let slope = self.cases[index].measured.as_ref().map_or(0.0, |judgement| judgement.slope.value);
        // Filling what may be bounded must not fill the machine.
        let too_much = slope * self.rules_left(index).total > 2.0 * self.options.most_growth as f64;
        if too_much || !self.worth_it(index) {
            self.cases[index].provisional |= (self.cases[index].next as f64) < self.rules.total;
            return Ok(());
        }
        let rules = self.rules_left(index);
        let plan = Plan { rules, most: rules.total.max(CONTROL_REQUESTS), least: 200.0 };
        let concurrency = self.options.concurrency.max(1);
        let time = self.options.operation_time.mul_f64(SHARE);
        let many = self.series(index, concurrency, false, plan, time, after).await?;
        let goes_on = is_leak(many.judgement.as_ref());
        let least = self.cases[index].measured.as_ref().map_or(0.0, |first| first.slope.low);
        // What goes on by far less was filling; what is left may be the rest of that.
        let shrank = many.judgement.as_ref().is_some_and(|judgement| judgement.slope.value < SHRUNK * least);
        let ended = shrank
            || many.judgement.as_ref().is_some_and(|judgement| {
                matches!(judgement.verdict, Verdict::None | Verdict::Plateau) || judgement.course == Course::Falling
            });
        if concurrency > 1 {
            self.note_concurrency(index, concurrency, &many);
        }
        self.cases[index].curves.push(many.curve);
        if goes_on && !many.provisional && !shrank {
            self.cases[index].provisional = false;
            return Ok(());
        }
        self.cases[index].provisional = true;
        if ended && self.worth_it(index) {
            let plan = Plan { rules: control, most: most / 2.0, least: 300.0 };
            let again = self.series(index, 1, false, plan, time, after).await?;
            let case = &mut self.cases[index];
            case.curves.push(again.curve);
            if let Some(mut judgement) =
                again.judgement.filter(|judgement| shrank || judgement.verdict != Verdict::Leak)
            {
                if judgement.verdict == Verdict::None {
                    judgement.verdict = Verdict::Plateau;
                }
                judgement.warmed += case.measured.as_ref().map_or(0.0, |first| first.slope.value * first.fit.requests);
                case.measured = Some(judgement);
                case.keyed_by_input = None;
            }
        }
        Ok(())
    }

    /// Requests before an operation is called clean. From outside, what leaks fills holes in the allocator's memory first: some megabytes are not seen.
    fn least(&self) -> f64 {
        if self.signal == Signal::Live { LEAST } else { LEAST_OUTSIDE }
    }

    fn worth_it(&self, index: usize) -> bool {
        self.is_time_for_another() && self.cases[index].barred.is_none()
    }

    /// When measuring must be over: some time must be left for asking what holds the memory.
    fn measured_by(&self) -> Duration {
        let reserve = if self.options.attribute { self.options.time.mul_f64(RESERVE) } else { Duration::ZERO };
        self.options.time.saturating_sub(reserve)
    }

    fn is_time_for_another(&self) -> bool {
        self.measured_by().saturating_sub(self.elapsed()) > WORTH
    }

    /// Whether what was measured is no more than what every request leaves behind, give or take what differs between operations.
    fn is_as_everywhere(&self, index: usize) -> bool {
        let (Some(everywhere), Some(own)) = (self.everywhere, &self.cases[index].measured) else { return false };
        own.slope.high - everywhere.value < OWN * everywhere.value
    }

    /// Whether it is open if an operation leaves more behind than every request does.
    fn may_be_as_everywhere(&self, index: usize) -> bool {
        let (Some(everywhere), Some(own)) = (self.everywhere, &self.cases[index].measured) else { return false };
        !self.is_as_everywhere(index) && own.slope.value - everywhere.value < OWN * everywhere.value
    }

    /// The rules for what is still to be sent: requests sent before filled bounded structures as well.
    fn rules_left(&self, index: usize) -> Rules {
        let total = (self.rules.total - self.cases[index].next as f64).max(0.0);
        Rules { total, steady: self.rules.steady.min(total), ..self.rules }
    }

    /// Takes a series as the measurement of an operation, unless one before found a leak.
    fn keep(&mut self, index: usize, concurrency: u32, series: Series) {
        self.note_concurrency(index, concurrency, &series);
        let case = &mut self.cases[index];
        let leak = series.judgement.as_ref().is_some_and(|judgement| judgement.verdict == Verdict::Leak);
        if leak || case.measured.is_none() {
            case.measured = series.judgement.or_else(|| case.measured.take());
        }
        case.curves.push(series.curve);
    }

    fn note_concurrency(&mut self, index: usize, concurrency: u32, series: &Series) {
        if let Some(judgement) = &series.judgement {
            self.cases[index].concurrency.push(AtConcurrency {
                concurrency,
                verdict: judgement.verdict,
                bytes_per_request: widened(judgement.slope),
                requests: series.requests,
            });
        }
    }

    fn compare_fixed(&mut self, index: usize, fixed: &Series) {
        let case = &mut self.cases[index];
        let (Some(varied), Some(fixed)) = (&case.measured, &fixed.judgement) else { return };
        case.keyed_by_input = if fixed.slope.high < KEYED * varied.slope.value {
            Some(true)
        } else if fixed.slope.low > NOT_KEYED * varied.slope.value {
            Some(false)
        } else {
            None
        };
    }

    /// Drives one operation until its curve decides, or its time, its requests or its memory are spent. What grows is believed of whole collections only, or
    /// where a whole one at the end bears the others out.
    pub(super) async fn series(
        &mut self,
        index: usize,
        concurrency: u32,
        fixed: bool,
        plan: Plan,
        time: Duration,
        after: usize,
    ) -> Result<Series, Stop> {
        let series = self.series_once(index, concurrency, fixed, plan, time, after).await?;
        let points = &series.curve.points;
        let grown = points.last().map_or(0.0, |last| last[1]) - points.first().map_or(0.0, |first| first[1]);
        let grows = series
            .judgement
            .as_ref()
            .is_none_or(|judgement| !matches!(judgement.verdict, Verdict::None | Verdict::Plateau));
        if self.is_sound(grown, series.requests as f64).await? || !grows || !self.worth_it(index) {
            return Ok(series);
        }
        self.series_once(index, concurrency, fixed, plan, time, after).await
    }

    /// Whether glances bear a growth out by which bytes are judged. Where they do not, there are no more glances.
    pub(super) async fn is_sound(&mut self, grown: f64, requests: f64) -> Result<bool, Stop> {
        let most = (OVERSTATED * grown).max(OVERSTATED * self.rules.target * requests);
        let is_sound = self.overstated().await? <= most;
        self.may_skip &= is_sound;
        Ok(is_sound)
    }

    async fn series_once(
        &mut self,
        index: usize,
        concurrency: u32,
        fixed: bool,
        plan: Plan,
        time: Duration,
        after: usize,
    ) -> Result<Series, Stop> {
        self.doing = Some(self.cases[index].driven.key.clone());
        let mut before = self.look().await?;
        let mut until = (self.elapsed() + time).min(self.measured_by());
        let longest = (self.elapsed() + time * PATIENCE).min(self.measured_by());
        let first = self.bytes(&before);
        let mut watch = Watch::new(plan, self.control);
        let mut handles = Handles::default();
        let mut requests = 0;
        let mut provisional = false;
        let mut left_out = 0;
        let mut most = u64::MAX;
        let mut slope = self.cases[index].judgement().map_or(0.0, |judgement| judgement.slope.value);
        watch.push(0.0, first, before.generation);
        handles.push(0.0, &before);
        let judgement = loop {
            let case = &self.cases[index];
            let block_ms = self.block_ms(BLOCK_MS, LONGEST_BLOCK_MS);
            let count = case.count_for(if concurrency > 1 { 2.0 * block_ms } else { block_ms }, 4, 150);
            // What grows by megabytes is measured in small steps.
            let count = count.min(affordable(slope, self.options.most_growth / 24)).min(most);
            let answers = self.load.send(case.block(count, concurrency, fixed)).await;
            self.cases[index].took(&answers);
            if fixed {
                // These fill nothing.
                self.cases[index].next -= answers.sent;
            }
            requests += answers.sent;
            let reading = self.glance().await?;
            // Requests may take longer than those from which their number was reckoned: what is asked for the first time is in no cache. A line wants points.
            let took = reading.at.saturating_sub(before.at);
            if took * BLOCKS > time {
                most = ((answers.sent as f64 * time.as_secs_f64() / (took * BLOCKS).as_secs_f64()) as u64).max(4);
            }
            if reading.generation != before.generation {
                handles.clear();
            }
            if gave_back(&before, &reading) && left_out * LEFT_OUT < watch.points().len() {
                left_out += 1;
                watch.leave_out(requests as f64, self.bytes(&reading), reading.generation);
            } else {
                watch.push(requests as f64, self.bytes(&reading), reading.generation);
            }
            handles.push(requests as f64, &reading);
            if concurrency == 1 {
                self.cases[index].cost.add(&before, &reading, answers.sent);
            }
            before = reading;
            if let Next::Done(judgement) = watch.decide() {
                break Some(*judgement);
            }
            let grown = watch.points().last().map_or(0.0, |last| last[1]) - watch.points()[0][1];
            // What may well be a leak gets more time; what looks clean does not.
            let grows =
                |judgement: Judgement| judgement.course != Course::Falling && judgement.slope.value > plan.rules.margin;
            if self.elapsed() >= until && watch.conclude().is_some_and(grows) {
                until = longest;
            }
            let spent = self.elapsed() >= until;
            let too_much = grown > self.options.most_growth as f64 && watch.points().len() > 9;
            if spent || too_much || self.cases[index].barred.is_some() {
                let hurried = self.hurried(&watch);
                provisional = hurried.as_ref().is_some_and(|(_, provisional)| *provisional);
                break hurried.map(|(judgement, _)| judgement);
            }
            slope = slope.max(grown / requests.max(1) as f64);
            let bytes_per_request = watch.conclude().map(|judgement| judgement.slope.value);
            let operation = self.cases[index].driven.key.clone();
            self.tell(Progress::Measure { operation, requests, bytes_per_request, after, left: self.left() });
        };
        let curve = self.curve(&watch, judgement.as_ref(), concurrency, fixed);
        Ok(Series { judgement, provisional, curve, requests, handles: handles.judged(&Rules::HANDLES) })
    }

    /// The verdict of a series that had to end early, and whether it is provisional. Megabytes in a few requests are believed: what fills them is no warm-up, though it
    /// may still be a structure with a bound beyond the requests that were sent. Less is believed only until the agent was asked whether something without a
    /// bound holds it.
    fn hurried(&mut self, watch: &Watch) -> Option<(Judgement, bool)> {
        let judgement = watch.conclude()?;
        let rules = Rules { steady: 0.0, total: 0.0, ..self.rules };
        let hurried = judge(watch.points(), self.control, &rules)?;
        let grown = hurried.slope.low * hurried.fit.requests;
        let believed = grown > self.options.most_growth as f64 / 2.0;
        let asked = self.options.attribute && self.sense.agents().is_some();
        let suspected =
            asked && hurried.verdict == Verdict::Leak && (hurried.fit.requests >= HURRIED || grown > HURRIED_BYTES);
        Some(if believed || suspected { (hurried, !believed) } else { (judgement, false) })
    }

    fn curve(&self, watch: &Watch, judgement: Option<&Judgement>, concurrency: u32, fixed_input: bool) -> Curve {
        let points = watch.points().to_vec();
        let warm_from = judgement.and_then(|judgement| points.get(judgement.warm_from)).map_or(0.0, |point| point[0]);
        Curve {
            signal: self.signal,
            concurrency,
            fixed_input,
            warm_from,
            fit: judgement.map(|judgement| Fit { through: judgement.fit.through, slope: judgement.fit.slope }),
            restarts: watch.restarts().to_vec(),
            points,
        }
    }
}

/// Whether threads ended or connections were closed between two readings, as happens some seconds after the last burst: what they held is given back, which says
/// nothing about what requests leave behind.
pub(super) fn gave_back(before: &Reading, after: &Reading) -> bool {
    before.generation == after.generation && (after.threads < before.threads || after.fds < before.fds)
}

/// How many requests of this slope fit into so many bytes; at least one.
pub(super) fn affordable(slope: f64, bytes: u64) -> u64 {
    ((bytes as f64 / slope.max(1.0)) as u64).max(1)
}

fn is_leak(judgement: Option<&Judgement>) -> bool {
    judgement.is_some_and(|judgement| judgement.verdict == Verdict::Leak)
}

/// Requests until a limit is reached from `held` bytes; None without growth.
pub(super) fn requests_until(slope: Interval, held: u64, limit: u64) -> Option<plimsoll_model::memory::Until> {
    let room = limit.saturating_sub(held) as f64;
    let requests = |slope: f64| (room / slope) as u64;
    (slope.value > 0.0 && slope.high > 0.0).then(|| plimsoll_model::memory::Until {
        limit,
        requests: requests(slope.value),
        fewest: requests(slope.high),
        most: (slope.low > 0.0).then(|| requests(slope.low)),
    })
}
