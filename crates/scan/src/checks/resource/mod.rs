//! Resource consumption: what a caller can make the service spend.

pub mod bounds;
pub mod broken_cursor;
pub mod declared;
pub mod empty_page;
#[cfg(test)]
pub mod fixture;
pub mod growing_answer;
pub mod huge_limit_accepted;
pub mod ineffective_rate_limit;
pub mod input_driven_cost;
pub mod latency_drift;
pub mod levers;
pub mod limit_ignored;
pub mod negative_limit_accepted;
pub mod no_rate_limit;
pub mod odd_limit_accepted;
pub mod oversized_request;
pub mod params;
pub mod quota;
pub mod size_follows_data;
pub mod size_outlier;
pub mod synchronous_export;
pub mod truncated_list;
pub mod unbounded_batch;
pub mod unbounded_search;
pub mod uncompressed_answer;
pub mod unpaginated_list;
pub mod walk;
pub mod wide_range_accepted;

use crate::check::Check;

/// The checks of this family.
pub const ALL: &[&dyn Check] = &[
    &unpaginated_list::UnpaginatedList,
    &limit_ignored::LimitIgnored,
    &huge_limit_accepted::HugeLimitAccepted,
    &odd_limit_accepted::OddLimitAccepted,
    &negative_limit_accepted::NegativeLimitAccepted,
    &truncated_list::TruncatedList,
    &broken_cursor::BrokenCursor,
    &empty_page::EmptyPage,
    &size_follows_data::SizeFollowsData,
    &unbounded_search::UnboundedSearch,
    &unbounded_batch::UnboundedBatch,
    &wide_range_accepted::WideRangeAccepted,
    &synchronous_export::SynchronousExport,
    &size_outlier::SizeOutlier,
    &growing_answer::GrowingAnswer,
    &no_rate_limit::NoRateLimit,
    &ineffective_rate_limit::IneffectiveRateLimit,
    &uncompressed_answer::UncompressedAnswer,
    &oversized_request::OversizedRequest,
    &input_driven_cost::InputDrivenCost,
    &latency_drift::LatencyDrift,
];
