//! Imports that a fix leaves without a use go with it. What nobody used before stays, and so does what may be used from elsewhere: in a package's `__init__`, under
//! `__all__`, by another file, or where a comment says that it is meant.

use super::site::{Site, module_name};
use super::source::{FILE, Source};
use crate::program::Scope;
use crate::python::FileKind;
use crate::syntax::{Const, ExprKind, Import, Span, StmtId, StmtKind};

/// The text after a fix, without the imports that the fix left unused.
pub(super) fn without(site: &Site<'_>, after: String) -> String {
    // Who else may import a name is known of a project only.
    if site.file.ends_with("__init__.py") || site.is_alone() {
        return after;
    }
    let mut text = after;
    // One statement at a time: each changes where the next one stands.
    while let Some(next) = step(site, &text) {
        text = next;
    }
    text
}

fn step(site: &Site<'_>, text: &str) -> Option<String> {
    let source = Source::read(text, FileKind::Source);
    let tree = source.tree();
    for &stmt in &tree[tree.body] {
        let StmtKind::Import(imports) = tree[stmt].kind else { continue };
        let imports = &tree[imports];
        let left: Vec<&Import> = imports.iter().filter(|import| is_left(site, &source, import)).collect();
        if left.is_empty() || !is_plain(&source, stmt) {
            continue;
        }
        if let Some(edit) = if left.len() == imports.len() { whole(&source, stmt) } else { part(&source, stmt, &left) }
        {
            return super::apply(text, &[super::source::replace(edit.0, edit.1)]);
        }
    }
    None
}

/// Whether a name was used before, and is not any more.
fn is_left(site: &Site<'_>, source: &Source<'_>, import: &Import) -> bool {
    let name = bound(source, import);
    let own_alias = import.alias.is_some() && import.alias == import.name;
    if name == "*" || own_alias || source.program.text(import.module) == "__future__" {
        return false;
    }
    let once = |source: &Source<'_>| {
        let name = source.program.names.find(name);
        name.is_some_and(|name| source.program.bindings(Scope::Module(FILE), name).count() == 1)
    };
    let before = &site.source;
    once(before) && once(source) && uses(before, name) && !uses(source, name) && !is_known_elsewhere(site, name)
}

fn bound<'s>(source: &'s Source<'_>, import: &Import) -> &'s str {
    let module = source.program.text(import.module);
    match (import.alias, import.name) {
        (Some(name), _) | (None, Some(name)) => source.program.text(name),
        (None, None) => module.split('.').next().unwrap_or(module),
    }
}

/// Whether a file reads a name, be it within a text, as annotations and `__all__` do.
fn uses(source: &Source<'_>, name: &str) -> bool {
    let tree = source.tree();
    let found = source.program.names.find(name);
    source.exprs().any(|expr| match tree[expr].kind {
        ExprKind::Name(read) => Some(read) == found,
        ExprKind::Const(Const::Str(text)) => has_word(source.program.text(text), name),
        _ => false,
    })
}

/// Whether another file of the project may import the name from this one, or nobody knows.
fn is_known_elsewhere(site: &Site<'_>, name: &str) -> bool {
    let module = module_name(site.file);
    match site.others(name) {
        Some(others) => others.iter().any(|(_, text)| has_word(text, name) && has_word(text, module)),
        None => true,
    }
}

fn has_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part))
}

/// Whether a statement has its lines to itself, and no comment says that it is meant.
fn is_plain(source: &Source<'_>, stmt: StmtId) -> bool {
    let span = source.tree()[stmt].span;
    let lines = source.slice(source.lines_of(span));
    source.indent(span.start).is_some() && source.ends_line(stmt) && !lines.contains(['#', ';', '\\'])
}

/// The statement with its lines; a blank line after it goes too where one stands before it.
fn whole(source: &Source<'_>, stmt: StmtId) -> Option<(Span, String)> {
    let mut span = source.lines_of(source.tree()[stmt].span);
    let before = source.text.get(..span.start as usize)?;
    let after = source.text.get(span.end as usize..)?;
    let apart = before.is_empty() || before.ends_with("\n\n") || before.ends_with("\r\n\r\n");
    let blank = ["\r\n", "\n"].into_iter().find(|end| after.starts_with(end)).filter(|_| apart);
    span.end += blank.map_or(0, str::len) as u32;
    Some((span, String::new()))
}

/// The statement without some of its names.
fn part(source: &Source<'_>, stmt: StmtId, left: &[&Import]) -> Option<(Span, String)> {
    let tree = source.tree();
    let StmtKind::Import(imports) = tree[stmt].kind else { return None };
    let span = tree[stmt].span;
    let text = source.slice(span);
    if text.contains('\n') {
        // One name in a line: the line goes.
        let lines = source.lines_of(left.first()?.span);
        let word = source.slice(lines).trim().trim_end_matches(',');
        return (word == bound(source, left.first()?)).then(|| (lines, String::new()));
    }
    let kept = tree[imports].iter().filter(|import| !left.iter().any(|gone| gone.span == import.span));
    let written = |import: &Import| {
        let name = import.name.unwrap_or(import.module);
        let alias = import.alias.map(|alias| format!(" as {}", source.program.text(alias))).unwrap_or_default();
        format!("{}{alias}", source.program.text(name))
    };
    let kept: Vec<String> = kept.map(written).collect();
    let from = text.find("import ")? + "import ".len();
    let (open, close) = if text[from..].starts_with('(') { ("(", ")") } else { ("", "") };
    Some((span, format!("{}{open}{}{close}", &text[..from], kept.join(", "))))
}
