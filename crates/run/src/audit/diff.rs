//! Which findings of a contract were there before: by what they say, not by where they stand.
//!
//! A fingerprint names the component that a finding is about. Between two documents components may be renamed, moved or written out, and that is no
//! change; so here findings are known by rule, operations, part and severity.

use std::collections::{HashMap, HashSet};

use plimsoll_model::{Finding, OperationKey, Severity};

/// What a finding says, whatever the parts of the contract are called.
type Signature = (String, String, Severity);

/// Takes out what was there before: what a rule said about all of these operations. Where it says it of more operations now, it is new.
pub(super) fn keep_new(old: &[Finding], new: &mut Vec<Finding>) {
    let mut known: HashMap<Signature, HashSet<String>> = HashMap::new();
    for finding in old {
        known.entry(signature(finding)).or_default().extend(finding.operations().map(anonymous));
    }
    new.retain(|finding| {
        let before = known.get(&signature(finding));
        before.is_none_or(|before| !finding.operations().all(|key| before.contains(&anonymous(key))))
    });
}

fn signature(finding: &Finding) -> Signature {
    let part = finding.part.as_ref().map_or(String::new(), |part| {
        // A parameter of the path is known by its place in it.
        let name = if part.kind.as_str() == "path" { "" } else { part.name.as_str() };
        format!("{}:{name}", part.kind.as_str())
    });
    (finding.check.clone(), part, finding.severity)
}

/// Method and path with the names of parameters left out.
fn anonymous(key: &OperationKey) -> String {
    let mut parts = key.path.split('{');
    let mut out = format!("{} {}", key.method, parts.next().unwrap_or_default());
    for part in parts {
        out.push('{');
        out.push_str(part.find('}').map_or(part, |end| &part[end..]));
    }
    out
}

#[cfg(test)]
mod tests {
    use plimsoll_model::Method;

    use super::*;
    use crate::audit::{Request, Source, audit, compare};

    fn source(name: &str, text: &str) -> Source {
        Source::Bytes { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
    }

    const OLD: &str = "
openapi: 3.1.0
info: {title: shop, version: '1'}
paths:
  /orders/{id}/notes:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Notes'}}}}}
components: {schemas: {Notes: {type: array, items: {type: object}}}}
";

    #[test]
    fn names_of_parameters_do_not_count() {
        assert_eq!(anonymous(&OperationKey::new(Method::Get, "/a/{b}/c/{d}")), "GET /a/{}/c/{}");
    }

    #[test]
    fn what_was_there_before_is_not_new() {
        let old = source("old.yaml", OLD);
        let renamed = OLD.replace("Notes", "Remarks").replace("{id}", "{order}").replace("name: id", "name: order");
        let request = |text: &str| Request { documents: vec![source("new.yaml", text)], ..Request::default() };
        assert!(!audit(&request(OLD)).unwrap().findings.is_empty());
        let same = compare(&old, &request(&renamed)).unwrap();
        assert_eq!((same.findings.len(), same.contract_changes.len()), (0, 0), "{:?}", same.findings);
        let limit =
            renamed.replace("parameters: [", "parameters: [{name: limit, in: query, schema: {type: integer}}, ");
        let worse = compare(&old, &request(&limit)).unwrap();
        assert!(worse.findings.iter().any(|finding| finding.check == "limit-without-maximum"), "{:?}", worse.findings);
    }
}
