//! What is known of the document beside its [`Api`](plimsoll_spec::Api).

use plimsoll_spec::Place;

use crate::written::Written;

/// A document as it was given.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Where it breaks the official meta-schema of its version.
    pub faults: Vec<Fault>,
    /// How many more of them there are than are kept.
    pub more_faults: u32,
    /// What stands in its texts.
    pub written: Written,
}

/// A place that the meta-schema does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong, on one line.
    pub message: String,
    /// What the fault is about, the same for faults of one kind: the place in the meta-schema.
    pub cause: String,
    /// Where.
    pub place: Place,
}
