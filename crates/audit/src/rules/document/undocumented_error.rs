//! `undocumented-error`: refusals that will come are not declared.

use plimsoll_spec::{Location, SchemaKind};

use crate::draft::Drafts;
use crate::rule::{Meta, Rule, rule};
use crate::rules::authentication::access::Access;
use crate::rules::tally;
use crate::view::{OpView, View};

rule! {
    /// 400, 401, 403, 404 and 500 where they belong.
    pub struct UndocumentedError {
        id: "undocumented-error", weakness: UndocumentedAnswer, severity: Info, since: "0.3.0",
        owasp: [
            "spectral:owasp:api8:2023-define-error-validation", "spectral:owasp:api8:2023-define-error-responses-401",
            "spectral:owasp:api8:2023-define-error-responses-500", "vacuum:owasp-define-error-validation",
            "vacuum:owasp-define-error-responses-401", "vacuum:owasp-define-error-responses-500",
        ],
    }
}

/// A kind of refusal: what it is for, the statuses that declare it, and where it belongs.
struct Refusal {
    cause: &'static str,
    what: &'static str,
    statuses: &'static [&'static str],
    belongs: fn(&OpView<'_>) -> bool,
}

const REFUSALS: &[Refusal] = &[
    Refusal {
        cause: "400",
        what: "take input and declare no refusal of bad input (400, 422)",
        statuses: &["400", "422", "4XX", "default"],
        belongs: takes_input,
    },
    Refusal {
        cause: "401",
        what: "ask for credentials and declare no 401",
        statuses: &["401", "4XX", "default"],
        belongs: asks,
    },
    Refusal {
        cause: "403",
        what: "ask for scopes and declare no 403",
        statuses: &["403", "4XX", "default"],
        belongs: asks_for_scopes,
    },
    Refusal {
        cause: "404",
        what: "are about one object and declare no 404",
        statuses: &["404", "410", "4XX", "default"],
        belongs: names_object,
    },
    Refusal {
        cause: "500",
        what: "declare no failure of the service (500)",
        statuses: &["500", "503", "5XX", "default"],
        belongs: |_| true,
    },
];

impl Rule for UndocumentedError {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        for refusal in REFUSALS {
            let belongs: Vec<OpView<'_>> =
                view.operations().filter(|op| !op.spec.responses.is_empty() && (refusal.belongs)(op)).collect();
            let declares =
                |op: &OpView<'_>| refusal.statuses.iter().any(|status| op.spec.responses.contains_key(*status));
            let silent: Vec<OpView<'_>> = belongs.iter().copied().filter(|op| !declares(op)).collect();
            if silent.is_empty() {
                continue;
            }
            let share = if silent.len() == belongs.len() { "All".to_owned() } else { format!("{} of", silent.len()) };
            let names = tally::names(silent.iter().map(OpView::key));
            let message =
                format!("{share} {} that could {}: {names}.", tally::count(belongs.len(), "operation"), refusal.what);
            out.add(tally::habit(refusal.cause, message.replace("that could ", ""), tally::shown(&silent)));
        }
    }
}

/// Whether something a caller sends can be wrong.
fn takes_input(op: &OpView<'_>) -> bool {
    let wrong = |parameter: &&plimsoll_spec::Parameter| {
        parameter.location != Location::Path
            && (parameter.required
                || !parameter.schema.is_only(SchemaKind::String)
                || !parameter.schema.values.is_empty())
    };
    op.spec.body.is_some() || op.spec.parameters.iter().any(|parameter| wrong(&parameter))
}

fn asks(op: &OpView<'_>) -> bool {
    Access::of(op.spec) == Access::Required
}

fn asks_for_scopes(op: &OpView<'_>) -> bool {
    asks(op)
        && op.spec.security.iter().flatten().all(|alternative| alternative.values().any(|scopes| !scopes.is_empty()))
}

fn names_object(op: &OpView<'_>) -> bool {
    op.spec.parameters_in(Location::Path).next().is_some()
}
