//! What is shown over a line with a finding: what it does, how it comes about, and how to fix it.

use std::fmt::Write;

use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind};
use plimsoll_model::{Confidence, Evidence, Finding};

/// What is said about the findings of a line; nothing where there is none.
pub fn hover(findings: &[&Finding]) -> Option<Hover> {
    if findings.is_empty() {
        return None;
    }
    let value = findings.iter().map(|finding| page(finding)).collect::<Vec<_>>().join("\n\n---\n\n");
    Some(Hover { contents: HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value }), range: None })
}

fn page(finding: &Finding) -> String {
    let facts = finding.weakness.facts();
    let suspected = if finding.confidence == Confidence::Suspected { ", suspected" } else { "" };
    let mut out =
        format!("**{}** · {} · {}{suspected}\n\n{}\n", finding.check, finding.severity, finding.kind, finding.message);
    let chain = finding.evidence.iter().filter_map(|evidence| match evidence {
        Evidence::Source { file, line, note, .. } if note != "here" => Some(format!("- `{file}:{line}` {note}")),
        Evidence::Note { text } => Some(format!("- {text}")),
        _ => None,
    });
    let chain: Vec<String> = chain.collect();
    if !chain.is_empty() {
        let _ = write!(out, "\n{}\n", chain.join("\n"));
    }
    let operations: Vec<String> = finding.operations().take(6).map(|operation| format!("`{operation}`")).collect();
    if !operations.is_empty() {
        let _ = write!(out, "\nReached from {}.\n", operations.join(", "));
    }
    let _ = write!(out, "\n{}\n\n**FastAPI**: {}\n\n**Django**: {}\n", facts.why, facts.fastapi, facts.django);
    out
}
