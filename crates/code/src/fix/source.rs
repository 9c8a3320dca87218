//! A file as the fixes see it: its text with lines, its tree with the way up. Says where things stand; changes nothing.

use crate::fix::Edit;
use crate::names::Names;
use crate::program::{CallSite, ExprAt, ModuleId, Owner, ParsedModule, Program, Role, Scope};
use crate::python::{FileKind, read};
use crate::syntax::{ExprId, ExprKind, Parent, Span, StmtId, StmtKind, Tree, Visit};

/// The only module of the program that a file is.
pub(super) const FILE: ModuleId = ModuleId(0);

/// A file.
pub(super) struct Source<'t> {
    pub(super) text: &'t str,
    pub(super) program: Program,
    lines: Vec<u32>,
}

impl<'t> Source<'t> {
    /// Reads a text.
    pub(super) fn read(text: &'t str, kind: FileKind) -> Self {
        let names = Names::default();
        let tree = read(&names, text, kind).tree;
        let parsed = ParsedModule {
            path: "file.py".to_owned(),
            name: "<file>".to_owned(),
            root: 0,
            is_package: false,
            role: Role::Source,
            tree,
        };
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at as u32 + 1);
        Self { text, program: Program::build(names, vec![parsed]), lines: std::iter::once(0).chain(starts).collect() }
    }

    pub(super) fn tree(&self) -> &Tree {
        self.program.tree(FILE)
    }

    /// The text of a span.
    pub(super) fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    pub(super) fn expr(&self, expr: ExprId) -> &'t str {
        self.slice(self.tree()[expr].span)
    }

    /// The text of an expression that moves to the top of the module: further lines move with the first.
    pub(super) fn at_top(&self, expr: ExprId) -> String {
        let text = self.expr(expr);
        let start = self.tree()[expr].span.start;
        let line = self.slice(Span { start: self.line_start(start), end: start });
        let depth = line.len() - line.trim_start().len();
        match text.split_once('\n') {
            Some((first, rest)) => match dedented(rest, depth) {
                Some(rest) => format!("{first}\n{rest}"),
                None => text.to_owned(),
            },
            None => text.to_owned(),
        }
    }

    /// The line of a byte, from 1.
    pub(super) fn line(&self, offset: u32) -> u32 {
        self.lines.partition_point(|&start| start <= offset) as u32
    }

    /// Where the line of a byte begins.
    pub(super) fn line_start(&self, offset: u32) -> u32 {
        self.lines[self.line(offset) as usize - 1]
    }

    /// Where the line after that of a byte begins; the end of the text after the last one.
    pub(super) fn line_end(&self, offset: u32) -> u32 {
        self.lines.get(self.line(offset) as usize).copied().unwrap_or(self.text.len() as u32)
    }

    /// What stands before a byte in its line, where that is white space only.
    pub(super) fn indent(&self, offset: u32) -> Option<&'t str> {
        let before = self.slice(Span { start: self.line_start(offset), end: offset });
        before.chars().all(|c| c == ' ' || c == '\t').then_some(before)
    }

    /// The lines of a span, whole.
    pub(super) fn lines_of(&self, span: Span) -> Span {
        Span { start: self.line_start(span.start), end: self.line_end(span.end.saturating_sub(1).max(span.start)) }
    }

    /// Calls of one of the names that begin in a line, the outermost first.
    pub(super) fn calls(&self, line: u32, is: impl Fn(&str) -> bool) -> Vec<&CallSite> {
        let mut found: Vec<&CallSite> = (self.program.module(FILE).sites.calls.iter())
            .filter(|site| self.line(self.tree()[site.at.expr].span.start) == line)
            .filter(|site| site.name.is_some_and(|name| is(self.program.text(name))))
            .collect();
        found.sort_by_key(|site| self.tree()[site.at.expr].span.start);
        found
    }

    /// The innermost statement that begins in a line or, without one, that covers it.
    pub(super) fn statement(&self, line: u32, is: impl Fn(&StmtKind) -> bool) -> Option<StmtId> {
        let tree = self.tree();
        let all = self.statements();
        let fits = all.iter().copied().filter(|&stmt| is(&tree[stmt].kind));
        fits.clone().find(|&stmt| self.line(tree[stmt].span.start) == line).or_else(|| {
            fits.filter(|&stmt| (self.line(tree[stmt].span.start)..=self.line(tree[stmt].span.end)).contains(&line))
                .min_by_key(|&stmt| tree[stmt].span.end - tree[stmt].span.start)
        })
    }

    /// Every statement, in no order.
    pub(super) fn all_statements(&self) -> Vec<StmtId> {
        self.statements()
    }

    /// Every expression that a statement leads to.
    pub(super) fn exprs(&self) -> impl Iterator<Item = ExprId> {
        let links = &self.program.module(FILE).links;
        (0..self.tree().expr_count() as u32).map(ExprId).filter(move |&expr| links.owner(expr).is_some())
    }

    /// The expression that this one is directly part of.
    pub(super) fn parent(&self, expr: ExprId) -> Option<ExprId> {
        self.program.module(FILE).links.parent(expr)
    }

    /// Whether an expression is a name of the module or an attribute, and so may outlive a request.
    pub(super) fn is_lasting(&self, expr: ExprId) -> bool {
        match self.tree()[expr].kind {
            ExprKind::Name(name) => {
                self.program.binding_scope(self.program.scope_of(FILE.expr(expr)), name) == Some(Scope::Module(FILE))
            }
            ExprKind::Attribute { .. } => true,
            _ => false,
        }
    }

    /// One step of indentation, as the file has it.
    pub(super) fn unit(&self) -> &'static str {
        let first = self.text.lines().find(|line| line.starts_with([' ', '\t']) && !line.trim().is_empty());
        match first {
            Some(line) if line.starts_with('\t') => "\t",
            Some(line) if line.starts_with("    ") => "    ",
            Some(line) if line.starts_with("  ") => "  ",
            _ => "    ",
        }
    }

    /// What a name of the file that nothing else has may be: the first of these that is free.
    pub(super) fn free<'n>(&self, names: &[&'n str]) -> Option<&'n str> {
        names.iter().copied().find(|name| !self.is_named(name))
    }

    /// Whether something in the file has this name.
    pub(super) fn is_named(&self, name: &str) -> bool {
        let Some(name) = self.program.names.find(name) else { return false };
        let tree = self.tree();
        self.program.module(FILE).bindings.all().any(|(found, _)| found == name)
            || self.exprs().any(|expr| matches!(tree[expr].kind, ExprKind::Name(found) if found == name))
    }

    /// Whether nothing but a comment follows a statement in its last line.
    pub(super) fn ends_line(&self, stmt: StmtId) -> bool {
        let end = self.tree()[stmt].span.end;
        let rest = self.slice(Span { start: end, end: self.line_end(end.saturating_sub(1)) });
        rest.trim().is_empty() || rest.trim_start().starts_with('#')
    }

    /// A line in front of a statement, with its indentation.
    pub(super) fn before(&self, stmt: StmtId, line: &str) -> Option<Edit> {
        let start = self.tree()[stmt].span.start;
        let indent = self.indent(start)?;
        // An `elif` is no place for a statement.
        if self.text[start as usize..].starts_with("elif") {
            return None;
        }
        Some(insert(self.line_start(start), format!("{indent}{line}\n")))
    }

    /// Lines in front of a statement, with its indentation; what is deeper begins with a tab for each step.
    pub(super) fn before_lines(&self, stmt: StmtId, lines: &[&str]) -> Option<Edit> {
        let line = |line: &&str| {
            let deep = line.chars().take_while(|&c| c == '\t').count();
            format!("{}{}", self.unit().repeat(deep), &line[deep..])
        };
        let indent = self.indent(self.tree()[stmt].span.start)?;
        let lines: Vec<String> = lines.iter().map(line).collect();
        self.before(stmt, &lines.join(&format!("\n{indent}")))
    }

    /// Lines after a statement, with its indentation; what is deeper begins with a tab for each step.
    pub(super) fn after(&self, stmt: StmtId, lines: &[&str]) -> Option<Edit> {
        let span = self.tree()[stmt].span;
        let indent = self.indent(self.line_indent_of(stmt))?;
        // Nothing runs after these.
        let leaves = matches!(
            self.tree()[stmt].kind,
            StmtKind::Return(_) | StmtKind::Raise { .. } | StmtKind::Break | StmtKind::Continue
        );
        if !self.ends_line(stmt) || leaves {
            return None;
        }
        let at = self.line_end(span.end - 1);
        let open = if self.text.as_bytes().get(at as usize - 1) == Some(&b'\n') { "" } else { "\n" };
        let line = |line: &&str| {
            let deep = line.chars().take_while(|&c| c == '\t').count();
            format!("{indent}{}{}\n", self.unit().repeat(deep), &line[deep..])
        };
        Some(insert(at, format!("{open}{}", lines.iter().map(line).collect::<String>())))
    }

    fn line_indent_of(&self, stmt: StmtId) -> u32 {
        self.tree()[stmt].span.start
    }

    /// The first statement of a function that does something, after its docstring.
    pub(super) fn first_of(&self, function: crate::program::FunctionId) -> Option<StmtId> {
        let tree = self.tree();
        let body = &tree[tree[function.ix].body];
        let is_text =
            |stmt: &&StmtId| matches!(tree[**stmt].kind, StmtKind::Pass) && self.slice(tree[**stmt].span) != "pass";
        body.iter().find(|stmt| !is_text(stmt)).copied()
    }

    /// The statements around a statement within its scope, the innermost first, itself included.
    pub(super) fn way_up(&self, stmt: StmtId) -> Vec<StmtId> {
        let links = &self.program.module(FILE).links;
        std::iter::successors(Some(stmt), |&stmt| links.parent_stmt(stmt).map(|(outer, _)| outer)).collect()
    }

    /// Whether an expression is handed to a call as `**options`, which gives the call a copy.
    pub(super) fn is_spread(&self, expr: ExprId) -> bool {
        let call = self.parent(expr).and_then(|parent| self.program.call(FILE.expr(parent)));
        call.is_some_and(|(_, args)| args.iter().any(|arg| arg.value == expr && arg.double_star))
    }

    /// Whether somebody else gets what a name holds, and may put something into it: as an argument that is not spread, or under another name.
    pub(super) fn is_handed_on(&self, expr: ExprId) -> bool {
        let tree = self.tree();
        match self.parent(expr).map(|parent| tree[parent].kind) {
            Some(ExprKind::Call { .. }) => !self.is_spread(expr),
            Some(_) => false,
            None => self.stmt_of(expr).is_some_and(
                |stmt| matches!(tree[stmt].kind, StmtKind::Assign { value: Some(value), .. } if value == expr),
            ),
        }
    }

    /// The block that a statement stands in: the statement around it and which of its parts, or none at the top of its scope.
    pub(super) fn block_of(&self, stmt: StmtId) -> Option<(StmtId, crate::program::Part)> {
        self.program.module(FILE).links.parent_stmt(stmt)
    }

    /// The statements of the block that a statement stands in, in the order of the source.
    pub(super) fn siblings(&self, stmt: StmtId) -> Vec<StmtId> {
        crate::rules::look::block_of(&self.program, FILE.stmt(stmt)).to_vec()
    }

    fn statements(&self) -> Vec<StmtId> {
        struct All(Vec<StmtId>);
        impl Visit for All {
            fn stmt(&mut self, _tree: &Tree, stmt: StmtId) -> bool {
                self.0.push(stmt);
                true
            }
            fn expr(&mut self, _tree: &Tree, _expr: ExprId) -> bool {
                false
            }
        }
        let tree = self.tree();
        let mut all = All(Vec::new());
        tree.walk(tree.body, &mut all);
        for (_, function) in tree.functions() {
            tree.walk(function.body, &mut all);
        }
        for (_, class) in tree.classes() {
            tree.walk(class.body, &mut all);
        }
        all.0
    }

    /// The statement that an expression belongs to.
    pub(super) fn stmt_of(&self, expr: ExprId) -> Option<StmtId> {
        self.program.module(FILE).links.stmt_of(expr)
    }

    /// The statement that an expression is directly part of.
    pub(super) fn directly_of(&self, expr: ExprId) -> Option<StmtId> {
        match self.program.module(FILE).links.owner(expr)? {
            Owner::Stmt(stmt) => Some(stmt),
            Owner::Expr(_) => None,
        }
    }

    /// The statements after a statement in its block.
    pub(super) fn following(&self, stmt: StmtId) -> Vec<StmtId> {
        let module = self.program.module(FILE);
        let block = module.links.parent_stmt(stmt);
        let start = self.tree()[stmt].span.start;
        let mut found: Vec<StmtId> = self
            .statements()
            .into_iter()
            .filter(|&other| {
                module.links.parent_stmt(other) == block && module.links.scope(other) == module.links.scope(stmt)
            })
            .filter(|&other| self.tree()[other].span.start > start)
            .collect();
        found.sort_by_key(|&other| self.tree()[other].span.start);
        found
    }

    /// The name that the statement of a value assigns to, where that is all it does.
    pub(super) fn assigned(&self, stmt: StmtId, value: ExprId) -> Option<&str> {
        let StmtKind::Assign { targets, value: Some(found), .. } = self.tree()[stmt].kind else { return None };
        let [target] = self.tree()[targets] else { return None };
        match self.tree()[target].kind {
            ExprKind::Name(name) if found == value => Some(self.program.text(name)),
            _ => None,
        }
    }

    /// The function that an expression is evaluated in, and the outermost statement of the file around it.
    pub(super) fn top(&self, at: ExprAt) -> Option<Span> {
        let tree = self.tree();
        let mut scope = self.program.scope_of(at);
        let mut top = None;
        loop {
            let (span, parent) = match scope {
                Scope::Module(_) => return top,
                Scope::Function(function) => (tree[function.ix].span, tree[function.ix].parent),
                Scope::Class(class) => (tree[class.ix].span, tree[class.ix].parent),
            };
            top = Some(span);
            scope = match parent {
                Parent::Module => Scope::Module(FILE),
                Parent::Function(ix) => Scope::Function(FILE.function(ix)),
                Parent::Class(ix) => Scope::Class(FILE.class(ix)),
            };
        }
    }
}

/// An insertion.
pub(super) fn insert(at: u32, text: impl Into<String>) -> Edit {
    Edit { span: Span { start: at, end: at }, text: text.into() }
}

/// A replacement.
pub(super) fn replace(span: Span, text: impl Into<String>) -> Edit {
    Edit { span, text: text.into() }
}

/// Lines with something in front of each that is not empty; none where a text of several lines would be changed by it.
pub(super) fn indented(lines: &str, by: &str) -> Option<String> {
    if lines.contains("\"\"\"") || lines.contains("'''") {
        return None;
    }
    let line = |line: &str| if line.trim().is_empty() { line.to_owned() } else { format!("{by}{line}") };
    Some(lines.split_inclusive('\n').map(line).collect())
}

/// Lines without the first so many bytes of white space; none where one has less.
pub(super) fn dedented(lines: &str, by: usize) -> Option<String> {
    if lines.contains("\"\"\"") || lines.contains("'''") {
        return None;
    }
    let line = |line: &str| {
        if line.trim().is_empty() {
            return Some(line.to_owned());
        }
        let front = line.get(..by)?;
        front.chars().all(|c| c == ' ' || c == '\t').then(|| line[by..].to_owned())
    };
    lines.split_inclusive('\n').map(line).collect()
}
