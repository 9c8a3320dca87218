//! Calls by name, under whatever name an import gives it.

use rustc_hash::FxHashSet;

use crate::program::{Binding, CallSite};
use crate::rules::Cx;
use crate::syntax::{Parent, Sym};

/// Names that imports give to things of other modules: the name there, and the name here.
pub fn aliases(cx: &Cx<'_>) -> Vec<(Sym, Sym)> {
    let mut found = Vec::new();
    let mut seen: FxHashSet<(Sym, Sym)> = FxHashSet::default();
    for module in &cx.program.modules {
        let scopes = std::iter::once(Parent::Module).chain(module.tree.functions().map(|(ix, _)| Parent::Function(ix)));
        for scope in scopes {
            for (_, binding) in module.bindings.names(scope) {
                if let Binding::Import(import) = binding
                    && let (Some(name), Some(alias)) = (import.name, import.alias)
                    && name != alias
                    && seen.insert((name, alias))
                {
                    found.push((name, alias));
                }
            }
        }
    }
    found
}

/// Every call whose callee's last segment is the name, or a name that an import gives to it.
pub fn calls<'a>(cx: &Cx<'a>, name: &str) -> Vec<&'a CallSite> {
    let program = cx.program;
    let mut found: Vec<&CallSite> = program.calls_named(name).collect();
    let Some(name) = program.names.find(name) else { return found };
    for &(_, alias) in cx.aliases().iter().filter(|(original, _)| *original == name) {
        found.extend(program.calls_of(Some(alias)));
    }
    found
}
