//! What is looked for in a description as it is written, beside what it means: secrets in texts, examples that their schema does not allow, and
//! callbacks without a signature.
//!
//! It is found while the trees of the description are still there; what is kept is small.

mod callbacks;
mod examples;
mod fits;
mod secrets;

use plimsoll_spec::{Api, Description, Place};

/// How many of a kind are kept.
const KEPT: usize = 50;

/// What was found in the texts of a description.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// Secrets in examples, defaults and descriptions.
    pub secrets: Vec<Secret>,
    /// Examples that their schema does not allow, with why.
    pub mismatches: Vec<(Place, String)>,
    /// How many examples there are that do not fit, those that are not kept included.
    pub unfit: usize,
    /// How many examples were compared with their schema.
    pub compared: usize,
    /// Callbacks and webhooks whose receiver cannot tell who sent them, by name.
    pub unsigned: Vec<(Place, String)>,
    /// How many callbacks and webhooks there are.
    pub callbacks: usize,
}

/// A secret in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// Where it stands.
    pub place: Place,
    /// What it looks like, for people.
    pub kind: &'static str,
    /// Whether it can hardly be anything else than a key in use.
    pub live: bool,
    /// The value, masked.
    pub masked: String,
}

impl Written {
    /// Looks through a description.
    pub fn of(description: &Description, api: &Api) -> Self {
        let mut found = Self::default();
        secrets::find(description, &mut found);
        examples::compare(description, api, &mut found);
        callbacks::judge(description, api, &mut found);
        found
    }
}

/// The tokens of a pointer into the main document (RFC 6901); none for one that leads into another file.
fn tokens(pointer: &str) -> Option<Vec<String>> {
    let rest = pointer.strip_prefix('/')?;
    Some(rest.split('/').map(|token| token.replace("~1", "/").replace("~0", "~")).collect())
}

/// The value at a pointer into the main document.
fn at<'a>(description: &'a Description, pointer: &str) -> Option<plimsoll_spec::Raw<'a>> {
    let tokens = tokens(pointer)?;
    description.at(tokens.iter().map(String::as_str))
}

/// The value, or what its local reference leads to, and where that is; a few steps far.
fn follow<'a>(
    description: &'a Description,
    mut raw: plimsoll_spec::Raw<'a>,
    mut pointer: String,
) -> Option<(plimsoll_spec::Raw<'a>, String)> {
    for _ in 0..4 {
        let Some(target) = raw.get("$ref").and_then(plimsoll_spec::Raw::text) else { return Some((raw, pointer)) };
        let local = target.strip_prefix('#')?;
        raw = at(description, local)?;
        local.clone_into(&mut pointer);
    }
    None
}

/// The pointer with one more token.
fn below(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", token.replace('~', "~0").replace('/', "~1"))
}
