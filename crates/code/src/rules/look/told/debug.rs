//! Conditions on a flag for debugging: what is only answered with the flag set is answered to who develops. Judges names, not values.

use crate::program::{ExprAt, ModuleId, Program};
use crate::rules::look::{block_of, call_name, name, root_name, text, texts};
use crate::syntax::{Compare, Const, ExprKind, StmtId, StmtKind};

/// What a condition says of the flag.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flag {
    /// Where the condition holds, the flag is set.
    pub(super) holds: bool,
    /// Where it does not hold, the flag is set.
    pub(super) fails: bool,
}

impl Flag {
    const SET: Self = Self { holds: true, fails: false };

    fn not(self) -> Self {
        Self { holds: self.fails, fails: self.holds }
    }
}

/// What a condition says of the flag.
pub(super) fn flag(program: &Program, test: ExprAt) -> Flag {
    let tree = program.tree(test.module);
    match tree[test.expr].kind {
        ExprKind::Unary { not: true, value } => flag(program, test.beside(value)).not(),
        ExprKind::Bool { or, values } => {
            let flags: Vec<Flag> = tree[values].iter().map(|&value| flag(program, test.beside(value))).collect();
            let (all, any) =
                (|is: fn(&Flag) -> bool| flags.iter().all(is), |is: fn(&Flag) -> bool| flags.iter().any(is));
            if or {
                Flag { holds: all(|flag| flag.holds), fails: any(|flag| flag.fails) }
            } else {
                Flag { holds: any(|flag| flag.holds), fails: all(|flag| flag.fails) }
            }
        }
        ExprKind::Compare { left, rest } => {
            let [only] = tree[rest] else { return Flag::default() };
            if !is_flag(program, test.beside(left)) {
                return Flag::default();
            }
            let unset = match tree[only.right].kind {
                ExprKind::Const(Const::None | Const::Bool(false) | Const::Int(0)) => true,
                ExprKind::Const(Const::Str(word)) => {
                    matches!(program.text(word).to_lowercase().as_str(), "" | "0" | "false" | "no" | "off")
                }
                _ => false,
            };
            let is = if unset { Flag::SET.not() } else { Flag::SET };
            match only.op {
                Compare::Eq | Compare::Is | Compare::In => is,
                Compare::NotEq | Compare::IsNot | Compare::NotIn => is.not(),
                _ => Flag::default(),
            }
        }
        _ if is_flag(program, test) => Flag::SET,
        _ => Flag::default(),
    }
}

/// `DEBUG`, `settings.DEBUG`, `app.config["DEBUG"]`, `os.environ.get("DEBUG")`. Not what the caller sets: a parameter of the route, `request.GET.get("debug")`.
fn is_flag(program: &Program, at: ExprAt) -> bool {
    if is_wish(program, at) {
        return false;
    }
    let speaks = |text: &str| text.to_lowercase().split('_').any(|word| word == "debug" || word == "debugging");
    match program.expr(at).kind {
        ExprKind::Name(name) => speaks(program.text(name)),
        ExprKind::Attribute { base, name: attribute } => {
            // `logging.DEBUG` is a number.
            let of_logging = name(program, at.beside(base)).is_some_and(|base| program.text(base) == "logging");
            !of_logging && speaks(program.text(attribute))
        }
        ExprKind::Subscript { index, .. } => text(program, at.beside(index)).is_some_and(speaks),
        ExprKind::Call { .. } => match call_name(program, at) {
            Some("get" | "getenv" | "config" | "bool" | "env") => {
                texts(program, at).into_iter().any(speaks)
                    || program.positional(at, 0).is_some_and(|value| is_flag(program, value))
            }
            Some("lower" | "strip") => program.receiver(at).is_some_and(|value| is_flag(program, value)),
            Some(called) => speaks(called),
            None => false,
        },
        _ => false,
    }
}

fn is_wish(program: &Program, at: ExprAt) -> bool {
    match program.expr(at).kind {
        ExprKind::Name(name) => program.scope_of(at).function().is_some_and(|function| {
            let is_route = !program.tree(function.module)[function.ix].decorators.is_empty();
            is_route && program.params(function).iter().any(|param| param.name == name)
        }),
        ExprKind::Call { .. } | ExprKind::Subscript { .. } => {
            root_name(program, at).is_some_and(|root| program.text(root) == "request")
        }
        _ => false,
    }
}

/// Whether a statement only runs with the flag set: in a branch of it, or after a branch that leaves without it.
pub(super) fn is_guarded(program: &Program, module: ModuleId, stmt: StmtId) -> bool {
    let tree = program.tree(module);
    let links = &program.module(module).links;
    let leaves = |stmt: StmtId| matches!(tree[stmt].kind, StmtKind::Return(_) | StmtKind::Raise { .. });
    let mut at = stmt;
    loop {
        let start = tree[at].span.start;
        let left = block_of(program, module.stmt(at)).iter().take_while(|&&other| tree[other].span.start < start).any(
            |&other| {
                let StmtKind::If { test, body, .. } = tree[other].kind else { return false };
                tree[body].last().is_some_and(|&last| leaves(last)) && flag(program, module.expr(test)).fails
            },
        );
        if left {
            return true;
        }
        let Some((outer, _)) = links.parent_stmt(at) else { return false };
        if let StmtKind::If { test, body, .. } = tree[outer].kind {
            let flag = flag(program, module.expr(test));
            if if tree[body].contains(&at) { flag.holds } else { flag.fails } {
                return true;
            }
        }
        at = outer;
    }
}
