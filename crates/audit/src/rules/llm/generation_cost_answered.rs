//! `generation-cost-answered`: answers tell what a generation costs the provider.

use plimsoll_model::PartKind;
use plimsoll_spec::roles::normal;

use super::model::Generation;
use crate::draft::{Draft, Drafts};
use crate::rule::{Meta, Rule, rule};
use crate::view::{OpView, View};

rule! {
    /// Cost in the answer of a generation.
    pub struct GenerationCostAnswered {
        id: "generation-cost-answered", weakness: InternalDetailExposed, severity: Info, since: "0.3.0", owasp: [],
    }
}

const COSTS: &[&str] =
    &["cost", "costusd", "totalcost", "price", "totalprice", "estimatedcost", "inputcost", "outputcost", "costincents"];
const TOKENS: &[&str] =
    &["prompttokens", "completiontokens", "totaltokens", "inputtokens", "outputtokens", "tokensused", "tokenusage"];

impl Rule for GenerationCostAnswered {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, view: &View<'_>, out: &mut Drafts) {
        for generation in view.operations().filter_map(Generation::of) {
            let op = &generation.op;
            let Some(field) = field(op) else { continue };
            out.add(
                Draft::about(op, format!("The answer tells what the generation cost (`{field}`): fine for customers who pay by it, a measure of the provider's spending for others."))
                    .part(PartKind::ResponseBody, field),
            );
        }
    }
}

/// A field about cost or tokens in a successful answer, at most two levels down.
fn field(op: &OpView<'_>) -> Option<String> {
    let answers = op.answers().filter(|(status, ..)| status.starts_with('2'));
    let tops = answers.flat_map(|(_, _, schema)| schema.variants()).flat_map(|variant| &variant.properties);
    let inner = |(name, schema): (String, &plimsoll_spec::Schema)| {
        let below = schema.variants().into_iter().flat_map(|variant| &variant.properties);
        below.map(|(inner, _)| format!("{name}.{inner}")).collect::<Vec<_>>()
    };
    let names: Vec<String> =
        tops.flat_map(|(name, schema)| std::iter::once(name.clone()).chain(inner((name.clone(), schema)))).collect();
    names.into_iter().find(|path| {
        let last = normal(path.rsplit('.').next().unwrap_or(path));
        COSTS.contains(&last.as_str()) || TOKENS.contains(&last.as_str())
    })
}
