//! `admin-like-others`: administrative operations ask for what every other operation asks for, or for nothing.

use std::collections::{BTreeMap, HashSet};

use plimsoll_model::{Confidence, Severity};
use plimsoll_spec::roles::words;

use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::rules::authentication::access::{Access, asks_anywhere};
use crate::rules::tally;
use crate::view::{OpView, View};

rule! {
    /// Administration without rights of its own.
    pub struct AdminLikeOthers {
        id: "admin-like-others", weakness: UniformRights, severity: Medium, since: "0.3.0",
        owasp: ["spectral:owasp:api5:2023-admin-security-unique"],
    }
}

type Alternative = BTreeMap<String, Vec<String>>;

impl Rule for AdminLikeOthers {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        let (admin, others): (Vec<_>, Vec<_>) = view.operations().partition(is_administrative);
        // An interface for administrators only is administrative as a whole.
        if admin.is_empty() || admin.len() > others.len() {
            return;
        }
        let asks = asks_anywhere(view);
        let open: Vec<OpView<'_>> = admin.iter().copied().filter(|op| asks && Access::of(op.spec).is_open()).collect();
        let one = |op: &OpView<'_>| {
            let message = format!(
                "`{}` looks administrative and asks for no credentials, while other operations ask for them.",
                op.key()
            );
            Draft::about(op, message).severity(Severity::High).suspected()
        };
        let all = |ops: &[OpView<'_>]| {
            let names = tally::names(ops.iter().map(OpView::key));
            Draft::at(
                &ops[0].spec.place,
                format!(
                    "{} that look administrative ask for no credentials: {names}.",
                    tally::count(ops.len(), "operation")
                ),
            )
            .severity(Severity::High)
            .suspected()
        };
        out.extend(tally::each(&open, "open", one, all));

        let ordinary: HashSet<&Alternative> = others.iter().flat_map(|op| op.spec.security.iter().flatten()).collect();
        let mut same: BTreeMap<String, (bool, Vec<OpView<'_>>)> = BTreeMap::new();
        // Metrics and the like may ask for the right of administrators, too: it is theirs where fewer others ask for it, and others are content with less.
        let asked_by = |ops: &[OpView<'_>], wanted: &Alternative| {
            ops.iter().filter(|op| op.spec.security.iter().flatten().any(|alternative| alternative == wanted)).count()
        };
        let is_raised = |wanted: &Alternative| {
            ordinary.iter().any(|less| is_less(less, wanted)) && asked_by(&others, wanted) <= asked_by(&admin, wanted)
        };
        for &op in &admin {
            let shared = op.spec.security.iter().flatten().find(|alternative| {
                !alternative.is_empty() && ordinary.contains(alternative) && !is_raised(alternative)
            });
            if let Some(shared) = shared {
                // A scheme tells callers apart in a contract where operations ask it for different scopes, or roles (OAS 3.1).
                let could = shared.keys().any(|name| scopes_of(view, name) > 1);
                same.entry(text(shared)).or_insert((could, Vec::new())).1.push(op);
            }
        }
        for (requirement, (could, ops)) in same {
            let names = tally::names(ops.iter().map(OpView::key));
            let (severity, confidence, tail) = if could {
                (Severity::Medium, Confidence::Suspected, "any token for ordinary use opens them")
            } else {
                (Severity::Low, Confidence::Suspected, "the contract does not show what tells administrators apart")
            };
            let (look, ask) = if ops.len() == 1 { ("looks", "asks") } else { ("look", "ask") };
            let message = format!(
                "{} that {look} administrative {ask} for {requirement} like the others ({names}): {tail}.",
                tally::count(ops.len(), "operation")
            );
            let places = tally::shown(&ops);
            let draft = Draft::at(&ops[0].spec.place, message)
                .cause(format!("same {requirement}"))
                .severity(severity)
                .confidence(confidence)
                .operations(ops.iter().map(|op| op.index));
            out.add(places.into_iter().fold(draft, |draft, (place, excerpt)| draft.contract(place, excerpt)));
        }
    }
}

/// Whether an alternative asks the same schemes for a part of the scopes, or roles, only.
fn is_less(less: &Alternative, wanted: &Alternative) -> bool {
    less != wanted
        && less.len() == wanted.len()
        && less.iter().all(|(name, scopes)| {
            wanted.get(name).is_some_and(|asked| scopes.iter().all(|scope| asked.contains(scope)))
        })
}

/// How many different sets of scopes are asked of a scheme.
fn scopes_of(view: &View<'_>, name: &str) -> usize {
    let asked: HashSet<&Vec<String>> = view
        .operations()
        .flat_map(|op| op.spec.security.iter().flatten())
        .filter_map(|alternative| alternative.get(name))
        .collect();
    asked.len()
}

fn text(requirement: &Alternative) -> String {
    let parts: Vec<String> = requirement
        .iter()
        .map(
            |(name, scopes)| {
                if scopes.is_empty() { format!("`{name}`") } else { format!("`{name}` ({})", scopes.join(", ")) }
            },
        )
        .collect();
    parts.join(" and ")
}

/// Whether an operation looks administrative by a segment of its path, or by its tags.
pub(crate) fn is_administrative(op: &OpView<'_>) -> bool {
    const WORDS: &[&str] = &[
        "admin",
        "administration",
        "administrator",
        "superuser",
        "superadmin",
        "sudo",
        "backoffice",
        "impersonate",
        "sysadmin",
    ];
    // Administrators in the plural are a collection of people; as a part of a word (`school_admins`) they are data.
    const WHOLE: &[&str] = &["admins", "administrators", "superusers"];
    let says = |text: &str| {
        let lower = text.to_ascii_lowercase();
        WHOLE.contains(&lower.as_str()) || lower.split(['-', '_', '.', ':']).any(|part| WORDS.contains(&part))
    };
    op.key().path.split('/').filter(|segment| !segment.starts_with('{')).any(says)
        || op.spec.tags.iter().any(|tag| {
            // A tag such as "Shops of an admin" names a subject.
            words(tag).len() <= 2 && words(tag).iter().any(|word| WORDS.contains(&word.as_str()))
        })
}
