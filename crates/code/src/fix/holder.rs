//! What a fix has to know of something that outlives requests: where it is made, and everything that its file and its project do with it. Decides nothing.

use super::site::Site;
use super::source::{FILE, Source};
use super::{Refusal, site};
use crate::program::{Binding, FunctionId, Scope};
use crate::python::FileKind;
use crate::syntax::{Compare, ExprId, ExprKind, Operator, Parent, StmtId, StmtKind, Sym};

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

/// What one file does with something long-lived.
pub(super) struct Part<'a> {
    /// The file; none for that of the finding.
    pub(super) file: Option<&'a str>,
    /// Its text.
    pub(super) source: &'a Source<'a>,
    /// Its uses.
    pub(super) holder: Holder,
}

/// Methods that add one element.
const APPEND: &[&str] = &["append", "appendleft", "add"];
/// Methods that take out.
const EMPTY: &[&str] = &["clear", "popleft", "popitem", "discard", "remove", "truncate"];

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

    /// Refuses when another file of the project uses it, or when the project is not known.
    pub(super) fn is_own(&self, site: &Site<'_>) -> Result<(), Refusal> {
        let texts = site.others(&self.name).ok_or_else(unknown)?;
        let sources = read(&texts);
        for part in self.elsewhere(site.file, &site.source, &sources)? {
            if let Some(one) = part.holder.uses.first() {
                return Err(Refusal::OtherUsers {
                    name: self.name.clone(),
                    place: place(&part, site, one),
                    why: "another module depends on it".to_owned(),
                });
            }
        }
        Ok(())
    }

    /// What the module that makes it calls it: a word that every file that uses it holds.
    pub(super) fn original(&self, source: &Source<'_>) -> String {
        let import = if self.home == Home::Imported { source.import_of(&self.name) } else { None };
        import
            .and_then(|import| import.name)
            .map_or_else(|| self.name.clone(), |name| source.program.text(name).to_owned())
    }

    /// What all files of the project do with it, the finding's first.
    pub(super) fn everywhere<'a>(
        self,
        site: &'a Site<'a>,
        sources: &'a [(&'a str, Source<'a>)],
    ) -> Result<Vec<Part<'a>>, Refusal> {
        let mut parts = self.elsewhere(site.file, &site.source, sources)?;
        parts.insert(0, Part { file: None, source: &site.source, holder: self });
        Ok(parts)
    }

    /// What other files do with it.
    fn elsewhere<'a>(
        &self,
        own: &str,
        source: &Source<'_>,
        sources: &'a [(&'a str, Source<'a>)],
    ) -> Result<Vec<Part<'a>>, Refusal> {
        let unsure = || Refusal::shape(format!("it is not sure which module makes `{}`", self.name));
        // The module that makes it, and what it is called there.
        let (module, name) = match &self.home {
            Home::Imported => {
                let import = source.import_of(&self.name).ok_or_else(unsure)?;
                (
                    last(source.program.text(import.module)).to_owned(),
                    import.name.map(|name| source.program.text(name).to_owned()),
                )
            }
            Home::Member(alias) => {
                let import = source.import_of(alias).ok_or_else(unsure)?;
                let module = import.name.unwrap_or(import.module);
                (last(source.program.text(module)).to_owned(), Some(self.name.clone()))
            }
            _ => (site::module_name(own).to_owned(), Some(self.name.clone())),
        };
        let name = name.ok_or_else(unsure)?;
        let mut parts = Vec::new();
        for (file, other) in sources {
            let mut found: Vec<Home> = Vec::new();
            match &self.home {
                Home::Class(_) | Home::State => found.push(self.home.clone()),
                Home::Instance(_) => {
                    // An object of the class may be known by any name, but not by `self` of another class.
                    if let Some(line) = used_on_objects(other, &name) {
                        return Err(Refusal::OtherUsers {
                            name: self.name.clone(),
                            place: format!("{file}:{line}"),
                            why: "another module may depend on it".to_owned(),
                        });
                    }
                }
                Home::Module | Home::Imported | Home::Member(_) => {
                    let made_here = other.program.names.find(&name).is_some_and(|name| {
                        let mut all = other.program.bindings(Scope::Module(FILE), name).peekable();
                        all.peek().is_some() && all.all(|binding| matches!(binding, Binding::Target(_)))
                    });
                    if !matches!(self.home, Home::Module) && site::module_name(file) == module && made_here {
                        found.push(Home::Module);
                    }
                    found.extend(other.homes_of(&module, &name));
                }
            }
            for home in found {
                let local = match &home {
                    Home::Imported => other.alias_of(&module, &name).unwrap_or_else(|| name.clone()),
                    _ => name.clone(),
                };
                let Some(sym) = other.program.names.find(&local) else { continue };
                let uses = uses(other, sym, &home);
                if !uses.is_empty() {
                    let holder = Self { name: local, home, uses };
                    parts.push(Part { file: Some(file), source: other, holder });
                }
            }
        }
        if parts.iter().filter(|part| part.holder.home == Home::Module).count() > 1 {
            return Err(Refusal::Ambiguous { what: "module".to_owned() });
        }
        Ok(parts)
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

/// The project is not known.
pub(super) fn unknown() -> Refusal {
    Refusal::shape("it needs a look at the whole project")
}

/// Files as the fixes see them.
pub(super) fn read(texts: &[(String, String)]) -> Vec<(&str, Source<'_>)> {
    texts.iter().map(|(file, text)| (file.as_str(), Source::read(text, FileKind::Source))).collect()
}

/// Where a use stands.
pub(super) fn place(part: &Part<'_>, site: &Site<'_>, one: &Use) -> String {
    let line = part.source.line(part.source.tree()[one.at].span.start);
    format!("{}:{line}", part.file.unwrap_or(site.file))
}

fn last(dotted: &str) -> &str {
    dotted.rsplit('.').next().unwrap_or(dotted)
}

/// The line in which an attribute of this name is used of anything but `self`.
fn used_on_objects(other: &Source<'_>, name: &str) -> Option<u32> {
    let tree = other.tree();
    let name = other.program.names.find(name)?;
    let found = other.exprs().find(|&expr| {
        let ExprKind::Attribute { base, name: attribute } = tree[expr].kind else { return false };
        let own = matches!(tree[base].kind, ExprKind::Name(root) if matches!(other.program.text(root), "self" | "cls"));
        attribute == name && !own
    })?;
    Some(other.line(tree[found].span.start))
}

impl Source<'_> {
    /// The import that binds a name at the top of the file.
    fn import_of(&self, name: &str) -> Option<crate::syntax::Import> {
        let name = self.program.names.find(name)?;
        let mut bindings = self.program.bindings(Scope::Module(FILE), name);
        match (bindings.next(), bindings.next()) {
            (Some(Binding::Import(import)), None) => Some(import),
            _ => None,
        }
    }

    /// The ways in which a file may write a name of another module.
    fn homes_of(&self, module: &str, name: &str) -> Vec<Home> {
        let mut found = Vec::new();
        for import in self.imports() {
            let from = last(self.program.text(import.module));
            let imported = import.name.map(|name| self.program.text(name));
            match imported {
                Some(imported) if from == module && (imported == name || imported == "*") => found.push(Home::Imported),
                Some(imported) if imported == module => {
                    found
                        .push(Home::Member(import.alias.map_or(imported, |alias| self.program.text(alias)).to_owned()));
                }
                None if from == module => {
                    // `import a.b` is written `a.b.NAME`.
                    let written = import.alias.map_or(from, |alias| self.program.text(alias));
                    found.push(Home::Member(written.to_owned()));
                }
                _ => {}
            }
        }
        found.dedup();
        found
    }

    /// What a file calls a name that it imports from a module.
    fn alias_of(&self, module: &str, name: &str) -> Option<String> {
        self.imports().into_iter().find_map(|import| {
            let same = last(self.program.text(import.module)) == module
                && import.name.is_some_and(|found| self.program.text(found) == name);
            let alias = import.alias.filter(|_| same)?;
            Some(self.program.text(alias).to_owned())
        })
    }

    fn imports(&self) -> Vec<crate::syntax::Import> {
        let tree = self.tree();
        let imports = self.all_statements().into_iter().filter_map(|stmt| match tree[stmt].kind {
            StmtKind::Import(imports) => Some(imports),
            _ => None,
        });
        imports.flat_map(|imports| tree[imports].to_vec()).collect()
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

fn uses(source: &Source<'_>, name: Sym, home: &Home) -> Vec<Use> {
    let found = source.exprs().filter(|&expr| is_it(source, expr, name, home));
    let mut uses: Vec<Use> = found
        .filter_map(|at| {
            let stmt = source.stmt_of(at)?;
            let function = source.program.scope_of(FILE.expr(at)).function();
            Some(Use { at, how: how(source, at, stmt), stmt, function })
        })
        .collect();
    uses.sort_by_key(|one| source.tree()[one.at].span.start);
    uses
}

fn how(source: &Source<'_>, at: ExprId, stmt: StmtId) -> How {
    let tree = source.tree();
    let program = &source.program;
    let Some(parent) = source.parent(at) else {
        return match tree[stmt].kind {
            StmtKind::Assign { targets, value: Some(value), .. } if tree[targets] == [at] => How::Made(value),
            StmtKind::AugAssign { target, op: Operator::Add, value } if target == at => How::Extend(value),
            StmtKind::If { test, .. } | StmtKind::While { test, .. } if test == at => How::Truth,
            _ => How::Other,
        };
    };
    match tree[parent].kind {
        ExprKind::Unary { not: true, .. } => How::Truth,
        ExprKind::Call { callee, args } if callee != at => match (tree[callee].kind, &tree[args]) {
            (ExprKind::Name(len), [_]) if program.text(len) == "len" => How::Len(parent),
            (ExprKind::Name(bool), [_]) if program.text(bool) == "bool" => How::Truth,
            _ => How::Other,
        },
        ExprKind::Compare { left, rest } => match &tree[rest] {
            [one] if one.right == at && matches!(one.op, Compare::In | Compare::NotIn) => {
                How::Test { whole: parent, key: left, negated: one.op == Compare::NotIn }
            }
            _ => How::Other,
        },
        ExprKind::Subscript { base, index } if base == at => subscript(source, parent, index, stmt),
        ExprKind::Attribute { base, name } if base == at => {
            let Some(call) = source.parent(parent) else { return How::Other };
            let ExprKind::Call { callee, args } = tree[call].kind else { return How::Other };
            if callee != parent {
                return How::Other;
            }
            let args = &tree[args];
            match (program.text(name), args) {
                (method, [value]) if APPEND.contains(&method) => How::Append(call, value.value),
                ("extend", [values]) => How::Extend(values.value),
                // What is added to the entry is kept too.
                ("setdefault", [_, _]) if source.parent(call).is_none_or(|user| !is_changed(source, call, user)) => {
                    How::SetDefault(call)
                }
                ("get", [_] | [_, _]) | ("pop", [_, _]) => How::Asked,
                ("pop", [key]) if matches!(tree[stmt].kind, StmtKind::Expr(found) if found == call) => {
                    How::Drop { stmt, key: key.value }
                }
                ("pop", []) => How::Emptied,
                (method, _) if EMPTY.contains(&method) => How::Emptied,
                _ => How::Other,
            }
        }
        _ => How::Other,
    }
}

fn subscript(source: &Source<'_>, whole: ExprId, index: ExprId, stmt: StmtId) -> How {
    let tree = source.tree();
    if source.parent(whole).is_none() {
        match tree[stmt].kind {
            StmtKind::Assign { targets, value: Some(value), .. } if tree[targets].contains(&whole) => {
                return if tree[targets] == [whole] { How::Store { key: index, value } } else { How::Other };
            }
            StmtKind::AugAssign { target, .. } if target == whole => return How::Other,
            StmtKind::Delete(targets) if tree[targets].contains(&whole) => {
                return match tree[index].kind {
                    ExprKind::Slice { .. } => How::Emptied,
                    _ if tree[targets].len() == 1 => How::Drop { stmt, key: index },
                    _ => How::Other,
                };
            }
            _ => {}
        }
    }
    match tree[index].kind {
        ExprKind::Slice { lower: Some(lower), upper: None, step: None } => {
            match source.expr(lower).strip_prefix('-').map(str::parse::<u32>) {
                Some(Ok(last)) if last > 0 => How::Tail { whole, last },
                _ => How::Other,
            }
        }
        ExprKind::Slice { .. } => How::Other,
        _ if source.parent(whole).is_some_and(|user| is_changed(source, whole, user)) => How::Other,
        _ => How::Load { whole, key: index },
    }
}

/// Whether an entry is added to: `holder[key].append(x)`, `holder[key]["n"] = 1`.
fn is_changed(source: &Source<'_>, entry: ExprId, user: ExprId) -> bool {
    const CHANGES: &[&str] =
        &["append", "appendleft", "add", "extend", "insert", "update", "setdefault", "put", "put_nowait", "write"];
    let tree = source.tree();
    match tree[user].kind {
        ExprKind::Attribute { base, name } if base == entry => CHANGES.contains(&source.program.text(name)),
        ExprKind::Subscript { base, .. } if base == entry => {
            let stmt = source.directly_of(user).map(|stmt| tree[stmt].kind);
            match stmt {
                Some(StmtKind::Assign { targets, .. }) => tree[targets].contains(&user),
                Some(StmtKind::AugAssign { target, .. }) => target == user,
                _ => false,
            }
        }
        _ => false,
    }
}
