//! Reads a regular expression into a tree: ECMA-262 §22.2.1, with named groups, inline flags, `\A`, `\z` and POSIX classes of other engines.

use std::iter::Peekable;
use std::str::Chars;

use super::set::Set;

/// Groups within groups.
const DEPTH: u32 = 60;

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// Nothing.
    Empty,
    /// One character of these.
    Set(Set),
    /// One after the other.
    Concat(Vec<Node>),
    /// One of them.
    Either(Vec<Node>),
    /// Again and again.
    Repeat {
        /// What.
        node: Box<Node>,
        /// At least.
        min: u32,
        /// At most.
        max: Option<u32>,
        /// Whether what was matched is never given back.
        possessive: bool,
    },
    /// A group.
    Group(Box<Node>),
    /// A group that never gives back what it matched.
    Atomic(Box<Node>),
    /// The begin of the text.
    Start,
    /// Its end.
    End,
    /// The border of a word.
    Boundary,
    /// What is looked at and not matched.
    Look(Box<Node>),
    /// What a group matched before.
    Back,
}

/// A whole pattern.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    pub root: Node,
    /// Whether some sets are only nearly right: Unicode properties, letters regardless of case.
    pub approximate: bool,
}

struct Parser<'p> {
    chars: Peekable<Chars<'p>>,
    approximate: bool,
    depth: u32,
}

/// The tree of a pattern; none where it is not understood.
pub(super) fn parse(pattern: &str) -> Option<Tree> {
    // Some writers keep the slashes and flags of a literal.
    if pattern.len() > 20_000 {
        return None;
    }
    let mut parser = Parser { chars: pattern.chars().peekable(), approximate: false, depth: 0 };
    let root = parser.either()?;
    parser.chars.next().is_none().then_some(Tree { root, approximate: parser.approximate })
}

impl Parser<'_> {
    fn eat(&mut self, wanted: char) -> bool {
        self.chars.next_if_eq(&wanted).is_some()
    }

    fn either(&mut self) -> Option<Node> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        let mut branches = vec![self.concat()?];
        while self.eat('|') {
            branches.push(self.concat()?);
        }
        self.depth -= 1;
        Some(if branches.len() == 1 { branches.remove(0) } else { Node::Either(branches) })
    }

    fn concat(&mut self) -> Option<Node> {
        let mut parts = Vec::new();
        while let Some(&next) = self.chars.peek() {
            if matches!(next, '|' | ')') {
                break;
            }
            let atom = self.atom()?;
            parts.push(self.repeated(atom)?);
        }
        Some(match parts.len() {
            0 => Node::Empty,
            1 => parts.remove(0),
            _ => Node::Concat(parts),
        })
    }

    fn repeated(&mut self, mut node: Node) -> Option<Node> {
        loop {
            let (min, max) = match self.chars.peek() {
                Some('*') => (0, None),
                Some('+') => (1, None),
                Some('?') => (0, Some(1)),
                Some('{') => match self.counts() {
                    Some((counts, length)) => {
                        // The closing brace is taken below.
                        self.chars.nth(length - 2);
                        counts
                    }
                    None => return Some(node),
                },
                _ => return Some(node),
            };
            self.chars.next();
            if max.is_some_and(|max| max < min) || matches!(node, Node::Start | Node::End | Node::Boundary) {
                return None;
            }
            let lazy = self.eat('?');
            let possessive = !lazy && self.eat('+');
            node = Node::Repeat { node: Box::new(node), min, max, possessive };
        }
    }

    /// `{2}`, `{2,}` or `{2,5}` that comes next, and how many characters that is; none where the brace is a literal.
    fn counts(&self) -> Option<((u32, Option<u32>), usize)> {
        let text: String = self.chars.clone().skip(1).take(24).take_while(|c| *c != '}').collect();
        if self.chars.clone().nth(text.chars().count() + 1) != Some('}') {
            return None;
        }
        let counts = match text.split_once(',') {
            None => {
                let count = text.parse().ok()?;
                (count, Some(count))
            }
            Some((min, "")) => (min.parse().ok()?, None),
            Some(("", max)) => (0, Some(max.parse().ok()?)),
            Some((min, max)) => (min.parse().ok()?, Some(max.parse().ok()?)),
        };
        Some((counts, text.chars().count() + 2))
    }

    fn atom(&mut self) -> Option<Node> {
        Some(match self.chars.next()? {
            '^' => Node::Start,
            '$' => Node::End,
            '.' => Node::Set(Set::dot()),
            '(' => return self.group(),
            '[' => Node::Set(self.class()?),
            '\\' => return self.escape(),
            '*' | '+' | '?' => return None,
            c => Node::Set(Set::one(c)),
        })
    }

    fn group(&mut self) -> Option<Node> {
        if !self.eat('?') {
            let node = self.either()?;
            return self.eat(')').then(|| Node::Group(Box::new(node)));
        }
        let wrap: fn(Box<Node>) -> Node = match self.chars.next()? {
            ':' => Node::Group,
            '=' | '!' => Node::Look,
            '>' => Node::Atomic,
            '<' if matches!(self.chars.peek(), Some('=' | '!')) => {
                self.chars.next();
                Node::Look
            }
            '<' | '\'' => {
                self.name()?;
                Node::Group
            }
            'P' => match self.chars.next()? {
                '<' => {
                    self.name()?;
                    Node::Group
                }
                _ => return None,
            },
            first => return self.flags(first),
        };
        let node = self.either()?;
        self.eat(')').then(|| wrap(Box::new(node)))
    }

    fn name(&mut self) -> Option<()> {
        loop {
            match self.chars.next()? {
                '>' | '\'' => return Some(()),
                c if c.is_alphanumeric() || c == '_' => {}
                _ => return None,
            }
        }
    }

    /// `(?i)` and `(?i:…)`: they change which characters match, or what `.`, `^` and `$` mean.
    fn flags(&mut self, first: char) -> Option<Node> {
        let mut next = first;
        loop {
            match next {
                // Without regard to case, letters stay letters.
                'i' | 'u' | 's' | '-' => self.approximate = true,
                ')' => return Some(Node::Empty),
                ':' => {
                    let node = self.either()?;
                    return self.eat(')').then(|| Node::Group(Box::new(node)));
                }
                // With `m` the anchors no longer bind the text, with `x` white space is none.
                _ => return None,
            }
            next = self.chars.next()?;
        }
    }

    fn escape(&mut self) -> Option<Node> {
        Some(match self.chars.next()? {
            'b' | 'B' => Node::Boundary,
            'A' => Node::Start,
            'z' | 'Z' => Node::End,
            '1'..='9' => {
                while self.chars.peek().is_some_and(char::is_ascii_digit) {
                    self.chars.next();
                }
                Node::Back
            }
            'k' => Node::Back,
            'R' | 'X' | 'G' | 'K' | 'Q' | 'E' => return None,
            c => Node::Set(self.escaped_set(c)?),
        })
    }

    fn escaped_set(&mut self, c: char) -> Option<Set> {
        Some(match c {
            'd' => Set::digit(),
            'D' => Set::digit().not(),
            'w' => Set::word(),
            'W' => Set::word().not(),
            's' => Set::space(),
            'S' => Set::space().not(),
            'h' => Set::of([(0x09, 0x09), (0x20, 0x20)]),
            't' => Set::one('\t'),
            'n' => Set::one('\n'),
            'r' => Set::one('\r'),
            'f' => Set::one('\u{c}'),
            'v' => Set::one('\u{b}'),
            '0' => Set::one('\0'),
            'x' => Set::one(self.code(2)?),
            'u' => Set::one(self.code(4)?),
            'p' | 'P' => {
                self.approximate = true;
                if self.eat('{') {
                    while self.chars.next()? != '}' {}
                } else {
                    self.chars.next()?;
                }
                Set::all()
            }
            'c' => {
                let letter = self.chars.next().filter(char::is_ascii_alphabetic)?;
                Set::one(char::from(letter as u8 & 0x1f))
            }
            c if c.is_ascii_alphanumeric() => return None,
            c => Set::one(c),
        })
    }

    /// A character by its number, in braces or with so many digits.
    fn code(&mut self, digits: usize) -> Option<char> {
        let text: String = if self.eat('{') {
            self.chars.by_ref().take_while(|c| *c != '}').collect()
        } else {
            self.chars.by_ref().take(digits).collect()
        };
        let number = u32::from_str_radix(&text, 16).ok()?;
        // Half of a surrogate pair stands for characters beyond the basic plane: their range is not followed.
        if (0xd800..0xe000).contains(&number) {
            self.approximate = true;
            return Some('\u{10000}');
        }
        char::from_u32(number)
    }

    fn class(&mut self) -> Option<Set> {
        let negated = self.eat('^');
        let mut set = Set::default();
        let mut first = true;
        loop {
            let next = self.chars.next()?;
            let (part, single) = match next {
                // In JavaScript `[]` matches nothing and `[^]` everything.
                ']' if !first || negated && self.chars.clone().all(|c| c != ']') => break,
                ']' if self.chars.clone().all(|c| c != ']') => break,
                '[' if self.chars.peek() == Some(&':') => (self.posix()?, None),
                '\\' => match self.chars.next()? {
                    'b' => (Set::one('\u{8}'), Some('\u{8}')),
                    c => {
                        let part = self.escaped_set(c)?;
                        let single =
                            part.ranges().next().filter(|_| part.is_single()).and_then(|(c, _)| char::from_u32(c));
                        (part, single)
                    }
                },
                c => (Set::one(c), Some(c)),
            };
            first = false;
            let is_range = single.is_some() && {
                let mut ahead = self.chars.clone();
                ahead.next() == Some('-') && ahead.next().is_some_and(|c| c != ']')
            };
            if !is_range {
                set = set.with(&part);
                continue;
            }
            self.chars.next();
            let end = match self.chars.next()? {
                '\\' => {
                    let c = self.chars.next()?;
                    let end = self.escaped_set(c)?;
                    if !end.is_single() {
                        set = set.with(&part).with(&Set::one('-')).with(&end);
                        continue;
                    }
                    end.ranges().next()?.0
                }
                c => c as u32,
            };
            let start = single? as u32;
            if start > end {
                return None;
            }
            set = set.with(&Set::of([(start, end)]));
        }
        Some(if negated { set.not() } else { set })
    }

    /// `[:alpha:]` within a class.
    fn posix(&mut self) -> Option<Set> {
        self.chars.next();
        let name: String = self.chars.by_ref().take_while(|c| *c != ':').collect();
        if !self.eat(']') {
            return None;
        }
        Some(match name.as_str() {
            "alpha" => Set::of([(0x41, 0x5a), (0x61, 0x7a)]),
            "digit" => Set::digit(),
            "alnum" => Set::of([(0x30, 0x39), (0x41, 0x5a), (0x61, 0x7a)]),
            "upper" => Set::of([(0x41, 0x5a)]),
            "lower" => Set::of([(0x61, 0x7a)]),
            "xdigit" => Set::of([(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)]),
            "word" => Set::word(),
            "space" => Set::space(),
            "blank" => Set::of([(0x09, 0x09), (0x20, 0x20)]),
            "punct" => Set::of([(0x21, 0x2f), (0x3a, 0x40), (0x5b, 0x60), (0x7b, 0x7e)]),
            "print" => Set::of([(0x20, 0x7e)]),
            "graph" => Set::of([(0x21, 0x7e)]),
            "cntrl" => Set::of([(0, 0x1f), (0x7f, 0x7f)]),
            _ => return None,
        })
    }
}
