//! Weaknesses that show data to somebody who should not see it (OWASP API3:2023, API8:2023).

use super::{Category, Facts};
use crate::{Kind, Severity};

pub(super) const RAW_ATTRIBUTE_VALUES: Facts = Facts {
    id: "raw-attribute-values",
    title: "The store's wire format reaches the client",
    category: Category::DataExposure,
    kind: Kind::Exposure,
    severity: Severity::Low,
    cwe: 497,
    owasp: "API3:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const RAW_STORE_CURSOR: Facts = Facts {
    id: "raw-store-cursor",
    title: "The store's own cursor is handed to the client",
    category: Category::DataExposure,
    kind: Kind::Exposure,
    severity: Severity::Medium,
    cwe: 565,
    owasp: "API3:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const STORE_ERROR_EXPOSED: Facts = Facts {
    id: "store-error-exposed",
    title: "The store's error reaches the client",
    category: Category::DataExposure,
    kind: Kind::Exposure,
    severity: Severity::Medium,
    cwe: 209,
    owasp: "API8:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const PII_EXPOSED: Facts = Facts {
    id: "pii-exposed",
    title: "Personal data in an answer",
    category: Category::DataExposure,
    kind: Kind::Exposure,
    severity: Severity::Medium,
    cwe: 359,
    owasp: "API3:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const SECRET_EXPOSED: Facts = Facts {
    id: "secret-exposed",
    title: "A secret in an answer",
    category: Category::DataExposure,
    kind: Kind::Exposure,
    severity: Severity::High,
    cwe: 522,
    owasp: "API3:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const STACK_TRACE_EXPOSED: Facts = Facts {
    id: "stack-trace-exposed",
    title: "A stack trace in an answer",
    category: Category::DataExposure,
    kind: Kind::Exposure,
    severity: Severity::Medium,
    cwe: 209,
    owasp: "API8:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const INTERNAL_DETAIL_EXPOSED: Facts = Facts {
    id: "internal-detail-exposed",
    title: "Internal hosts or paths in an answer",
    category: Category::DataExposure,
    kind: Kind::Exposure,
    severity: Severity::Low,
    cwe: 497,
    owasp: "API8:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const UNDOCUMENTED_FIELDS: Facts = Facts {
    id: "undocumented-fields",
    title: "Fields that the contract does not declare",
    category: Category::DataExposure,
    kind: Kind::Exposure,
    severity: Severity::Low,
    cwe: 213,
    owasp: "API3:2023",
    why: "",
    fastapi: "",
    django: "",
};
