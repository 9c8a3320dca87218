//! `unrepeatable-write`: a payment or an order that a client cannot safely send again.

use plimsoll_spec::roles::normal;
use plimsoll_spec::{Location, Parameter};

use super::nature::{is_reception, moves_money};
use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::{OpView, View};

rule! {
    /// A POST that makes a payment or an order and takes no key that makes it repeatable.
    pub struct UnrepeatableWrite {
        id: "unrepeatable-write", weakness: UnrepeatableWrite, severity: Low, since: "0.3.0", owasp: [],
    }
}

impl Rule for UnrepeatableWrite {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        for op in view.operations().filter(|op| moves_money(op) && !is_reception(op) && !takes_key(op)) {
            let message = "A payment or order is made without an idempotency key: a client that saw no answer cannot send it again without the risk of making it twice.";
            out.add(Draft::about(&op, message).suspected());
        }
    }
}

/// Whether a name is that of a key by which a repetition is recognised.
fn is_key(name: &str) -> bool {
    let name = normal(name);
    name.contains("idempoten")
        || name.contains("nonce")
        || matches!(
            name.as_str(),
            "requestid"
                | "xrequestid"
                | "clientrequestid"
                | "clienttoken"
                | "requesttoken"
                | "dedupkey"
                | "deduplicationid"
                | "messageid"
                | "transactionreference"
                | "merchantreference"
                | "externalid"
                | "clientorderid"
                | "referenceid"
                | "reference"
                | "uniquereference"
                | "merchantorderid"
                | "externalreference"
        )
}

fn takes_key(op: &OpView<'_>) -> bool {
    let by_header = |parameter: &Parameter| {
        matches!(parameter.location, Location::Header | Location::Query) && is_key(&parameter.name)
    };
    let variants = op.bodies().flat_map(|(_, schema)| schema.variants());
    // An id that the client gives makes a repetition visible, too.
    let mut names = variants.flat_map(|variant| &variant.properties).filter(|(_, schema)| !schema.read_only);
    op.spec.parameters.iter().any(by_header) || names.any(|(name, _)| is_key(name) || name == "id" || name == "uuid")
}
