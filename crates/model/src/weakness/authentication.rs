//! Weaknesses of authentication (OWASP API2:2023).

use super::{Category, Facts};
use crate::{Kind, Severity};

pub(super) const AUTH_NOT_ENFORCED: Facts = Facts {
    id: "auth-not-enforced",
    title: "Declared authentication is not enforced",
    category: Category::Authentication,
    kind: Kind::Access,
    severity: Severity::Critical,
    cwe: 306,
    owasp: "API2:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const MISSING_AUTHENTICATION: Facts = Facts {
    id: "missing-authentication",
    title: "Data without credentials where its siblings ask for them",
    category: Category::Authentication,
    kind: Kind::Access,
    severity: Severity::High,
    cwe: 306,
    owasp: "API2:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const METHOD_AUTH_GAP: Facts = Facts {
    id: "method-auth-gap",
    title: "Another method opens a door that one method closes",
    category: Category::Authentication,
    kind: Kind::Access,
    severity: Severity::High,
    cwe: 650,
    owasp: "API2:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const UNSIGNED_JWT: Facts = Facts {
    id: "unsigned-jwt",
    title: "A token without a signature is used",
    category: Category::Authentication,
    kind: Kind::Access,
    severity: Severity::High,
    cwe: 347,
    owasp: "API2:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const WEAK_JWT_SECRET: Facts = Facts {
    id: "weak-jwt-secret",
    title: "A token is signed with a secret from a word list",
    category: Category::Authentication,
    kind: Kind::Access,
    severity: Severity::High,
    cwe: 1391,
    owasp: "API2:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const UNBOUNDED_JWT: Facts = Facts {
    id: "unbounded-jwt",
    title: "A token without an end or an audience",
    category: Category::Authentication,
    kind: Kind::Access,
    severity: Severity::Medium,
    cwe: 613,
    owasp: "API2:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const SENSITIVE_JWT_CLAIMS: Facts = Facts {
    id: "sensitive-jwt-claims",
    title: "A token carries sensitive data that anybody can read",
    category: Category::Authentication,
    kind: Kind::Exposure,
    severity: Severity::Medium,
    cwe: 312,
    owasp: "API2:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const MISSING_CHALLENGE: Facts = Facts {
    id: "missing-challenge",
    title: "401 without a WWW-Authenticate header",
    category: Category::Authentication,
    kind: Kind::Info,
    severity: Severity::Info,
    cwe: 287,
    owasp: "API2:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const MISSING_SECURITY_HEADERS: Facts = Facts {
    id: "missing-security-headers",
    title: "Protective response headers are missing",
    category: Category::Authentication,
    kind: Kind::Config,
    severity: Severity::Low,
    cwe: 693,
    owasp: "API8:2023",
    why: "",
    fastapi: "",
    django: "",
};
