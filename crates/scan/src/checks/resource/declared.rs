//! Bounds that are kept although the contract does not declare them: what the audit of a scanned contract wants to know.

use plimsoll_http::Exchange;
use plimsoll_spec::Parameter;

use super::huge_limit_accepted::{Kept, kept};
use super::params::breadth;
use super::unbounded_batch::refused;
use crate::paging::{Role, role};
use crate::view::Op;

/// The answer that shows that a large value of this query parameter is refused or cut, and what it shows.
pub fn kept_bound<'a>(op: &Op<'a>, parameter: &Parameter) -> Option<(&'a Exchange, &'static str)> {
    if role(&parameter.name) == Some(Role::Limit) {
        let Kept::Bounded(answer) = kept(op) else { return None };
        return Some((answer, "a huge page size is refused or cut: the bound exists and is not declared"));
    }
    let answer = refused(op, parameter, breadth(parameter)?)?;
    Some((answer, "a large value is refused: the bound exists and is not declared"))
}

#[cfg(test)]
mod tests {
    use plimsoll_http::{OpId, Probe};

    use super::*;
    use crate::checks::resource::fixture;
    use crate::index::Index;
    use crate::view::App;

    fn is_kept(path: &str, name: &str, value: &str, answer: (u16, &str)) -> bool {
        let api = fixture::api(&format!(
            "  {path}: {{get: {{parameters: [{{name: {name}, in: query, schema: {{type: integer}}}}]}}}}"
        ));
        let base = Probe::of(OpId(0));
        let large = base.clone().query(name, value);
        let seen = fixture::seen(path, &[(base, 200, "[1, 2]"), (large, answer.0, answer.1)]);
        let index = Index::of(&api);
        let op = App { api: &api, index: &index, seen: &seen }.op(OpId(0)).unwrap();
        kept_bound(&op, &op.spec.parameters[0]).is_some()
    }

    #[test]
    fn a_page_size_that_is_refused_or_cut() {
        let limit = |status, body| is_kept("/orders", "limit", "100000", (status, body));
        assert!(limit(422, "{}"));
        assert!(limit(200, r#"{"items": [1, 2, 3], "next": "/orders?cursor=a"}"#));
        assert!(!limit(200, "[1, 2, 3]"));
        assert!(!limit(500, "{}"));
        assert!(!limit(429, "{}"));
    }

    #[test]
    fn a_window_that_is_refused() {
        let days = |status| is_kept("/reports", "days", "400", (status, "[1, 2]"));
        assert!(days(422) && !days(200));
    }
}
