//! Encryption: what protects requests and answers on their way. Most of it is read from the survey that a run begins with.

pub mod certificate_expired;
pub mod certificate_untrusted;
pub mod credentials_over_http;
pub mod insecure_cookie;
pub mod mixed_content;
pub mod outdated_tls;
pub mod plain_http;
pub mod way;
pub mod weak_certificate;
pub mod weak_cipher_suite;
pub mod weak_hsts;

use crate::check::Check;

/// The checks of this family.
pub const ALL: &[&dyn Check] = &[
    &outdated_tls::OutdatedTls,
    &weak_cipher_suite::WeakCipherSuite,
    &certificate_expired::CertificateExpired,
    &certificate_untrusted::CertificateUntrusted,
    &weak_certificate::WeakCertificate,
    &plain_http::PlainHttp,
    &credentials_over_http::CredentialsOverHttp,
    &weak_hsts::WeakHsts,
    &insecure_cookie::InsecureCookie,
    &mixed_content::MixedContent,
];
