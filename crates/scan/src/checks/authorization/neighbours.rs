//! Neighbours: the objects whose ids stand beside a known one, where ids are counted.
//!
//! Two steps up, two down, and the first ids of all: as many as show that counting works, and no more.

use plimsoll_http::{Exchange, Probe, Who};

use crate::callers::{Form, at_path, base_value};
use crate::harvest::parameters;
use crate::same;
use crate::view::Op;

/// The greatest number that is counted from: larger ones are times or random.
const COUNTED: u64 = 10_000_000;

/// The probes for the neighbours of the object of the base request, each with its id. None where the id is no counted number.
pub fn probes(op: &Op<'_>, who: Who) -> Vec<(u64, Probe)> {
    let names = parameters(&op.key().path);
    let Some(last) = names.last() else { return Vec::new() };
    let Some(known) = base_value(op, last).filter(|value| Form::of(value) == Form::Number) else { return Vec::new() };
    let Some(number) = known.parse::<u64>().ok().filter(|number| *number <= COUNTED) else { return Vec::new() };
    let mut ids = vec![number + 1];
    ids.extend(number.checked_sub(1).filter(|id| *id > 0));
    ids.push(number + 2);
    ids.dedup();
    let set = |id: u64| -> Option<Vec<(String, String)>> {
        names
            .iter()
            .map(|name| Some((name.clone(), if name == last { id.to_string() } else { base_value(op, name)? })))
            .collect()
    };
    ids.into_iter().filter_map(|id| Some((id, at_path(op, &set(id)?).who(who)))).collect()
}

/// The neighbours that were answered with an object of their own: not the known one again, not the same for every id.
pub fn objects<'a>(op: &Op<'a>, who: Who) -> Vec<(u64, &'a Exchange)> {
    let Some(known) = op.success(&op.probe().who(who)).filter(|exchange| same::object(exchange).is_some()) else {
        return Vec::new();
    };
    let mut out: Vec<(u64, &'a Exchange)> = Vec::new();
    for (id, probe) in probes(op, who) {
        let Some(exchange) = op.success(&probe) else { continue };
        let Some(object) = same::object(exchange) else { continue };
        let digest = |exchange: &Exchange| exchange.response().map(|response| response.body.digest);
        let says_id = object.values().any(|value| crate::ties::text(value).is_some_and(|text| text == id.to_string()));
        let another =
            digest(exchange) != digest(known) && out.iter().all(|(_, other)| digest(other) != digest(exchange));
        if another && (says_id || !same::compare(known, exchange).is_same()) {
            out.push((id, exchange));
        }
    }
    out
}
