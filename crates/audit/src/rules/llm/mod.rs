//! Language models behind the API (OWASP LLM Top 10, 2025), recognised by what their operations take.

pub mod generation_cost_answered;
mod model;
pub mod open_generation;
pub mod steerable_model;
pub mod unbounded_generation;

use crate::rule::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[
    &open_generation::OpenGeneration,
    &unbounded_generation::UnboundedGeneration,
    &steerable_model::SteerableModel,
    &generation_cost_answered::GenerationCostAnswered,
];
