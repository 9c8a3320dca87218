//! `parallel-versions`: one function in several versions.

use std::collections::BTreeMap;

use plimsoll_spec::Place;

use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::{OpView, View};

rule! {
    /// The same path below several versions.
    pub struct ParallelVersions {
        id: "parallel-versions", weakness: ParallelVersions, severity: Info, since: "0.3.0", owasp: [],
    }
}

impl Rule for ParallelVersions {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let mut functions: BTreeMap<(&'static str, String), Vec<(u32, OpView<'_>)>> = BTreeMap::new();
        for op in view.operations() {
            if let Some((version, rest)) = split(&op.key().path) {
                functions.entry((op.key().method.as_str(), rest)).or_default().push((version, op));
            }
        }
        let mut old: Vec<(&Place, String)> = Vec::new();
        for versions in functions.values_mut() {
            versions.sort_by_key(|(version, _)| *version);
            let newest = versions.last().map_or(0, |(version, _)| *version);
            // One that is marked as deprecated is known to end.
            let older = versions.iter().filter(|(version, op)| *version < newest && !op.spec.deprecated);
            old.extend(older.map(|(_, op)| (&op.spec.place, op.key().to_string())));
        }
        if !old.is_empty() {
            let names = tally::names(old.iter().map(|(_, name)| name));
            let message = format!(
                "{} of an older version beside a newer one, and not deprecated: {names}.",
                tally::count(old.len(), "operation")
            );
            out.add(tally::habit("versions", message, old));
        }
    }
}

/// The version in a path and the path without it and without the names of parameters; none where there is none.
fn split(path: &str) -> Option<(u32, String)> {
    let mut version = None;
    let mut rest = String::new();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        let number = segment.strip_prefix(['v', 'V']).and_then(|digits| digits.split('.').next()?.parse::<u32>().ok());
        match number {
            Some(number) if version.is_none() && number < 1_000 => version = Some(number),
            _ => {
                rest.push('/');
                rest.push_str(if segment.starts_with('{') { "{}" } else { segment });
            }
        }
    }
    version.map(|version| (version, rest))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn versions_in_paths() {
        assert_eq!(split("/api/v2/orders/{id}"), Some((2, "/api/orders/{}".to_owned())));
        assert_eq!(split("/orders/vip"), None);
        assert_eq!(split("/v1.1/orders"), Some((1, "/orders".to_owned())));
    }
}
