//! The memory of the operations as the page shows it: a table of verdicts, and for each operation its curves, what holds the bytes and where they came
//! from.

use plimsoll_model::change::MemoryChange;
use plimsoll_model::memory::{AllocationLine, Curve, Interval, OperationMemory, Retainer, Verdict};
use plimsoll_model::{Report, redact};

use crate::memory;
use crate::svg;
use crate::text::{bytes, count, grouped};

/// So many operations have their curves drawn.
const DRAWN: usize = 120;
/// So many operations have a card.
const OPERATIONS: usize = 600;

/// The section.
pub struct MemoryView {
    /// Facts of the whole run: label and value.
    pub run: Vec<(&'static str, String)>,
    pub limit: String,
    /// Word, operation, before, after, and what was compared.
    pub changes: Vec<[String; 5]>,
    pub operations: Vec<OperationView>,
    /// Operations without a card.
    pub more: usize,
}

/// One operation.
pub struct OperationView {
    pub anchor: String,
    pub method: &'static str,
    pub path: String,
    pub verdict: &'static str,
    pub per_request: String,
    pub until: String,
    pub why: String,
    pub settle: String,
    pub sparkline: String,
    /// Whether the card is open from the start.
    pub open: bool,
    /// Label and value of what else is known.
    pub facts: Vec<(&'static str, String)>,
    /// Captions and charts.
    pub charts: Vec<(String, String)>,
    pub retainers: Vec<RetainerView>,
    pub lines: Vec<LineView>,
    pub types: Vec<(String, String, String)>,
    pub concurrency: Vec<[String; 4]>,
}

/// A path from a root to what is retained.
pub struct RetainerView {
    pub steps: Vec<String>,
    pub growth: String,
    /// Where something is put in, and the text of the line.
    pub stored: Vec<(String, String)>,
}

/// A line that allocated what is retained.
pub struct LineView {
    pub place: String,
    pub function: String,
    pub text: String,
    pub share: String,
    pub chart: String,
    pub through: String,
}

impl MemoryView {
    /// None where no memory was measured.
    pub fn of(report: &Report) -> Option<Self> {
        let run = report.memory_run.as_ref();
        if report.memory.is_empty() && run.is_none() {
            return None;
        }
        let limit = run.map(|run| run.limit_bytes).unwrap_or_default();
        let mut facts = Vec::new();
        if let Some(run) = run {
            facts.push(("Measured", format!("{} of the whole process tree", run.signal.as_str())));
            facts.push(("When warm", bytes(run.base_bytes)));
            facts.push(("Limit", bytes(run.limit_bytes)));
            facts.push(("Requests", grouped(run.requests)));
            facts.push(("Time", format!("{:.0} s, {:.0} s of it for screening", run.seconds, run.screen_seconds)));
            let control =
                run.control.as_ref().map(|control| format!("{} a request, taken off", memory::estimate(control)));
            facts.extend(control.map(|control| ("Control", control)));
            if run.restarts > 0 {
                facts.push(("Workers", format!("{} replaced", run.restarts)));
            }
        }
        let operations = report.memory.iter().take(OPERATIONS).enumerate();
        let operations = operations.map(|(index, memory)| OperationView::of(index, memory, limit)).collect();
        Some(Self {
            run: facts,
            limit: bytes(limit),
            changes: report.memory_changes.iter().map(change).collect(),
            operations,
            more: report.memory.len().saturating_sub(OPERATIONS),
        })
    }
}

impl OperationView {
    fn of(index: usize, memory: &OperationMemory, limit: u64) -> Self {
        let name = line(&memory.operation.to_string());
        Self {
            anchor: anchor(index),
            method: memory.operation.method.as_str(),
            path: line(&memory.operation.path),
            verdict: memory.verdict.as_str(),
            per_request: memory::per_request(memory),
            until: memory::until(memory),
            why: super::markdown::sentence(&redact::one_line(&memory.why, 600)),
            settle: memory
                .settle
                .as_deref()
                .map(|settle| super::markdown::sentence(&redact::one_line(settle, 400)))
                .unwrap_or_default(),
            sparkline: memory::sparkline(memory, 12).map(|(marks, _)| marks).unwrap_or_default(),
            open: matches!(memory.verdict, Verdict::Leak | Verdict::Peak) && !memory.everywhere && index < 3,
            facts: facts(memory),
            charts: if index < DRAWN { charts(memory, limit, &name) } else { Vec::new() },
            retainers: memory.retained_by.iter().map(retainer).collect(),
            lines: memory.allocated_at.iter().map(allocation).collect(),
            types: memory
                .types
                .iter()
                .map(|kind| (line(&kind.name), signed(kind.objects), signed_size(kind.bytes)))
                .collect(),
            concurrency: concurrency(memory),
        }
    }
}

/// The fragment that names an operation's card.
pub fn anchor(index: usize) -> String {
    format!("memory-{index}")
}

fn line(text: &str) -> String {
    redact::one_line(text, 200)
}

fn signed(number: i64) -> String {
    let sign = if number < 0 { "−" } else { "+" };
    format!("{sign}{}", grouped(number.unsigned_abs()))
}

fn signed_size(number: i64) -> String {
    let sign = if number > 0 { "+" } else { "" };
    format!("{sign}{}", memory::size(number as f64))
}

fn facts(memory: &OperationMemory) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    let mut say = |label: &'static str, value: Option<String>| out.extend(value.map(|value| (label, value)));
    let level = |interval: &Interval| format!("{:.0} %", interval.level * 100.0);
    say(
        "A request",
        memory.bytes_per_request.as_ref().map(|interval| {
            let signal = memory.signal.map(|signal| format!(" of {}", signal.as_str())).unwrap_or_default();
            format!("{} ({} interval {}){signal}", memory::estimate(interval), level(interval), memory::ends(interval))
        }),
    );
    say(
        "Would be seen",
        memory.smallest_detectable.map(|least| format!("a leak from {} a request on", memory::size(least))),
    );
    say("Growth", memory.course.map(|course| format!("{course:?}").to_lowercase()));
    say(
        "Same request again",
        memory.keyed_by_input.map(|keyed| {
            let text =
                if keyed { "does not grow: something is kept for each different input" } else { "grows as well" };
            text.to_owned()
        }),
    );
    say(
        "Limit reached",
        memory.requests_until_limit.map(|until| {
            let most = until.most.map_or("perhaps never".to_owned(), memory::rounded);
            format!("after {} requests ({} to {most})", memory::rounded(until.requests), memory::rounded(until.fewest))
        }),
    );
    if let Some(peak) = &memory.peak_bytes {
        say(
            "In use at once",
            Some(format!(
                "{} by one request, {} answered",
                memory::estimate(&peak.in_flight),
                bytes(peak.answer_bytes)
            )),
        );
        say("An item", peak.per_item.as_ref().map(memory::estimate));
        let items = peak.items_until_limit.map(|items| format!("with {} items", memory::rounded(items)));
        let requests =
            peak.requests_until_limit.map(|requests| format!("with {} requests at once", memory::rounded(requests)));
        say("Peak at the limit", items.or(requests));
    }
    if let Some(churn) = &memory.churn {
        let thrown_away = churn.cycle_objects.filter(|objects| *objects >= 1.0);
        let thrown_away = thrown_away.map(|objects| format!(", {} thrown away in cycles", memory::objects(objects)));
        let thrown_away = thrown_away.unwrap_or_default();
        say("Churn", Some(format!("{:.1} ms of processor time a request{thrown_away}", churn.cpu_ms)));
    }
    for growth in memory.handles.iter().filter(|growth| growth.verdict == Verdict::Leak) {
        say(
            "Also grows",
            Some(format!("{} {}: {:+.2} a request", growth.last, growth.handle.as_str(), growth.per_request.value)),
        );
    }
    if memory.native {
        say("Where", Some("outside of the interpreter's objects: a native library or the allocator".to_owned()));
    }
    let statuses = memory.statuses.iter().map(|(status, times)| match status {
        0 => format!("no answer ×{}", grouped(*times)),
        status => format!("{status} ×{}", grouped(*times)),
    });
    let statuses: Vec<String> = statuses.collect();
    say("Answers", Some(format!("{} ({})", count(memory.requests, "request"), statuses.join(", "))));
    out
}

/// A chart for each concurrency, with its control; then the peak.
pub fn charts(memory: &OperationMemory, limit: u64, name: &str) -> Vec<(String, String)> {
    let varied = memory.curves.iter().filter(|curve| !curve.fixed_input);
    let mut out: Vec<(String, String)> = varied
        .map(|curve| {
            let same = |other: &&Curve| other.fixed_input && other.concurrency == curve.concurrency;
            let control = memory.curves.iter().find(same);
            let caption =
                format!("{}, {} in flight", curve.signal.as_str(), count(u64::from(curve.concurrency), "request"));
            let again = if control.is_some() { "; hollow: the same request again" } else { "" };
            (format!("{caption}{again}"), svg::growth(curve, control, &format!("{name}: {caption}")))
        })
        .collect();
    if let Some(peak) = &memory.peak_bytes {
        let caption =
            "Memory in use by one request against the items that it reads; dashed where it was not tried".to_owned();
        let chart = svg::peak(peak, &memory.peak_points, limit, &format!("{name}: peak against items"));
        out.push((caption, chart));
    }
    out.retain(|(_, chart)| !chart.is_empty());
    out
}

fn change(change: &MemoryChange) -> [String; 5] {
    let amount = |interval: Option<&Interval>| interval.map(memory::estimate).unwrap_or_default();
    let (before, after) = (amount(change.before.as_ref()), amount(change.after.as_ref()));
    [change.change.as_str().to_owned(), line(&change.operation.to_string()), before, after, line(&change.why)]
}

/// A path from a root to what is retained.
pub fn retainer(retainer: &Retainer) -> RetainerView {
    let bound = retainer.bound.map(|bound| format!(", bound {}", grouped(bound))).unwrap_or_default();
    RetainerView {
        stored: retainer
            .stored_at
            .iter()
            .map(|at| (line(&format!("{}:{}", at.file, at.line)), at.text.as_deref().map(line).unwrap_or_default()))
            .collect(),
        steps: retainer.path.iter().map(|step| line(step)).collect(),
        growth: if retainer.named { String::new() } else { "suspected: ".to_owned() }
            + &format!(
                "{} entries, {:.2} a request{bound}",
                signed(retainer.entries.cast_signed()),
                retainer.entries_per_request
            ),
    }
}

/// A line that allocated what is retained.
pub fn allocation(allocation: &AllocationLine) -> LineView {
    let percent = |share: f64| (share.clamp(0.0, 1.0) * 100.0).round() as u8;
    let share = percent(allocation.share.value);
    let (low, high) = (percent(allocation.share.low), percent(allocation.share.high));
    LineView {
        place: line(&format!("{}:{}", library(&allocation.file), allocation.line)),
        function: allocation.function.as_deref().map(line).unwrap_or_default(),
        text: allocation.text.as_deref().map(line).unwrap_or_default(),
        share: format!("{share} % [{low}, {high}], {} a request", memory::size(allocation.bytes_per_request)),
        chart: svg::bar(share, &format!("{share} % of the growth")),
        through: through(allocation),
    }
}

/// The library frames that were folded, without the line itself.
fn through(allocation: &AllocationLine) -> String {
    let own = format!("{}:{}", allocation.file, allocation.line);
    let frames = allocation.through.iter().filter(|frame| !frame.ends_with(&own));
    line(&frames.map(|frame| library(frame)).collect::<Vec<_>>().join(" → "))
}

/// A path of a library as it is imported: where an interpreter is installed says nothing.
fn library(path: &str) -> &str {
    if let Some((_, inside)) = path.rsplit_once("/site-packages/") {
        return inside;
    }
    match path.rsplit_once("/lib/python3.").and_then(|(_, rest)| rest.split_once('/')) {
        Some((_, inside)) => inside,
        None => path,
    }
}

fn concurrency(memory: &OperationMemory) -> Vec<[String; 4]> {
    if memory.concurrency.len() < 2 {
        return Vec::new();
    }
    let row = |at: &plimsoll_model::memory::AtConcurrency| {
        [
            grouped(u64::from(at.concurrency)),
            at.verdict.as_str().to_owned(),
            memory::estimate(&at.bytes_per_request),
            grouped(at.requests),
        ]
    };
    memory.concurrency.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_named_as_they_are_imported() {
        assert_eq!(library("/opt/x/lib/python3.11/asyncio/locks.py:168"), "asyncio/locks.py:168");
        assert_eq!(library("/v/lib/python3.12/site-packages/starlette/requests.py"), "starlette/requests.py");
        assert_eq!(library("shop/lib/cache.py:4"), "shop/lib/cache.py:4");
    }
}
