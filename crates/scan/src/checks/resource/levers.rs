//! Levers: parameters with which a caller can turn up the cost of a request, as a scale of values from low to high.

use plimsoll_http::Probe;
use plimsoll_spec::{Location, Parameter, SchemaKind};

use super::bounds;
use super::params::{self, Breadth};
use crate::view::Op;

/// What is turned up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The page size.
    Limit,
    /// The number of ids.
    Ids,
    /// The number of levels.
    Depth,
    /// The length of a period.
    Window,
    /// The length of a search term.
    Length,
    /// The number of wildcards in a search term.
    Wildcards,
}

/// A parameter that is no limit to itself.
#[derive(Clone, Debug)]
pub struct Lever {
    /// Its name.
    pub name: String,
    /// What it turns up.
    pub kind: Kind,
    /// For ids: the values to take from, and whether they are written as repeated parameters.
    ids: Option<(Vec<String>, bool)>,
}

impl Kind {
    /// The values that may be asked for, ascending.
    pub const fn scale(self) -> &'static [u64] {
        match self {
            Self::Limit => &[1, 10, 100, 400, 1_000],
            Self::Ids => &[1, 10, 50, 150],
            Self::Depth => &[1, 2, 4, 8, 16, 32],
            Self::Window => &[1, 7, 30, 90, 365],
            Self::Length => &[8, 64, 512, 2_048],
            Self::Wildcards => &[1, 4, 16, 64],
        }
    }

    /// What the scale counts, in the plural.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Limit => "elements",
            Self::Ids => "ids",
            Self::Depth => "levels",
            Self::Window => "units of time",
            Self::Length => "characters",
            Self::Wildcards => "wildcards",
        }
    }

    /// One of them.
    pub const fn one(self) -> &'static str {
        match self {
            Self::Limit => "element",
            Self::Ids => "id",
            Self::Depth => "level",
            Self::Window => "unit of time",
            Self::Length => "character",
            Self::Wildcards => "wildcard",
        }
    }

    /// From which answer time in milliseconds on a higher value is not tried: a cost that grows with the power of the depth would else
    /// harm the service, and where other checks ask for far more ids and days, a bound is found without.
    pub const fn patience_ms(self) -> f64 {
        match self {
            Self::Depth => 150.0,
            Self::Ids | Self::Window => 250.0,
            Self::Limit | Self::Length | Self::Wildcards => 1_500.0,
        }
    }

    /// Up to which declared maximum a parameter is bounded, so that whatever it costs is agreed.
    const fn agreed(self) -> f64 {
        match self {
            Self::Limit => 1_000.0,
            Self::Ids => 100.0,
            Self::Depth => 10.0,
            Self::Window => 366.0,
            Self::Length | Self::Wildcards => 512.0,
        }
    }
}

impl Lever {
    /// The base request with this value on the scale.
    pub fn probe(&self, op: &Op<'_>, value: u64) -> Probe {
        let count = value as usize;
        match (&self.ids, self.kind) {
            (Some((ids, true)), _) => ids
                .iter()
                .take(count)
                .fold(op.probe().drop_query(&self.name), |probe, id| probe.add_query(&self.name, id)),
            (Some((ids, false)), _) => {
                let ids: Vec<&str> = ids.iter().take(count).map(String::as_str).collect();
                op.probe().query(&self.name, &ids.join(","))
            }
            (None, Kind::Length) => op.probe().query_filled(&self.name, 'a', value as u32),
            (None, Kind::Wildcards) => op.probe().query(&self.name, &"*a".repeat(count)),
            (None, _) => op.probe().query(&self.name, &value.to_string()),
        }
    }
}

/// The levers of an operation that its contract does not bound.
pub fn of(op: &Op<'_>) -> Vec<Lever> {
    let mut levers = Vec::new();
    for parameter in op.spec.parameters_in(Location::Query) {
        let kind = match params::breadth(parameter) {
            Some(Breadth::Ids) => Kind::Ids,
            Some(Breadth::Depth) => Kind::Depth,
            Some(Breadth::Window) => Kind::Window,
            Some(Breadth::Expand) | None => continue,
        };
        if !is_bounded(parameter, kind) {
            let ids = if kind == Kind::Ids { ids(op, parameter) } else { None };
            if kind != Kind::Ids || ids.is_some() {
                levers.push(Lever { name: parameter.name.clone(), kind, ids });
            }
        }
    }
    let named = |name: &str| op.spec.parameter(Location::Query, name);
    if let Some(name) = op.paging().limit
        && named(&name).is_none_or(|parameter| !is_bounded(parameter, Kind::Limit))
    {
        levers.push(Lever { name, kind: Kind::Limit, ids: None });
    }
    if let Some(name) = params::search(op)
        && named(&name).is_none_or(|parameter| !is_bounded(parameter, Kind::Length))
    {
        levers.push(Lever { name: name.clone(), kind: Kind::Length, ids: None });
        levers.push(Lever { name, kind: Kind::Wildcards, ids: None });
    }
    levers
}

/// Whether the contract bounds the parameter to what is customary.
fn is_bounded(parameter: &Parameter, kind: Kind) -> bool {
    let schema = &parameter.schema;
    let variants = schema.variants();
    let characters = variants.iter().filter_map(|schema| schema.max_length).max().map(|most| most as f64);
    match kind {
        Kind::Ids => {
            let items = variants.iter().filter_map(|schema| schema.max_items).max().map(|most| most as f64);
            let listed = items.is_some_and(|most| most <= kind.agreed());
            listed || characters.is_some_and(|most| most <= 40.0 * kind.agreed())
        }
        Kind::Length | Kind::Wildcards => characters.is_some_and(|most| most <= kind.agreed()),
        Kind::Limit | Kind::Depth | Kind::Window => bounds::maximum(schema).is_some_and(|most| most <= kind.agreed()),
    }
}

/// Ids to ask for: those that are known, then those that follow them by number, else the known ones over and over.
fn ids(op: &Op<'_>, parameter: &Parameter) -> Option<(Vec<String>, bool)> {
    let most = Kind::Ids.scale().last().copied()? as usize;
    let known = params::known_value(op, parameter)?;
    let known: Vec<String> = known.split(',').map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).collect();
    let counted = params::following(known.last()?);
    let ids = match counted {
        Some(following) => known.iter().cloned().chain(following).take(most).collect(),
        None => known.iter().cycle().take(most).cloned().collect(),
    };
    Some((ids, parameter.explode && parameter.schema.is_only(SchemaKind::Array)))
}
