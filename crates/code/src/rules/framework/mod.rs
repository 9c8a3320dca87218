//! Rules on traps of the frameworks.

mod answered;
mod blocking_call;
mod building_dependency;
mod error_detail;
mod ignored_page_size;
mod missing_item;
mod raw_cursor_answered;
mod raw_item_answered;
mod request_in_background;
mod sdk_default_argument;
mod signal_without_sender;
mod unguarded_personal_data;

use super::rule::Rule;

/// The rules of this family, in the order of the handbook.
pub const RULES: &[&dyn Rule] = &[
    &sdk_default_argument::SdkDefaultArgument,
    &building_dependency::BuildingDependency,
    &missing_item::MissingItem,
    &ignored_page_size::IgnoredPageSize,
    &blocking_call::BlockingCall,
    &request_in_background::RequestInBackground,
    &raw_item_answered::RawItemAnswered,
    &raw_cursor_answered::RawCursorAnswered,
    &error_detail::ErrorDetail,
    &signal_without_sender::SignalWithoutSender,
    &unguarded_personal_data::UnguardedPersonalData,
];
