//! Page controls as a contract shows them: parameters that set the size of a page or choose one, and fields or headers that lead to the next.

use plimsoll_model::Method;

use super::{lists, normal};
use crate::api::{Location, Operation, Parameter, Schema, SchemaKind};

// Names in lower case without `_`, `-` and `.`, so that every way of joining words is covered.
const LIMITS: &[&str] = &[
    "limit",
    "limits",
    "pagesize",
    "perpage",
    "size",
    "count",
    "top",
    "$top",
    "$limit",
    "maxresults",
    "maxitems",
    "maxrecords",
    "maxnumberofmessages",
    "maxnumberofresults",
    "maxnumberofitems",
    "maxnumber",
    "maxresultsperpage",
    "resultsperpage",
    "itemsperpage",
    "recordsperpage",
    "pagelimit",
    "pagecount",
    "$maxpagesize",
    "maxpagesize",
    "maxkeys",
    "max",
    "first",
    "take",
    "rows",
    "page[size]",
    "page[limit]",
    "num",
    "n",
];
const OFFSETS: &[&str] = &[
    "offset",
    "$offset",
    "skip",
    "$skip",
    "start",
    "fromindex",
    "page[offset]",
    "startindex",
    "startat",
    "pageoffset",
];
const PAGES: &[&str] =
    &["page", "pagenumber", "pageno", "pagenum", "page[number]", "pageindex", "currentpage", "pageid", "p", "$page"];
const CURSORS: &[&str] = &[
    "cursor",
    "after",
    "before",
    "pagetoken",
    "nexttoken",
    "nextpagetoken",
    "startingafter",
    "startafter",
    "endingbefore",
    "startkey",
    "exclusivestartkey",
    "lastkey",
    "lastid",
    "lastevaluatedkey",
    "continuationtoken",
    "continuation",
    "marker",
    "nextmarker",
    "keymarker",
    "sinceid",
    "maxid",
    "afterid",
    "beforeid",
    "bookmark",
    "next",
    "page[cursor]",
    "page[after]",
    "page[before]",
    "nextcursor",
    "pagecursor",
    "$skiptoken",
    "skiptoken",
    "scrollid",
    "pagingtoken",
    "paginationtoken",
    "token",
];
/// Names that mean a page size only beside other signs of paging: a shirt has a size, a query a count.
const AMBIGUOUS: &[&str] = &["size", "count", "max", "first", "n", "num", "rows", "top", "take"];
/// Request headers that ask for a part of a list.
const HEADERS: &[&str] = &["range", "xpage", "xperpage", "xpagesize", "xlimit", "xoffset", "xcursor", "xnexttoken"];
/// Answer headers that lead to the next page (RFC 8288) or say which part this is.
const ANSWER_HEADERS: &[&str] =
    &["link", "contentrange", "xnextcursor", "xnextpage", "xnexttoken", "xpagination", "xtotalpages", "xhasmore"];

/// The role that a query parameter has in paging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Sets the page size.
    Limit,
    /// Skips elements.
    Offset,
    /// Numbers pages.
    Page,
    /// Takes a cursor.
    Cursor,
}

/// The role of a query parameter of this name, by custom.
pub fn role(name: &str) -> Option<Role> {
    let name: String = name.chars().filter(|c| !matches!(c, '_' | '-' | '.')).collect::<String>().to_ascii_lowercase();
    [(LIMITS, Role::Limit), (OFFSETS, Role::Offset), (PAGES, Role::Page), (CURSORS, Role::Cursor)]
        .into_iter()
        .find(|(names, _)| names.contains(&name.as_str()))
        .map(|(_, role)| role)
}

/// Whether a name means a page size only beside other signs of paging.
pub fn is_ambiguous(name: &str) -> bool {
    AMBIGUOUS.contains(&normal(name).as_str())
}

/// Whether a query parameter sets the page size of a GET.
pub fn is_page_size(operation: &Operation, parameter: &Parameter) -> bool {
    let counts =
        [SchemaKind::Integer, SchemaKind::Number, SchemaKind::String].iter().any(|kind| parameter.schema.allows(*kind));
    if operation.key.method != Method::Get || role(&parameter.name) != Some(Role::Limit) || !counts {
        return false;
    }
    if !is_ambiguous(&parameter.name) {
        return true;
    }
    let beside = operation
        .parameters_in(Location::Query)
        .any(|other| matches!(role(&other.name), Some(Role::Offset | Role::Page | Role::Cursor)));
    let says_page = ["page", "results", "limit", "items"]
        .iter()
        .any(|word| parameter.description.to_ascii_lowercase().contains(word));
    let answers_list = operation.success_schema().is_some_and(|schema| {
        schema.is_only(SchemaKind::Array)
            || ["items", "results", "data"]
                .iter()
                .any(|name| schema.property(name).is_some_and(|inner| inner.is_only(SchemaKind::Array)))
    });
    (beside || says_page || answers_list) && !parameter.schema.is_only(SchemaKind::String)
}

/// The page controls that a contract declares for an operation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Controls<'a> {
    /// The parameter that sets the page size.
    pub limit: Option<&'a Parameter>,
    /// The parameter that skips elements.
    pub offset: Option<&'a Parameter>,
    /// The parameter that numbers pages.
    pub page: Option<&'a Parameter>,
    /// The parameter that takes a cursor.
    pub cursor: Option<&'a Parameter>,
    /// A request header that asks for a part.
    pub header: Option<&'a Parameter>,
    /// The property of the request body that does one of these, with its role: searches by POST.
    pub body: Option<(&'a str, Role)>,
    /// The property of the answer, or the answer's header, that leads to the next page.
    pub answer: Option<&'a str>,
}

impl<'a> Controls<'a> {
    /// What the contract declares.
    pub fn of(operation: &'a Operation) -> Self {
        let named = |wanted: Role| {
            operation.parameters_in(Location::Query).find(|parameter| role(&parameter.name) == Some(wanted))
        };
        let header = operation
            .parameters_in(Location::Header)
            .find(|parameter| HEADERS.contains(&normal(&parameter.name).as_str()));
        let bodies = operation.body.iter().flat_map(|body| body.content.values()).map(|(schema, _)| schema);
        let body = bodies
            .flat_map(|schema| schema.variants())
            .flat_map(|schema| &schema.properties)
            .find_map(|(name, _)| Some((name.as_str(), role(name).filter(|_| !is_ambiguous(name))?)));
        Self {
            limit: named(Role::Limit),
            offset: named(Role::Offset),
            page: named(Role::Page),
            cursor: named(Role::Cursor),
            header,
            body,
            answer: answered(operation),
        }
    }

    /// Whether a caller can reach every page.
    pub fn can_advance(&self) -> bool {
        self.offset.is_some()
            || self.page.is_some()
            || self.cursor.is_some()
            || self.header.is_some()
            || self.body.is_some_and(|(_, role)| role != Role::Limit)
            || self.answer.is_some()
    }

    /// Whether there is any control of size or position.
    pub fn is_any(&self) -> bool {
        self.limit.is_some() || self.body.is_some() || self.can_advance()
    }
}

/// What of the successful answer leads to the next page: a header, a field of the envelope, or one level below it (`meta.next`, `links.next`).
fn answered(operation: &Operation) -> Option<&str> {
    let success = || operation.responses.iter().filter(|(status, _)| status.starts_with('2'));
    let by_header = success()
        .flat_map(|(_, response)| &response.headers)
        .find(|name| ANSWER_HEADERS.contains(&normal(name).as_str()));
    if let Some(name) = by_header {
        return Some(name);
    }
    let schemas = success().flat_map(|(_, response)| response.content.values());
    schemas.flat_map(|schema| schema.variants()).find_map(|schema| leads_on(schema, true))
}

fn leads_on(schema: &Schema, deeper: bool) -> Option<&str> {
    for (name, inner) in &schema.properties {
        if lists::is_next_word(name) {
            return Some(name);
        }
        let is_about_paging = || {
            [
                "meta",
                "metadata",
                "links",
                "paging",
                "pagination",
                "page",
                "pageinfo",
                "pagedetails",
                "paginginfo",
                "paginationinfo",
                "pagemetadata",
                "pagingmetadata",
                "resultinfo",
                "searchmetadata",
                "cursors",
                "responsemetadata",
            ]
            .contains(&normal(name).trim_start_matches('_'))
        };
        if deeper
            && is_about_paging()
            && let Some(found) = inner.variants().into_iter().find_map(|inner| leads_on(inner, false))
        {
            return Some(found);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_by_name() {
        for (name, expected) in [
            ("pageSize", Some(Role::Limit)),
            ("page-token", Some(Role::Cursor)),
            ("page", Some(Role::Page)),
            ("$skip", Some(Role::Offset)),
            ("page[size]", Some(Role::Limit)),
            ("Exclusive_Start_Key", Some(Role::Cursor)),
            ("q", None),
            ("limitation", None),
        ] {
            assert_eq!(role(name), expected, "{name}");
        }
    }
}
