//! A model of PynamoDB is defined inside a request.

use super::kept::is_cached;
use crate::program::Scope;
use crate::rules::look::reach;
use crate::rules::rule::{Rule, rule};
use crate::rules::{Cx, Draft, Drafts, Meta, Spot};
use crate::syntax::Parent;

rule! {
    /// A model of PynamoDB is defined inside a request.
    ModelPerRequest { id: "model-per-request", weakness: ClientPerRequest, kind: Cost, severity: Low, since: "0.1.0" }
}

impl Rule for ModelPerRequest {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, cx: &Cx<'_>, out: &mut Drafts) {
        for base in ["pynamodb.models.Model", "pynamodb.models.MetaModel"] {
            for class in cx.program.subclasses_of(base) {
                let Parent::Function(ix) = cx.program.class(class).parent else { continue };
                let function = class.module.function(ix);
                if is_cached(cx.program, function) || !reach(cx, Scope::Function(function)).is_hot() {
                    continue;
                }
                out.push(Draft::new(
                    &Self::META,
                    Spot::class(cx.program, class),
                    Scope::Function(function),
                    "a model is defined for every call: a class, a connection and its client each time; it is a cost, not a leak",
                ));
            }
        }
    }
}
