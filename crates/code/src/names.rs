//! Interned names: identifiers and short texts of all files of an analysis, each stored once.
//!
//! Names are handed out while files are read on several threads, and read without a lock afterwards.

use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashMap;

/// An interned text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sym(u32);

/// The texts of an analysis.
#[derive(Debug, Default)]
pub struct Names {
    texts: boxcar::Vec<Box<str>>,
    index: Mutex<FxHashMap<Box<str>, Sym>>,
}

impl Names {
    /// The symbol of a text, new or known.
    pub fn intern(&self, text: &str) -> Sym {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&sym) = index.get(text) {
            return sym;
        }
        let sym = Sym(self.texts.push(text.into()) as u32);
        index.insert(text.into(), sym);
        sym
    }

    /// The symbol of a text that some file holds.
    pub fn find(&self, text: &str) -> Option<Sym> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner).get(text).copied()
    }

    /// The text of a symbol.
    pub fn text(&self, sym: Sym) -> &str {
        &self.texts[sym.0 as usize]
    }
}
