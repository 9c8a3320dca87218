//! Lists that a function gathers page by page: where they begin, what adds to them, and who reads them afterwards. Decides nothing.

use super::Refusal;
use super::site::Site;
use super::source::{FILE, Source};
use crate::program::{Binding, FunctionId, Scope};
use crate::rules::look::spans;
use crate::syntax::{Comprehension, ExprId, ExprKind, Operator, Span, StmtId, StmtKind, Sym, Tree, Visit};

/// What a place adds to the list.
#[derive(Clone, Copy, Debug)]
pub(super) enum Adds {
    /// All of these.
    All(ExprId),
    /// This one.
    One(ExprId),
}

/// A list that is gathered.
pub(super) struct Gathered {
    /// The function.
    pub(super) function: FunctionId,
    /// The list's name.
    pub(super) name: Sym,
    /// The statement that makes it, at the top of the function.
    pub(super) made: StmtId,
    /// The statement that reads the first page, where the list begins with it and the loop reads the others.
    pub(super) first: Option<StmtId>,
    /// The loop at the top of the function that adds to it.
    pub(super) around: StmtId,
    /// The statement that adds.
    pub(super) add: StmtId,
    /// What it adds.
    pub(super) adds: Adds,
    /// Where it is read after the loop.
    pub(super) reads: Vec<ExprId>,
}

impl Gathered {
    /// The list that the line of a finding gathers or, where the line only uses one, the only one of its function.
    pub(super) fn of(site: &Site<'_>) -> Result<Self, Refusal> {
        let source = &site.source;
        let none = || Refusal::shape("no list is gathered there, page by page, in one loop");
        let stmt = source.statement(site.line, |_| true).ok_or_else(none)?;
        let scope = source.program.scope_of_stmt(FILE.stmt(stmt));
        let function = scope.function().ok_or_else(none)?;
        let own: Vec<StmtId> = source.all_statements().into_iter().filter(|&one| source.is_in(one, function)).collect();
        let at_line = |one: &StmtId| source.line(source.tree()[*one].span.start) == site.line;
        let mut names: Vec<Sym> =
            own.iter().filter(|one| at_line(one)).filter_map(|&one| added(source, one)).map(|(name, _)| name).collect();
        if names.is_empty() {
            let loops = |one: &StmtId| !source.way_up(*one).iter().skip(1).all(|&up| !is_loop(source, up));
            names = own
                .iter()
                .filter(|one| loops(one))
                .filter_map(|&one| added(source, one))
                .map(|(name, _)| name)
                .collect();
            names.sort_unstable_by_key(|name| name.number());
            names.dedup();
        }
        match names[..] {
            [name] => Self::named(source, function, name),
            [] => Err(none()),
            _ => Err(Refusal::Ambiguous { what: "list".to_owned() }),
        }
    }

    /// Where the list is read after the loop, if that is one place.
    pub(super) fn only_read(&self, source: &Source<'_>) -> Result<ExprId, Refusal> {
        match self.reads[..] {
            [read] => Ok(read),
            _ => Err(Refusal::shape(format!("`{}` is read at more than one place", source.program.text(self.name)))),
        }
    }

    fn named(source: &Source<'_>, function: FunctionId, name: Sym) -> Result<Self, Refusal> {
        let tree = source.tree();
        let text = source.program.text(name);
        let scope = Scope::Function(function);
        let targets: Vec<ExprId> = (source.program.bindings(scope, name))
            .filter_map(|binding| if let Binding::Target(target) = binding { Some(target) } else { None })
            .collect();
        let several = || Refusal::shape(format!("`{text}` is bound more than once"));
        let mut made = None;
        for target in targets {
            let stmt = source.stmt_of(target).ok_or_else(several)?;
            match tree[stmt].kind {
                StmtKind::AugAssign { .. } => {}
                StmtKind::Assign { value: Some(value), .. } if made.is_none() => made = Some((stmt, value)),
                _ => return Err(several()),
            }
        }
        let (made, value) = made.ok_or_else(several)?;
        let adds: Vec<(StmtId, Adds)> = (source.all_statements().into_iter())
            .filter(|&one| source.is_in(one, function))
            .filter_map(|one| added(source, one).filter(|(found, _)| *found == name).map(|(_, adds)| (one, adds)))
            .collect();
        let [(add, adds)] = adds[..] else {
            return Err(Refusal::shape(format!("`{text}` is added to at more than one place")));
        };
        let way = source.way_up(add);
        let around = *way.last().unwrap_or(&add);
        if !is_loop(source, around) || source.block_of(made).is_some() {
            return Err(Refusal::shape(format!("`{text}` is not gathered by a loop of its function")));
        }
        let first = if is_empty_list(source, value) {
            None
        } else {
            Some(
                first_page(source, function, made, value, around, add, adds)
                    .ok_or_else(|| Refusal::shape(format!("`{text}` does not begin as an empty list")))?,
            )
        };
        let (from, until) = (tree[made].span.end, tree[around].span);
        let mut reads = Vec::new();
        for expr in source.exprs() {
            if !matches!(tree[expr].kind, ExprKind::Name(found) if found == name) {
                continue;
            }
            let span = tree[expr].span;
            let at = source.stmt_of(expr);
            if source.program.binding_scope(source.program.scope_of(FILE.expr(expr)), name) != Some(scope) {
                continue;
            }
            if span.start < from
                || at == Some(add) && !matches!(adds, Adds::One(value) if spans(tree[value].span, span))
            {
                continue;
            }
            if span.start < until.end || source.program.scope_of(FILE.expr(expr)) != scope {
                return Err(Refusal::shape(format!("`{text}` is read while it is gathered")));
            }
            reads.push(expr);
        }
        reads.sort_by_key(|&expr| tree[expr].span.start);
        Ok(Self { function, name, made, first, around, add, adds, reads })
    }

    /// The loop and what prepares it, as it is when each page is worked on as soon as it is there: `work` gives the lines for a page, by their indentation. It begins
    /// with the line that the second value says and ends with the loop.
    pub(super) fn looped(&self, source: &Source<'_>, work: &dyn Fn(&str) -> String) -> Option<(String, Span)> {
        let tree = source.tree();
        let region = self.region(source);
        let add = source.lines_of(tree[self.add].span);
        let mut pages: Vec<super::Edit> = source.smaller_pages(self.whole(source)).into_iter().collect();
        let Some(first) = self.first else {
            pages.push(super::source::replace(add, work(source.indent(tree[self.add].span.start)?)));
            return Some((source.edited(region, &pages)?, region));
        };
        // The first page was read before: every page is worked on at the top of the loop, which ends when there is no other one.
        let StmtKind::While { test, body, .. } = tree[self.around].kind else { return None };
        let begin = *tree[body].first()?;
        let indent = source.indent(tree[begin].span.start)?;
        let test_span = tree[test].span;
        let ends = format!("{indent}if {}:\n{indent}{}break\n", negated(source, test), source.unit());
        pages.push(super::source::replace(test_span, "True"));
        let at = source.line_start(tree[begin].span.start);
        pages.push(super::source::insert(at, format!("{}{ends}", work(indent))));
        pages.push(super::source::replace(add, ""));
        let whole = Span { start: source.line_start(tree[first].span.start), end: region.end };
        pages.push(super::source::replace(source.lines_of(tree[self.made].span), ""));
        Some((source.edited(whole, &pages)?, whole))
    }

    /// All lines that read pages.
    pub(super) fn whole(&self, source: &Source<'_>) -> Span {
        let region = self.region(source);
        let start = self.first.map_or(region.start, |first| source.tree()[first].span.start);
        Span { start, ..region }
    }

    /// The lines from what follows the making of the list to the end of the loop.
    pub(super) fn region(&self, source: &Source<'_>) -> Span {
        let tree = source.tree();
        let (made, around) = (tree[self.made].span, tree[self.around].span);
        Span { start: source.line_end(made.end - 1), end: source.line_end(around.end - 1) }
    }
}

/// The statement that reads the first page: `answer = table.scan()` before `rows = answer["Items"]`, of which the loop reads others into the same name.
fn first_page(
    source: &Source<'_>,
    function: FunctionId,
    made: StmtId,
    value: ExprId,
    around: StmtId,
    add: StmtId,
    adds: Adds,
) -> Option<StmtId> {
    let tree = source.tree();
    let Adds::All(all) = adds else { return None };
    let StmtKind::While { body, orelse, .. } = tree[around].kind else { return None };
    let same = source.is_path(value) && source.expr(value) == source.expr(all);
    // What comes after the addition would come before it.
    if !same || tree[body].last() != Some(&add) || !orelse.is_empty() || tree[body].len() < 2 {
        return None;
    }
    let root = *names_in(tree, value).first()?;
    let block = source.siblings(made);
    let at = block.iter().position(|&stmt| stmt == made)?;
    let first = *block.get(at.checked_sub(1)?)?;
    let StmtKind::Assign { targets, .. } = tree[first].kind else { return None };
    let [target] = tree[targets] else { return None };
    let reads = matches!(tree[target].kind, ExprKind::Name(name) if name == root);
    // The loop follows at once.
    let next = block.get(at + 1) == Some(&around);
    (reads && next && source.is_in(first, function) && source.ends_line(first)).then_some(first)
}

/// The opposite of a condition.
fn negated(source: &Source<'_>, test: ExprId) -> String {
    let tree = source.tree();
    let text = source.expr(test);
    if let ExprKind::Compare { left, rest } = tree[test].kind
        && let [only] = &tree[rest]
    {
        let other = match only.op {
            crate::syntax::Compare::In => "not in",
            crate::syntax::Compare::NotIn => "in",
            crate::syntax::Compare::Is => "is not",
            crate::syntax::Compare::IsNot => "is",
            _ => return format!("not ({text})"),
        };
        return format!("{} {other} {}", source.expr(left), source.expr(only.right));
    }
    match tree[test].kind {
        ExprKind::Name(_) | ExprKind::Call { .. } | ExprKind::Attribute { .. } | ExprKind::Subscript { .. } => {
            format!("not {text}")
        }
        _ => format!("not ({text})"),
    }
}

pub(super) fn is_loop(source: &Source<'_>, stmt: StmtId) -> bool {
    matches!(source.tree()[stmt].kind, StmtKind::For { .. } | StmtKind::While { .. })
}

fn is_empty_list(source: &Source<'_>, value: ExprId) -> bool {
    match source.tree()[value].kind {
        ExprKind::List(parts) => parts.is_empty(),
        ExprKind::Call { args, .. } => args.is_empty() && source.expr(value) == "list()",
        _ => false,
    }
}

/// The name of a list that a statement adds to.
fn added(source: &Source<'_>, stmt: StmtId) -> Option<(Sym, Adds)> {
    let tree = source.tree();
    match tree[stmt].kind {
        StmtKind::AugAssign { target, op: Operator::Add, value } => match tree[target].kind {
            ExprKind::Name(name) => Some((name, Adds::All(value))),
            _ => None,
        },
        StmtKind::Expr(call) => {
            let ExprKind::Call { callee, args } = tree[call].kind else { return None };
            let ExprKind::Attribute { base, name: method } = tree[callee].kind else { return None };
            let ExprKind::Name(name) = tree[base].kind else { return None };
            let [arg] = &tree[args] else { return None };
            if arg.keyword.is_some() || arg.double_star {
                return None;
            }
            match source.program.text(method) {
                "extend" => Some((name, Adds::All(arg.value))),
                "append" => Some((name, Adds::One(arg.value))),
                _ => None,
            }
        }
        _ => None,
    }
}

/// A comprehension with one clause over a name: the clause's target, its conditions, and the element.
pub(super) struct Over {
    pub(super) whole: ExprId,
    pub(super) target: ExprId,
    pub(super) conditions: Vec<ExprId>,
    pub(super) element: ExprId,
}

impl Over {
    /// The list or generator that goes through an expression.
    pub(super) fn of(source: &Source<'_>, iterated: ExprId) -> Option<Self> {
        let tree = source.tree();
        let whole = source.parent(iterated)?;
        let ExprKind::Comprehension { kind, element, clauses, .. } = tree[whole].kind else { return None };
        let [clause] = &tree[clauses] else { return None };
        let plain = matches!(kind, Comprehension::List | Comprehension::Generator) && !clause.is_async;
        (plain && clause.iter == iterated).then(|| Self {
            whole,
            target: clause.target,
            conditions: tree[clause.conditions].to_vec(),
            element,
        })
    }
}

/// The names in an expression.
pub(super) fn names_in(tree: &Tree, expr: ExprId) -> Vec<Sym> {
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
    tree.walk_expr(expr, &mut names);
    names.0
}

impl Source<'_> {
    /// The text of a span after edits within it.
    pub(super) fn edited(&self, span: Span, edits: &[super::Edit]) -> Option<String> {
        let moved: Vec<super::Edit> =
            (edits.iter().filter(|edit| edit.span.start >= span.start && edit.span.end <= span.end))
                .map(|edit| super::Edit {
                    span: Span { start: edit.span.start - span.start, end: edit.span.end - span.start },
                    text: edit.text.clone(),
                })
                .collect();
        super::apply(self.slice(span), &moved)
    }

    /// Whether a statement is executed in a function itself.
    pub(super) fn is_in(&self, stmt: StmtId, function: FunctionId) -> bool {
        self.program.scope_of_stmt(FILE.stmt(stmt)).function() == Some(function)
    }

    /// Whether a function binds a name within a span, be it by a comprehension.
    pub(super) fn binds(&self, function: FunctionId, name: Sym, within: Span) -> bool {
        self.program.bindings(Scope::Function(function), name).any(|binding| match binding {
            Binding::Target(target) => {
                let at = self.tree()[target].span.start;
                (within.start..within.end).contains(&at)
            }
            Binding::Param(_) => false,
            Binding::Function(ix) => (within.start..within.end).contains(&self.tree()[ix].span.start),
            _ => true,
        })
    }

    /// The names that a function binds within a span.
    pub(super) fn bound_in(&self, function: FunctionId, span: Span) -> Vec<Sym> {
        let module = self.program.module(FILE);
        let parent = crate::syntax::Parent::Function(function.ix);
        module.bindings.names(parent).map(|(name, _)| name).filter(|&name| self.binds(function, name, span)).collect()
    }

    /// Whether a name is read or bound in a function outside of a span.
    pub(super) fn occurs_outside(&self, function: FunctionId, name: Sym, span: Span) -> bool {
        let tree = self.tree();
        let body = tree[function.ix].span;
        let param =
            self.program.bindings(Scope::Function(function), name).any(|found| matches!(found, Binding::Param(_)));
        param
            || self.exprs().any(|expr| {
                let at = tree[expr].span.start;
                matches!(tree[expr].kind, ExprKind::Name(found) if found == name)
                    && (body.start..body.end).contains(&at)
                    && !(span.start..span.end).contains(&at)
            })
    }

    /// An expression as something that can be iterated behind `in`.
    pub(super) fn iterable(&self, expr: ExprId) -> String {
        let text = self.expr(expr);
        match self.tree()[expr].kind {
            ExprKind::Comprehension { kind: Comprehension::Generator, .. } if !text.starts_with('(') => {
                format!("({text})")
            }
            _ => text.to_owned(),
        }
    }
}
