//! Methods of texts, lists and dicts, as far as putting an application together needs them; every other one gives anything.

use std::cell::RefCell;
use std::rc::Rc;

use super::exprs::{GAP, fill, text};
use super::{Args, Val, Wiring};
use crate::names::Sym;

impl Wiring<'_> {
    pub(super) fn text_method(&self, of: &str, sure: bool, name: Sym, args: &Args) -> Val {
        let arg = |n: usize| args.pos.get(n).and_then(Val::as_text);
        let chars = |n: usize| arg(n).map_or(" ".to_owned(), |chars| chars.to_string());
        match self.text(name) {
            "format" => self.format(of, sure, args),
            "lower" => text(of.to_lowercase(), sure),
            "upper" => text(of.to_uppercase(), sure),
            "title" | "capitalize" => Val::Unknown,
            "strip" => text(of.trim_matches(|c| chars(0).contains(c)).to_owned(), sure),
            "rstrip" => text(of.trim_end_matches(|c| chars(0).contains(c)).to_owned(), sure),
            "lstrip" => text(of.trim_start_matches(|c| chars(0).contains(c)).to_owned(), sure),
            "removesuffix" => {
                text(arg(0).map_or(of, |suffix| of.strip_suffix(&*suffix).unwrap_or(of)).to_owned(), sure)
            }
            "removeprefix" => {
                text(arg(0).map_or(of, |prefix| of.strip_prefix(&*prefix).unwrap_or(of)).to_owned(), sure)
            }
            "replace" => match (arg(0), arg(1)) {
                (Some(from), Some(to)) => text(of.replace(&*from, &to), sure),
                _ => Val::Unknown,
            },
            "split" => match arg(0) {
                Some(at) if !at.is_empty() => {
                    Val::list(of.split(&*at).map(|part| text(part.to_owned(), sure)).collect())
                }
                _ => Val::list(of.split_whitespace().map(|part| text(part.to_owned(), sure)).collect()),
            },
            "join" => match args.pos.first().and_then(Val::items) {
                Some(items) => {
                    let parts: Vec<_> = items.iter().map(|item| item.as_text().unwrap_or_else(|| GAP.into())).collect();
                    let sure = sure && items.iter().all(|item| matches!(item, Val::Text(text) if text.sure));
                    text(parts.join(of), sure)
                }
                None => Val::Unknown,
            },
            "startswith" => arg(0).map_or(Val::Unknown, |prefix| Val::Bool(of.starts_with(&*prefix))),
            "endswith" => arg(0).map_or(Val::Unknown, |suffix| Val::Bool(of.ends_with(&*suffix))),
            _ => Val::Unknown,
        }
    }

    /// `str.format` as far as routes need it: `{}`, `{0}` and `{name}`.
    fn format(&self, of: &str, mut sure: bool, args: &Args) -> Val {
        let mut out = String::new();
        let mut next = 0;
        let mut rest = of;
        while let Some(at) = rest.find(['{', '}']) {
            out.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            if rest[at + 1..].starts_with(brace) {
                out.push_str(brace);
                rest = &rest[at + 2..];
                continue;
            }
            let Some(len) = rest[at..].find('}') else { break };
            let field = if brace == "{" { &rest[at + 1..at + len] } else { "" };
            let name = field.split([':', '!', '.', '[']).next().unwrap_or_default();
            let value = if name.is_empty() {
                next += 1;
                args.pos.get(next - 1)
            } else if let Ok(n) = name.parse::<usize>() {
                args.pos.get(n)
            } else {
                args.keyword(|keyword| self.is(keyword, name))
            };
            sure &= fill(&mut out, value);
            rest = &rest[at + len + 1..];
        }
        out.push_str(rest);
        text(out, sure)
    }

    pub(super) fn list_method(&mut self, items: &Rc<RefCell<Vec<Val>>>, name: Sym, mut args: Args) -> Val {
        let full = items.borrow().len() >= 4_096;
        match self.text(name) {
            "append" | "add" | "appendleft" if !full && !args.pos.is_empty() => {
                items.borrow_mut().push(args.pos.swap_remove(0));
            }
            "insert" if !full && args.pos.len() == 2 => {
                let at = if matches!(args.pos[0], Val::Int(0)) { 0 } else { items.borrow().len() };
                items.borrow_mut().insert(at, args.pos.swap_remove(1));
            }
            "extend" | "update" if !full && !args.pos.is_empty() => {
                let more = args.pos.swap_remove(0);
                match self.iterate(&more) {
                    Some(more) => items.borrow_mut().extend(more),
                    None => items.borrow_mut().push(more),
                }
            }
            "copy" => return Val::list(items.borrow().clone()),
            "clear" => items.borrow_mut().clear(),
            _ => return Val::Unknown,
        }
        Val::None
    }

    pub(super) fn dict_method(&mut self, dict: &Val, name: Sym, args: Args) -> Val {
        let Val::Dict(entries) = dict else { return Val::Unknown };
        match self.text(name) {
            "items" => Val::list(
                entries.borrow().iter().map(|(key, value)| Val::list(vec![key.clone(), value.clone()])).collect(),
            ),
            "keys" => Val::list(entries.borrow().iter().map(|(key, _)| key.clone()).collect()),
            "values" => Val::list(entries.borrow().iter().map(|(_, value)| value.clone()).collect()),
            "get" | "pop" | "setdefault" => {
                let found = args.pos.first().and_then(|key| dict.entry(key));
                found.or_else(|| args.pos.get(1).cloned()).unwrap_or(Val::Unknown)
            }
            "update" => {
                let mut more = match args.pos.first() {
                    Some(Val::Dict(more)) if !Rc::ptr_eq(entries, more) => more.borrow().clone(),
                    _ => Vec::new(),
                };
                more.extend(args.kw.into_iter().map(|(name, value)| (Val::text(self.text(name)), value)));
                for (key, value) in more {
                    let mut entries = entries.borrow_mut();
                    match entries.iter_mut().find(|(other, _)| other.same(&key) == Some(true)) {
                        Some(entry) => entry.1 = value,
                        None => entries.push((key, value)),
                    }
                }
                Val::None
            }
            "copy" => Val::dict(entries.borrow().clone()),
            _ => Val::Unknown,
        }
    }
}
