//! Where imports go: beside their like, after the docstring and `__future__`, and not at all where the name is there already or means something else.

use super::Edit;
use super::source::{FILE, Source, insert};
use crate::program::{Binding, Scope};
use crate::syntax::StmtKind;

/// Modules of the standard library that a file may well import first by `from`.
const STANDARD: &[&str] = &[
    "abc",
    "asyncio",
    "base64",
    "collections",
    "concurrent",
    "contextlib",
    "contextvars",
    "copy",
    "csv",
    "dataclasses",
    "datetime",
    "decimal",
    "email",
    "enum",
    "functools",
    "hashlib",
    "hmac",
    "html",
    "http",
    "importlib",
    "io",
    "itertools",
    "json",
    "logging",
    "math",
    "operator",
    "os",
    "pathlib",
    "queue",
    "random",
    "re",
    "secrets",
    "socket",
    "string",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "traceback",
    "types",
    "typing",
    "unittest",
    "urllib",
    "uuid",
    "warnings",
    "weakref",
    "xml",
    "zoneinfo",
];

impl Source<'_> {
    /// An import at the top of the file; nothing where the name is there already.
    pub(super) fn import(&self, module: &str) -> Option<Vec<Edit>> {
        let bound = module.split('.').next().unwrap_or(module);
        if let Some(name) = self.program.names.find(bound)
            && self.program.bindings(Scope::Module(FILE), name).next().is_some()
        {
            let same = self.program.bindings(Scope::Module(FILE), name).all(|binding| {
                matches!(binding, Binding::Import(import) if import.name.is_none() && import.alias.is_none()
                    && self.program.text(import.module).split('.').next() == Some(bound))
            });
            // The name means something else.
            return same.then(Vec::new);
        }
        Some(self.import_line(&format!("import {module}")))
    }

    /// `from module import name` at the top of the file; nothing where the name is imported already.
    pub(super) fn import_from(&self, module: &str, name: &str) -> Option<Vec<Edit>> {
        let found = self.program.names.find(name);
        if let Some(name) = found
            && self.program.bindings(Scope::Module(FILE), name).next().is_some()
        {
            let same = self.program.bindings(Scope::Module(FILE), name).all(|binding| {
                matches!(binding, Binding::Import(import) if import.name == Some(name) && import.alias.is_none()
                    && self.program.text(import.module) == module)
            });
            return same.then(Vec::new);
        }
        // Beside its neighbours, where the module is imported from already and in one line.
        let tree = self.tree();
        let neighbour = tree[tree.body].iter().find_map(|&stmt| {
            let StmtKind::Import(imports) = tree[stmt].kind else { return None };
            let imports = &tree[imports];
            let same = imports
                .iter()
                .all(|import| import.level == 0 && import.name.is_some() && self.program.text(import.module) == module);
            let text = self.slice(tree[stmt].span);
            (same && !imports.is_empty() && !text.contains(['\n', '(', '*', ';'])).then_some(tree[stmt].span.end)
        });
        match neighbour {
            Some(end) => Some(vec![insert(end, format!(", {name}"))]),
            None => Some(self.import_line(&format!("from {module} import {name}"))),
        }
    }

    /// A line among the first imports: after the last one of its like that reads before it, and never before `__future__` or the docstring.
    fn import_line(&self, line: &str) -> Vec<Edit> {
        let tree = self.tree();
        let kind = line.split(' ').next();
        let (mut top, mut first, mut same) = (0, None, None);
        let (mut block_end, mut foreign) = (None, false);
        for &stmt in &tree[tree.body] {
            let span = tree[stmt].span;
            let text = self.slice(span);
            match tree[stmt].kind {
                StmtKind::Pass if first.is_none() => top = self.line_end(span.end - 1),
                StmtKind::Import(_) if text.starts_with("from __future__") => top = self.line_end(span.end - 1),
                StmtKind::Import(_) => {
                    if first.is_none() {
                        first = Some(self.line_start(span.start));
                        let module = text.split(' ').nth(1).unwrap_or_default();
                        foreign = !STANDARD.contains(&module.split('.').next().unwrap_or(module));
                    }
                    block_end = Some(self.line_end(span.end - 1));
                    if text.split(' ').next() == kind {
                        // Before the first of its like, until one reads before it.
                        if text < line {
                            same = Some(self.line_end(span.end - 1));
                        } else if same.is_none() {
                            same = Some(self.line_start(span.start));
                            break;
                        } else {
                            break;
                        }
                    }
                }
                _ => break,
            }
        }
        let alone = if kind == Some("from") { block_end } else { first };
        // The standard library stands apart from what is installed.
        let apart = same.is_none() && kind == Some("import") && foreign;
        let end = if apart { "\n\n" } else { "\n" };
        vec![insert(same.or(alone).unwrap_or(top), format!("{line}{end}"))]
    }
}
