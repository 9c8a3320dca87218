//! Which operations put a prompt to a language model: by the settings of a generation that they take, or by their path together with a prompt.

use std::collections::HashSet;
use std::sync::Arc;

use plimsoll_model::Method;
use plimsoll_spec::Schema;
use plimsoll_spec::roles::{normal, words};

use crate::view::OpView;

/// Settings that only a generation has.
const SAMPLING: &[&str] = &[
    "temperature",
    "topp",
    "topk",
    "maxtokens",
    "maxcompletiontokens",
    "maxoutputtokens",
    "maxnewtokens",
    "maxtokenstosample",
    "frequencypenalty",
    "presencepenalty",
    "repetitionpenalty",
    "logitbias",
    "stopsequences",
    "generationconfig",
    "systemprompt",
    "systeminstruction",
    "systemmessage",
    "toolchoice",
    "reasoningeffort",
];
/// What is put to a model.
const PROMPTS: &[&str] =
    &["prompt", "messages", "input", "inputs", "contents", "question", "query", "text", "userprompt", "conversation"];
/// Words of paths that speak of language models and of little else.
const PATHS: &[&str] = &[
    "completions",
    "completion",
    "embeddings",
    "embedding",
    "llm",
    "gpt",
    "prompt",
    "prompts",
    "chatbot",
    "copilot",
    "assistant",
];
const MOST: &[&str] = &[
    "maxtokens",
    "maxcompletiontokens",
    "maxoutputtokens",
    "maxnewtokens",
    "maxtokenstosample",
    "maxlength",
    "numpredict",
];

/// An operation that puts a prompt to a language model.
pub(super) struct Generation<'a> {
    pub op: OpView<'a>,
    /// The properties of its body, those of alternatives included.
    properties: Vec<(&'a str, &'a Arc<Schema>)>,
}

impl<'a> Generation<'a> {
    /// The operation as a generation; none where it is something else.
    pub(super) fn of(op: OpView<'a>) -> Option<Self> {
        if op.key().method != Method::Post {
            return None;
        }
        let mut properties: Vec<(&str, &Arc<Schema>)> = Vec::new();
        let mut known: HashSet<&str> = HashSet::new();
        for (_, schema) in op.bodies() {
            for variant in schema.variants() {
                for (name, inner) in &variant.properties {
                    if known.insert(name) {
                        properties.push((name, inner));
                    }
                }
            }
        }
        let generation = Self { op, properties };
        let settings = generation.named(SAMPLING).count();
        let has_prompt = generation.prompts().next().is_some();
        let chats = generation.named(&["messages"]).next().is_some() && generation.named(&["model"]).next().is_some();
        let speaks = words(&op.key().path).iter().any(|word| PATHS.contains(&word.as_str()));
        // A fan heater has a temperature, too: it takes two settings, or one with a prompt.
        let is_one = settings >= 2 && has_prompt
            || has_prompt && speaks && (settings > 0 || generation.named(&["model", "prompt"]).next().is_some())
            || chats;
        is_one.then_some(generation)
    }

    /// The properties with one of these names (in lower case without separators).
    pub(super) fn named<'s>(&'s self, names: &'s [&str]) -> impl Iterator<Item = (&'a str, &'a Arc<Schema>)> + 's {
        self.properties.iter().copied().filter(|(name, _)| names.contains(&normal(name).as_str()))
    }

    /// What is put to the model.
    pub(super) fn prompts(&self) -> impl Iterator<Item = (&'a str, &'a Arc<Schema>)> + '_ {
        self.named(PROMPTS)
    }

    /// How many tokens are generated at most.
    pub(super) fn most_tokens(&self) -> impl Iterator<Item = (&'a str, &'a Arc<Schema>)> + '_ {
        self.named(MOST)
    }

    /// Whether it generates text; embeddings have no tokens to bound.
    pub(super) fn generates(&self) -> bool {
        !words(&self.op.key().path)
            .iter()
            .any(|word| matches!(word.as_str(), "embedding" | "embeddings" | "moderations" | "tokenize" | "rerank"))
    }
}
