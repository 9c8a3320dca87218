//! django-ninja: `NinjaAPI` and its routers, which read like FastAPI's but are put into a urlconf.

use std::rc::Rc;

use plimsoll_model::Method;

use super::urls::Way;
use super::views::found;
use crate::entries::found::Found;
use crate::entries::template;
use crate::entries::wiring::{Object, Val, Wiring};
use crate::entries::{Framework, Verb};

/// Routers within routers.
const DEEPEST: u8 = 12;

/// The routes of a `NinjaAPI`; none where the object is something else.
pub(super) fn routes(wiring: &mut Wiring<'_>, api: &Rc<Object>, way: &Way) -> Option<Vec<Found>> {
    let is_ninja = wiring
        .library_classes(&api.class)
        .iter()
        .any(|class| class.rsplit('.').next().is_some_and(|last| last.starts_with("Ninja")));
    if !is_ninja {
        return None;
    }
    let mut out = Vec::new();
    operations(wiring, api, &way.prefix, way, true, &mut out, DEEPEST);
    Some(out)
}

fn operations(
    wiring: &mut Wiring<'_>,
    router: &Rc<Object>,
    prefix: &str,
    way: &Way,
    shown: bool,
    out: &mut Vec<Found>,
    left: u8,
) {
    let Some(left) = left.checked_sub(1) else { return };
    let deeds = router.deeds.borrow().clone();
    for deed in deeds {
        let first = deed.args.take(0, |name| matches!(wiring.text(name), "path" | "prefix")).cloned();
        let name = wiring.text(deed.name);
        if name == "add_router" {
            let inner = deed.args.take(1, |name| wiring.is(name, "router")).cloned();
            let part = first.and_then(|part| part.as_text()).unwrap_or_default();
            let inner = match inner {
                // `api.add_router("/events/", "events.api.router")`
                Some(Val::Text(dotted)) => {
                    let symbol = wiring.program.resolve_dotted(deed.site.module, &dotted.text);
                    symbol.map_or(Val::Unknown, |symbol| wiring.symbol(symbol))
                }
                Some(value) => value,
                None => Val::Unknown,
            };
            if let Val::Object(inner) = inner
                && !Rc::ptr_eq(&inner, router)
            {
                let prefix = joined(prefix, &part);
                operations(wiring, &inner, &prefix, way, shown, out, left);
            }
            continue;
        }
        let methods: Vec<Method> = match name {
            "api_operation" => first
                .as_ref()
                .and_then(Val::items)
                .into_iter()
                .flatten()
                .filter_map(|name| name.as_text()?.parse().ok())
                .collect(),
            name if name.starts_with(|c: char| c.is_ascii_lowercase()) => name.parse().into_iter().collect(),
            _ => Vec::new(),
        };
        let path = if name == "api_operation" { deed.args.pos.get(1).cloned() } else { first };
        let Some(path) = path.and_then(|path| path.as_text()) else { continue };
        // The converter comes first, as in Django: `{int:event_id}`.
        let template = template::from_angles(&joined(prefix, &path).replace('{', "<").replace('}', ">"));
        let way = Way { prefix: template, conditional: way.conditional || deed.conditional, ..way.clone() };
        let hidden = deed
            .args
            .keyword(|name| wiring.is(name, "include_in_schema"))
            .is_some_and(|value| matches!(value, Val::Bool(false)));
        for view in deed.applied.borrow().iter() {
            for &method in &methods {
                let found = found(method, view.clone(), None, deed.site, &way, Framework::Ninja, false);
                out.push(Found { verb: Verb::Http(method), in_schema: shown && !hidden, ..found });
            }
        }
    }
}

/// Parts are put together with exactly one slash.
fn joined(prefix: &str, part: &str) -> String {
    match (prefix.ends_with('/'), part.strip_prefix('/')) {
        (true, Some(rest)) => format!("{prefix}{rest}"),
        (false, None) if !part.is_empty() && !prefix.is_empty() => format!("{prefix}/{part}"),
        _ => format!("{prefix}{part}"),
    }
}
