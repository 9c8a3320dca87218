//! Growth: what outlives its request takes something in, and nothing reliable takes it out.

use super::add::{Add, AddKind};
use super::evict::{Removal, Removals};
use super::spread::Spread;
use super::stored::Stored;
use super::{HeldBy, Lifetime, Lifetimes};
use crate::program::ExprAt;
use crate::rules::{Spot, Step};
use crate::syntax::ExprKind;
use crate::values::{Container, Kind, ObjectId};

/// What takes something in.
#[derive(Clone, Debug)]
pub struct Holder {
    /// What the source calls it: `_cache`, `self._data`.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Where it is made.
    pub born: Spot,
    /// The expression that makes it.
    pub made: ExprAt,
    /// How long it lives, and why.
    pub lifetime: Lifetime,
}

/// A place that adds to something long-lived without a bound.
#[derive(Clone, Debug)]
pub struct Growth {
    /// The addition.
    pub add: Add,
    /// What it adds to.
    pub holder: Holder,
    /// What is added.
    pub stored: Stored,
    /// How many different keys or elements there can be; open for what is simply appended.
    pub spread: Spread,
    /// Removals that were looked at and do not bound it.
    pub looked_at: Vec<Step>,
    /// Whether another operation is there to take entries out again: whoever adds is meant to ask for it.
    pub managed: bool,
}

impl Growth {
    /// Whether it is a mapping that gets new keys.
    pub fn is_keyed(&self) -> bool {
        matches!(self.add.kind, AddKind::Keyed(_))
    }

    /// Whether it is a queue.
    pub fn is_queue(&self) -> bool {
        matches!(self.holder.kind, Kind::Queue { .. })
    }
}

impl Lifetimes<'_> {
    /// Every growth of the program, in the order of files and lines; one for each statement, and one for each function and holder.
    pub fn growth(&self) -> Vec<Growth> {
        let adds = self.adds();
        let mut removals: Option<Removals> = None;
        let mut found: Vec<Growth> = Vec::new();
        for add in adds {
            if let Some(growth) = self.judge(&add, &mut removals) {
                let again = found.iter().rposition(|known| {
                    known.add.at.module == add.at.module
                        && (known.add.stmt == add.stmt
                            || known.holder.born == growth.holder.born && known.add.scope == add.scope)
                });
                match again {
                    // Of several in one statement the one that says most: what is dragged along, then the key.
                    Some(n) if (growth.stored, growth.is_keyed()) > (found[n].stored, found[n].is_keyed()) => {
                        found[n] = growth;
                    }
                    Some(_) => {}
                    None => found.push(growth),
                }
            }
        }
        // That reading a `defaultdict` adds is said once, and only where nothing else adds to it.
        let stores: Vec<(bool, Spot)> =
            found.iter().map(|growth| (self.is_read(&growth.add), growth.holder.born)).collect();
        let mut n = 0;
        found.retain(|growth| {
            n += 1;
            let (read, born) = stores[n - 1];
            !read
                || !stores.iter().enumerate().any(|(m, &(other, at))| at == born && m != n - 1 && (!other || m < n - 1))
                    && growth.holder.born == born
        });
        found
    }

    /// Whether an addition only reads.
    pub(super) fn is_read(&self, add: &Add) -> bool {
        add.value.is_none()
            && add.at != add.base
            && matches!(self.program.expr(add.at).kind, ExprKind::Subscript { .. })
    }

    pub(super) fn judge(&self, add: &Add, removals: &mut Option<Removals>) -> Option<Growth> {
        let holder = self.holder_of(add)?;
        let spread = match add.kind {
            AddKind::Append | AddKind::Text => Spread::Open,
            AddKind::Keyed(key) | AddKind::Element(key) if self.is_new_object(key) => Spread::Open,
            AddKind::Keyed(key) | AddKind::Element(key) if !matches!(holder.kind, Kind::Queue { .. }) => {
                self.spread(key)
            }
            AddKind::Elements(all) => match holder.kind {
                Kind::Container { kind: Container::Counter | Container::Set | Container::Dict, .. } => {
                    match self.program.expr(all).kind {
                        ExprKind::Dict(entries) => {
                            match self.program.tree(all.module)[entries].first().and_then(|entry| entry.key) {
                                Some(key) => self.spread(all.beside(key)),
                                None => return None,
                            }
                        }
                        _ if matches!(holder.kind, Kind::Container { kind: Container::Dict, .. }) => return None,
                        _ => self.spread(all),
                    }
                }
                _ => return None,
            },
            _ => Spread::Open,
        };
        if !matches!(spread, Spread::Open | Spread::Calendar) {
            return None;
        }
        match holder.lifetime.held_by {
            Some(HeldBy::ContextVar) if self.values.objects(add.base).any(|(_, object)| self.is_hot(object.scope)) => {
                return None;
            }
            Some(HeldBy::Default) if !self.is_default_used(holder.made) => return None,
            _ => {}
        }
        if add.scope.function().is_some_and(|function| self.runs_once(function)) {
            return None;
        }
        let stmt = Self::stmt_of(add);
        let facts = self.facts(stmt);
        let objects: Vec<ObjectId> = self.values.objects(add.base).map(|(id, _)| id).collect();
        if self.is_capped(&facts, add.base, &objects) || self.is_first_time(&facts, add.base, &objects) {
            return None;
        }
        if add.kind == AddKind::Append && self.is_search_before(add, &objects) {
            return None;
        }
        if add.kind == AddKind::Append
            && let Some(value) = add.value
            && self.is_new_to(&facts, value, add.base, &objects)
            && !self.is_new_object(value)
            && self.spread(value) != Spread::Open
        {
            return None;
        }
        if let AddKind::Keyed(key) | AddKind::Element(key) = add.kind
            && self.is_checked(key, &facts, add.base)
        {
            return None;
        }
        let removals = removals.get_or_insert_with(|| self.removals());
        let mut looked_at = Vec::new();
        let mut managed = false;
        let mut seen = Vec::new();
        // What is taken out of the container around it goes with all that is in it.
        let around = self.around(add, &objects);
        let known = objects.iter().chain(&around).filter_map(|object| removals.get(object)).flatten().copied();
        let known: Vec<Removal> = known.chain(self.replacements(add, &objects)).collect();
        for removal in known {
            if seen.contains(&removal.at) || removal.at == add.at {
                continue;
            }
            seen.push(removal.at);
            let of =
                if self.values.objects(removal.base).any(|(id, _)| around.contains(&id)) { &around } else { &objects };
            match self.shortcoming(&removal, add, of) {
                None => return None,
                Some(why) => {
                    managed |= self.is_counterpart(&removal);
                    looked_at.push(self.looked_at(&removal, &why));
                }
            }
        }
        let stored = match add.value {
            Some(value) => {
                self.stored_by(add, value).max(if self.is_records(value) { Stored::Records } else { Stored::Data })
            }
            None => Stored::Data,
        };
        Some(Growth { add: *add, holder, stored, spread, looked_at, managed })
    }
}
