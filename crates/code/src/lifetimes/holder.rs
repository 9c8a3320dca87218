//! What an addition adds to: the longest-living thing that its base may be, if it is none that the same call made and none with a bound.

use super::add::{Add, AddKind};
use super::growth::Holder;
use super::guard::{self, TOO_LARGE};
use super::{HeldBy, Life, Lifetime, Lifetimes};
use crate::entries::{Entry, EntryKind};
use crate::program::{Binding, ExprAt, Owner, Scope};
use crate::syntax::{Const, ExprKind, Parent, StmtKind};
use crate::values::{Bound, Container, How, Kind, Object, ObjectId};

impl Lifetimes<'_> {
    /// The longest-living thing that the addition may add to, if it lives long and has no bound of its own.
    pub(super) fn holder_of(&self, add: &Add) -> Option<Holder> {
        if self.is_made_here(add) {
            return None;
        }
        let mut best: Option<Holder> = None;
        let attribute =
            matches!(add.kind, AddKind::Keyed(_)) && matches!(self.program.expr(add.at).kind, ExprKind::Call { .. });
        let method = self.method_of(add);
        for (id, object) in self.values.objects(add.base) {
            if !takes(object.kind, method) || self.is_of_this_call(add, object) || self.is_overridden(object) {
                continue;
            }
            let bound = match object.kind {
                Kind::Container { kind, bound } => match kind {
                    Container::Weak | Container::Cache | Container::Lazy => continue,
                    // A tuple is replaced by a longer one.
                    Container::Tuple if add.at != add.base || self.is_local(add) => continue,
                    _ => bound,
                },
                // A queue for one request or connection goes with it.
                Kind::Queue { .. } if self.is_hot(object.scope) => continue,
                Kind::Queue { bound, .. } => bound,
                Kind::Buffer | Kind::ExitStack { .. } => Bound::Unbounded,
                Kind::Made(path) if matches!(self.text(path), "builtins.bytearray" | "array.array") => Bound::Unbounded,
                // `setattr(app.state, name, value)`, `local.__dict__`
                Kind::AppState | Kind::AppConfig | Kind::ThreadLocal | Kind::Instance(_) if attribute => {
                    Bound::Unbounded
                }
                _ => continue,
            };
            let unbounded = match bound {
                Bound::Unbounded => true,
                Bound::AtMost(most) => most >= 10 * TOO_LARGE as u64,
                Bound::Given => false,
            };
            // One object with a bound among others that have none is another branch; what is bounded is not judged.
            if !unbounded {
                return None;
            }
            let lifetime = match self.rebound_on(add, object) {
                Some(base) => self.attribute_life(base, 12),
                None => self.of(id),
            };
            // What one of many holds goes with it; what grows is the container around, unless it is found there again and added to.
            if lifetime.among_many
                && matches!(object.scope, Scope::Function(_))
                && !self.around(add, &[id]).into_iter().any(|outer| self.of(outer).life.is_long())
            {
                continue;
            }
            // What a closure of one request keeps is new for each of them; the closures are what grows.
            if lifetime.held_by == Some(HeldBy::Closure) && self.is_hot(object.scope) && !self.is_factory(object.scope)
            {
                continue;
            }
            if lifetime.life.is_long() && best.as_ref().is_none_or(|best| best.lifetime.life < lifetime.life) {
                let born = self.spot(object.born);
                best =
                    Some(Holder { name: self.name_of(add.base), kind: object.kind, born, made: object.made, lifetime });
            }
        }
        best.or_else(|| self.text_holder(add)).or_else(|| self.loop_holder(add))
    }

    /// `self.x = self.x + …`, and `self.x += …` of something that does not change: then it is the attribute that lives, whatever was there first.
    pub(super) fn rebound_on(&self, add: &Add, object: &Object) -> Option<ExprAt> {
        if add.at != add.base {
            return None;
        }
        let ExprKind::Attribute { base, .. } = self.program.expr(add.base).kind else { return None };
        let tree = self.program.tree(add.at.module);
        let assigned = matches!(tree[add.stmt].kind, StmtKind::Assign { .. });
        let fixed = matches!(object.kind, Kind::Container { kind: Container::Tuple, .. });
        (assigned || fixed).then(|| add.base.beside(base))
    }

    /// Whether what is bound is a name of the function alone.
    pub(super) fn is_local(&self, add: &Add) -> bool {
        let (ExprKind::Name(name), Scope::Function(function)) = (self.program.expr(add.base).kind, add.scope) else {
            return false;
        };
        let bindings = &self.program.module(add.at.module).bindings;
        let parent = Parent::Function(function.ix);
        !bindings.is_global(parent, name) && !bindings.is_nonlocal(parent, name)
    }

    /// Whether a class that derives from the one in whose body the object is made says something else there.
    pub(super) fn is_overridden(&self, object: &Object) -> bool {
        let Scope::Class(class) = object.scope else { return false };
        let module = self.program.module(object.born.module);
        let Some(stmt) = module.links.stmt_of(object.born.expr) else { return false };
        let StmtKind::Assign { targets, .. } = module.tree[stmt].kind else { return false };
        module.tree[targets].iter().any(|&target| match module.tree[target].kind {
            ExprKind::Name(name) => self
                .program
                .descendants(class)
                .into_iter()
                .any(|below| self.program.bindings(Scope::Class(below), name).next().is_some()),
            _ => false,
        })
    }

    /// The method that adds, where one does.
    pub(super) fn method_of(&self, add: &Add) -> Option<&str> {
        let (callee, _) = self.program.call(add.at)?;
        match self.program.expr(callee).kind {
            ExprKind::Attribute { name, .. } => Some(self.text(name)),
            _ => None,
        }
    }

    /// Whether the object is made by the same call that adds to it: a local list, or an attribute that `__init__` sets up.
    pub(super) fn is_of_this_call(&self, add: &Add, object: &Object) -> bool {
        let program = self.program;
        let module = program.module(add.at.module);
        let Scope::Function(function) = add.scope else { return false };
        let root = match program.expr(add.base).kind {
            ExprKind::Name(name) => Some(name),
            ExprKind::Attribute { base, .. } => {
                let own = matches!(program.expr(add.base.beside(base)).kind, ExprKind::Name(name) if self.text(name) == "self");
                let begins =
                    matches!(self.text(program.function(function).name), "__init__" | "__post_init__" | "__new__");
                let shared = matches!(program.scope_of(object.made), Scope::Class(_) | Scope::Module(_))
                    && !matches!(object.kind, Kind::Container { kind: Container::Tuple, .. })
                    && object.how != How::Field;
                return own && begins && !shared;
            }
            _ => None,
        };
        let (Some(name), true) = (root, object.made.module == add.at.module) else { return false };
        let mut value = object.made.expr;
        while let Some(parent) = module.links.parent(value) {
            match module.tree[parent].kind {
                ExprKind::IfElse { .. } | ExprKind::Bool { .. } | ExprKind::Await(_) => value = parent,
                _ => return false,
            }
        }
        let Some(stmt) = module.links.stmt_of(value) else { return false };
        let StmtKind::Assign { targets, value: Some(whole), .. } = module.tree[stmt].kind else { return false };
        let [target] = module.tree[targets] else { return false };
        whole == value
            && program.scope_of_stmt(module.id.stmt(stmt)) == add.scope
            && matches!(module.tree[target].kind, ExprKind::Name(other) if other == name)
            && program.binding_scope(add.scope, name) == Some(add.scope)
    }

    /// A middleware that is written as a function: it runs once, and what it returns runs for every request.
    pub(super) fn is_factory(&self, scope: Scope) -> bool {
        scope
            .function()
            .is_some_and(|function| self.entries.others.contains(&Entry { kind: EntryKind::Middleware, function }))
    }

    /// Whether the function that adds has itself just made what it adds to: then it is a new one each time, wherever it is put in the end.
    pub(super) fn is_made_here(&self, add: &Add) -> bool {
        let program = self.program;
        let mut root = add.base;
        let name = loop {
            root = match program.expr(root).kind {
                ExprKind::Name(name) => break name,
                ExprKind::Attribute { base, .. } | ExprKind::Subscript { base, .. } => root.beside(base),
                _ => return false,
            };
        };
        if program.binding_scope(add.scope, name) != Some(add.scope) {
            return false;
        }
        let module = program.module(add.at.module);
        let mut bindings = program.bindings(add.scope, name).peekable();
        bindings.peek().is_some()
            && bindings.all(|binding| {
                let Binding::Target(target) = binding else { return false };
                if module.links.parent(target).is_some() {
                    return false;
                }
                let Some(stmt) = module.links.stmt_of(target) else { return false };
                let StmtKind::Assign { targets, value: Some(value), .. } = module.tree[stmt].kind else { return false };
                // In `rows = kept[key] = []` the new one is kept at once.
                if targets.len() > 1 {
                    return false;
                }
                let value = match module.tree[value].kind {
                    ExprKind::Await(inner) => inner,
                    _ => value,
                };
                let at = module.id.expr(value);
                let made = matches!(
                    module.tree[value].kind,
                    ExprKind::List(_)
                        | ExprKind::Dict(_)
                        | ExprKind::Set(_)
                        | ExprKind::Comprehension { .. }
                        | ExprKind::Call { .. }
                );
                let mut objects = self.values.objects(at).peekable();
                made && objects.peek().is_some() && objects.all(|(_, object)| object.made == at)
            })
    }

    /// Text that gets longer: a variable of the module.
    pub(super) fn text_holder(&self, add: &Add) -> Option<Holder> {
        if add.kind != AddKind::Text {
            return None;
        }
        let Scope::Function(function) = add.scope else { return None };
        let ExprKind::Name(name) = self.program.expr(add.base).kind else { return None };
        if !self.program.module(add.base.module).bindings.is_global(Parent::Function(function.ix), name) {
            return None;
        }
        let born = self.spot(add.base);
        let lifetime = Lifetime::held(Life::Process, HeldBy::Module).because(born, "a variable of the module");
        let kind = Kind::Buffer;
        Some(Holder { name: self.name_of(add.base), kind, born, made: add.base, lifetime })
    }

    /// A local container of a loop that does not end, where records or what was read is put in.
    pub(super) fn loop_holder(&self, add: &Add) -> Option<Holder> {
        let value = add.value?;
        if add.kind != AddKind::Append || !self.is_records(value) {
            return None;
        }
        let module = self.program.module(add.at.module);
        let mut stmt = add.stmt;
        let mut endless = None;
        while let Some((parent, _)) = module.links.parent_stmt(stmt) {
            if let StmtKind::While { test, .. } = module.tree[parent].kind
                && guard::always(&module.tree, test)
            {
                endless = Some(parent);
            }
            stmt = parent;
        }
        let endless = endless?;
        let (_, object) = self.values.objects(add.base).find(|(_, object)| {
            matches!(
                object.kind,
                Kind::Container { kind: Container::List | Container::Set | Container::Deque, bound: Bound::Unbounded }
            ) && object.scope == add.scope
                && module.tree[endless].span.start > self.program.expr(object.born).span.start
        })?;
        let born = self.spot(object.born);
        let lifetime = Lifetime::held(Life::Loop, HeldBy::Loop).because(born, "made before a loop that does not end");
        Some(Holder { name: self.name_of(add.base), kind: object.kind, born, made: object.made, lifetime })
    }

    /// The containers that the holder is an element of: `hits` in `hits[key].append(x)`, `window = hits[key]`, `hits.setdefault(key, [])`.
    pub(super) fn around(&self, add: &Add, objects: &[ObjectId]) -> Vec<ObjectId> {
        let program = self.program;
        let mut outer: Vec<ExprAt> = Vec::new();
        let mut look = |at: ExprAt| match program.expr(at).kind {
            ExprKind::Subscript { base, .. } => outer.push(at.beside(base)),
            ExprKind::Call { callee, .. } => {
                if let ExprKind::Attribute { base, name } = program.expr(at.beside(callee)).kind
                    && matches!(self.text(name), "get" | "setdefault")
                {
                    outer.push(at.beside(base));
                }
            }
            _ => {}
        };
        look(add.base);
        if let ExprKind::Name(name) = program.expr(add.base).kind
            && let Some(scope) = program.binding_scope(add.scope, name)
        {
            let module = program.module(scope.module());
            for binding in program.bindings(scope, name) {
                if let Binding::Target(target) = binding
                    && let Some(stmt) = module.links.stmt_of(target)
                    && let StmtKind::Assign { value: Some(value), targets, .. } = module.tree[stmt].kind
                {
                    look(module.id.expr(value));
                    module.tree[targets].iter().for_each(|&target| look(module.id.expr(target)));
                }
            }
        }
        for &object in objects {
            let born = self.values.object(object).born;
            let module = program.module(born.module);
            match module.links.owner(born.expr) {
                Some(Owner::Expr(parent)) => look(born.beside(parent)),
                Some(Owner::Stmt(stmt)) => {
                    if let StmtKind::Assign { targets, .. } = module.tree[stmt].kind {
                        module.tree[targets].iter().for_each(|&target| look(born.beside(target)));
                    }
                }
                None => {}
            }
        }
        let mut found: Vec<ObjectId> =
            outer.into_iter().flat_map(|at| self.values.objects(at).map(|(id, _)| id).collect::<Vec<_>>()).collect();
        found.retain(|id| !objects.contains(id) && matches!(self.values.object(*id).kind, Kind::Container { .. }));
        found
    }

    /// What the source calls an expression.
    pub(super) fn name_of(&self, at: ExprAt) -> String {
        match self.program.expr(at).kind {
            ExprKind::Name(name) => self.text(name).to_owned(),
            ExprKind::Attribute { base, name } => format!("{}.{}", self.name_of(at.beside(base)), self.text(name)),
            ExprKind::Subscript { base, index } => {
                let index = match self.program.expr(at.beside(index)).kind {
                    ExprKind::Const(Const::Str(text)) => format!("\"{}\"", self.text(text)),
                    _ => "…".to_owned(),
                };
                format!("{}[{index}]", self.name_of(at.beside(base)))
            }
            ExprKind::Call { callee, .. } => format!("{}(…)", self.name_of(at.beside(callee))),
            ExprKind::Await(value) => self.name_of(at.beside(value)),
            _ => "it".to_owned(),
        }
    }
}

/// Whether a thing has a method that adds; assignments add to all of them.
fn takes(kind: Kind, method: Option<&str>) -> bool {
    let Some(method) = method else { return true };
    match kind {
        Kind::Queue { .. } => matches!(method, "put" | "put_nowait"),
        Kind::ExitStack { .. } => {
            matches!(
                method,
                "enter_context" | "enter_async_context" | "push" | "push_async_exit" | "push_async_callback"
            )
        }
        Kind::Buffer => matches!(method, "write" | "writelines" | "append" | "extend"),
        Kind::Container { kind, .. } => match kind {
            Container::List => matches!(
                method,
                "append" | "extend" | "insert" | "heappush" | "insort" | "insort_left" | "insort_right" | "push"
            ),
            Container::Deque => matches!(method, "append" | "appendleft" | "extend" | "extendleft" | "insert"),
            Container::Set => matches!(method, "add" | "update"),
            Container::Dict | Container::Counter => matches!(method, "update" | "setdefault"),
            _ => true,
        },
        _ => true,
    }
}
