//! Path templates: what the frameworks' ways of writing a path come to in the form of OpenAPI, `/users/{id}`.
//!
//! Starlette writes `{id:int}`, Flask and Django's `path()` write `<int:id>`, `re_path()` a regular expression. A regular expression is read as far as
//! people write them for routes; what cannot be read becomes `{var}`, so that the number of segments stays right. Nothing is matched here.

/// At most so many templates come from one regular expression (alternatives multiply).
const MOST: usize = 8;

/// The name of a part that has none.
const NAMELESS: &str = "{var}";

/// A template of Starlette and FastAPI: `{id:int}` loses its converter.
pub fn from_braces(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(start) = rest.find('{') {
        let Some(len) = rest[start..].find('}') else { break };
        let inner = &rest[start + 1..start + len];
        out.push_str(&rest[..start]);
        out.push('{');
        out.push_str(inner.split(':').next().unwrap_or(inner).trim());
        out.push('}');
        rest = &rest[start + len + 1..];
    }
    out.push_str(rest);
    out
}

/// A rule of Flask or a route of Django's `path()`: `<int:id>`, `<string(length=2):code>`, `<id>`.
pub fn from_angles(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(start) = rest.find('<') {
        let Some(len) = rest[start..].find('>') else { break };
        let inner = &rest[start + 1..start + len];
        out.push_str(&rest[..start]);
        out.push('{');
        out.push_str(inner.rsplit(':').next().unwrap_or(inner).trim());
        out.push('}');
        rest = &rest[start + len + 1..];
    }
    out.push_str(rest);
    out
}

/// The templates of a regular expression of Django's `re_path()`: named groups become parameters, optional groups are left out (as the documentation of
/// Django's administration and the generators of OpenAPI documents do), alternatives of literals are told apart.
pub fn from_regex(pattern: &str) -> Vec<String> {
    let text: Vec<char> = pattern.chars().collect();
    let mut reader = Reader { text: &text, at: 0, depth: 0 };
    let mut templates = reader.alternatives();
    templates.truncate(MOST);
    templates
}

/// One template after the other; a template in the middle of a path may lack its slash.
pub fn join(prefix: &str, path: &str) -> String {
    let mut joined = String::with_capacity(prefix.len() + path.len());
    joined.push_str(prefix);
    joined.push_str(path);
    joined
}

/// A whole template begins with a slash.
pub fn rooted(path: String) -> String {
    if path.starts_with('/') { path } else { format!("/{path}") }
}

/// The names of a template's parameters, in order.
pub fn parameters(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name)
}

/// Whether two templates are of the same shape: the names of parameters do not count, a slash at the end does.
pub fn same_shape(left: &str, right: &str) -> bool {
    let (mut left, mut right) = (left.split('/'), right.split('/'));
    loop {
        match (left.next(), right.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if same_segment(a, b) => {}
            _ => return false,
        }
    }
}

fn same_segment(left: &str, right: &str) -> bool {
    fn parts(segment: &str) -> impl Iterator<Item = &str> {
        segment
            .split('{')
            .enumerate()
            .map(|(n, part)| if n == 0 { part } else { part.split_once('}').map_or(part, |(_, rest)| rest) })
    }
    parts(left).eq(parts(right))
}

struct Reader<'t> {
    text: &'t [char],
    at: usize,
    depth: u8,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn eat(&mut self, word: &str) -> bool {
        let there = word.chars().enumerate().all(|(n, c)| self.text.get(self.at + n) == Some(&c));
        if there {
            self.at += word.chars().count();
        }
        there
    }

    /// Alternatives up to the end or a closing parenthesis, which is not consumed.
    fn alternatives(&mut self) -> Vec<String> {
        let mut all = self.sequence();
        while self.eat("|") {
            all.extend(self.sequence());
            all.truncate(MOST);
        }
        all
    }

    fn sequence(&mut self) -> Vec<String> {
        let mut out = vec![String::new()];
        while let Some(c) = self.peek() {
            if c == '|' || c == ')' {
                break;
            }
            let atom = self.atom();
            let quantifier = self.quantifier();
            let options = match (atom, quantifier) {
                // A single character that may be left out stays, as `/?$` is mostly written; a group that may be left out goes.
                (Atom::Group(_), Quantifier::Optional) => continue,
                (Atom::Literal(c), Quantifier::One | Quantifier::Optional) => vec![c.to_string()],
                (Atom::Group(options), Quantifier::One) => options,
                (Atom::Named(name), _) => vec![format!("{{{name}}}")],
                (Atom::Nothing, _) => continue,
                (Atom::Any | Atom::Literal(_) | Atom::Group(_), _) => vec![NAMELESS.to_owned()],
            };
            let mut longer = Vec::with_capacity(out.len() * options.len());
            for option in &options {
                for before in &out {
                    // `[a-z][0-9]+` is one part without a name, not two.
                    let merge = option == NAMELESS && before.ends_with(NAMELESS);
                    longer.push(if merge { before.clone() } else { format!("{before}{option}") });
                }
            }
            longer.truncate(MOST);
            out = longer;
        }
        out
    }

    fn atom(&mut self) -> Atom {
        let Some(c) = self.peek() else { return Atom::Nothing };
        self.at += 1;
        match c {
            '^' | '$' => Atom::Nothing,
            '.' => Atom::Any,
            '\\' => {
                let escaped = self.peek();
                self.at += 1;
                match escaped {
                    None | Some('A' | 'Z' | 'b' | 'B' | 'z') => Atom::Nothing,
                    Some('d' | 'D' | 'w' | 'W' | 's' | 'S') => Atom::Any,
                    Some(literal) => Atom::Literal(literal),
                }
            }
            '[' => {
                self.class();
                Atom::Any
            }
            '(' => self.group(),
            literal => Atom::Literal(literal),
        }
    }

    fn class(&mut self) {
        self.eat("^");
        self.eat("]");
        while let Some(c) = self.peek() {
            self.at += 1;
            match c {
                ']' => return,
                '\\' => self.at += 1,
                _ => {}
            }
        }
    }

    fn group(&mut self) -> Atom {
        // Deeper than people write: the rest is taken as one part without a name.
        if self.depth >= 16 {
            self.at = self.text.len();
            return Atom::Any;
        }
        self.depth += 1;
        let atom = if self.eat("?P<") || self.opens_name() {
            let name: String = self.text[self.at.min(self.text.len())..].iter().take_while(|c| **c != '>').collect();
            self.at += name.chars().count() + 1;
            self.alternatives();
            Atom::Named(name)
        } else if self.eat("?:") {
            Atom::Group(self.alternatives())
        } else if self.peek() == Some('?') {
            // Looking ahead or back, or flags: nothing of it is part of the path.
            self.alternatives();
            Atom::Nothing
        } else {
            let inside = self.alternatives();
            let literal = !inside.iter().any(|option| option.contains('{') || option.is_empty());
            if literal && inside.len() == 1 { Atom::Group(inside) } else { Atom::Any }
        };
        self.eat(")");
        self.depth -= 1;
        atom
    }

    /// `?<name>`, which is not `?<=` and not `?<!`.
    fn opens_name(&mut self) -> bool {
        let named = self.text.get(self.at + 2).is_some_and(|c| c.is_alphabetic() || *c == '_');
        named && self.eat("?<")
    }

    fn quantifier(&mut self) -> Quantifier {
        let quantifier = match self.peek() {
            Some('?') => Quantifier::Optional,
            Some('*' | '+') => Quantifier::Many,
            Some('{') if self.text.get(self.at + 1).is_some_and(char::is_ascii_digit) => {
                while self.peek().is_some_and(|c| c != '}') {
                    self.at += 1;
                }
                Quantifier::Many
            }
            _ => return Quantifier::One,
        };
        self.at += 1;
        // Reluctant and possessive forms.
        if matches!(self.peek(), Some('?' | '+')) {
            self.at += 1;
        }
        quantifier
    }
}

enum Atom {
    Nothing,
    Literal(char),
    Any,
    Named(String),
    Group(Vec<String>),
}

enum Quantifier {
    One,
    Optional,
    Many,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converters_go() {
        assert_eq!(from_braces("/files/{path:path}/x{n:int}"), "/files/{path}/x{n}");
        assert_eq!(from_braces("/odd/{open"), "/odd/{open");
        assert_eq!(from_angles("a/<int:id>/<string(length=2):code>/<slug>"), "a/{id}/{code}/{slug}");
    }

    #[test]
    fn regular_expressions_become_templates() {
        let one = |pattern: &str| from_regex(pattern).join(" | ");
        assert_eq!(one(r"^articles/(?P<year>[0-9]{4})/(?P<slug>[\w-]+)/$"), "articles/{year}/{slug}/");
        assert_eq!(one(r"^legacy/(?P<slug>[-\w]+)/(?:page-(?P<page>\d+)/)?$"), "legacy/{slug}/");
        assert_eq!(one(r"^n/(\d+)/([a-z]+)/?$"), "n/{var}/{var}/");
        assert_eq!(one(r"^(?:users|people)/x$"), "users/x | people/x");
        assert_eq!(one(r"^file\.(?P<format>json|xml)$"), "file.{format}");
        assert_eq!(one(r"^(?i)any/.*$"), "any/{var}");
        assert_eq!(one(r"^a/(?!admin)(?P<x>(a(b)c)+)\Z"), "a/{x}");
        assert_eq!(one(r"^id/[A-Z][0-9]{3,}$"), "id/{var}");
    }

    #[test]
    fn broken_expressions_end() {
        for pattern in ["(", "((((((((((((((((((((((", "[", "(?P<", "(?P<x", "\\", "a{", "(?:a|b", ")))", "a{1"] {
            let _ = from_regex(pattern);
        }
        let many = "(?:a|b)".repeat(40);
        assert_eq!(from_regex(&many).len(), MOST);
    }

    #[test]
    fn shapes() {
        assert!(same_shape("/a/{x}/b", "/a/{y}/b"));
        assert!(!same_shape("/a/{x}/b", "/a/{y}/b/"));
        assert!(!same_shape("/a/{x}", "/a/b"));
        assert!(same_shape("/a/{x}.{f}", "/a/{id}.{format}"));
        assert_eq!(parameters("/a/{x}/{y}.{z}").collect::<Vec<_>>(), ["x", "y", "z"]);
    }
}
