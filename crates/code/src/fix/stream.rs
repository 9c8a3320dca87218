//! Fixes that send each row when it is there, in place of gathering all pages and putting the whole answer together.

use super::gathered::{Adds, Gathered, Over, names_in};
use super::site::Site;
use super::source::{FILE, Source, indented, replace};
use super::{Edit, Fix, Refusal};
use crate::program::{Binding, FunctionId, Scope};
use crate::rules::look::call_name;
use crate::syntax::{Comprehension, ExprId, ExprKind, Span, StmtId, StmtKind, Sym};

/// How rows become text.
struct Sink {
    /// The statements that only prepare the answer, which go away.
    gone: Vec<StmtId>,
    /// The call that makes the response.
    response: ExprId,
    /// Its content.
    content: ExprId,
    /// What comes before the first row, between rows, and after the last.
    frame: [Option<String>; 3],
    /// The name of a row.
    row: String,
    /// Further names: what each is made of, in order.
    made: Vec<(String, String)>,
    /// Conditions on a row, each with how many of the names have to be made first.
    conditions: Vec<(usize, String)>,
    /// What is sent of a row.
    piece: String,
    /// The expressions that move into the generator.
    moved: Vec<ExprId>,
}

/// Rows that are gathered, put together and answered are sent one after the other.
pub(super) fn answer(site: &Site<'_>) -> Result<Fix, Refusal> {
    let source = &site.source;
    let tree = source.tree();
    let list = Gathered::of(site)?;
    let name = source.program.text(list.name);
    let [read] = list.reads[..] else {
        return Err(Refusal::shape(format!("`{name}` is read at more than one place")));
    };
    let sink = Sink::of(source, list.function, list.name, read)?;
    let region = list.whole(source);
    own_names(source, &list, region, &sink)?;
    let odd = || Refusal::shape("a statement shares its line with another");
    if !source.ends_line(list.add) || !source.ends_line(list.made) {
        return Err(odd());
    }
    let base = source.indent(tree[list.made].span.start).ok_or_else(odd)?;
    let (head, rows) = match list.adds {
        Adds::All(all) => (format!("for {} in {}:", sink.row, source.iterable(all)), 1),
        Adds::One(one) => (format!("{} = {}", sink.row, source.expr(one)), 0),
    };
    let head = if head == format!("{0} = {0}", sink.row) { String::new() } else { head };
    let separator = separator(source, &sink)?;
    let body = sink.lines(separator, rows);
    let work = |indent: &str| {
        let head = if head.is_empty() { String::new() } else { format!("{indent}{head}\n") };
        head + &deep(source, indent, &body)
    };
    let (text, span) = list.looped(source, &work).ok_or_else(odd)?;
    let text =
        indented(&text, source.unit()).ok_or_else(|| Refusal::shape("a text of several lines stands in the loop"))?;
    let waits = waits(source, span, list.function);
    let start = source.lines_of(tree[list.made].span).start.min(span.start);
    let edits = vec![replace(Span { start, end: span.end }, String::new())];
    finish(site, &sink, edits, start, base, &text, separator, waits, list.function)
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
    let edits = vec![replace(source.lines_of(tree[stmt].span), "")];
    finish(site, &sink, edits, source.line_start(tree[stmt].span.start), base, &text, separator, false, function)
}

/// Everything but the loop itself: the generator's frame, the response, the imports.
fn finish(
    site: &Site<'_>,
    sink: &Sink,
    mut edits: Vec<Edit>,
    at: u32,
    base: &str,
    text: &str,
    separator: Option<&str>,
    waits: bool,
    function: FunctionId,
) -> Result<Fix, Refusal> {
    let source = &site.source;
    let tree = source.tree();
    let none = || Refusal::shape("no short name is free there");
    let name = source.free(&["chunks", "lines", "parts"]).ok_or_else(none)?;
    let unit = source.unit();
    let word = if waits { "async def" } else { "def" };
    let mut made = format!("{base}{word} {name}():\n");
    if let Some(first) = &sink.frame[0] {
        made.push_str(&format!("{base}{unit}yield {first}\n"));
    }
    if let Some(separator) = separator {
        made.push_str(&format!("{base}{unit}{separator} = \"\"\n"));
    }
    made.push_str(text);
    if let Some(last) = &sink.frame[2] {
        made.push_str(&format!("{base}{unit}yield {last}\n"));
    }
    made.push('\n');
    let django =
        matches!(call_name(&source.program, FILE.expr(sink.response)), Some("HttpResponse" | "StreamingHttpResponse"));
    if django && !waits && source.program.function(function).is_async {
        return Err(Refusal::shape("an asynchronous view would gather a synchronous stream again"));
    }
    let ExprKind::Call { callee, .. } = tree[sink.response].kind else { return Err(none()) };
    let class = if django { "StreamingHttpResponse" } else { "StreamingResponse" };
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
    // The list's own lines give way to the generator.
    let first = edits.iter_mut().find(|edit| edit.span.start == at).ok_or_else(none)?;
    first.text = made;
    Ok(Fix::review("send each row when it is there, instead of gathering all pages first", edits)
        .minding("an error of the store after the first rows cuts the answer off, instead of answering 500"))
}

/// Lines with an indentation; each tab in front is one step deeper.
fn deep(source: &Source<'_>, indent: &str, lines: &[String]) -> String {
    let line = |line: &String| {
        let tabs = line.chars().take_while(|&c| c == '\t').count();
        format!("{indent}{}{}\n", source.unit().repeat(tabs), &line[tabs..])
    };
    lines.iter().map(line).collect()
}

/// A name for what stands between rows, where something does.
fn separator<'n>(source: &Source<'_>, sink: &Sink) -> Result<Option<&'n str>, Refusal> {
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
fn own_names(source: &Source<'_>, list: &Gathered, region: Span, sink: &Sink) -> Result<(), Refusal> {
    let tree = source.tree();
    for name in source.bound_in(list.function, region) {
        if name != list.name
            && source.occurs_outside(list.function, name, region)
            && !is_only_in(source, name, sink, region)
        {
            return Err(Refusal::shape(format!("`{}` is used beyond the loop", source.program.text(name))));
        }
    }
    for &expr in &sink.moved {
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
fn is_only_in(source: &Source<'_>, name: Sym, sink: &Sink, region: Span) -> bool {
    let tree = source.tree();
    source.exprs().filter(|&expr| matches!(tree[expr].kind, ExprKind::Name(found) if found == name)).all(|expr| {
        let span = tree[expr].span;
        let inside = |outer: Span| outer.start <= span.start && span.end <= outer.end;
        inside(region) || sink.moved.iter().any(|&moved| inside(tree[moved].span)) || {
            let function = source.program.scope_of(FILE.expr(expr)).function();
            function.is_none() || function != source.program.scope_of(FILE.expr(sink.response)).function()
        }
    })
}

impl Sink {
    /// What becomes of a gathered list.
    fn of(source: &Source<'_>, function: FunctionId, list: Sym, read: ExprId) -> Result<Self, Refusal> {
        if let Some(over) = Over::of(source, read) {
            let mut sink = Self::of_rows(source, function, over.whole)?;
            let row = source.expr(over.target).to_owned();
            if sink.row.is_empty() {
                sink.piece = sink.with(source, over.element);
            } else {
                sink.made.insert(0, (sink.row, source.expr(over.element).to_owned()));
                for condition in &mut sink.conditions {
                    condition.0 += 1;
                }
            }
            sink.row = row;
            for &condition in over.conditions.iter().rev() {
                sink.conditions.insert(0, (0, source.expr(condition).to_owned()));
            }
            sink.moved.push(over.whole);
            return Ok(sink);
        }
        let mut sink = Self::of_rows(source, function, read)?;
        if sink.row.is_empty() {
            let row = source.free(&["item", "row", "record"]).unwrap_or("item");
            let _ = list;
            sink.piece = sink.piece.replace('\u{1}', row);
            row.clone_into(&mut sink.row);
        }
        Ok(sink)
    }

    /// What becomes of rows: a list by name, or the expression that makes them. Where the row has no name yet, U+0001 stands for it.
    fn of_rows(source: &Source<'_>, function: FunctionId, rows: ExprId) -> Result<Self, Refusal> {
        let tree = source.tree();
        let other = || Refusal::ChangesContract {
            why: "all rows are one answer; a page size and a cursor would have to be asked for".to_owned(),
        };
        // `rows = [… for item in raw]`, then used once.
        if let Some(stmt) = source.directly_of(rows)
            && let Some(name) = source.assigned(stmt, rows)
        {
            let read = only_read(source, function, name).ok_or_else(other)?;
            let list = source.program.names.find(name).ok_or_else(other)?;
            let mut sink = match Over::of(source, read) {
                Some(_) => Self::of(source, function, list, read)?,
                None => Self::of_rows(source, function, read)?,
            };
            if source.block_of(stmt).is_some() || !source.ends_line(stmt) {
                return Err(other());
            }
            sink.gone.push(stmt);
            return Ok(sink);
        }
        let user = source.parent(rows).ok_or_else(other)?;
        let ExprKind::Call { callee, args } = tree[user].kind else { return Err(other()) };
        let callee_name = call_name(&source.program, FILE.expr(user)).unwrap_or_default();
        let is_first = tree[args].first().is_some_and(|arg| arg.value == rows && !arg.double_star);
        if !is_first {
            return Err(other());
        }
        match callee_name {
            // `", ".join(rows)`
            "join" => {
                let ExprKind::Attribute { base, .. } = tree[callee].kind else { return Err(other()) };
                let between = source.expr(base);
                if !matches!(tree[base].kind, ExprKind::Const(_)) {
                    return Err(other());
                }
                let empty = matches!(between, "\"\"" | "''");
                let frame = [None, (!empty).then(|| between.to_owned()), None];
                Self::answered(source, function, user, frame, "\u{1}".to_owned())
            }
            // `json.dumps(rows, default=str)`
            "dumps" if source.program.external(FILE.expr(callee)) == Some("json.dumps") => {
                let shapes = ["indent", "separators", "cls", "check_circular", "skipkeys"];
                let odd = tree[args]
                    .iter()
                    .skip(1)
                    .any(|arg| arg.keyword.is_none_or(|keyword| shapes.contains(&source.program.text(keyword))));
                if odd {
                    return Err(other());
                }
                let span = tree[user].span;
                let after = source.slice(Span { start: tree[rows].span.end, end: span.end });
                let piece = format!("{}(\u{1}{after}", source.expr(callee));
                let frame = [Some("\"[\"".to_owned()), Some("\", \"".to_owned()), Some("\"]\"".to_owned())];
                Self::answered(source, function, user, frame, piece)
            }
            // `StreamingResponse(iter(rows))`
            "iter" => Self::answered(source, function, user, [None, None, None], "\u{1}".to_owned()),
            "StreamingResponse" | "StreamingHttpResponse" => {
                Self::made(user, rows, [None, None, None], "\u{1}".to_owned())
            }
            _ => Err(other()),
        }
    }

    /// The text of all rows is the content of a response.
    fn answered(
        source: &Source<'_>,
        function: FunctionId,
        text: ExprId,
        frame: [Option<String>; 3],
        piece: String,
    ) -> Result<Self, Refusal> {
        let tree = source.tree();
        let other = || Refusal::shape("what is put together is not the content of a response");
        let (content, gone) = match source.directly_of(text).and_then(|stmt| Some((stmt, source.assigned(stmt, text)?)))
        {
            Some((stmt, name)) => {
                if source.block_of(stmt).is_some() || !source.ends_line(stmt) {
                    return Err(other());
                }
                (only_read(source, function, name).ok_or_else(other)?, Some(stmt))
            }
            None => (text, None),
        };
        let response = source.parent(content).ok_or_else(other)?;
        let ExprKind::Call { args, .. } = tree[response].kind else { return Err(other()) };
        let names = ["Response", "HttpResponse", "StreamingResponse", "StreamingHttpResponse"];
        let name = call_name(&source.program, FILE.expr(response)).unwrap_or_default();
        let args = &tree[args];
        let first = args.first().is_some_and(|arg| arg.value == content && arg.keyword.is_none());
        let named = args.iter().skip(1).all(|arg| arg.keyword.is_some());
        // A response of the REST framework renders data.
        let rest = source.program.names.find("rest_framework").is_some() && name == "Response";
        if !names.contains(&name) || !first || !named || rest {
            return Err(other());
        }
        let mut sink = Self::made(response, content, frame, piece)?;
        sink.gone.extend(gone);
        Ok(sink)
    }

    fn made(response: ExprId, content: ExprId, frame: [Option<String>; 3], piece: String) -> Result<Self, Refusal> {
        Ok(Self {
            gone: Vec::new(),
            response,
            content,
            frame,
            row: String::new(),
            made: Vec::new(),
            conditions: Vec::new(),
            piece,
            moved: Vec::new(),
        })
    }

    /// What is sent of a row that is made by an expression.
    fn with(&self, source: &Source<'_>, element: ExprId) -> String {
        let text = source.expr(element);
        // `a + b if c else d` would be another thing.
        let alone = self.frame[1].is_none() || self.piece != "\u{1}";
        let closed = matches!(
            source.tree()[element].kind,
            ExprKind::Name(_)
                | ExprKind::Call { .. }
                | ExprKind::Attribute { .. }
                | ExprKind::Subscript { .. }
                | ExprKind::Const(_)
                | ExprKind::Fstring(_)
        );
        let text = if alone || closed { text.to_owned() } else { format!("({text})") };
        self.piece.replace('\u{1}', &text)
    }

    /// The lines that send a row, some steps deep.
    fn lines(&self, separator: Option<&str>, steps: usize) -> Vec<String> {
        let mut lines = Vec::new();
        let mut depth = steps;
        for n in 0..=self.made.len() {
            for (_, condition) in self.conditions.iter().filter(|(before, _)| *before == n) {
                lines.push(format!("{}if {condition}:", "\t".repeat(depth)));
                depth += 1;
            }
            if let Some((name, value)) = self.made.get(n) {
                lines.push(format!("{}{name} = {value}", "\t".repeat(depth)));
            }
        }
        let front = "\t".repeat(depth);
        match (separator, &self.frame[1]) {
            (Some(name), Some(between)) => {
                lines.push(format!("{front}yield {name} + {}", self.piece));
                lines.push(format!("{front}{name} = {between}"));
            }
            _ => lines.push(format!("{front}yield {}", self.piece)),
        }
        lines
    }
}

/// The only place of a function that reads a name that is bound once.
fn only_read(source: &Source<'_>, function: FunctionId, name: &str) -> Option<ExprId> {
    let tree = source.tree();
    let name = source.program.names.find(name)?;
    let scope = Scope::Function(function);
    if source.program.bindings(scope, name).count() != 1 {
        return None;
    }
    let mut reads = source.exprs().filter(|&expr| {
        matches!(tree[expr].kind, ExprKind::Name(found) if found == name)
            && source.program.binding_scope(source.program.scope_of(FILE.expr(expr)), name) == Some(scope)
            && !source.is_target(expr)
    });
    let (read, more) = (reads.next()?, reads.next());
    let here = source.program.scope_of(FILE.expr(read)) == scope;
    (more.is_none() && here).then_some(read)
}

impl Source<'_> {
    /// Whether an expression is assigned to.
    fn is_target(&self, expr: ExprId) -> bool {
        let Some(stmt) = self.directly_of(expr) else { return false };
        matches!(self.tree()[stmt].kind, StmtKind::Assign { targets, .. } if self.tree()[targets].contains(&expr))
    }

    /// The module that responses are imported from.
    fn responses(&self) -> &'static str {
        let tree = self.tree();
        let fastapi = tree[tree.body].iter().any(|&stmt| match tree[stmt].kind {
            StmtKind::Import(imports) => {
                tree[imports].iter().any(|import| self.program.text(import.module).split('.').next() == Some("fastapi"))
            }
            _ => false,
        });
        if fastapi { "fastapi.responses" } else { "starlette.responses" }
    }
}
