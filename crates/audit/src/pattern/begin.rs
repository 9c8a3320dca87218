//! With which texts the matches of a pattern begin.

use super::parse::{Node, Tree};
use super::set::Set;

/// More beginnings than this are no list.
const MOST: usize = 64;
/// How often a part that is repeated a fixed number of times is written out.
const TURNS: u32 = 4;

/// What a match begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    text: String,
    /// What follows is not known.
    cut: bool,
    /// Nothing follows.
    ended: bool,
}

impl Text {
    fn is_open(&self) -> bool {
        !self.cut && !self.ended
    }

    /// Whether it says the whole origin of an address (RFC 3986 §3.2): scheme, host and port, with what ends them. A name of a user before the host
    /// would make the host a name of a user.
    pub(super) fn has_origin(&self) -> bool {
        let Some(rest) = self.text.strip_prefix("https://").or_else(|| self.text.strip_prefix("http://")) else {
            return false;
        };
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-' | ':' | '[' | ']'));
        match end {
            Some(at) => at > 0 && rest[at..].starts_with(['/', '?', '#']),
            None => self.ended && !rest.is_empty(),
        }
    }
}

/// All texts with which a match can begin, each as far as it is certain; none where there are too many.
pub(super) fn texts(tree: &Tree) -> Option<Vec<Text>> {
    let mut all = vec![Text::default()];
    extend(&mut all, &tree.root)?;
    Some(all)
}

fn extend(all: &mut Vec<Text>, node: &Node) -> Option<()> {
    match node {
        // What is only looked at narrows the matches, and adds nothing.
        Node::Empty | Node::Start | Node::Boundary | Node::Look(_) => {}
        Node::End => all.iter_mut().filter(|text| text.is_open()).for_each(|text| text.ended = true),
        Node::Back => cut(all),
        Node::Set(set) => match characters(set) {
            Some(characters) => {
                let one = |text: &Text, c: char| Text { text: format!("{}{c}", text.text), ..text.clone() };
                *all = all
                    .iter()
                    .flat_map(|text| {
                        if text.is_open() {
                            characters.iter().map(|&c| one(text, c)).collect()
                        } else {
                            vec![text.clone()]
                        }
                    })
                    .collect();
            }
            None => cut(all),
        },
        Node::Group(inner) | Node::Atomic(inner) => extend(all, inner)?,
        Node::Concat(list) => {
            for part in list {
                extend(all, part)?;
            }
        }
        Node::Either(list) => {
            let mut joined = Vec::new();
            for part in list {
                let mut one = all.clone();
                extend(&mut one, part)?;
                joined.extend(one);
            }
            *all = joined;
        }
        Node::Repeat { node, min, max, .. } => {
            for _ in 0..(*min).min(TURNS) {
                extend(all, node)?;
            }
            match max {
                Some(max) if max == min && *min <= TURNS => {}
                Some(1) => {
                    let without = all.clone();
                    extend(all, node)?;
                    all.extend(without);
                }
                _ => cut(all),
            }
        }
    }
    (all.len() <= MOST).then_some(())
}

fn cut(all: &mut [Text]) {
    all.iter_mut().filter(|text| text.is_open()).for_each(|text| text.cut = true);
}

/// The characters of a small set.
fn characters(set: &Set) -> Option<Vec<char>> {
    let ranges: Vec<(u32, u32)> = set.ranges().collect();
    let few = ranges.iter().map(|(low, high)| u64::from(high - low) + 1).sum::<u64>() <= 4;
    few.then(|| ranges.into_iter().flat_map(|(low, high)| low..=high).filter_map(char::from_u32).collect())
}
