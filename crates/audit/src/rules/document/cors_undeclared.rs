//! `cors-undeclared`: answers declare headers, and not who may read them from a browser.

use plimsoll_spec::Place;

use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::tally;
use crate::view::View;

rule! {
    /// Headers without `Access-Control-Allow-Origin`.
    pub struct CorsUndeclared {
        id: "cors-undeclared", weakness: UndocumentedAnswer, severity: Info, since: "0.3.0",
        owasp: ["spectral:owasp:api8:2023-define-cors-origin"],
    }
}

impl Rule for CorsUndeclared {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let mut with = 0;
        let mut without: Vec<(&Place, String)> = Vec::new();
        for op in view.operations() {
            for (status, response) in op.spec.responses.iter().filter(|(_, response)| !response.headers.is_empty()) {
                with += 1;
                if !response.headers.iter().any(|header| header == "access-control-allow-origin") {
                    without.push((&response.place, format!("{} {status}", op.key())));
                }
            }
        }
        if !without.is_empty() {
            let names = tally::names(without.iter().map(|(_, name)| name));
            let message = format!(
                "{} of {with} answers with declared headers do not declare `Access-Control-Allow-Origin`: {names}.",
                without.len()
            );
            out.add(tally::habit("cors", message, without));
        }
    }
}
