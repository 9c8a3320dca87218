//! Weaknesses of inventory and of the use of others' services (OWASP API9:2023, API10:2023).

use super::{Category, Facts};
use crate::{Kind, Severity};

pub(super) const INSECURE_THIRD_PARTY_URL: Facts = Facts {
    id: "insecure-third-party-url",
    title: "Answers send clients to http:// addresses",
    category: Category::UnsafeConsumption,
    kind: Kind::Config,
    severity: Severity::Low,
    cwe: 319,
    owasp: "API10:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const CALLBACK_SURFACE: Facts = Facts {
    id: "callback-surface",
    title: "The contract declares callbacks or webhooks",
    category: Category::UnsafeConsumption,
    kind: Kind::Info,
    severity: Severity::Info,
    cwe: 918,
    owasp: "API10:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const DEPRECATED_OPERATION: Facts = Facts {
    id: "deprecated-operation",
    title: "A deprecated operation still answers",
    category: Category::Inventory,
    kind: Kind::Config,
    severity: Severity::Low,
    cwe: 477,
    owasp: "API9:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const UNDOCUMENTED_OPERATION: Facts = Facts {
    id: "undocumented-operation",
    title: "An operation that the contract does not list",
    category: Category::Inventory,
    kind: Kind::Config,
    severity: Severity::Low,
    cwe: 1059,
    owasp: "API9:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const VERSION_BANNER: Facts = Facts {
    id: "version-banner",
    title: "Product and version in a header",
    category: Category::Inventory,
    kind: Kind::Info,
    severity: Severity::Info,
    cwe: 497,
    owasp: "API9:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const DOCUMENTATION_EXPOSED: Facts = Facts {
    id: "documentation-exposed",
    title: "Interactive documentation without credentials",
    category: Category::Inventory,
    kind: Kind::Info,
    severity: Severity::Info,
    cwe: 200,
    owasp: "API9:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const METRICS_EXPOSED: Facts = Facts {
    id: "metrics-exposed",
    title: "Metrics without credentials",
    category: Category::Inventory,
    kind: Kind::Exposure,
    severity: Severity::Medium,
    cwe: 497,
    owasp: "API9:2023",
    why: "",
    fastapi: "",
    django: "",
};
