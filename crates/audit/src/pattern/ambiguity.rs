//! Whether a pattern can be matched in exponentially many ways: the question on which the time of a backtracking engine depends.
//!
//! The pattern becomes an automaton of its characters (Glushkov 1961) whose edges count in how many ways one character follows another. It is
//! exponentially ambiguous where a state can be reached from itself along two ways with one text (Weber and Seidl 1991): two edges between the same states of a
//! loop, or a pair of different states in a loop of the squared automaton. Only where the text after the loop can also fail to match are all ways tried.
//! Lookarounds and anchors within loops, references and atomic groups are not judged: they may make the pattern safe.

use std::collections::HashMap;

use super::parse::{Node, Tree};
use super::set::Set;

/// Characters of the automaton.
const POSITIONS: usize = 400;
/// Edges of the squared automaton that are looked at.
const WORK: usize = 1_500_000;
/// From this number of repetitions on, a bounded repetition is a loop for all that matters.
const MANY: u32 = 16;

/// Whether a backtracking engine may need a time that doubles with every few characters.
pub(super) fn is_exponential(tree: &Tree) -> bool {
    if tree.is_opaque() || !has_nested_choice(&tree.root, false) {
        return false;
    }
    let mut automaton = Automaton::default();
    let Some(whole) = automaton.add(&tree.root) else { return false };
    let graph = automaton.graph();
    let loops = components(&graph);
    let mut size: HashMap<u32, u32> = HashMap::new();
    loops.iter().for_each(|ring| *size.entry(*ring).or_default() += 1);
    let is_loop = |p: usize| size[&loops[p]] > 1 || graph[p].contains(&(p as u32));
    let bound = tree.root.is_anchored(false);
    let can_fail = |ring: u32| {
        let ends = whole.last.iter().any(|(p, _)| loops[*p as usize] == ring);
        if !ends {
            return true;
        }
        let mut reach = Set::default();
        for (p, set) in automaton.sets.iter().enumerate() {
            if loops[p] == ring {
                reach = reach.with(set);
            }
        }
        bound && !reach.is_all()
    };
    let twice = automaton.edges.iter().any(|(&(p, q), &ways)| {
        let (p, q) = (p as usize, q as usize);
        ways > 1 && loops[p] == loops[q] && is_loop(p) && can_fail(loops[p])
    });
    if twice {
        return true;
    }
    let mut rings: Vec<u32> = size.iter().filter(|(_, size)| **size > 1).map(|(ring, _)| *ring).collect();
    rings.sort_unstable();
    rings.into_iter().any(|ring| can_fail(ring) && automaton.has_two_ways(&graph, &loops, ring))
}

/// Whether a loop holds another or a choice; without, nothing is ambiguous.
fn has_nested_choice(node: &Node, looped: bool) -> bool {
    match node {
        Node::Repeat { node, min, max, .. } => {
            let varies = max.is_none_or(|max| max > *min);
            looped && varies || has_nested_choice(node, looped || max.is_none_or(|max| max >= MANY))
        }
        Node::Either(list) => looped || list.iter().any(|node| has_nested_choice(node, looped)),
        Node::Concat(list) => list.iter().any(|node| has_nested_choice(node, looped)),
        Node::Group(node) => has_nested_choice(node, looped),
        _ => false,
    }
}

#[derive(Default)]
struct Automaton {
    sets: Vec<Set>,
    /// In how many ways one character follows another; two stand for more.
    edges: HashMap<(u32, u32), u8>,
}

/// A part of the automaton: where it begins and ends, with the number of ways, and whether it can be empty.
#[derive(Clone, Default)]
struct Part {
    first: Vec<(u32, u8)>,
    last: Vec<(u32, u8)>,
    empty: u8,
}

impl Automaton {
    fn add(&mut self, node: &Node) -> Option<Part> {
        Some(match node {
            Node::Set(set) => {
                if self.sets.len() >= POSITIONS {
                    return None;
                }
                let position = self.sets.len() as u32;
                self.sets.push(set.clone());
                Part { first: vec![(position, 1)], last: vec![(position, 1)], empty: 0 }
            }
            Node::Group(node) | Node::Atomic(node) => self.add(node)?,
            Node::Concat(list) => {
                let mut whole = Part { empty: 1, ..Part::default() };
                for node in list {
                    let next = self.add(node)?;
                    whole = self.then(whole, next);
                }
                whole
            }
            Node::Either(list) => {
                let mut whole = Part::default();
                for node in list {
                    let next = self.add(node)?;
                    whole.first.extend(next.first);
                    whole.last.extend(next.last);
                    whole.empty = whole.empty.saturating_add(next.empty).min(2);
                }
                whole
            }
            Node::Repeat { node, min, max, .. } => self.repeat(node, *min, *max)?,
            Node::Empty | Node::Start | Node::End | Node::Boundary | Node::Look(_) | Node::Back => {
                Part { empty: 1, ..Part::default() }
            }
        })
    }

    fn repeat(&mut self, node: &Node, min: u32, max: Option<u32>) -> Option<Part> {
        let bounded = max.filter(|max| *max < MANY);
        let mut whole = Part { empty: 1, ..Part::default() };
        if let Some(max) = bounded {
            for _ in 0..min {
                let next = self.add(node)?;
                whole = self.then(whole, next);
            }
            // (x(x(x)?)?)?, as engines have it.
            let copies: Option<Vec<Part>> = (min..max).map(|_| self.add(node)).collect();
            let mut optional = Part { empty: 1, ..Part::default() };
            for copy in copies?.into_iter().rev() {
                optional = Part { empty: 1, ..self.then(copy, optional) };
            }
            return Some(self.then(whole, optional));
        }
        // What must come before the loop does not make it more ambiguous.
        for _ in 1..min.min(3) {
            let next = self.add(node)?;
            whole = self.then(whole, next);
        }
        let mut body = self.add(node)?;
        self.join(&body.last, &body.first);
        // Engines do not repeat what matched nothing.
        body.empty = if min == 0 { 1 } else { body.empty.min(1) };
        Some(self.then(whole, body))
    }

    fn join(&mut self, from: &[(u32, u8)], to: &[(u32, u8)]) {
        for (p, out) in from {
            for (q, into) in to {
                let ways = self.edges.entry((*p, *q)).or_default();
                *ways = ways.saturating_add(out.saturating_mul(*into)).min(2);
            }
        }
    }

    fn then(&mut self, one: Part, two: Part) -> Part {
        self.join(&one.last, &two.first);
        let scaled = |list: &[(u32, u8)], ways: u8| {
            list.iter().filter(|_| ways > 0).map(|(p, n)| (*p, n.saturating_mul(ways).min(2))).collect::<Vec<_>>()
        };
        let mut first = one.first.clone();
        first.extend(scaled(&two.first, one.empty));
        let mut last = two.last.clone();
        last.extend(scaled(&one.last, two.empty));
        Part { first, last, empty: one.empty.saturating_mul(two.empty).min(2) }
    }

    fn graph(&self) -> Vec<Vec<u32>> {
        let mut graph = vec![Vec::new(); self.sets.len()];
        for (p, q) in self.edges.keys() {
            graph[*p as usize].push(*q);
        }
        graph.iter_mut().for_each(|out| out.sort_unstable());
        graph
    }

    /// Whether a state of this loop comes back to itself along two ways with one text: a loop of the squared automaton holds a pair of
    /// equal states and one of different ones.
    fn has_two_ways(&self, graph: &[Vec<u32>], loops: &[u32], ring: u32) -> bool {
        let members: Vec<u32> = (0..graph.len() as u32).filter(|p| loops[*p as usize] == ring).collect();
        let number: HashMap<u32, usize> = members.iter().enumerate().map(|(index, p)| (*p, index)).collect();
        let count = members.len();
        let onward = |p: usize| graph[members[p] as usize].iter().filter_map(|q| number.get(q).copied());
        let mut square: Vec<Vec<u32>> = vec![Vec::new(); count * count];
        let mut work = 0;
        for a in 0..count {
            for b in a..count {
                for next in onward(a) {
                    for other in onward(b) {
                        work += 1;
                        if work > WORK {
                            return false;
                        }
                        let (low, high) = (next.min(other), next.max(other));
                        let (mine, theirs) = (&self.sets[members[low] as usize], &self.sets[members[high] as usize]);
                        if low == high || mine.meets(theirs) {
                            square[a * count + b].push((low * count + high) as u32);
                        }
                    }
                }
            }
        }
        let rings = components(&square);
        let mut equal: HashMap<u32, bool> = HashMap::new();
        for a in 0..count {
            equal.insert(rings[a * count + a], true);
        }
        (0..count).any(|a| (a + 1..count).any(|b| equal.contains_key(&rings[a * count + b])))
    }
}

/// The strongly connected component of every vertex (Tarjan 1972), without recursion.
fn components(edges: &[Vec<u32>]) -> Vec<u32> {
    const UNSEEN: u32 = u32::MAX;
    let count = edges.len();
    let (mut index, mut low, mut component) = (vec![UNSEEN; count], vec![0; count], vec![0; count]);
    let mut on_stack = vec![false; count];
    let (mut stack, mut work): (Vec<usize>, Vec<(usize, usize)>) = (Vec::new(), Vec::new());
    let (mut next_index, mut next_component) = (0, 0);
    for start in 0..count {
        if index[start] != UNSEEN {
            continue;
        }
        work.push((start, 0));
        while let Some((vertex, edge)) = work.pop() {
            if edge == 0 {
                index[vertex] = next_index;
                low[vertex] = next_index;
                next_index += 1;
                stack.push(vertex);
                on_stack[vertex] = true;
            }
            if let Some(target) = edges[vertex].get(edge) {
                let target = *target as usize;
                work.push((vertex, edge + 1));
                if index[target] == UNSEEN {
                    work.push((target, 0));
                } else if on_stack[target] {
                    low[vertex] = low[vertex].min(index[target]);
                }
                continue;
            }
            if low[vertex] == index[vertex] {
                while let Some(member) = stack.pop() {
                    on_stack[member] = false;
                    component[member] = next_component;
                    if member == vertex {
                        break;
                    }
                }
                next_component += 1;
            }
            if let Some(&(parent, _)) = work.last() {
                low[parent] = low[parent].min(low[vertex]);
            }
        }
    }
    component
}
