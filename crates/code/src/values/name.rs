//! Names: which assignments reach a read, and what each of them binds.
//!
//! Within a scope an assignment hides the earlier ones where it is certain to run in between: it stands before the read in the same block or in a
//! block around it. Assignments later in the source reach a read through a loop. Names of scopes further out are joined over all assignments.

use crate::program::{Binding, ExprAt, Module, Owner, Part, Scope, Symbol};
use crate::syntax::{ExprId, ExprKind, StmtId, StmtKind, Sym};

use super::Values;
use super::kind::{How, Kind, Value};
use super::sets::Gathered;
use super::solve::Node;
use super::state::Store;

/// Names with more assignments than this are joined without looking at their order.
const ORDERED: usize = 40;

/// Assignments to a name that are looked at.
const JOINED: usize = 64;

impl Values<'_> {
    pub(super) fn name(&self, at: ExprAt, name: Sym) -> Gathered {
        if let Some(target) = self.program.comprehension_target(at, name) {
            return self.target(at.beside(target));
        }
        let scope = self.program.scope_of(at);
        let Some(owner) = self.program.binding_scope(scope, name) else {
            let symbol = self.program.resolve_name(scope, name);
            return symbol.map(|symbol| self.symbol(symbol)).unwrap_or_default();
        };
        let mut found = Gathered::default();
        let reaching = if owner == scope { self.reaching(at, scope, name) } else { None };
        match reaching {
            Some(bindings) => bindings.iter().for_each(|binding| self.bound(owner, binding, &mut found)),
            None => found.extend(self.arena.set(self.name_set(owner, name))),
        }
        found
    }

    /// What all assignments to a name in its scope give.
    pub(super) fn all_bindings(&self, scope: Scope, name: Sym) -> Gathered {
        let mut found = Gathered::default();
        for binding in self.program.bindings(scope, name).take(JOINED) {
            self.bound(scope, &binding, &mut found);
        }
        found
    }

    fn bound(&self, scope: Scope, binding: &Binding, found: &mut Gathered) {
        let module = scope.module();
        match *binding {
            Binding::Import(import) => {
                if let Some(symbol) = self.program.resolve_import(module, &import) {
                    found.extend(self.symbol(symbol).values());
                }
            }
            Binding::Function(ix) => found.add(Value::Function(module.function(ix))),
            Binding::Class(ix) => found.add(Value::Class(module.class(ix))),
            Binding::Target(target) => found.extend(self.target(module.expr(target)).values()),
            Binding::Param(n) => {
                if let Scope::Function(function) = scope {
                    found.extend(self.arena.set(super::SetId(self.solve(Node::Param(function, n)))));
                }
            }
            Binding::Handler { exceptions: Some(exceptions), .. } => {
                let at = module.expr(exceptions);
                found.add(self.make_in(Kind::Exception, at, scope, How::Derived));
            }
            Binding::Handler { exceptions: None, .. } | Binding::Capture { .. } => {}
        }
    }

    /// What a symbol stands for.
    pub(super) fn symbol(&self, symbol: Symbol) -> Gathered {
        match symbol {
            Symbol::Module(module) => Gathered::one(Value::Module(module)),
            Symbol::Class(class) => Gathered::one(Value::Class(class)),
            Symbol::Function(function) => Gathered::one(Value::Function(function)),
            Symbol::External(path) => Gathered::one(Value::External(path)),
            Symbol::Variable(module, name) => {
                let mut found = Gathered::default();
                found.extend(self.arena.set(self.name_set(Scope::Module(module), name)));
                found.extend(self.arena.set(super::SetId(self.solve(Node::State(Store::Module(module), name)))));
                found
            }
        }
    }

    /// The assignments that may reach a read in the same scope; none where their order is not looked at.
    fn reaching(&self, at: ExprAt, scope: Scope, name: Sym) -> Option<Vec<Binding>> {
        let module = self.program.module(at.module);
        let all: Vec<Binding> = self.program.bindings(scope, name).take(ORDERED + 1).collect();
        if all.len() < 2 || all.len() > ORDERED {
            return None;
        }
        let read = Read::new(module, at.expr)?;
        let own = |binding: &Binding| read.definition(module, scope, binding);
        let certain =
            all.iter().filter_map(|binding| own(binding).filter(|found| found.certain)).max_by_key(|d| d.start);
        let reaches = |binding: &Binding| {
            let Some(found) = own(binding) else { return true };
            match certain {
                Some(hiding) if hiding.start == found.start => true,
                Some(hiding) if found.start < hiding.start => false,
                _ if found.start < read.start => !found.exclusive || read.repeats(found.start, certain),
                _ => read.repeats(found.start, certain),
            }
        };
        let reaching: Vec<Binding> = all.iter().copied().filter(|binding| reaches(binding)).collect();
        Some(if reaching.is_empty() { all } else { reaching })
    }
}

/// Where a name is read.
struct Read {
    start: u32,
    /// The statement and those around it, with the part of the outer one that it stands in.
    around: Vec<(StmtId, Option<(StmtId, Part)>)>,
    /// Loops around the read, as spans.
    loops: Vec<(u32, u32)>,
}

/// An assignment as seen from a read.
#[derive(Clone, Copy)]
struct Definition {
    start: u32,
    /// Whether it runs before the read for certain.
    certain: bool,
    /// Whether it stands in another branch of the same condition.
    exclusive: bool,
}

impl Read {
    fn new(module: &Module, expr: ExprId) -> Option<Self> {
        let mut around = Vec::new();
        let mut loops = Vec::new();
        let mut stmt = module.links.stmt_of(expr)?;
        loop {
            let parent = module.links.parent_stmt(stmt);
            around.push((stmt, parent));
            let Some((outer, part)) = parent else { break };
            if part == Part::Body && matches!(module.tree[outer].kind, StmtKind::For { .. } | StmtKind::While { .. }) {
                let span = module.tree[outer].span;
                loops.push((span.start, span.end));
            }
            stmt = outer;
        }
        // The condition of a `while` is read again and again.
        let own = module.links.stmt_of(expr)?;
        if let StmtKind::While { .. } = module.tree[own].kind {
            let span = module.tree[own].span;
            loops.push((span.start, span.end));
        }
        Some(Self { start: module.tree[expr].span.start, around, loops })
    }

    /// None for what is not an assignment within this scope; it always reaches.
    fn definition(&self, module: &Module, scope: Scope, binding: &Binding) -> Option<Definition> {
        let target = match *binding {
            Binding::Target(target) => target,
            Binding::Param(_) => return Some(Definition { start: 0, certain: true, exclusive: false }),
            _ => return None,
        };
        let stmt = module.links.stmt_of(target)?;
        if module.scope(module.links.scope(stmt)) != scope {
            return None;
        }
        let start = module.tree[target].span.start;
        let certain = start < self.start && self.is_certain(module, target, stmt);
        let exclusive = self.is_exclusive(module, stmt);
        Some(Definition { start, certain, exclusive })
    }

    fn is_certain(&self, module: &Module, target: ExprId, stmt: StmtId) -> bool {
        let own = self.around[0].0;
        if stmt == own {
            return false;
        }
        match module.tree[stmt].kind {
            StmtKind::Assign { value: Some(_), .. } => {}
            StmtKind::With { .. } => {}
            StmtKind::For { .. } => {
                return self.around.iter().any(|&(_, parent)| parent == Some((stmt, Part::Body)));
            }
            _ => return false,
        }
        if matches!(module.links.owner(target), Some(Owner::Expr(owner)) if !matches!(module.tree[owner].kind, ExprKind::Tuple(_) | ExprKind::List(_) | ExprKind::Starred(_)))
        {
            return false;
        }
        let block = module.links.parent_stmt(stmt);
        // Handlers and cases of one statement cannot be told apart by their part.
        let shared = matches!(block, Some((_, Part::Handler | Part::Case)));
        self.around.iter().any(|&(around, parent)| {
            around == stmt
                || (parent == block && !shared && module.tree[stmt].span.start < module.tree[around].span.start)
        })
    }

    fn is_exclusive(&self, module: &Module, stmt: StmtId) -> bool {
        let mut at = stmt;
        while let Some((outer, part)) = module.links.parent_stmt(at) {
            if let Some((_, own)) =
                self.around.iter().filter_map(|(_, parent)| *parent).find(|(other, _)| *other == outer)
            {
                return own != part
                    && matches!(module.tree[outer].kind, StmtKind::If { .. })
                    && matches!((own, part), (Part::Body, Part::Else) | (Part::Else, Part::Body));
            }
            at = outer;
        }
        false
    }

    /// Whether a loop leads from an assignment back to the read without passing the hiding assignment.
    fn repeats(&self, start: u32, hiding: Option<Definition>) -> bool {
        self.loops.iter().any(|&(from, to)| {
            (from..to).contains(&start) && hiding.is_none_or(|hiding| !(from..to).contains(&hiding.start))
        })
    }
}
