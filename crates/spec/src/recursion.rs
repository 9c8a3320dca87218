//! Which schemas contain themselves: the strongly connected components of the graph of references (Tarjan 1972).
//!
//! A component is a *ring*. Knowing it beforehand lets every schema be built once per turn and shared, where cutting by the path walked
//! so far would build each of them once per path: in documents such as Stripe's that is more than any memory holds.

use std::collections::HashMap;

use rustc_hash::FxHashMap;

use crate::refs::{Refs, reference};
use crate::tree::{At, Kind, Node};

/// A schema's membership in a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub ring: u32,
    /// How many schemas the ring has.
    pub size: u32,
    /// Position in document order, by which going back is told from going on.
    pub order: u32,
}

/// The members of rings, by address of the node.
pub(crate) struct Rings(FxHashMap<usize, Member>);

impl Rings {
    /// Finds the rings in these files.
    pub(crate) fn find(roots: &[At<'_>], refs: &mut Refs<'_>) -> Self {
        // References in order of the walk, as the addresses that they lead to.
        let mut targets = Vec::new();
        for root in roots {
            collect(root.node, root.file, refs, &mut targets);
        }
        let mut ids: FxHashMap<usize, u32> = FxHashMap::default();
        for &address in targets.iter().flatten() {
            let next = ids.len() as u32;
            ids.entry(address).or_insert(next);
        }
        let mut graph = Graph {
            ids: &ids,
            targets: targets.iter(),
            position: 0,
            edges: vec![Vec::new(); ids.len()],
            order: vec![0; ids.len()],
        };
        for root in roots {
            graph.walk(root.node, None);
        }
        let Graph { mut edges, order, .. } = graph;
        for out in &mut edges {
            out.sort_unstable();
            out.dedup();
        }
        let components = components(&edges);
        let mut sizes: HashMap<u32, u32> = HashMap::new();
        for &component in &components {
            *sizes.entry(component).or_default() += 1;
        }
        let members = ids
            .into_iter()
            .filter_map(|(address, id)| {
                let index = id as usize;
                let ring = components[index];
                let size = sizes[&ring];
                let turns = size > 1 || edges[index].binary_search(&id).is_ok();
                turns.then_some((address, Member { ring, size, order: order[index] }))
            })
            .collect();
        Self(members)
    }

    /// The membership of this node; none where it does not contain itself.
    pub(crate) fn member(&self, node: &Node) -> Option<Member> {
        self.0.get(&node.address()).copied()
    }
}

fn collect(node: &Node, file: u32, refs: &mut Refs<'_>, out: &mut Vec<Option<usize>>) {
    if let Some(text) = reference(node) {
        out.push(refs.resolve(file, text).ok().map(|at| at.node.address()));
    }
    match &node.kind {
        Kind::List(list) => list.iter().for_each(|node| collect(node, file, refs, out)),
        Kind::Map(map) => map.iter().for_each(|(_, node)| collect(node, file, refs, out)),
        _ => {}
    }
}

/// The graph of what references lead to: from each of them to what its references lead to, and to those that stand within it. So the
/// number of edges is that of references and targets, however they are nested.
struct Graph<'g> {
    ids: &'g FxHashMap<usize, u32>,
    /// What [`collect`] found, in the same order.
    targets: std::slice::Iter<'g, Option<usize>>,
    position: u32,
    edges: Vec<Vec<u32>>,
    order: Vec<u32>,
}

impl Graph<'_> {
    fn walk(&mut self, node: &Node, within: Option<u32>) {
        self.position += 1;
        let mut within = within;
        if let Some(&id) = self.ids.get(&node.address()) {
            if let Some(outer) = within {
                self.edges[outer as usize].push(id);
            }
            self.order[id as usize] = self.position;
            within = Some(id);
        }
        if reference(node).is_some()
            && let Some(Some(address)) = self.targets.next()
            && let Some(outer) = within
        {
            self.edges[outer as usize].push(self.ids[address]);
        }
        match &node.kind {
            Kind::List(list) => list.iter().for_each(|node| self.walk(node, within)),
            Kind::Map(map) => map.iter().for_each(|(_, node)| self.walk(node, within)),
            _ => {}
        }
    }
}

/// The component of every vertex. Without recursion: chains of references may be as long as the document.
fn components(edges: &[Vec<u32>]) -> Vec<u32> {
    const UNSEEN: u32 = u32::MAX;
    let count = edges.len();
    let mut index = vec![UNSEEN; count];
    let mut low = vec![0; count];
    let mut on_stack = vec![false; count];
    let mut component = vec![0; count];
    let (mut stack, mut work) = (Vec::new(), Vec::new());
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
            if let Some(&target) = edges[vertex].get(edge) {
                work.push((vertex, edge + 1));
                let target = target as usize;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_those_of_the_graph() {
        // 0 → 1 → 2 → 0, 2 → 3, 3 → 3, 4 alone.
        let found = components(&[vec![1], vec![2], vec![0, 3], vec![3], vec![]]);
        assert_eq!(found[0], found[1]);
        assert_eq!(found[1], found[2]);
        assert_ne!(found[2], found[3]);
        assert_ne!(found[3], found[4]);
    }

    #[test]
    fn a_long_chain_does_not_exhaust_the_stack() {
        let edges: Vec<Vec<u32>> = (0..200_000).map(|n| vec![n + 1]).chain([vec![]]).collect();
        assert_eq!(components(&edges).len(), 200_001);
    }
}
