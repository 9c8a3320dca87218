//! Fixes that keep the newest entries of a history, and count all of them where somebody asks how many there are.

use super::across::{self, Part};
use super::holder::{Holder, Home, How, Use};
use super::site::Site;
use super::source::{FILE, Source, insert, replace};
use super::{Edit, Fix, Refusal};
use crate::syntax::{ExprId, ExprKind, Span, StmtKind, Visit};

/// How many entries are kept: enough to look at, little enough to carry.
const NEWEST: u32 = 100;

/// `seen.append(x)` on a list that nothing empties: the list becomes a deque with a bound. Who asks for its length gets a count.
pub(super) fn history(site: &Site<'_>) -> Result<Fix, Refusal> {
    let holder = Holder::of(site)?;
    let name = holder.name.clone();
    let texts = site.others(&holder.original(&site.source)).ok_or_else(across::unknown)?;
    let sources = across::read(&texts);
    let parts = holder.everywhere(site, &sources)?;
    let keep = kept(site, &parts)?;
    let counts = parts.iter().any(|part| part.holder.uses.iter().any(|one| matches!(one.how, How::Len(_))));
    let mut home = parts.iter().filter_map(|part| Some((part, part.holder.made().ok()?)));
    let (home, (at, _, value)) =
        home.next().ok_or_else(|| Refusal::shape(format!("where `{name}` is made was not seen")))?;
    let mut fix = Fix::review("", Vec::new());
    for part in &parts {
        let mut edits = Vec::new();
        if std::ptr::eq(part, home) {
            edits.extend(made(part.source, &part.holder, at, value, keep)?);
        }
        for one in &part.holder.uses {
            match one.how {
                How::Tail { whole, .. } => edits.push(listed(part.source, one.at, whole)),
                How::Append(_, stored) => edits.extend(slimmed(part.source, stored)),
                _ => {}
            }
        }
        if counts {
            count(part.source, &part.holder, std::ptr::eq(part, home), &mut edits)?;
        }
        match part.file {
            None => fix.edits = edits,
            Some(file) if !edits.is_empty() => fix.others.push((file.to_owned(), edits)),
            Some(_) => {}
        }
    }
    fix.title = if counts {
        format!("keep the newest {keep} entries of `{name}` and count all of them")
    } else {
        format!("keep the newest {keep} entries of `{name}`")
    };
    Ok(fix.minding(format!("`{name}` holds the newest {keep} entries only")))
}

/// How many entries have to be kept so that nobody misses one.
fn kept(site: &Site<'_>, parts: &[Part<'_>]) -> Result<u32, Refusal> {
    let mut keep = NEWEST;
    for part in parts {
        for one in &part.holder.uses {
            match one.how {
                How::Made(_) | How::Truth | How::Append(..) | How::Extend(_) | How::Len(_) => {}
                How::Tail { last, .. } => keep = keep.max(last),
                How::Emptied | How::Drop { .. } => {
                    return Err(Refusal::shape(format!(
                        "something takes entries out of `{}`, but not reliably: what it waits for has to be mended there",
                        part.holder.name
                    )));
                }
                _ => return Err(read_elsewhere(site, part, one)),
            }
        }
    }
    Ok(keep)
}

/// A deque cannot be sliced.
fn listed(source: &Source<'_>, at: ExprId, whole: ExprId) -> Edit {
    let rest = &source.expr(whole)[source.expr(at).len()..];
    replace(source.tree()[whole].span, format!("list({}){rest}", source.expr(at)))
}

/// Why a use stands in the way of a bound.
pub(super) fn read_elsewhere(site: &Site<'_>, part: &Part<'_>, one: &Use) -> Refusal {
    let place = across::place(part, site, one);
    Refusal::ChangesAnswers {
        why: format!(
            "{place} reads the entries of `{}`, and a bound would hide some of them from it",
            part.holder.name
        ),
    }
}

/// The list becomes a deque with a bound.
fn made(source: &Source<'_>, holder: &Holder, at: ExprId, value: ExprId, keep: u32) -> Result<Vec<Edit>, Refusal> {
    let tree = source.tree();
    // Another template's.
    let refused = || Refusal::NoTemplate { check: format!("`{}`", holder.name) };
    let mut edits =
        source.import("collections").ok_or_else(|| Refusal::shape("`collections` is another name there"))?;
    let span = tree[value].span;
    match tree[value].kind {
        ExprKind::List(parts) if parts.is_empty() => {
            edits.push(replace(span, format!("collections.deque(maxlen={keep})")));
        }
        ExprKind::Call { callee, args } => match (tree[callee].kind, args.len()) {
            (ExprKind::Name(name), 0) if source.program.text(name) == "list" => {
                edits.push(replace(span, format!("collections.deque(maxlen={keep})")));
            }
            (ExprKind::Name(name) | ExprKind::Attribute { name, .. }, 0) if source.program.text(name) == "deque" => {
                edits.clear();
                edits.push(insert(span.end - 1, format!("maxlen={keep}")));
            }
            _ => return Err(refused()),
        },
        _ => return Err(refused()),
    }
    if let Some(stmt) = source.stmt_of(at)
        && let StmtKind::Assign { annotation: Some(annotation), .. } = tree[stmt].kind
    {
        let base = match tree[annotation].kind {
            ExprKind::Subscript { base, .. } => base,
            _ => annotation,
        };
        if matches!(source.expr(base), "list" | "List" | "typing.List") {
            edits.push(replace(tree[base].span, "collections.deque"));
        }
    }
    Ok(edits)
}

/// A number counts what is added, and who asked for the length reads it.
fn count(source: &Source<'_>, holder: &Holder, is_home: bool, edits: &mut Vec<Edit>) -> Result<(), Refusal> {
    let tree = source.tree();
    let end = "_total";
    let name = format!("{}{end}", holder.name);
    if source.is_named(&name) {
        return Err(Refusal::shape(format!("`{name}` is another name there")));
    }
    let odd = || Refusal::shape("a statement shares its line with another");
    if is_home {
        let (at, stmt, _) = holder.made()?;
        let made = match holder.home {
            Home::Class(_) => format!("{name} = 0"),
            _ => format!("{} = 0", holder.beside(source, at, end)),
        };
        edits.push(source.after(stmt, &[&made]).ok_or_else(odd)?);
    }
    let mut declared = Vec::new();
    for one in &holder.uses {
        let number = match one.how {
            How::Append(..) => "1".to_owned(),
            How::Extend(values) if source.is_path(values) => format!("len({})", source.expr(values)),
            How::Extend(_) => return Err(Refusal::shape("how many entries are added is not known where they are")),
            How::Len(call) => {
                if holder.home == Home::Imported {
                    return Err(Refusal::shape("a number cannot be imported by its name and still count"));
                }
                edits.push(replace(tree[call].span, holder.beside(source, one.at, end)));
                continue;
            }
            _ => continue,
        };
        let function = one.function.ok_or_else(|| Refusal::shape("it is added to while the module is imported"))?;
        match holder.home {
            Home::Imported => return Err(Refusal::shape("a number cannot be imported by its name and still count")),
            Home::Module if !declared.contains(&function) => {
                let first = source.first_of(function).ok_or_else(odd)?;
                edits.push(source.before(first, &format!("global {name}")).ok_or_else(odd)?);
                declared.push(function);
            }
            _ => {}
        }
        let line = format!("{} += {number}", holder.beside(source, one.at, end));
        edits.push(source.before(one.stmt, &line).ok_or_else(odd)?);
    }
    Ok(())
}

/// Nobody reads the entries: of a request its path is kept, of an exception its text, because the objects drag along what they have seen.
fn slimmed(source: &Source<'_>, stored: ExprId) -> Vec<Edit> {
    struct Bare(Vec<ExprId>);
    impl Visit for Bare {
        fn expr(&mut self, tree: &crate::syntax::Tree, expr: ExprId) -> bool {
            if matches!(tree[expr].kind, ExprKind::Name(_)) {
                self.0.push(expr);
            }
            // Only what is an entry as it is, or a part of a literal.
            matches!(tree[expr].kind, ExprKind::Tuple(_) | ExprKind::List(_) | ExprKind::Dict(_))
        }
    }
    let mut bare = Bare(Vec::new());
    source.tree().walk_expr(stored, &mut bare);
    let mut edits = Vec::new();
    for expr in bare.0 {
        let span: Span = source.tree()[expr].span;
        match source.role_of(expr) {
            Some(Plays::Exception) => edits.push(replace(span, format!("repr({})", source.slice(span)))),
            Some(Plays::Request(path)) => edits.push(insert(span.end, path)),
            None => {}
        }
    }
    edits
}

/// What a name stands for.
pub(super) enum Plays {
    /// What an `except` caught.
    Exception,
    /// The request, and how its path is read.
    Request(&'static str),
}

impl Source<'_> {
    /// Whether a name is the caught exception, or the request that a view or middleware is called with.
    fn role_of(&self, expr: ExprId) -> Option<Plays> {
        use crate::program::Binding;
        let ExprKind::Name(name) = self.tree()[expr].kind else { return None };
        let scope = self.program.binding_scope(self.program.scope_of(FILE.expr(expr)), name)?;
        let binding = self.program.bindings(scope, name).next()?;
        match binding {
            Binding::Handler { .. } => Some(Plays::Exception),
            Binding::Param(_) if self.program.text(name) == "request" => {
                let knows = |word: &str| {
                    let imports = self.all_statements().into_iter().filter_map(|stmt| match self.tree()[stmt].kind {
                        StmtKind::Import(imports) => Some(imports),
                        _ => None,
                    });
                    imports.flat_map(|imports| self.tree()[imports].to_vec()).any(|import| {
                        let module = self.program.text(import.module);
                        module == word || module.starts_with(&format!("{word}."))
                    })
                };
                if knows("fastapi") || knows("starlette") {
                    Some(Plays::Request(".url.path"))
                } else {
                    (knows("django") || knows("rest_framework") || knows("flask")).then_some(Plays::Request(".path"))
                }
            }
            _ => None,
        }
    }

    /// Whether an expression is a name with attributes and constant indices, which reading twice does no harm.
    pub(super) fn is_path(&self, expr: ExprId) -> bool {
        match self.tree()[expr].kind {
            ExprKind::Name(_) => true,
            ExprKind::Attribute { base, .. } => self.is_path(base),
            ExprKind::Subscript { base, index } => {
                self.is_path(base) && matches!(self.tree()[index].kind, ExprKind::Const(_))
            }
            _ => false,
        }
    }
}
