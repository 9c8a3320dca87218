//! Quick fixes: what the rule knows how to repair, and an acceptance where the finding stands. The reason of an acceptance is left to the person, and until
//! there is one it does not hold.

use std::collections::HashMap;

use lsp_types::{CodeAction, CodeActionKind, CodeActionOrCommand, Position, Range, TextEdit, Uri, WorkspaceEdit};
use plimsoll_model::Finding;
use plimsoll_run::code::Session;
use plimsoll_run::code::fix::{self, Edit, Safety};

use super::convert;

/// What can be done about the findings on some lines.
pub fn actions(
    uri: &Uri,
    findings: &[Finding],
    text: &str,
    mut session: Option<&mut Session>,
) -> Vec<CodeActionOrCommand> {
    let repairs = findings
        .iter()
        .filter_map(|finding| repair(uri, finding, text).or_else(|| project_wide(finding, session.as_deref_mut()?)));
    let repairs: Vec<CodeAction> = repairs.collect();
    let acceptances = findings.iter().filter_map(|finding| accept(uri, finding, text));
    repairs.into_iter().chain(acceptances).map(CodeActionOrCommand::CodeAction).collect()
}

/// What the text alone says how to repair.
fn repair(uri: &Uri, finding: &Finding, text: &str) -> Option<CodeAction> {
    let fix = fix::for_finding(text, finding)?;
    Some(quick_fix(&fix.title, fix.safety, HashMap::from([(uri.clone(), edits(text, &fix.edits))])))
}

/// What needs a look at the rest of the project: tried in memory, and offered only where it settles the finding.
fn project_wide(finding: &Finding, session: &mut Session) -> Option<CodeAction> {
    if !fix::is_fixable(&finding.check) {
        return None;
    }
    let proposal = fix::propose(session, &[finding], Safety::Review).ok()?;
    let change =
        |file: &plimsoll_run::fix::Repaired| Some((convert::uri(&file.path)?, edits(&file.before, &file.edits())));
    let changes: Option<HashMap<Uri, Vec<TextEdit>>> = proposal.files.iter().map(change).collect();
    Some(quick_fix(&proposal.titles.join("; "), proposal.safety, changes?))
}

fn edits(text: &str, edits: &[Edit]) -> Vec<TextEdit> {
    let edit = |edit: &Edit| TextEdit {
        range: Range { start: convert::position(text, edit.span.start), end: convert::position(text, edit.span.end) },
        new_text: edit.text.clone(),
    };
    edits.iter().map(edit).collect()
}

#[expect(clippy::mutable_key_type, reason = "the protocol's own type; addresses are not changed")]
fn quick_fix(title: &str, safety: Safety, changes: HashMap<Uri, Vec<TextEdit>>) -> CodeAction {
    let look = if safety == Safety::Safe { "" } else { " (look at it)" };
    CodeAction {
        title: format!("{title}{look}"),
        kind: Some(CodeActionKind::QUICKFIX),
        edit: Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }),
        is_preferred: Some(safety == Safety::Safe),
        ..CodeAction::default()
    }
}

fn accept(uri: &Uri, finding: &Finding, text: &str) -> Option<CodeAction> {
    let line = finding.source.as_ref()?.line.checked_sub(1)?;
    let shown = text.lines().nth(line as usize)?;
    let indent: String = shown.chars().take_while(|c| c.is_whitespace()).collect();
    let comment = format!("{indent}# plimsoll: ignore[{}] reason=\"\"\n", finding.check);
    let at = Position::new(line, 0);
    let edit = TextEdit { range: Range { start: at, end: at }, new_text: comment };
    Some(CodeAction {
        title: format!("Accept {} here, with a reason", finding.check),
        kind: Some(CodeActionKind::QUICKFIX),
        edit: Some(WorkspaceEdit {
            changes: Some(HashMap::from([(uri.clone(), vec![edit])])),
            ..WorkspaceEdit::default()
        }),
        ..CodeAction::default()
    })
}
