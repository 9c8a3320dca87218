//! `personal-field-in-answer`: an answer has a property that identifies a person or opens an account.

use plimsoll_model::{PartKind, Severity};
use plimsoll_spec::roles::normal;
use plimsoll_spec::{Place, Schema, SchemaKind};

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::rules::authentication::access::asks_anywhere;
use crate::rules::tally;
use crate::view::{OpView, View};

rule! {
    /// Numbers of identity documents, cards and accounts in answers.
    pub struct PersonalFieldInAnswer {
        id: "personal-field-in-answer", weakness: PiiExposed, severity: Info, since: "0.3.0", owasp: [],
    }
}

/// What must not be kept after a payment was authorised (PCI DSS 3.3.1).
const NEVER: &[&str] =
    &["cvv", "cvv2", "cvc", "cvc2", "cardcvv", "cardcvc", "securitycode", "cardsecuritycode", "cardverificationvalue"];
/// What identifies a person or opens an account.
const IDENTIFIERS: &[&str] = &[
    "ssn",
    "socialsecuritynumber",
    "nationalid",
    "nationalidnumber",
    "nationalinsurancenumber",
    "passportnumber",
    "passportno",
    "driverslicense",
    "driverslicensenumber",
    "driverlicensenumber",
    "cardnumber",
    "creditcardnumber",
    "pan",
    "creditcard",
    "iban",
    "bankaccountnumber",
    "accountiban",
    "taxpayerid",
    "dateofbirth",
    "birthdate",
    "dob",
    "diagnosis",
    "bloodtype",
    "religion",
    "ethnicity",
    "sexualorientation",
];

impl Rule for PersonalFieldInAnswer {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let asks = asks_anywhere(view);
        let mut guarded: Vec<(&Place, String)> = Vec::new();
        for used in view.schemas().iter().filter(|used| !used.outputs.is_empty()) {
            for (name, inner) in used.schema.properties.iter().filter(|(_, inner)| !inner.write_only && is_text(inner))
            {
                let whole = normal(name);
                // Who issues cards has to know what stands on them (PCI DSS 3.3.3).
                let issued = used.schema.name.as_deref().is_some_and(|of| {
                    let of = of.to_ascii_lowercase();
                    of.contains("issu") || of.contains("generated")
                });
                // Companies have numbers, too, and those are public.
                let company = used.schema.name.as_deref().is_some_and(|of| {
                    let of = of.to_ascii_lowercase();
                    ["organi", "company", "companies", "business", "vendor", "merchant"]
                        .iter()
                        .any(|word| of.contains(word))
                });
                if company && whole.starts_with("national") {
                    continue;
                }
                let never = NEVER.contains(&whole.as_str()) && has_card(used.schema) && !issued;
                if !never && !IDENTIFIERS.contains(&whole.as_str()) {
                    continue;
                }
                let of = used.schema.name.as_deref().map(|of| format!("{of}.")).unwrap_or_default();
                let place = if inner.place.pointer.is_empty() { &used.schema.place } else { &inner.place };
                let ops: Vec<OpView<'_>> = used.outputs.iter().filter_map(|index| view.operation(index)).collect();
                let open = asks && ops.iter().any(|op| op.is_open() && !op.is_write());
                if !never && !open {
                    guarded.push((place, format!("{of}{name}")));
                    continue;
                }
                let (message, severity) = if never {
                    (
                        format!(
                            "Answers have `{of}{name}`: what authorises a payment must not be kept once it was used."
                        ),
                        Severity::High,
                    )
                } else {
                    (format!("Answers have `{of}{name}`, and one of them needs no credentials."), Severity::Medium)
                };
                out.add(
                    Draft::at(place, message)
                        .part(PartKind::ResponseBody, name)
                        .cause(if of.is_empty() {
                            format!("{}/{name}", used.schema.place.pointer)
                        } else {
                            format!("{of}{name}")
                        })
                        .severity(severity)
                        .suspected()
                        .operations(ops.iter().map(|op| op.index)),
                );
            }
        }
        if !guarded.is_empty() {
            let names = tally::names(guarded.iter().map(|(_, name)| name));
            let message = format!(
                "{} in answers identify a person or open an account: {names}. Each caller should see those of its own only, masked where that is enough.",
                match guarded.len() {
                    1 => "1 property".to_owned(),
                    n => format!("{n} properties"),
                }
            );
            out.add(tally::habit("guarded", message, guarded));
        }
    }
}

fn is_text(schema: &Schema) -> bool {
    (schema.allows(SchemaKind::String) || schema.allows(SchemaKind::Integer))
        && schema.values.is_empty()
        && schema.properties.is_empty()
}

/// Whether an object describes a card: a security code may also open a door.
fn has_card(schema: &Schema) -> bool {
    schema.properties.iter().any(|(name, _)| {
        let name = normal(name);
        name.contains("card") || name.contains("expir") || name.starts_with("exp") || name == "pan"
    })
}
