//! The HTML report as a page to be printed: everything that a click would open is open, and no script is left. Whoever has a browser prints it; no
//! PDF is written here, so that a report on paper and one on a screen are the same and no typesetter has to be carried along.

/// The page of a report in HTML, made ready for the printer.
pub fn page(html: &str) -> String {
    // All markup is ours: what came from a target is escaped, so no text of a report can hold the tag.
    without_scripts(html).replace("<details ", "<details open ").replace("<details>", "<details open>")
}

/// The page without its script, which hides what a screen has no room for.
fn without_scripts(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("<script") {
        out.push_str(before);
        rest = after.split_once("</script>").map_or("", |(_, after)| after);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_open() {
        assert_eq!(page("a<script>x</script>b<script src=y></script>c"), "abc");
        assert_eq!(page("<details class=\"card\"><details>"), "<details open class=\"card\"><details open>");
    }
}
