//! Sets of characters, as ranges.

const LAST: u32 = 0x0010_ffff;

/// A set of characters: ranges in order, with gaps between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Set(Vec<(u32, u32)>);

impl Set {
    pub(super) fn of(ranges: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let mut ranges: Vec<(u32, u32)> = ranges.into_iter().filter(|(low, high)| low <= high).collect();
        ranges.sort_unstable();
        let mut out: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (low, high) in ranges {
            match out.last_mut() {
                Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
                _ => out.push((low, high)),
            }
        }
        Self(out)
    }

    pub(super) fn one(c: char) -> Self {
        Self(vec![(c as u32, c as u32)])
    }

    pub(super) fn all() -> Self {
        Self(vec![(0, LAST)])
    }

    /// What `.` matches (ECMA-262 §12.3: line terminators).
    pub(super) fn dot() -> Self {
        Self::of([(0x0a, 0x0a), (0x0d, 0x0d), (0x2028, 0x2029)]).not()
    }

    pub(super) fn digit() -> Self {
        Self(vec![(0x30, 0x39)])
    }

    pub(super) fn word() -> Self {
        Self(vec![(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)])
    }

    /// ECMA-262 §22.2.2.9: white space and line terminators.
    pub(super) fn space() -> Self {
        Self::of([
            (0x09, 0x0d),
            (0x20, 0x20),
            (0xa0, 0xa0),
            (0x1680, 0x1680),
            (0x2000, 0x200a),
            (0x2028, 0x2029),
            (0x202f, 0x202f),
            (0x205f, 0x205f),
            (0x3000, 0x3000),
            (0xfeff, 0xfeff),
        ])
    }

    pub(super) fn not(&self) -> Self {
        let mut out = Vec::with_capacity(self.0.len() + 1);
        let mut next = 0;
        for &(low, high) in &self.0 {
            if low > next {
                out.push((next, low - 1));
            }
            next = high + 1;
        }
        if next <= LAST {
            out.push((next, LAST));
        }
        Self(out)
    }

    pub(super) fn with(&self, other: &Self) -> Self {
        Self::of(self.0.iter().chain(&other.0).copied())
    }

    pub(super) fn meets(&self, other: &Self) -> bool {
        let (mut a, mut b) = (0, 0);
        while let (Some(mine), Some(theirs)) = (self.0.get(a), other.0.get(b)) {
            if mine.1 < theirs.0 {
                a += 1;
            } else if theirs.1 < mine.0 {
                b += 1;
            } else {
                return true;
            }
        }
        false
    }

    pub(super) fn is_single(&self) -> bool {
        matches!(self.0.as_slice(), [(low, high)] if low == high)
    }

    pub(super) fn is_all(&self) -> bool {
        self.0 == [(0, LAST)]
    }

    /// Whether it excludes only a few characters, as `.` and `[^/]` do.
    pub(super) fn is_nearly_all(&self) -> bool {
        self.0.last().is_some_and(|last| last.1 == LAST)
    }

    /// The greatest width of its characters; `width` changes only at these borders.
    pub(super) fn widest(&self, width: fn(u32) -> u32) -> u32 {
        const BORDERS: [u32; 12] = [0x20, 0x2d, 0x2f, 0x30, 0x3a, 0x41, 0x5b, 0x61, 0x7b, 0x7f, 0x800, 0x1_0000];
        let in_range = |&(low, high): &(u32, u32)| {
            BORDERS.into_iter().filter(move |border| (low..=high).contains(border)).chain([low, high]).map(width).max()
        };
        self.0.iter().filter_map(in_range).max().unwrap_or(0)
    }

    /// The single ranges, for building others.
    pub(super) fn ranges(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.0.iter().copied()
    }
}
