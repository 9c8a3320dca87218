//! Rules on what is opened and left open.

mod dangling_task;
mod missing_async_with;
mod open_stream;
mod unclosed_aio_client;
mod unclosed_body;
mod unclosed_executor;
mod unclosed_file;
mod unclosed_generator;
mod unclosed_http_client;

use super::rule::Rule;

/// The rules of this family, in the order of the handbook.
pub const RULES: &[&dyn Rule] = &[
    &unclosed_aio_client::UnclosedAioClient,
    &missing_async_with::MissingAsyncWith,
    &unclosed_http_client::UnclosedHttpClient,
    &unclosed_file::UnclosedFile,
    &unclosed_body::UnclosedBody,
    &unclosed_executor::UnclosedExecutor,
    &unclosed_generator::UnclosedGenerator,
    &open_stream::OpenStream,
    &dangling_task::DanglingTask,
];
