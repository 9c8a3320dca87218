//! Which operations reach which schema, in which direction.
//!
//! Schemas form a graph without circles (what contains itself was cut when it was read) in which one may be reached along more ways than can
//! be walked. So each is visited once, after everything that leads to it, and takes over what its parents have; sets of operations are shared
//! between schemas that have the same.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use plimsoll_model::PartKind;
use plimsoll_spec::{Api, Location, Schema};
use rustc_hash::FxHashMap;

use super::Root;

/// In which direction a schema is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// In requests only.
    Input,
    /// In answers only.
    Output,
    /// In both.
    Both,
}

impl Direction {
    /// Whether callers send it.
    pub const fn is_input(self) -> bool {
        matches!(self, Self::Input | Self::Both)
    }

    /// Whether the service answers with it.
    pub const fn is_output(self) -> bool {
        matches!(self, Self::Output | Self::Both)
    }
}

/// Positions of operations, ascending; shared between schemas that have the same.
#[derive(Clone, Debug, Default)]
pub struct Operations(Rc<Vec<u32>>);

impl Operations {
    /// The positions.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u32> + '_ {
        self.0.iter().copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those of both.
    fn join(&self, other: &Self) -> Self {
        if Rc::ptr_eq(&self.0, &other.0) || other.is_empty() {
            return self.clone();
        }
        if self.is_empty() {
            return other.clone();
        }
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut out = Vec::with_capacity(self.len().max(other.len()));
        loop {
            let next = match (left.peek(), right.peek()) {
                (Some(&&a), Some(&&b)) => {
                    if a <= b {
                        left.next();
                    }
                    if b <= a {
                        right.next();
                    }
                    a.min(b)
                }
                (Some(&&a), None) => {
                    left.next();
                    a
                }
                (None, Some(&&b)) => {
                    right.next();
                    b
                }
                (None, None) => break,
            };
            out.push(next);
        }
        // A set that holds all of one side is that side.
        if out.len() == self.len() {
            return self.clone();
        }
        if out.len() == other.len() {
            return other.clone();
        }
        Self(Rc::new(out))
    }
}

/// How a schema hangs below another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// As this property.
    Property(&'a str),
    /// As the elements of an array.
    Items,
    /// As properties beyond the declared ones.
    Extra,
    /// As one of the alternatives.
    Alternative,
}

/// A schema with everything that reaches it.
#[derive(Clone, Debug)]
pub struct SchemaUse<'a> {
    /// The schema.
    pub schema: &'a Arc<Schema>,
    /// In which direction it is used.
    pub direction: Direction,
    /// The operations that use it in requests.
    pub inputs: Operations,
    /// The operations that use it in answers.
    pub outputs: Operations,
    /// Where the first of its roots hangs.
    pub root: Root<'a>,
    /// The schema that it hangs below there, by position in the list; none for a root.
    pub parent: Option<(u32, Step<'a>)>,
}

impl SchemaUse<'_> {
    /// All operations that use it.
    pub fn operations(&self) -> Operations {
        self.inputs.join(&self.outputs)
    }

    /// Whether a parent's property, by which finding texts name it; none for elements and alternatives.
    pub fn property(&self) -> Option<&str> {
        match &self.parent {
            Some((_, Step::Property(name))) => Some(name),
            _ => None,
        }
    }
}

/// What is known of a schema while the graph is walked.
struct Entry<'a> {
    schema: &'a Arc<Schema>,
    inputs: Operations,
    outputs: Operations,
    root: Root<'a>,
    parent: Option<(u32, Step<'a>)>,
}

/// The graph below the roots.
struct Graph<'a> {
    /// By address, which nobody who writes documents can choose.
    numbers: FxHashMap<*const Schema, u32>,
    /// Children before parents.
    order: Vec<&'a Arc<Schema>>,
}

impl<'a> Graph<'a> {
    /// The number of a schema that was added.
    fn number(&self, schema: &Arc<Schema>) -> usize {
        self.numbers[&Arc::as_ptr(schema)] as usize
    }

    /// Adds a schema and all below it. The depth is bounded by how schemas are read.
    fn add(&mut self, schema: &'a Arc<Schema>) {
        if self.numbers.contains_key(&Arc::as_ptr(schema)) {
            return;
        }
        // Taken before its children, so that nothing is added twice; the number is set after them.
        self.numbers.insert(Arc::as_ptr(schema), u32::MAX);
        schema.below().for_each(|below| self.add(below));
        self.numbers.insert(Arc::as_ptr(schema), self.order.len() as u32);
        self.order.push(schema);
    }
}

/// A root: the schema, where it hangs, the operation, and whether it is input.
type Rooted<'a> = (&'a Arc<Schema>, Root<'a>, u32, bool);

fn roots(api: &Api) -> impl Iterator<Item = Rooted<'_>> {
    api.operations.iter().enumerate().flat_map(|(index, operation)| {
        let index = index as u32;
        let parameters = operation.parameters.iter().map(move |parameter| {
            let kind = match parameter.location {
                Location::Path => PartKind::Path,
                Location::Query => PartKind::Query,
                Location::Header | Location::Cookie => PartKind::Header,
            };
            (&parameter.schema, Root { kind, name: &parameter.name }, index, true)
        });
        let bodies = operation.body.iter().flat_map(|body| body.content.values());
        let bodies = bodies.map(move |(schema, _)| (schema, Root { kind: PartKind::Body, name: "" }, index, true));
        let answers = operation.responses.iter().flat_map(move |(status, response)| {
            let root = Root { kind: PartKind::ResponseBody, name: status };
            response.content.values().map(move |schema| (schema, root.clone(), index, false))
        });
        parameters.chain(bodies).chain(answers)
    })
}

/// Every schema once for each place, what leads to it first.
pub(super) fn schemas(api: &Api) -> Vec<SchemaUse<'_>> {
    let roots: Vec<Rooted<'_>> = roots(api).collect();
    let mut graph = Graph { numbers: FxHashMap::default(), order: Vec::new() };
    // Backwards, because the order is walked backwards: the first operation comes first then.
    for (schema, ..) in roots.iter().rev() {
        graph.add(schema);
    }
    let mut entries = rooted(roots, &graph);
    let mut out = Uses::default();
    // Parents stand after their children, so backwards every schema comes after all that lead to it.
    for number in (0..graph.order.len()).rev() {
        let Some(entry) = entries[number].take() else { continue };
        let (inputs, outputs, root) = (entry.inputs.clone(), entry.outputs.clone(), entry.root.clone());
        let schema = entry.schema;
        let position = out.add(entry);
        for (below, step) in steps(schema) {
            let inputs = if below.read_only { Operations::default() } else { inputs.clone() };
            let outputs = if below.write_only { Operations::default() } else { outputs.clone() };
            if inputs.is_empty() && outputs.is_empty() {
                continue;
            }
            let child = graph.number(below);
            match &mut entries[child] {
                Some(known) => {
                    known.inputs = known.inputs.join(&inputs);
                    known.outputs = known.outputs.join(&outputs);
                }
                empty => {
                    let parent = Some((position, step));
                    *empty = Some(Entry { schema: below, inputs, outputs, root: root.clone(), parent });
                }
            }
        }
    }
    out.list
}

/// Operations that begin at a root in requests and in answers, the root, and where it hangs first.
type Begun<'a> = (Vec<u32>, Vec<u32>, &'a Arc<Schema>, Root<'a>);

/// The roots by their number, each with all operations that begin there.
fn rooted<'a>(roots: Vec<Rooted<'a>>, graph: &Graph<'a>) -> Vec<Option<Entry<'a>>> {
    let mut sets: BTreeMap<usize, Begun<'a>> = BTreeMap::new();
    for (schema, root, operation, is_input) in roots {
        let set = sets.entry(graph.number(schema)).or_insert_with(|| (Vec::new(), Vec::new(), schema, root));
        let list = if is_input { &mut set.0 } else { &mut set.1 };
        if list.last() != Some(&operation) {
            list.push(operation);
        }
    }
    let mut entries: Vec<Option<Entry<'a>>> = Vec::new();
    entries.resize_with(graph.order.len(), || None);
    for (number, (inputs, outputs, schema, root)) in sets {
        let (inputs, outputs) = (Operations(Rc::new(inputs)), Operations(Rc::new(outputs)));
        entries[number] = Some(Entry { schema, inputs, outputs, root, parent: None });
    }
    entries
}

/// The list that is made, with the position of each place in it.
#[derive(Default)]
struct Uses<'a> {
    list: Vec<SchemaUse<'a>>,
    places: HashMap<&'a str, u32>,
}

impl<'a> Uses<'a> {
    /// Adds a schema, or what is new of it where its place is known: a schema that contains itself was built once for every turn.
    fn add(&mut self, entry: Entry<'a>) -> u32 {
        let Entry { schema, inputs, outputs, root, parent } = entry;
        let pointer = schema.place.pointer.as_str();
        if let Some(&known) = self.places.get(pointer).filter(|_| !pointer.is_empty()) {
            let used = &mut self.list[known as usize];
            used.inputs = used.inputs.join(&inputs);
            used.outputs = used.outputs.join(&outputs);
            // One that was cut says less than one that was not.
            if used.schema.recursive && !schema.recursive {
                used.schema = schema;
            }
            used.direction = direction(&used.inputs, &used.outputs);
            return known;
        }
        let position = self.list.len() as u32;
        self.places.insert(pointer, position);
        let direction = direction(&inputs, &outputs);
        self.list.push(SchemaUse { schema, direction, inputs, outputs, root, parent });
        position
    }
}

fn direction(inputs: &Operations, outputs: &Operations) -> Direction {
    match (inputs.is_empty(), outputs.is_empty()) {
        (false, true) => Direction::Input,
        (true, false) => Direction::Output,
        _ => Direction::Both,
    }
}

/// The schemas right below one, with how they hang there.
fn steps(schema: &Schema) -> impl Iterator<Item = (&Arc<Schema>, Step<'_>)> {
    let properties = schema.properties.iter().map(|(name, below)| (below, Step::Property(name)));
    let items = schema.items.iter().map(|below| (below, Step::Items));
    let extra = schema.extra.iter().map(|below| (below, Step::Extra));
    let alternatives = schema.alternatives.iter().map(|below| (below, Step::Alternative));
    items.chain(properties).chain(extra).chain(alternatives)
}

/// The path of a schema below its root.
pub(super) fn path(all: &[SchemaUse<'_>], used: &SchemaUse<'_>) -> String {
    let mut steps = Vec::new();
    let mut at = used;
    // Parents stand before their children, so this ends.
    while let Some((parent, step)) = &at.parent {
        steps.push(step);
        at = &all[*parent as usize];
    }
    let mut out = String::new();
    for step in steps.into_iter().rev() {
        match step {
            Step::Property(name) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(name);
            }
            Step::Items => out.push_str("[]"),
            Step::Extra => out.push_str(if out.is_empty() { "*" } else { ".*" }),
            Step::Alternative => {}
        }
    }
    out
}
