//! The Markdown of weakness texts as HTML: paragraphs, lists, `code`, *emphasis*, **strong** and fenced blocks. Everything else, HTML included, is text.

use crate::svg::escape;

/// The text as HTML.
pub fn html(markdown: &str) -> String {
    let mut out = String::new();
    for (index, block) in markdown.split("```").enumerate() {
        if index % 2 == 1 {
            let code = block.split_once('\n').map_or(block, |(_, code)| code);
            out.push_str(&format!("<pre class=\"code\" tabindex=\"0\"><code>{}</code></pre>", escape(code.trim_end())));
            continue;
        }
        for paragraph in block.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
            if paragraph.lines().all(|line| line.starts_with("- ") || line.starts_with("  ")) {
                out.push_str("<ul>");
                for item in format!("\n{paragraph}").split("\n- ").skip(1) {
                    out.push_str(&format!("<li>{}</li>", inline(&words(item))));
                }
                out.push_str("</ul>");
            } else {
                out.push_str(&format!("<p>{}</p>", inline(&words(paragraph))));
            }
        }
    }
    out
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One paragraph. Emphasis is looked for outside of code only; a mark without its partner is itself.
fn inline(text: &str) -> String {
    spans(text, emphasis)
}

/// A sentence of a check: `code` is marked, and a `*` is what it is, because what a target answers may stand in it.
pub fn sentence(text: &str) -> String {
    spans(text, |prose, out| out.push_str(&escape(prose)))
}

/// The same with a large first letter: diagnostics begin small, sentences do not. What is code stands in backticks and stays.
pub fn opening(text: &str) -> String {
    let mut rest = text.chars();
    match rest.next() {
        Some(first) if first.is_ascii_lowercase() => {
            sentence(&format!("{}{}", first.to_ascii_uppercase(), rest.as_str()))
        }
        _ => sentence(text),
    }
}

fn spans(text: &str, prose: impl Fn(&str, &mut String)) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('`') {
        let Some(length) = rest[start + 1..].find('`') else { break };
        prose(&rest[..start], &mut out);
        out.push_str(&format!("<code>{}</code>", escape(&rest[start + 1..start + 1 + length])));
        rest = &rest[start + length + 2..];
    }
    prose(rest, &mut out);
    out
}

fn emphasis(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(start) = rest.find('*') {
        let (mark, tag) = if rest[start..].starts_with("**") { ("**", "strong") } else { ("*", "em") };
        let inside = &rest[start + mark.len()..];
        let Some(end) = inside.find(mark).filter(|end| *end > 0 && !inside.starts_with(' ')) else {
            out.push_str(&escape(&rest[..start + mark.len()]));
            rest = inside;
            continue;
        };
        out.push_str(&format!("{}<{tag}>{}</{tag}>", escape(&rest[..start]), escape(&inside[..end])));
        rest = &inside[end + mark.len()..];
    }
    out.push_str(&escape(rest));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subset() {
        assert_eq!(
            html("Use `a < b`\nand *more*.\n\n- one\n- **two**\n  lines\n\n```python\nx = \"<y>\"\n```"),
            "<p>Use <code>a &lt; b</code> and <em>more</em>.</p><ul><li>one</li><li><strong>two</strong> lines</li></ul>\
             <pre class=\"code\" tabindex=\"0\"><code>x = &quot;&lt;y&gt;&quot;</code></pre>"
        );
    }

    #[test]
    fn marks_without_partner_are_text() {
        assert_eq!(inline("2 * 3 and `open"), "2 * 3 and `open");
        assert_eq!(sentence("Accept: */* or `*`, *x*"), "Accept: */* or <code>*</code>, *x*");
        assert_eq!((opening("it is"), opening("`it` is")), ("It is".to_owned(), "<code>it</code> is".to_owned()));
        assert_eq!(inline("`*args` and **kw"), "<code>*args</code> and **kw");
    }

    #[test]
    fn html_is_text() {
        assert_eq!(html("<b onclick='x'>"), "<p>&lt;b onclick=&#39;x&#39;&gt;</p>");
    }
}
