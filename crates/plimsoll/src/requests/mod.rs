//! What the lanes are to do, from the command line and from `plimsoll.toml`: one file a lane, for the command of the lane and for those that join lanes.

pub mod again;
pub mod code;
pub mod memory;
pub mod project;
pub mod scan;
