//! Rules on reads whose size the data or the caller decides.

mod caller_chosen_page_size;
mod carries;
mod collect;
mod collected_models;
mod collected_pages;
mod dropped_cursor;
mod export_in_request;
mod filter_as_bound;
mod full_result;
mod gathered_segments;
mod measure;
pub mod pages;
mod picked;
pub mod read;
mod rows;
mod scan_instead_of_query;
mod scopes;
mod table_walked;
mod unbounded_batch;
mod unbounded_range;
mod walked;
mod whole_table_answer;

use super::rule::Rule;

pub use collect::Collected;
pub use collected_pages::collected;
pub use scopes::{any, reading};
pub use walked::Walked;

/// The rules of this family, in the order of the handbook.
pub const RULES: &[&dyn Rule] = &[
    &collected_pages::CollectedPages,
    &full_result::FullResult,
    &collected_models::CollectedModels,
    &gathered_segments::GatheredSegments,
    &scan_instead_of_query::ScanInsteadOfQuery,
    &caller_chosen_page_size::CallerChosenPageSize,
    &whole_table_answer::WholeTableAnswer,
    &export_in_request::ExportInRequest,
    &filter_as_bound::FilterAsBound,
    &dropped_cursor::DroppedCursor,
    &unbounded_batch::UnboundedBatch,
    &unbounded_range::UnboundedRange,
    &table_walked::TableWalked,
];
