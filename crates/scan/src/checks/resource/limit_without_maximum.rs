//! `limit-without-maximum`: the contract lets a caller ask for a page of any size.

use plimsoll_model::{PartKind, Severity};
use plimsoll_spec::{Location, Parameter, SchemaKind};

use super::bounds::maximum;
use super::huge_limit_accepted::{Kept, kept};
use crate::check::{Check, Meta, check};
use crate::draft::Draft;
use crate::paging::{Role, role};
use crate::view::Op;

check! {
    /// A page size whose schema has no maximum.
    pub struct LimitWithoutMaximum {
        id: "limit-without-maximum", weakness: UnboundedPageSize, mode: Contract, since: "0.1.0", page: "contract/limit-without-maximum.md",
    }
}

/// Names that mean a page size only beside other signs of paging: a shirt has a size, a query a count.
const AMBIGUOUS: &[&str] = &["size", "count", "max", "first", "n", "num", "rows", "top"];

impl Check for LimitWithoutMaximum {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn judge(&self, op: &Op<'_>) -> Vec<Draft> {
        let limits = op.spec.parameters_in(Location::Query).filter(|parameter| is_page_size(op, parameter));
        limits.filter(|limit| maximum(&limit.schema).is_none()).map(|limit| draft(op, limit)).collect()
    }
}

fn draft(op: &Op<'_>, limit: &Parameter) -> Draft {
    let name = &limit.name;
    let place = if limit.schema.place.pointer.is_empty() { &limit.place } else { &limit.schema.place };
    let default = limit.schema.default.as_ref().map_or(String::new(), |value| format!(", default {value}"));
    let draft = op
        .finding(format!("`{name}` sets the page size and has no maximum in the contract."))
        .part(PartKind::Query, name)
        // One parameter that is written down the same way everywhere is one thing to mend.
        .cause(format!("{name} {}", if matches!(kept(op), Kept::Bounded(_)) { "bounded" } else { "open" }))
        .contract(place, format!("{name}: {}{default}, no maximum", kinds(limit)));
    match kept(op) {
        Kept::Bounded(answer) => draft
            .severity(Severity::Info)
            .exchange(answer, "a huge page size is refused or cut: the bound exists and is not declared"),
        Kept::Honoured | Kept::Unknown => draft,
    }
}

fn kinds(limit: &Parameter) -> String {
    let mut names: Vec<&str> = Vec::new();
    for variant in limit.schema.variants() {
        for kind in &variant.kinds {
            names.push(match kind {
                SchemaKind::Integer => "integer",
                SchemaKind::Number => "number",
                SchemaKind::String => "string",
                SchemaKind::Null => "null",
                SchemaKind::Boolean => "boolean",
                SchemaKind::Array => "array",
                SchemaKind::Object => "object",
            });
        }
    }
    if names.is_empty() { "any type".to_owned() } else { names.join(" or ") }
}

/// Whether a query parameter sets the page size of a GET.
fn is_page_size(op: &Op<'_>, parameter: &Parameter) -> bool {
    let counts =
        [SchemaKind::Integer, SchemaKind::Number, SchemaKind::String].iter().any(|kind| parameter.schema.allows(*kind));
    if !op.is_get() || role(&parameter.name) != Some(Role::Limit) || !counts {
        return false;
    }
    if !AMBIGUOUS.contains(&parameter.name.to_ascii_lowercase().as_str()) {
        return true;
    }
    let beside = op
        .spec
        .parameters_in(Location::Query)
        .any(|other| matches!(role(&other.name), Some(Role::Offset | Role::Page | Role::Cursor)));
    let says_page = ["page", "results", "limit", "items"]
        .iter()
        .any(|word| parameter.description.to_ascii_lowercase().contains(word));
    let answers_list = op.spec.success_schema().is_some_and(|schema| {
        schema.is_only(SchemaKind::Array)
            || ["items", "results", "data"]
                .iter()
                .any(|name| schema.property(name).is_some_and(|inner| inner.is_only(SchemaKind::Array)))
    });
    (beside || says_page || answers_list) && !parameter.schema.is_only(SchemaKind::String)
}

#[cfg(test)]
mod tests {
    use plimsoll_http::{OpId, Probe};

    use super::*;
    use crate::checks::resource::fixture;
    use crate::index::Index;
    use crate::view::App;

    fn severity(answer: (u16, &str)) -> Option<Severity> {
        let api = fixture::api("  /orders: {get: {parameters: [{name: limit, in: query, schema: {type: integer}}]}}");
        let base = Probe::of(OpId(0));
        let huge = base.clone().query("limit", "100000");
        let seen = fixture::seen("/orders", &[(base, 200, "[1, 2]"), (huge, answer.0, answer.1)]);
        let index = Index::of(&api);
        let op = App { api: &api, index: &index, seen: &seen }.op(OpId(0)).unwrap();
        LimitWithoutMaximum.judge(&op)[0].severity
    }

    #[test]
    fn a_bound_that_is_kept_but_not_declared_is_information() {
        assert_eq!(severity((422, "{}")), Some(Severity::Info));
        assert_eq!(severity((200, r#"{"items": [1, 2, 3], "next": "/orders?cursor=a"}"#)), Some(Severity::Info));
        assert_eq!(severity((200, "[1, 2, 3]")), None);
        assert_eq!(severity((500, "{}")), None);
        assert_eq!(severity((429, "{}")), None);
    }
}
