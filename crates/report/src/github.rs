//! What GitHub shows of a run without code scanning: annotations at lines, the summary of a job, a comment on a pull request.

pub mod annotations;
pub mod comment;
pub mod summary;
