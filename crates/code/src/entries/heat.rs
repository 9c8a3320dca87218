//! When functions run: at import, at start-up, for every request, for every message of a loop without end, in commands, at shutdown, in tests.
//!
//! Heat flows from entry points along calls and along functions that are handed on. A function that nothing is known to call has none; that is not the
//! same as cold. What only shutdown or tests reach does not become hot by it.

use std::fmt;
use std::ops::{BitOr, BitOrAssign};

/// When a function runs.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Heat(u8);

impl Heat {
    /// While its module is imported.
    pub const IMPORT: Self = Self(1);
    /// When the application starts.
    pub const STARTUP: Self = Self(2);
    /// When it stops.
    pub const SHUTDOWN: Self = Self(4);
    /// For requests.
    pub const REQUEST: Self = Self(8);
    /// For messages, tasks and records, or in a loop without end.
    pub const MESSAGE: Self = Self(16);
    /// In a command that somebody starts.
    pub const COMMAND: Self = Self(32);
    /// In tests.
    pub const TEST: Self = Self(64);

    const NAMES: [(Self, &'static str); 7] = [
        (Self::IMPORT, "import"),
        (Self::STARTUP, "startup"),
        (Self::SHUTDOWN, "shutdown"),
        (Self::REQUEST, "request"),
        (Self::MESSAGE, "message"),
        (Self::COMMAND, "command"),
        (Self::TEST, "test"),
    ];

    /// Whether all of the other's occasions are among these.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether there is an occasion in both.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The occasions that are in both.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether nothing is known to run it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether it runs over and over while the process lives.
    pub const fn is_hot(self) -> bool {
        self.intersects(Self(Self::REQUEST.0 | Self::MESSAGE.0))
    }

    /// Whether requests run it.
    pub const fn is_request(self) -> bool {
        self.contains(Self::REQUEST)
    }

    /// Whether it runs at start-up.
    pub const fn is_startup(self) -> bool {
        self.contains(Self::STARTUP)
    }

    /// Whether it runs while modules are imported.
    pub const fn is_import(self) -> bool {
        self.contains(Self::IMPORT)
    }
}

impl BitOr for Heat {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Heat {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl fmt::Debug for Heat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> =
            Self::NAMES.iter().filter(|(heat, _)| self.contains(*heat)).map(|(_, name)| *name).collect();
        f.write_str(&names.join("+"))
    }
}
