//! From the parser's numbers and operators to ours.

use ruff_python_ast as ast;

use crate::syntax::{Compare, Const, Operator};

pub(super) fn constant(number: &ast::Number) -> Const {
    match number {
        ast::Number::Int(value) => Const::Int(value.as_i64().unwrap_or(i64::MAX)),
        ast::Number::Float(value) => Const::Float(*value),
        ast::Number::Complex { imag, .. } => Const::Float(*imag),
    }
}

pub(super) fn operator(op: ast::Operator) -> Operator {
    match op {
        ast::Operator::Add => Operator::Add,
        ast::Operator::Sub => Operator::Sub,
        ast::Operator::Mult => Operator::Mul,
        ast::Operator::BitOr => Operator::BitOr,
        ast::Operator::BitAnd => Operator::BitAnd,
        ast::Operator::Mod => Operator::Mod,
        _ => Operator::Other,
    }
}

pub(super) fn comparison(op: ast::CmpOp) -> Compare {
    match op {
        ast::CmpOp::Eq => Compare::Eq,
        ast::CmpOp::NotEq => Compare::NotEq,
        ast::CmpOp::Lt => Compare::Lt,
        ast::CmpOp::LtE => Compare::LtE,
        ast::CmpOp::Gt => Compare::Gt,
        ast::CmpOp::GtE => Compare::GtE,
        ast::CmpOp::Is => Compare::Is,
        ast::CmpOp::IsNot => Compare::IsNot,
        ast::CmpOp::In => Compare::In,
        ast::CmpOp::NotIn => Compare::NotIn,
    }
}
