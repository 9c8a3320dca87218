//! What a weakness is, for a terminal: `plimsoll explain WEAKNESS`.

use plimsoll_model::Weakness;

use crate::paint::{Colour, Paint};
use crate::text::wrap;

/// The explanation of a weakness. `checks` are the checks that look for it: id and mode.
pub fn render(weakness: Weakness, checks: &[(&str, &str)], paint: Paint, width: usize) -> String {
    let facts = weakness.facts();
    let mut out = format!("{}\n{}\n\n", paint.paint(Colour::Bold, facts.id), facts.title);
    for (name, value) in [
        ("severity", format!("{} unless the evidence says otherwise", facts.severity)),
        ("category", facts.category.to_string()),
        ("kind", facts.kind.to_string()),
        ("standards", format!("OWASP {}, CWE-{}", facts.owasp, facts.cwe)),
        ("checks", checks.iter().map(|(id, mode)| format!("{id} ({mode})")).collect::<Vec<_>>().join(", ")),
    ] {
        let lines = wrap(&value, width.saturating_sub(13));
        for (index, line) in lines.iter().enumerate() {
            let label = if index == 0 { name } else { "" };
            out.push_str(&format!("  {}  {line}\n", paint.paint(Colour::Dim, &format!("{label:<9}"))));
        }
    }
    for (heading, text) in [("Why it matters", facts.why), ("In FastAPI", facts.fastapi), ("In Django", facts.django)] {
        out.push_str(&format!("\n{}\n", paint.paint(Colour::Bold, heading)));
        markdown(text, paint, width, &mut out);
    }
    out
}

/// Prose is wrapped, code is indented and left as it is.
pub fn markdown(text: &str, paint: Paint, width: usize, out: &mut String) {
    for (index, block) in text.split("```").enumerate() {
        if index % 2 == 1 {
            let code = block.split_once('\n').map_or(block, |(_, code)| code);
            out.push('\n');
            for line in code.trim_end().lines() {
                out.push_str(&format!("      {}\n", paint.paint(Colour::Cyan, line)));
            }
            out.push('\n');
            continue;
        }
        for paragraph in block.trim().split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
            let joined = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
            for line in wrap(&joined, width.saturating_sub(4)) {
                out.push_str(&format!("  {line}\n"));
            }
        }
    }
}
