//! Roots: the lines of code that findings of other vantages can come from, and how each operation gets to them.

use std::collections::{BTreeMap, HashMap, HashSet};

use plimsoll_code::reach::Way;
use plimsoll_model::{Confidence, Evidence, Finding, Kind, Part, PartKind, Severity, Vantage, Weakness};

use super::Lanes;
use super::known::Known;
use super::names::{Names, Op, same_file};
use super::table::{Need, compatible};

/// How far away something is that an operation is known to get to, but not how.
const UNKNOWN: u32 = 1_000;

/// Findings of code about one line.
#[derive(Debug)]
pub struct Root {
    /// What is wrong there.
    pub weakness: Weakness,
    /// What it does.
    pub kind: Kind,
    /// How bad it is, by the code alone.
    pub severity: Severity,
    /// How sure that is.
    pub confidence: Confidence,
    /// Its findings, by their place among all, the strongest first.
    pub findings: Vec<usize>,
    /// The file, the line and the function.
    pub file: String,
    /// Its line.
    pub line: u32,
    /// The function around it.
    pub symbol: Option<String>,
    /// The parameter that it speaks of.
    pub input: Option<Part>,
    /// Further lines that belong to it: where a container is made, where rows are read.
    pub chain: Vec<(String, u32)>,
    /// The operations that get there, and how.
    pub ways: BTreeMap<Op, Way>,
}

impl Root {
    /// Whether only what runs around requests gets there.
    pub fn is_around(&self) -> bool {
        !self.ways.is_empty() && self.ways.values().all(|way| way.around)
    }

    /// Whether operations at other paths than this one's get there, too. A path that answers GET mostly answers HEAD as well.
    pub fn is_shared(&self, op: Op, names: &Names) -> bool {
        self.ways.keys().any(|other| names.key(*other).path != names.key(op).path)
    }

    /// Whether it speaks of memory that is kept, where each line is a leak of its own.
    pub fn is_leak(&self) -> bool {
        self.kind == Kind::Leak
    }

    /// Whether a line is its own, or one of its chain.
    pub fn has_line(&self, file: &str, line: u32) -> bool {
        (self.line == line && same_file(&self.file, file))
            || self.chain.iter().any(|(other, at)| *at == line && same_file(other, file))
    }

    /// Whether a function, named by its file and qualified name, is the one around it.
    pub fn is_in(&self, file: &str, function: &str) -> bool {
        let dotted =
            |symbol: &String| symbol.strip_suffix(function).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        !function.is_empty() && same_file(&self.file, file) && self.symbol.as_ref().is_some_and(dotted)
    }

    /// Whether this can be the root of a finding, as far as weaknesses and parameters say.
    pub fn fits(&self, finding: &Finding) -> Fit {
        let Some(need) = compatible(self.weakness, finding.weakness) else { return Fit::No };
        let theirs = finding.part.as_ref().filter(|part| is_input(part));
        match (need, &self.input, theirs) {
            (_, Some(mine), Some(theirs)) if mine.name != theirs.name => Fit::OtherInput,
            (Need::SameInput, Some(_), Some(_)) => Fit::Yes { same_input: true },
            (Need::SameInput, ..) => Fit::No,
            (Need::Nothing, mine, theirs) => Fit::Yes { same_input: mine.is_some() && theirs.is_some() },
        }
    }

    /// Where it is, for people.
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// Whether a root fits a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It does.
    Yes {
        /// Both speak of the same parameter.
        same_input: bool,
    },
    /// It would, but it speaks of another parameter.
    OtherInput,
    /// It does not.
    No,
}

/// Whether a part is something that a caller sends.
fn is_input(part: &Part) -> bool {
    matches!(part.kind, PartKind::Path | PartKind::Query | PartKind::Header | PartKind::Body)
}

/// The roots that code shows: one for each weakness and line, in the order of files and lines.
pub fn of(lanes: &Lanes<'_>, known: &Known<'_>) -> Vec<Root> {
    let mut groups: BTreeMap<(&str, u32, Weakness), Vec<usize>> = BTreeMap::new();
    for (at, finding) in known.findings.iter().enumerate().filter(|(_, finding)| finding.vantage == Vantage::Code) {
        let place = finding.source.as_ref().map_or(("", 0), |source| (source.file.as_str(), source.line));
        groups.entry((place.0, place.1, finding.weakness)).or_default().push(at);
    }
    let mut reached: HashMap<(String, String), BTreeMap<Op, Way>> = HashMap::new();
    groups
        .into_iter()
        .map(|((file, line, weakness), group)| root(file, line, weakness, group, lanes, known, &mut reached))
        .collect()
}

fn root(
    file: &str,
    line: u32,
    weakness: Weakness,
    mut group: Vec<usize>,
    lanes: &Lanes<'_>,
    known: &Known<'_>,
    reached: &mut HashMap<(String, String), BTreeMap<Op, Way>>,
) -> Root {
    super::issue::strongest_first(&mut group, &known.findings);
    let lead = &known.findings[group[0]];
    let symbol = lead.source.as_ref().and_then(|source| source.symbol.clone());
    let mut chain = Vec::new();
    let mut ways = BTreeMap::new();
    for finding in group.iter().map(|at| &known.findings[*at]) {
        let lines = finding.evidence.iter().filter_map(|evidence| match evidence {
            Evidence::Source { file, line, .. } => Some((file.clone(), *line)),
            _ => None,
        });
        chain.extend(lines);
        // What the rule itself says; it may know more than calls show.
        for op in known.names.ops(finding) {
            ways.entry(op).or_insert(Way { around: false, calls: UNKNOWN });
        }
    }
    let mut seen = HashSet::new();
    chain.retain(|step| seen.insert(step.clone()));
    let function = symbol.clone().or_else(|| lanes.reach.at(file, line).map(|symbol| symbol.name.clone()));
    if let Some(function) = function {
        let seen_before = reached.entry((file.to_owned(), function.clone())).or_insert_with(|| {
            let found = lanes.reach.operations(file, &function);
            found.into_iter().filter_map(|(key, way)| Some((known.names.op(key, Vantage::Code)?, way))).collect()
        });
        ways.extend(seen_before.iter().map(|(op, way)| (*op, *way)));
    }
    Root {
        weakness,
        kind: lead.kind,
        severity: lead.severity,
        confidence: lead.confidence,
        file: file.to_owned(),
        line,
        symbol,
        input: group.iter().find_map(|at| known.findings[*at].part.clone()).filter(is_input),
        chain,
        ways,
        findings: group,
    }
}
