//! The exit codes of every command. When several apply, the order is 101 > 2 > 4 > 1 > 3.

/// The gate passed.
pub const PASSED: u8 = 0;
/// Findings at or above the gate.
pub const FINDINGS: u8 = 1;
/// Usage, configuration or contract error: nothing was tested.
pub const USAGE: u8 = 2;
/// The target could not be reached or the run is incomplete. Never 0: an incomplete run passes no gate.
pub const INCOMPLETE: u8 = 3;
/// Refused for safety.
pub const REFUSED: u8 = 4;
/// A bug in Plimsoll. The Rust runtime uses the same code for a panic.
pub const BUG: u8 = 101;
