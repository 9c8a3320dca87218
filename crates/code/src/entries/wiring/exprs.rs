//! Playing expressions.

use std::rc::Rc;

use super::{Args, Env, Val, Wiring};
use crate::program::ExprAt;
use crate::syntax::{Arg, Compare, ExprId, ExprKind, Many, Operator};

/// Texts grow no further.
const LONGEST_TEXT: usize = 2_048;
/// Lists grow no further.
const LONGEST_LIST: usize = 4_096;

/// What stands for an unknown part of a text.
pub(super) const GAP: &str = "{var}";

impl Wiring<'_> {
    /// The value of an expression in a scope.
    pub(in crate::entries) fn expr(&mut self, at: ExprAt, env: &Rc<Env>) -> Val {
        if !self.step() {
            return Val::Unknown;
        }
        let program = self.program;
        let tree = program.tree(at.module);
        let beside = |expr: ExprId| at.beside(expr);
        match tree[at.expr].kind {
            ExprKind::Name(name) => self.name(name, env),
            ExprKind::Attribute { base, name } => {
                let base = self.expr(beside(base), env);
                self.attribute(&base, name)
            }
            ExprKind::Call { callee, args } => {
                let function = self.expr(beside(callee), env);
                let args = self.arguments(at, args, env);
                self.call(&function, args, at, env)
            }
            ExprKind::Subscript { base, index } => {
                let base = self.expr(beside(base), env);
                let index = self.expr(beside(index), env);
                self.subscript(&base, &index)
            }
            ExprKind::Const(constant) => self.constant(constant),
            ExprKind::Fstring(parts) => {
                let mut joined = String::new();
                let mut sure = true;
                for &part in &tree[parts] {
                    match self.expr(beside(part), env) {
                        Val::Text(text) => {
                            joined.push_str(&text.text);
                            sure &= text.sure;
                        }
                        Val::Int(value) => joined.push_str(&value.to_string()),
                        _ => {
                            joined.push_str(GAP);
                            sure = false;
                        }
                    }
                }
                text(joined, sure)
            }
            ExprKind::List(parts) | ExprKind::Tuple(parts) | ExprKind::Set(parts) => {
                let mut items = Vec::with_capacity(parts.len().min(LONGEST_LIST));
                for &part in tree[parts].iter().take(LONGEST_LIST) {
                    if let ExprKind::Starred(inner) = tree[part].kind {
                        let inner = self.expr(beside(inner), env);
                        match self.iterate(&inner) {
                            Some(more) => items.extend(more),
                            None => items.push(inner),
                        }
                    } else {
                        items.push(self.expr(beside(part), env));
                    }
                }
                Val::list(items)
            }
            ExprKind::Dict(entries) => {
                let mut all = Vec::with_capacity(entries.len().min(LONGEST_LIST));
                for entry in tree[entries].iter().take(LONGEST_LIST) {
                    let value = self.expr(beside(entry.value), env);
                    match entry.key {
                        Some(key) => all.push((self.expr(beside(key), env), value)),
                        None => {
                            if let Val::Dict(more) = &value {
                                all.extend(more.borrow().iter().cloned());
                            }
                        }
                    }
                }
                Val::dict(all)
            }
            ExprKind::Comprehension { element, value, clauses, .. } => {
                let clauses = clauses.len();
                let mut out = Vec::new();
                let known = self.comprehend(at, 0, clauses, element, value, env, &mut out);
                match (known, value) {
                    (true, None) => Val::list(out.into_iter().map(|(element, _)| element).collect()),
                    (true, Some(_)) => Val::dict(out),
                    (false, _) => Val::Unknown,
                }
            }
            ExprKind::Lambda(ix) => Val::Function(Rc::new(self.function_value(at.module.function(ix), Some(env)))),
            ExprKind::Await(value) | ExprKind::Starred(value) => self.expr(beside(value), env),
            ExprKind::Named { target, value } => {
                let value = self.expr(beside(value), env);
                self.assign(target, value.clone(), env);
                value
            }
            ExprKind::IfElse { test, body, orelse } => match self.expr(beside(test), env).truth() {
                Some(true) => self.expr(beside(body), env),
                Some(false) => self.expr(beside(orelse), env),
                None => {
                    let body = self.perhaps(|wiring| wiring.expr(beside(body), env));
                    let orelse = self.perhaps(|wiring| wiring.expr(beside(orelse), env));
                    if matches!(body, Val::Unknown | Val::None) { orelse } else { unsure(body) }
                }
            },
            ExprKind::Bool { or, values } => {
                let mut last = Val::Unknown;
                let mut decided = true;
                for &value in &tree[values] {
                    let value = self.expr(beside(value), env);
                    match value.truth() {
                        Some(truth) if truth == or => return if decided { value } else { unsure(value) },
                        Some(_) => {}
                        // `os.environ.get("PREFIX") or "/api"`: the default is the best guess.
                        None if or && !value.is_unknown() => return value,
                        None => decided = false,
                    }
                    last = value;
                }
                match (decided, or) {
                    (true, _) => last,
                    (false, true) => unsure(last),
                    (false, false) => Val::Unknown,
                }
            }
            ExprKind::Binary { op, left, right } => {
                let left = self.expr(beside(left), env);
                let right = self.expr(beside(right), env);
                self.binary(op, &left, &right)
            }
            ExprKind::Unary { not, value } => {
                let value = self.expr(beside(value), env);
                match value.truth() {
                    Some(truth) if not => Val::Bool(!truth),
                    _ => Val::Unknown,
                }
            }
            ExprKind::Compare { left, rest } => {
                let left = self.expr(beside(left), env);
                let [only] = tree[rest] else { return Val::Unknown };
                let right = self.expr(beside(only.right), env);
                let result = match only.op {
                    Compare::Eq | Compare::Is => left.same(&right),
                    Compare::NotEq | Compare::IsNot => left.same(&right).map(|same| !same),
                    Compare::In | Compare::NotIn => match right.items() {
                        Some(items) => {
                            let same: Vec<Option<bool>> = items.iter().map(|item| left.same(item)).collect();
                            let found = if same.contains(&Some(true)) {
                                Some(true)
                            } else if same.contains(&None) {
                                None
                            } else {
                                Some(false)
                            };
                            found.map(|found| found == (only.op == Compare::In))
                        }
                        None => None,
                    },
                    _ => None,
                };
                result.map_or(Val::Unknown, Val::Bool)
            }
            ExprKind::Slice { .. } | ExprKind::Yield(_) | ExprKind::YieldFrom(_) | ExprKind::Missing => Val::Unknown,
        }
    }

    pub(super) fn arguments(&mut self, at: ExprAt, args: Many<Arg>, env: &Rc<Env>) -> Args {
        let tree = self.program.tree(at.module);
        let mut found = Args::default();
        for arg in &tree[args] {
            if let ExprKind::Starred(inner) = tree[arg.value].kind {
                let inner = self.expr(at.beside(inner), env);
                if let Some(items) = self.iterate(&inner) {
                    found.pos.extend(items);
                }
                continue;
            }
            let value = self.expr(at.beside(arg.value), env);
            if arg.double_star {
                if let Val::Dict(entries) = &value {
                    for (key, value) in entries.borrow().iter() {
                        if let Some(name) = key.as_text().and_then(|key| self.program.names.find(&key)) {
                            found.kw.push((name, value.clone()));
                        }
                    }
                }
                continue;
            }
            match arg.keyword {
                Some(keyword) => found.kw.push((keyword, value)),
                None => found.pos.push(value),
            }
        }
        found
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one comprehension")]
    fn comprehend(
        &mut self,
        at: ExprAt,
        clause: usize,
        clauses: usize,
        element: ExprId,
        value: Option<ExprId>,
        env: &Rc<Env>,
        out: &mut Vec<(Val, Val)>,
    ) -> bool {
        if clause == clauses {
            let element = self.expr(at.beside(element), env);
            let value = value.map_or(Val::None, |value| self.expr(at.beside(value), env));
            out.push((element, value));
            return out.len() < LONGEST_LIST;
        }
        let program = self.program;
        let tree = program.tree(at.module);
        let ExprKind::Comprehension { clauses: all, .. } = tree[at.expr].kind else { return false };
        let this = tree[all][clause];
        let iter = self.expr(at.beside(this.iter), env);
        let Some(items) = self.iterate(&iter) else { return false };
        for item in items {
            self.assign(this.target, item, env);
            let refused = tree[this.conditions]
                .iter()
                .any(|&condition| self.expr(at.beside(condition), env).truth() == Some(false));
            if !refused && !self.comprehend(at, clause + 1, clauses, element, value, env, out) {
                return false;
            }
        }
        true
    }

    /// The items that iterating over a value gives, where they are known.
    pub(super) fn iterate(&mut self, value: &Val) -> Option<Vec<Val>> {
        match value {
            Val::List(items) => Some(items.borrow().clone()),
            Val::Dict(entries) => Some(entries.borrow().iter().map(|(key, _)| key.clone()).collect()),
            // The members of an enumeration.
            Val::Class(class) if self.library_classes(value).iter().any(|base| base.ends_with("Enum")) => {
                let vars = class.body.vars.borrow();
                let mut members: Vec<_> = vars.iter().filter(|(_, value)| matches!(value, Val::Text(_))).collect();
                members.sort_by_key(|(name, _)| self.text(**name));
                Some(members.into_iter().map(|(_, value)| value.clone()).collect())
            }
            _ => None,
        }
    }

    pub(super) fn subscript(&mut self, base: &Val, index: &Val) -> Val {
        match (base, index) {
            (Val::List(items), Val::Int(n)) => {
                let items = items.borrow();
                let n = if *n < 0 { i64::try_from(items.len()).unwrap_or(i64::MAX).saturating_add(*n) } else { *n };
                usize::try_from(n).ok().and_then(|n| items.get(n).cloned()).unwrap_or(Val::Unknown)
            }
            (Val::Dict(_), key) => base.entry(key).unwrap_or(Val::Unknown),
            // `os.environ["PREFIX"]` is unknown, `Annotated[int, Query()]` and `list[int]` are kept whole.
            (Val::External(path), _) if !self.text(*path).starts_with("os.") => {
                let args = Args { pos: index.items().unwrap_or_else(|| vec![index.clone()]), kw: Vec::new() };
                self.generic(base, args)
            }
            (Val::Class(_), _) => base.clone(),
            _ => Val::Unknown,
        }
    }

    pub(super) fn binary(&mut self, op: Operator, left: &Val, right: &Val) -> Val {
        match (op, left, right) {
            (Operator::Add, Val::Text(a), Val::Text(b)) => text(format!("{}{}", a.text, b.text), a.sure && b.sure),
            (Operator::Add, Val::Text(a), Val::Unknown) => text(format!("{}{GAP}", a.text), false),
            (Operator::Add, Val::Unknown, Val::Text(b)) => text(format!("{GAP}{}", b.text), false),
            (Operator::Add, Val::Int(a), Val::Int(b)) => a.checked_add(*b).map_or(Val::Unknown, Val::Int),
            (Operator::Add, Val::List(a), _) => {
                let mut all = a.borrow().clone();
                match self.iterate(right) {
                    Some(more) => all.extend(more),
                    // `urlpatterns + router.urls`: one part that expands later.
                    None => all.push(right.clone()),
                }
                all.truncate(LONGEST_LIST);
                Val::list(all)
            }
            (Operator::Add, _, Val::List(b)) => {
                let mut all = vec![left.clone()];
                all.extend(b.borrow().iter().cloned());
                Val::list(all)
            }
            (Operator::BitOr, Val::Dict(a), Val::Dict(b)) => {
                let all = a.borrow().iter().chain(b.borrow().iter()).cloned().collect();
                Val::dict(all)
            }
            (Operator::Mod, Val::Text(format), right) => {
                let values = right.items().unwrap_or_else(|| vec![right.clone()]);
                percent(&format.text, &values)
            }
            // `int | None` in an annotation: what is not `None`.
            (Operator::BitOr, Val::None, other) | (Operator::BitOr, other, Val::None) => other.clone(),
            (Operator::BitOr, Val::External(_) | Val::Class(_) | Val::Object(_), _) => left.clone(),
            // `BASE / "users"` of paths is no route.
            _ => Val::Unknown,
        }
    }
}

/// Writes a value where a format leaves room for it; a gap where it is not known. Whether it is known for sure.
pub(super) fn fill(out: &mut String, value: Option<&Val>) -> bool {
    match value {
        Some(Val::Text(value)) => {
            out.push_str(&value.text);
            value.sure
        }
        Some(Val::Int(value)) => {
            out.push_str(&value.to_string());
            true
        }
        _ => {
            out.push_str(GAP);
            false
        }
    }
}

pub(super) fn text(text: String, sure: bool) -> Val {
    if text.len() > LONGEST_TEXT {
        return Val::Unknown;
    }
    if sure { Val::text(&text) } else { Val::assumed(&text) }
}

/// The same, but not for every environment.
fn unsure(value: Val) -> Val {
    match value {
        Val::Text(text) => Val::assumed(&text.text),
        Val::Bool(_) | Val::Int(_) => Val::Unknown,
        other => other,
    }
}

/// `format % values` as far as routes need it: `%s` and `%d`.
fn percent(format: &str, values: &[Val]) -> Val {
    let mut out = String::new();
    let mut sure = true;
    let mut values = values.iter();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('%') => out.push('%'),
            Some('s' | 'd' | 'r') => sure &= fill(&mut out, values.next()),
            _ => return Val::Unknown,
        }
    }
    text(out, sure)
}
