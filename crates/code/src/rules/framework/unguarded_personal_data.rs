//! A route answers with what identifies a person, and nothing on its way asks who wants to know.

mod asks;
mod guard;

use crate::entries::{Framework, Route, Verb};
use crate::program::{ClassId, ExprAt, Program, Scope};
use crate::rules::look::{is_aside, keyed, kinds, unwrapped};
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::ExprKind;
use crate::values::{How, Kind, Object, Value};

use super::answered::{Piece, pieces};
use super::raw_item_answered::is_modelled;

rule! {
    /// A route answers with what identifies a person, and nothing on its way asks who wants to know.
    UnguardedPersonalData { id: "unguarded-personal-data", weakness: MissingAuthentication, kind: Access, severity: Medium, since: "0.1.0" }
}

/// Attributes that nobody gives away of himself.
const PRIVATE: &[&str] = &[
    "ssn",
    "social_security_number",
    "national_id",
    "passport",
    "passport_number",
    "date_of_birth",
    "dob",
    "birth_date",
    "birthdate",
    "iban",
    "tax_id",
    "credit_card",
    "card_number",
    "salary",
];

/// Attributes that shops and offices show on purpose, and that are personal where the row is a person's.
const CONTACT: &[&str] = &[
    "email",
    "e_mail",
    "email_address",
    "phone",
    "phone_number",
    "mobile",
    "telephone",
    "home_address",
    "street_address",
    "postal_address",
];

/// Words that say of a path or function that its rows are people.
const PEOPLE: &[&str] = &[
    "user",
    "customer",
    "member",
    "patient",
    "employee",
    "person",
    "people",
    "profile",
    "subscriber",
    "account",
    "student",
    "guest",
    "applicant",
    "candidate",
];

impl Rule for UnguardedPersonalData {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        let guards = guard::Guards::new(cx);
        for route in &cx.entries.routes {
            // Gateways in front of Lambda authorise by themselves.
            let (Verb::Http(_), Some(handler)) = (route.verb, route.handler) else { continue };
            if route.framework == Framework::Lambda || is_aside(cx.program.module(handler.module).role) {
                continue;
            }
            let of_people = is_of_people(cx.program, route);
            let modelled = is_modelled(cx, handler);
            let mut shown: Option<(Piece, String)> = None;
            pieces(cx, handler, &mut |piece| {
                if shown.is_none() {
                    let all = || if modelled { None } else { whole(cx, piece.at, of_people) };
                    shown = personal(cx, piece.at, of_people).or_else(all).map(|name| (piece, name));
                }
                shown.is_some()
            });
            let Some((piece, name)) = shown else { continue };
            if guards.of(route) {
                continue;
            }
            let draft = Draft::new(
                &Self::META,
                Spot::expr(cx.program, piece.at),
                Scope::Function(piece.function),
                format!(
                    "`{name}` of a stored row is answered, and nothing from the route to here asks who wants to know"
                ),
            )
            .suspected()
            .cause(name)
            .operations(route.operation().into_iter().collect())
            .step(
                Spot::expr(cx.program, route.declared),
                "the route: no dependency, decorator or middleware looks at credentials",
            )
            .step(Spot::expr(cx.program, piece.at), "and answered here")
            .note("What stands in front of the application, a gateway for one, is not seen from here.");
            out.push(draft);
        }
    }
}

/// Whether the path, or the function that answers it, says that it is about people.
fn is_of_people(program: &Program, route: &Route) -> bool {
    let name = route.handler.map(|handler| program.text(program.function(handler).name)).unwrap_or_default();
    let class = route.class.map(|class| program.text(program.class(class).name)).unwrap_or_default();
    [route.template.as_str(), name, class].into_iter().flat_map(asks::words).any(|word| {
        let one = word.strip_suffix('s').unwrap_or(&word);
        PEOPLE.contains(&one) || PEOPLE.contains(&word.as_str())
    })
}

/// The personal attribute of a stored row that an expression is, or is taken out of.
fn personal(cx: &Cx<'_>, at: ExprAt, of_people: bool) -> Option<String> {
    let program = cx.program;
    let at = unwrapped(program, at);
    if let Some((base, key, _)) = keyed(program, at)
        && !matches!(program.expr(at).kind, ExprKind::Compare { .. })
    {
        return if is_personal(key, of_people) && is_row(cx, base) {
            Some(key.to_owned())
        } else {
            personal(cx, base, of_people)
        };
    }
    match program.expr(at).kind {
        ExprKind::Attribute { base, name } => {
            let name = program.text(name);
            (is_personal(name, of_people) && is_model(cx, at.beside(base))).then(|| name.to_owned())
        }
        _ => None,
    }
}

fn is_personal(key: &str, of_people: bool) -> bool {
    let key = asks::words(key).join("_");
    PRIVATE.contains(&key.as_str()) || of_people && CONTACT.contains(&key.as_str())
}

/// Whether an expression is a row that the store gave.
fn is_row(cx: &Cx<'_>, at: ExprAt) -> bool {
    kinds::objects(cx, at).any(|object| matches!(object.kind, Kind::Item { .. }))
}

/// Whether an expression is a row as a model of PynamoDB.
fn is_model(cx: &Cx<'_>, at: ExprAt) -> bool {
    model_of(cx, at).is_some()
}

/// The model of PynamoDB that an expression is a stored row of. What the request has made itself is what the caller sent.
fn model_of(cx: &Cx<'_>, at: ExprAt) -> Option<ClassId> {
    cx.values.eval(at).iter().find_map(|value| {
        let class = match value {
            Value::Instance(class) => *class,
            Value::Object(id) => match cx.values.object(*id) {
                Object { kind: Kind::Instance(class), how: How::Derived, .. } => *class,
                _ => return None,
            },
            _ => return None,
        };
        cx.program.derives_from(class, |path| path.starts_with("pynamodb.")).then_some(class)
    })
}

/// The personal attribute of a model that is answered as a whole.
fn whole(cx: &Cx<'_>, at: ExprAt, of_people: bool) -> Option<String> {
    let program = cx.program;
    let class = model_of(cx, at)?;
    let declares = |name: &&&str| {
        is_personal(name, of_people)
            && program.names.find(name).is_some_and(|name| program.class_binding(class, name).is_some())
    };
    PRIVATE.iter().chain(CONTACT).find(declares).map(|name| (*name).to_owned())
}
