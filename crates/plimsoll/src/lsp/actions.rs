//! Quick fixes: what the rule knows how to repair, and an acceptance where the finding stands. The reason of an acceptance is left to the person, and until
//! there is one it does not hold.

use std::collections::HashMap;

use lsp_types::{CodeAction, CodeActionKind, CodeActionOrCommand, Position, Range, TextEdit, Uri, WorkspaceEdit};
use plimsoll_model::Finding;
use plimsoll_run::code::fix::{self, Safety};

use super::convert;

/// What can be done about the findings on some lines.
pub fn actions(uri: &Uri, findings: &[&Finding], text: &str) -> Vec<CodeActionOrCommand> {
    let repairs = findings.iter().filter_map(|finding| repair(uri, finding, text));
    let acceptances = findings.iter().filter_map(|finding| accept(uri, finding, text));
    repairs.chain(acceptances).map(CodeActionOrCommand::CodeAction).collect()
}

fn repair(uri: &Uri, finding: &Finding, text: &str) -> Option<CodeAction> {
    let fix = fix::for_finding(text, finding)?;
    let edits = fix.edits.iter().map(|edit| TextEdit {
        range: Range { start: convert::position(text, edit.span.start), end: convert::position(text, edit.span.end) },
        new_text: edit.text.clone(),
    });
    let edits: Vec<TextEdit> = edits.collect();
    let look = if fix.safety == Safety::Review { " (look at it)" } else { "" };
    Some(CodeAction {
        title: format!("{}{look}", fix.title),
        kind: Some(CodeActionKind::QUICKFIX),
        edit: Some(WorkspaceEdit { changes: Some(HashMap::from([(uri.clone(), edits)])), ..WorkspaceEdit::default() }),
        is_preferred: Some(fix.safety == Safety::Safe),
        ..CodeAction::default()
    })
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
