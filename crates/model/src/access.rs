//! Who reaches what: the table of operations and identities.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::OperationKey;
use crate::level::scale;

scale! {
    /// What an operation says to an identity.
    Access {
        /// It was not asked.
        NotTested => "not-tested",
        /// It refuses, with 401 or 403.
        Refused => "refused",
        /// It answers with something else: there is nothing, the request is wrong, the server failed.
        Other => "other",
        /// It answers with a 2xx.
        Allowed => "allowed",
    }
}

/// The table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccessTable {
    /// The columns: `anonymous` first.
    pub identities: Vec<AccessIdentity>,
    /// The rows, in the order of the operations. Operations that nobody was asked for as are left out.
    pub operations: Vec<AccessRow>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccessIdentity {
    /// Its name.
    pub name: String,
    /// Its role, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccessRow {
    /// The operation.
    pub operation: OperationKey,
    /// One cell for each column.
    pub cells: Vec<AccessCell>,
}

/// A cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccessCell {
    /// What the operation says to the identity.
    pub access: Access,
    /// The status of its answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Whether a finding says that the identity got here what it should not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deviates: bool,
}

impl AccessRow {
    /// Whether everybody who was asked as is answered in the same way, and as it should be.
    pub fn is_even(&self) -> bool {
        let mut asked = self.cells.iter().filter(|cell| cell.access != Access::NotTested).map(|cell| cell.access);
        let first = asked.next();
        asked.all(|access| Some(access) == first) && self.cells.iter().all(|cell| !cell.deviates)
    }
}
