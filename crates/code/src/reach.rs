//! Which functions run for which operation, as far as calls show: what the findings of other vantages are matched with.
//!
//! Functions have the names that findings use (file and dotted name), so that this outlives the program it was read from. Only functions that some
//! entry point reaches are in it, and it says nothing of how often they run.

use std::collections::{HashMap, VecDeque};

use plimsoll_model::OperationKey;

/// A function of the project that some entry point reaches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol {
    /// The file, as findings name it.
    pub file: String,
    /// The dotted name, as findings name it.
    pub name: String,
    /// Its first line, decorators included, from 1.
    pub first: u32,
    /// Its last line.
    pub last: u32,
}

/// How an operation gets to a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Way {
    /// Whether only what runs around requests leads there: a middleware, an error handler, a receiver of signals.
    pub around: bool,
    /// Calls from what the framework calls: 0 for a handler, its dependencies, or a middleware itself.
    pub calls: u32,
}

/// The call graph as far as operations reach.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    functions: Vec<Symbol>,
    operations: Vec<OperationKey>,
    /// Who calls a function: callee and caller, sorted.
    callers: Vec<(u32, u32)>,
    /// Operations that begin at a function, sorted.
    begins: Vec<(u32, u32)>,
    /// Functions that run around requests, sorted.
    around: Vec<u32>,
    /// Functions by file, for lines.
    files: HashMap<String, Vec<u32>>,
}

impl Reach {
    /// A graph of these functions: calls as (callee, caller), and what runs for which operation, by their positions.
    pub(crate) fn of(
        functions: Vec<Symbol>,
        operations: Vec<OperationKey>,
        callers: Vec<(u32, u32)>,
        begins: Vec<(u32, u32)>,
        around: Vec<u32>,
    ) -> Self {
        let mut reach = Self { functions, operations, callers, begins, around, files: HashMap::new() };
        reach.settle();
        reach
    }

    /// What groups of files say, side by side.
    pub(crate) fn joined(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::default();
        for part in parts {
            let (functions, operations) = (all.functions.len() as u32, all.operations.len() as u32);
            let moved = |(left, right): (u32, u32), by: u32| (left + functions, right + by);
            all.functions.extend(part.functions);
            all.operations.extend(part.operations);
            all.callers.extend(part.callers.into_iter().map(|edge| moved(edge, functions)));
            all.begins.extend(part.begins.into_iter().map(|edge| moved(edge, operations)));
            all.around.extend(part.around.into_iter().map(|at| at + functions));
        }
        all.settle();
        all
    }

    fn settle(&mut self) {
        for edges in [&mut self.callers, &mut self.begins] {
            edges.sort_unstable();
            edges.dedup();
        }
        self.around.sort_unstable();
        self.around.dedup();
        self.files.clear();
        for (at, function) in self.functions.iter().enumerate() {
            self.files.entry(function.file.clone()).or_default().push(at as u32);
        }
    }

    /// The operations that get to a function, each with its shortest way, in the order of operations. Empty for a function that is not known.
    pub fn operations(&self, file: &str, name: &str) -> Vec<(&OperationKey, Way)> {
        let mut found: HashMap<u32, Way> = HashMap::new();
        let own = |at: &&u32| self.functions[**at as usize].name == name;
        for &start in self.files.get(file).into_iter().flatten().filter(own) {
            for (at, calls) in breadth_first(start, |at| targets(&self.callers, at)) {
                let is_around = self.around.binary_search(&at).is_ok();
                let begun = targets(&self.begins, at).map(|operation| (operation, false));
                let all = is_around.then(|| (0..self.operations.len() as u32).map(|operation| (operation, true)));
                for (operation, around) in begun.chain(all.into_iter().flatten()) {
                    let way = Way { around, calls };
                    found.entry(operation).and_modify(|known| *known = way.min(*known)).or_insert(way);
                }
            }
        }
        let mut out: Vec<_> =
            found.into_iter().map(|(operation, way)| (&self.operations[operation as usize], way)).collect();
        out.sort_unstable();
        // Groups of files that share a contract may name an operation twice.
        out.dedup_by(|later, first| later.0 == first.0);
        out
    }

    /// The functions that an operation gets to, each with its shortest way.
    pub fn functions(&self, operation: &OperationKey) -> Vec<(&Symbol, Way)> {
        let mut callees: Vec<(u32, u32)> = self.callers.iter().map(|(callee, caller)| (*caller, *callee)).collect();
        callees.sort_unstable();
        let named = |number: u32| self.operations[number as usize] == *operation;
        let begun = self.begins.iter().filter(|(_, number)| named(*number)).map(|(at, _)| (*at, false));
        let known = self.operations.contains(operation);
        let around = self.around.iter().filter(|_| known).map(|at| (*at, true));
        let mut found: HashMap<u32, Way> = HashMap::new();
        for (start, around) in begun.chain(around) {
            for (at, calls) in breadth_first(start, |at| targets(&callees, at)) {
                let way = Way { around, calls };
                found.entry(at).and_modify(|known| *known = way.min(*known)).or_insert(way);
            }
        }
        let mut out: Vec<_> = found.into_iter().map(|(at, way)| (&self.functions[at as usize], way)).collect();
        out.sort_unstable();
        out
    }

    /// The innermost function that a line is in.
    pub fn at(&self, file: &str, line: u32) -> Option<&Symbol> {
        let within = self.files.get(file)?.iter().map(|at| &self.functions[*at as usize]);
        within.filter(|function| (function.first..=function.last).contains(&line)).max_by_key(|function| function.first)
    }

    /// Every function that is known, in no particular order.
    pub fn all(&self) -> &[Symbol] {
        &self.functions
    }
}

/// The second halves of sorted edges that begin with this.
fn targets(edges: &[(u32, u32)], from: u32) -> impl Iterator<Item = u32> {
    let start = edges.partition_point(|&(at, _)| at < from);
    edges[start..].iter().take_while(move |&&(at, _)| at == from).map(|&(_, to)| to)
}

/// Everything that is reached from a start, with the number of steps.
fn breadth_first<I: Iterator<Item = u32>>(start: u32, next: impl Fn(u32) -> I) -> Vec<(u32, u32)> {
    let mut steps: HashMap<u32, u32> = HashMap::from([(start, 0)]);
    let mut queue = VecDeque::from([(start, 0)]);
    let mut out = Vec::new();
    while let Some((at, far)) = queue.pop_front() {
        out.push((at, far));
        for to in next(at) {
            steps.entry(to).or_insert_with(|| {
                queue.push_back((to, far + 1));
                far + 1
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use plimsoll_model::Method;

    use super::*;

    fn symbol(name: &str, first: u32, last: u32) -> Symbol {
        Symbol { file: "app.py".to_owned(), name: name.to_owned(), first, last }
    }

    /// `a` → `helper` → `deep` → `helper`, `b` → `helper`, `around` → `log`.
    fn reach() -> Reach {
        let names = ["a", "b", "helper", "deep", "around", "log"];
        let functions = names.iter().zip(0..).map(|(name, at)| symbol(name, at * 10 + 1, at * 10 + 9)).collect();
        let operations = vec![OperationKey::new(Method::Get, "/a"), OperationKey::new(Method::Get, "/b")];
        Reach::of(functions, operations, vec![(2, 0), (2, 1), (3, 2), (2, 3), (5, 4)], vec![(0, 0), (1, 1)], vec![4])
    }

    fn shown(reach: &Reach, name: &str) -> Vec<(String, bool, u32)> {
        let found = reach.operations("app.py", name);
        found.into_iter().map(|(key, way)| (key.to_string(), way.around, way.calls)).collect()
    }

    #[test]
    fn a_helper_is_reached_from_all_who_call_it() {
        let reach = reach();
        assert_eq!(shown(&reach, "helper"), [("GET /a".to_owned(), false, 1), ("GET /b".to_owned(), false, 1)]);
        assert_eq!(shown(&reach, "deep"), [("GET /a".to_owned(), false, 2), ("GET /b".to_owned(), false, 2)]);
        assert_eq!(shown(&reach, "a"), [("GET /a".to_owned(), false, 0)]);
        assert_eq!(shown(&reach, "nowhere"), []);
    }

    #[test]
    fn what_runs_around_requests_is_reached_by_all_of_them() {
        assert_eq!(shown(&reach(), "log"), [("GET /a".to_owned(), true, 1), ("GET /b".to_owned(), true, 1)]);
    }

    #[test]
    fn both_directions_agree() {
        let reach = reach();
        for operation in &reach.operations {
            for (function, way) in reach.functions(operation) {
                let back = reach.operations(&function.file, &function.name);
                assert!(back.contains(&(operation, way)), "{operation} {function:?} {way:?} {back:?}");
            }
        }
    }

    #[test]
    fn groups_are_put_side_by_side() {
        let mut other = reach();
        for function in &mut other.functions {
            function.file = "other.py".to_owned();
        }
        let all = Reach::joined([reach(), other]);
        assert_eq!(shown(&all, "helper"), shown(&reach(), "helper"));
        assert_eq!(all.at("other.py", 22).map(|function| function.name.as_str()), Some("helper"));
        assert_eq!(all.at("other.py", 20), None);
    }
}
