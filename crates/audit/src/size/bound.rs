//! A number of bytes, or what keeps it from being one: the arithmetic of sizes.

use std::cmp::Ordering;

use super::{Cause, CauseKind, Growth};

/// How many causes are kept with each size. More do not make it more unbounded.
const KEPT: usize = 6;

/// The size of something, for readers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Size {
    /// Bytes at most; none where there is no bound.
    pub bytes: Option<u128>,
    /// The smallest parts that keep it from having a bound, worst first, at most six.
    pub causes: Vec<Cause>,
    /// Whether there are more causes than are kept.
    pub more: bool,
    /// How it grows.
    pub growth: Growth,
}

impl Size {
    /// Nothing.
    pub const EMPTY: Self = Self {
        bytes: Some(0),
        causes: Vec::new(),
        more: false,
        growth: Growth { factors: 0, texts: false, free: false, recursive: false },
    };

    /// Whether a cause of this kind keeps it from having a bound.
    pub fn is_for(&self, kind: CauseKind) -> bool {
        self.causes.iter().any(|cause| cause.kind == kind)
    }
}

/// Numbers of causes, worst first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Causes {
    ids: [(u8, u32); KEPT],
    len: u8,
    more: bool,
}

impl Causes {
    pub(super) fn one(kind: CauseKind, id: u32) -> Self {
        let mut causes = Self { len: 1, ..Self::default() };
        causes.ids[0] = (kind as u8, id);
        causes
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.ids[..usize::from(self.len)].iter().map(|(_, id)| *id)
    }

    const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Both, merged in order.
    fn with(&self, other: &Self) -> Self {
        if other.is_empty() || self == other {
            return *self;
        }
        if self.is_empty() {
            return *other;
        }
        let (mine, theirs) = (&self.ids[..usize::from(self.len)], &other.ids[..usize::from(other.len)]);
        let mut out = Self { more: self.more || other.more, ..Self::default() };
        let (mut a, mut b) = (0, 0);
        loop {
            let next = match (mine.get(a), theirs.get(b)) {
                (None, None) => return out,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(left), Some(right)) => left.cmp(right),
            };
            let id = if next.is_gt() { theirs[b] } else { mine[a] };
            a += usize::from(next.is_le());
            b += usize::from(next.is_ge());
            if usize::from(out.len) == KEPT {
                out.more = true;
                return out;
            }
            out.ids[usize::from(out.len)] = id;
            out.len += 1;
        }
    }
}

/// The size of something while it is computed; unbounded where there are causes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bound {
    bytes: u128,
    pub(super) causes: Causes,
    pub(super) growth: Growth,
}

impl Bound {
    pub(super) fn bytes(bytes: u128) -> Self {
        Self { bytes, ..Self::default() }
    }

    pub(super) fn without(causes: Causes, growth: Growth) -> Self {
        Self { bytes: 0, causes, growth }
    }

    pub(super) const fn known(&self) -> Option<u128> {
        if self.causes.is_empty() { Some(self.bytes) } else { None }
    }

    pub(super) const fn has_more(&self) -> bool {
        self.causes.more
    }

    /// One after the other.
    pub(super) fn plus(&self, other: &Self) -> Self {
        Self {
            bytes: self.bytes.saturating_add(other.bytes),
            causes: self.causes.with(&other.causes),
            growth: self.growth.with(other.growth),
        }
    }

    /// One or the other.
    pub(super) fn or(&self, other: &Self) -> Self {
        Self {
            bytes: self.bytes.max(other.bytes),
            causes: self.causes.with(&other.causes),
            growth: self.growth.with(other.growth),
        }
    }

    /// Both at once: what is bounded one way is bounded.
    pub(super) fn and(&self, other: &Self) -> Self {
        match (self.known(), other.known()) {
            (Some(mine), Some(theirs)) => {
                if mine <= theirs {
                    *self
                } else {
                    *other
                }
            }
            (Some(_), None) => *self,
            (None, Some(_)) => *other,
            // What says less is the weaker reason: a schema without a type beside an array without an end.
            (None, None) => {
                if self.growth.free && !other.growth.free {
                    *other
                } else {
                    *self
                }
            }
        }
    }

    /// So many of it.
    pub(super) fn times(&self, count: u128) -> Self {
        if count == 0 { Self::default() } else { Self { bytes: self.bytes.saturating_mul(count), ..*self } }
    }

    /// Any number of it, which is `cause`'s fault.
    pub(super) fn times_any_number(&self, cause: Causes) -> Self {
        Self { bytes: 0, causes: self.causes.with(&cause), growth: self.growth.times_any_number() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_kept_in_order_and_once() {
        let one = |kind, id| Bound::without(Causes::one(kind, id), Growth::default());
        let both = one(CauseKind::Text, 1).plus(&one(CauseKind::Array, 9)).plus(&one(CauseKind::Text, 1));
        assert_eq!(both.causes.iter().collect::<Vec<_>>(), [9, 1]);
        let many = (0..20).fold(Bound::default(), |sum, id| sum.plus(&one(CauseKind::Text, id)));
        assert_eq!(many.causes.iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
        assert!(many.has_more());
    }

    #[test]
    fn what_is_bounded_one_way_is_bounded() {
        let open = Bound::without(Causes::one(CauseKind::Text, 1), Growth::default());
        assert_eq!(open.and(&Bound::bytes(7)).known(), Some(7));
        assert_eq!(Bound::bytes(7).and(&open).known(), Some(7));
        assert_eq!(open.or(&Bound::bytes(7)).known(), None);
        assert_eq!(Bound::bytes(u128::MAX).times(9).known(), Some(u128::MAX));
        assert_eq!(open.times(0).known(), Some(0));
    }
}
