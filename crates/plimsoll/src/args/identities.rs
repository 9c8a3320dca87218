//! Who requests are sent as.

use clap::Args;

/// Who requests are sent as.
#[derive(Debug, Args)]
#[command(next_help_heading = "Identities")]
pub struct Identity {
    /// Send requests also as this identity, as in alice='Authorization: Bearer $ALICE'. Also alice=basic:$USER:$PASSWORD, alice='Cookie: session=$SESSION',
    /// alice=query:api_key=$KEY and alice=role:admin; several of one name add up. Without credentials is always tried.
    #[arg(long = "as", value_name = "NAME=CREDENTIAL")]
    pub identities: Vec<String>,
}
