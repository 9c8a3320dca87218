//! Command lines as people write them into files: words, commands in a row, and variables with their defaults. Nothing is ever run.

/// The commands in a line, each with its words: split at `&&`, `||`, `;`, `|` and `&`, quotes removed.
pub(super) fn commands(line: &str) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = line.chars().peekable();
    while let Some(char) = chars.next() {
        match (quote, char) {
            (Some(open), char) if char == open => quote = None,
            (Some('"') | None, '\\') => {
                if let Some(next) = chars.next().filter(|next| *next != '\n') {
                    word.get_or_insert_default().push(next);
                }
            }
            (Some(_), char) => word.get_or_insert_default().push(char),
            (None, '"' | '\'') => {
                quote = Some(char);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, '&' | ';' | '|') => {
                end(&mut all, &mut word);
                while chars.next_if_eq(&char).is_some() {}
                all.push(Vec::new());
            }
            (None, char) if char.is_whitespace() => end(&mut all, &mut word),
            (None, char) => word.get_or_insert_default().push(char),
        }
    }
    end(&mut all, &mut word);
    all.retain(|words| !words.is_empty());
    all
}

fn end(all: &mut [Vec<String>], word: &mut Option<String>) {
    if let (Some(word), Some(words)) = (word.take(), all.last_mut()) {
        words.push(word);
    }
}

/// A word with the defaults of its variables filled in: `${PORT:-8000}`. None where a variable has none.
pub(super) fn expanded(word: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = word;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let inside = rest[at + 1..].strip_prefix('{')?;
        let (variable, after) = inside.split_once('}')?;
        let (_, default) = variable.split_once(":-").or_else(|| variable.split_once('-'))?;
        if default.contains('$') {
            return None;
        }
        out.push_str(default);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_commands_of_words() {
        let line = "python manage.py migrate && exec gunicorn 'shop.wsgi:make(\"a b\")' -b \"0.0.0.0:$PORT\" # why";
        let [first, second] = commands(line).try_into().unwrap();
        assert_eq!(first, ["python", "manage.py", "migrate"]);
        assert_eq!(second, ["exec", "gunicorn", "shop.wsgi:make(\"a b\")", "-b", "0.0.0.0:$PORT"]);
        assert_eq!(commands("a b\\ c"), [["a", "b c"]]);
        assert!(commands(" ; & ").is_empty());
        assert_eq!(commands("unclosed 'quote"), [["unclosed", "quote"]]);
    }

    #[test]
    fn variables_have_defaults_or_are_not_known() {
        assert_eq!(expanded("0.0.0.0:${PORT:-8080}").as_deref(), Some("0.0.0.0:8080"));
        assert_eq!(expanded("plain").as_deref(), Some("plain"));
        for unknown in ["$PORT", "${PORT}", "${A:-$B}", "${open"] {
            assert_eq!(expanded(unknown), None, "{unknown}");
        }
    }
}
