//! From the parser's tree to ours: expressions, arguments and parameters.

use ruff_python_ast::{self as ast, StringFlags};
use ruff_python_parser::parse_expression_range;
use ruff_text_size::Ranged;

use super::words::{comparison, constant, operator};
use super::{Lower, span};
use crate::names::Sym;
use crate::syntax::{
    Arg, Block, Clause, Comparison, Comprehension, Const, Entry, ExprId, ExprKind, Function, Many, Param, ParamKind,
    Parent, Span, StmtKind,
};

/// Longer texts are cut: nothing looks that far.
const TEXT: usize = 1_024;

impl Lower<'_, '_> {
    pub(super) fn maybe(&mut self, expr: Option<&ast::Expr>) -> Option<ExprId> {
        expr.map(|expr| self.expr(expr))
    }

    pub(super) fn expr_list<'e>(&mut self, exprs: impl IntoIterator<Item = &'e ast::Expr>) -> Many<ExprId> {
        let mark = self.exprs.len();
        for expr in exprs {
            let id = self.expr(expr);
            self.exprs.push(id);
        }
        self.tree.many(self.exprs.drain(mark..))
    }

    /// An expression in which a string stands for the expression that it holds.
    pub(super) fn annotation(&mut self, expr: &ast::Expr) -> ExprId {
        let outside = std::mem::replace(&mut self.annotation, true);
        let id = self.expr(expr);
        self.annotation = outside;
        id
    }

    fn plain(&mut self, expr: &ast::Expr) -> ExprId {
        let outside = std::mem::replace(&mut self.annotation, false);
        let id = self.expr(expr);
        self.annotation = outside;
        id
    }

    pub(super) fn expr(&mut self, expr: &ast::Expr) -> ExprId {
        let span = span(expr.range());
        if !self.enter(span) {
            return self.tree.add_expr(ExprKind::Missing, span);
        }
        let kind = self.kind(expr, span);
        self.depth -= 1;
        self.tree.add_expr(kind, span)
    }

    fn kind(&mut self, expr: &ast::Expr, span: Span) -> ExprKind {
        match expr {
            // The parser stands in an empty name for what it misses.
            ast::Expr::Name(name) if name.id.is_empty() => ExprKind::Missing,
            ast::Expr::Name(name) => ExprKind::Name(self.interner.intern(&name.id)),
            ast::Expr::Attribute(attribute) => {
                let base = self.expr(&attribute.value);
                ExprKind::Attribute { base, name: self.interner.intern(&attribute.attr.id) }
            }
            ast::Expr::Call(call) => {
                let outside = std::mem::replace(&mut self.annotation, false);
                let callee = self.expr(&call.func);
                let args = self.arguments(&call.arguments);
                self.annotation = outside;
                ExprKind::Call { callee, args }
            }
            ast::Expr::Subscript(subscript) => {
                let base = self.expr(&subscript.value);
                ExprKind::Subscript { base, index: self.index(&subscript.value, &subscript.slice) }
            }
            ast::Expr::Slice(slice) => ExprKind::Slice {
                lower: self.maybe(slice.lower.as_deref()),
                upper: self.maybe(slice.upper.as_deref()),
                step: self.maybe(slice.step.as_deref()),
            },
            ast::Expr::StringLiteral(string) => self.string(string),
            ast::Expr::BytesLiteral(_) => ExprKind::Const(Const::Bytes),
            ast::Expr::NumberLiteral(number) => ExprKind::Const(constant(&number.value)),
            ast::Expr::BooleanLiteral(literal) => ExprKind::Const(Const::Bool(literal.value)),
            ast::Expr::NoneLiteral(_) => ExprKind::Const(Const::None),
            ast::Expr::EllipsisLiteral(_) => ExprKind::Const(Const::Ellipsis),
            ast::Expr::FString(string) => ExprKind::Fstring(self.fstring(string)),
            ast::Expr::TString(string) => ExprKind::Fstring(self.interpolations(string.value.elements())),
            ast::Expr::List(list) => ExprKind::List(self.expr_list(&list.elts)),
            ast::Expr::Tuple(tuple) => ExprKind::Tuple(self.expr_list(&tuple.elts)),
            ast::Expr::Set(set) => ExprKind::Set(self.expr_list(&set.elts)),
            ast::Expr::Dict(dict) => {
                let entries = dict
                    .items
                    .iter()
                    .map(|item| Entry { key: self.maybe(item.key.as_ref()), value: self.expr(&item.value) });
                let entries: Vec<_> = entries.collect();
                ExprKind::Dict(self.tree.many(entries))
            }
            ast::Expr::ListComp(comp) => self.comprehension(Comprehension::List, &comp.elt, None, &comp.generators),
            ast::Expr::SetComp(comp) => self.comprehension(Comprehension::Set, &comp.elt, None, &comp.generators),
            ast::Expr::DictComp(comp) => match comp.key.as_deref() {
                Some(key) => self.comprehension(Comprehension::Dict, key, Some(&comp.value), &comp.generators),
                None => self.comprehension(Comprehension::Dict, &comp.value, None, &comp.generators),
            },
            ast::Expr::Generator(comp) => {
                self.comprehension(Comprehension::Generator, &comp.elt, None, &comp.generators)
            }
            ast::Expr::Lambda(lambda) => self.lambda(lambda, span),
            ast::Expr::Await(value) => ExprKind::Await(self.expr(&value.value)),
            ast::Expr::Yield(value) => {
                self.yields();
                ExprKind::Yield(self.maybe(value.value.as_deref()))
            }
            ast::Expr::YieldFrom(value) => {
                self.yields();
                ExprKind::YieldFrom(self.expr(&value.value))
            }
            ast::Expr::Starred(starred) => ExprKind::Starred(self.expr(&starred.value)),
            ast::Expr::Named(named) => {
                let value = self.expr(&named.value);
                ExprKind::Named { target: self.expr(&named.target), value }
            }
            ast::Expr::If(choice) => ExprKind::IfElse {
                test: self.expr(&choice.test),
                body: self.expr(&choice.body),
                orelse: self.expr(&choice.orelse),
            },
            ast::Expr::BoolOp(op) => {
                ExprKind::Bool { or: op.op == ast::BoolOp::Or, values: self.expr_list(&op.values) }
            }
            ast::Expr::BinOp(op) => {
                ExprKind::Binary { left: self.expr(&op.left), right: self.expr(&op.right), op: operator(op.op) }
            }
            ast::Expr::UnaryOp(op) => match (op.op, &*op.operand) {
                (ast::UnaryOp::USub, ast::Expr::NumberLiteral(number)) => {
                    ExprKind::Const(match constant(&number.value) {
                        Const::Int(value) => Const::Int(-value),
                        Const::Float(value) => Const::Float(-value),
                        other => other,
                    })
                }
                (kind, operand) => ExprKind::Unary { not: kind == ast::UnaryOp::Not, value: self.expr(operand) },
            },
            ast::Expr::Compare(compare) => {
                let left = self.expr(&compare.left);
                let rest = compare.ops.iter().zip(&compare.comparators);
                let rest: Vec<_> =
                    rest.map(|(op, right)| Comparison { op: comparison(*op), right: self.expr(right) }).collect();
                ExprKind::Compare { left, rest: self.tree.many(rest) }
            }
            ast::Expr::IpyEscapeCommand(_) => ExprKind::Missing,
        }
    }

    fn yields(&mut self) {
        if let Parent::Function(index) = self.parent {
            self.tree.function_mut(index).is_generator = true;
        }
    }

    /// The index of a subscript: in an annotation, `Literal["x"]` holds a text and `Annotated[X, "y"]` only its first part a type.
    fn index(&mut self, base: &ast::Expr, index: &ast::Expr) -> ExprId {
        let name = match base {
            ast::Expr::Name(name) => name.id.as_str(),
            ast::Expr::Attribute(attribute) => attribute.attr.id.as_str(),
            _ => "",
        };
        match (self.annotation, name, index) {
            (true, "Literal", _) => self.plain(index),
            (true, "Annotated", ast::Expr::Tuple(tuple)) if !tuple.elts.is_empty() => {
                let mark = self.exprs.len();
                let first = self.expr(&tuple.elts[0]);
                self.exprs.push(first);
                for part in &tuple.elts[1..] {
                    let id = self.plain(part);
                    self.exprs.push(id);
                }
                let parts = self.tree.many(self.exprs.drain(mark..));
                self.tree.add_expr(ExprKind::Tuple(parts), span(tuple.range))
            }
            _ => self.expr(index),
        }
    }

    fn string(&mut self, string: &ast::ExprStringLiteral) -> ExprKind {
        if self.annotation
            && let [part] = string.value.as_slice()
            && let Some(id) = self.quoted(part)
        {
            return self.tree[id].kind;
        }
        let mut joined;
        let text = match string.value.as_slice() {
            [part] => &*part.value,
            parts => {
                joined = String::new();
                for part in parts {
                    joined.push_str(&part.value);
                    if joined.len() > TEXT {
                        break;
                    }
                }
                joined.as_str()
            }
        };
        self.text(text)
    }

    fn text(&mut self, text: &str) -> ExprKind {
        ExprKind::Const(Const::Str(self.interner.intern(&text[..text.floor_char_boundary(TEXT)])))
    }

    /// The expression inside of a quoted annotation.
    fn quoted(&mut self, part: &ast::StringLiteral) -> Option<ExprId> {
        let range = part.range.add_start(part.flags.opener_len()).sub_end(part.flags.closer_len());
        let inside = self.text.get(range.start().to_usize()..range.end().to_usize())?;
        if inside != &*part.value || inside.len() > TEXT || inside.contains(['\n', '\\', '"', '\'']) {
            return None;
        }
        let parsed = parse_expression_range(self.text, range).ok()?;
        Some(self.expr(&parsed.into_syntax().body))
    }

    /// The literal parts, which a route's path is made of, and the interpolated expressions, in the order of the source.
    fn fstring(&mut self, string: &ast::ExprFString) -> Many<ExprId> {
        let mark = self.exprs.len();
        for part in &string.value {
            match part {
                ast::FStringPart::Literal(literal) => self.literal_part(&literal.value, span(literal.range)),
                ast::FStringPart::FString(part) => {
                    for element in &part.elements {
                        match element {
                            ast::InterpolatedStringElement::Literal(literal) => {
                                self.literal_part(&literal.value, span(literal.range));
                            }
                            ast::InterpolatedStringElement::Interpolation(_) => self.interpolation(element),
                        }
                    }
                }
            }
        }
        self.tree.many(self.exprs.drain(mark..))
    }

    fn literal_part(&mut self, text: &str, at: Span) {
        let kind = self.text(text);
        let id = self.tree.add_expr(kind, at);
        self.exprs.push(id);
    }

    fn interpolations<'e>(
        &mut self,
        elements: impl Iterator<Item = &'e ast::InterpolatedStringElement>,
    ) -> Many<ExprId> {
        let mark = self.exprs.len();
        for element in elements {
            self.interpolation(element);
        }
        self.tree.many(self.exprs.drain(mark..))
    }

    fn interpolation(&mut self, element: &ast::InterpolatedStringElement) {
        let ast::InterpolatedStringElement::Interpolation(part) = element else { return };
        let id = self.expr(&part.expression);
        self.exprs.push(id);
        if let Some(spec) = &part.format_spec
            && self.enter(span(spec.range))
        {
            spec.elements.iter().for_each(|element| self.interpolation(element));
            self.depth -= 1;
        }
    }

    fn comprehension(
        &mut self,
        kind: Comprehension,
        element: &ast::Expr,
        value: Option<&ast::Expr>,
        generators: &[ast::Comprehension],
    ) -> ExprKind {
        let clauses = generators.iter().map(|clause| Clause {
            iter: self.expr(&clause.iter),
            target: self.expr(&clause.target),
            conditions: self.expr_list(&clause.ifs),
            is_async: clause.is_async,
        });
        let clauses: Vec<_> = clauses.collect();
        let clauses = self.tree.many(clauses);
        let element = self.expr(element);
        ExprKind::Comprehension { kind, element, value: self.maybe(value), clauses }
    }

    fn lambda(&mut self, lambda: &ast::ExprLambda, span: Span) -> ExprKind {
        let params = lambda.parameters.as_deref().map(|parameters| self.params(parameters)).unwrap_or_default();
        let index = self.tree.add_function(Function {
            name: self.interner.intern("<lambda>"),
            params,
            returns: None,
            decorators: Many::default(),
            body: Block::default(),
            parent: self.parent,
            is_async: false,
            is_generator: false,
            name_span: span,
            span,
        });
        let outside = std::mem::replace(&mut self.parent, Parent::Function(index));
        let value = self.expr(&lambda.body);
        self.parent = outside;
        let value_span = self.tree[value].span;
        let result = self.tree.add_stmt(StmtKind::Return(Some(value)), value_span);
        let body = self.tree.many([result]);
        self.tree.function_mut(index).body = body;
        ExprKind::Lambda(index)
    }

    pub(super) fn decorators(&mut self, decorators: &[ast::Decorator]) -> Many<ExprId> {
        self.expr_list(decorators.iter().map(|decorator| &decorator.expression))
    }

    pub(super) fn arguments(&mut self, arguments: &ast::Arguments) -> Many<Arg> {
        let mark = self.args.len();
        for argument in arguments.iter_source_order() {
            let arg = match argument {
                ast::ArgOrKeyword::Arg(value) => Arg { keyword: None, double_star: false, value: self.expr(value) },
                ast::ArgOrKeyword::Keyword(keyword) => Arg {
                    keyword: keyword.arg.as_ref().map(|name| self.interner.intern(&name.id)),
                    double_star: keyword.arg.is_none(),
                    value: self.expr(&keyword.value),
                },
            };
            self.args.push(arg);
        }
        self.tree.many(self.args.drain(mark..))
    }

    pub(super) fn params(&mut self, parameters: &ast::Parameters) -> Many<Param> {
        let mut params = Vec::with_capacity(parameters.len());
        let groups = [(&parameters.posonlyargs, ParamKind::PositionalOnly), (&parameters.args, ParamKind::Normal)];
        for (group, kind) in groups {
            params.extend(group.iter().map(|param| self.param(&param.parameter, kind, param.default.as_deref())));
        }
        params.extend(parameters.vararg.iter().map(|param| self.param(param, ParamKind::Args, None)));
        let named = &parameters.kwonlyargs;
        params.extend(
            named.iter().map(|param| self.param(&param.parameter, ParamKind::KeywordOnly, param.default.as_deref())),
        );
        params.extend(parameters.kwarg.iter().map(|param| self.param(param, ParamKind::Kwargs, None)));
        self.tree.many(params)
    }

    fn param(&mut self, param: &ast::Parameter, kind: ParamKind, default: Option<&ast::Expr>) -> Param {
        Param {
            name: self.name(&param.name),
            kind,
            annotation: param.annotation.as_deref().map(|annotation| self.annotation(annotation)),
            default: self.maybe(default),
            span: span(param.name.range),
        }
    }

    fn name(&mut self, name: &ast::Identifier) -> Sym {
        if name.id.is_empty() { self.empty } else { self.interner.intern(&name.id) }
    }
}
