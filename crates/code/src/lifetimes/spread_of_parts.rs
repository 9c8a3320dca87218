//! How many different values an attribute or an element has, by what it is a part of.

use super::Lifetimes;
use super::request::says_few;
use super::spread::{Spread, is_data, names_a_date};
use crate::program::{Binding, ClassId, ExprAt, Symbol};
use crate::syntax::{ExprKind, StmtKind, Sym};
use crate::values::{Kind, Literal, Value};

impl Lifetimes<'_> {
    pub(super) fn attribute_spread(&self, at: ExprAt, base: ExprAt, name: Sym, left: u8) -> Spread {
        let text = self.text(name);
        if matches!(text, "__name__" | "__class__" | "__qualname__" | "__module__") || says_few(text) && text != "type"
        {
            return Spread::Few;
        }
        if text == "path" && self.is_route(base) {
            return Spread::Few;
        }
        if self.is_of_request(base) {
            return Spread::Open;
        }
        for value in self.values.eval(at) {
            match value {
                Value::Const(Literal::Str(_) | Literal::Int(_) | Literal::Bool(_)) => {
                    return if names_a_date(text) { Spread::Calendar } else { Spread::Few };
                }
                Value::Class(_) | Value::Function(_) | Value::Module(_) => return Spread::Few,
                _ => {}
            }
        }
        for (_, object) in self.values.objects(base) {
            match object.kind {
                Kind::Settings | Kind::AppConfig => {
                    return if names_a_date(text) { Spread::Calendar } else { Spread::Few };
                }
                Kind::Session(_) | Kind::Client { .. } | Kind::ClientMeta(_) => return Spread::Few,
                Kind::HttpResponse { .. } => return Spread::Unknown,
                kind if is_data(kind) => return Spread::Open,
                _ => {}
            }
        }
        match self.program.resolve(at) {
            Some(Symbol::Variable(..)) => {
                return if names_a_date(text) { Spread::Calendar } else { self.symbol_spread(at) };
            }
            Some(Symbol::External(path)) if self.text(path).starts_with("django.conf.settings") => {
                return if names_a_date(text) { Spread::Calendar } else { Spread::Few };
            }
            Some(_) => return Spread::Few,
            None => {}
        }
        for value in self.values.eval(base) {
            let class = match *value {
                Value::Instance(class) | Value::Class(class) => Some(class),
                Value::Object(id) => match self.values.object(id).kind {
                    Kind::Instance(class) => Some(class),
                    _ => None,
                },
                _ => None,
            };
            if let Some(class) = class {
                if self.is_enum(class) {
                    return Spread::Few;
                }
                let stores = self.program.attribute_stores_of(Some(name)).filter(|store| {
                    let of_self = |at: ExprAt| self.values.eval(at).iter().any(|value| match *value {
                        Value::Instance(other) | Value::Class(other) => self.related(class, other),
                        Value::Object(id) => matches!(self.values.object(id).kind, Kind::Instance(other) if self.related(class, other)),
                        _ => false,
                    });
                    of_self(store.at.beside(store.base))
                });
                let all = stores.map(|store| match store.value {
                    Some(value) => self.spread_within(store.at.beside(value), left),
                    None => Spread::Unknown,
                });
                if let Some(found) = all.reduce(Spread::and) {
                    return found;
                }
                // A field of a request's body, as pydantic and dataclasses declare them.
                if let Some((holder, Binding::Target(target))) = self.program.class_binding(class, name) {
                    let module = self.program.module(holder.module);
                    if let Some(stmt) = module.links.stmt_of(target)
                        && let StmtKind::Assign { annotation: Some(annotation), .. } = module.tree[stmt].kind
                        && self.is_few_type(holder.module.expr(annotation))
                    {
                        return Spread::Few;
                    }
                }
            }
        }
        match self.spread_within(base, left) {
            Spread::Open => Spread::Open,
            _ => Spread::Unknown,
        }
    }

    pub(super) fn related(&self, a: ClassId, b: ClassId) -> bool {
        self.program.lookup_order(a).contains(&b) || self.program.lookup_order(b).contains(&a)
    }

    pub(super) fn is_enum(&self, class: ClassId) -> bool {
        self.program.derives_from(class, |path| {
            path.starts_with("enum.") || path.ends_with(".TextChoices") || path.ends_with(".IntegerChoices")
        })
    }

    pub(super) fn subscript_spread(&self, at: ExprAt, base: ExprAt, index: ExprAt, left: u8) -> Spread {
        if self.is_route(at) {
            return Spread::Few;
        }
        if self.is_of_request(base) {
            return Spread::Open;
        }
        if let Some(Symbol::External(path)) = self.program.resolve(base)
            && self.text(path) == "os.environ"
        {
            return Spread::Few;
        }
        for (_, object) in self.values.objects(base) {
            if is_data(object.kind) {
                return Spread::Open;
            }
            if let Kind::Response { .. } = object.kind {
                // The answer to a listing is known too little; what comes with every answer (request ids, rows) does not repeat.
                return match self.values.strings(index).next() {
                    Some(
                        "ResponseMetadata" | "Items" | "Item" | "Records" | "Messages" | "Attributes"
                        | "LastEvaluatedKey",
                    ) => Spread::Open,
                    _ => Spread::Unknown,
                };
            }
        }
        let whole = self.spread_within(base, left);
        match self.program.expr(index).kind {
            // The first letter, the first two.
            ExprKind::Slice { lower: None, upper: Some(upper), .. } if whole == Spread::Open => {
                if self.values.int(at.beside(upper)).is_some_and(|n| (0..=2).contains(&n)) {
                    Spread::Few
                } else {
                    Spread::Open
                }
            }
            _ => whole,
        }
    }
}
