//! Who reaches what, as a table of operations and identities.

use plimsoll_model::access::Access;
use plimsoll_model::{OperationKey, Report, Severity, redact};

use super::issue::Cards;

/// The table.
pub struct AccessView {
    /// Name and role of each column.
    pub identities: Vec<(String, Option<String>)>,
    pub rows: Vec<Row>,
    /// Whether anything is marked.
    pub marked: bool,
}

/// A row.
pub struct Row {
    pub method: &'static str,
    pub path: String,
    /// The card of an issue about its access.
    pub issue: Option<String>,
    pub cells: Vec<Cell>,
}

/// A cell.
pub struct Cell {
    pub access: &'static str,
    pub status: String,
    pub deviates: bool,
    /// The name of its column.
    pub identity: String,
}

impl AccessView {
    /// The table of a report, where it has one.
    pub fn of(report: &Report, cards: &Cards<'_>) -> Option<Self> {
        let table = report.access.as_ref()?;
        let identities: Vec<(String, Option<String>)> = table
            .identities
            .iter()
            .map(|identity| {
                let role = identity.role.as_deref().map(|role| redact::one_line(role, 40));
                (redact::one_line(&identity.name, 40), role)
            })
            .collect();
        let rows: Vec<Row> = table
            .operations
            .iter()
            .map(|row| Row {
                method: row.operation.method.as_str(),
                path: redact::one_line(&row.operation.path, 300),
                issue: row
                    .cells
                    .iter()
                    .any(|cell| cell.deviates)
                    .then(|| issue(report, cards, &row.operation))
                    .flatten(),
                cells: row
                    .cells
                    .iter()
                    .zip(&identities)
                    .map(|(cell, (name, _))| Cell {
                        access: cell.access.as_str(),
                        status: match (cell.access, cell.status) {
                            (Access::NotTested, _) => "·".to_owned(),
                            (_, Some(status)) => status.to_string(),
                            (_, None) => "none".to_owned(),
                        },
                        deviates: cell.deviates,
                        identity: name.clone(),
                    })
                    .collect(),
            })
            .collect();
        let marked = rows.iter().flat_map(|row| &row.cells).any(|cell| cell.deviates);
        Some(Self { identities, rows, marked })
    }
}

/// The card of the first issue of this operation that is about who may.
fn issue(report: &Report, cards: &Cards<'_>, operation: &OperationKey) -> Option<String> {
    use plimsoll_model::Category::{Authentication, Bfla, Bola};
    let mine =
        report.issues.iter().filter(|issue| issue.severity > Severity::Info && issue.operations.contains(operation));
    let mut about = mine.filter(|issue| matches!(issue.weakness.facts().category, Authentication | Bfla | Bola));
    about.find_map(|issue| cards.anchor(issue))
}
