//! Classes: bases in the program and outside of it, the order in which attributes are looked up, and what derives from what.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::program::bindings::Binding;
use crate::program::ids::{ClassId, FunctionId};
use crate::program::resolve::Symbol;
use crate::program::{Module, Program};
use crate::syntax::{ExprKind, Parent, Sym};

/// What a class derives from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Base {
    /// A class of the program.
    Class(ClassId),
    /// A dotted path outside of it: `django.views.generic.ListView`.
    External(Sym),
}

/// Bases and derived classes of all classes.
#[derive(Debug, Default)]
pub(super) struct Hierarchy {
    lineages: FxHashMap<ClassId, Lineage>,
    derived: FxHashMap<Base, Vec<ClassId>>,
}

#[derive(Debug, Default)]
struct Lineage {
    bases: Box<[Base]>,
    order: Box<[ClassId]>,
}

impl Hierarchy {
    pub(super) fn new(program: &Program) -> Self {
        let mut bases: FxHashMap<ClassId, Box<[Base]>> = FxHashMap::default();
        let mut derived: FxHashMap<Base, Vec<ClassId>> = FxHashMap::default();
        let mut all = Vec::new();
        for module in &program.modules {
            for (ix, class) in module.tree.classes() {
                let id = module.id.class(ix);
                let own: Box<[Base]> = module.tree[class.bases]
                    .iter()
                    .filter(|base| base.keyword.is_none() && !base.double_star)
                    .filter_map(|base| program.base_of(module, base.value))
                    .filter(|&base| base != Base::Class(id))
                    .collect();
                for &base in &own {
                    derived.entry(base).or_default().push(id);
                }
                bases.insert(id, own);
                all.push(id);
            }
        }
        let order: Vec<Box<[ClassId]>> = all.iter().map(|&class| order(class, &bases)).collect();
        let lineages = all
            .into_iter()
            .zip(order)
            .map(|(class, order)| (class, Lineage { bases: bases.remove(&class).unwrap_or_default(), order }))
            .collect();
        Self { lineages, derived }
    }
}

/// The class, then its bases, each once, where it was met last: for the usual diamonds that is Python's order. Deep or cyclic hierarchies are cut.
fn order(class: ClassId, bases: &FxHashMap<ClassId, Box<[Base]>>) -> Box<[ClassId]> {
    const MOST: usize = 256;
    let mut met = Vec::new();
    let mut open: FxHashSet<ClassId> = FxHashSet::default();
    let mut stack = vec![(class, false)];
    while let Some((class, done)) = stack.pop() {
        if done {
            open.remove(&class);
            continue;
        }
        if met.len() >= MOST || !open.insert(class) {
            continue;
        }
        met.push(class);
        stack.push((class, true));
        let own = bases.get(&class).map(AsRef::as_ref).unwrap_or_default();
        stack.extend(own.iter().rev().filter_map(|base| match base {
            Base::Class(base) => Some((*base, false)),
            Base::External(_) => None,
        }));
    }
    let mut seen = FxHashSet::default();
    let mut order: Vec<ClassId> = met.into_iter().rev().filter(|class| seen.insert(*class)).collect();
    order.reverse();
    order.into_boxed_slice()
}

impl Program {
    fn base_of(&self, module: &Module, base: crate::syntax::ExprId) -> Option<Base> {
        // `class User(make_base(Model))` and `six.with_metaclass(Meta, Model)` derive from what the last argument names.
        let base = match module.tree[base].kind {
            ExprKind::Call { args, .. } => {
                module.tree[args].iter().rfind(|arg| arg.keyword.is_none() && !arg.double_star)?.value
            }
            _ => base,
        };
        match self.resolve(module.id.expr(base))? {
            Symbol::Class(class) => Some(Base::Class(class)),
            Symbol::External(path) => Some(Base::External(path)),
            _ => None,
        }
    }

    /// What a class directly derives from, in the order of the source. Bases that are computed are missing.
    pub fn bases(&self, class: ClassId) -> &[Base] {
        self.hierarchy.lineages.get(&class).map(|lineage| lineage.bases.as_ref()).unwrap_or_default()
    }

    /// The classes of the program in which an attribute of the class is looked up, the class itself first.
    pub fn lookup_order(&self, class: ClassId) -> &[ClassId] {
        self.hierarchy.lineages.get(&class).map(|lineage| lineage.order.as_ref()).unwrap_or_default()
    }

    /// Paths outside of the program that a class derives from, directly or through its bases.
    pub fn external_bases(&self, class: ClassId) -> impl Iterator<Item = &str> {
        let all = self.lookup_order(class).iter().flat_map(|&class| self.bases(class));
        all.filter_map(|base| if let Base::External(path) = base { Some(self.text(*path)) } else { None })
    }

    /// Whether a class derives from a path outside of the program for which the test holds.
    pub fn derives_from(&self, class: ClassId, is: impl Fn(&str) -> bool) -> bool {
        self.external_bases(class).any(is)
    }

    /// The classes that directly derive from a class.
    pub fn children(&self, class: ClassId) -> &[ClassId] {
        self.hierarchy.derived.get(&Base::Class(class)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The classes that derive from a class, directly or not, without itself.
    pub fn descendants(&self, class: ClassId) -> Vec<ClassId> {
        self.nearest_descendants(class, usize::MAX)
    }

    /// At most so many classes that derive from a class, directly or not, without itself, the nearest first.
    pub fn nearest_descendants(&self, class: ClassId, most: usize) -> Vec<ClassId> {
        let mut seen: FxHashSet<ClassId> = FxHashSet::from_iter([class]);
        let mut found: Vec<ClassId> = Vec::new();
        let mut next = Some(class);
        let mut at = 0;
        while let Some(class) = next {
            for &child in self.children(class) {
                if found.len() >= most {
                    return found;
                }
                if seen.insert(child) {
                    found.push(child);
                }
            }
            next = found.get(at).copied();
            at += 1;
        }
        found
    }

    /// The classes of the program that derive from a path outside of it, such as `django.db.models.Model`, directly or through other classes of
    /// the program; in the order of modules and source.
    pub fn subclasses_of(&self, path: &str) -> Vec<ClassId> {
        let Some(path) = self.names.find(path) else { return Vec::new() };
        let direct = self.hierarchy.derived.get(&Base::External(path)).map(Vec::as_slice).unwrap_or_default();
        let mut all: Vec<ClassId> = direct.to_vec();
        all.extend(direct.iter().flat_map(|&class| self.descendants(class)));
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The first binding of a name in the bodies of a class and its bases, with the class that it stands in.
    pub fn class_binding(&self, class: ClassId, name: Sym) -> Option<(ClassId, Binding)> {
        self.lookup_order(class).iter().find_map(|&class| {
            let bindings = &self.module(class.module).bindings;
            bindings.of(Parent::Class(class.ix), name).last().map(|&(.., binding)| (class, binding))
        })
    }

    /// A method of a class or of its bases.
    pub fn method(&self, class: ClassId, name: Sym) -> Option<FunctionId> {
        match self.class_binding(class, name)? {
            (class, Binding::Function(ix)) => Some(class.module.function(ix)),
            _ => None,
        }
    }

    /// The functions that are written in the body of a class, in the order of the source.
    pub fn methods(&self, class: ClassId) -> Vec<FunctionId> {
        let bindings = &self.module(class.module).bindings;
        let scope = Parent::Class(class.ix);
        let mut found: Vec<FunctionId> = bindings
            .names(scope)
            .filter_map(|(name, _)| {
                bindings.of(scope, name).iter().rev().find_map(|(.., binding)| match binding {
                    Binding::Function(ix) => Some(class.module.function(*ix)),
                    _ => None,
                })
            })
            .collect();
        found.sort_unstable();
        found
    }

    /// The class that a function is a method of.
    pub fn class_of(&self, function: FunctionId) -> Option<ClassId> {
        if let Parent::Class(ix) = self.function(function).parent { Some(function.module.class(ix)) } else { None }
    }
}
