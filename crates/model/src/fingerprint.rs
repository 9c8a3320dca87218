//! Fingerprints: the name of a finding that survives a rescan, moved lines, another host and another order.
//!
//! A fingerprint is a versioned hash over length-prefixed fields. It never contains a line number, a host, a time, a payload, a count
//! or the order of a map (DESIGN: correlation). Two findings with equal fingerprints are the same finding.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `v1:` and 32 lower-case hexadecimal digits (128 bits of BLAKE3).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of these fields. Fields are length-prefixed, so `["ab", "c"]` and `["a", "bc"]` differ.
    pub fn of<'a>(fields: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hasher = blake3::Hasher::new();
        for field in fields {
            hasher.update(&(field.len() as u64).to_le_bytes());
            hasher.update(field.as_bytes());
        }
        let hex = hasher.finalize().to_hex();
        Self(format!("v1:{}", &hex[..32]))
    }

    /// The text form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first eight digits, enough to name an issue on the command line.
    pub fn short(&self) -> &str {
        self.0.get(3..11).unwrap_or(&self.0)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn is_stable() {
        assert_eq!(
            Fingerprint::of(["limit-ignored", "GET", "/orders"]).as_str(),
            "v1:0064c5725ba59409bdeaf384bd942393"
        );
    }

    proptest! {
        #[test]
        fn moving_a_boundary_changes_it(a in "[a-z]{1,8}", b in "[a-z]{1,8}") {
            let joined = format!("{a}{b}");
            prop_assert_ne!(Fingerprint::of([a.as_str(), b.as_str()]), Fingerprint::of([joined.as_str(), ""]));
        }
    }
}
