//! Sites of all modules by name, so that a rule looks at the calls of `scan` and at nothing else.

use rustc_hash::FxHashMap;

use crate::program::ids::{ClassId, FunctionId, ModuleId};
use crate::program::module::Module;
use crate::syntax::Sym;

/// References into lists of the modules, by name, in the order of modules and source.
#[derive(Debug, Default)]
pub(super) struct ByName {
    ranges: FxHashMap<Sym, (u32, u32)>,
    refs: Vec<(ModuleId, u32)>,
}

impl ByName {
    pub(super) fn new(modules: &[Module], names: impl Fn(&Module) -> Vec<Option<Sym>>) -> Self {
        let mut all: Vec<(Sym, ModuleId, u32)> = Vec::new();
        for module in modules {
            let named = names(module).into_iter().enumerate();
            all.extend(named.filter_map(|(n, name)| Some((name?, module.id, n as u32))));
        }
        all.sort_unstable_by_key(|&(name, module, n)| (name.number(), module, n));
        let mut ranges: FxHashMap<Sym, (u32, u32)> = FxHashMap::default();
        for (n, &(name, ..)) in all.iter().enumerate() {
            ranges.entry(name).or_insert((n as u32, n as u32)).1 = n as u32 + 1;
        }
        Self { ranges, refs: all.into_iter().map(|(_, module, n)| (module, n)).collect() }
    }

    pub(super) fn of(&self, name: Sym) -> &[(ModuleId, u32)] {
        let (start, end) = self.ranges.get(&name).copied().unwrap_or_default();
        &self.refs[start as usize..end as usize]
    }
}

/// What is found by name.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) calls: ByName,
    pub(super) attribute_stores: ByName,
    pub(super) decorators: ByName,
    pub(super) functions: FxHashMap<Sym, Vec<FunctionId>>,
    pub(super) classes: FxHashMap<Sym, Vec<ClassId>>,
}

impl Index {
    pub(super) fn new(modules: &[Module]) -> Self {
        let calls = ByName::new(modules, |module| module.sites.calls.iter().map(|site| site.name).collect());
        let attribute_stores =
            ByName::new(modules, |module| module.sites.attribute_stores.iter().map(|site| Some(site.name)).collect());
        let decorators = ByName::new(modules, |module| module.sites.decorators.iter().map(|site| site.name).collect());
        let mut functions: FxHashMap<Sym, Vec<FunctionId>> = FxHashMap::default();
        let mut classes: FxHashMap<Sym, Vec<ClassId>> = FxHashMap::default();
        for module in modules {
            for (ix, function) in module.tree.functions() {
                functions.entry(function.name).or_default().push(module.id.function(ix));
            }
            for (ix, class) in module.tree.classes() {
                classes.entry(class.name).or_default().push(module.id.class(ix));
            }
        }
        Self { calls, attribute_stores, decorators, functions, classes }
    }
}
