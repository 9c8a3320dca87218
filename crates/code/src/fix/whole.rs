//! All rows of a read that a function answers with: where they are read, how, and what prepares it. Decides nothing.

use super::Refusal;
use super::asks::Asks;
use super::cursor::odd;
use super::gathered::{Adds, Gathered};
use super::sink::only_read;
use super::site::Site;
use super::source::{FILE, Source};
use super::stream::Full;
use crate::program::{CallSite, FunctionId, Scope};
use crate::rules::look::{call_name, spans, text};
use crate::syntax::{ExprId, ExprKind, Span, StmtId, StmtKind, Sym};

/// How the rows get their name.
pub(super) enum Made {
    /// A name, and what it is given of the answer U+0001.
    Named(String, String),
    /// The expression that is the rows.
    InPlace(ExprId),
}

/// All rows of a read.
pub(super) struct Rows<'s> {
    pub(super) function: FunctionId,
    /// The statement that makes way for the read of one page, or before which it is put.
    pub(super) at: StmtId,
    pub(super) made: Made,
    /// Where the rows are read.
    pub(super) read: ExprId,
    pub(super) asks: Asks<'s>,
    /// Statements that are needed no more.
    pub(super) gone: Vec<StmtId>,
}

impl<'s> Rows<'s> {
    pub(super) fn of(site: &'s Site<'_>) -> Result<Self, Refusal> {
        match Self::gathered(site) {
            Ok(rows) => Ok(rows),
            Err(why) => match Self::full(site) {
                Ok(rows) => Ok(rows),
                Err(_) => Self::single(site).map_err(|_| why),
            },
        }
    }

    /// A list that a loop over the pages fills.
    fn gathered(site: &'s Site<'_>) -> Result<Self, Refusal> {
        let source = &site.source;
        let tree = source.tree();
        let list = Gathered::of(site)?;
        let name = source.program.text(list.name);
        let read = list.only_read(source)?;
        // What of the loop goes on in what the rows become.
        let mut kept: Vec<ExprId> = Vec::new();
        let value = match list.adds {
            Adds::All(all) if is_items(source, all) => "\u{1}[\"Items\"]".to_owned(),
            Adds::All(all) => match tree[all].kind {
                ExprKind::Comprehension { element, value: None, clauses, .. } => {
                    let [clause] = &tree[clauses] else { return Err(odd()) };
                    if !is_items(source, clause.iter) || clause.is_async {
                        return Err(odd());
                    }
                    kept.push(element);
                    kept.extend(&tree[clause.conditions]);
                    let conditions = tree[clause.conditions].iter().map(|&one| format!(" if {}", source.expr(one)));
                    format!(
                        "[{} for {} in \u{1}[\"Items\"]{}]",
                        source.expr(element),
                        source.expr(clause.target),
                        conditions.collect::<String>()
                    )
                }
                _ => return Err(odd()),
            },
            Adds::One(one) => {
                let (inner, _) = source.block_of(list.add).ok_or_else(odd)?;
                let StmtKind::For { target, iter, body, orelse, is_async: false } = tree[inner].kind else {
                    return Err(odd());
                };
                if body.len() != 1 || !orelse.is_empty() || !is_items(source, iter) {
                    return Err(odd());
                }
                kept.push(one);
                match (source.expr(one), source.expr(target)) {
                    (one, row) if one == row => "\u{1}[\"Items\"]".to_owned(),
                    (one, row) => format!("[{one} for {row} in \u{1}[\"Items\"]]"),
                }
            }
        };
        // What makes the list goes, and must make nothing else.
        let is_made_alone = source.ends_line(list.made)
            && matches!(tree[list.made].kind, StmtKind::Assign { targets, .. } if targets.len() == 1);
        if !is_made_alone || !only_gathers(source, &list) {
            return Err(Refusal::shape(format!("the loop does more than to gather `{name}`, page by page")));
        }
        let mut gone = vec![list.made];
        gone.extend(list.first);
        let span = list.whole(source);
        // What the loop binds must be nobody else's.
        for name in source.bound_in(list.function, tree[list.around].span) {
            if name != list.name && is_read_after(source, list.function, name, list.around) {
                return Err(Refusal::shape(format!("`{}` is used beyond the loop", source.program.text(name))));
            }
        }
        // The pages may have a name before.
        let named = match tree[list.around].kind {
            StmtKind::For { iter, .. } => pages_of(source, list.function, iter),
            _ => None,
        };
        gone.extend(named);
        let spans: Vec<_> = std::iter::once(span).chain(named.map(|stmt| tree[stmt].span)).collect();
        let asks = Asks::within(source, list.function, &spans)?;
        gone.extend(asks.gone(source, list.function, list.around, &gone, &kept));
        Ok(Self {
            function: list.function,
            at: list.around,
            made: Made::Named(name.to_owned(), value),
            read,
            asks,
            gone,
        })
    }

    /// All pages as one result.
    fn full(site: &'s Site<'_>) -> Result<Self, Refusal> {
        let full = Full::of(site)?;
        let source = &site.source;
        let asks = Asks::within(source, full.function, &[source.tree()[full.stmt].span])?;
        let gone = asks.gone(source, full.function, full.stmt, &[], &[]);
        let name = source.program.text(full.name).to_owned();
        let made = Made::Named(name, "\u{1}[\"Items\"]".to_owned());
        Ok(Self { function: full.function, at: full.stmt, made, read: full.read, asks, gone })
    }

    /// The rows of the only answer: `table.scan()["Items"]`.
    fn single(site: &'s Site<'_>) -> Result<Self, Refusal> {
        let source = &site.source;
        let tree = source.tree();
        let at = source.statement(site.line, |_| true).ok_or_else(odd)?;
        let function = source.program.scope_of_stmt(FILE.stmt(at)).function().ok_or_else(odd)?;
        let asks = Asks::within(source, function, &[tree[function.ix].span])?;
        let [call] = asks.calls[..] else { return Err(odd()) };
        let inner = if call.awaited { source.parent(call.at.expr).ok_or_else(odd)? } else { call.at.expr };
        let items = match source.directly_of(inner) {
            // `answer = table.scan()`, of which the rows are taken once.
            Some(stmt) => {
                let name = source.assigned(stmt, inner).ok_or_else(odd)?;
                let read = only_read(source, function, name).ok_or_else(odd)?;
                let items = items_of(source, read).ok_or_else(odd)?;
                if source.block_of(stmt).is_some() || !source.ends_line(stmt) {
                    return Err(odd());
                }
                let at = source.stmt_of(items).ok_or_else(odd)?;
                if source.block_of(at).is_some() {
                    return Err(odd());
                }
                return Ok(Self { function, at, made: Made::InPlace(items), read: items, asks, gone: vec![stmt] });
            }
            None => items_of(source, inner).ok_or_else(odd)?,
        };
        let at = source.stmt_of(items).ok_or_else(odd)?;
        if source.block_of(at).is_some() {
            return Err(odd());
        }
        Ok(Self { function, at, made: Made::InPlace(items), read: items, asks, gone: Vec::new() })
    }
}

/// Whether a name occurs in a function after a statement.
fn is_read_after(source: &Source<'_>, function: FunctionId, name: Sym, stmt: StmtId) -> bool {
    let tree = source.tree();
    let rest = tree[stmt].span.end..tree[function.ix].span.end;
    source.exprs().any(|expr| {
        matches!(tree[expr].kind, ExprKind::Name(found) if found == name) && rest.contains(&tree[expr].span.start)
    })
}

/// The statement that names the pages which a loop goes through, where nothing else reads the name.
fn pages_of(source: &Source<'_>, function: FunctionId, iter: ExprId) -> Option<StmtId> {
    let tree = source.tree();
    let ExprKind::Name(name) = tree[iter].kind else { return None };
    let name = source.program.text(name);
    (only_read(source, function, name)? == iter).then_some(())?;
    source.siblings(source.stmt_of(iter)?).into_iter().find(|&stmt| {
        let paginates = match tree[stmt].kind {
            StmtKind::Assign { value: Some(value), .. } => {
                source.assigned(stmt, value) == Some(name)
                    && call_name(&source.program, FILE.expr(value)) == Some("paginate")
            }
            _ => false,
        };
        paginates && source.ends_line(stmt) && source.indent(tree[stmt].span.start).is_some()
    })
}

/// `page["Items"]`, `page.get("Items", [])`.
fn is_items(source: &Source<'_>, expr: ExprId) -> bool {
    match source.tree()[expr].kind {
        ExprKind::Subscript { index, .. } => text(&source.program, FILE.expr(index)) == Some("Items"),
        ExprKind::Call { .. } => {
            call_name(&source.program, FILE.expr(expr)) == Some("get")
                && source.program.positional(FILE.expr(expr), 0).and_then(|at| text(&source.program, at))
                    == Some("Items")
        }
        _ => false,
    }
}

/// The rows that are taken of an answer.
fn items_of(source: &Source<'_>, answer: ExprId) -> Option<ExprId> {
    let parent = source.parent(answer)?;
    let whole = match source.tree()[parent].kind {
        ExprKind::Attribute { .. } => source.parent(parent)?,
        _ => parent,
    };
    is_items(source, whole).then_some(whole)
}

/// Whether a loop over pages does nothing but to read them, to add their rows, and to go on: the whole of it is replaced by one read.
fn only_gathers(source: &Source<'_>, list: &Gathered) -> bool {
    let tree = source.tree();
    // The statement of the loop's own block that adds: the addition itself, or the loop over rows around it.
    let adding = match list.adds {
        Adds::All(_) => Some(list.add),
        Adds::One(_) => source.block_of(list.add).map(|(rows, _)| rows),
    };
    let is_of_loop = |stmt: StmtId| source.block_of(stmt).is_some_and(|(outer, _)| outer == list.around);
    let Some(adding) = adding.filter(|&adding| is_of_loop(adding)) else { return false };
    let calls = || source.program.calls_in(Scope::Function(list.function)).iter();
    let is_read = |call: &CallSite| call.name.is_some_and(|name| matches!(source.program.text(name), "scan" | "query"));
    let reads = |span: Span| calls().any(|call| is_read(call) && spans(span, tree[call.at.expr].span));
    // The answer itself: what is made of it on the way would be lost.
    let is_read_itself = |value: ExprId| {
        let asked = if let ExprKind::Await(asked) = tree[value].kind { asked } else { value };
        calls().any(|call| is_read(call) && call.at.expr == asked)
    };
    let pages = |iter: ExprId| {
        call_name(&source.program, FILE.expr(iter)) == Some("paginate")
            || pages_of(source, list.function, iter).is_some()
    };
    // Where the next page begins: the store's word for it, or a name that is given it here.
    let block: Vec<StmtId> = source.siblings(adding).into_iter().filter(|&stmt| stmt != adding).collect();
    let says = |text: &str| text.contains("LastEvaluatedKey") || text.contains("ExclusiveStartKey");
    let goes_on = |stmt: StmtId| match tree[stmt].kind {
        StmtKind::Assign { targets, value: Some(value), .. } if targets.len() == 1 => {
            if reads(tree[stmt].span) {
                is_read_itself(value)
            } else {
                says(source.slice(tree[stmt].span))
            }
        }
        _ => false,
    };
    let is_about_going_on = |test: ExprId| {
        let text = source.expr(test);
        let name = text.trim_start_matches("not ").split(" is ").next().unwrap_or(text);
        let is_given =
            |stmt: &StmtId| goes_on(*stmt) && source.slice(tree[*stmt].span).starts_with(&format!("{name} ="));
        says(text) || text == "True" || block.iter().any(is_given)
    };
    let is_loop_of_pages = match tree[list.around].kind {
        StmtKind::For { iter, orelse, .. } => orelse.is_empty() && pages(iter),
        StmtKind::While { test, orelse, .. } => orelse.is_empty() && is_about_going_on(test),
        _ => false,
    };
    let is_plain = |stmt: StmtId| match tree[stmt].kind {
        StmtKind::If { test, .. } => {
            let inner = source.all_statements().into_iter();
            let mut inner = inner.filter(|&one| one != stmt && source.way_up(one).contains(&stmt));
            is_about_going_on(test) && inner.all(|one| matches!(tree[one].kind, StmtKind::Break) || goes_on(one))
        }
        StmtKind::Break => true,
        _ => goes_on(stmt),
    };
    is_loop_of_pages && list.first.is_none_or(goes_on) && block.iter().all(|&stmt| is_plain(stmt))
}
