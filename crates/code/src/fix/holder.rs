//! What a fix has to know of something that outlives requests: where it is made, and everything that its file and its project do with it. Decides nothing.

use super::site::Site;
use super::source::{FILE, Source};
use super::{Refusal, uses};
use crate::program::{Binding, FunctionId, Scope};
use crate::syntax::{ExprId, ExprKind, Parent, StmtId, StmtKind, Sym};

/// How something long-lived is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Home {
    /// A name of the module.
    Module,
    /// An attribute of this class.
    Class(String),
    /// An attribute that the class's methods set on `self`.
    Instance(String),
    /// An attribute of an application's state.
    State,
    /// A name that this file imports.
    Imported,
    /// An attribute of a module that this file imports under this name.
    Member(String),
}

/// What is done with it at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// It is made: the value.
    Made(ExprId),
    /// `append(value)`, `appendleft(value)`, `add(value)`: the call and the value.
    Append(ExprId, ExprId),
    /// `extend(values)`, or `+= values`: the statement's or call's expression, and the values.
    Extend(ExprId),
    /// `holder[key] = value` as the only target.
    Store { key: ExprId, value: ExprId },
    /// `len(holder)`: the call.
    Len(ExprId),
    /// Whether there is anything in it.
    Truth,
    /// `key in holder`: the comparison.
    Test { whole: ExprId, key: ExprId, negated: bool },
    /// `holder[key]`, read: the subscript.
    Load { whole: ExprId, key: ExprId },
    /// `holder[-n:]` with a number: the subscript, and the number.
    Tail { whole: ExprId, last: u32 },
    /// `holder.get(…)`, `holder.pop(key, default)`.
    Asked,
    /// `del holder[key]`, `holder.pop(key)`: the statement.
    Drop { stmt: StmtId, key: ExprId },
    /// `clear()`, `popleft()`, `popitem()`, `pop()` and the like.
    Emptied,
    /// `holder.setdefault(key, value)`: the call.
    SetDefault(ExprId),
    /// Anything else: elements are read, it is handed on, it is bound to another name.
    Other,
}

/// A place that uses it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    /// The expression that is it.
    pub(super) at: ExprId,
    /// What is done.
    pub(super) how: How,
    /// The statement.
    pub(super) stmt: StmtId,
    /// The function in which it happens.
    pub(super) function: Option<FunctionId>,
}

/// Something long-lived, with all its uses in one file.
pub(super) struct Holder {
    /// Its last name.
    pub(super) name: String,
    /// How it is written.
    pub(super) home: Home,
    /// Its uses in the order of the source.
    pub(super) uses: Vec<Use>,
}

impl Holder {
    /// What the line of a finding adds to, as its file writes it.
    pub(super) fn of(site: &Site<'_>) -> Result<Self, Refusal> {
        let source = &site.source;
        let at = added_to(source, site.line).ok_or_else(|| Refusal::shape("the line adds nothing to anything"))?;
        Self::at(source, at)
    }

    /// What an expression is.
    pub(super) fn at(source: &Source<'_>, at: ExprId) -> Result<Self, Refusal> {
        let tree = source.tree();
        let program = &source.program;
        let (name, home) = match tree[at].kind {
            ExprKind::Name(name) => {
                let scope = program.scope_of(FILE.expr(at));
                let bound = program.binding_scope(scope, name);
                let imported = |scope| program.bindings(scope, name).any(|found| matches!(found, Binding::Import(_)));
                match bound {
                    Some(Scope::Module(_)) if imported(Scope::Module(FILE)) => (name, Home::Imported),
                    Some(Scope::Module(_)) => (name, Home::Module),
                    _ => {
                        return Err(Refusal::shape(
                            "what it adds to is no name of the module, but comes from elsewhere",
                        ));
                    }
                }
            }
            ExprKind::Attribute { base, name } => (name, home_of(source, base, name)?),
            _ => return Err(Refusal::shape("what it adds to is no plain name or attribute")),
        };
        let uses = uses(source, name, &home);
        Ok(Self { name: program.text(name).to_owned(), home, uses })
    }

    /// Where it is made, where that is one place.
    pub(super) fn made(&self) -> Result<(ExprId, StmtId, ExprId), Refusal> {
        let mut made = self.uses.iter().filter_map(|one| match one.how {
            How::Made(value) => Some((one.at, one.stmt, value)),
            _ => None,
        });
        match (made.next(), made.next()) {
            (Some(one), None) => Ok(one),
            (None, _) => Err(Refusal::shape(format!("where `{}` is made was not seen", self.name))),
            (Some(_), Some(_)) => Err(Refusal::Ambiguous { what: format!("of the places that make `{}`", self.name) }),
        }
    }

    /// How a number that belongs to it is written beside a use of it: `shop.seen` becomes `shop.seen_total`.
    pub(super) fn beside(&self, source: &Source<'_>, at: ExprId, end: &str) -> String {
        let name = format!("{}{end}", self.name);
        match (&self.home, source.tree()[at].kind) {
            (Home::Class(class), ExprKind::Attribute { .. }) => format!("{class}.{name}"),
            (_, ExprKind::Attribute { base, .. }) => format!("{}.{name}", source.expr(base)),
            _ => name,
        }
    }
}

/// What a line adds to.
fn added_to(source: &Source<'_>, line: u32) -> Option<ExprId> {
    let methods = ["append", "appendleft", "add", "extend", "insert", "update", "setdefault", "put", "put_nowait"];
    let by_call = source.calls(line, |name| methods.contains(&name)).into_iter().find_map(|site| {
        let receiver = source.program.receiver(site.at)?.expr;
        source.is_lasting(receiver).then_some(receiver)
    });
    let tree = source.tree();
    let by_store = || {
        let stmt =
            source.statement(line, |kind| matches!(kind, StmtKind::Assign { .. } | StmtKind::AugAssign { .. }))?;
        match tree[stmt].kind {
            StmtKind::Assign { targets, .. } => tree[targets].iter().find_map(|&target| match tree[target].kind {
                ExprKind::Subscript { base, .. } => Some(base),
                _ => None,
            }),
            StmtKind::AugAssign { target, .. } => match tree[target].kind {
                ExprKind::Subscript { base, .. } => Some(base),
                _ => Some(target),
            },
            _ => None,
        }
    };
    by_call.or_else(by_store)
}

/// What an attribute is of.
fn home_of(source: &Source<'_>, base: ExprId, name: Sym) -> Result<Home, Refusal> {
    let tree = source.tree();
    let program = &source.program;
    let unsure = || Refusal::shape("it is not sure which object the attribute is of");
    match tree[base].kind {
        ExprKind::Attribute { base: of, name: state } if program.text(state) == "state" => {
            let owner = match tree[of].kind {
                ExprKind::Name(owner) | ExprKind::Attribute { name: owner, .. } => program.text(owner),
                _ => return Err(unsure()),
            };
            // What a request's own state holds dies with it.
            if matches!(owner, "request" | "self") { Err(unsure()) } else { Ok(Home::State) }
        }
        ExprKind::Name(of) => {
            let scope = program.scope_of(FILE.expr(base));
            let class = match program.text(of) {
                "self" | "cls" => class_around(source, scope).ok_or_else(unsure)?,
                text => match program.bindings(Scope::Module(FILE), of).next() {
                    Some(Binding::Class(ix)) => program.text(tree[ix].name).to_owned(),
                    // A module or, by its name, a class of one.
                    Some(Binding::Import(_)) if text.starts_with(char::is_uppercase) => {
                        return Ok(Home::Class(text.to_owned()));
                    }
                    Some(Binding::Import(_)) => return Ok(Home::Member(text.to_owned())),
                    _ => return Err(Refusal::shape(format!("it is not sure what `{text}` is"))),
                },
            };
            let (ix, _) = tree.classes().find(|(_, found)| program.text(found.name) == class).ok_or_else(unsure)?;
            let in_class = program.bindings(Scope::Class(FILE.class(ix)), name).next().is_some();
            Ok(if in_class { Home::Class(class) } else { Home::Instance(class) })
        }
        _ => Err(unsure()),
    }
}

/// The class whose method, or function in a method, a scope is.
fn class_around(source: &Source<'_>, mut scope: Scope) -> Option<String> {
    let tree = source.tree();
    loop {
        let parent = match scope {
            Scope::Function(function) => tree[function.ix].parent,
            Scope::Class(class) => return Some(source.program.text(tree[class.ix].name).to_owned()),
            Scope::Module(_) => return None,
        };
        scope = match parent {
            Parent::Module => return None,
            Parent::Function(ix) => Scope::Function(FILE.function(ix)),
            Parent::Class(ix) => Scope::Class(FILE.class(ix)),
        };
    }
}

/// Whether an expression is the holder.
fn is_it(source: &Source<'_>, expr: ExprId, name: Sym, home: &Home) -> bool {
    let tree = source.tree();
    let program = &source.program;
    match (home, tree[expr].kind) {
        (Home::Module | Home::Imported, ExprKind::Name(found)) => {
            found == name && program.binding_scope(program.scope_of(FILE.expr(expr)), name) == Some(Scope::Module(FILE))
        }
        (Home::Class(class), ExprKind::Name(found)) => {
            // Where the body of the class makes it.
            let scope = program.scope_of(FILE.expr(expr));
            found == name && matches!(scope, Scope::Class(ix) if program.text(program.class(ix).name) == class)
        }
        (Home::Class(class) | Home::Instance(class), ExprKind::Attribute { base, name: found }) if found == name => {
            match tree[base].kind {
                ExprKind::Name(of) => match program.text(of) {
                    "self" | "cls" => class_around(source, program.scope_of(FILE.expr(base))).as_ref() == Some(class),
                    text => text == class,
                },
                ExprKind::Call { .. } => source.expr(base) == "type(self)",
                ExprKind::Attribute { name, .. } => program.text(name) == "__class__",
                _ => false,
            }
        }
        (Home::Member(alias), ExprKind::Attribute { base, name: found }) if found == name => match tree[base].kind {
            ExprKind::Name(of) | ExprKind::Attribute { name: of, .. } => program.text(of) == alias,
            _ => false,
        },
        (Home::State, ExprKind::Attribute { base, name: found }) if found == name => {
            matches!(tree[base].kind, ExprKind::Attribute { name, .. } if program.text(name) == "state")
        }
        _ => false,
    }
}

pub(super) fn uses(source: &Source<'_>, name: Sym, home: &Home) -> Vec<Use> {
    let found = source.exprs().filter(|&expr| is_it(source, expr, name, home));
    let mut uses: Vec<Use> = found
        .filter_map(|at| {
            let stmt = source.stmt_of(at)?;
            let function = source.program.scope_of(FILE.expr(at)).function();
            Some(Use { at, how: uses::how(source, at, stmt), stmt, function })
        })
        .collect();
    uses.sort_by_key(|one| source.tree()[one.at].span.start);
    uses
}
