//! Counting schemas that lack something which hardly any contract has everywhere: one finding for the document, with the first examples.

use plimsoll_spec::Schema;

use crate::draft::Draft;
use crate::rules::tally;
use crate::size::label;
use crate::view::{SchemaUse, View};

/// The schemas that were asked about, and those that lack what was asked for.
pub(crate) struct Census<'v, 'a> {
    pub all: usize,
    pub lacking: Vec<&'v SchemaUse<'a>>,
}

impl<'v, 'a> Census<'v, 'a> {
    /// Asks every schema: none for one that is not meant, else whether it lacks.
    pub(crate) fn of(view: &'v View<'a>, lacks: impl Fn(&SchemaUse<'a>) -> Option<bool>) -> Self {
        let mut census = Self { all: 0, lacking: Vec::new() };
        for used in view.schemas() {
            if let Some(lacks) = lacks(used) {
                census.all += 1;
                if lacks {
                    census.lacking.push(used);
                }
            }
        }
        // What many operations use comes first; among equals the order of the document.
        census.lacking.sort_by_key(|used| std::cmp::Reverse(used.inputs.len()));
        census
    }

    /// The same, of schemas that callers send.
    pub(crate) fn of_input(view: &'v View<'a>, lacks: impl Fn(&Schema) -> Option<bool>) -> Self {
        Self::of(view, |used| used.direction.is_input().then(|| lacks(used.schema)).flatten())
    }

    /// One finding about the document, none where nothing lacks. `say` gets how many lack and how many there are.
    pub(crate) fn draft(&self, cause: &str, say: impl Fn(usize, usize) -> String) -> Option<Draft> {
        if self.lacking.is_empty() {
            return None;
        }
        let names = tally::names(self.lacking.iter().map(|used| name(used)));
        let shown = self.lacking.iter().map(|used| (&used.schema.place, name(used)));
        Some(tally::habit(cause, format!("{}: {names}.", say(self.lacking.len(), self.all)), shown))
    }
}

/// The name of a parameter, or of a part of a schema.
pub(crate) fn name(used: &SchemaUse<'_>) -> String {
    if used.parent.is_none() && !used.root.name.is_empty() {
        return used.root.name.to_owned();
    }
    label(&used.schema.place.pointer)
}
