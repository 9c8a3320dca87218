//! What a change of a contract makes worse or better: two documents compared, operation by operation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::level::scale;
use crate::{OperationKey, Severity, SpecPlace};

scale! {
    /// What a change does to the service.
    Verdict {
        /// It bounds or protects more than before.
        Better => "better",
        /// Neither; clients may notice.
        Changed => "changed",
        /// It bounds or protects less than before.
        Worse => "worse",
    }
}

scale! {
    /// What a change is about.
    Aspect {
        /// An operation that came or went.
        Operation => "operation",
        /// Who may call an operation.
        Security => "security",
        /// How the service is reached.
        Transport => "transport",
        /// How a caller asks for a part of a list.
        PageControl => "page-control",
        /// How large a page is, and may be.
        PageSize => "page-size",
        /// The length of an array.
        Items => "items",
        /// The length of a text.
        Length => "length",
        /// What a text looks like, or which values there are.
        Form => "form",
        /// The largest number.
        Maximum => "maximum",
        /// Which properties an object may have.
        Properties => "properties",
        /// A part of the input that has no bound in size.
        Input => "input",
        /// A property that callers may set.
        AcceptedProperty => "accepted-property",
        /// A property that is answered.
        AnsweredProperty => "answered-property",
        /// Which answers are declared.
        Answers => "answers",
        /// What clients have to send or can rely on.
        Clients => "clients",
    }
}

/// One difference between two contracts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContractChange {
    /// What it does to the service.
    pub verdict: Verdict,
    /// How much what got worse matters, or what got better did; `info` for everything else.
    pub severity: Severity,
    /// What it is about.
    pub aspect: Aspect,
    /// The operation, named as in the later document where it is in both; none where it concerns the whole document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<OperationKey>,
    /// Further operations that share what was changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<OperationKey>,
    /// The part of the operation: `query:limit`, `body:lines[].note`, `200:items`; empty for the whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub part: String,
    /// One line.
    pub message: String,
    /// What stood in the earlier document, where it had a place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<ContractValue>,
    /// What stands in the later one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ContractValue>,
}

/// What stands at a place of a contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContractValue {
    /// Where; the file is always named, because there are two.
    pub place: SpecPlace,
    /// What, in a few words.
    pub value: String,
}
