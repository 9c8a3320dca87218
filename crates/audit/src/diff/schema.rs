//! Schemas compared in pairs: each pair once, however many operations reach it.
//!
//! Schemas are shared, and walking all paths would be walking a tree of millions. So a pair remembers which differences stand below it, and an
//! operation that comes to it later only adds itself to them.

mod bounds;
mod object;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use plimsoll_spec::{Place, Schema};

use super::digest::Digests;
use super::ledger::{Draft, Ledger};
use super::part::Site;
use crate::size::Way;

/// Pairs of alternatives that are looked at for likeness; where there would be more, their order decides.
const PAIRED: usize = 4_096;
/// Properties by which likeness is told.
const COMPARED: usize = 200;

/// Which two schemas, in which way.
type Key = (*const Schema, *const Schema, Way);
/// A schema with the place that stands for it where it has none.
type Side<'a> = (&'a Arc<Schema>, &'a Place);

/// The pairs that were compared.
#[derive(Default)]
pub(super) struct Pairs {
    known: HashMap<Key, Rc<Vec<u32>>>,
    digests: Digests,
}

/// A pair while it is compared: its schemas and places, and the differences found below it.
pub(super) struct Pair<'a> {
    pub old: &'a Schema,
    pub new: &'a Schema,
    pub before: &'a Place,
    pub after: &'a Place,
    pub way: Way,
    found: Vec<u32>,
}

impl Pair<'_> {
    fn add(&mut self, draft: Draft, values: (Option<String>, Option<String>), site: Site<'_>, ledger: &mut Ledger) {
        let mut draft = draft.part(site.part);
        if let Some(value) = values.0 {
            draft = draft.before(self.before, value);
        }
        if let Some(value) = values.1 {
            draft = draft.after(self.after, value);
        }
        self.found.push(ledger.add(draft, Some(site.at)));
    }
}

impl Pairs {
    /// Compares two schemas and everything below them.
    pub(super) fn compare(&mut self, (old, new): (Side<'_>, Side<'_>), way: Way, site: Site<'_>, ledger: &mut Ledger) {
        self.pair(old, new, way, site, ledger);
    }

    /// Whether two schemas say the same.
    fn are_equal(&mut self, old: &Arc<Schema>, new: &Arc<Schema>) -> bool {
        self.digests.of(old) == self.digests.of(new)
    }

    fn pair(&mut self, old: Side<'_>, new: Side<'_>, way: Way, site: Site<'_>, ledger: &mut Ledger) -> Rc<Vec<u32>> {
        let key = (Arc::as_ptr(old.0), Arc::as_ptr(new.0), way);
        if let Some(known) = self.known.get(&key) {
            known.iter().for_each(|number| ledger.reach(*number, Some(site.at)));
            return Rc::clone(known);
        }
        let mut found = Vec::new();
        // Where a circle is cut depends on where it was entered: a cut says nothing.
        if !is_cut(old.0) && !is_cut(new.0) && !self.are_equal(old.0, new.0) {
            let (before, after) = (super::place_or(&old.0.place, old.1), super::place_or(&new.0.place, new.1));
            let mut pair = Pair { old: old.0, new: new.0, before, after, way, found: Vec::new() };
            bounds::compare(&mut pair, site, ledger);
            object::compare(&mut pair, site, ledger);
            found = pair.found;
            self.below(old, new, way, site, ledger, &mut found);
            found.sort_unstable();
            found.dedup();
        }
        let found = Rc::new(found);
        self.known.insert(key, Rc::clone(&found));
        found
    }

    fn below(
        &mut self,
        old: Side<'_>,
        new: Side<'_>,
        way: Way,
        site: Site<'_>,
        ledger: &mut Ledger,
        found: &mut Vec<u32>,
    ) {
        let (was, is) = (old.0, new.0);
        let (before, after) = (super::place_or(&was.place, old.1), super::place_or(&is.place, new.1));
        let mut visit = |pairs: &mut Self, was: &Arc<Schema>, is: &Arc<Schema>, part: String, ledger: &mut Ledger| {
            let site = Site { at: site.at, part: &part };
            found.extend(pairs.pair((was, before), (is, after), way, site, ledger).iter());
        };
        if let (Some(was), Some(is)) = (&was.items, &is.items) {
            visit(self, was, is, onto(site.part, "[]"), ledger);
        }
        if let (Some(was), Some(is)) = (&was.extra, &is.extra) {
            visit(self, was, is, inside(site.part, "*"), ledger);
        }
        let earlier: HashMap<&str, &Arc<Schema>> =
            was.properties.iter().map(|(name, inner)| (name.as_str(), inner)).collect();
        for (name, inner) in &is.properties {
            if let Some(was) = earlier.get(name.as_str()).filter(|was| goes(was, way) && goes(inner, way)) {
                visit(self, was, inner, inside(site.part, name), ledger);
            }
        }
        for (was, is) in self.matched(was, is) {
            visit(self, was, is, site.part.to_owned(), ledger);
        }
    }

    /// Alternatives that belong together: those that say the same, then those that look alike, then by their order.
    fn matched<'s>(&mut self, old: &'s Schema, new: &'s Schema) -> Vec<(&'s Arc<Schema>, &'s Arc<Schema>)> {
        let mut was: Vec<&Arc<Schema>> = old.alternatives.iter().collect();
        let mut is: Vec<&Arc<Schema>> = new.alternatives.iter().collect();
        let mut pairs = Vec::new();
        let same: Vec<u64> = was.iter().map(|was| self.digests.of(was)).collect();
        is.retain(|is| !same.contains(&self.digests.of(is)));
        let kept: Vec<u64> = new.alternatives.iter().map(|is| self.digests.of(is)).collect();
        was.retain(|was| !kept.contains(&self.digests.of(was)));
        if was.len().saturating_mul(is.len()) > PAIRED {
            return was.into_iter().zip(is).collect();
        }
        for next in is {
            let best =
                was.iter().enumerate().max_by_key(|(position, was)| (likeness(was, next), usize::MAX - position));
            if let Some((position, _)) = best.filter(|(_, was)| likeness(was, next) > 0) {
                pairs.push((was.remove(position), next));
            }
        }
        pairs
    }
}

/// How much two schemas look alike: nothing in common is zero.
fn likeness(one: &Schema, other: &Schema) -> usize {
    let kinds = one.kinds.iter().filter(|kind| other.kinds.contains(kind)).count();
    let known: HashSet<&str> = one.properties.iter().take(COMPARED).map(|(name, _)| name.as_str()).collect();
    let names = other.properties.iter().take(COMPARED).filter(|(name, _)| known.contains(name.as_str())).count();
    let missing = one.properties.len().abs_diff(other.properties.len());
    if kinds == 0 && names == 0 { 0 } else { 1_000 + 100 * names + kinds - missing.min(999) }
}

fn goes(property: &Schema, way: Way) -> bool {
    match way {
        Way::In => !property.read_only,
        Way::Out => !property.write_only,
    }
}

fn inside(part: &str, name: &str) -> String {
    let joint = if part.contains(':') { "." } else { ":" };
    format!("{part}{joint}{name}")
}

fn onto(part: &str, what: &str) -> String {
    let joint = if part.contains(':') { "" } else { ":" };
    format!("{part}{joint}{what}")
}

fn is_cut(schema: &Schema) -> bool {
    schema.recursive && schema.properties.is_empty() && schema.items.is_none() && schema.alternatives.is_empty()
}
