//! Driving: requests that vary as users' do, in blocks, alone or sixteen at a time.
//!
//! A cache that is keyed by input grows only while inputs are new, so requests vary; and whether growth stops when they do not vary tells what it is keyed by. All
//! traffic goes through `plimsoll_http`, which decides what may be sent. Nothing of an exchange is kept but counts, so that a run of a hundred thousand
//! requests needs no more memory than one of ten.

pub mod har;
pub mod load;
pub mod requests;
pub mod template;
pub mod vary;

pub use load::{Answers, Block, Load};
pub use requests::{Driven, Source};
pub use template::{Template, TemplateError};
pub use vary::{Lever, Levers};
