//! The issues on a terminal: the first ones with what shows them, what they cost, how to settle them and whether that worked; the others in a line each.

use std::fmt::Write;

use plimsoll_model::baseline::Since;
use plimsoll_model::memory::{OperationMemory, Verdict};
use plimsoll_model::verification::Outcome;
use plimsoll_model::{Evidence, Finding, Issue, Proposal, Severity, SourcePlace, Stage, Vantage, Verification, redact};

use super::{Page, short};
use crate::memory;
use crate::paint::{Colour, Paint};
use crate::text::{bytes, count, first_sentence, wrap};

/// So many issues have a line without `--all`.
const BRIEF: usize = 200;
/// Columns of a word in the margin.
const LABEL: usize = 7;
/// Functions that answer, named where no root is known.
const LOOK: usize = 2;
/// The longest command that is printed, in characters.
const CURL: usize = 600;

impl<'a> Page<'a> {
    /// What to fix first with its evidence, the rest in a line each.
    pub(super) fn issues(&self, out: &mut String) {
        let shown: Vec<&Issue> =
            self.report.issues.iter().filter(|issue| self.options.info || issue.severity > Severity::Info).collect();
        let (first, rest) = shown.split_at(shown.len().min(self.options.detailed));
        if !first.is_empty() {
            self.heading(out, if rest.is_empty() { "Issues" } else { "Fix these first" });
        }
        for (index, issue) in first.iter().enumerate() {
            self.detailed(out, index + 1, issue);
        }
        if !rest.is_empty() {
            self.heading(out, "Then");
            let named = if self.options.info { rest.len() } else { rest.len().min(BRIEF) };
            for (index, issue) in rest[..named].iter().enumerate() {
                self.brief(out, first.len() + index + 1, issue);
            }
            if rest.len() > named {
                let more = format!("and {} more: --all shows them", count((rest.len() - named) as u64, "issue"));
                let _ = writeln!(out, "     {}", self.paint(Colour::Dim, &more));
            }
        }
        let infos = self.report.issues.iter().filter(|issue| issue.severity == Severity::Info).count() as u64;
        if infos > 0 && !self.options.info {
            let _ = writeln!(
                out,
                "\n  {}",
                self.paint(Colour::Dim, &format!("and {}: --all shows them", count(infos, "fact")))
            );
        }
        if self.report.issues.is_empty() && self.report.complete {
            let _ = writeln!(out, "\n  {}", self.paint(Colour::Green, "Nothing found."));
        }
    }

    fn findings(&self, issue: &Issue) -> Vec<&'a Finding> {
        issue.findings.iter().filter_map(|wanted| self.findings.get(wanted).copied()).collect()
    }

    fn detailed(&self, out: &mut String, number: usize, issue: &Issue) {
        let findings = self.findings(issue);
        let Some(lead) = findings.first().copied() else { return };
        let facts = issue.weakness.facts();
        let severity = self.paint(Paint::of(issue.severity), issue.severity.as_str());
        let id = self.paint(Colour::Dim, &issue.id);
        let sure = if self.joined() { self.stage(issue) } else { lead.confidence.as_str().to_owned() };
        let since = match issue.since {
            None | Some(Since::Known) => String::new(),
            Some(since) => format!(" · {}", self.paint(Colour::Cyan, since.as_str())),
        };
        let title = format!("{} · {severity} · {sure}{since} · {id}", self.paint(Colour::Bold, facts.title));
        let mut lines = wrap(&title, self.options.width.saturating_sub(5)).into_iter();
        let _ = writeln!(out, "\n{number:>3}  {}", lines.next().unwrap_or_default());
        for line in lines {
            let _ = writeln!(out, "     {line}");
        }
        if !issue.operations.is_empty() {
            self.line(out, 5, &operations(issue, 4));
        }
        // One sentence for each different thing that the checks saw. Of memory the costs below say the same in fewer words.
        let open = issue.stage != Stage::Fixed;
        let costs = if self.joined() && open { self.costs(&findings, issue) } else { String::new() };
        let told = |finding: &&Finding| open && (costs.is_empty() || finding.vantage != Vantage::Memory);
        let mut said: Vec<&str> = Vec::new();
        for finding in findings.iter().copied().filter(told).take(3) {
            if !said.contains(&finding.message.as_str()) {
                said.push(&finding.message);
                self.line(out, 5, &finding.message);
            }
        }
        let mut exchanges = findings.iter().flat_map(|finding| &finding.evidence).filter_map(exchange);
        // One that is too long to be read is in the other forms.
        let exchange = exchanges.find(|exchange| exchange.curl.chars().count() <= CURL);
        if let Some(exchange) = exchange.filter(|_| open) {
            let answer = match exchange.status {
                Some(status) => format!("{status}, {}, {} ms", bytes(exchange.bytes), exchange.ms),
                None => "no answer".to_owned(),
            };
            let _ = writeln!(
                out,
                "     {} {}",
                self.paint(Colour::Cyan, &exchange.curl),
                self.paint(Colour::Dim, &format!("# {answer}"))
            );
        }
        if self.joined() {
            self.story(out, issue, &findings, &costs);
        }
        let offered = matches!(issue.proposal, Some(Proposal::Offered { .. }));
        let remedies = [("FastAPI", facts.fastapi), ("Django", facts.django)];
        for (framework, remedy) in remedies.into_iter().filter(|_| open && !offered) {
            let sentence = first_sentence(remedy).split_whitespace().collect::<Vec<_>>().join(" ");
            self.line(out, 5, &format!("{} {sentence}", self.paint(Colour::Green, &format!("{framework}:"))));
        }
        if open {
            let _ = writeln!(out, "     {}", self.paint(Colour::Dim, &format!("plimsoll explain {}", facts.id)));
        }
    }

    /// A line for each thing that is known beside what the checks say: who sees it, costs, root, what holds it, doubts, the change and its proof.
    fn story(&self, out: &mut String, issue: &Issue, findings: &[&Finding], costs: &str) {
        let open = issue.stage != Stage::Fixed;
        let seen: Vec<&str> = issue.vantages.iter().map(|vantage| vantage.as_str()).collect();
        self.label(out, "seen", Colour::Dim, &format!("by {}", seen.join(", ")));
        if !costs.is_empty() {
            self.label(out, "costs", Colour::Dim, costs);
        }
        if let Some(source) = &issue.source {
            self.label(out, "root", Colour::Dim, &redact::one_line(&source.to_string(), 300));
            if let Some(text) = excerpt(findings, source) {
                self.label(out, "", Colour::Dim, &redact::one_line(text, 200));
            }
        }
        for place in issue.places_to_look().take(LOOK) {
            self.label(out, "look", Colour::Dim, &redact::one_line(&format!("{place} answers it"), 300));
        }
        if let Some(holder) = self.memories(findings).find_map(|memory| memory.retained_by.first()).filter(|_| open) {
            self.label(out, "held", Colour::Dim, &redact::one_line(&holder.path.join(" → "), 300));
        }
        for doubt in &issue.doubts {
            let text = format!("{} {}", doubt.vantage, redact::one_line(&doubt.why, 300));
            self.label(out, "doubt", Colour::Yellow, &text);
        }
        match &issue.proposal {
            Some(Proposal::Offered { title, review, .. }) if open => {
                let review = if *review { " (look at it first)" } else { "" };
                let command = self.paint(Colour::Cyan, &format!("plimsoll fix {}", issue.id));
                self.label(out, "fix", Colour::Green, &format!("{command} · {}{review}", redact::one_line(title, 200)));
            }
            Some(Proposal::Refused { why }) => {
                self.label(out, "fix", Colour::Dim, &format!("none proposed: {}", redact::one_line(why, 300)));
            }
            _ => {}
        }
        if let Some(verification) = &issue.verification {
            self.verification(out, verification);
        }
    }

    /// What became of the issue, and each vantage that looked again.
    fn verification(&self, out: &mut String, verification: &Verification) {
        let (word, colour) = match verification.outcome {
            Outcome::Fixed => ("fixed", Colour::Green),
            Outcome::NotVerified => ("not verified", Colour::Yellow),
            Outcome::StillThere => ("still there", Colour::Red),
        };
        self.label(out, "again", colour, &self.paint(colour, word));
        for again in &verification.again {
            let change = again.memory.iter().find_map(|change| Some((change.before.as_ref()?, change.after.as_ref()?)));
            let text = match change {
                Some((before, after)) => format!(
                    "{}: {} → {}",
                    again.vantage,
                    self.paint(Colour::Bold, &memory::estimate(before)),
                    self.paint(Colour::Bold, &memory::estimate(after))
                ),
                None => format!("{}: {}", again.vantage, redact::one_line(&again.why, 300)),
            };
            self.label(out, "", Colour::Dim, &text);
        }
        if let Some(answers) = verification.answers.as_ref().filter(|answers| !answers.are_the_same()) {
            let first = answers.different.first().map(|what| redact::one_line(what, 200)).unwrap_or_default();
            let more = answers.different.len().saturating_sub(1);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            self.label(out, "", Colour::Dim, &format!("answers differ: {first}{more}"));
        }
    }

    /// A word in the margin and what it says, wrapped beside it.
    fn label(&self, out: &mut String, word: &str, colour: Colour, text: &str) {
        let room = self.options.width.saturating_sub(5 + LABEL);
        for (index, line) in wrap(text, room).into_iter().enumerate() {
            let word = if index == 0 { word } else { "" };
            let padding = LABEL.saturating_sub(word.len());
            let _ = writeln!(out, "     {}{:padding$}{line}", self.paint(colour, word), "");
        }
    }

    /// The memory of the operations that findings from memory speak of.
    fn memories(&self, findings: &[&'a Finding]) -> impl Iterator<Item = &'a OperationMemory> {
        let from_memory = findings.iter().copied().filter(|finding| finding.vantage == Vantage::Memory);
        from_memory.flat_map(Finding::operations).filter_map(|operation| self.measured.get(operation).copied())
    }

    /// Bytes a request and how far it is to the limit, of the operation that costs the most.
    fn costs(&self, findings: &[&'a Finding], issue: &Issue) -> String {
        let rate = |memory: &OperationMemory| match memory.verdict {
            Verdict::Leak => memory.bytes_per_request.map_or(0.0, |interval| interval.value),
            Verdict::Peak => memory.peak_bytes.map_or(0.0, |peak| peak.in_flight.value),
            _ => -1.0,
        };
        let costly = self.memories(findings).filter(|memory| rate(memory) >= 0.0);
        let Some(memory) = costly.max_by(|a, b| rate(a).total_cmp(&rate(b))) else { return String::new() };
        let amount = match (memory.verdict, &memory.bytes_per_request) {
            (Verdict::Leak, Some(interval)) if memory.everywhere => {
                format!("{} with every request, whatever it asks for", memory::estimate(interval))
            }
            (Verdict::Leak, Some(interval)) => format!("{} a request", memory::estimate(interval)),
            _ => memory::per_request(memory),
        };
        let limit = match (issue.requests_until_limit, self.report.memory_run.as_ref()) {
            (Some(until), _) => Some((bytes(until.limit), format!("{} requests", memory::rounded(until.requests)))),
            (None, Some(run)) => {
                Some((bytes(run.limit_bytes), memory::until(memory))).filter(|(_, until)| !until.is_empty())
            }
            _ => None,
        };
        match limit {
            Some((limit, until)) => format!("{amount}, {limit} at {until}"),
            None => amount,
        }
    }

    fn stage(&self, issue: &Issue) -> String {
        let colour = match issue.stage {
            Stage::Indicated | Stage::Located => Colour::Dim,
            Stage::Proven => Colour::Bold,
            Stage::Fixed => Colour::Green,
            Stage::Regressed => Colour::Alarm,
        };
        self.paint(colour, issue.stage.as_str())
    }

    /// A line: what is needed to ask for more comes first, so that a narrow terminal cuts the place and nothing else.
    fn brief(&self, out: &mut String, number: usize, issue: &Issue) {
        let severity = self.paint(Paint::of(issue.severity), &format!("{:<8}", issue.severity.as_str()));
        let stage = if self.joined() { format!("{:<9} ", issue.stage.as_str()) } else { String::new() };
        let id = redact::one_line(&issue.id, 16);
        let place = match (issue.operations.is_empty(), &issue.source) {
            (false, _) => operations(issue, 1),
            (true, Some(source)) => format!("{}:{}", source.file, source.line),
            (true, None) => "application".to_owned(),
        };
        let weakness = issue.weakness.id();
        let taken = 14 + stage.len() + id.chars().count() + 1 + weakness.len() + 1;
        let place = short(&place, self.options.width.saturating_sub(taken).max(1));
        let _ = writeln!(out, "{number:>3}  {severity} {stage}{} {weakness} {place}", self.paint(Colour::Dim, &id));
    }
}

/// What stands at the root of an issue, as a finding quotes it.
fn excerpt<'a>(findings: &[&'a Finding], root: &SourcePlace) -> Option<&'a str> {
    findings.iter().flat_map(|finding| &finding.evidence).find_map(|evidence| match evidence {
        Evidence::Source { file, line, excerpt, .. } if *file == root.file && *line == root.line => {
            Some(excerpt.as_str())
        }
        _ => None,
    })
}

/// The first `most` operations of an issue, and how many more there are.
fn operations(issue: &Issue, most: usize) -> String {
    let names: Vec<String> = issue.operations.iter().take(most).map(ToString::to_string).collect();
    let more = issue.operations.len().saturating_sub(most);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names.join(", "))
}

fn exchange(evidence: &Evidence) -> Option<&plimsoll_model::ExchangeEvidence> {
    match evidence {
        Evidence::Exchange(exchange) => Some(exchange),
        _ => None,
    }
}
