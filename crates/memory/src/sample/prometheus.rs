//! Readings from a metrics page in the text format of Prometheus, for a target on another host.
//!
//! The page is traffic to a host that was named by the user, and goes through the engine like any other. Names are those of the client libraries
//! (`process_resident_memory_bytes` and its siblings). A page that several processes answer in turn, each for itself, cannot be measured and is refused.

use std::collections::BTreeSet;
use std::time::Duration;

use plimsoll_http::exchange::Outcome;
use plimsoll_http::{Engine, OpId, Planned, Probe, Request, Settings, SetupError, Transport};

use crate::sample::{Reading, SampleError};

/// How much of a page is read.
const PAGE: usize = 8 << 20;

/// Reads a metrics page.
pub struct MetricsGauge {
    engine: Engine,
    request: Request,
    asked: u32,
    starts: BTreeSet<u64>,
    started: Option<u64>,
    generation: u32,
}

impl MetricsGauge {
    /// A gauge on the page that the settings' target names, path and query included.
    ///
    /// # Errors
    /// The host is refused or has no address.
    pub async fn new(mut settings: Settings) -> Result<Self, SetupError> {
        let url = settings.target.url().clone();
        let mut request = Request::get(url.path());
        request.query = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        // Readings go on as long as the measurement; what they may cost is bounded by who asks for them.
        settings.budgets.max_requests = u64::MAX;
        settings.budgets.max_bytes_per_operation = u64::MAX;
        settings.budgets.max_time = Duration::from_hours(24);
        let engine = Engine::new(settings).await?;
        let (starts, started) = (BTreeSet::new(), None);
        Ok(Self { engine, request, asked: 0, starts, started, generation: 0 })
    }

    /// Takes a reading; `at` is left to the caller.
    ///
    /// # Errors
    /// There is no answer, it is no metrics page, it lacks the resident size, or several processes answer in turn.
    pub async fn read(&mut self) -> Result<Reading, SampleError> {
        self.asked += 1;
        let mut planned = Planned::new(self.asked, Probe::of(OpId(0)), self.request.clone());
        planned.keep = Some(PAGE);
        let exchange = self.engine.send(&mut std::iter::once(planned)).await.pop();
        let failed = |why: &str| SampleError::Metrics(why.to_owned());
        let response = match exchange.map(|exchange| exchange.outcome) {
            Some(Outcome::Answer(response)) => response,
            Some(Outcome::Failed(failure)) => return Err(failed(&format!("does not answer: {}", failure.message))),
            None => return Err(failed("was not asked for: the run is over")),
        };
        if response.status != 200 {
            return Err(failed(&format!("answers with status {}", response.status)));
        }
        let page = Page::parse(&response.body.text());
        let rss = page.sum("process_resident_memory_bytes");
        let rss = rss.ok_or_else(|| failed("has no `process_resident_memory_bytes`"))?;
        if let Some(started) = page.sum("process_start_time_seconds") {
            self.follow(started)?;
        }
        let count = |name: &str| page.sum(name).map_or(0, |value| value as u32);
        Ok(Reading {
            rss: rss as u64,
            fds: count("process_open_fds"),
            threads: page.sum("process_threads").or_else(|| page.sum("process_num_threads")).map_or(0, |n| n as u32),
            processes: page.count("process_resident_memory_bytes"),
            generation: self.generation,
            cpu: Duration::try_from_secs_f64(page.sum("process_cpu_seconds_total").unwrap_or(0.0)).unwrap_or_default(),
            ..Reading::default()
        })
    }

    /// A new start time is a new process. An old one that comes back is another process behind the same address.
    fn follow(&mut self, started: f64) -> Result<(), SampleError> {
        let started = (started * 1000.0) as u64;
        if self.started == Some(started) {
            return Ok(());
        }
        if !self.starts.insert(started) {
            let why = "is answered by several processes in turn (process_start_time_seconds goes back and forth); run one worker, or name a page that \
                       sums them";
            return Err(SampleError::Metrics(why.to_owned()));
        }
        if self.started.replace(started).is_some() {
            self.generation += 1;
        }
        Ok(())
    }
}

/// The samples of a page: name without labels, value.
struct Page(Vec<(String, f64)>);

impl Page {
    /// Lines that are no sample are left out: comments, and what does not parse.
    fn parse(text: &str) -> Self {
        let samples = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
            let (name, rest) = match line.split_once('{') {
                // A label's value may hold blanks and braces; the last brace ends the labels, since what follows are numbers.
                Some((name, rest)) => (name, &rest[rest.rfind('}')? + 1..]),
                None => line.split_once(char::is_whitespace)?,
            };
            let value: f64 = rest.split_ascii_whitespace().next()?.parse().ok()?;
            value.is_finite().then(|| (name.trim().to_owned(), value))
        });
        Self(samples.collect())
    }

    fn values(&self, name: &str) -> impl Iterator<Item = f64> {
        self.0.iter().filter(move |(found, _)| found == name).map(|(_, value)| *value)
    }

    /// The sum over all labels: one sample for each process where a page speaks for several. None where there is no sample.
    fn sum(&self, name: &str) -> Option<f64> {
        (self.count(name) > 0).then(|| self.values(name).sum())
    }

    fn count(&self, name: &str) -> u32 {
        u32::try_from(self.values(name).count()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_summed_over_their_labels() {
        let page = Page::parse(
            "# HELP process_resident_memory_bytes Resident memory size in bytes.\n# TYPE process_resident_memory_bytes gauge\n\
             process_resident_memory_bytes 4.2139648e+07\nprocess_open_fds{pid=\"7\",name=\"a } b\"} 12 1700000000\n\
             process_open_fds{pid=\"8\"} 8\nprocess_cpu_seconds_total NaN\nbroken\n",
        );
        assert_eq!(page.sum("process_resident_memory_bytes"), Some(42_139_648.0));
        assert_eq!((page.sum("process_open_fds"), page.count("process_open_fds")), (Some(20.0), 2));
        assert_eq!(page.sum("process_cpu_seconds_total"), None);
        assert_eq!(page.sum("process_open"), None);
    }
}
