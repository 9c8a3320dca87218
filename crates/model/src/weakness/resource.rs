//! Weaknesses of resource consumption (OWASP API4:2023).

use super::{Category, Facts};
use crate::{Kind, Severity};

pub(super) const UNBOUNDED_READ: Facts = Facts {
    id: "unbounded-read",
    title: "A read whose size the data decides",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::High,
    cwe: 770,
    owasp: "API4:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const UNBOUNDED_PAGE_SIZE: Facts = Facts {
    id: "unbounded-page-size",
    title: "A page size without a maximum",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Medium,
    cwe: 770,
    owasp: "API4:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const SILENT_TRUNCATION: Facts = Facts {
    id: "silent-truncation",
    title: "A list is cut off without saying so",
    category: Category::ResourceConsumption,
    kind: Kind::DataLoss,
    severity: Severity::Medium,
    cwe: 221,
    owasp: "API4:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const BROKEN_PAGINATION: Facts = Facts {
    id: "broken-pagination",
    title: "Following the pages loses, repeats or never ends",
    category: Category::ResourceConsumption,
    kind: Kind::DataLoss,
    severity: Severity::Medium,
    cwe: 835,
    owasp: "API4:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const RESPONSE_SIZE_OUTLIER: Facts = Facts {
    id: "response-size-outlier",
    title: "An answer far larger than its siblings",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Low,
    cwe: 770,
    owasp: "API4:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const GROWING_ANSWER: Facts = Facts {
    id: "growing-answer",
    title: "The same request answers with more each time",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Medium,
    cwe: 770,
    owasp: "API4:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const INPUT_DRIVEN_COST: Facts = Facts {
    id: "input-driven-cost",
    title: "The cost of a request grows with an input",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Medium,
    cwe: 400,
    owasp: "API4:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const UNBOUNDED_SEARCH: Facts = Facts {
    id: "unbounded-search",
    title: "A search for nothing returns everything",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::High,
    cwe: 770,
    owasp: "API4:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const UNBOUNDED_BATCH: Facts = Facts {
    id: "unbounded-batch",
    title: "A batch, range or expansion without a bound",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Medium,
    cwe: 770,
    owasp: "API4:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const LATENCY_DRIFT: Facts = Facts {
    id: "latency-drift",
    title: "The same cheap request becomes slower",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Low,
    cwe: 400,
    owasp: "API4:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const SYNCHRONOUS_EXPORT: Facts = Facts {
    id: "synchronous-export",
    title: "An export does the whole job inside one request",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Medium,
    cwe: 400,
    owasp: "API4:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const NO_RATE_LIMIT: Facts = Facts {
    id: "no-rate-limit",
    title: "Callers are not limited",
    category: Category::ResourceConsumption,
    kind: Kind::Config,
    severity: Severity::Medium,
    cwe: 799,
    owasp: "API4:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const INEFFECTIVE_RATE_LIMIT: Facts = Facts {
    id: "ineffective-rate-limit",
    title: "A rate limit is declared and not kept",
    category: Category::ResourceConsumption,
    kind: Kind::Config,
    severity: Severity::Medium,
    cwe: 799,
    owasp: "API4:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const UNCOMPRESSED_ANSWER: Facts = Facts {
    id: "uncompressed-answer",
    title: "A large answer is neither compressed nor revalidated",
    category: Category::ResourceConsumption,
    kind: Kind::Info,
    severity: Severity::Info,
    cwe: 405,
    owasp: "API4:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const OVERSIZED_REQUEST_ACCEPTED: Facts = Facts {
    id: "oversized-request-accepted",
    title: "Very long requests are accepted",
    category: Category::ResourceConsumption,
    kind: Kind::Input,
    severity: Severity::Low,
    cwe: 770,
    owasp: "API4:2023",
    why: "",
    fastapi: "",
    django: "",
};
