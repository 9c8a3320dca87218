//! `mass-assignment`: a property that only the service decides, set by a caller, and read again.
//!
//! Only operations that the user named are written to. What was changed is put back; what was created stays, and the finding says so.

use plimsoll_http::{Exchange, Lane, Probe};
use plimsoll_model::{Method, PartKind, Severity};
use serde_json::{Map, Value};

use super::creation;
use super::owned;
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::same;
use crate::view::{App, Op};

check! {
    /// The body of a request is written into the record as it comes.
    pub struct MassAssignment {
        id: "mass-assignment", weakness: MassAssignment, mode: Active, since: "0.2.0", page: "http/mass-assignment.md",
    }
}

/// How many properties are tried at one operation.
const TRIED: usize = 4;
/// How many readings the tries of one operation take at most.
const READINGS: u16 = 16;

impl Check for MassAssignment {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn writes(&self, app: &App<'_>) -> Vec<Probe> {
        // One operation after the other: two of them may change the same object.
        for op in named(app) {
            let next = match op.key().method {
                Method::Post => creation::next(&op),
                _ => Change::of(&op).and_then(|change| change.next()),
            };
            if let Some(probe) = next {
                return vec![probe];
            }
        }
        Vec::new()
    }

    fn judge_app(&self, app: &App<'_>) -> Vec<Draft> {
        let drafts = named(app).filter_map(|op| match op.key().method {
            Method::Post => creation::judge(&op),
            _ => Change::of(&op)?.judge(),
        });
        drafts.collect()
    }
}

/// The operations that the user named, and that take a body.
fn named<'a>(app: &App<'a>) -> impl Iterator<Item = Op<'a>> + use<'a> {
    let writes = &app.seen.active.writes;
    app.ops().filter(move |op| {
        matches!(op.key().method, Method::Post | Method::Put | Method::Patch)
            && writes.contains(op.key())
            && op.base().is_some()
    })
}

/// Changing an object that is there.
struct Change<'a> {
    write: Op<'a>,
    read: Op<'a>,
    /// The number of the first reading: every operation that changes the same object has its own.
    readings: u16,
    /// The object before anything was tried.
    before: &'a Map<String, Value>,
    first: &'a Exchange,
    /// What is tried, in order: the property, its present value, another one.
    tries: Vec<(String, Value, Value)>,
}

/// How a try stands.
enum Standing<'a> {
    /// This probe comes next.
    Asks(Probe),
    /// The value was not taken; this many readings showed it.
    Refused(u16),
    /// The value was taken.
    Taken {
        write: &'a Exchange,
        after: &'a Exchange,
        /// Reading after it was put back, or why there is none.
        restored: Option<&'a Exchange>,
    },
}

impl<'a> Change<'a> {
    /// None where nothing can be read, or nothing is there to be tried.
    fn of(write: &Op<'a>) -> Option<Self> {
        let read = read_of(write)?;
        let earlier = named(&write.app()).take_while(|other| other.id != write.id);
        let earlier = earlier.filter(|other| read_of(other).is_some_and(|other| other.id == read.id)).count();
        let readings = u16::try_from(earlier).ok()?.checked_mul(READINGS)?;
        let first = read.success(&reading(&read, readings));
        let mut change =
            Self { write: *write, read, readings, before: empty(), first: read.baseline()?, tries: Vec::new() };
        if let Some(first) = first {
            change.first = first;
            change.before = same::object(first)?;
            change.tries = change.properties();
        }
        Some(change)
    }

    fn properties(&self) -> Vec<(String, Value, Value)> {
        let declared = declared(&self.write);
        let answered = self.read.spec.success_schema();
        let mut out: Vec<(usize, String, Value, Value)> = Vec::new();
        for (name, present) in self.before {
            let Some(rank) = owned::rank(name).filter(|_| !declared.contains(&name.as_str())) else { continue };
            let schema = answered.and_then(|schema| {
                schema.variants().into_iter().find_map(|schema| schema.properties.iter().find(|(key, _)| key == name))
            });
            if let Some(other) = owned::another(present, schema.map(|(_, schema)| &**schema)) {
                out.push((rank, name.clone(), present.clone(), other));
            }
        }
        out.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        out.into_iter().take(TRIED).map(|(_, name, present, other)| (name, present, other)).collect()
    }

    /// The object's own values, as the base request has them, with this property. Without a contract nothing says what a caller may write.
    fn body(&self, name: &str, value: &Value) -> Probe {
        let known = self.write.base().and_then(|base| serde_json::from_str::<Value>(&base.body.as_ref()?.content).ok());
        let mut body = known.and_then(|body| body.as_object().cloned()).unwrap_or_default();
        for (key, known) in &mut body {
            // What the object has by now, so that nothing else is changed.
            if let Some(present) = self.before.get(key).filter(|value| !value.is_null()) {
                known.clone_from(present);
            }
        }
        body.insert(name.to_owned(), value.clone());
        let media_type = self.write.base().and_then(|base| Some(base.body.as_ref()?.media_type.clone()));
        let media_type = media_type.unwrap_or_else(|| "application/json".to_owned());
        self.write.probe().body(&media_type, &Value::Object(body).to_string()).lane(Lane::Quiet)
    }

    /// How a try stands: one reading after it, and one after it was put back. `readings` is how many there were before.
    fn standing(&self, tried: &(String, Value, Value), readings: u16) -> Standing<'a> {
        let (name, present, other) = tried;
        let write = self.body(name, other);
        let Some(written) = self.write.reply(&write) else { return Standing::Asks(write) };
        if written.status().is_some_and(|status| (400..500).contains(&status)) {
            return Standing::Refused(0);
        }
        let after = reading(&self.read, readings);
        let Some(after) = self.read.reply(&after) else { return Standing::Asks(after) };
        let value = |exchange: &Exchange| same::object(exchange).and_then(|object| object.get(name)).cloned();
        match value(after) {
            Some(value) if !owned::equal(&value, other) => return Standing::Refused(1),
            // Not to be read by now: it is put back all the same.
            _ => {}
        }
        let back = self.body(name, present);
        if self.write.reply(&back).is_none() {
            return Standing::Asks(back);
        }
        let last = reading(&self.read, readings + 1);
        let Some(last) = self.read.reply(&last) else { return Standing::Asks(last) };
        let restored = value(last).filter(|value| owned::equal(value, present)).map(|_| last);
        Standing::Taken { write: written, after, restored }
    }

    fn next(&self) -> Option<Probe> {
        if self.before.is_empty() {
            let first = reading(&self.read, self.readings);
            return (!self.read.seen.has(&first)).then_some(first);
        }
        let mut readings = self.readings + 1;
        for tried in &self.tries {
            match self.standing(tried, readings) {
                Standing::Asks(probe) => return Some(probe),
                Standing::Refused(more) => readings += more,
                // One property proves it; every further one would only be a further change.
                Standing::Taken { .. } => return None,
            }
        }
        None
    }

    fn judge(&self) -> Option<Draft> {
        let mut readings = self.readings + 1;
        for tried in &self.tries {
            let (name, present, other) = tried;
            let value = |exchange: &Exchange| same::object(exchange).and_then(|object| object.get(name)).cloned();
            let (write, after, restored) = match self.standing(tried, readings) {
                Standing::Refused(more) => {
                    readings += more;
                    continue;
                }
                Standing::Taken { write, after, restored } => (write, after, restored),
                // The run ended in the middle: what was changed by then is told.
                Standing::Asks(_) => {
                    let write = self.write.reply(&self.body(name, other))?;
                    let after = self.read.reply(&reading(&self.read, readings)).unwrap_or(write);
                    (write, after, None)
                }
            };
            let taken = value(after).is_some_and(|value| owned::equal(&value, other));
            if !taken && restored.is_some() {
                readings += 2;
                continue;
            }
            let put_back = match restored {
                Some(_) => format!("It was put back: `{name}` is {present} again."),
                None => format!("IT COULD NOT BE PUT BACK: set `{name}` of {} to {present}.", self.first.request.path),
            };
            let message = if taken {
                format!(
                    "A caller sets `{name}`, which only the service decides: it was {present}, and was read as {other} afterwards. {put_back}"
                )
            } else {
                format!("`{name}` was sent as {other}, and whether it was taken could not be read. {put_back}")
            };
            let shown =
                |exchange: &Exchange| value(exchange).map_or_else(String::new, |value| format!("{name}: {value}"));
            let draft = self
                .write
                .finding(message)
                .severity(if owned::rank(name).is_some_and(|rank| rank >= 4) {
                    Severity::Critical
                } else {
                    Severity::High
                })
                .confidence(if taken {
                    plimsoll_model::Confidence::Proven
                } else {
                    plimsoll_model::Confidence::Suspected
                })
                .part(PartKind::Body, name.clone())
                .exchange_excerpt(self.first, "before", shown(self.first))
                .exchange_excerpt(write, format!("with `{name}`: {other}"), shown(write))
                .exchange_excerpt(after, "read afterwards", shown(after));
            return Some(
                restored
                    .into_iter()
                    .fold(draft, |draft, last| draft.exchange_excerpt(last, "put back and read again", shown(last))),
            );
        }
        None
    }
}

/// The operation that reads what this one changes: at its own path, or at the one above it.
fn read_of<'a>(write: &Op<'a>) -> Option<Op<'a>> {
    let base = write.base()?;
    let above = write.key().path.rsplit_once('/').map_or("", |(above, _)| above);
    let app = write.app();
    [write.key().path.as_str(), above].into_iter().find_map(|path| {
        let read = app.at(path).find(|op| op.is_get() && op.base().is_some())?;
        let same = read.base()?.path == base.path || base.path.starts_with(&format!("{}/", read.base()?.path));
        same.then_some(read)
    })
}

/// The n-th reading: not from a cache, and no other check's.
fn reading(read: &Op<'_>, n: u16) -> Probe {
    read.probe().header("cache-control", "no-cache").nth(n).lane(Lane::Quiet)
}

fn empty<'a>() -> &'a Map<String, Value> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    &EMPTY
}

/// The properties that the contract lets a caller write.
pub fn declared<'a>(op: &Op<'a>) -> Vec<&'a str> {
    let Some(body) = op.spec.body.as_ref() else { return Vec::new() };
    let schemas =
        body.content.iter().filter(|(media_type, _)| media_type.contains("json")).map(|(_, (schema, _))| &**schema);
    let variants = plimsoll_spec::Schema::variants_of(schemas);
    let writable = variants.into_iter().flat_map(|schema| &schema.properties).filter(|(_, schema)| !schema.read_only);
    writable.map(|(name, _)| name.as_str()).collect()
}
