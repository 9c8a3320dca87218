//! `store-query-injection`: an operator or an expression where a value is wanted (MongoDB and its like, DynamoDB).
//!
//! Decided by pairs: *not equal* to nonsense finds something, *equal* to it finds nothing. A service that ignores what it does not know answers
//! both alike.

use plimsoll_http::{Exchange, Probe};
use plimsoll_model::PartKind;
use plimsoll_spec::roles::normal;
use serde_json::Value;

use super::inputs::{Input, Said, control, inputs, said};
use crate::check::{Check, Meta, check};
use crate::checks::input::odd::WORD;
use crate::draft::Draft;
use crate::view::Op;

check! {
    /// An operator where a value is wanted.
    pub struct StoreQueryInjection {
        id: "store-query-injection", weakness: StoreQueryInjection, mode: Active, since: "0.1.0",
        page: "http/store-query-injection.md",
    }
}

/// Two probes that differ in an operator and nothing else.
struct Pair {
    /// Finds what is not there to be found by a value.
    wide: Probe,
    /// Finds nothing.
    narrow: Probe,
}

/// A way to write operators, with two pairs: the second is asked where the first decides.
struct Way {
    /// What is shown, as in `name[$ne]=…`.
    shown: String,
    /// The parameter that is read so.
    name: String,
    pairs: Vec<Pair>,
}

/// Another word that nothing has.
const OTHER: &str = "plimsoll-other";

/// Names of parameters that say which attribute is compared, in lower case without separators.
const ATTRIBUTE: &[&str] = &[
    "field",
    "attribute",
    "attr",
    "column",
    "key",
    "property",
    "by",
    "filterby",
    "searchby",
    "searchfield",
    "filterfield",
    "fieldname",
];

fn ways(op: &Op<'_>, input: &Input) -> Vec<Way> {
    if input.part != PartKind::Query {
        return Vec::new();
    }
    let name = &input.name;
    let bracket =
        |operator: &str, value: &str| op.probe().drop_query(name).query(&format!("{name}[{operator}]"), value);
    let object = |text: String| op.probe().query(name, &text);
    let mut out = vec![Way {
        shown: format!("{name}[$ne]={WORD}"),
        name: name.clone(),
        pairs: vec![
            Pair { wide: bracket("$ne", WORD), narrow: bracket("$eq", WORD) },
            Pair { wide: bracket("$ne", OTHER), narrow: bracket("$eq", OTHER) },
        ],
    }];
    if !input.is_number {
        let of = |operator: &str, value: &str| object(format!("{{\"{operator}\":\"{value}\"}}"));
        out.push(Way {
            shown: format!("{name}={{\"$ne\":\"{WORD}\"}}"),
            name: name.clone(),
            pairs: vec![
                Pair { wide: of("$ne", WORD), narrow: of("$eq", WORD) },
                Pair { wide: of("$gt", ""), narrow: of("$lt", "") },
            ],
        });
    }
    out.extend(expression(op, input));
    out
}

/// The name of an attribute goes into an expression: `attribute_exists(id) OR id = :value` is everything.
fn expression(op: &Op<'_>, value: &Input) -> Option<Way> {
    let field = inputs(op).into_iter().find(|input| {
        input.part == PartKind::Query && input.name != value.name && ATTRIBUTE.contains(&normal(&input.name).as_str())
    })?;
    let attribute = field.value.clone().or_else(|| first_attribute(op))?;
    let nothing =
        |before: &str| op.probe().query(&field.name, &format!("{before}{attribute}")).query(&value.name, WORD);
    let (yes, no) = (format!("attribute_exists({attribute}) OR "), format!("attribute_not_exists({attribute}) AND "));
    let (again, not) =
        (format!("NOT attribute_not_exists({attribute}) OR "), format!("NOT attribute_exists({attribute}) AND "));
    Some(Way {
        shown: format!("{}={yes}{attribute}", field.name),
        name: field.name.clone(),
        pairs: vec![
            Pair { wide: nothing(&yes), narrow: nothing(&no) },
            Pair { wide: nothing(&again), narrow: nothing(&not) },
        ],
    })
}

/// The first text in the first element of the base answer's list.
fn first_attribute(op: &Op<'_>) -> Option<String> {
    let item = op.list()?.items().first()?.as_object()?;
    item.iter().find(|(_, value)| value.is_string()).map(|(name, _)| name.clone())
}

fn said_by(op: &Op<'_>, probe: &Probe) -> Option<(Said, Option<u16>)> {
    let answer = op.reply(probe)?;
    Some((said(answer)?, answer.status()))
}

/// What the control says: nothing, with this status.
fn nothing(op: &Op<'_>, input: &Input) -> Option<u16> {
    let (said, status) = said_by(op, &control(op, input)?)?;
    status.filter(|_| said == Said::Nothing)
}

/// Whether a pair decides: something here, nothing there, and nothing as the control says it.
fn decides(op: &Op<'_>, pair: &Pair, nothing: u16) -> bool {
    let wide = said_by(op, &pair.wide).is_some_and(|(said, _)| said.is_something());
    wide && said_by(op, &pair.narrow) == Some((Said::Nothing, Some(nothing)))
}

impl Check for StoreQueryInjection {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn probes(&self, op: &Op<'_>) -> Vec<Probe> {
        let mut probes = Vec::new();
        for input in inputs(op).iter().filter(|input| input.part == PartKind::Query) {
            probes.extend(control(op, input));
            let Some(status) = nothing(op, input) else { continue };
            for way in ways(op, input) {
                for pair in way.pairs {
                    let wide = said_by(op, &pair.wide);
                    probes.push(pair.wide.clone());
                    if !wide.is_some_and(|(said, _)| said.is_something()) {
                        break;
                    }
                    let decided = decides(op, &pair, status);
                    probes.push(pair.narrow);
                    if !decided {
                        break;
                    }
                }
            }
        }
        probes
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        inputs(op).iter().filter_map(|input| judge_input(op, input)).collect()
    }
}

fn judge_input(op: &Op<'_>, input: &Input) -> Option<Draft> {
    let status = nothing(op, input)?;
    let way = ways(op, input).into_iter().find(|way| way.pairs.iter().all(|pair| decides(op, pair, status)))?;
    let pair = way.pairs.first()?;
    let (plain, wide, narrow) = (op.reply(&control(op, input)?)?, op.reply(&pair.wide)?, op.reply(&pair.narrow)?);
    let draft = op
        .finding(format!(
            "`{}` is read as a query of the store: `{}={}` finds nothing, `{}` finds {}, and its opposite nothing again.",
            way.name,
            input.name,
            input.unknown(),
            way.shown,
            found(wide),
        ))
        .part(input.part, &way.name)
        .outline(plain, "a value that nothing has")
        .outline(wide, "an operator instead")
        .outline(narrow, "its opposite");
    Some(draft)
}

fn found(answer: &Exchange) -> String {
    match said(answer) {
        Some(Said::Things(things)) if things.len() > 1 => format!("{} things", things.len()),
        _ => match answer.json() {
            Some(Value::Object(_)) => "one thing".to_owned(),
            _ => "something".to_owned(),
        },
    }
}
