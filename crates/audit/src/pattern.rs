//! What a regular expression of a contract implies: how long a text is that it matches, whether it binds the whole text, and whether a
//! backtracking engine can be kept busy with it.
//!
//! Patterns are those of ECMA-262 with the customary additions of other engines. What cannot be read implies nothing.

mod ambiguity;
mod begin;
mod parse;
mod set;

use parse::{Node, Tree};

use crate::size::width;

/// What a pattern that binds the whole text implies of its extent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Characters at most; none where it allows any number.
    pub characters: Option<u64>,
    /// Bytes of each character at worst.
    pub each: u32,
}

/// The extent of texts that the pattern matches; none where it does not bind the whole text, or cannot be read.
pub fn extent(pattern: &str) -> Option<Extent> {
    let tree = parse::parse(pattern)?;
    if !tree.root.is_anchored(true) || !tree.root.is_anchored(false) {
        return None;
    }
    let mut each = 0;
    tree.root.sets(&mut |set| each = each.max(set.widest(width)));
    Some(Extent { characters: tree.root.longest(), each: if tree.approximate { 12 } else { each } })
}

/// Whether the pattern, by its form, was meant for the whole text and binds only a part of it: it is open on a side on which a
/// repeated class of characters stands. A literal there is a prefix, a suffix or a word to look for.
pub fn is_open_by_mistake(pattern: &str) -> bool {
    let Some(tree) = parse::parse(pattern) else { return false };
    let (start, end) = (tree.root.is_anchored(true), tree.root.is_anchored(false));
    let is_class = |start| tree.root.edge(start).is_some_and(is_repeated_class);
    let open = (!start && is_class(true)) || (!end && is_class(false));
    // A single class, as in `\S`, asks for one such character anywhere.
    open && (start || end || tree.root.longest().is_none_or(|longest| longest > 1))
}

/// Whether a backtracking engine may need a time that doubles with every character.
pub fn is_exponential(pattern: &str) -> bool {
    parse::parse(pattern).is_some_and(|tree| ambiguity::is_exponential(&tree))
}

/// Whether every address that the pattern matches is below one of a few origins that it spells out, as in `^https://(a|b)\.example\.com/`.
/// A dot that is not escaped stands for any letter, and lets other names in.
pub fn is_of_known_origins(pattern: &str) -> bool {
    parse::parse(pattern).is_some_and(|tree| {
        !tree.approximate
            && tree.root.is_anchored(true)
            && begin::texts(&tree).is_some_and(|texts| texts.iter().all(begin::Text::has_origin))
    })
}

fn is_repeated_class(node: &Node) -> bool {
    match node {
        Node::Repeat { node, .. } => matches!(strip(node), Node::Set(set) if !set.is_single() && !set.is_nearly_all()),
        _ => false,
    }
}

fn strip(node: &Node) -> &Node {
    match node {
        Node::Group(inner) => strip(inner),
        Node::Concat(list) | Node::Either(list) if list.len() == 1 => strip(&list[0]),
        other => other,
    }
}

impl Node {
    /// Whether every match begins (or ends) where the text does.
    fn is_anchored(&self, start: bool) -> bool {
        match self {
            Self::Start => start,
            Self::End => !start,
            Self::Group(node) | Self::Atomic(node) => node.is_anchored(start),
            Self::Either(list) => list.iter().all(|node| node.is_anchored(start)),
            Self::Concat(list) => {
                let first = |node: &&Self| !matches!(node, Self::Look(_) | Self::Empty | Self::Boundary);
                let edge = if start { list.iter().find(first) } else { list.iter().rev().find(first) };
                edge.is_some_and(|node| node.is_anchored(start))
            }
            Self::Repeat { node, min, .. } => *min > 0 && node.is_anchored(start),
            Self::Empty | Self::Set(_) | Self::Look(_) | Self::Boundary | Self::Back => false,
        }
    }

    /// Characters of the longest match; none where there is none.
    fn longest(&self) -> Option<u64> {
        match self {
            Self::Empty | Self::Start | Self::End | Self::Look(_) | Self::Boundary => Some(0),
            Self::Set(_) => Some(1),
            Self::Back => None,
            Self::Group(node) | Self::Atomic(node) => node.longest(),
            Self::Concat(list) => list.iter().try_fold(0_u64, |sum, node| Some(sum.saturating_add(node.longest()?))),
            Self::Either(list) => list.iter().try_fold(0_u64, |most, node| Some(most.max(node.longest()?))),
            Self::Repeat { node, max, .. } => match (node.longest(), max) {
                (Some(0), _) | (_, Some(0)) => Some(0),
                (Some(one), Some(max)) => Some(one.saturating_mul(u64::from(*max))),
                _ => None,
            },
        }
    }

    /// All sets of characters that are matched, those that are only looked at aside.
    fn sets(&self, visit: &mut impl FnMut(&set::Set)) {
        match self {
            Self::Set(set) => visit(set),
            Self::Group(node) | Self::Atomic(node) | Self::Repeat { node, .. } => node.sets(visit),
            Self::Concat(list) | Self::Either(list) => list.iter().for_each(|node| node.sets(visit)),
            Self::Empty | Self::Start | Self::End | Self::Look(_) | Self::Boundary | Self::Back => {}
        }
    }

    /// What stands first (or last), where that is one thing.
    fn edge(&self, start: bool) -> Option<&Self> {
        match strip(self) {
            Self::Concat(list) => {
                let node = if start { list.first() } else { list.last() }?;
                node.edge(start)
            }
            Self::Either(_) => None,
            other => Some(other),
        }
    }
}

impl Tree {
    /// Whether something in it keeps the exact question of ambiguity from being answered.
    fn is_opaque(&self) -> bool {
        fn any(node: &Node, looped: bool) -> bool {
            match node {
                Node::Back | Node::Atomic(_) => true,
                Node::Look(_) | Node::Start | Node::End | Node::Boundary => looped,
                Node::Empty | Node::Set(_) => false,
                Node::Group(node) => any(node, looped),
                Node::Repeat { node, possessive, .. } => *possessive || any(node, true),
                Node::Concat(list) | Node::Either(list) => list.iter().any(|node| any(node, looped)),
            }
        }
        self.approximate || any(&self.root, false)
    }
}

#[cfg(test)]
mod tests;
