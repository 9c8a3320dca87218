//! Resource consumption: what a caller can make the service spend (API4).

mod answers;
pub mod array_without_maximum;
pub mod batch_body_without_maximum;
pub mod batch_without_maximum;
pub mod body_limit_undocumented;
mod large;
pub mod large_answer;
pub mod large_request;
pub mod limit_maximum_too_large;
pub mod limit_without_default;
pub mod limit_without_maximum;
pub mod list_without_page_control;
mod nature;
pub mod rate_limit_headers_undocumented;
pub mod rate_limit_undocumented;
pub mod recursive_input;
pub mod retry_after_undocumented;
pub mod search_limit_without_maximum;
pub mod unbounded_export;
pub mod unbounded_request;
pub mod unrepeatable_write;
pub mod upload_without_limit;

use crate::rule::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[
    &limit_without_maximum::LimitWithoutMaximum,
    &limit_maximum_too_large::LimitMaximumTooLarge,
    &search_limit_without_maximum::SearchLimitWithoutMaximum,
    &list_without_page_control::ListWithoutPageControl,
    &batch_without_maximum::BatchWithoutMaximum,
    &batch_body_without_maximum::BatchBodyWithoutMaximum,
    &upload_without_limit::UploadWithoutLimit,
    &unbounded_request::UnboundedRequest,
    &recursive_input::RecursiveInput,
    &large_request::LargeRequest,
    &large_answer::LargeAnswer,
    &unbounded_export::UnboundedExport,
    &unrepeatable_write::UnrepeatableWrite,
    &rate_limit_undocumented::RateLimitUndocumented,
    &rate_limit_headers_undocumented::RateLimitHeadersUndocumented,
    &retry_after_undocumented::RetryAfterUndocumented,
    &body_limit_undocumented::BodyLimitUndocumented,
    &limit_without_default::LimitWithoutDefault,
    &array_without_maximum::ArrayWithoutMaximum,
];
