//! The one walk over a module's tree: fills the way up, the bindings and the sites. It judges nothing and resolves nothing.

use crate::names::Names;
use crate::program::bindings::{Binding, Bindings};
use crate::program::ids::{ModuleId, Scope};
use crate::program::links::{self, Links, Owner, Part};
use crate::program::sites::{
    Around, AttributeStore, AugAssign, CallSite, Decorated, Decorator, Delete, Exit, ExitKind, InScope, Sites,
    SubscriptStore,
};
use crate::syntax::{Block, ClassIx, ExprId, ExprKind, FunctionIx, Import, Many, Parent, StmtId, StmtKind, Sym, Tree};

/// What one walk over a module finds.
pub(super) struct Collected {
    pub(super) links: Links,
    pub(super) bindings: Bindings,
    pub(super) sites: Sites,
}

pub(super) fn collect(tree: &Tree, module: ModuleId, names: &Names) -> Collected {
    let mut walk = Walk {
        tree,
        module,
        names,
        links: Links::new(tree.expr_count()),
        bindings: Bindings::default(),
        sites: Sites::default(),
        pending: Vec::new(),
        scope: Parent::Module,
        stmt: StmtId(0),
        around: Around::default(),
        clause_target: false,
    };
    // Bodies wait until the scope around them is done, so that the sites of one scope stand together.
    walk.pending.push((Parent::Module, tree.body));
    let mut next = 0;
    while let Some(&(scope, body)) = walk.pending.get(next) {
        next += 1;
        walk.scope = scope;
        walk.around = Around::default();
        let (calls, exits) = (walk.sites.calls.len() as u32, walk.sites.exits.len() as u32);
        walk.block(body, None, Part::Body);
        let (calls, exits) = (calls..walk.sites.calls.len() as u32, exits..walk.sites.exits.len() as u32);
        if !calls.is_empty() || !exits.is_empty() {
            walk.sites.scopes.push(InScope { scope: links::pack(scope), calls, exits });
        }
    }
    let Walk { links, mut bindings, mut sites, .. } = walk;
    sites.scopes.sort_unstable_by_key(|entry| entry.scope);
    sites.scopes.shrink_to_fit();
    bindings.finish(|scope| enclosing_functions(tree, scope));
    sites.calls.shrink_to_fit();
    sites.exits.shrink_to_fit();
    sites.attribute_stores.shrink_to_fit();
    sites.subscript_stores.shrink_to_fit();
    Collected { links, bindings, sites }
}

/// The functions around a scope, the innermost first, as packed scopes.
fn enclosing_functions(tree: &Tree, scope: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let mut at = links::unpack(scope);
    loop {
        at = match at {
            Parent::Module => return found,
            Parent::Function(ix) => tree[ix].parent,
            Parent::Class(ix) => tree[ix].parent,
        };
        if let Parent::Function(_) = at {
            found.push(links::pack(at));
        }
    }
}

struct Walk<'t> {
    tree: &'t Tree,
    module: ModuleId,
    names: &'t Names,
    links: Links,
    bindings: Bindings,
    sites: Sites,
    pending: Vec<(Parent, Block)>,
    scope: Parent,
    stmt: StmtId,
    around: Around,
    clause_target: bool,
}

impl Walk<'_> {
    fn scope_id(&self) -> Scope {
        match self.scope {
            Parent::Module => Scope::Module(self.module),
            Parent::Function(ix) => Scope::Function(self.module.function(ix)),
            Parent::Class(ix) => Scope::Class(self.module.class(ix)),
        }
    }

    fn block(&mut self, block: Block, parent: Option<StmtId>, part: Part) {
        let tree = self.tree;
        for &stmt in &tree[block] {
            self.links.set_stmt(stmt, parent, self.scope, part);
            self.stmt = stmt;
            self.statement(stmt);
        }
    }

    fn with(&mut self, around: Around, walk: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.around, around);
        walk(self);
        self.around = before;
    }

    fn statement(&mut self, stmt: StmtId) {
        let tree = self.tree;
        let own = Owner::Stmt(stmt);
        match tree[stmt].kind {
            StmtKind::Assign { targets, value, annotation } => {
                if let Some(value) = value {
                    self.expr(value, own);
                }
                for &target in &tree[targets] {
                    self.target(target, own, value, value.is_some());
                }
                if let Some(annotation) = annotation {
                    self.expr(annotation, own);
                }
            }
            StmtKind::AugAssign { target, op, value } => {
                self.expr(value, own);
                let site = AugAssign {
                    at: self.module.expr(target),
                    op,
                    value,
                    scope: self.scope_id(),
                    stmt,
                    around: self.around,
                };
                self.sites.aug_assigns.push(site);
                if let ExprKind::Name(name) = tree[target].kind {
                    self.bindings.add(self.scope, name, Binding::Target(target));
                }
                self.expr(target, own);
            }
            StmtKind::Return(value) => {
                if let Some(value) = value {
                    self.expr(value, own);
                }
                self.exit(value, ExitKind::Return);
            }
            StmtKind::Delete(targets) => {
                for &target in &tree[targets] {
                    self.expr(target, own);
                    let site =
                        Delete { at: self.module.expr(target), scope: self.scope_id(), stmt, around: self.around };
                    self.sites.deletes.push(site);
                }
            }
            StmtKind::If { test, body, orelse } => {
                self.expr(test, own);
                self.with(Around { conditional: true, ..self.around }, |walk| {
                    walk.block(body, Some(stmt), Part::Body);
                    walk.block(orelse, Some(stmt), Part::Else);
                });
            }
            StmtKind::While { test, body, orelse } => {
                self.with(looped(self.around), |walk| {
                    walk.expr(test, own);
                    walk.block(body, Some(stmt), Part::Body);
                });
                self.block(orelse, Some(stmt), Part::Else);
            }
            StmtKind::For { target, iter, body, orelse, .. } => {
                self.expr(iter, own);
                self.with(looped(self.around), |walk| {
                    walk.target(target, own, None, true);
                    walk.block(body, Some(stmt), Part::Body);
                });
                self.block(orelse, Some(stmt), Part::Else);
            }
            StmtKind::With { items, body, .. } => {
                for item in &tree[items] {
                    self.expr(item.context, own);
                    if let ExprKind::Call { .. } = tree[item.context].kind
                        && let Some(site) = self.sites.calls.iter_mut().rev().find(|site| site.at.expr == item.context)
                    {
                        site.in_with = true;
                    }
                    item.target.into_iter().for_each(|target| self.target(target, own, None, true));
                }
                self.with(Around { in_with_body: true, ..self.around }, |walk| {
                    walk.block(body, Some(stmt), Part::Body);
                });
            }
            StmtKind::Try { body, handlers, orelse, finally } => {
                let guarded = Around { in_try: self.around.in_try || !handlers.is_empty(), ..self.around };
                self.with(guarded, |walk| walk.block(body, Some(stmt), Part::Body));
                for handler in &tree[handlers] {
                    self.stmt = stmt;
                    handler.exceptions.into_iter().for_each(|value| self.expr(value, own));
                    if let Some(name) = handler.name {
                        let binding = Binding::Handler { exceptions: handler.exceptions, stmt };
                        self.bindings.add(self.scope, name, binding);
                    }
                    self.with(Around { in_handler: true, ..self.around }, |walk| {
                        walk.block(handler.body, Some(stmt), Part::Handler);
                    });
                }
                self.block(orelse, Some(stmt), Part::Else);
                self.with(Around { in_finally: true, ..self.around }, |walk| {
                    walk.block(finally, Some(stmt), Part::Finally);
                });
            }
            StmtKind::Match { subject, cases } => {
                self.expr(subject, own);
                for case in &tree[cases] {
                    self.stmt = stmt;
                    for &name in &tree[case.names] {
                        self.bindings.add(self.scope, name, Binding::Capture { subject, stmt });
                    }
                    self.with(Around { conditional: true, ..self.around }, |walk| {
                        case.guard.into_iter().for_each(|guard| walk.expr(guard, own));
                        walk.block(case.body, Some(stmt), Part::Case);
                    });
                }
            }
            StmtKind::Function(ix) => {
                self.bindings.add(self.scope, tree[ix].name, Binding::Function(ix));
                self.function(ix, own);
            }
            StmtKind::Class(ix) => self.class(ix, own),
            StmtKind::Import(imports) => self.imports(imports),
            StmtKind::Global(names) => {
                for &name in &tree[names] {
                    self.bindings.declare(self.scope, name, true);
                }
            }
            StmtKind::Nonlocal(names) => {
                for &name in &tree[names] {
                    self.bindings.declare(self.scope, name, false);
                }
            }
            StmtKind::Expr(_)
            | StmtKind::Raise { .. }
            | StmtKind::Assert { .. }
            | StmtKind::Break
            | StmtKind::Continue
            | StmtKind::Pass => {
                tree.exprs_of(stmt, &mut |expr| self.expr(expr, own));
            }
        }
    }

    fn function(&mut self, ix: FunctionIx, own: Owner) {
        let tree = self.tree;
        let function = &tree[ix];
        let id = self.module.function(ix);
        for &decorator in &tree[function.decorators] {
            self.expr(decorator, own);
            self.decorator(decorator, Decorated::Function(id));
        }
        for (n, param) in tree[function.params].iter().enumerate() {
            self.bindings.add(Parent::Function(ix), param.name, Binding::Param(n as u32));
            param.annotation.into_iter().chain(param.default).for_each(|value| self.expr(value, own));
        }
        function.returns.into_iter().for_each(|value| self.expr(value, own));
        self.pending.push((Parent::Function(ix), function.body));
    }

    fn class(&mut self, ix: ClassIx, own: Owner) {
        let tree = self.tree;
        let class = &tree[ix];
        self.bindings.add(self.scope, class.name, Binding::Class(ix));
        for &decorator in &tree[class.decorators] {
            self.expr(decorator, own);
            self.decorator(decorator, Decorated::Class(self.module.class(ix)));
        }
        for base in &tree[class.bases] {
            self.expr(base.value, own);
        }
        self.pending.push((Parent::Class(ix), class.body));
    }

    fn decorator(&mut self, decorator: ExprId, on: Decorated) {
        let callee = if let ExprKind::Call { callee, .. } = self.tree[decorator].kind { callee } else { decorator };
        let site = Decorator { at: self.module.expr(decorator), name: last_segment(self.tree, callee), on };
        self.sites.decorators.push(site);
    }

    fn imports(&mut self, imports: Many<Import>) {
        let tree = self.tree;
        for import in &tree[imports] {
            if import.name.is_some_and(|name| self.names.text(name) == "*") {
                self.bindings.add_star(self.scope, *import);
                continue;
            }
            // `import a.b` binds `a`.
            let name = import.alias.or(import.name).unwrap_or_else(|| {
                let first = self.names.text(import.module).split('.').next().unwrap_or_default();
                self.names.intern(first)
            });
            self.bindings.add(self.scope, name, Binding::Import(*import));
        }
    }

    fn exit(&mut self, value: Option<ExprId>, kind: ExitKind) {
        if let Parent::Function(ix) = self.scope {
            self.sites.exits.push(Exit { function: self.module.function(ix), stmt: self.stmt, value, kind });
        }
    }

    fn target(&mut self, target: ExprId, owner: Owner, value: Option<ExprId>, binds: bool) {
        let tree = self.tree;
        let module = self.module;
        match tree[target].kind {
            ExprKind::Name(name) => {
                self.links.set_expr(target, owner);
                if !self.clause_target {
                    self.bindings.add(self.scope, name, Binding::Target(target));
                }
            }
            ExprKind::Attribute { base, name } => {
                self.expr(target, owner);
                if binds {
                    let (scope, stmt, around) = (self.scope_id(), self.stmt, self.around);
                    let at = module.expr(target);
                    self.sites.attribute_stores.push(AttributeStore { at, base, name, value, scope, stmt, around });
                }
            }
            ExprKind::Subscript { base, index } => {
                self.expr(target, owner);
                if binds {
                    let (scope, stmt, around) = (self.scope_id(), self.stmt, self.around);
                    let at = module.expr(target);
                    self.sites.subscript_stores.push(SubscriptStore { at, base, index, value, scope, stmt, around });
                }
            }
            ExprKind::Tuple(parts) | ExprKind::List(parts) => {
                self.links.set_expr(target, owner);
                for &part in &tree[parts] {
                    self.target(part, Owner::Expr(target), None, true);
                }
            }
            ExprKind::Starred(inner) => {
                self.links.set_expr(target, owner);
                self.target(inner, Owner::Expr(target), None, true);
            }
            _ => self.expr(target, owner),
        }
    }

    fn expr(&mut self, expr: ExprId, owner: Owner) {
        let tree = self.tree;
        self.links.set_expr(expr, owner);
        let own = Owner::Expr(expr);
        match tree[expr].kind {
            ExprKind::Name(_) | ExprKind::Const(_) | ExprKind::Missing => {}
            ExprKind::Attribute { base, .. } => self.expr(base, own),
            ExprKind::Call { callee, args } => {
                let awaited = matches!(owner, Owner::Expr(outer) if matches!(tree[outer].kind, ExprKind::Await(_)));
                let site = CallSite {
                    at: self.module.expr(expr),
                    scope: self.scope_id(),
                    stmt: self.stmt,
                    name: last_segment(tree, callee),
                    around: self.around,
                    awaited,
                    in_with: false,
                };
                self.sites.calls.push(site);
                self.expr(callee, own);
                for arg in &tree[args] {
                    self.expr(arg.value, own);
                }
            }
            ExprKind::Comprehension { element, value, clauses, .. } => {
                for (n, clause) in tree[clauses].iter().enumerate() {
                    let around = if n == 0 { self.around } else { looped(self.around) };
                    self.with(around, |walk| walk.expr(clause.iter, own));
                    let before = std::mem::replace(&mut self.clause_target, true);
                    self.target(clause.target, own, None, true);
                    self.clause_target = before;
                    self.with(looped(self.around), |walk| {
                        for &condition in &tree[clause.conditions] {
                            walk.expr(condition, own);
                        }
                    });
                }
                self.with(looped(self.around), |walk| {
                    walk.expr(element, own);
                    if let Some(value) = value {
                        walk.expr(value, own);
                    }
                });
            }
            ExprKind::Lambda(ix) => {
                for (n, param) in tree[tree[ix].params].iter().enumerate() {
                    self.bindings.add(Parent::Function(ix), param.name, Binding::Param(n as u32));
                    param.default.into_iter().for_each(|value| self.expr(value, own));
                }
                self.pending.push((Parent::Function(ix), tree[ix].body));
            }
            ExprKind::Yield(value) => {
                if let Some(value) = value {
                    self.expr(value, own);
                }
                self.exit(value, ExitKind::Yield);
            }
            ExprKind::YieldFrom(value) => {
                self.expr(value, own);
                self.exit(Some(value), ExitKind::YieldFrom);
            }
            ExprKind::Named { target, value } => {
                self.expr(value, own);
                let before = std::mem::replace(&mut self.clause_target, false);
                self.target(target, own, Some(value), true);
                self.clause_target = before;
            }
            ExprKind::IfElse { test, body, orelse } => {
                self.expr(test, own);
                self.with(Around { conditional: true, ..self.around }, |walk| {
                    walk.expr(body, own);
                    walk.expr(orelse, own);
                });
            }
            ExprKind::Bool { values, .. } => {
                for (n, &value) in tree[values].iter().enumerate() {
                    let conditional = self.around.conditional || n > 0;
                    self.with(Around { conditional, ..self.around }, |walk| walk.expr(value, own));
                }
            }
            _ => tree.children(expr, &mut |child| self.expr(child, own)),
        }
    }
}

fn looped(around: Around) -> Around {
    Around { loops: around.loops.saturating_add(1), ..around }
}

/// The last segment of a callee or decorator.
pub(super) fn last_segment(tree: &Tree, expr: ExprId) -> Option<Sym> {
    match tree[expr].kind {
        ExprKind::Name(name) | ExprKind::Attribute { name, .. } => Some(name),
        _ => None,
    }
}
