//! The state of reading one description: its files, what was wrong, and the schemas that were built already.

use std::collections::HashSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::api::{Diagnostic, Schema};
use crate::error::one_line;
use crate::files::Files;
use crate::options::Limits;
use crate::recursion::Rings;
use crate::refs::{Refs, reference};
use crate::tree::{At, LINE};

/// The dialects that differ in what a schema or a reference means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Dialect {
    /// Swagger 2.0.
    V2,
    /// OpenAPI 3.0.
    V30,
    /// OpenAPI 3.1 and later: JSON Schema 2020-12.
    V31,
}

/// Diagnostics beyond this number are counted, not kept.
const KEPT: usize = 500;

pub(crate) struct Reader<'a> {
    pub dialect: Dialect,
    pub limits: Limits,
    pub refs: Refs<'a>,
    pub rings: Rings,
    /// Schemas by node, turns left, and whether a reference led to them; with their height.
    pub built: FxHashMap<(usize, u8, bool), (Arc<Schema>, u32)>,
    /// What may still be made, by weight: schemas, copied properties, examples.
    pub left: usize,
    /// What may still be read of operations, parameters and responses, likewise: they are read even where schemas use up theirs.
    pub parts_left: usize,
    diagnostics: Vec<Diagnostic>,
    known: HashSet<(String, String)>,
    more: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(files: &'a Files, dialect: Dialect, limits: Limits) -> Self {
        let mut refs = Refs::new(files);
        let roots: Vec<At<'a>> = (0..files.files.len()).map(|number| refs.root(number as u32)).collect();
        let rings = Rings::find(&roots, &mut refs);
        let mut reader = Self {
            dialect,
            limits,
            refs,
            rings,
            built: FxHashMap::default(),
            left: limits.nodes,
            parts_left: limits.nodes,
            diagnostics: Vec::new(),
            known: HashSet::new(),
            more: 0,
        };
        for (file, root) in files.files.iter().zip(roots) {
            for remark in &file.remarks {
                let mut place = root.place();
                place.line = Some(remark.line);
                let message = one_line(&remark.message, 300);
                reader.diagnose(Diagnostic { message, place, fatal: false });
            }
        }
        reader
    }

    /// Notes something that is wrong but takes nothing away.
    pub(crate) fn warn(&mut self, at: &At<'_>, message: impl AsRef<str>) {
        self.note(at, message.as_ref(), false);
    }

    /// Notes something because of which a part could not be read.
    pub(crate) fn lose(&mut self, at: &At<'_>, message: impl AsRef<str>) {
        self.note(at, message.as_ref(), true);
    }

    /// Notes something at a line that is known by itself.
    pub(crate) fn warn_at_line(&mut self, at: &At<'_>, message: &str, line: Option<u32>) {
        let mut place = at.place();
        place.line = line;
        self.diagnose(Diagnostic { message: one_line(message, 300), place, fatal: false });
    }

    fn note(&mut self, at: &At<'_>, message: &str, fatal: bool) {
        let message = one_line(message, 300);
        // Shared parts are read once per use; what is wrong with them is said once.
        if self.known.len() < KEPT * 4 && !self.known.insert((at.pointer.clone(), message.clone())) {
            return;
        }
        self.diagnose(Diagnostic { message, place: at.place(), fatal });
    }

    fn diagnose(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < KEPT {
            self.diagnostics.push(diagnostic);
        } else {
            self.more += 1;
        }
    }

    /// What was wrong, in document order.
    pub(crate) fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        self.diagnostics.sort_by(|a, b| (a.place.line, &a.place.pointer).cmp(&(b.place.line, &b.place.pointer)));
        if self.more > 0 {
            self.diagnostics.push(Diagnostic {
                message: format!("and {} more", self.more),
                place: crate::api::Place::default(),
                fatal: false,
            });
        }
        self.diagnostics
    }

    /// Follows a Reference Object; none, with a diagnostic, where it leads nowhere.
    pub(crate) fn follow(&mut self, at: &At<'a>) -> Option<At<'a>> {
        if reference(at.node).is_none() {
            return Some(at.clone());
        }
        match self.refs.follow(at.clone()) {
            Ok(target) => Some(target),
            Err(message) => {
                self.lose(at, message);
                None
            }
        }
    }

    /// The text of a member; a diagnostic where it is something else.
    pub(crate) fn text(&mut self, at: &At<'a>, key: &str) -> Option<&'a str> {
        let child = at.child(key)?;
        let text = child.node.text();
        if text.is_none() {
            self.warn(&child, format!("{key} is {} where a string is meant", child.node.noun()));
        }
        text
    }

    /// A value as it stands, within the budget.
    pub(crate) fn value(&mut self, at: &At<'a>) -> Option<Value> {
        // Once the budget is used up, weighing would be work without end.
        let affordable = self.left > 0 && self.spend(at.node.weight(), at);
        affordable.then(|| at.node.to_value())
    }

    /// Copies of values that a schema has, within the budget.
    pub(crate) fn copies(&mut self, values: &[Value], at: &At<'a>) -> Vec<Value> {
        if values.is_empty() || self.left == 0 || !self.spend(values.iter().map(weight).sum(), at) {
            return Vec::new();
        }
        values.to_vec()
    }

    /// Takes `amount` from the budget of what is made; false once it is used up.
    pub(crate) fn spend(&mut self, amount: usize, at: &At<'a>) -> bool {
        if amount <= self.left {
            self.left -= amount;
            return true;
        }
        self.left = 0;
        self.lose(at, "left out: the parts of this document are too large when put together");
        false
    }
}

/// What a copy of a value costs, as [`crate::tree::Node::weight`] has it.
pub(crate) fn weight(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(weight).sum::<usize>(),
        Value::Object(map) => map.iter().fold(1, |sum, (key, value)| sum + weight(value) + key.len() / LINE),
        Value::String(text) => 1 + text.len() / LINE,
        _ => 1,
    }
}
