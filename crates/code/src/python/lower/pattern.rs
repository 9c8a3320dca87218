//! The names that a `match` pattern binds.

use ruff_python_ast::Pattern;
use ruff_text_size::Ranged;

use super::{Lower, span};
use crate::names::Sym;
use crate::syntax::Many;

impl Lower<'_, '_> {
    pub(super) fn pattern_names(&mut self, pattern: &Pattern) -> Many<Sym> {
        let mut names = Vec::new();
        self.bindings(pattern, &mut names);
        self.tree.many(names)
    }

    fn bindings(&mut self, pattern: &Pattern, names: &mut Vec<Sym>) {
        if !self.enter(span(pattern.range())) {
            return;
        }
        match pattern {
            Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => {}
            Pattern::MatchSequence(sequence) => sequence.patterns.iter().for_each(|part| self.bindings(part, names)),
            Pattern::MatchMapping(mapping) => {
                mapping.patterns.iter().for_each(|part| self.bindings(part, names));
                names.extend(mapping.rest.iter().map(|rest| self.interner.intern(&rest.id)));
            }
            Pattern::MatchClass(class) => {
                class.arguments.patterns.iter().for_each(|part| self.bindings(part, names));
                class.arguments.keywords.iter().for_each(|part| self.bindings(&part.pattern, names));
            }
            Pattern::MatchStar(star) => names.extend(star.name.iter().map(|name| self.interner.intern(&name.id))),
            Pattern::MatchAs(capture) => {
                capture.pattern.iter().for_each(|part| self.bindings(part, names));
                names.extend(capture.name.iter().map(|name| self.interner.intern(&name.id)));
            }
            Pattern::MatchOr(or) => or.patterns.iter().for_each(|part| self.bindings(part, names)),
        }
        self.depth -= 1;
    }
}
