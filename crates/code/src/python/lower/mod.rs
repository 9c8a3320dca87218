//! From the parser's tree to ours: statements. Expressions and patterns have files of their own.

mod expr;
mod pattern;
mod words;

use ruff_python_ast::{self as ast, ModModule};
use ruff_text_size::Ranged;

use super::span;
use crate::names::{Interner, Sym};
use crate::syntax::{
    Arg, Block, Case, Class, ClassIx, ExprId, Function, Handler, Import, Parent, Span, Stmt, StmtId, StmtKind, Tree,
    WithItem,
};

/// The most levels that a tree has, statements and expressions together.
pub const DEPTH: u32 = 300;

/// So many `elif` nest; further ones stand side by side.
const ELIFS: usize = 40;

/// Lowers a module; also says where it was cut because it nests too deeply.
pub fn lower(interner: &mut Interner<'_>, text: &str, module: &ModModule) -> (Tree, Option<Span>) {
    let empty = interner.intern("");
    let mut lower = Lower {
        text,
        interner,
        tree: Tree::default(),
        parent: Parent::Module,
        depth: 0,
        cut: None,
        type_checking: false,
        annotation: false,
        exprs: Vec::new(),
        stmts: Vec::new(),
        args: Vec::new(),
        empty,
    };
    let body = lower.block(&module.body);
    lower.tree.body = body;
    lower.tree.shrink();
    (lower.tree, lower.cut)
}

struct Lower<'a, 'n> {
    text: &'a str,
    interner: &'a mut Interner<'n>,
    tree: Tree,
    parent: Parent,
    depth: u32,
    cut: Option<Span>,
    /// Inside of `if TYPE_CHECKING`.
    type_checking: bool,
    /// Inside of an annotation, where a string is an expression.
    annotation: bool,
    // Children that wait until their list is complete.
    exprs: Vec<ExprId>,
    stmts: Vec<StmtId>,
    args: Vec<Arg>,
    empty: Sym,
}

impl Lower<'_, '_> {
    /// Goes one level down, if there is one.
    fn enter(&mut self, at: Span) -> bool {
        if self.depth >= DEPTH {
            self.cut.get_or_insert(at);
            return false;
        }
        self.depth += 1;
        true
    }

    fn block(&mut self, body: &[ast::Stmt]) -> Block {
        let Some(first) = body.first() else { return Block::default() };
        if !self.enter(span(first.range())) {
            return Block::default();
        }
        let mark = self.stmts.len();
        for stmt in body {
            let Stmt { kind, span } = self.stmt(stmt);
            let id = self.tree.add_stmt(kind, span);
            self.stmts.push(id);
        }
        self.depth -= 1;
        self.tree.many(self.stmts.drain(mark..))
    }

    fn stmt(&mut self, stmt: &ast::Stmt) -> Stmt {
        let kind = match stmt {
            ast::Stmt::FunctionDef(def) => self.function(def),
            ast::Stmt::ClassDef(def) => self.class(def),
            ast::Stmt::Return(stmt) => StmtKind::Return(self.maybe(stmt.value.as_deref())),
            ast::Stmt::Delete(stmt) => StmtKind::Delete(self.expr_list(&stmt.targets)),
            ast::Stmt::TypeAlias(stmt) => {
                let target = self.expr(&stmt.name);
                let value = self.annotation(&stmt.value);
                StmtKind::Assign { targets: self.tree.many([target]), value: Some(value), annotation: None }
            }
            ast::Stmt::Assign(stmt) => {
                let value = self.expr(&stmt.value);
                StmtKind::Assign { targets: self.expr_list(&stmt.targets), value: Some(value), annotation: None }
            }
            ast::Stmt::AnnAssign(stmt) => {
                let value = self.maybe(stmt.value.as_deref());
                let target = self.expr(&stmt.target);
                let annotation = self.annotation(&stmt.annotation);
                StmtKind::Assign { targets: self.tree.many([target]), value, annotation: Some(annotation) }
            }
            ast::Stmt::AugAssign(stmt) => {
                let value = self.expr(&stmt.value);
                StmtKind::AugAssign { target: self.expr(&stmt.target), op: words::operator(stmt.op), value }
            }
            ast::Stmt::For(stmt) => StmtKind::For {
                iter: self.expr(&stmt.iter),
                target: self.expr(&stmt.target),
                body: self.block(&stmt.body),
                orelse: self.block(&stmt.orelse),
                is_async: stmt.is_async,
            },
            ast::Stmt::While(stmt) => StmtKind::While {
                test: self.expr(&stmt.test),
                body: self.block(&stmt.body),
                orelse: self.block(&stmt.orelse),
            },
            ast::Stmt::If(stmt) => {
                let (test, body) = self.branch(&stmt.test, &stmt.body);
                let negated = self.type_checking;
                self.type_checking |= is_not_type_checking(&stmt.test);
                let orelse = self.elifs(&stmt.elif_else_clauses, 0);
                self.type_checking = negated;
                StmtKind::If { test, body, orelse }
            }
            ast::Stmt::With(stmt) => {
                let items = stmt.items.iter().map(|item| {
                    let context = self.expr(&item.context_expr);
                    WithItem { context, target: self.maybe(item.optional_vars.as_deref()) }
                });
                let items: Vec<_> = items.collect();
                StmtKind::With { items: self.tree.many(items), body: self.block(&stmt.body), is_async: stmt.is_async }
            }
            ast::Stmt::Match(stmt) => {
                let subject = self.expr(&stmt.subject);
                let cases = stmt.cases.iter().map(|case| {
                    let names = self.pattern_names(&case.pattern);
                    let guard = self.maybe(case.guard.as_deref());
                    Case { names, guard, body: self.block(&case.body) }
                });
                let cases: Vec<_> = cases.collect();
                StmtKind::Match { subject, cases: self.tree.many(cases) }
            }
            ast::Stmt::Raise(stmt) => {
                let exception = self.maybe(stmt.exc.as_deref());
                StmtKind::Raise { exception, cause: self.maybe(stmt.cause.as_deref()) }
            }
            ast::Stmt::Try(stmt) => {
                let body = self.block(&stmt.body);
                let handlers = stmt.handlers.iter().map(|ast::ExceptHandler::ExceptHandler(handler)| Handler {
                    exceptions: self.maybe(handler.type_.as_deref()),
                    name: handler.name.as_ref().map(|name| self.interner.intern(&name.id)),
                    body: self.block(&handler.body),
                    span: span(handler.range),
                });
                let handlers: Vec<_> = handlers.collect();
                let handlers = self.tree.many(handlers);
                StmtKind::Try { body, handlers, orelse: self.block(&stmt.orelse), finally: self.block(&stmt.finalbody) }
            }
            ast::Stmt::Assert(stmt) => {
                let test = self.expr(&stmt.test);
                StmtKind::Assert { test, message: self.maybe(stmt.msg.as_deref()) }
            }
            ast::Stmt::Import(stmt) => {
                let imports = stmt.names.iter().map(|alias| self.import(None, 0, alias));
                let imports: Vec<_> = imports.collect();
                StmtKind::Import(self.tree.many(imports))
            }
            ast::Stmt::ImportFrom(stmt) => {
                let module = stmt.module.as_ref().map_or("", |name| name.id.as_str());
                let imports = stmt.names.iter().map(|alias| self.import(Some(module), stmt.level, alias));
                let imports: Vec<_> = imports.collect();
                StmtKind::Import(self.tree.many(imports))
            }
            ast::Stmt::Global(stmt) => {
                let names = stmt.names.iter().map(|name| self.interner.intern(&name.id));
                StmtKind::Global(self.tree.many(names))
            }
            ast::Stmt::Nonlocal(stmt) => {
                let names = stmt.names.iter().map(|name| self.interner.intern(&name.id));
                StmtKind::Nonlocal(self.tree.many(names))
            }
            // A docstring, wherever it stands.
            ast::Stmt::Expr(stmt) if stmt.value.is_string_literal_expr() => StmtKind::Pass,
            ast::Stmt::Expr(stmt) => StmtKind::Expr(self.expr(&stmt.value)),
            ast::Stmt::Break(_) => StmtKind::Break,
            ast::Stmt::Continue(_) => StmtKind::Continue,
            ast::Stmt::Pass(_) | ast::Stmt::IpyEscapeCommand(_) => StmtKind::Pass,
        };
        Stmt { kind, span: span(stmt.range()) }
    }

    fn branch(&mut self, test: &ast::Expr, body: &[ast::Stmt]) -> (ExprId, Block) {
        let condition = self.expr(test);
        let outside = self.type_checking;
        self.type_checking |= is_type_checking(test);
        let body = self.block(body);
        self.type_checking = outside;
        (condition, body)
    }

    fn elifs(&mut self, clauses: &[ast::ElifElseClause], nested: usize) -> Block {
        let Some((clause, rest)) = clauses.split_first() else { return Block::default() };
        let Some(test) = &clause.test else { return self.block(&clause.body) };
        if !self.enter(span(clause.range)) {
            return Block::default();
        }
        let (test, body) = self.branch(test, &clause.body);
        let orelse = if nested < ELIFS { self.elifs(rest, nested + 1) } else { Block::default() };
        self.depth -= 1;
        let end = if nested < ELIFS { rest.last().unwrap_or(clause) } else { clause };
        let kind = StmtKind::If { test, body, orelse };
        let first =
            self.tree.add_stmt(kind, Span { start: clause.range.start().to_u32(), end: end.range.end().to_u32() });
        if nested < ELIFS {
            return self.tree.many([first]);
        }
        let mark = self.stmts.len();
        self.stmts.push(first);
        for clause in rest {
            let Some(test) = &clause.test else {
                let last = self.block(&clause.body);
                let last: Vec<_> = self.tree[last].to_vec();
                self.stmts.extend(last);
                continue;
            };
            let (test, body) = self.branch(test, &clause.body);
            let id = self.tree.add_stmt(StmtKind::If { test, body, orelse: Block::default() }, span(clause.range));
            self.stmts.push(id);
        }
        self.tree.many(self.stmts.drain(mark..))
    }

    fn import(&mut self, from: Option<&str>, level: u32, alias: &ast::Alias) -> Import {
        let name = self.interner.intern(&alias.name.id);
        Import {
            module: from.map_or(name, |module| self.interner.intern(module)),
            name: from.map(|_| name),
            alias: alias.asname.as_ref().map(|name| self.interner.intern(&name.id)),
            level: u8::try_from(level).unwrap_or(u8::MAX),
            type_checking: self.type_checking,
            span: span(alias.range),
        }
    }

    fn function(&mut self, def: &ast::StmtFunctionDef) -> StmtKind {
        let decorators = self.decorators(&def.decorator_list);
        let params = self.params(&def.parameters);
        let returns = def.returns.as_deref().map(|returns| self.annotation(returns));
        let index = self.tree.add_function(Function {
            name: self.interner.intern(&def.name.id),
            params,
            returns,
            decorators,
            body: Block::default(),
            parent: self.parent,
            is_async: def.is_async,
            is_generator: false,
            name_span: span(def.name.range),
            span: span(def.range),
        });
        let outside = std::mem::replace(&mut self.parent, Parent::Function(index));
        let body = self.block(&def.body);
        self.parent = outside;
        self.tree.function_mut(index).body = body;
        StmtKind::Function(index)
    }

    fn class(&mut self, def: &ast::StmtClassDef) -> StmtKind {
        let decorators = self.decorators(&def.decorator_list);
        let bases = def.arguments.as_deref().map(|arguments| self.arguments(arguments)).unwrap_or_default();
        let index: ClassIx = self.tree.add_class(Class {
            name: self.interner.intern(&def.name.id),
            bases,
            decorators,
            body: Block::default(),
            parent: self.parent,
            name_span: span(def.name.range),
            span: span(def.range),
        });
        let outside = std::mem::replace(&mut self.parent, Parent::Class(index));
        let body = self.block(&def.body);
        self.parent = outside;
        self.tree.class_mut(index).body = body;
        StmtKind::Class(index)
    }
}

/// `TYPE_CHECKING` or `typing.TYPE_CHECKING`.
fn is_type_checking(test: &ast::Expr) -> bool {
    match test {
        ast::Expr::Name(name) => name.id == "TYPE_CHECKING",
        ast::Expr::Attribute(attribute) => &attribute.attr.id == "TYPE_CHECKING",
        _ => false,
    }
}

/// `not TYPE_CHECKING`.
fn is_not_type_checking(test: &ast::Expr) -> bool {
    matches!(test, ast::Expr::UnaryOp(unary) if unary.op == ast::UnaryOp::Not && is_type_checking(&unary.operand))
}
