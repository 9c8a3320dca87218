//! Rules on calls of DynamoDB and its streams that cannot work, or that lose or hide something.

mod caller_chosen_table;
mod dropping_buffer;
mod hot_stream_loop;
mod missing_timeouts;
mod page_iterator_context;
mod reserved_word;
pub(super) mod sdk_error_answered;
mod shared_resource;
mod single_shard;
mod sparse_attribute;
mod stream_without_checkpoint;
mod unprocessed_items;
mod useless_del;
mod wrong_client;

use super::rule::Rule;

pub use reserved_word::reserved;

/// The rules of this family, in the order of the handbook.
pub const RULES: &[&dyn Rule] = &[
    &page_iterator_context::PageIteratorContext,
    &reserved_word::ReservedWord,
    &wrong_client::WrongClient,
    &hot_stream_loop::HotStreamLoop,
    &stream_without_checkpoint::StreamWithoutCheckpoint,
    &single_shard::SingleShard,
    &dropping_buffer::DroppingBuffer,
    &sparse_attribute::SparseAttribute,
    &unprocessed_items::UnprocessedItems,
    &missing_timeouts::MissingTimeouts,
    &sdk_error_answered::SdkErrorAnswered,
    &shared_resource::SharedResource,
    &useless_del::UselessDel,
    &caller_chosen_table::CallerChosenTable,
];
