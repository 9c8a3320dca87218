//! Interned names: identifiers and short texts of all files of an analysis, each stored once.
//!
//! Names are handed out while files are read on several threads, and read without a lock afterwards. Numbers depend on which thread came first, so
//! symbols have no order: what is printed is sorted by text or place.

use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hashbrown::HashTable;
use rustc_hash::{FxBuildHasher, FxHashMap};

const SHARDS: usize = 16;

/// An interned text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sym(u32);

impl Sym {
    /// Its number, which differs from run to run: good for tables, never for an order that is shown.
    pub fn number(self) -> u32 {
        self.0
    }
}

/// The texts of an analysis.
#[derive(Debug, Default)]
pub struct Names {
    texts: boxcar::Vec<Box<str>>,
    index: [Mutex<HashTable<(u32, Sym)>>; SHARDS],
}

impl Names {
    /// The symbol of a text, new or known.
    pub fn intern(&self, text: &str) -> Sym {
        let (hash, mut shard) = self.shard(text);
        if let Some(sym) = self.find_in(&shard, hash, text) {
            return sym;
        }
        let sym = Sym(self.texts.push(text.into()) as u32);
        shard.insert_unique(spread(hash), (hash, sym), |(hash, _)| spread(*hash));
        sym
    }

    /// The symbol of a text that some file holds.
    pub fn find(&self, text: &str) -> Option<Sym> {
        let (hash, shard) = self.shard(text);
        self.find_in(&shard, hash, text)
    }

    /// The text of a symbol.
    pub fn text(&self, sym: Sym) -> &str {
        &self.texts[sym.0 as usize]
    }

    fn shard(&self, text: &str) -> (u32, MutexGuard<'_, HashTable<(u32, Sym)>>) {
        let hash = (FxBuildHasher.hash_one(text) >> 16) as u32;
        (hash, self.index[hash as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn find_in(&self, shard: &HashTable<(u32, Sym)>, hash: u32, text: &str) -> Option<Sym> {
        shard.find(spread(hash), |(known, sym)| *known == hash && self.text(*sym) == text).map(|(_, sym)| *sym)
    }
}

/// A table takes its bucket from the low and its tag from the high bits.
fn spread(hash: u32) -> u64 {
    u64::from(hash) | (u64::from(hash) << 32)
}

/// Hands out names on one thread and remembers those that it has handed out, so that the common ones cost no lock.
#[derive(Debug)]
pub struct Interner<'a> {
    names: &'a Names,
    known: FxHashMap<&'a str, Sym>,
}

impl<'a> Interner<'a> {
    /// Over the names of an analysis.
    pub fn new(names: &'a Names) -> Self {
        Self { names, known: FxHashMap::default() }
    }

    /// The symbol of a text, new or known.
    pub fn intern(&mut self, text: &str) -> Sym {
        if let Some(&sym) = self.known.get(text) {
            return sym;
        }
        let sym = self.names.intern(text);
        // A cache that grows with the project would hold every name twice.
        if self.known.len() >= 8_192 {
            self.known.clear();
        }
        self.known.insert(self.names.text(sym), sym);
        sym
    }
}

#[cfg(test)]
mod tests {
    use super::{Interner, Names};

    #[test]
    fn a_text_has_one_symbol_on_all_threads() {
        let names = Names::default();
        let words: Vec<String> = (0..20_000).map(|n| format!("name_{n}")).collect();
        let read = || {
            let mut interner = Interner::new(&names);
            words.iter().map(|word| interner.intern(word)).collect::<Vec<_>>()
        };
        let (left, right) = std::thread::scope(|scope| {
            let left = scope.spawn(read);
            let right = scope.spawn(read);
            (left.join().unwrap(), right.join().unwrap())
        });
        assert_eq!(left, right);
        for (word, sym) in words.iter().zip(left) {
            assert_eq!(names.text(sym), word);
            assert_eq!(names.find(word), Some(sym));
        }
        assert_eq!(names.find("absent"), None);
    }
}
