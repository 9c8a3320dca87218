//! Cipher suites: what they are called, what is wrong with them, and which are offered together.
//!
//! Numbers and names are those of the IANA registry "TLS Cipher Suites". Suites of TLS 1.3 are not among them: none of those is weak.

use serde::{Deserialize, Serialize};

use super::hello::SuiteId;

/// What is wrong with a suite, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weak {
    /// No encryption at all.
    Null,
    /// Nobody proves who they are: whoever sits in between can be the server.
    Anonymous,
    /// Keys of 40 or 56 bits, once made for export; single DES among them.
    Export,
    /// RC4, prohibited by RFC 7465.
    Rc4,
    /// Blocks of 64 bits: 3DES and IDEA (SWEET32, CVE-2016-2183).
    SmallBlock,
}

impl Weak {
    /// All, the worst first.
    pub const ALL: &'static [Self] = &[Self::Null, Self::Anonymous, Self::Export, Self::Rc4, Self::SmallBlock];

    /// What it is called in a message.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Null => "no encryption (NULL)",
            Self::Anonymous => "no authentication (anon)",
            Self::Export => "keys of 40 or 56 bits (EXPORT, DES)",
            Self::Rc4 => "RC4",
            Self::SmallBlock => "blocks of 64 bits (3DES)",
        }
    }

    /// The suites of this class.
    pub(crate) const fn suites(self) -> &'static [(SuiteId, &'static str)] {
        match self {
            Self::Null => NULL,
            Self::Anonymous => ANONYMOUS,
            Self::Export => EXPORT,
            Self::Rc4 => RC4,
            Self::SmallBlock => SMALL_BLOCK,
        }
    }
}

const NULL: &[(SuiteId, &str)] = &[
    (0x0001, "TLS_RSA_WITH_NULL_MD5"),
    (0x0002, "TLS_RSA_WITH_NULL_SHA"),
    (0x003b, "TLS_RSA_WITH_NULL_SHA256"),
    (0xc001, "TLS_ECDH_ECDSA_WITH_NULL_SHA"),
    (0xc006, "TLS_ECDHE_ECDSA_WITH_NULL_SHA"),
    (0xc00b, "TLS_ECDH_RSA_WITH_NULL_SHA"),
    (0xc010, "TLS_ECDHE_RSA_WITH_NULL_SHA"),
    (0xc015, "TLS_ECDH_anon_WITH_NULL_SHA"),
];
const ANONYMOUS: &[(SuiteId, &str)] = &[
    (0x0018, "TLS_DH_anon_WITH_RC4_128_MD5"),
    (0x001b, "TLS_DH_anon_WITH_3DES_EDE_CBC_SHA"),
    (0x0034, "TLS_DH_anon_WITH_AES_128_CBC_SHA"),
    (0x003a, "TLS_DH_anon_WITH_AES_256_CBC_SHA"),
    (0x006c, "TLS_DH_anon_WITH_AES_128_CBC_SHA256"),
    (0x006d, "TLS_DH_anon_WITH_AES_256_CBC_SHA256"),
    (0x00a6, "TLS_DH_anon_WITH_AES_128_GCM_SHA256"),
    (0x00a7, "TLS_DH_anon_WITH_AES_256_GCM_SHA384"),
    (0xc016, "TLS_ECDH_anon_WITH_RC4_128_SHA"),
    (0xc017, "TLS_ECDH_anon_WITH_3DES_EDE_CBC_SHA"),
    (0xc018, "TLS_ECDH_anon_WITH_AES_128_CBC_SHA"),
    (0xc019, "TLS_ECDH_anon_WITH_AES_256_CBC_SHA"),
];
const EXPORT: &[(SuiteId, &str)] = &[
    (0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5"),
    (0x0006, "TLS_RSA_EXPORT_WITH_RC2_CBC_40_MD5"),
    (0x0008, "TLS_RSA_EXPORT_WITH_DES40_CBC_SHA"),
    (0x0009, "TLS_RSA_WITH_DES_CBC_SHA"),
    (0x000b, "TLS_DH_DSS_EXPORT_WITH_DES40_CBC_SHA"),
    (0x000e, "TLS_DH_RSA_EXPORT_WITH_DES40_CBC_SHA"),
    (0x0011, "TLS_DHE_DSS_EXPORT_WITH_DES40_CBC_SHA"),
    (0x0012, "TLS_DHE_DSS_WITH_DES_CBC_SHA"),
    (0x0014, "TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA"),
    (0x0015, "TLS_DHE_RSA_WITH_DES_CBC_SHA"),
    (0x0017, "TLS_DH_anon_EXPORT_WITH_RC4_40_MD5"),
    (0x0019, "TLS_DH_anon_EXPORT_WITH_DES40_CBC_SHA"),
    (0x001a, "TLS_DH_anon_WITH_DES_CBC_SHA"),
];
const RC4: &[(SuiteId, &str)] = &[
    (0x0004, "TLS_RSA_WITH_RC4_128_MD5"),
    (0x0005, "TLS_RSA_WITH_RC4_128_SHA"),
    (0xc002, "TLS_ECDH_ECDSA_WITH_RC4_128_SHA"),
    (0xc007, "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA"),
    (0xc00c, "TLS_ECDH_RSA_WITH_RC4_128_SHA"),
    (0xc011, "TLS_ECDHE_RSA_WITH_RC4_128_SHA"),
];
const SMALL_BLOCK: &[(SuiteId, &str)] = &[
    (0x0007, "TLS_RSA_WITH_IDEA_CBC_SHA"),
    (0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
    (0x0013, "TLS_DHE_DSS_WITH_3DES_EDE_CBC_SHA"),
    (0x0016, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA"),
    (0xc003, "TLS_ECDH_ECDSA_WITH_3DES_EDE_CBC_SHA"),
    (0xc008, "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA"),
    (0xc00d, "TLS_ECDH_RSA_WITH_3DES_EDE_CBC_SHA"),
    (0xc012, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"),
];

/// Suites that encrypt and authenticate at once, with ephemeral keys on curves, then on fields, then with the certificate's key.
pub(crate) const AEAD: &[SuiteId] =
    &[0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0x009e, 0x009f, 0xccaa, 0x009c, 0x009d];
/// Suites that encrypt in CBC mode with ephemeral keys.
pub(crate) const CBC_EPHEMERAL: &[SuiteId] =
    &[0xc009, 0xc013, 0xc00a, 0xc014, 0xc023, 0xc027, 0xc024, 0xc028, 0x0033, 0x0039, 0x0067, 0x006b, 0x0032, 0x0038];
/// Suites that encrypt in CBC mode and exchange keys with the certificate's key.
pub(crate) const CBC_STATIC: &[SuiteId] = &[0x002f, 0x0035, 0x003c, 0x003d, 0x0041, 0x0084, 0x0096];
/// Suites with ephemeral Diffie-Hellman over a finite field, export ones included (Logjam, CVE-2015-4000).
pub(crate) const FINITE_FIELD: &[SuiteId] =
    &[0x009e, 0x009f, 0xccaa, 0x0033, 0x0039, 0x0067, 0x006b, 0x0016, 0x0015, 0x0014, 0x0045, 0x0088];

/// The same among the weak ones, and over DSS.
const FINITE_FIELD_WEAK: &[SuiteId] = &[
    0x0011, 0x0012, 0x0013, 0x0017, 0x0018, 0x0019, 0x001a, 0x001b, 0x0032, 0x0034, 0x0038, 0x003a, 0x006c, 0x006d,
    0x00a6, 0x00a7,
];

/// How keys are exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exchange {
    /// Ephemeral, over a finite field.
    FiniteField,
    /// Ephemeral, on a curve.
    Curve,
    /// With the certificate's key: whoever gets that key later reads what was recorded.
    Static,
}

/// How this suite exchanges keys. Export suites without ephemeral keys count as static.
pub(crate) fn exchange(suite: SuiteId) -> Exchange {
    if FINITE_FIELD.contains(&suite) || FINITE_FIELD_WEAK.contains(&suite) {
        Exchange::FiniteField
    } else if CBC_STATIC.contains(&suite) || matches!(suite, 0x009c | 0x009d) || suite < 0x0010 {
        Exchange::Static
    } else {
        Exchange::Curve
    }
}

/// The class and name of a weak suite.
pub(crate) fn weak(suite: SuiteId) -> Option<(Weak, &'static str)> {
    let mut classes = Weak::ALL.iter();
    classes.find_map(|class| {
        let named = class.suites().iter().find(|(id, _)| *id == suite)?;
        Some((*class, named.1))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_suite_stands_in_two_lists() {
        let weak: Vec<SuiteId> = Weak::ALL.iter().flat_map(|class| class.suites()).map(|(id, _)| *id).collect();
        let sound = [AEAD, CBC_EPHEMERAL, CBC_STATIC].concat();
        let all: Vec<SuiteId> = weak.iter().chain(&sound).copied().collect();
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
        assert!(sound.iter().all(|suite| super::weak(*suite).is_none()));
    }

    #[test]
    fn exchanges() {
        assert_eq!(exchange(0x0033), Exchange::FiniteField);
        assert_eq!(exchange(0x0034), Exchange::FiniteField);
        assert_eq!(exchange(0x002f), Exchange::Static);
        assert_eq!(exchange(0x0005), Exchange::Static);
        assert_eq!(exchange(0xc013), Exchange::Curve);
        assert_eq!(weak(0xc011), Some((Weak::Rc4, "TLS_ECDHE_RSA_WITH_RC4_128_SHA")));
    }
}
