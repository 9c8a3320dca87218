//! Progress on standard error: the plan first, then one line that moves on a terminal and stays away from a pipe.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use plimsoll_model::Vantage;
use plimsoll_report::text::{bytes, grouped};
use plimsoll_run::Event;
use plimsoll_run::event::{LaneStep, MemoryStep, Step};

use crate::environment;

/// Writes events to standard error.
pub struct Progress {
    bar: ProgressBar,
    quiet: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    max_requests: u64,
    operations: usize,
    step: String,
    /// The vantages that are looked from at this moment, where a run joins several.
    running: Vec<Vantage>,
}

impl Progress {
    /// Silent where `quiet`; without a moving line where standard error is no terminal.
    pub fn new(quiet: bool) -> Arc<Self> {
        let moving = !quiet && environment::is_watched();
        let target = if moving { ProgressDrawTarget::stderr_with_hz(10) } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("  {spinner} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Arc::new(Self { bar, quiet, state: Mutex::new(State::default()) })
    }

    /// Shows an event.
    pub fn show(&self, event: Event) {
        if self.quiet {
            return;
        }
        let Ok(mut state) = self.state.lock() else { return };
        match event {
            Event::Planned {
                target,
                address,
                max_requests,
                max_seconds,
                max_bytes_per_operation,
                rate,
                concurrency,
                methods,
            } => {
                state.max_requests = max_requests;
                let rate = rate.map_or_else(|| "no rate limit".to_owned(), |rate| format!("{rate} requests/s"));
                self.say(&format!("scanning {target} at {address}"));
                self.say(&format!(
                    "budget: {} requests, {max_seconds} s, {} per operation, {rate}, {concurrency} at once; {methods}",
                    grouped(max_requests),
                    bytes(max_bytes_per_operation),
                ));
            }
            Event::Progress(step) => {
                state.step = match step {
                    Step::Discovering => "discovering".to_owned(),
                    Step::Found { operations, contract } => {
                        state.operations = operations;
                        let from = contract
                            .map_or_else(|| "no contract found".to_owned(), |contract| format!("contract {contract}"));
                        self.say(&format!("{operations} operations, {from}"));
                        "exploring".to_owned()
                    }
                    Step::Exploring { reached } => {
                        format!("exploring, {reached} of {} operations reached", state.operations)
                    }
                    Step::Round { number, requests, findings } => {
                        let found = findings.map_or_else(String::new, |count| format!(", {count} findings so far"));
                        format!("round {number}, {requests} questions{found}")
                    }
                    Step::Judging => "judging".to_owned(),
                };
                self.bar.set_message(state.line(&state.step));
            }
            Event::Sent { requests } => {
                // A measurement of memory has no budget of requests.
                let most = (state.max_requests > 0).then(|| format!(" of {}", grouped(state.max_requests)));
                let most = most.unwrap_or_default();
                self.bar.set_message(state.line(&format!("{}, {}{most} requests", state.step, grouped(requests))));
            }
            Event::Memory(step) => {
                state.step = memory(&step);
                self.bar.set_message(state.line(&state.step));
            }
            Event::Lane(vantage, step) => {
                let line = state.lane(vantage, step);
                if let Some(line) = line {
                    self.say(&line);
                }
                self.bar.set_message(state.line(&state.step));
            }
            Event::Note(note) => self.say(&note),
        }
    }

    /// Ends the moving line.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn say(&self, line: &str) {
        let line = plimsoll_model::redact::one_line(line, 400);
        self.bar.suspend(|| eprintln!("  {line}"));
    }
}

impl State {
    /// A vantage begins or ends; the line that is said about it.
    fn lane(&mut self, vantage: Vantage, step: LaneStep) -> Option<String> {
        match step {
            LaneStep::Began => {
                self.running.push(vantage);
                self.step.clear();
                self.max_requests = 0;
                None
            }
            LaneStep::Ended { findings, seconds, why } => {
                self.running.retain(|running| *running != vantage);
                let found = match findings {
                    1 => "1 finding".to_owned(),
                    count => format!("{} findings", grouped(count as u64)),
                };
                let why = why.map(|why| format!("; incomplete: {why}")).unwrap_or_default();
                Some(format!("{vantage}: {found} in {seconds:.1} s{why}"))
            }
        }
    }

    /// The moving line: who looks, and what is done at this moment.
    fn line(&self, step: &str) -> String {
        let running: Vec<&str> = self.running.iter().map(|vantage| vantage.as_str()).collect();
        match (running.is_empty(), step.is_empty()) {
            (true, _) => step.to_owned(),
            (false, true) => running.join(", "),
            (false, false) => format!("{}: {step}", running.join(", ")),
        }
    }
}

/// A step of a measurement of memory, with the time that is left at most.
fn memory(step: &MemoryStep) -> String {
    let time = |left: &Duration| format!("{}:{:02} left at most", left.as_secs() / 60, left.as_secs() % 60);
    match step {
        MemoryStep::Pilot { operations } => format!("trying {operations} operations"),
        MemoryStep::WarmUp { requests } => format!("warming up, {} requests", grouped(*requests)),
        MemoryStep::Screen { round, undecided, left } => {
            format!("screening, round {round}, {undecided} undecided, {}", time(left))
        }
        MemoryStep::Measure { operation, requests, bytes_per_request, after, left } => {
            let so_far = bytes_per_request.map(|rate| format!(", {rate:.0} B a request so far")).unwrap_or_default();
            let after = if *after > 0 { format!(", {after} to come") } else { String::new() };
            format!("measuring {operation}, {} requests{so_far}{after}, {}", grouped(*requests), time(left))
        }
        MemoryStep::Peaks => "measuring peaks".to_owned(),
        MemoryStep::Attribute { operation } => format!("asking what holds the memory of {operation}"),
    }
}
