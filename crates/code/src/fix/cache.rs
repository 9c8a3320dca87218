//! Fixes that bound a mapping: the oldest entry goes when there are too many, and who reads an entry asks once whether it is there.
//!
//! An entry can go between a question and the read that trusts it, so both become one `get`.

use super::across::{self, Part};
use super::bounded::read_elsewhere;
use super::holder::{Holder, How, Use};
use super::site::Site;
use super::source::{FILE, Source, insert, replace};
use super::{Edit, Fix, Refusal};
use crate::program::{Binding, FunctionId, Scope};
use crate::rules::look::spans;
use crate::syntax::{Const, ExprId, ExprKind, Span, StmtId, StmtKind, Sym, Tree, Visit};

/// How many entries are kept: what `functools.lru_cache` keeps when it is not told.
const ENTRIES: u32 = 128;

/// `cache[key] = value` in a function that reads it back, or that nobody reads: the oldest entries go.
pub(super) fn bounded(site: &Site<'_>) -> Result<Fix, Refusal> {
    mapping(site, false)
}

/// The same for what waits to be fetched by a later request; the oldest are forgotten.
pub(super) fn waiting(site: &Site<'_>) -> Result<Fix, Refusal> {
    mapping(site, true)
}

fn mapping(site: &Site<'_>, forgets: bool) -> Result<Fix, Refusal> {
    let holder = Holder::of(site)?;
    let name = holder.name.clone();
    let texts = site.others(&holder.original(&site.source)).ok_or_else(across::unknown)?;
    let sources = across::read(&texts);
    let parts = holder.everywhere(site, &sources)?;
    let mut fix = Fix::review(format!("keep the newest {ENTRIES} entries of `{name}`"), Vec::new())
        .minding(format!("`{name}` holds the newest {ENTRIES} entries only"));
    let mut homes = 0;
    let mut begun: Vec<Vec<Edit>> = Vec::new();
    for part in &parts {
        begun.push(match part.holder.made() {
            Ok((at, _, value)) => {
                homes += 1;
                made(part.source, &part.holder, at, value)?
            }
            Err(_) => Vec::new(),
        });
    }
    let mut stores = 0;
    for (part, mut edits) in parts.iter().zip(begun) {
        let source = part.source;
        let mut functions: Vec<Option<FunctionId>> = Vec::new();
        for one in &part.holder.uses {
            if !functions.contains(&one.function) {
                functions.push(one.function);
            }
        }
        for function in functions {
            let own = part.holder.uses.iter().filter(|one| one.function == function);
            let uses: Vec<Use> = own.filter(|one| !matches!(one.how, How::Made(_))).copied().collect();
            let Some(function) = function else {
                match uses.first() {
                    Some(one) => return Err(read_elsewhere(site, part, one)),
                    None => continue,
                }
            };
            stores += uses.iter().filter(|one| matches!(one.how, How::Store { .. } | How::SetDefault(_))).count();
            let forgotten = in_function(site, part, function, &uses, &mut edits)?;
            let reader = source.program.text(source.program.function(function).name);
            if forgotten && !forgets {
                return Err(Refusal::ChangesAnswers {
                    why: format!("`{reader}` reads what other requests left in `{name}`"),
                });
            }
            if forgotten {
                fix = fix.minding(format!("`{reader}` answers for older entries as for unknown ones"));
            }
        }
        match part.file {
            None => fix.edits = edits,
            Some(file) if !edits.is_empty() => fix.others.push((file.to_owned(), edits)),
            Some(_) => {}
        }
    }
    if homes != 1 {
        return Err(Refusal::shape(format!("where `{name}` is made was not seen")));
    }
    if stores == 0 {
        return Err(Refusal::shape(format!("no plain `{name}[key] = value` was seen")));
    }
    Ok(fix)
}

fn name_of(source: &Source<'_>, function: FunctionId) -> String {
    source.program.text(source.program.function(function).name).to_owned()
}

/// The mapping becomes one that can let go of its oldest entry in one step, whatever other threads do.
fn made(source: &Source<'_>, holder: &Holder, at: ExprId, value: ExprId) -> Result<Vec<Edit>, Refusal> {
    let tree = source.tree();
    // Another template's.
    let refused = || Refusal::NoTemplate { check: format!("`{}`", holder.name) };
    let mut edits =
        source.import("collections").ok_or_else(|| Refusal::shape("`collections` is another name there"))?;
    let span = tree[value].span;
    match tree[value].kind {
        ExprKind::Dict(entries) if entries.is_empty() => edits.push(replace(span, "collections.OrderedDict()")),
        ExprKind::Call { callee, args } => match tree[callee].kind {
            ExprKind::Name(name) if args.is_empty() && source.program.text(name) == "dict" => {
                edits.push(replace(span, "collections.OrderedDict()"));
            }
            ExprKind::Name(name) | ExprKind::Attribute { name, .. }
                if args.is_empty() && source.program.text(name) == "OrderedDict" =>
            {
                edits.clear();
            }
            ExprKind::Name(name) | ExprKind::Attribute { name, .. } if source.program.text(name) == "defaultdict" => {
                return Err(Refusal::ChangesAnswers {
                    why: format!("`{}` counts or collects: an entry that goes would begin anew", holder.name),
                });
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
        if matches!(source.expr(base), "dict" | "Dict" | "typing.Dict") {
            edits.push(replace(tree[base].span, "collections.OrderedDict"));
        }
    }
    Ok(edits)
}

/// Rewrites one function; says whether it reads what others left there.
fn in_function(
    site: &Site<'_>,
    part: &Part<'_>,
    function: FunctionId,
    uses: &[Use],
    edits: &mut Vec<Edit>,
) -> Result<bool, Refusal> {
    let (source, holder) = (part.source, &part.holder);
    if uses.is_empty() {
        return Ok(false);
    }
    let tree = source.tree();
    let odd = || Refusal::shape("a statement shares its line with another");
    let mut key: Option<ExprId> = None;
    let mut same = |found: ExprId| match key {
        None => {
            key = Some(found);
            true
        }
        Some(known) => source.expr(known) == source.expr(found),
    };
    let (mut asks, mut loads, mut stored, mut asked) = (0, 0, 0, false);
    for one in uses {
        let fits = match one.how {
            How::Test { key, .. } => {
                asks += 1;
                same(key)
            }
            How::Load { .. } if source.is_expected_missing(one.stmt) => {
                asked = true;
                true
            }
            How::Load { key, .. } => {
                loads += 1;
                same(key)
            }
            How::Store { key, .. } => {
                stored += 1;
                same(key)
            }
            How::Drop { key, .. } => same(key),
            How::Asked => {
                asked = true;
                true
            }
            How::SetDefault(_) => {
                stored += 1;
                true
            }
            _ => false,
        };
        if !fits {
            return Err(read_elsewhere(site, part, one));
        }
    }
    let text = |of: &Use| source.expr(of.at).to_owned();
    for one in uses {
        match one.how {
            How::Store { .. } | How::SetDefault(_) => {
                let at = text(one);
                let takes = format!("\t{at}.popitem(last=False)");
                // Nothing runs after a `return`: the place is made before.
                let edit = if matches!(tree[one.stmt].kind, StmtKind::Return(_)) {
                    let line = format!("if len({at}) >= {ENTRIES}:");
                    source.before_lines(one.stmt, &[&line, &takes])
                } else {
                    let line = format!("if len({at}) > {ENTRIES}:");
                    source.after(one.stmt, &[&line, &takes])
                };
                edits.push(edit.ok_or_else(odd)?);
            }
            How::Drop { stmt, key } => {
                let text = format!("{}.pop({}, None)", text(one), source.expr(key));
                edits.push(replace(tree[stmt].span, text));
            }
            _ => {}
        }
    }
    let stores: Vec<StmtId> =
        uses.iter().filter(|one| matches!(one.how, How::Store { .. })).map(|one| one.stmt).collect();
    // Whether a store was made on every way to a place.
    let is_stored = |one: &Use| {
        stores.iter().any(|&store| {
            let block = source.siblings(store);
            let before = tree[store].span.end <= tree[one.at].span.start;
            before && source.way_up(one.stmt).iter().any(|up| block.contains(up))
        })
    };
    let is_asked = |one: &Use| {
        uses.iter().any(|ask| match ask.how {
            How::Test { whole, negated, .. } => {
                let (test, place) = (tree[ask.stmt].span, tree[one.at].span);
                let guards = negated || spans(test, place);
                tree[whole].span.end <= place.start && guards
                    || ask.stmt == one.stmt
                        && matches!(tree[ask.stmt].kind, StmtKind::Return(_) | StmtKind::Assign { .. })
            }
            _ => false,
        })
    };
    let reads = || uses.iter().filter(|one| matches!(one.how, How::Test { .. } | How::Load { .. }));
    let reads_first = reads().any(|one| !is_stored(one));
    let trusts = reads().any(|one| matches!(one.how, How::Load { .. }) && !is_stored(one) && !is_asked(one));
    let Some(key) = key.filter(|_| asks + loads > 0) else {
        // Only stores, or only questions that say what they take for an answer.
        return Ok(asked && stored == 0);
    };
    if !is_steady(source, key) {
        return Err(Refusal::shape("the key is worked out anew at each place"));
    }
    if trusts {
        return Err(Refusal::shape(format!("`{}` trusts that an entry is there", name_of(source, function))));
    }
    let local = local(source, holder, function, uses)?;
    let mut gone: Option<StmtId> = None;
    if let Some((_, Some(stmt))) = &local {
        gone = Some(*stmt);
    }
    let name = local.as_ref().map_or("", |(name, _)| name.as_str());
    let anchor =
        anchor(source, uses).ok_or_else(|| Refusal::shape("the places that use it have no block in common"))?;
    let until = uses.iter().map(|one| tree[one.at].span.end).max().unwrap_or_default();
    if rebinds(source, key, function, Span { start: tree[anchor].span.start, end: until }) {
        return Err(Refusal::shape("the key changes between the places that use it"));
    }
    // Where an entry may be `None`, that nothing is there has to be told otherwise.
    let empty = uses.iter().any(|one| matches!(one.how, How::Store { value, .. } if may_be_none(source, value, 3)));
    let absent = if empty { "..." } else { "None" };
    if reads_first {
        let of = uses.first().map(text).unwrap_or_default();
        let line = format!("{name} = {of}.get({}{})", source.expr(key), if absent == "None" { "" } else { ", ..." });
        edits.push(source.before(anchor, &line).ok_or_else(odd)?);
    }
    for one in uses {
        match one.how {
            How::Test { whole, negated, .. } => {
                let word = if negated { "is" } else { "is not" };
                let mut text = format!("{name} {word} {absent}");
                if !matches!(source.parent(whole).map(|parent| tree[parent].kind), None | Some(ExprKind::Bool { .. })) {
                    text = format!("({text})");
                }
                edits.push(replace(tree[whole].span, text));
            }
            How::Load { whole, .. } => {
                if gone.is_some_and(|stmt| stmt == one.stmt) {
                    edits.push(replace(source.lines_of(tree[one.stmt].span), ""));
                } else {
                    edits.push(replace(tree[whole].span, name));
                }
            }
            How::Store { .. } => edits.push(insert(tree[one.stmt].span.start, format!("{name} = "))),
            _ => {}
        }
    }
    Ok(stored == 0)
}

/// Whether a stored value may well be `None`: a `get` without anything instead, `None` itself, or a name that is bound to such.
fn may_be_none(source: &Source<'_>, value: ExprId, left: u8) -> bool {
    let Some(left) = left.checked_sub(1) else { return true };
    match source.tree()[value].kind {
        ExprKind::Const(Const::None) => true,
        ExprKind::Await(value) => may_be_none(source, value, left),
        ExprKind::Name(name) => {
            let scope = source.program.scope_of(FILE.expr(value));
            source.program.bindings(scope, name).any(|binding| {
                let Binding::Target(target) = binding else { return true };
                let stmt = source.stmt_of(target).map(|stmt| source.tree()[stmt].kind);
                match stmt {
                    Some(StmtKind::Assign { value: Some(value), .. }) => may_be_none(source, value, left),
                    Some(StmtKind::AugAssign { .. }) => false,
                    _ => true,
                }
            })
        }
        ExprKind::Call { args, .. } => {
            crate::rules::look::call_name(&source.program, FILE.expr(value)) == Some("get") && args.len() == 1
        }
        ExprKind::IfElse { body, orelse, .. } => may_be_none(source, body, left) || may_be_none(source, orelse, left),
        ExprKind::Bool { values, .. } => source.tree()[values].iter().any(|&value| may_be_none(source, value, left)),
        _ => false,
    }
}

/// The name that the entry gets: the one that the function gives it already, with the statement that does so, or one that is free.
fn local(
    source: &Source<'_>,
    holder: &Holder,
    function: FunctionId,
    uses: &[Use],
) -> Result<Option<(String, Option<StmtId>)>, Refusal> {
    let tree = source.tree();
    let own = uses.iter().find_map(|one| {
        let How::Load { whole, .. } = one.how else { return None };
        let name = source.assigned(one.stmt, whole)?;
        let sym = source.program.names.find(name)?;
        let scope = Scope::Function(function);
        let once = source.program.bindings(scope, sym).count() == 1;
        let alone = source.siblings(one.stmt).len() > 1 && source.ends_line(one.stmt);
        let last = uses.iter().all(|other| tree[other.at].span.start <= tree[one.at].span.start);
        (once && alone && last).then(|| (name.to_owned(), Some(one.stmt)))
    });
    if own.is_some() {
        return Ok(own);
    }
    let names = ["entry", "cached", "known", "kept"];
    let free = source.free(&names).ok_or_else(|| Refusal::shape("no short name is free there"))?;
    let _ = holder;
    Ok(Some((free.to_owned(), None)))
}

/// The first statement that uses it in the innermost block that all uses stand in.
fn anchor(source: &Source<'_>, uses: &[Use]) -> Option<StmtId> {
    let ways: Vec<Vec<StmtId>> = uses.iter().map(|one| source.way_up(one.stmt)).collect();
    let first = ways.first()?;
    first.iter().copied().find(|&candidate| {
        let block = source.siblings(candidate);
        ways.iter().all(|way| way.iter().any(|stmt| block.contains(stmt)))
    })
}

/// Whether reading an expression again gives the same, as long as its names are not bound anew.
fn is_steady(source: &Source<'_>, key: ExprId) -> bool {
    let tree = source.tree();
    match tree[key].kind {
        ExprKind::Name(_) | ExprKind::Const(_) => true,
        ExprKind::Attribute { base, .. } => is_steady(source, base),
        ExprKind::Tuple(parts) | ExprKind::Fstring(parts) => tree[parts].iter().all(|&part| is_steady(source, part)),
        ExprKind::Subscript { base, index } => is_steady(source, base) && is_steady(source, index),
        _ => false,
    }
}

/// Whether a name of the key is bound within a part of the function.
fn rebinds(source: &Source<'_>, key: ExprId, function: FunctionId, within: Span) -> bool {
    struct Names(Vec<Sym>);
    impl Visit for Names {
        fn expr(&mut self, tree: &Tree, expr: ExprId) -> bool {
            if let ExprKind::Name(name) = tree[expr].kind {
                self.0.push(name);
            }
            true
        }
    }
    let mut names = Names(Vec::new());
    source.tree().walk_expr(key, &mut names);
    names.0.into_iter().any(|name| {
        source.program.bindings(Scope::Function(function), name).any(|binding| match binding {
            Binding::Target(target) => {
                let at = source.tree()[target].span.start;
                (within.start..within.end).contains(&at)
            }
            Binding::Param(_) => false,
            _ => true,
        })
    })
}

impl Source<'_> {
    /// Whether a statement stands in a `try` that handles a missing key.
    fn is_expected_missing(&self, stmt: StmtId) -> bool {
        let tree = self.tree();
        self.way_up(stmt).into_iter().any(|one| {
            let Some((outer, crate::program::Part::Body)) = self.block_of(one) else { return false };
            let StmtKind::Try { handlers, .. } = tree[outer].kind else { return false };
            tree[handlers].iter().any(|handler| {
                let Some(caught) = handler.exceptions else { return false };
                let caught = match tree[caught].kind {
                    ExprKind::Tuple(parts) => tree[parts].to_vec(),
                    _ => vec![caught],
                };
                caught.into_iter().any(|caught| matches!(self.expr(caught), "KeyError" | "LookupError"))
            })
        })
    }
}
