//! Operations and files under one name, however a vantage writes them.
//!
//! `/items/{id}` of a contract, `/items/{item_id}` of a route and `/items/<int:pk>/` of another are one operation: parameters count by their place, and a
//! slash at the end does not. What a proxy or a mount puts before all paths is found by trying: a prefix counts only if more operations fit with it than
//! without, and no other fits as well. One operation among several shows no prefix.

use std::collections::{BTreeMap, HashMap, HashSet};

use plimsoll_model::{Finding, Method, OperationKey, Vantage};

use super::Lanes;

/// An operation, by its place among those that are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Op(u32);

/// A method and the segments of a path without the names of parameters.
type Shape = (Method, Vec<String>);

/// What the code does not know, or knows alone, before all of its paths.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Prefix {
    /// Outside, all paths begin with this.
    Outside(Vec<String>),
    /// In the code, all paths begin with this.
    Inside(Vec<String>),
}

/// The operations that any vantage speaks of.
#[derive(Debug, Default)]
pub struct Names {
    shapes: HashMap<Shape, Op>,
    keys: Vec<OperationKey>,
    prefix: Option<Prefix>,
}

impl Names {
    /// The operations of these lanes: named as the contract does, else as they were asked, else as the code declares them.
    pub fn of(lanes: &Lanes<'_>, findings: &[&Finding]) -> Self {
        let mut names = Self::default();
        let asked = |wanted: bool| {
            let all = lanes.operations.iter().filter(|facts| facts.origin != "code");
            all.filter(move |facts| (facts.origin == "contract") == wanted).map(|facts| &facts.operation)
        };
        let said = |wanted: fn(Vantage) -> bool| {
            findings.iter().filter(move |finding| wanted(finding.vantage)).flat_map(|finding| finding.operations())
        };
        let outside: Vec<&OperationKey> = asked(true)
            .chain(said(|vantage| vantage == Vantage::Contract))
            .chain(asked(false))
            .chain(said(|vantage| matches!(vantage, Vantage::Wire | Vantage::Memory)))
            .chain(lanes.memory.iter().map(|memory| &memory.operation))
            .collect();
        let routes = lanes.routes.iter().filter(|route| !route.detached).filter_map(|route| route.operation.as_ref());
        let inside: HashSet<Shape> = routes.map(shape).collect();
        let known: HashSet<Shape> = outside.iter().map(|key| shape(key)).collect();
        names.prefix = prefix(&inside, &known);
        for key in outside {
            names.learn(shape(key), key);
        }
        let routes = lanes.routes.iter().filter_map(|route| route.operation.as_ref());
        for key in routes.chain(said(|vantage| vantage == Vantage::Code)) {
            let shape = names.seen_from_outside(shape(key));
            names.learn(shape, key);
        }
        names
    }

    fn learn(&mut self, shape: Shape, key: &OperationKey) {
        let next = Op(self.keys.len() as u32);
        if *self.shapes.entry(shape).or_insert(next) == next {
            self.keys.push(key.clone());
        }
    }

    /// What the code calls an operation, as it is called from outside.
    fn seen_from_outside(&self, shape: Shape) -> Shape {
        if self.shapes.contains_key(&shape) {
            return shape;
        }
        let moved = match &self.prefix {
            None => None,
            Some(Prefix::Outside(prefix)) => Some((shape.0, prefix.iter().chain(&shape.1).cloned().collect())),
            Some(Prefix::Inside(prefix)) => {
                shape.1.strip_prefix(prefix.as_slice()).map(|rest| (shape.0, rest.to_vec()))
            }
        };
        moved.filter(|moved| self.shapes.contains_key(moved)).unwrap_or(shape)
    }

    /// The operation of a key that one of the lanes named.
    pub fn op(&self, key: &OperationKey, vantage: Vantage) -> Option<Op> {
        let shape = shape(key);
        let shape = if vantage == Vantage::Code { self.seen_from_outside(shape) } else { shape };
        self.shapes.get(&shape).copied()
    }

    /// The operations of a finding, in its order, each once.
    pub fn ops(&self, finding: &Finding) -> Vec<Op> {
        let mut met = HashSet::new();
        let all = finding.operations().filter_map(|key| self.op(key, finding.vantage));
        all.filter(|op| met.insert(*op)).collect()
    }

    /// Its name.
    pub fn key(&self, op: Op) -> &OperationKey {
        &self.keys[op.0 as usize]
    }
}

fn shape(key: &OperationKey) -> Shape {
    let segments = key.path.split('/').filter(|segment| !segment.is_empty());
    (key.method, segments.map(anonymous).collect())
}

/// A segment with `{}` for each parameter in it.
fn anonymous(segment: &str) -> String {
    let mut out = String::with_capacity(segment.len());
    let mut depth = 0usize;
    for letter in segment.chars() {
        match letter {
            '{' => {
                if depth == 0 {
                    out.push_str("{}");
                }
                depth += 1;
            }
            '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(letter),
            _ => {}
        }
    }
    out
}

/// What has to be put before the paths of one side so that more operations are on both than without.
fn prefix(inside: &HashSet<Shape>, outside: &HashSet<Shape>) -> Option<Prefix> {
    let plain = inside.intersection(outside).count();
    let mut fits: BTreeMap<Prefix, usize> = BTreeMap::new();
    for (method, within) in inside {
        for (_, without) in outside.iter().filter(|(other, _)| other == method) {
            // The root fits below everything and shows nothing.
            let found = if within.len() < without.len() && !within.is_empty() && without.ends_with(within) {
                Prefix::Outside(without[..without.len() - within.len()].to_vec())
            } else if without.len() < within.len() && !without.is_empty() && within.ends_with(without) {
                Prefix::Inside(within[..within.len() - without.len()].to_vec())
            } else {
                continue;
            };
            *fits.entry(found).or_default() += 1;
        }
    }
    let enough = if inside.len() == 1 && outside.len() == 1 { 1 } else { 2 };
    let most = fits.values().copied().max().filter(|most| *most > plain && *most >= enough)?;
    let mut best = fits.into_iter().filter(|(_, count)| *count == most).map(|(prefix, _)| prefix);
    // Two that fit as well are none.
    best.next().filter(|_| best.next().is_none())
}

/// Whether two paths name one file: the vantages may begin at different folders of the project.
pub fn same_file(a: &str, b: &str) -> bool {
    let below = |long: &str, short: &str| {
        long.strip_suffix(short).is_some_and(|rest| rest.is_empty() || rest.ends_with('/')) && !short.is_empty()
    };
    below(a, b) || below(b, a)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(paths: &[&str]) -> HashSet<Shape> {
        paths.iter().map(|path| shape(&OperationKey::new(Method::Get, *path))).collect()
    }

    #[test]
    fn parameters_count_by_their_place() {
        assert_eq!(shapes(&["/items/{id}"]), shapes(&["/items/{item_id}/"]));
        assert_eq!(shapes(&["/files/{name}.csv"]), shapes(&["/files/{file}.csv"]));
        assert_ne!(shapes(&["/items/{id}"]), shapes(&["/items/mine"]));
        assert_ne!(shapes(&["/items"]), shapes(&["/items/{id}"]));
    }

    #[test]
    fn a_prefix_is_found_where_more_fits_with_it() {
        let inside = shapes(&["/items", "/items/{pk}", "/health"]);
        let outside = shapes(&["/api/v1/items", "/api/v1/items/{id}", "/health"]);
        assert_eq!(prefix(&inside, &outside), Some(Prefix::Outside(vec!["api".to_owned(), "v1".to_owned()])));
        assert_eq!(prefix(&outside, &inside), Some(Prefix::Inside(vec!["api".to_owned(), "v1".to_owned()])));
    }

    #[test]
    fn one_path_that_ends_like_another_is_no_prefix() {
        let inside = shapes(&["/items", "/orders", "/users"]);
        let outside = shapes(&["/items", "/orders", "/users", "/v1/items"]);
        assert_eq!(prefix(&inside, &outside), None);
        // As many fit with the one as with the other.
        let outside = shapes(&["/a/items", "/b/items", "/a/users", "/b/users"]);
        assert_eq!(prefix(&shapes(&["/items", "/users"]), &outside), None);
        assert_eq!(prefix(&shapes(&["/items", "/users"]), &shapes(&["/old/items"])), None);
        assert!(prefix(&shapes(&["/items"]), &shapes(&["/api/items"])).is_some());
    }

    #[test]
    fn files_are_compared_by_whole_folders() {
        assert!(same_file("shop/a.py", "faulty/shop/a.py"));
        assert!(same_file("a.py", "a.py"));
        assert!(!same_file("shop/a.py", "workshop/a.py"));
        assert!(!same_file("", "a.py"));
    }
}
