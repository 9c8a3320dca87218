//! Fixes that send each row when it is there, in place of gathering all pages and putting the whole answer together.

use super::gathered::{Adds, Gathered, names_in};
use super::sink::{Sink, only_read};
use super::site::Site;
use super::source::{FILE, Source, indented, replace};
use super::{Fix, Refusal};
use crate::program::{Binding, FunctionId, Scope};
use crate::rules::look::{call_name, spans};
use crate::syntax::{Comprehension, ExprId, ExprKind, Span, StmtId, StmtKind, Sym};

/// A generator that takes the place of gathered rows.
pub(super) struct Generator<'s> {
    /// Where its lines begin, and what they replace.
    pub(super) lines: Span,
    /// The indentation of the function's statements.
    pub(super) base: &'s str,
    /// Its body, with indentation.
    pub(super) text: String,
    /// The name of what stands between rows.
    pub(super) separator: Option<&'static str>,
    /// Whether it waits.
    pub(super) waits: bool,
    /// The function that it is made in.
    pub(super) function: FunctionId,
}

/// Rows that are gathered, put together and answered are sent one after the other.
pub(super) fn answer(site: &Site<'_>) -> Result<Fix, Refusal> {
    let source = &site.source;
    let tree = source.tree();
    let list = Gathered::of(site)?;
    let read = list.only_read(source)?;
    let sink = Sink::of(source, list.function, list.name, read)?;
    own_names(source, &list, list.whole(source), &sink.moved, sink.response)?;
    let odd = || Refusal::shape("a statement shares its line with another");
    if !source.ends_line(list.add) || !source.ends_line(list.made) {
        return Err(odd());
    }
    let base = source.indent(tree[list.made].span.start).ok_or_else(odd)?;
    let separator = separator(source, &sink)?;
    let body = match list.adds {
        Adds::All(all) => {
            let head = format!("for {} in {}:", sink.row, source.iterable(all));
            std::iter::once(head).chain(sink.lines(separator, 1)).collect()
        }
        Adds::One(one) => {
            let named = (sink.row != source.expr(one)).then(|| format!("{} = {}", sink.row, source.expr(one)));
            named.into_iter().chain(sink.lines(separator, 0)).collect::<Vec<String>>()
        }
    };
    let (text, span) = list.looped(source, &|indent| deep(source, indent, &body)).ok_or_else(odd)?;
    let text =
        indented(&text, source.unit()).ok_or_else(|| Refusal::shape("a text of several lines stands in the loop"))?;
    let start = source.lines_of(tree[list.made].span).start.min(span.start);
    let lines = Span { start, end: span.end };
    let waits = waits(source, span, list.function);
    finish(site, &sink, &Generator { lines, base, text, separator, waits, function: list.function })
}

/// All pages that are read as one result, put together and answered are sent row by row.
pub(super) fn full_result(site: &Site<'_>) -> Result<Fix, Refusal> {
    let source = &site.source;
    let full = Full::of(site)?;
    let sink = Sink::of(source, full.function, full.name, full.read)?;
    let separator = separator(source, &sink)?;
    let mut body = vec![
        format!("for {} in {}:", full.page, full.pages),
        format!("\tfor {} in {}[\"Items\"]:", sink.row, full.page),
    ];
    body.extend(sink.lines(separator, 2));
    let text = deep(source, &format!("{}{}", full.base, source.unit()), &body);
    let lines = source.lines_of(source.tree()[full.stmt].span);
    finish(site, &sink, &Generator { lines, base: full.base, text, separator, waits: false, function: full.function })
}

/// `rows = ….paginate(…).build_full_result()["Items"]`, read once.
pub(super) struct Full<'s> {
    pub(super) function: FunctionId,
    /// The statement.
    pub(super) stmt: StmtId,
    /// The name of the rows.
    pub(super) name: Sym,
    /// The only place that reads them.
    pub(super) read: ExprId,
    /// What gives the pages, which are small now.
    pub(super) pages: String,
    /// A name for a page.
    pub(super) page: &'static str,
    /// The indentation of the statement.
    pub(super) base: &'s str,
}

impl<'s> Full<'s> {
    pub(super) fn of(site: &'s Site<'_>) -> Result<Self, Refusal> {
        let source = &site.source;
        let tree = source.tree();
        let none = || Refusal::NoTemplate { check: "a full result that is used otherwise".to_owned() };
        let at = source.statement(site.line, |_| true).ok_or_else(none)?;
        let function = source.program.scope_of_stmt(FILE.stmt(at)).function().ok_or_else(none)?;
        let calls = source.program.calls_in(Scope::Function(function));
        let full = |call: &&crate::program::CallSite| {
            call.name.is_some_and(|name| source.program.text(name) == "build_full_result")
        };
        let mut fulls = calls.iter().filter(full);
        let (Some(call), None) = (fulls.next(), fulls.next()) else { return Err(none()) };
        let items = source.parent(call.at.expr).ok_or_else(none)?;
        let ExprKind::Subscript { index, .. } = tree[items].kind else { return Err(none()) };
        let stmt = source.directly_of(items).ok_or_else(none)?;
        let name = source.assigned(stmt, items).ok_or_else(none)?;
        let read = only_read(source, function, name).ok_or_else(none)?;
        let pages = source.program.receiver(call.at).ok_or_else(none)?.expr;
        let plain = source.block_of(stmt).is_none() && source.ends_line(stmt);
        if source.expr(index).trim_matches(['"', '\'']) != "Items" || !plain || call.awaited {
            return Err(none());
        }
        let span = tree[pages].span;
        let text = source.edited(span, &source.smaller_pages(span)).ok_or_else(none)?;
        Ok(Self {
            function,
            stmt,
            name: source.program.names.find(name).ok_or_else(none)?,
            read,
            pages: text,
            page: source.free(&["page", "answer_page"]).ok_or_else(none)?,
            base: source.indent(tree[stmt].span.start).ok_or_else(none)?,
        })
    }
}

/// Pages that are listed, gone through once and answered are sent one after the other.
pub(super) fn listed(site: &Site<'_>) -> Result<Fix, Refusal> {
    let source = &site.source;
    let tree = source.tree();
    let none = || Refusal::shape("no pages are listed there by a plain assignment");
    let call = source.calls(site.line, |name| name == "list").into_iter().next().ok_or_else(none)?;
    let stmt = source.directly_of(call.at.expr).ok_or_else(none)?;
    let function = call.scope.function().ok_or_else(none)?;
    let name = source.assigned(stmt, call.at.expr).and_then(|name| source.program.names.find(name)).ok_or_else(none)?;
    let pages = source.program.positional(call.at, 0).ok_or_else(none)?;
    let once = source.program.bindings(Scope::Function(function), name).count() == 1;
    let reads: Vec<ExprId> = source
        .exprs()
        .filter(|&expr| matches!(tree[expr].kind, ExprKind::Name(found) if found == name))
        .filter(|&expr| source.program.scope_of(FILE.expr(expr)).function() == Some(function))
        .filter(|&expr| source.stmt_of(expr) != Some(stmt))
        .collect();
    let ([read], true) = (&reads[..], once) else {
        return Err(Refusal::shape("the listed pages are read at more than one place"));
    };
    // `[row(item) for page in pages for item in page["Items"]]`
    let whole = source.parent(*read).ok_or_else(none)?;
    let ExprKind::Comprehension { kind: Comprehension::List | Comprehension::Generator, element, clauses, .. } =
        tree[whole].kind
    else {
        return Err(Refusal::shape("the listed pages are not gone through by a comprehension"));
    };
    let [page, item] = &tree[clauses] else {
        return Err(Refusal::shape("the rows of the listed pages are not gone through by a comprehension"));
    };
    if page.iter != *read || !page.conditions.is_empty() || page.is_async || item.is_async {
        return Err(none());
    }
    let mut sink = Sink::of_rows(source, function, whole)?;
    let row = source.expr(item.target).to_owned();
    if sink.row.is_empty() {
        sink.piece = sink.piece.replace('\u{1}', source.expr(element));
    } else {
        sink.made.insert(0, (std::mem::take(&mut sink.row), source.expr(element).to_owned()));
        for condition in &mut sink.conditions {
            condition.0 += 1;
        }
    }
    sink.row = row;
    for &condition in &tree[item.conditions] {
        sink.conditions.insert(0, (0, source.expr(condition).to_owned()));
    }
    sink.moved.push(whole);
    let odd = || Refusal::shape("a statement shares its line with another");
    let base = source.indent(tree[stmt].span.start).ok_or_else(odd)?;
    if !source.ends_line(stmt) || source.block_of(stmt).is_some() {
        return Err(odd());
    }
    let separator = separator(source, &sink)?;
    let mut all = source.iterable(pages.expr);
    let span = tree[pages.expr].span;
    for edit in source.smaller_pages(span).iter().rev() {
        all.insert_str((edit.span.start - span.start) as usize, &edit.text);
    }
    let mut body = vec![
        format!("for {} in {all}:", source.expr(page.target)),
        format!("\tfor {} in {}:", sink.row, source.iterable(item.iter)),
    ];
    body.extend(sink.lines(separator, 2));
    let text = deep(source, &format!("{base}{}", source.unit()), &body);
    let lines = source.lines_of(tree[stmt].span);
    finish(site, &sink, &Generator { lines, base, text, separator, waits: false, function })
}

/// Everything but the loop itself: the generator's frame, the response, the imports.
pub(super) fn finish(site: &Site<'_>, sink: &Sink, made: &Generator<'_>) -> Result<Fix, Refusal> {
    let source = &site.source;
    let tree = source.tree();
    let none = || Refusal::shape("no short name is free there");
    let name = source.free(&["chunks", "lines", "parts"]).ok_or_else(none)?;
    let (base, unit) = (made.base, source.unit());
    let word = if made.waits { "async def" } else { "def" };
    let first = sink.frame[0].as_ref().map(|first| format!("{base}{unit}yield {first}\n"));
    let separator = made.separator.map(|separator| format!("{base}{unit}{separator} = \"\"\n"));
    let last = sink.frame[2].as_ref().map(|last| format!("{base}{unit}yield {last}\n"));
    let text = [
        format!("{base}{word} {name}():\n"),
        first.unwrap_or_default(),
        separator.unwrap_or_default(),
        made.text.clone(),
        last.unwrap_or_default(),
        "\n".to_owned(),
    ];
    let response = call_name(&source.program, FILE.expr(sink.response));
    let django = matches!(response, Some("HttpResponse" | "StreamingHttpResponse"));
    if django && !made.waits && source.program.function(made.function).is_async {
        return Err(Refusal::shape("an asynchronous view would gather a synchronous stream again"));
    }
    let ExprKind::Call { callee, .. } = tree[sink.response].kind else { return Err(none()) };
    let class = if django { "StreamingHttpResponse" } else { "StreamingResponse" };
    let mut edits = vec![replace(made.lines, text.concat())];
    if source.expr(callee) != class {
        let ExprKind::Name(_) = tree[callee].kind else {
            return Err(Refusal::shape("the response is made by a longer name"));
        };
        edits.push(replace(tree[callee].span, class));
        let module = if django { "django.http" } else { source.responses() };
        let import = source.import_from(module, class);
        edits.extend(import.ok_or_else(|| Refusal::shape(format!("`{class}` is another name there")))?);
    }
    edits.push(replace(tree[sink.content].span, format!("{name}()")));
    for &stmt in &sink.gone {
        edits.push(replace(source.lines_of(tree[stmt].span), ""));
    }
    Ok(Fix::review("send each row when it is there, instead of gathering all pages first", edits)
        .minding("an error of the store after the first rows cuts the answer off, instead of answering 500")
        .minding("the answer has no Content-Length: how long it is shows when it ends"))
}

/// Lines with an indentation; each tab in front is one step deeper.
pub(super) fn deep(source: &Source<'_>, indent: &str, lines: &[String]) -> String {
    let line = |line: &String| {
        let tabs = line.chars().take_while(|&c| c == '\t').count();
        format!("{indent}{}{}\n", source.unit().repeat(tabs), &line[tabs..])
    };
    lines.iter().map(line).collect()
}

/// A name for what stands between rows, where something does.
fn separator(source: &Source<'_>, sink: &Sink) -> Result<Option<&'static str>, Refusal> {
    if sink.frame[1].is_none() {
        return Ok(None);
    }
    let free = source.free(&["separator", "between"]);
    free.map(Some).ok_or_else(|| Refusal::shape("no short name is free there"))
}

/// Whether a part of a function waits.
fn waits(source: &Source<'_>, span: Span, function: FunctionId) -> bool {
    let tree = source.tree();
    let inside = |at: Span| (span.start..span.end).contains(&at.start);
    source.exprs().any(|expr| {
        matches!(tree[expr].kind, ExprKind::Await(_))
            && inside(tree[expr].span)
            && source.program.scope_of(FILE.expr(expr)).function() == Some(function)
    }) || source.all_statements().into_iter().any(|stmt| {
        matches!(tree[stmt].kind, StmtKind::For { is_async: true, .. } | StmtKind::With { is_async: true, .. })
            && inside(tree[stmt].span)
    })
}

/// Refuses when the loop shares names with the rest of the function, or what is sent of a row depends on names that change.
fn own_names(
    source: &Source<'_>,
    list: &Gathered,
    region: Span,
    moved: &[ExprId],
    response: ExprId,
) -> Result<(), Refusal> {
    let tree = source.tree();
    for name in source.bound_in(list.function, region) {
        if name != list.name
            && source.occurs_outside(list.function, name, region)
            && !is_only_in(source, name, moved, response, region)
        {
            return Err(Refusal::shape(format!("`{}` is used beyond the loop", source.program.text(name))));
        }
    }
    for &expr in moved {
        for name in names_in(tree, expr) {
            if name != list.name && source.program.bindings(Scope::Function(list.function), name).count() > 1 {
                let params = source.program.bindings(Scope::Function(list.function), name);
                let rebound = params
                    .filter(|binding| matches!(binding, Binding::Target(target) if !in_comprehension(source, *target)))
                    .count();
                if rebound > 1 {
                    return Err(Refusal::shape(format!("`{}` changes in the function", source.program.text(name))));
                }
            }
        }
    }
    Ok(())
}

fn in_comprehension(source: &Source<'_>, target: ExprId) -> bool {
    source.parent(target).is_some_and(|parent| matches!(source.tree()[parent].kind, ExprKind::Comprehension { .. }))
}

/// Whether all that a name is outside of the loop is the target of a comprehension that moves into it.
fn is_only_in(source: &Source<'_>, name: Sym, moved: &[ExprId], response: ExprId, region: Span) -> bool {
    let tree = source.tree();
    source.exprs().filter(|&expr| matches!(tree[expr].kind, ExprKind::Name(found) if found == name)).all(|expr| {
        let span = tree[expr].span;
        spans(region, span) || moved.iter().any(|&moved| spans(tree[moved].span, span)) || {
            let function = source.program.scope_of(FILE.expr(expr)).function();
            function.is_none() || function != source.program.scope_of(FILE.expr(response)).function()
        }
    })
}
