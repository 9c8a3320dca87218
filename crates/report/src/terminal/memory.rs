//! The memory of the operations on a terminal: a row for each with its growth as a sparkline, and what settles those that are undecided.

use std::fmt::Write;

use plimsoll_model::change::Change;
use plimsoll_model::memory::{HandleGrowth, Interval, MemoryRun, OperationMemory, Verdict};
use plimsoll_model::redact;

use super::{Page, short};
use crate::memory;
use crate::paint::Colour;
use crate::text::{bytes, count, grouped};

const VERDICT: usize = 12;
const AMOUNT: usize = 18;
const SPARKLINE: usize = 12;
const UNTIL: usize = 18;
const CHANGE: usize = 9;
/// From this width on there is room for the distance to the limit.
const WIDE: usize = 100;

impl Page<'_> {
    /// The section; nothing where no memory was measured.
    pub(super) fn memory(&self, out: &mut String) {
        let operations = &self.report.memory;
        if operations.is_empty() && self.report.memory_run.is_none() {
            return;
        }
        self.heading(out, "Memory");
        let wide = self.options.width >= WIDE;
        let taken = 2 + VERDICT + AMOUNT + SPARKLINE + 3 + if wide { UNTIL + 1 } else { 0 };
        let longest = operations.iter().map(|memory| memory.operation.to_string().chars().count()).max().unwrap_or(0);
        let room = self.options.width.saturating_sub(taken).min(longest.max(9));
        if !operations.is_empty() {
            let limit = self.report.memory_run.as_ref().map(|run| run.limit_bytes).unwrap_or_default();
            let mut head = format!(
                "  {:<room$} {:<VERDICT$} {:<AMOUNT$} {:<SPARKLINE$}",
                "operation", "verdict", "a request", "growth"
            );
            if wide {
                let _ = write!(head, " until {}", bytes(limit));
            }
            let _ = writeln!(out, "{}", self.paint(Colour::Dim, head.trim_end()));
        }
        for memory in operations {
            self.row(out, memory, room, wide);
        }
        let _ = writeln!(out);
        for memory in operations {
            self.remarks(out, memory);
        }
        if let Some(run) = &self.report.memory_run {
            self.run(out, run);
        }
        self.changes(out);
    }

    /// What became of the operations since an earlier measurement.
    fn changes(&self, out: &mut String) {
        let changes = &self.report.memory_changes;
        if changes.is_empty() {
            return;
        }
        self.heading(out, "Since the earlier measurement");
        let longest = changes.iter().map(|change| change.operation.to_string().chars().count()).max().unwrap_or(0);
        let room = self.options.width.saturating_sub(2 + CHANGE + 1 + 2 * (AMOUNT + 1)).min(longest);
        for change in changes {
            let word = self.paint(change_colour(change.change), &format!("{:<CHANGE$}", change.change));
            let name = short(&change.operation.to_string(), room);
            let amount = |interval: Option<&Interval>| interval.map(memory::estimate).unwrap_or_default();
            let (before, after) = (amount(change.before.as_ref()), amount(change.after.as_ref()));
            let arrow = if before.is_empty() || after.is_empty() { " " } else { "→" };
            let line = format!("  {word} {name:<room$} {before:<AMOUNT$}{arrow} {after}");
            let _ = writeln!(out, "{}", line.trim_end());
            if change.change == Change::Undecided {
                self.line(out, 2 + CHANGE + 1, &change.why);
            }
        }
    }

    fn row(&self, out: &mut String, memory: &OperationMemory, room: usize, wide: bool) {
        let name = short(&memory.operation.to_string(), room);
        let verdict = self.paint(colour(memory.verdict), &format!("{:<VERDICT$}", memory.verdict));
        let amount = memory::per_request(memory);
        let (marks, warm) = memory::sparkline(memory, SPARKLINE).unwrap_or_default();
        let early: String = marks.chars().take(warm).collect();
        let late: String = marks.chars().skip(warm).collect();
        let sparkline = format!("{}{}", self.paint(Colour::Dim, &early), self.paint(colour(memory.verdict), &late));
        let filled = marks.chars().count();
        let mut line = format!(
            "  {name:<room$} {verdict} {amount:<AMOUNT$} {sparkline}{:1$}",
            "",
            SPARKLINE - filled.min(SPARKLINE)
        );
        if wide {
            let _ = write!(line, " {}", memory::until(memory));
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }

    /// What the row has no room for, and no issue says.
    fn remarks(&self, out: &mut String, memory: &OperationMemory) {
        if memory.verdict == Verdict::Inconclusive {
            let settle = memory.settle.as_deref().map(|settle| format!("; {settle}")).unwrap_or_default();
            let line = format!("{}: {}{settle}", memory.operation, memory.why);
            self.line(out, 2, &redact::one_line(&line, 400));
        }
        if let Some((churn, objects)) = memory::much_churn(memory) {
            let line = format!(
                "{}: each request throws {} away in cycles and takes {:.0} ms of processor time: something large is built for each, as a client is",
                memory.operation,
                memory::objects(objects),
                churn.cpu_ms
            );
            self.line(out, 2, &redact::one_line(&line, 400));
        }
        let grows = |growth: &&HandleGrowth| growth.verdict == Verdict::Leak;
        for growth in memory.handles.iter().filter(grows) {
            let line = format!(
                "{}: {:.2} {} more with every request, {} in the end",
                memory.operation,
                growth.per_request.value,
                growth.handle.as_str(),
                grouped(growth.last)
            );
            self.line(out, 2, &line);
        }
    }

    fn run(&self, out: &mut String, run: &MemoryRun) {
        let mut said = vec![
            format!("{} of the whole process tree", run.signal.as_str()),
            format!("{} when warm", bytes(run.base_bytes)),
            format!("{} in {:.0} s", count(run.requests, "request"), run.seconds),
        ];
        if let Some(control) = &run.control {
            said.push(format!("control {}", memory::estimate(control)));
        }
        if run.restarts > 0 {
            said.push(format!("{} replaced", count(u64::from(run.restarts), "worker")));
        }
        for line in crate::text::wrap(&said.join(" · "), self.options.width.saturating_sub(2)) {
            let _ = writeln!(out, "  {}", self.paint(Colour::Dim, &line));
        }
    }
}

const fn change_colour(change: Change) -> Colour {
    match change {
        Change::Fixed | Change::Smaller => Colour::Green,
        Change::Same => Colour::Dim,
        Change::Undecided => Colour::Yellow,
        Change::Worse => Colour::Red,
    }
}

const fn colour(verdict: Verdict) -> Colour {
    match verdict {
        Verdict::Leak => Colour::Red,
        Verdict::Peak | Verdict::Inconclusive => Colour::Yellow,
        Verdict::Plateau => Colour::Blue,
        Verdict::None => Colour::Green,
    }
}
