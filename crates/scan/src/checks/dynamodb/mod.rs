//! DynamoDB on the wire: what of the store shows through.

pub mod attribute;
pub mod dependency_replaced;
pub mod errors;
pub mod raw_attribute_values;
pub mod raw_store_cursor;
pub mod store_error;

use crate::check::Check;

/// The checks of this family.
pub const ALL: &[&dyn Check] = &[
    &dependency_replaced::DependencyReplaced,
    &store_error::StoreError,
    &raw_store_cursor::RawStoreCursor,
    &raw_attribute_values::RawAttributeValues,
];
