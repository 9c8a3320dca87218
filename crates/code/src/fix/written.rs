//! Fixes of rows that are written into a buffer, whose whole text is the answer: what is in the buffer is sent after each page.

use super::gathered::names_in;
use super::sink::Sink;
use super::site::Site;
use super::source::{FILE, Source, dedented, indented};
use super::stream::{Full, Generator, deep, finish};
use super::{Fix, Refusal};
use crate::program::{FunctionId, Scope};
use crate::syntax::{ExprId, ExprKind, Span, StmtId, StmtKind, Sym, Tree, Visit};

/// `for row in rows: writer.writerow(row)` into an `io.StringIO` that is answered.
pub(super) fn after_each_page(site: &Site<'_>) -> Result<Fix, Refusal> {
    let source = &site.source;
    let tree = source.tree();
    let full = Full::of(site)?;
    let none = || Refusal::shape("the rows are not written to a buffer by one loop");
    let loops = source.directly_of(full.read).ok_or_else(none)?;
    let StmtKind::For { target, iter, body, orelse, is_async: false } = tree[loops].kind else { return Err(none()) };
    if iter != full.read || !orelse.is_empty() || source.block_of(loops).is_some() || leaves(tree, body) {
        return Err(none());
    }
    let buffer = Buffer::of(source, full.function, full.stmt, loops)?;
    let unit = source.unit();
    let inner = format!("{}{unit}", full.base);
    let flush = |indent: &str| {
        let name = source.program.text(buffer.name);
        let lines = [format!("yield {name}.getvalue()"), format!("{name}.seek(0)"), format!("{name}.truncate()")];
        deep(source, indent, &lines)
    };
    let mut text = String::new();
    for &stmt in &buffer.before {
        let lines = source.slice(source.lines_of(tree[stmt].span));
        text.push_str(&indented(lines, unit).ok_or_else(none)?);
    }
    // What stands before the first row goes out even when there is none.
    if buffer.before.iter().any(|&stmt| matches!(tree[stmt].kind, StmtKind::Expr(_))) {
        text.push_str(&flush(&inner));
    }
    let head = [
        format!("for {} in {}:", full.page, full.pages),
        format!("\tfor {} in {}[\"Items\"]:", source.expr(target), full.page),
    ];
    text.push_str(&deep(source, &inner, &head));
    let first = *tree[body].first().ok_or_else(none)?;
    let own = source.indent(tree[first].span.start).ok_or_else(none)?;
    let from = source.line_end(tree[iter].span.end - 1).min(source.line_start(tree[first].span.start));
    let rows = source.slice(Span { start: from, end: source.line_end(tree[loops].span.end - 1) });
    let rows = dedented(rows, own.len()).and_then(|rows| indented(&rows, &format!("{inner}{unit}{unit}")));
    text.push_str(&rows.ok_or_else(|| Refusal::shape("a text of several lines stands in the loop"))?);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&flush(&format!("{inner}{unit}")));
    let mut sink = Sink::answered(source, full.function, buffer.text, [None, None, None], String::new())?;
    sink.gone.extend(buffer.before.iter().copied().chain([loops]));
    let lines = source.lines_of(tree[full.stmt].span);
    finish(
        site,
        &sink,
        &Generator { lines, base: full.base, text, separator: None, waits: false, function: full.function },
    )
}

/// A buffer with what is prepared on it.
struct Buffer {
    name: Sym,
    /// The statements that make it and write to it before the first row.
    before: Vec<StmtId>,
    /// `buffer.getvalue()`.
    text: ExprId,
}

impl Buffer {
    fn of(source: &Source<'_>, function: FunctionId, rows: StmtId, loops: StmtId) -> Result<Self, Refusal> {
        let tree = source.tree();
        let none = || Refusal::shape("the rows are not written to one buffer whose text is answered");
        let scope = Scope::Function(function);
        let values: Vec<_> = (source.program.calls_in(scope).iter())
            .filter(|call| call.name.is_some_and(|name| source.program.text(name) == "getvalue"))
            .collect();
        let [value] = values[..] else { return Err(none()) };
        let receiver = source.program.receiver(value.at).ok_or_else(none)?.expr;
        let ExprKind::Name(name) = tree[receiver].kind else { return Err(none()) };
        // The buffer, and all that is made of it: nothing else may know of them.
        let mut known = vec![name];
        let mut before = Vec::new();
        let block = source.siblings(loops);
        let (at, end) = (tree[loops].span.start, tree[loops].span.end);
        for &stmt in block.iter().filter(|&&stmt| tree[stmt].span.start < at && stmt != rows) {
            let (target, value) = match tree[stmt].kind {
                StmtKind::Assign { targets, value: Some(value), .. } => (tree[targets].first().copied(), value),
                StmtKind::Expr(value) => (None, value),
                _ => continue,
            };
            let bound = target.and_then(|target| match tree[target].kind {
                ExprKind::Name(name) => Some(name),
                _ => None,
            });
            let uses = names_in(tree, value).iter().any(|name| known.contains(name));
            if !uses && !bound.is_some_and(|bound| known.contains(&bound)) {
                continue;
            }
            if let Some(bound) = bound {
                let once = source.program.bindings(scope, bound).count() == 1;
                if !once {
                    return Err(none());
                }
                if bound == name && crate::rules::look::call_name(&source.program, FILE.expr(value)) != Some("StringIO")
                {
                    return Err(none());
                }
                known.push(bound);
            }
            if !source.ends_line(stmt) || source.indent(tree[stmt].span.start).is_none() {
                return Err(none());
            }
            before.push(stmt);
        }
        for expr in source.exprs() {
            let ExprKind::Name(found) = tree[expr].kind else { continue };
            let here = source.program.scope_of(FILE.expr(expr)) == scope;
            if !known.contains(&found) || !here || expr == receiver {
                continue;
            }
            let stmt = source.stmt_of(expr).ok_or_else(none)?;
            let inside = tree[expr].span.start >= at && tree[expr].span.end <= end;
            if !inside && !before.contains(&stmt) {
                return Err(none());
            }
        }
        if before.is_empty() {
            return Err(none());
        }
        Ok(Self { name, before, text: value.at.expr })
    }
}

/// Whether a block may leave the loop around it, or hand out rows itself.
pub(super) fn leaves(tree: &Tree, block: crate::syntax::Block) -> bool {
    struct Leaves(bool);
    impl Visit for Leaves {
        fn stmt(&mut self, tree: &Tree, stmt: StmtId) -> bool {
            self.0 |= matches!(tree[stmt].kind, StmtKind::Return(_) | StmtKind::Break);
            true
        }
        fn expr(&mut self, tree: &Tree, expr: ExprId) -> bool {
            self.0 |= matches!(tree[expr].kind, ExprKind::Yield(_) | ExprKind::YieldFrom(_));
            true
        }
    }
    let mut leaves = Leaves(false);
    tree.walk(block, &mut leaves);
    leaves.0
}
