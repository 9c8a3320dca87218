//! `[emulator]`: what the application stands on while it is looked at, started and ended with it.

use serde::Deserialize;

/// What is started beside the application.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Emulator {
    /// Whether the application needs a DynamoDB.
    pub dynamodb: bool,
    /// The command that starts it, its words one by one; `{port}` is a free port. Found on `PATH` where none is written.
    pub command: Vec<String>,
    /// The command that fills it, which ends when it has done so.
    pub seed: Vec<String>,
    /// The variable in which the application looks for the address; that of the AWS SDKs (`AWS_ENDPOINT_URL_DYNAMODB`) is set as well.
    pub endpoint_variable: Option<String>,
}
