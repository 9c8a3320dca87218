//! Weaknesses in how input is taken (OWASP API8:2023).

use super::{Category, Facts};
use crate::{Kind, Severity};

pub(super) const INJECTABLE_DEPENDENCY: Facts = Facts {
    id: "injectable-dependency",
    title: "A caller can replace an internal dependency",
    category: Category::InputValidation,
    kind: Kind::Input,
    severity: Severity::High,
    cwe: 15,
    owasp: "API8:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const UNHANDLED_INPUT: Facts = Facts {
    id: "unhandled-input",
    title: "Bad input ends in a server error",
    category: Category::InputValidation,
    kind: Kind::Crash,
    severity: Severity::Medium,
    cwe: 755,
    owasp: "API8:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const INVALID_VALUE_ACCEPTED: Facts = Facts {
    id: "invalid-value-accepted",
    title: "A value outside the contract is accepted",
    category: Category::InputValidation,
    kind: Kind::Input,
    severity: Severity::Low,
    cwe: 1284,
    owasp: "API8:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const PERMISSIVE_CORS: Facts = Facts {
    id: "permissive-cors",
    title: "Any web page may call the API",
    category: Category::InputValidation,
    kind: Kind::Config,
    severity: Severity::Low,
    cwe: 942,
    owasp: "API8:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const UNEXPECTED_METHOD: Facts = Facts {
    id: "unexpected-method",
    title: "A method that should be refused is answered",
    category: Category::InputValidation,
    kind: Kind::Config,
    severity: Severity::Low,
    cwe: 650,
    owasp: "API8:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const DEBUG_MODE: Facts = Facts {
    id: "debug-mode",
    title: "The application runs in debug mode",
    category: Category::InputValidation,
    kind: Kind::Config,
    severity: Severity::High,
    cwe: 489,
    owasp: "API8:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const OPEN_REDIRECT: Facts = Facts {
    id: "open-redirect",
    title: "A caller decides where a redirect leads",
    category: Category::InputValidation,
    kind: Kind::Input,
    severity: Severity::Medium,
    cwe: 601,
    owasp: "API8:2023",
    why: "",
    fastapi: "",
    django: "",
};
