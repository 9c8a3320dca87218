//! Fixes that keep the newest entries of a history, and count all of them where somebody asks how many there are.

use super::holder::{Holder, Home, How, Use};
use super::site::Site;
use super::source::{FILE, Source, insert, replace};
use super::{Edit, Fix, Refusal};
use crate::syntax::{ExprId, ExprKind, Span, StmtKind, Visit};

/// How many entries are kept: enough to look at, little enough to carry.
const NEWEST: u32 = 100;

/// `seen.append(x)` on a list that nothing empties: the list becomes a deque with a bound. Who asks for its length gets a count.
pub(super) fn history(site: &Site<'_>) -> Result<Fix, Refusal> {
    let source = &site.source;
    let holder = Holder::of(site)?;
    let (at, _, value) = holder.made()?;
    let mut keep = NEWEST;
    let mut lens = Vec::new();
    let mut tails = Vec::new();
    let mut adds: Vec<(&Use, Option<ExprId>)> = Vec::new();
    for one in &holder.uses {
        match one.how {
            How::Made(_) | How::Truth => {}
            How::Append(..) => adds.push((one, None)),
            How::Extend(values) => adds.push((one, Some(values))),
            How::Len(call) => lens.push(call),
            How::Tail { whole, last } => {
                keep = keep.max(last);
                tails.push((one.at, whole));
            }
            How::Emptied | How::Drop { .. } => {
                return Err(Refusal::shape(format!(
                    "something takes entries out of `{}`, but not reliably: what it waits for has to be mended there",
                    holder.name
                )));
            }
            _ => return Err(read_elsewhere(source, &holder, one)),
        }
    }
    holder.is_own(site)?;
    let mut edits = made(source, &holder, at, value, keep)?;
    for (at, whole) in tails {
        // A deque cannot be sliced.
        let rest = &source.expr(whole)[source.expr(at).len()..];
        edits.push(replace(source.tree()[whole].span, format!("list({}){rest}", source.expr(at))));
    }
    if !lens.is_empty() {
        count(source, &holder, &adds, &lens, &mut edits)?;
    }
    for (one, values) in &adds {
        if let (How::Append(_, stored), None) = (one.how, values) {
            edits.extend(slimmed(site, stored));
        }
    }
    let title = if lens.is_empty() {
        format!("keep the newest {keep} entries of `{}`", holder.name)
    } else {
        format!("keep the newest {keep} entries of `{}` and count all of them", holder.name)
    };
    Ok(Fix::review(title, edits).minding(format!("`{}` holds the newest {keep} entries only", holder.name)))
}

/// Why a use stands in the way of a bound.
pub(super) fn read_elsewhere(source: &Source<'_>, holder: &Holder, one: &Use) -> Refusal {
    let line = source.line(source.tree()[one.at].span.start);
    Refusal::ChangesAnswers {
        why: format!("line {line} reads the entries of `{}`, and a bound would hide some of them from it", holder.name),
    }
}

/// The list becomes a deque with a bound.
fn made(source: &Source<'_>, holder: &Holder, at: ExprId, value: ExprId, keep: u32) -> Result<Vec<Edit>, Refusal> {
    let tree = source.tree();
    let refused = || Refusal::shape(format!("`{}` is made by something else than a list", holder.name));
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
fn count(
    source: &Source<'_>,
    holder: &Holder,
    adds: &[(&Use, Option<ExprId>)],
    lens: &[ExprId],
    edits: &mut Vec<Edit>,
) -> Result<(), Refusal> {
    let tree = source.tree();
    let end = "_total";
    let name = format!("{}{end}", holder.name);
    if source.is_named(&name) {
        return Err(Refusal::shape(format!("`{name}` is another name there")));
    }
    let (at, stmt, _) = holder.made()?;
    let made = match holder.home {
        Home::Class(_) => format!("{name} = 0"),
        _ => format!("{} = 0", holder.beside(source, at, end)),
    };
    let odd = || Refusal::shape("a statement shares its line with another");
    edits.push(source.after(stmt, &[&made]).ok_or_else(odd)?);
    let mut declared = Vec::new();
    for (one, values) in adds {
        let function = one.function.ok_or_else(|| Refusal::shape("it is added to while the module is imported"))?;
        if holder.home == Home::Module && !declared.contains(&function) {
            let first = source.first_of(function).ok_or_else(odd)?;
            edits.push(source.before(first, &format!("global {name}")).ok_or_else(odd)?);
            declared.push(function);
        }
        let number = match values {
            None => "1".to_owned(),
            Some(values) if source.is_path(*values) => format!("len({})", source.expr(*values)),
            Some(_) => return Err(Refusal::shape("how many entries are added is not known where they are")),
        };
        let line = format!("{} += {number}", holder.beside(source, one.at, end));
        edits.push(source.before(one.stmt, &line).ok_or_else(odd)?);
    }
    edits.extend(lens.iter().map(|&call| {
        let of = match tree[call].kind {
            ExprKind::Call { args, .. } => tree[args].first().map(|arg| arg.value),
            _ => None,
        };
        replace(tree[call].span, of.map_or_else(|| name.clone(), |of| holder.beside(source, of, end)))
    }));
    Ok(())
}

/// Nobody reads the entries: of a request its path is kept, of an exception its text, because the objects drag along what they have seen.
fn slimmed(site: &Site<'_>, stored: ExprId) -> Vec<Edit> {
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
    let source = &site.source;
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
