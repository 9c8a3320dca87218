//! `redirect-parameter`: a caller says where a redirect leads.

use plimsoll_model::{PartKind, Severity};
use plimsoll_spec::roles::normal;
use plimsoll_spec::{Location, SchemaKind};

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::View;

rule! {
    /// Targets of redirects in the query.
    pub struct RedirectParameter {
        id: "redirect-parameter", weakness: OpenRedirect, severity: Low, since: "0.3.0", owasp: [],
    }
}

const TARGETS: &[&str] = &[
    "redirect",
    "redirecturi",
    "redirecturl",
    "redirectto",
    "returnto",
    "returnurl",
    "returnuri",
    "successurl",
    "cancelurl",
    "nexturl",
    "continueurl",
    "next",
    "continue",
    "goto",
    "dest",
    "destination",
    "forward",
    "callbackurl",
];

impl Rule for RedirectParameter {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        for op in view.operations() {
            let redirects = op
                .spec
                .responses
                .keys()
                .any(|status| matches!(status.as_str(), "301" | "302" | "303" | "307" | "308" | "3XX"));
            if !redirects {
                continue;
            }
            for parameter in op.spec.parameters_in(Location::Query) {
                let free = parameter.schema.values.is_empty()
                    && parameter.schema.pattern.is_none()
                    && parameter.schema.allows(SchemaKind::String);
                let name = normal(&parameter.name);
                if !free || !TARGETS.contains(&name.as_str()) {
                    continue;
                }
                // RFC 6749 §3.1.2.2: the address must be one that the client registered, and OAuth says so elsewhere.
                let registered = op.spec.parameters.iter().any(|other| normal(&other.name) == "clientid");
                let severity = if registered { Severity::Info } else { Severity::Low };
                out.add(
                    Draft::at(
                        &parameter.place,
                        format!("`{}` says where the redirect leads, and may be any address.", parameter.name),
                    )
                    .operation(&op)
                    .part(PartKind::Query, &parameter.name)
                    .cause(format!("{} {severity}", parameter.name))
                    .severity(severity)
                    .suspected(),
                );
            }
        }
    }
}
