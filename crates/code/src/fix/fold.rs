//! Fixes that work on each page while it is there, in place of gathering all pages first: sums, counts, and loops that follow.

use super::gathered::{Adds, Gathered, Over, names_in};
use super::site::Site;
use super::source::{Source, dedented, indented, replace};
use super::{Edit, Fix, Refusal};
use crate::syntax::{ExprId, ExprKind, Span, StmtId, StmtKind};

/// What becomes of one way of reading the list.
struct Part {
    /// The line that it begins with, before the loop.
    begins: Vec<String>,
    /// The lines for each page.
    each: Vec<String>,
    edits: Vec<Edit>,
}

/// A list that is only summed, counted or gone through once is never put together.
pub(super) fn page_by_page(site: &Site<'_>) -> Result<Fix, Refusal> {
    let source = &site.source;
    let tree = source.tree();
    let list = Gathered::of(site)?;
    let name = source.program.text(list.name);
    if list.reads.is_empty() {
        return Err(Refusal::shape(format!("nothing reads `{name}`")));
    }
    let odd = || Refusal::shape("a statement shares its line with another");
    let mut parts = Vec::new();
    let page = Page::of(source, &list)?;
    for &read in &list.reads {
        parts.push(part(source, &list, &page, read)?);
    }
    let lines: Vec<String> =
        page.first(parts.len()).into_iter().chain(parts.iter().flat_map(|part| part.each.clone())).collect();
    let begin = source.indent(tree[list.made].span.start).ok_or_else(odd)?;
    if !source.ends_line(list.add) || !source.ends_line(list.made) {
        return Err(odd());
    }
    let written =
        |indent: &str, lines: &[String]| -> String { lines.iter().map(|line| deep(source, indent, line)).collect() };
    let begins: Vec<String> = parts.iter().flat_map(|part| part.begins.clone()).collect();
    let mut edits: Vec<Edit> = parts.into_iter().flat_map(|part| part.edits).collect();
    let (text, span) = list.looped(source, &|indent| written(indent, &lines)).ok_or_else(odd)?;
    let made = source.lines_of(tree[list.made].span);
    let whole = Span { start: made.start.min(span.start), end: span.end };
    edits.push(replace(whole, format!("{}{text}", written(begin, &begins))));
    Ok(Fix::review(format!("work on each page instead of gathering `{name}`"), edits))
}

/// Lines with an indentation; each tab in front is one step deeper.
fn deep(source: &Source<'_>, indent: &str, lines: &str) -> String {
    let line = |line: &str| {
        let tabs = line.chars().take_while(|&c| c == '\t').count();
        format!("{indent}{}{}\n", source.unit().repeat(tabs), &line[tabs..])
    };
    lines.lines().map(line).collect()
}

/// What is there of the list at a time.
struct Page {
    /// How it is read more than once.
    text: String,
    /// How it is bound to a name first, where reading it twice would do the work twice.
    bound: Option<String>,
}

impl Page {
    fn of(source: &Source<'_>, list: &Gathered) -> Result<Self, Refusal> {
        match list.adds {
            Adds::All(all) if source.is_path(all) => Ok(Self { text: source.expr(all).to_owned(), bound: None }),
            Adds::All(all) => {
                let name = source.free(&["batch", "page_rows", "part"]);
                let name = name.ok_or_else(|| Refusal::shape("no short name is free there"))?;
                let made = match source.tree()[all].kind {
                    ExprKind::Comprehension { .. } if source.iterable(all).starts_with('(') => {
                        format!("[{}]", source.iterable(all).trim_start_matches('(').trim_end_matches(')'))
                    }
                    _ => source.expr(all).to_owned(),
                };
                Ok(Self { text: name.to_owned(), bound: Some(format!("{name} = {made}")) })
            }
            Adds::One(one) => Ok(Self { text: format!("[{}]", source.expr(one)), bound: None }),
        }
    }

    fn first(&self, _reads: usize) -> Option<String> {
        self.bound.clone()
    }
}

fn part(source: &Source<'_>, list: &Gathered, page: &Page, read: ExprId) -> Result<Part, Refusal> {
    let tree = source.tree();
    let name = source.program.text(list.name);
    let line = source.line(tree[read].span.start);
    let other = || Refusal::shape(format!("line {line} needs all of `{name}` at once"));
    if let Some(stmt) = source.directly_of(read)
        && matches!(tree[stmt].kind, StmtKind::For { iter, .. } if iter == read)
    {
        return moved(source, list, page, stmt);
    }
    let parent = source.parent(read).ok_or_else(other)?;
    // `len(rows)`
    if let ExprKind::Call { callee, args } = tree[parent].kind
        && matches!(tree[callee].kind, ExprKind::Name(name) if source.program.text(name) == "len")
        && tree[args].len() == 1
    {
        let each = match list.adds {
            Adds::All(_) => format!("len({})", page.text),
            Adds::One(_) => "1".to_owned(),
        };
        let (target, edits) = given(source, list, parent, &["count", "how_many", "number"])?;
        return Ok(Part { begins: vec![format!("{target} = 0")], each: vec![format!("{target} += {each}")], edits });
    }
    // `sum(row["x"] for row in rows)`, `sum(rows)`
    let (summed, text) = match Over::of(source, read) {
        Some(over) => {
            let mut names = names_in(tree, over.element);
            names.extend(over.conditions.iter().flat_map(|&condition| names_in(tree, condition)));
            let own = names_in(tree, over.target);
            let since = Span { start: tree[list.made].span.end, end: tree[read].span.start };
            let changes = names.iter().any(|found| !own.contains(found) && source.binds(list.function, *found, since));
            if changes {
                return Err(Refusal::shape(format!("line {line} uses what is worked out after the pages")));
            }
            let whole = tree[over.whole].span;
            let at = tree[read].span;
            let text = format!(
                "{}{}{}",
                source.slice(Span { start: whole.start, end: at.start }),
                page.text,
                source.slice(Span { start: at.end, end: whole.end })
            );
            let text = if text.starts_with(['(', '[']) { text } else { format!("({text})") };
            (over.whole, text)
        }
        None => (read, page.text.clone()),
    };
    let call = source.parent(summed).ok_or_else(other)?;
    let ExprKind::Call { callee, args } = tree[call].kind else { return Err(other()) };
    let is_sum = matches!(tree[callee].kind, ExprKind::Name(name) if source.program.text(name) == "sum");
    let start = match &tree[args] {
        [one] if is_sum && one.value == summed => "0".to_owned(),
        [one, start] if is_sum && one.value == summed => source.expr(start.value).to_owned(),
        _ => return Err(other()),
    };
    let (target, edits) = given(source, list, call, &["total", "summed", "amount"])?;
    Ok(Part {
        begins: vec![format!("{target} = {start}")],
        each: vec![format!("{target} = sum({text}, {target})")],
        edits,
    })
}

/// The name that a worked-out value has already, with the statement taken away that gives it, or a free one in its place.
fn given(source: &Source<'_>, list: &Gathered, value: ExprId, names: &[&str]) -> Result<(String, Vec<Edit>), Refusal> {
    let tree = source.tree();
    if let Some(stmt) = source.directly_of(value)
        && let Some(name) = source.assigned(stmt, value)
        && let Some(sym) = source.program.names.find(name)
        && source.program.bindings(crate::program::Scope::Function(list.function), sym).count() == 1
        && source.siblings(stmt).len() > 1
        && source.ends_line(stmt)
        && source.indent(tree[stmt].span.start).is_some()
        && source.block_of(stmt).is_none()
    {
        return Ok((name.to_owned(), vec![replace(source.lines_of(tree[stmt].span), "")]));
    }
    let free = source.free(names).ok_or_else(|| Refusal::shape("no short name is free there"))?;
    Ok((free.to_owned(), vec![replace(tree[value].span, free)]))
}

/// `for row in rows: …` after the loop happens for each page.
fn moved(source: &Source<'_>, list: &Gathered, page: &Page, stmt: StmtId) -> Result<Part, Refusal> {
    let tree = source.tree();
    let StmtKind::For { target, iter, body, orelse, is_async: false } = tree[stmt].kind else {
        return Err(Refusal::shape("the loop that follows is asynchronous"));
    };
    let line = source.line(tree[stmt].span.start);
    let unsure = |why: &str| Refusal::shape(format!("the loop in line {line} {why}"));
    if !orelse.is_empty() || source.block_of(stmt).is_some() {
        return Err(unsure("is no plain loop of the function"));
    }
    if super::written::leaves(tree, body) {
        return Err(unsure("may end before the last row"));
    }
    // What it works on is made between: that has to be there before the first page.
    let around = tree[list.around].span;
    let mut begins = Vec::new();
    let mut edits = Vec::new();
    for between in source.siblings(stmt) {
        let span = tree[between].span;
        if span.start < around.end || span.start >= tree[stmt].span.start {
            continue;
        }
        let StmtKind::Assign { value: Some(value), .. } = tree[between].kind else {
            return Err(unsure("comes after something else than plain assignments"));
        };
        let region = list.region(source);
        let depends = names_in(tree, value).into_iter().any(|name| {
            name == list.name
                || source.binds(list.function, name, Span { start: region.start, end: tree[stmt].span.start })
        });
        if depends {
            return Err(unsure("works on what is made of the pages"));
        }
        if source.slice(span).contains('\n') || !source.ends_line(between) {
            return Err(unsure("comes after an assignment of several lines"));
        }
        begins.push(source.slice(span).to_owned());
        edits.push(replace(source.lines_of(span), ""));
    }
    let own = source.bound_in(list.function, tree[stmt].span);
    let loops = tree[list.around].span;
    let clash = own.into_iter().any(|name| {
        source.exprs().any(|expr| {
            matches!(tree[expr].kind, ExprKind::Name(found) if found == name)
                && (loops.start..loops.end).contains(&tree[expr].span.start)
        })
    });
    if clash {
        return Err(unsure("uses a name that the loop over the pages has too"));
    }
    let lines = source.lines_of(tree[stmt].span);
    let first = *tree[body].first().ok_or_else(|| unsure("is empty"))?;
    // Comments before the first statement come with it.
    let from = source.line_end(tree[iter].span.end - 1).min(source.line_start(tree[first].span.start));
    let inner = source.indent(tree[first].span.start).ok_or_else(|| unsure("stands in one line"))?;
    let text = source.slice(Span { start: from, end: lines.end });
    let text = dedented(text, inner.len()).and_then(|text| indented(&text, "\t"));
    let text = text.ok_or_else(|| unsure("holds text of several lines"))?;
    edits.push(replace(lines, ""));
    let head = format!("for {} in {}:", source.expr(target), page.text);
    Ok(Part { begins, each: vec![format!("{head}\n{}", text.trim_end_matches('\n'))], edits })
}
