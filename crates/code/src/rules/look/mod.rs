//! Questions that several rules ask of a piece of code: where a name is read, what is done with a value, who gets here. Nothing here decides whether
//! something is wrong.

mod body;
mod calls;
mod expr;
mod fate;
mod input;
pub mod kinds;
mod limits;
mod reach;
pub mod told;

pub use body::Body;
pub use calls::{aliases, calls};
pub use expr::{
    Keyed, asked, block_of, call_name, contains, directly_of, elements, int, is_none, keyed, mentions, name, own_stmt,
    root_name, spans, text, texts, unwrapped,
};
pub use fate::{Closing, Fate, fate};
pub use input::{Input, input};
pub use reach::{Reach, is_aside, reach};
